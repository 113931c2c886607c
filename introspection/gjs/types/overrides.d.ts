// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What overrides/Lsock.js changes of the functions that the GIR describes: update.py puts each member in
// the place of those of its name.  One member a line.

    type Data = Uint8Array | GLib.Bytes | string | ArrayBuffer | ArrayBufferView | number[];

    function connect(sender: GObject.Object, detailed_signal: string, type: ConnectionType, receiver: GObject.Object | null | undefined, slot: (...args: any[]) => any): Connection;
    function invoke_queued(receiver: GObject.Object | null | undefined, call: () => void): void;

    class Object {
        get children(): Gio.ListModel & Iterable<GObject.Object>;
        static children_of(parent: GObject.Object): Gio.ListModel & Iterable<GObject.Object>;
    }

    class IODevice {
        get isOpen(): boolean;
        get isReadable(): boolean;
        get isWritable(): boolean;
        is_open(): boolean;
        is_readable(): boolean;
        is_writable(): boolean;
        open(mode?: OpenMode): boolean;
        read(count?: number): Uint8Array;
        read_all(): Uint8Array;
        read_line(limit?: number): Uint8Array;
        peek(count: number): Uint8Array;
        skip(count: number): number;
        seek(pos: number): boolean;
        write(data: Data): number;
        write_bytes(data: Data): number;
        wait_for_ready_read(msecs?: number): boolean;
        wait_for_bytes_written(msecs?: number): boolean;
        read_async(count?: number, io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<Uint8Array>;
        read_async(count: number, io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        read_finish(result: Gio.AsyncResult): Uint8Array;
        read_line_async(limit?: number, io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<Uint8Array>;
        read_line_async(limit: number, io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        read_line_finish(result: Gio.AsyncResult): Uint8Array;
        read_all_async(io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<Uint8Array>;
        read_all_async(io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        read_all_finish(result: Gio.AsyncResult): Uint8Array;
        write_async(data: Data, io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<number>;
        write_async(data: Data, io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        flush_async(io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<boolean>;
        flush_async(io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        [Symbol.iterator](): LineIterator;
        [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void>;
    }

    class LineIterator {
        next(): IteratorResult<Uint8Array, undefined>;
        [Symbol.iterator](): this;
    }

    class Buffer {
        get_data(): Uint8Array;
        get_data(...args: never[]): any;
        set_data(data: Data): void;
        set_data(...args: never[]): any;
    }

    class Socket {
        connect_to_server(name: string, mode?: OpenMode): void;
        set_socket_descriptor(descriptor: number, state?: SocketState, mode?: OpenMode): boolean;
        wait_for_connected(msecs?: number): boolean;
        wait_for_disconnected(msecs?: number): boolean;
        connect_to_server_async(name: string, mode?: OpenMode, cancellable?: Gio.Cancellable | null): Promise<boolean>;
        connect_to_server_async(name: string, mode: OpenMode, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        disconnect_from_server_async(io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<boolean>;
        disconnect_from_server_async(io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
    }

    class Server {
        wait_for_client(msecs?: number): boolean;
        wait_for_new_connection(msecs?: number): [boolean, boolean];
        accept_async(cancellable?: Gio.Cancellable | null): Promise<Socket>;
        accept_async(cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        accept_device_async(cancellable?: Gio.Cancellable | null): Promise<IODevice>;
        accept_device_async(cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        [Symbol.asyncIterator](): AsyncGenerator<Socket, void, void>;
    }

    class MessageChannel {
        static is_null(message: GLib.Bytes | Uint8Array | null): boolean;
        send(message: Data | null): boolean;
        send_async(message: Data | null, io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<boolean>;
        send_async(message: Data | null, io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        wait_for_message(msecs?: number): boolean;
        receive(msecs?: number): Uint8Array | null;
        receive_async(io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<Uint8Array | null>;
        receive_async(io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        receive_finish(result: Gio.AsyncResult): Uint8Array | null;
        [Symbol.asyncIterator](): AsyncGenerator<Uint8Array | null, void, void>;
    }

    class SignalSpy {
        constructor(object: GObject.Object, detailed_signal: string);
        constructor(properties: { object: GObject.Object; signal: string });
        get object(): GObject.Object | null;
        get_arg(index: number, position: number): any;
        get_args(index: number): any[];
        wait(msecs?: number): boolean;
    }

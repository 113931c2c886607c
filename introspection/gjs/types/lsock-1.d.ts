// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Made by ts-for-gir from the GIR, and by update.py from overrides.d.ts: not to be edited.

declare module 'gi://Lsock?version=1' {

// Module dependencies
import type Gio from 'gi://Gio?version=2.0';
import type GObject from 'gi://GObject?version=2.0';
import type GLib from 'gi://GLib?version=2.0';

export namespace Lsock {
    type Data = Uint8Array | GLib.Bytes | string | ArrayBuffer | ArrayBufferView | number[];
    function connect(sender: GObject.Object, detailed_signal: string, type: ConnectionType, receiver: GObject.Object | null | undefined, slot: (...args: any[]) => any): Connection;
    function invoke_queued(receiver: GObject.Object | null | undefined, call: () => void): void;

    /**
     * Lsock-1
     */

    export namespace MessageFraming {
        export const $gtype: GObject.GType<MessageFraming>;
    }

    enum MessageFraming {
        LINES = 0,
        NUL = 1,
        LENGTH16_BE = 2,
        LENGTH32_BE = 3,
        LENGTH32_LE = 4,
        LENGTH32_HOST = 5,
        NETSTRING = 6,
        HEADERS = 7,
    }

    class SocketError extends GLib.Error {
        static $gtype: GObject.GType<GLib.Error>;

        // Static fields
        static CONNECTION_REFUSED: number;

        static PEER_CLOSED: number;

        static SERVER_NOT_FOUND: number;

        static SOCKET_ACCESS: number;

        static SOCKET_RESOURCE: number;

        static SOCKET_TIMEOUT: number;

        static DATAGRAM_TOO_LARGE: number;

        static CONNECTION: number;

        static ADDRESS_IN_USE: number;

        static UNSUPPORTED_SOCKET_OPERATION: number;

        static OPERATION: number;

        static UNKNOWN: number;

        // Constructors
        constructor(options: { message: string; code: number });

        // Static methods
        static quark(): GLib.Quark;
    }

    export namespace SocketState {
        export const $gtype: GObject.GType<SocketState>;
    }

    enum SocketState {
        UNCONNECTED = 0,
        CONNECTING = 2,
        CONNECTED = 3,
        CLOSING = 6,
    }

    const MAJOR_VERSION: number;

    const MICRO_VERSION: number;

    const MINOR_VERSION: number;

    function connect_full(sender: GObject.Object, detailed_signal: string, type: ConnectionType, receiver: GObject.Object | null, slot: SlotFunc): Connection;

    function invoke_queued_full(receiver: GObject.Object | null, func: InvokeFunc): void;

    function set_interrupt_descriptor(fd: number): number;

    function socket_error_quark(): GLib.Quark;

    interface InvokeFunc {
        (user_data: null): void;
    }

    interface SlotFunc {
        (args: unknown[]): void;
    }

    export namespace ConnectionType {
        export const $gtype: GObject.GType<ConnectionType>;
    }

    enum ConnectionType {
        AUTO = 0,
        DIRECT = 1,
        QUEUED = 2,
        BLOCKING_QUEUED = 3,
        UNIQUE = 128,
        SINGLE_SHOT = 256,
    }

    export namespace OpenMode {
        export const $gtype: GObject.GType<OpenMode>;
    }

    enum OpenMode {
        NOT_OPEN = 0,
        READ_ONLY = 1,
        WRITE_ONLY = 2,
        READ_WRITE = 3,
        APPEND = 4,
        TRUNCATE = 8,
        TEXT = 16,
        UNBUFFERED = 32,
        NEW_ONLY = 64,
        EXISTING_ONLY = 128,
    }

    export namespace SocketOptions {
        export const $gtype: GObject.GType<SocketOptions>;
    }

    enum SocketOptions {
        NONE = 0,
        USER_ACCESS = 1,
        GROUP_ACCESS = 2,
        OTHER_ACCESS = 4,
        WORLD_ACCESS = 7,
        ABSTRACT_NAMESPACE = 8,
    }

    namespace Buffer {
        // Signal signatures
        interface SignalSignatures extends IODevice.SignalSignatures {
            "notify::error-string": (pspec: GObject.ParamSpec) => void;
            "notify::is-open": (pspec: GObject.ParamSpec) => void;
            "notify::is-readable": (pspec: GObject.ParamSpec) => void;
            "notify::is-writable": (pspec: GObject.ParamSpec) => void;
            "notify::open-mode": (pspec: GObject.ParamSpec) => void;
            "notify::text-mode": (pspec: GObject.ParamSpec) => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends IODevice.ConstructorProps {}
    }

    class Buffer extends IODevice {
        static $gtype: GObject.GType<Buffer>;

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: Buffer.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<Buffer.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](): Buffer;

        // Signals
        /** @signal */
        connect<K extends keyof Buffer.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Buffer.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof Buffer.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Buffer.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof Buffer.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<Buffer.SignalSignatures[K]>): void;

        // Methods

    // Conflicted with GObject.Object.get_data

        get_data_array(): Uint8Array;

    // Conflicted with GObject.Object.set_data
        get_data(): Uint8Array;
        get_data(...args: never[]): any;
        set_data(data: Data): void;
        set_data(...args: never[]): any;
    }

    namespace IODevice {
        // Signal signatures
        interface SignalSignatures extends Object.SignalSignatures {
            /** @signal */
            "about-to-close": () => void;
            /** @signal */
            "bytes-written": (count: number) => void;
            /** @signal */
            "read-channel-finished": () => void;
            /** @signal */
            "ready-read": () => void;
            "notify::error-string": (pspec: GObject.ParamSpec) => void;
            "notify::is-open": (pspec: GObject.ParamSpec) => void;
            "notify::is-readable": (pspec: GObject.ParamSpec) => void;
            "notify::is-writable": (pspec: GObject.ParamSpec) => void;
            "notify::open-mode": (pspec: GObject.ParamSpec) => void;
            "notify::text-mode": (pspec: GObject.ParamSpec) => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends Object.ConstructorProps {
            error_string: string | null;
            errorString: string | null;
            is_open: boolean;
            isOpen: boolean;
            is_readable: boolean;
            isReadable: boolean;
            is_writable: boolean;
            isWritable: boolean;
            open_mode: OpenMode;
            openMode: OpenMode;
            text_mode: boolean;
            textMode: boolean;
        }
    }

    abstract class IODevice extends Object {
        static $gtype: GObject.GType<IODevice>;

        // Properties
        get error_string(): string | null;

        get errorString(): string | null;

        get open_mode(): OpenMode;

        get openMode(): OpenMode;

        get text_mode(): boolean;
        set text_mode(val: boolean);

        get textMode(): boolean;
        set textMode(val: boolean);

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: IODevice.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<IODevice.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        // Signals
        /** @signal */
        connect<K extends keyof IODevice.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, IODevice.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof IODevice.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, IODevice.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof IODevice.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<IODevice.SignalSignatures[K]>): void;

        // Virtual methods
        vfunc_about_to_close(): void;

        vfunc_at_end(): boolean;

        vfunc_bytes_available(): bigint | number;

        vfunc_bytes_to_write(): bigint | number;

        vfunc_bytes_written(count: number): void;

        vfunc_can_read_line(): boolean;

        vfunc_close(): void;

        vfunc_is_sequential(): boolean;

        vfunc_open(mode: OpenMode): boolean;

        vfunc_pos(): bigint | number;

        vfunc_read_channel_finished(): void;

        vfunc_read_data(max_length: number): GLib.Bytes | Uint8Array | null;

        vfunc_read_line_data(max_length: number): GLib.Bytes | Uint8Array | null;

        vfunc_ready_read(): void;

        vfunc_seek(pos: number): boolean;

        vfunc_size(): bigint | number;

        vfunc_skip_data(max_length: number): bigint | number;

        vfunc_wait_for_bytes_written(msecs: number): boolean;

        vfunc_wait_for_ready_read(msecs: number): boolean;

        vfunc_write_data(bytes: GLib.Bytes): bigint | number;

        // Methods
        at_end(): boolean;

        bytes_available(): number;

        bytes_to_write(): number;

        can_read_line(): boolean;

        close(): void;

        commit_transaction(): void;

        flush_finish(result: Gio.AsyncResult): boolean;

        get_char(): [boolean, number];

        get_error_string(): string | null;

        get_open_mode(): OpenMode;

        get_text_mode(): boolean;

        is_sequential(): boolean;

        is_transaction_started(): boolean;

        iterate_lines(): LineIterator;

        peek_array(count: bigint | number): Uint8Array;

        pos(): number;

        put_char(c: number): boolean;

        read_all_array(): Uint8Array;

        read_all_finish_array(result: Gio.AsyncResult): Uint8Array;

        read_array(count: bigint | number): Uint8Array;

        read_finish_array(result: Gio.AsyncResult): Uint8Array;

        read_line_array(limit: bigint | number): Uint8Array;

        read_line_finish_array(result: Gio.AsyncResult): Uint8Array;

        reset(): boolean;

        rollback_transaction(): void;

        set_error_string(message: string | null): void;

        set_open_mode(mode: OpenMode): void;

        set_text_mode(enabled: boolean): void;

        size(): number;

        start_transaction(): void;

        unget_char(c: number): void;

        write_finish(result: Gio.AsyncResult): number;
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

    namespace IOStream {
        // Signal signatures
        interface SignalSignatures extends Gio.IOStream.SignalSignatures {
            "notify::device": (pspec: GObject.ParamSpec) => void;
            "notify::closed": (pspec: GObject.ParamSpec) => void;
            "notify::input-stream": (pspec: GObject.ParamSpec) => void;
            "notify::output-stream": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends Gio.IOStream.ConstructorProps {
            device: IODevice;
        }
    }

    class IOStream extends Gio.IOStream {
        static $gtype: GObject.GType<IOStream>;

        // Properties
        get device(): IODevice;

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: IOStream.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<IOStream.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](device: IODevice): IOStream;

        // Signals
        /** @signal */
        connect<K extends keyof IOStream.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, IOStream.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof IOStream.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, IOStream.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof IOStream.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<IOStream.SignalSignatures[K]>): void;

        // Methods
        get_device(): IODevice;
    }

    namespace LineIterator {
        // Signal signatures
        interface SignalSignatures extends GObject.Object.SignalSignatures {}

        // Constructor properties interface
        interface ConstructorProps extends GObject.Object.ConstructorProps {}
    }

    class LineIterator extends GObject.Object {
        static $gtype: GObject.GType<LineIterator>;

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: LineIterator.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<LineIterator.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        // Signals
        /** @signal */
        connect<K extends keyof LineIterator.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, LineIterator.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof LineIterator.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, LineIterator.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof LineIterator.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<LineIterator.SignalSignatures[K]>): void;

        // Methods

        next_array(): Uint8Array | null;
        next(): IteratorResult<Uint8Array, undefined>;
        [Symbol.iterator](): this;
    }

    namespace MessageChannel {
        // Signal signatures
        interface SignalSignatures extends Object.SignalSignatures {
            /** @signal */
            closed: (error: GLib.Error | null) => void;
            /** @signal */
            message: (message: GLib.Bytes) => void;
            "notify::device": (pspec: GObject.ParamSpec) => void;
            "notify::framing": (pspec: GObject.ParamSpec) => void;
            "notify::max-message-size": (pspec: GObject.ParamSpec) => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends Object.ConstructorProps {
            device: IODevice;
            framing: MessageFraming;
            max_message_size: bigint | number;
            maxMessageSize: bigint | number;
        }
    }

    class MessageChannel extends Object {
        static $gtype: GObject.GType<MessageChannel>;

        // Properties
        get device(): IODevice;

        get framing(): MessageFraming;

        get max_message_size(): number;
        set max_message_size(val: bigint | number);

        get maxMessageSize(): number;
        set maxMessageSize(val: bigint | number);

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: MessageChannel.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<MessageChannel.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](device: IODevice, framing: MessageFraming): MessageChannel;

        // Conflicted with Lsock.Object.new
        static ["new"](...args: never[]): any;

        // Signals
        /** @signal */
        connect<K extends keyof MessageChannel.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, MessageChannel.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof MessageChannel.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, MessageChannel.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof MessageChannel.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<MessageChannel.SignalSignatures[K]>): void;

        // Static methods
        static get_variant(message: GLib.Bytes | Uint8Array, type: GLib.VariantType): GLib.Variant;

        // Methods
        get_device(): IODevice;

        get_framing(): MessageFraming;

        get_max_message_size(): number;

        is_closed(): boolean;

        receive_array(msecs: number): [Uint8Array, boolean];

        receive_finish_array(result: Gio.AsyncResult): [Uint8Array, boolean];

        send_finish(result: Gio.AsyncResult): boolean;

        send_text(text: string): boolean;

        send_variant(value: GLib.Variant): boolean;

        set_max_message_size(bytes: bigint | number): void;

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

    namespace Object {
        // Signal signatures
        interface SignalSignatures extends GObject.Object.SignalSignatures {
            /** @signal */
            destroyed: () => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends GObject.Object.ConstructorProps {
            children: Gio.ListModel;
            main_context: GLib.MainContext;
            mainContext: GLib.MainContext;
            name: string | null;
            parent: GObject.Object | null;
            signals_blocked: boolean;
            signalsBlocked: boolean;
        }
    }

    class Object extends GObject.Object {
        static $gtype: GObject.GType<Object>;

        // Properties

        get main_context(): GLib.MainContext;

        get mainContext(): GLib.MainContext;

        get name(): string | null;
        set name(val: string | null);

        get parent(): GObject.Object | null;
        set parent(val: GObject.Object | null);

        get signals_blocked(): boolean;
        set signals_blocked(val: boolean);

        get signalsBlocked(): boolean;
        set signalsBlocked(val: boolean);

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: Object.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<Object.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](): Object;

        // Signals
        /** @signal */
        connect<K extends keyof Object.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Object.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof Object.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Object.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof Object.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<Object.SignalSignatures[K]>): void;

        // Static methods

        static find_child(parent: GObject.Object, name: string | null, type: GObject.GType): Object | null;

        static find_children(parent: GObject.Object, name: string | null, type: GObject.GType): Object[];

        // Virtual methods
        vfunc_destroyed(): void;

        vfunc_move_context(context: GLib.MainContext): void;

        vfunc_shutdown(): void;

        // Methods
        block_signals(block: boolean): boolean;

        delete_later(): void;

        get_children(): Gio.ListModel;

        get_main_context(): GLib.MainContext;

        get_name(): string | null;

        get_parent<T = GObject.Object>(): T;

        get_signals_blocked(): boolean;

        move_to_context(context: GLib.MainContext | null): boolean;

        set_name(name: string | null): void;

        set_parent(parent: GObject.Object | null): void;

        take(): Object;
        get children(): Gio.ListModel & Iterable<GObject.Object>;
        static children_of(parent: GObject.Object): Gio.ListModel & Iterable<GObject.Object>;
    }

    namespace Server {
        // Signal signatures
        interface SignalSignatures extends Object.SignalSignatures {
            /** @signal */
            "accept-error": (error: GLib.Error) => void;
            /** @signal */
            "new-connection": () => void;
            "notify::error-string": (pspec: GObject.ParamSpec) => void;
            "notify::full-server-name": (pspec: GObject.ParamSpec) => void;
            "notify::last-error": (pspec: GObject.ParamSpec) => void;
            "notify::listen-backlog-size": (pspec: GObject.ParamSpec) => void;
            "notify::max-pending-connections": (pspec: GObject.ParamSpec) => void;
            "notify::server-name": (pspec: GObject.ParamSpec) => void;
            "notify::socket-descriptor": (pspec: GObject.ParamSpec) => void;
            "notify::socket-options": (pspec: GObject.ParamSpec) => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends Object.ConstructorProps {
            error_string: string | null;
            errorString: string | null;
            full_server_name: string | null;
            fullServerName: string | null;
            last_error: number;
            lastError: number;
            listen_backlog_size: number;
            listenBacklogSize: number;
            max_pending_connections: number;
            maxPendingConnections: number;
            server_name: string | null;
            serverName: string | null;
            socket_descriptor: number;
            socketDescriptor: number;
            socket_options: SocketOptions;
            socketOptions: SocketOptions;
        }
    }

    class Server extends Object {
        static $gtype: GObject.GType<Server>;

        // Properties
        get error_string(): string | null;

        get errorString(): string | null;

        get full_server_name(): string | null;

        get fullServerName(): string | null;

        get last_error(): number;

        get lastError(): number;

        get listen_backlog_size(): number;
        set listen_backlog_size(val: number);

        get listenBacklogSize(): number;
        set listenBacklogSize(val: number);

        get max_pending_connections(): number;
        set max_pending_connections(val: number);

        get maxPendingConnections(): number;
        set maxPendingConnections(val: number);

        get server_name(): string | null;

        get serverName(): string | null;

        get socket_descriptor(): number;

        get socketDescriptor(): number;

        get socket_options(): SocketOptions;
        set socket_options(val: SocketOptions);

        get socketOptions(): SocketOptions;
        set socketOptions(val: SocketOptions);

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: Server.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<Server.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](): Server;

        // Signals
        /** @signal */
        connect<K extends keyof Server.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Server.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof Server.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Server.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof Server.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<Server.SignalSignatures[K]>): void;

        // Static methods
        static remove_server(name: string): boolean;

        // Virtual methods
        vfunc_accept_error(error: GLib.Error): void;

        vfunc_incoming_connection(fd: number): void;

        vfunc_new_connection(): void;

        // Methods

        accept_device_finish(result: Gio.AsyncResult): IODevice;

        accept_finish(result: Gio.AsyncResult): Socket;

        add_pending_connection(socket: Socket): void;

        add_pending_device(device: IODevice): void;

        close(): void;

        get_error_string(): string | null;

        get_full_server_name(): string | null;

        get_listen_backlog_size(): number;

        get_max_pending_connections(): number;

        get_server_error(): number;

        get_server_name(): string | null;

        get_socket_descriptor(): number;

        get_socket_options(): SocketOptions;

        has_pending_connections(): boolean;

        has_pending_devices(): boolean;

        is_listening(): boolean;

        listen(name: string): boolean;

        listen_fd(fd: number): boolean;

        next_pending_connection(): Socket | null;

        next_pending_device(): IODevice | null;

        set_listen_backlog_size(size: number): void;

        set_max_pending_connections(count: number): void;

        set_socket_options(options: SocketOptions): void;

        wait_for_client(msecs?: number): boolean;
        wait_for_new_connection(msecs?: number): [boolean, boolean];
        accept_async(cancellable?: Gio.Cancellable | null): Promise<Socket>;
        accept_async(cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        accept_device_async(cancellable?: Gio.Cancellable | null): Promise<IODevice>;
        accept_device_async(cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        [Symbol.asyncIterator](): AsyncGenerator<Socket, void, void>;
    }

    namespace SignalSpy {
        // Signal signatures
        interface SignalSignatures extends GObject.Object.SignalSignatures {
            "notify::object": (pspec: GObject.ParamSpec) => void;
            "notify::signal": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends GObject.Object.ConstructorProps {
            object: GObject.Object;
            signal: string;
        }
    }

    class SignalSpy extends GObject.Object {
        static $gtype: GObject.GType<SignalSpy>;

        // Properties

        get signal(): string;

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: SignalSpy.SignalSignatures;

        // Constructors

        _init(...args: any[]): void;

        static ["new"](object: GObject.Object, detailed_signal: string): SignalSpy;

        // Signals
        /** @signal */
        connect<K extends keyof SignalSpy.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, SignalSpy.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof SignalSpy.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, SignalSpy.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof SignalSpy.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<SignalSpy.SignalSignatures[K]>): void;

        // Methods
        clear(): void;

        get_count(): number;

        get_n_args(index: number): number;

        get_signal(): string;

        constructor(object: GObject.Object, detailed_signal: string);
        constructor(properties: { object: GObject.Object; signal: string });
        get object(): GObject.Object | null;
        get_arg(index: number, position: number): any;
        get_args(index: number): any[];
        wait(msecs?: number): boolean;
    }

    namespace Socket {
        // Signal signatures
        interface SignalSignatures extends IODevice.SignalSignatures {
            /** @signal */
            connected: () => void;
            /** @signal */
            disconnected: () => void;
            /** @signal */
            error: (error: number) => void;
            /** @signal */
            "state-changed": (state: SocketState) => void;
            "notify::allow-half-open": (pspec: GObject.ParamSpec) => void;
            "notify::connect-timeout": (pspec: GObject.ParamSpec) => void;
            "notify::full-server-name": (pspec: GObject.ParamSpec) => void;
            "notify::last-error": (pspec: GObject.ParamSpec) => void;
            "notify::priority": (pspec: GObject.ParamSpec) => void;
            "notify::read-blocked": (pspec: GObject.ParamSpec) => void;
            "notify::read-buffer-size": (pspec: GObject.ParamSpec) => void;
            "notify::server-name": (pspec: GObject.ParamSpec) => void;
            "notify::socket-descriptor": (pspec: GObject.ParamSpec) => void;
            "notify::socket-options": (pspec: GObject.ParamSpec) => void;
            "notify::state": (pspec: GObject.ParamSpec) => void;
            "notify::error-string": (pspec: GObject.ParamSpec) => void;
            "notify::is-open": (pspec: GObject.ParamSpec) => void;
            "notify::is-readable": (pspec: GObject.ParamSpec) => void;
            "notify::is-writable": (pspec: GObject.ParamSpec) => void;
            "notify::open-mode": (pspec: GObject.ParamSpec) => void;
            "notify::text-mode": (pspec: GObject.ParamSpec) => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends IODevice.ConstructorProps {
            allow_half_open: boolean;
            allowHalfOpen: boolean;
            connect_timeout: number;
            connectTimeout: number;
            full_server_name: string | null;
            fullServerName: string | null;
            last_error: number;
            lastError: number;
            priority: number;
            read_blocked: boolean;
            readBlocked: boolean;
            read_buffer_size: bigint | number;
            readBufferSize: bigint | number;
            server_name: string | null;
            serverName: string | null;
            socket_descriptor: number;
            socketDescriptor: number;
            socket_options: SocketOptions;
            socketOptions: SocketOptions;
            state: SocketState;
        }
    }

    class Socket extends IODevice {
        static $gtype: GObject.GType<Socket>;

        // Properties
        get allow_half_open(): boolean;
        set allow_half_open(val: boolean);

        get allowHalfOpen(): boolean;
        set allowHalfOpen(val: boolean);

        get connect_timeout(): number;
        set connect_timeout(val: number);

        get connectTimeout(): number;
        set connectTimeout(val: number);

        get full_server_name(): string | null;

        get fullServerName(): string | null;

        get last_error(): number;

        get lastError(): number;

        get priority(): number;
        set priority(val: number);

        get read_blocked(): boolean;

        get readBlocked(): boolean;

        get read_buffer_size(): number;
        set read_buffer_size(val: bigint | number);

        get readBufferSize(): number;
        set readBufferSize(val: bigint | number);

        get server_name(): string | null;
        set server_name(val: string | null);

        get serverName(): string | null;
        set serverName(val: string | null);

        get socket_descriptor(): number;

        get socketDescriptor(): number;

        get socket_options(): SocketOptions;
        set socket_options(val: SocketOptions);

        get socketOptions(): SocketOptions;
        set socketOptions(val: SocketOptions);

        get state(): SocketState;

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: Socket.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<Socket.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](): Socket;

        // Signals
        /** @signal */
        connect<K extends keyof Socket.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Socket.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof Socket.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, Socket.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof Socket.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<Socket.SignalSignatures[K]>): void;

        // Virtual methods
        vfunc_connected(): void;

        vfunc_disconnected(): void;

        vfunc_error(error: number): void;

        vfunc_state_changed(state: SocketState): void;

        // Methods
        abort(): void;

        connect_to_server_finish(result: Gio.AsyncResult): boolean;

        disconnect_from_server(): void;

        disconnect_from_server_finish(result: Gio.AsyncResult): boolean;

        flush(): boolean;

        get_allow_half_open(): boolean;

        get_connect_timeout(): number;

        get_error(): number;

        get_full_server_name(): string | null;

        get_priority(): number;

        get_read_blocked(): boolean;

        get_read_buffer_size(): number;

        get_server_name(): string | null;

        get_socket_descriptor(): number;

        get_socket_options(): SocketOptions;

        get_state(): SocketState;

        is_valid(): boolean;

        set_allow_half_open(allow: boolean): void;

        set_connect_timeout(msecs: number): void;

        set_priority(priority: number): void;

        set_read_buffer_size(size: bigint | number): void;

        set_server_name(name: string | null): void;

        set_socket_options(options: SocketOptions): void;

        shutdown_write(): boolean;

        steal_socket_descriptor(): number;

        connect_to_server(name: string, mode?: OpenMode): void;
        set_socket_descriptor(descriptor: number, state?: SocketState, mode?: OpenMode): boolean;
        wait_for_connected(msecs?: number): boolean;
        wait_for_disconnected(msecs?: number): boolean;
        connect_to_server_async(name: string, mode?: OpenMode, cancellable?: Gio.Cancellable | null): Promise<boolean>;
        connect_to_server_async(name: string, mode: OpenMode, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
        disconnect_from_server_async(io_priority?: number, cancellable?: Gio.Cancellable | null): Promise<boolean>;
        disconnect_from_server_async(io_priority: number, cancellable: Gio.Cancellable | null, callback: Gio.AsyncReadyCallback<this>): void;
    }

    namespace StreamDevice {
        // Signal signatures
        interface SignalSignatures extends IODevice.SignalSignatures {
            /** @signal */
            error: (error: GLib.Error) => void;
            "notify::base-stream": (pspec: GObject.ParamSpec) => void;
            "notify::close-base-stream": (pspec: GObject.ParamSpec) => void;
            "notify::input-stream": (pspec: GObject.ParamSpec) => void;
            "notify::output-stream": (pspec: GObject.ParamSpec) => void;
            "notify::error-string": (pspec: GObject.ParamSpec) => void;
            "notify::is-open": (pspec: GObject.ParamSpec) => void;
            "notify::is-readable": (pspec: GObject.ParamSpec) => void;
            "notify::is-writable": (pspec: GObject.ParamSpec) => void;
            "notify::open-mode": (pspec: GObject.ParamSpec) => void;
            "notify::text-mode": (pspec: GObject.ParamSpec) => void;
            "notify::children": (pspec: GObject.ParamSpec) => void;
            "notify::main-context": (pspec: GObject.ParamSpec) => void;
            "notify::name": (pspec: GObject.ParamSpec) => void;
            "notify::parent": (pspec: GObject.ParamSpec) => void;
            "notify::signals-blocked": (pspec: GObject.ParamSpec) => void;
        }

        // Constructor properties interface
        interface ConstructorProps extends IODevice.ConstructorProps {
            base_stream: Gio.IOStream;
            baseStream: Gio.IOStream;
            close_base_stream: boolean;
            closeBaseStream: boolean;
            input_stream: Gio.InputStream | null;
            inputStream: Gio.InputStream | null;
            output_stream: Gio.OutputStream | null;
            outputStream: Gio.OutputStream | null;
        }
    }

    class StreamDevice extends IODevice {
        static $gtype: GObject.GType<StreamDevice>;

        // Properties
        get base_stream(): Gio.IOStream;

        get baseStream(): Gio.IOStream;

        get close_base_stream(): boolean;

        get closeBaseStream(): boolean;

        get input_stream(): Gio.InputStream | null;

        get inputStream(): Gio.InputStream | null;

        get output_stream(): Gio.OutputStream | null;

        get outputStream(): Gio.OutputStream | null;

        /**
         * Compile-time signal type information.
         *
         * This instance property is generated only for TypeScript type checking.
         * It is not defined at runtime and should not be accessed in JS code.
         * @internal
         */
        $signals: StreamDevice.SignalSignatures;

        // Constructors
        constructor(properties?: Partial<StreamDevice.ConstructorProps>, ...args: any[]);

        _init(...args: any[]): void;

        static ["new"](input: Gio.InputStream | null, output: Gio.OutputStream | null): StreamDevice;

        // Conflicted with Lsock.Object.new
        static ["new"](...args: never[]): any;

        static new_for_io_stream(stream: Gio.IOStream): StreamDevice;

        // Signals
        /** @signal */
        connect<K extends keyof StreamDevice.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, StreamDevice.SignalSignatures[K]>): number;

        /** @signal */
        connect_after<K extends keyof StreamDevice.SignalSignatures>(signal: K, callback: GObject.SignalCallback<this, StreamDevice.SignalSignatures[K]>): number;

        /** @signal */
        emit<K extends keyof StreamDevice.SignalSignatures>(signal: K, ...args: GObject.GjsParameters<StreamDevice.SignalSignatures[K]>): void;

        // Virtual methods
        vfunc_error(error: GLib.Error): void;

        // Methods
        get_input_stream(): Gio.InputStream | null;

        get_output_stream(): Gio.OutputStream | null;

        shutdown_write(): boolean;
    }

    type BufferClass = typeof Buffer;

    class Connection {
        static $gtype: GObject.GType<Connection>;

        // Methods
        disconnect(): void;

        get_receiver<T = GObject.Object>(): T;

        get_sender<T = GObject.Object>(): T;

        is_connected(): boolean;

        ref(): Connection;

        unref(): void;
    }

    type IODeviceClass = typeof IODevice;

    type IOStreamClass = typeof IOStream;

    type LineIteratorClass = typeof LineIterator;

    type MessageChannelClass = typeof MessageChannel;

    type ObjectClass = typeof Object;

    type ServerClass = typeof Server;

    type SignalSpyClass = typeof SignalSpy;

    type SocketClass = typeof Socket;

    type StreamDeviceClass = typeof StreamDevice;

    const __name__: string;

    const __version__: string;
}

export default Lsock;

}

declare module 'gi://Lsock' {
    import Lsock1 from 'gi://Lsock?version=1';
    export default Lsock1;
}
// END

// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the TypeScript definitions say of each form that the overrides add; compiled, and never run.

import GLib from 'gi://GLib?version=2.0';
import GObject from 'gi://GObject?version=2.0';
import Lsock from 'gi://Lsock?version=1';

const {QUEUED, SINGLE_SHOT} = Lsock.ConnectionType;

class Memory extends Lsock.IODevice {
  static {
    GObject.registerClass(this);
  }

  vfunc_is_sequential(): boolean {
    return true;
  }

  vfunc_read_data(maxLength: number): GLib.Bytes | null {
    return maxLength > 0 ? new GLib.Bytes(new Uint8Array(1)) : null;
  }

  vfunc_write_data(data: GLib.Bytes): number {
    return data.toArray().length;
  }

  vfunc_ready_read(): void {
    super.vfunc_ready_read();
  }
}

export function devices(socket: Lsock.Socket): void {
  const some: Uint8Array = socket.read();
  const line: Uint8Array = socket.read_line();
  const open: boolean = socket.is_open() && socket.isReadable;
  for (const data of [some, line, 'text', [1, 2], new GLib.Bytes(some), new ArrayBuffer(1)])
    socket.write(data);
  for (const each of socket)
    print(each.length, open);
  const buffer = new Lsock.Buffer();
  buffer.set_data('text');
  print(buffer.get_data().length, new Memory().open());

  // @ts-expect-error: a number is not data
  socket.write(65);
  // @ts-expect-error: a Uint8Array is no GLib.Bytes
  socket.read_all().toArray();
  // @ts-expect-error: a method is not the property
  const wrong: boolean = socket.is_open;
  print(wrong);
}

export function errors(socket: Lsock.Socket): void {
  socket.connect('error', (_socket, error) => {
    if (error === Lsock.SocketError.PEER_CLOSED || socket.last_error === error)
      print(socket.error_string ?? '');
  });
  try {
    socket.open();
  } catch (error) {
    if (error instanceof GLib.Error &&
        error.matches(Lsock.SocketError, Lsock.SocketError.SERVER_NOT_FOUND))
      print(error.message);
  }
}

export async function promises(name: string): Promise<void> {
  const server = new Lsock.Server({name: 'server'});
  server.listen(name);
  const client = new Lsock.Socket();
  const connected: boolean = await client.connect_to_server_async(name);
  const peer: Lsock.Socket = await server.accept_async();
  const written: number = await peer.write_async('hello');
  for await (const line of client)
    print(line.length, connected, written);
  for await (const each of server)
    each.close();
  const channel = new Lsock.MessageChannel({device: client, framing: Lsock.MessageFraming.LINES});
  for await (const message of channel)
    print(message?.length ?? 'null');
  client.read_async(-1, GLib.PRIORITY_DEFAULT, null, (_client, result) => {
    print(client.read_finish(result).length);
  });

  // @ts-expect-error: the promise has to be awaited
  const data: Uint8Array = client.read_async();
  print(data.length);
}

export function objects(parent: Lsock.Object): void {
  const children: GObject.Object[] = [...parent.children, ...Lsock.Object.children_of(parent)];
  const connection = Lsock.connect(parent, 'destroyed', QUEUED | SINGLE_SHOT, null, sender => {
    print(sender, children.length);
  });
  connection.disconnect();
  Lsock.invoke_queued(null, () => print('called'));

  const spy = new Lsock.SignalSpy(parent, 'notify::name');
  spy.wait();
  print(spy.get_args(0).length, spy.get_arg(0, 0).name);

  // @ts-expect-error: a spy needs an object
  print(new Lsock.SignalSpy());
}

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Read by a type checker, and never run: what is right must pass, and each line with an ignored
error must be one, for an unused remark is an error too."""

import pathlib
from typing import NoReturn

from gi.repository import GLib, GObject, Lsock


def talk(name: pathlib.Path) -> list[bytes]:
    with Lsock.Socket(server_name=name, name='client') as client:
        client.connect_to_server(name)
        client.connect_to_server('x', Lsock.OpenMode.READ_ONLY | Lsock.OpenMode.TEXT)
        client.connect('error', on_error)
        if not client.wait_for_connected():
            raise Lsock.Error('no', code=client.get_error())
        client.write(b'x')
        client.write(bytearray(b'x'))
        client.write(memoryview(b'x'))
        client.write(GLib.Bytes.new(b'x'))
        client.unget_char(65)
        client.props.read_buffer_size = 10
        text: str | None = client.get_server_name()
        first: bytes = client.read(1) + client.read() + client.readline() + client.peek(1)
        print(text, first, client.props.state == Lsock.SocketState.CONNECTED)
        return list(client)


def on_error(client: Lsock.Socket, error: Lsock.SocketError) -> None:
    print(client.get_error_string(), error == Lsock.SocketError.PEER_CLOSED)


def serve() -> None:
    server = Lsock.Server(socket_options=Lsock.SocketOptions.USER_ACCESS)
    try:
        server.listen(b'bytes')
    except Lsock.AddressInUseError as error:
        print(error.errno, error.message, error.code, error.socket_error)
    except ConnectionRefusedError:
        pass
    except GLib.Error as plain:
        print(Lsock.Error.from_gerror(plain).message)
    pending, timed_out = server.wait_for_new_connection(10)
    print(pending, timed_out)
    for connection in server:
        connection.props.parent = None
        taken: Lsock.Socket = connection.take()
        found: Lsock.Buffer | None = Lsock.Object.find_child(server, 'x', Lsock.Buffer)
        print(taken, found)


class Source(Lsock.IODevice):
    def do_read_data(self, max_length: int) -> bytes | None:
        return None


def slots(sender: GObject.Object) -> None:
    connection = Lsock.connect(sender, 'notify', Lsock.ConnectionType.UNIQUE, None, print)
    if connection:
        connection.disconnect()
    Lsock.invoke_queued(None, print)
    spy = Lsock.SignalSpy(sender, 'notify')
    print(spy.get_arg(0, 0), spy.wait())


def wrong(client: Lsock.Socket, server: Lsock.Server, buffer: Lsock.Buffer) -> NoReturn:
    client.write('text')  # type: ignore[arg-type]
    client.write(65)  # type: ignore[arg-type]
    client.write_bytes('text')  # type: ignore[arg-type]
    buffer.set_data('text')  # type: ignore[arg-type]
    client.unget_char('x')  # type: ignore[arg-type]
    client.put_char('x')  # type: ignore[arg-type]
    server.listen(5)  # type: ignore[arg-type]
    server.listen(None)  # type: ignore[arg-type]
    client.connect_to_server(5)  # type: ignore[arg-type]
    Lsock.Server.remove_server(None)  # type: ignore[arg-type]
    Lsock.Socket(nosuch=1)  # type: ignore[call-arg]
    Lsock.SignalSpy()  # type: ignore[call-arg]
    Lsock.connect('x', 'notify', Lsock.ConnectionType.AUTO, None, print)  # type: ignore[arg-type]
    Lsock.connect(client, 'notify', Lsock.ConnectionType.AUTO, None, 5)  # type: ignore[arg-type]
    client.props.state = Lsock.SocketState.CONNECTED  # type: ignore[misc]
    text: str = client.read()  # type: ignore[assignment]
    name: str = client.get_server_name()  # type: ignore[assignment]
    raise SystemExit(text + name)

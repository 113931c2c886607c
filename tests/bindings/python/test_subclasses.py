# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os

from support import Case, main
from gi.repository import GLib, Lsock


class Memory(Lsock.IODevice):
    """A sequential device on two byte strings."""

    def __init__(self, data=b''):
        super().__init__()
        self.data, self.written, self.closed = data, b'', 0

    def do_is_sequential(self):
        return True

    def do_read_data(self, max_length):
        if not self.data:
            return None
        piece, self.data = self.data[:max_length], self.data[max_length:]
        return GLib.Bytes.new(piece)

    def do_write_data(self, data):
        self.written += data.get_data()
        return data.get_size()

    def do_about_to_close(self):
        self.closed += 1


class File(Lsock.IODevice):
    """A random-access device that keeps count of where it is itself."""

    def __init__(self, data):
        super().__init__()
        self.data, self.place = data, 0

    def do_size(self):
        return len(self.data)

    def do_seek(self, pos):
        self.place = pos
        return Lsock.IODevice.do_seek(self, pos)

    def do_read_data(self, max_length):
        piece = self.data[self.place:self.place + max_length]
        self.place += len(piece)
        return GLib.Bytes.new(piece)


class Broken(Memory):
    def do_open(self, mode):
        raise RuntimeError('on purpose')

    def do_write_data(self, data):
        raise RuntimeError('on purpose')


class Taker(Lsock.Server):
    def __init__(self):
        super().__init__()
        self.taken = []

    def do_incoming_connection(self, fd):
        taken = Lsock.Socket()
        taken.set_socket_descriptor(fd)
        self.taken.append(taken)


class Refuser(Lsock.Server):
    def do_incoming_connection(self, fd):
        os.close(fd)


class Subclasses(Case):
    def test_sequential_device(self):
        device = Memory(b'one\ntwo\nthree')
        device.open()
        self.assertEqual(device.read_line(), b'one\n')
        self.assertEqual(device.peek(2), b'tw')
        self.assertEqual(device.read(4), b'two\n')
        self.assertEqual(device.read_all(), b'three')
        self.assertEqual(device.write(b'out'), 3)
        self.assertEqual(device.written, b'out')
        device.close()
        self.assertEqual(device.closed, 1)
        self.assertFalse(device.is_open())

    def test_random_access_device(self):
        device = File(bytes(range(100)))
        device.open(Lsock.OpenMode.READ_ONLY)
        self.assertEqual(device.size(), 100)
        self.assertEqual(device.read(2), b'\0\1')
        self.assertTrue(device.seek(50))
        self.assertEqual(device.read(2), b'\x32\x33')
        self.assertEqual(device.pos(), 52)
        self.assertTrue(device.reset())
        self.assertEqual(device.read(1), b'\0')

    def test_exceptions_become_errors(self):
        device = Broken()
        for call in (lambda: device.open(), ):
            with self.assertRaises(GLib.Error) as caught:
                call()
            self.assertTrue(caught.exception.matches(Lsock.socket_error_quark(),
                                                     Lsock.SocketError.OPERATION))

    def test_incoming_connection(self):
        server, client = Taker(), Lsock.Socket()
        server.listen(self.name())
        client.connect_to_server(self.name())
        client.write(b'x')
        self.until(lambda: server.taken and server.taken[0].bytes_available() == 1)
        self.assertFalse(server.has_pending_connections())
        self.assertEqual(server.taken[0].read(), b'x')

    def test_incoming_connection_refused(self):
        server, client = Refuser(), Lsock.Socket()
        server.listen(self.name())
        client.connect_to_server(self.name())
        self.until(lambda: client.get_state() == Lsock.SocketState.UNCONNECTED)
        self.assertIs(client.get_error(), Lsock.SocketError.PEER_CLOSED)

    def test_class_handlers(self):
        heard = []

        class Listener(Lsock.Socket):
            def do_connected(self):
                heard.append('connected')

            def do_ready_read(self):
                heard.append(self.read())

            def do_bytes_written(self, count):
                heard.append(count)

        server, client = Lsock.Server(), Listener()
        server.listen(self.name())
        client.connect_to_server(self.name())
        self.until(server.has_pending_connections)
        server.next_pending_connection().write(b'hello')
        client.write(b'abc')
        self.until(lambda: len(heard) == 3)
        self.assertEqual(heard[0], 'connected')
        self.assertEqual(set(heard[1:]), {b'hello', 3})


if __name__ == '__main__':
    main()

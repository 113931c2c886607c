# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bytes in, bytes out."""

import array
import socket

from support import Case, main
from gi.repository import Gio, GLib, Lsock

NO_BYTES = (65, 'text', None, 1.5, [1, 2], True)


def opened(data=b''):
    buffer = Lsock.Buffer()
    buffer.set_data(data)
    buffer.open()
    return buffer


class Bytes(Case):
    def test_write_takes_bytes_alone(self):
        for data in NO_BYTES:
            buffer = opened()
            self.assertRaises(TypeError, buffer.write, data)
            self.assertEqual(buffer.size(), 0)

    def test_write_bytes_takes_bytes_alone(self):
        for data in NO_BYTES:
            self.assertRaises(TypeError, opened().write_bytes, data)

    def test_set_data_takes_bytes_alone(self):
        for data in NO_BYTES:
            self.assertRaises(TypeError, Lsock.Buffer().set_data, data)

    def test_what_is_like_bytes(self):
        for data in (b'abc', bytearray(b'abc'), memoryview(b'abc'), memoryview(b'a.b.c')[::2],
                     array.array('B', b'abc'), GLib.Bytes.new(b'abc')):
            for name in ('write', 'write_bytes'):
                buffer = opened()
                self.assertEqual(getattr(buffer, name)(data), 3)
                self.assertEqual(buffer.get_data(), b'abc')
            buffer = Lsock.Buffer()
            buffer.set_data(data)
            self.assertEqual(buffer.get_data(), b'abc')

    def test_nothing(self):
        for data in (b'', bytearray(), memoryview(b''), GLib.Bytes.new(b'')):
            buffer = opened(data)
            self.assertEqual(buffer.write(data), 0)
            self.assertEqual(buffer.write_bytes(data), 0)
            self.assertEqual(buffer.get_data(), b'')
            self.assertEqual(buffer.read(), b'')

    def test_everything_read_is_bytes(self):
        buffer = opened(b'one\ntwo\nthree')
        for data in (buffer.peek(2), buffer.read(1), buffer.read_line(), buffer.readline(),
                     buffer.read_all(), buffer.get_data()):
            self.assertIs(type(data), bytes)

    def test_read(self):
        for arguments in ((), (-1,), (None,), (100,)):
            self.assertEqual(opened(b'abc').read(*arguments), b'abc')
        self.assertEqual(opened(b'abc').read(n=2), b'ab')
        self.assertEqual(opened(b'abc').read(0), b'')

    def test_readline(self):
        for name in ('readline', 'read_line'):
            for arguments in ((), (0,), (-1,), (None,)):
                self.assertEqual(getattr(opened(b'ab\ncd'), name)(*arguments), b'ab\n')
            self.assertEqual(getattr(opened(b'ab\ncd'), name)(limit=1), b'a')

    def test_sizes(self):
        buffer = opened(b'abc')
        for call in (buffer.read, buffer.peek, buffer.read_line, buffer.skip):
            self.assertRaises(Lsock.Error, call, -2)
            self.assertRaises(OverflowError, call, 1 << 64)
            self.assertRaises(TypeError, call, 'x')
        self.assertEqual(buffer.read((1 << 62)), b'abc')

    def test_single_bytes(self):
        buffer = opened(b'z')
        buffer.get_char()
        for char in (0xe9, b'\xe9', bytearray(b'\xe9')):
            buffer.unget_char(char)
            self.assertEqual(buffer.get_char(), b'\xe9')
        self.assertIsNone(buffer.get_char())
        self.assertTrue(buffer.put_char(65))
        self.assertTrue(buffer.put_char(b'B'))
        self.assertEqual(buffer.get_data(), b'zAB')

    def test_single_bytes_refused(self):
        buffer = opened()
        for call in (buffer.unget_char, buffer.put_char):
            for char in ('é', 'a', None, 1.5):
                self.assertRaises(TypeError, call, char)
            for char in (-1, 256, b'', b'ab'):
                self.assertRaises(ValueError, call, char)
        self.assertEqual(buffer.get_data(), b'')

    def test_virtual_functions_may_return_bytes(self):
        class Source(Lsock.IODevice):
            pieces = [b'a', bytearray(b'b'), memoryview(b'c'), GLib.Bytes.new(b'd')]

            def do_is_sequential(self):
                return True

            def do_read_data(self, max_length):
                return self.pieces.pop(0) if self.pieces else None

        source = Source()
        source.open(Lsock.OpenMode.READ_ONLY)
        self.assertEqual([source.read(1) for piece in range(4)], [b'a', b'b', b'c', b'd'])

    def test_stream_device(self):
        source = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(b'in\n'))
        with Lsock.StreamDevice(input_stream=source) as device:
            device.open(Lsock.OpenMode.READ_ONLY)
            self.assertEqual(list(device), [b'in\n'])
        output = Gio.MemoryOutputStream.new_resizable()
        with Lsock.StreamDevice(output_stream=output) as device:
            device.open(Lsock.OpenMode.WRITE_ONLY)
            device.write(bytearray(b'out'))
            device.wait_for_bytes_written()
        self.assertEqual(output.steal_as_bytes().get_data(), b'out')

    def test_megabytes(self):
        here, there = socket.socketpair()
        self.addCleanup(there.close)
        device = Lsock.Socket()
        device.set_socket_descriptor(here.detach())
        data = bytes(range(256)) * 4096
        device.write(memoryview(data))
        got = bytearray()
        while len(got) < len(data):
            if device.bytes_to_write():
                device.wait_for_bytes_written(0)
            got += there.recv(1 << 20)
        self.assertEqual(got, data)


if __name__ == '__main__':
    main()

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Exceptions: subclasses of GLib.Error, and of what Python has for the same."""

import copy
import errno
import io
import os
import pickle
import socket

from support import Case, main
from gi.repository import GLib, Lsock

E = Lsock.SocketError
CLASSES = {
    E.CONNECTION_REFUSED: (Lsock.ConnectionRefusedError, errno.ECONNREFUSED,
                           ConnectionRefusedError),
    E.PEER_CLOSED: (Lsock.PeerClosedError, errno.EPIPE, BrokenPipeError, ConnectionResetError),
    E.SERVER_NOT_FOUND: (Lsock.ServerNotFoundError, errno.ENOENT, FileNotFoundError),
    E.SOCKET_ACCESS: (Lsock.SocketAccessError, errno.EACCES, PermissionError),
    E.SOCKET_RESOURCE: (Lsock.SocketResourceError, None, OSError),
    E.SOCKET_TIMEOUT: (Lsock.SocketTimeoutError, errno.ETIMEDOUT, TimeoutError),
    E.DATAGRAM_TOO_LARGE: (Lsock.DatagramTooLargeError, errno.EMSGSIZE, OSError),
    E.CONNECTION: (Lsock.ConnectionError, None, ConnectionError),
    E.ADDRESS_IN_USE: (Lsock.AddressInUseError, errno.EADDRINUSE, OSError),
    E.UNSUPPORTED_SOCKET_OPERATION: (Lsock.UnsupportedSocketOperationError, errno.EOPNOTSUPP,
                                     io.UnsupportedOperation),
    E.OPERATION: (Lsock.OperationError, None, RuntimeError),
    E.UNKNOWN: (Lsock.UnknownError, None, OSError),
}


class Errors(Case):
    def caught(self, call, *arguments):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments)
        return caught.exception

    def test_each_code(self):
        codes = {value for value in vars(E).values() if isinstance(value, E)}
        self.assertEqual(codes, set(CLASSES))
        for code, (cls, number, *bases) in CLASSES.items():
            error = Lsock.Error('a sentence', code=code)
            self.assertIs(type(error), cls)
            for base in (GLib.Error, Lsock.Error, *bases):
                self.assertIsInstance(error, base)
            self.assertEqual(error.code, int(code))
            self.assertIs(error.socket_error, code)
            self.assertTrue(error.matches(Lsock.socket_error_quark(), code))
            self.assertEqual(error.domain, GLib.quark_to_string(Lsock.socket_error_quark()))
            self.assertEqual((error.message, str(error)), ('a sentence', 'a sentence'))
            if isinstance(error, OSError):
                self.assertEqual((error.errno, error.strerror), (number, 'a sentence'))
            self.assertEqual(cls('x').code, int(code))

    def test_copies(self):
        error = Lsock.AddressInUseError('taken')
        for other in (copy.copy(error), error.copy(), pickle.loads(pickle.dumps(error))):
            self.assertIs(type(other), Lsock.AddressInUseError)
            self.assertEqual((other.message, other.code, other.errno),
                             ('taken', int(E.ADDRESS_IN_USE), errno.EADDRINUSE))

    def test_repr(self):
        self.assertEqual(repr(Lsock.OperationError('no')), "Lsock.OperationError('no')")

    def test_sentence_alone(self):
        error = self.caught(Lsock.Server().listen, '/none/s')
        self.assertEqual(str(error), 'Cannot listen under “/none/s”: No such file or directory')
        self.assertIsNone(error.__cause__)
        self.assertIsNone(error.__context__)

    def test_server_not_found(self):
        self.assertRaises(FileNotFoundError, Lsock.Server().listen, '/none/s')
        socket = Lsock.Socket(server_name=self.name('none'))
        self.assertRaises(FileNotFoundError, socket.open)

    def test_connection_refused(self):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(self.name())
        client = Lsock.Socket(server_name=self.name())
        self.assertRaises(ConnectionRefusedError, client.open)

    def test_address_in_use(self):
        with Lsock.Server() as server:
            server.listen(self.name())
            error = self.caught(Lsock.Server().listen, self.name())
            self.assertIs(type(error), Lsock.AddressInUseError)
            self.assertEqual(error.errno, errno.EADDRINUSE)

    def test_access(self):
        if os.geteuid() == 0:
            # The superuser is refused nothing, but here.
            self.assertRaises(Lsock.Error, Lsock.Server().listen, '/proc/s')
            return
        os.chmod(self.folder, 0o500)
        self.assertRaises(PermissionError, Lsock.Server().listen, self.name())
        os.chmod(self.folder, 0o700)

    def test_peer_closed(self):
        here, there = socket.socketpair()
        client = Lsock.Socket()
        client.set_socket_descriptor(here.detach())
        there.close()
        self.assertTrue(client.wait_for_disconnected())
        self.assertIs(client.get_error(), E.PEER_CLOSED)
        self.assertRaises(Lsock.OperationError, client.write, b'x')

    def test_unsupported(self):
        server = Lsock.Server(socket_options=Lsock.SocketOptions.ABSTRACT_NAMESPACE |
                              Lsock.SocketOptions.USER_ACCESS)
        self.assertRaises(io.UnsupportedOperation, server.listen, 'x')
        self.assertRaises(OSError, server.listen_fd, 0)

    def test_every_function_that_can_fail(self):
        buffer, closed, server = Lsock.Buffer(), Lsock.Socket(), Lsock.Server()
        server.listen(self.name())
        for call in (lambda: closed.read(1), lambda: closed.read_all(), lambda: closed.read_line(),
                     lambda: closed.peek(1), lambda: closed.skip(1), lambda: closed.put_char(1),
                     lambda: closed.write(b'x'), lambda: closed.write_bytes(b'x'),
                     lambda: closed.open(), lambda: closed.seek(1), lambda: closed.reset(),
                     lambda: closed.shutdown_write(), lambda: closed.set_socket_descriptor(-1),
                     lambda: buffer.open(Lsock.OpenMode.NOT_OPEN), lambda: server.listen('x'),
                     lambda: server.listen_fd(-1), lambda: Lsock.Server.remove_server(''),
                     lambda: Lsock.SignalSpy.new(server, 'none'),
                     lambda: Lsock.SignalSpy(server, 'none'),
                     lambda: Lsock.connect(server, 'none', 0, None, len),
                     lambda: Lsock.connect_full(server, 'none', 0, None, len)):
            self.assertIsInstance(self.caught(call), Lsock.Error)

    def test_other_domains_stay(self):
        error = GLib.Error('x', 'g-io-error-quark', 1)
        self.assertIs(Lsock.Error.from_gerror(error), error)

    def test_from_gerror(self):
        plain = GLib.Error('x', 'lsock-socket-error-quark', int(E.ADDRESS_IN_USE))
        error = Lsock.Error.from_gerror(plain)
        self.assertIs(type(error), Lsock.AddressInUseError)
        self.assertIs(Lsock.Error.from_gerror(error), error)

    def test_raised_by_a_virtual_function(self):
        class Refusing(Lsock.IODevice):
            def do_open(self, mode):
                raise Lsock.SocketAccessError('not for you')

        error = self.caught(Refusing().open)
        self.assertIs(type(error), Lsock.SocketAccessError)
        self.assertEqual(str(error), 'not for you')

    def test_names_that_are_no_utf8(self):
        error = self.caught(Lsock.Server().listen, b'/none/\xfe')
        self.assertIsInstance(error, FileNotFoundError)
        self.assertIn('/none/\ufffd', str(error))
        client = Lsock.Socket()
        client.connect_to_server(b'/none/\xfe')
        self.assertIn('/none/\ufffd', client.get_error_string())
        self.assertIn('/none/\ufffd', client.props.error_string)


if __name__ == '__main__':
    main()

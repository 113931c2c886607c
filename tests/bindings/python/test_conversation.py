# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import socket
import threading

from support import Case, main
from gi.repository import GLib, Lsock


class Conversation(Case):
    def test_with_a_loop(self):
        server, client, story = Lsock.Server(), Lsock.Socket(), []
        for signal in ('connected', 'disconnected', 'ready-read', 'about-to-close',
                       'read-channel-finished'):
            client.connect(signal, lambda c, signal=signal: story.append(signal))
        client.connect('bytes-written', lambda c, n: story.append(n))
        client.connect('state-changed', lambda c, state: story.append(state))
        client.connect('error', lambda c, error: story.append(error))

        def serve(server):
            peer = server.next_pending_connection()
            peer.connect('ready-read', lambda peer: (peer.write(peer.read_all().upper()),
                                                     peer.disconnect_from_server()))
        server.connect('new-connection', serve)

        server.listen(self.name())
        client.connect_to_server(self.name())
        client.write(b'hello')
        self.until(lambda: client.get_state() == Lsock.SocketState.UNCONNECTED)

        self.assertEqual(story, [
            Lsock.SocketState.CONNECTING, Lsock.SocketState.CONNECTED, 'connected', 5,
            'ready-read', Lsock.SocketError.PEER_CLOSED, Lsock.SocketState.CLOSING,
            Lsock.SocketState.UNCONNECTED, 'read-channel-finished', 'disconnected'])
        self.assertEqual(client.read(), b'HELLO')

    def test_without_a_loop(self):
        listening = threading.Event()

        def serve():
            context = GLib.MainContext()
            context.push_thread_default()
            server = Lsock.Server()
            server.listen(self.name())
            listening.set()
            server.wait_for_new_connection(10000)
            peer = server.next_pending_connection()
            peer.wait_for_ready_read()
            peer.write(peer.read() + b'!')
            peer.wait_for_bytes_written()
            server.run_dispose()
            context.pop_thread_default()

        thread = threading.Thread(target=serve)
        thread.start()
        self.assertTrue(listening.wait(10))
        client = Lsock.Socket()
        client.connect_to_server(self.name())
        self.assertTrue(client.wait_for_connected())
        client.write(b'question')
        self.assertTrue(client.wait_for_ready_read())
        self.assertEqual(client.read_all(), b'question!')
        self.assertTrue(client.wait_for_disconnected())
        thread.join(10)

    def test_errors_are_exceptions(self):
        server = Lsock.Server()
        with self.assertRaises(GLib.Error) as caught:
            server.listen('')
        self.assertTrue(caught.exception.matches(Lsock.socket_error_quark(),
                                                 Lsock.SocketError.SERVER_NOT_FOUND))
        self.assertEqual(server.get_error_string(), caught.exception.message)
        with self.assertRaises(GLib.Error):
            Lsock.Socket().read(1)

    def test_names_with_nul(self):
        for call in (Lsock.Server().listen, Lsock.Socket().connect_to_server,
                     Lsock.Socket().set_server_name, Lsock.Server.remove_server):
            self.assertRaises(ValueError, call, 'a\0b')

    def test_properties_flags_and_enums(self):
        server, client = Lsock.Server(max_pending_connections=3), Lsock.Socket(name='client')
        self.assertEqual(client.props.name, 'client')
        self.assertEqual(server.props.max_pending_connections, 3)
        server.props.socket_options = (Lsock.SocketOptions.USER_ACCESS |
                                       Lsock.SocketOptions.GROUP_ACCESS)
        self.assertEqual(int(server.props.socket_options), 3)
        server.listen(self.name())
        client.connect_to_server(self.name(), Lsock.OpenMode.READ_ONLY | Lsock.OpenMode.TEXT)
        self.assertTrue(client.is_open())
        self.assertFalse(client.is_writable())
        self.assertEqual(int(client.props.open_mode), 0x11)
        self.assertIs(client.props.state, Lsock.SocketState.CONNECTED)

    def test_reading(self):
        here, there = socket.socketpair()
        device = Lsock.Socket()
        device.set_socket_descriptor(here.detach())
        there.sendall(b'line\n\0rest\xff')
        self.until(lambda: device.bytes_available() == 11)
        device.start_transaction()
        self.assertEqual(device.read(3), b'lin')
        device.rollback_transaction()
        self.assertEqual(device.peek(2), b'li')
        self.assertEqual(device.read_line(), b'line\n')
        self.assertEqual(device.get_char(), b'\0')
        device.unget_char(b'R')
        self.assertEqual(device.skip(2), 2)
        self.assertEqual(device.read(100), b'est\xff')
        self.assertEqual(device.read(100), b'')
        self.assertIsNone(device.get_char())
        device.put_char(b'x')
        self.assertEqual(device.write(memoryview(b'yz')), 2)
        self.assertEqual(device.write(GLib.Bytes.new(b'!')), 1)
        self.assertRaises(TypeError, device.write, 'text')
        self.assertEqual(there.recv(10), b'xyz!')
        there.close()


if __name__ == '__main__':
    main()

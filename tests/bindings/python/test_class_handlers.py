# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os

from support import Case, main
from gi.repository import Lsock


class Listener(Lsock.Socket):
    """Each class handler notes the signal and chains up."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def do_connected(self):
        self.heard.append('connected')
        Lsock.Socket.do_connected(self)

    def do_disconnected(self):
        self.heard.append('disconnected')
        Lsock.Socket.do_disconnected(self)

    def do_state_changed(self, state):
        self.heard.append(state)
        Lsock.Socket.do_state_changed(self, state)

    def do_error(self, error):
        self.heard.append(error)
        Lsock.Socket.do_error(self, error)

    def do_ready_read(self):
        self.heard.append('ready-read')
        Lsock.Socket.do_ready_read(self)

    def do_bytes_written(self, count):
        self.heard.append(count)
        Lsock.Socket.do_bytes_written(self, count)

    def do_about_to_close(self):
        self.heard.append('about-to-close')
        Lsock.Socket.do_about_to_close(self)

    def do_read_channel_finished(self):
        self.heard.append('finished')
        Lsock.Socket.do_read_channel_finished(self)

    def do_destroyed(self):
        self.heard.append('destroyed')
        Lsock.Socket.do_destroyed(self)


class Waiter(Lsock.Server):
    def __init__(self):
        super().__init__()
        self.heard = []

    def do_new_connection(self):
        self.heard.append('new-connection')
        Lsock.Server.do_new_connection(self)


class ClassHandlers(Case):
    def test_chain_up(self):
        server, client = Waiter(), Listener()
        server.listen(self.name())
        client.connect_to_server(self.name())
        self.until(lambda: server.heard)
        peer = server.next_pending_connection()
        peer.write(b'hello')
        client.write(b'abc')
        self.until(lambda: 'ready-read' in client.heard and 3 in client.heard)
        peer.disconnect_from_server()
        self.until(lambda: 'disconnected' in client.heard)
        client.close()
        self.assertEqual(client.heard[:3], [Lsock.SocketState.CONNECTING,
                                            Lsock.SocketState.CONNECTED, 'connected'])
        self.assertEqual(client.heard[-6:], [Lsock.SocketError.PEER_CLOSED,
                                             Lsock.SocketState.CLOSING,
                                             Lsock.SocketState.UNCONNECTED, 'finished',
                                             'disconnected', 'about-to-close'])
        client.run_dispose()
        self.assertEqual(client.heard[-1], 'destroyed')


if __name__ == '__main__':
    main()

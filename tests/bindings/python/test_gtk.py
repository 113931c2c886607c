# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Windows that own sockets, and signals of widgets that reach other threads."""

import gc
import os
import threading

import gi

gi.require_version('Gtk', '4.0')

from support import Case, main, wake
from gi.repository import GLib, Gtk, Lsock

Gtk.init()


class Windows(Case):
    def listening(self, window):
        server, story = Lsock.Server(parent=window), []
        server.connect('destroyed', lambda server: story.append('destroyed'))
        server.listen(self.name())
        client = Lsock.Socket()
        client.connect_to_server(self.name())
        self.until(server.has_pending_connections)
        return server, client, story

    def test_close_request_ends_sockets(self):
        window = Gtk.Window()
        server, client, story = self.listening(window)
        window.connect('close-request', lambda window: server.delete_later())
        window.present()
        window.close()
        self.until(lambda: client.get_state() == Lsock.SocketState.UNCONNECTED)
        self.assertEqual(story, ['destroyed'])
        self.assertFalse(os.path.exists(self.name()))

    def test_disposed_window_ends_sockets(self):
        window = Gtk.Window()
        server, client, story = self.listening(window)
        self.assertIs(server.get_parent(), window)
        del server
        gc.collect()
        self.assertEqual(story, [])
        window.run_dispose()
        self.assertEqual(story, ['destroyed'])
        self.until(lambda: client.get_state() == Lsock.SocketState.UNCONNECTED)

    def test_widget_signal_to_a_worker(self):
        button, got, ready, done = Gtk.Button(), [], threading.Event(), threading.Event()
        context, receivers = GLib.MainContext(), []

        def note(button):
            got.append(threading.get_ident())
            wake()

        def work():
            context.push_thread_default()
            receivers.append(Lsock.Object())
            ready.set()
            while not done.is_set():
                context.iteration(True)
            receivers.clear()
            context.pop_thread_default()
        thread = threading.Thread(target=work)
        thread.start()
        self.assertTrue(ready.wait(10))
        Lsock.connect(button, 'clicked', Lsock.ConnectionType.AUTO, receivers[0], note)
        button.emit('clicked')
        self.until(lambda: got)
        self.assertEqual(got, [thread.ident])
        done.set()
        wake(context)
        thread.join()

    def test_children_are_a_live_model(self):
        window = Gtk.Window()
        server, client, story = self.listening(window)
        items = Gtk.NoSelection(model=server.props.children)
        self.assertEqual(items.get_n_items(), 1)
        server.next_pending_connection().run_dispose()
        self.assertEqual(items.get_n_items(), 0)
        window.destroy()


if __name__ == '__main__':
    main()

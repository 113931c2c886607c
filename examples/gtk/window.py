#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window that shows the lines that clients send: window.py NAME

The server and its clients belong to the window, and end with it.
"""

import sys

import gi

gi.require_version('Gtk', '4.0')
gi.require_version('Lsock', '1')
from gi.repository import Gio, Gtk, Lsock

if not hasattr(Lsock, 'Error'):
    sys.exit('Python does not find gi/overrides/Lsock.py of lsock: add its folder to PYTHONPATH')


class Window(Gtk.ApplicationWindow):
    def __init__(self, application, name):
        super().__init__(application=application, title=name, default_width=480,
                         default_height=320)
        self.view = Gtk.TextView(editable=False, monospace=True)
        self.set_child(Gtk.ScrolledWindow(child=self.view))

        self.server = Lsock.Server(parent=self)
        self.server.connect('new-connection', self.on_new_connection)
        # Destroying the window does not dispose it while somebody holds it.
        self.connect('close-request', lambda window: self.server.delete_later())
        self.server.listen(name)

    def on_new_connection(self, server):
        client = server.next_pending_connection()
        client.set_read_buffer_size(64 * 1024)
        client.connect('ready-read', self.on_ready_read)
        client.connect('disconnected', lambda client: client.delete_later())

    def on_ready_read(self, client):
        buffer = self.view.get_buffer()
        while client.can_read_line():
            buffer.insert(buffer.get_end_iter(), client.read_line().decode(errors='replace'))


def on_activate(application):
    Window(application, sys.argv[1] if len(sys.argv) > 1 else 'lines').present()


application = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
application.connect('activate', on_activate)
sys.exit(application.run())

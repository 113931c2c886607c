#!/usr/bin/env -S gjs -m
// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A window that shows the lines that clients send: window.js NAME
//
// The server and its clients belong to the window, and end with it.

import Gio from 'gi://Gio';
import Gtk from 'gi://Gtk?version=4.0';
import Lsock from 'gi://Lsock?version=1';

const name = ARGV[0] ?? 'lines';

function makeWindow(application) {
  const view = new Gtk.TextView({editable: false, monospace: true});
  const window = new Gtk.ApplicationWindow({
    application,
    title: name,
    defaultWidth: 480,
    defaultHeight: 320,
    child: new Gtk.ScrolledWindow({child: view}),
  });

  const server = new Lsock.Server({parent: window});
  server.connect('new-connection', () => {
    const client = server.next_pending_connection();
    client.read_buffer_size = 64 * 1024;
    client.connect('ready-read', () => {
      for (const line of client)
        view.buffer.insert(view.buffer.get_end_iter(), new TextDecoder().decode(line), -1);
    });
    client.connect('disconnected', () => client.delete_later());
  });
  // Destroying the window does not dispose it while somebody holds it.
  window.connect('close-request', () => {
    server.delete_later();
    return false;
  });
  server.listen(name);
  return window;
}

const application = new Gtk.Application({flags: Gio.ApplicationFlags.NON_UNIQUE});
application.connect('activate', () => makeWindow(application).present());
application.run([]);

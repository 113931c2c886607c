// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A script that uses what is installed.

imports.gi.versions.Lsock = '1';

const {GLib, Lsock} = imports.gi;

const directory = GLib.Dir.make_tmp('lsXXXXXX');
const name = GLib.build_filenamev([directory, 's']);
const server = new Lsock.Server();
const client = new Lsock.Socket();

server.listen(name);
client.connect_to_server(name, Lsock.OpenMode.READ_WRITE);
const connected = client.wait_for_connected(10000);

server.close();
GLib.rmdir(directory);
if (!connected)
    throw new Error('not connected');

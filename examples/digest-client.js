#!/usr/bin/env -S gjs -m
// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Streams files to the digest server, one after the other, and prints what it answers.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

const PIECE = 64 * 1024;
const MAX_QUEUED = 4 * PIECE; // more is never queued: the rest waits in the file

const [name, ...files] = ARGV;
const loop = new GLib.MainLoop(null, false);
const socket = new Lsock.Socket();
let stream = null;
let status = 0;

function say(signal, detail = '') {
  print(['signal', 'client', signal, detail].join('\t'));
}

function finish(newStatus, message = null) {
  if (message !== null)
    printerr(message);
  status = newStatus;
  loop.quit();
}

function sendMore() {
  while (stream !== null && socket.bytes_to_write() < MAX_QUEUED) {
    const piece = stream.read_bytes(PIECE, null).toArray();
    if (piece.length > 0) {
      socket.write(piece);
    } else {
      stream.close(null);
      stream = null;
    }
  }
}

function beginFile() {
  const file = Gio.File.new_for_path(files[0]);
  try {
    stream = file.read(null);
    const info = stream.query_info('standard::size', null);
    socket.write(`${info.get_size()}\n`);
    sendMore();
  } catch (error) {
    finish(1, `Cannot read “${files[0]}”: ${error.message}`);
  }
}

socket.connect('connected', () => {
  say('connected', socket.full_server_name);
  beginFile();
});
socket.connect('bytes-written', (_socket, count) => {
  say('bytes-written', `${count}`);
  sendMore();
});
socket.connect('ready-read', () => {
  say('ready-read');
  for (const line of socket) {
    print(['result', files.shift(), new TextDecoder().decode(line).trimEnd()].join('\t'));
    if (files.length > 0)
      beginFile();
    else
      socket.close();
  }
});
socket.connect('error', () => {
  say('error', socket.error_string);
  finish(1, socket.error_string);
});
socket.connect('disconnected', () => {
  say('disconnected');
  finish(files.length > 0 ? 1 : 0);
});

if (files.length === 0) {
  printerr(`usage: ${System.programInvocationName} NAME FILE…`);
  System.exit(1);
}
socket.connect_to_server(name);
if (socket.state !== Lsock.SocketState.UNCONNECTED)
  loop.run();
System.exit(status);

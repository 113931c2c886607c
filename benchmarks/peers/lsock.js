// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// lsock from JavaScript; the command line is that of bench.c, and the limit of descriptors is
// raised by whoever starts this.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

const BUFFER = 64 * 1024;
const MAX_QUEUED = 4 * BUFFER;
const BACKLOG = 4096;

const [role, work, name, ...settings] = ARGV;
const options = {
  size: 64, count: 1000, warm: 0, limit: 0, idle: 0, clients: 1,
  total: 0, chunk: BUFFER, exchange: 0, delay: 0,
};
for (const [key, value] of settings.map(word => word.split('=')))
  options[key] = Number(value);
const loop = new GLib.MainLoop(null, false);
const kept = [];

function sayReady() {
  print(`ready ${new Gio.Credentials().get_unix_pid()}`);
}

// Microseconds are the finest that GLib's clock has.
class Trips {
  done = 0;
  samples = [];
  start = GLib.get_monotonic_time();
  last = this.start;

  isOver() {
    const now = GLib.get_monotonic_time();
    if (options.delay)
      GLib.usleep(options.delay);
    const measured = ++this.done - options.warm;
    if (measured <= 0) {
      this.start = this.last = now;
      return false;
    }
    this.samples.push(now - this.last);
    this.last = now;
    return measured >= options.count ||
      (options.limit > 0 && now - this.start > options.limit * 1000);
  }

  report() {
    const sorted = this.samples.sort((a, b) => a - b);
    const n = sorted.length;
    print(JSON.stringify({
      trips: n,
      ns: (this.last - this.start) * 1000 / n,
      median_ns: sorted[Math.floor(n / 2)] * 1000,
      p99_ns: sorted[n - 1 - Math.floor(n / 100)] * 1000,
    }));
    loop.quit();
  }
}

let received = 0;

function onRequest(socket) {
  socket.write(socket.read_all());
}

function onPiece(socket) {
  received += socket.read_all().length;
  if (received >= options.total) {
    received = 0;
    socket.write([0]);
  }
}

function serveSocket(socket) {
  socket.connect('ready-read', work === 'sink' ? onPiece : onRequest);
  socket.connect('disconnected', self => self.delete_later());
}

// A language without socketpair(): the idle ends meet at a listener of their own.
function addIdle() {
  if (options.idle === 0)
    return;
  const path = `${name}.idle-${role}`;
  const server = new Lsock.Server();
  server.set_listen_backlog_size(BACKLOG);
  server.listen(path);
  for (let i = 0; i < options.idle; i++) {
    const other = new Lsock.Socket();
    other.connect_to_server(path, Lsock.OpenMode.READ_WRITE);
    server.wait_for_new_connection(-1);
    const socket = server.next_pending_connection();
    serveSocket(socket);
    kept.push(socket, other);
  }
  server.close();
}

function serve() {
  const server = new Lsock.Server();
  server.set_listen_backlog_size(BACKLOG);
  server.connect('new-connection', () => {
    while (server.has_pending_connections())
      serveSocket(server.next_pending_connection());
  });
  server.listen(name);
  addIdle();
  sayReady();
  loop.run();
}

function openConnection(onReadyRead) {
  const socket = new Lsock.Socket();
  socket.connect('ready-read', onReadyRead);
  socket.connect_to_server(name, Lsock.OpenMode.READ_WRITE);
  if (!socket.wait_for_connected(-1))
    throw new Error(socket.error_string);
  return socket;
}

function runTrips() {
  const message = new Uint8Array(options.size);
  const got = new Map();
  const clients = [];

  addIdle();
  for (let i = 0; i < options.clients; i++) {
    clients.push(openConnection(socket => {
      const length = (got.get(socket) ?? 0) + socket.read_all().length;
      if (length < options.size) {
        got.set(socket, length);
        return;
      }
      got.delete(socket);
      if (trips.isOver())
        trips.report();
      else
        socket.write(message);
    }));
  }
  const trips = new Trips();
  clients.forEach(socket => socket.write(message));
  loop.run();
}

function runConnect() {
  let current = null;
  const byte = new Uint8Array(1);
  const trips = new Trips();
  const greet = () => {
    current = openConnection(socket => {
      socket.read_all();
      socket.close();
      if (trips.isOver())
        trips.report();
      else
        greet();
    });
    current.write(byte);
  };
  greet();
  loop.run();
}

function runStream() {
  const piece = new Uint8Array(options.chunk);
  let left = options.total;
  const sendPieces = socket => {
    while (left > 0 && socket.bytes_to_write() < MAX_QUEUED) {
      socket.write(left >= options.chunk ? piece : piece.subarray(0, left));
      left -= options.chunk;
    }
  };

  const socket = openConnection(() => loop.quit());
  socket.connect('bytes-written', sendPieces);
  const start = GLib.get_monotonic_time();
  sendPieces(socket);
  loop.run();
  print(JSON.stringify({seconds: (GLib.get_monotonic_time() - start) / 1e6}));
}

function runHold() {
  for (let i = 0; i < options.clients; i++) {
    kept.push(openConnection(socket => {
      socket.read_all();
      loop.quit();
    }));
    if (options.exchange) {
      kept.at(-1).write([0]);
      loop.run();
    }
  }
  sayReady();
  loop.run();
}

if (role === 'server')
  serve();
else
  ({connect: runConnect, stream: runStream, hold: runHold}[work] ?? runTrips)();
System.exit(0);

// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Sockets of Node.js; the command line is that of bench.c, and the limit of descriptors is raised
// by the runner.

'use strict';

const {once} = require('node:events');
const net = require('node:net');

const BUFFER = 64 * 1024;
const MAX_QUEUED = 4 * BUFFER;
const BACKLOG = 4096;

const [role, work, name, ...settings] = process.argv.slice(2);
const options = {
  size: 64, count: 1000, warm: 0, limit: 0, idle: 0, clients: 1,
  total: 0, chunk: BUFFER, exchange: 0, delay: 0,
};
for (const [key, value] of settings.map(word => word.split('=')))
  options[key] = Number(value);
const kept = [];
const byte = Buffer.from('.');

function sayReady() {
  console.log(`ready ${process.pid}`);
}

// Sleeps without the loop, as the other peers do.
const sleeping = new Int32Array(new SharedArrayBuffer(4));

function sleep(microseconds) {
  Atomics.wait(sleeping, 0, 0, microseconds / 1000);
}

// Nanoseconds as a number: a run is too short for them to be rounded.
const clock = process.hrtime.bigint();

function now() {
  return Number(process.hrtime.bigint() - clock);
}

class Trips {
  done = 0;
  samples = [];
  start = now();
  last = this.start;

  isOver() {
    const time = now();
    if (options.delay)
      sleep(options.delay);
    const measured = ++this.done - options.warm;
    if (measured <= 0) {
      this.start = this.last = time;
      return false;
    }
    this.samples.push(time - this.last);
    this.last = time;
    return measured >= options.count ||
      (options.limit > 0 && time - this.start > options.limit * 1000000);
  }

  report() {
    const sorted = this.samples.sort((a, b) => a - b);
    const n = sorted.length;
    finish({
      trips: n,
      ns: (this.last - this.start) / n,
      median_ns: sorted[Math.floor(n / 2)],
      p99_ns: sorted[n - 1 - Math.floor(n / 100)],
    });
  }
}

// What is still connected ends with the process.
function finish(figures) {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
}

// Of all streams together, as with the other peers.
let received = 0;

function serveSocket(socket) {
  // A client that ends while an answer is under way is no failure of the server.
  socket.on('error', () => {});
  if (work === 'sink') {
    socket.on('data', data => {
      received += data.length;
      if (received >= options.total) {
        received = 0;
        socket.write(byte);
      }
    });
  } else {
    socket.on('data', data => socket.write(data));
  }
}

async function listen(path, onConnection) {
  const server = net.createServer(onConnection);
  server.listen({path, backlog: BACKLOG});
  await once(server, 'listening');
  return server;
}

// There is no socketpair() in Node.js: the idle ends meet at a listener of their own.
async function addIdle() {
  if (options.idle === 0)
    return;
  const path = `${name}.idle-${role}`;
  const server = await listen(path, serveSocket);
  for (let i = 0; i < options.idle; i++) {
    const accepted = once(server, 'connection');
    kept.push(net.connect(path));
    kept.push(...await accepted);
  }
  server.close();
}

async function serve() {
  await listen(name, serveSocket);
  await addIdle();
  sayReady();
}

async function openConnection(onData) {
  const socket = net.connect({path: name, highWaterMark: MAX_QUEUED});
  socket.on('data', data => onData(data, socket));
  await once(socket, 'connect');
  return socket;
}

async function runTrips() {
  const message = Buffer.alloc(options.size);
  const clients = [];
  let isOver = false;

  await addIdle();
  for (let i = 0; i < options.clients; i++) {
    let got = 0;
    clients.push(await openConnection((data, socket) => {
      got += data.length;
      if (got < options.size)
        return;
      got = 0;
      if (isOver)
        return;
      isOver = trips.isOver();
      if (isOver)
        trips.report();
      else
        socket.write(message);
    }));
  }
  const trips = new Trips();
  clients.forEach(socket => socket.write(message));
}

// A connection is opened in the handler that ends the one before it, as with the other peers.
function runConnect() {
  const trips = new Trips();
  const greet = () => {
    const socket = net.connect(name, () => socket.write(byte));
    socket.on('data', () => {
      socket.destroy();
      if (trips.isOver())
        trips.report();
      else
        greet();
    });
  };
  greet();
}

async function runStream() {
  const piece = Buffer.alloc(options.chunk);
  let left = options.total;
  let start = 0;
  const socket = await openConnection(() => finish({seconds: (now() - start) / 1e9}));
  const sendPieces = () => {
    let goesOn = true;
    while (left > 0 && goesOn) {
      goesOn = socket.write(left >= options.chunk ? piece : piece.subarray(0, left));
      left -= options.chunk;
    }
  };

  socket.on('drain', sendPieces);
  start = now();
  sendPieces();
}

async function runHold() {
  for (let i = 0; i < options.clients; i++) {
    const socket = await openConnection(() => {});
    kept.push(socket);
    if (options.exchange) {
      socket.write(byte);
      await once(socket, 'data');
    }
  }
  sayReady();
}

if (role === 'server')
  serve();
else
  ({connect: runConnect, stream: runStream, hold: runHold}[work] ?? runTrips)();

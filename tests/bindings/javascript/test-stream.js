// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A stream of 256 MiB, or of as many MiB as the first argument says, leaves the memory as it was.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

import {connectedPair, equal, finish, run, until} from './support.js';

const MEBIBYTE = 1024 * 1024;
const PIECE = 64 * 1024;
const TOTAL = Number(ARGV[0] ?? 256) * MEBIBYTE;

// What the collector leaves for a while is counted in; a copy of the stream is far beyond.
const LIMIT = 128;

// In MiB.
function residentSize() {
  const [, contents] = GLib.file_get_contents('/proc/self/statm');
  return Number(new TextDecoder().decode(contents).split(' ')[1]) * 4096 / MEBIBYTE;
}

function staysFlat(stream) {
  System.gc();
  const before = residentSize();
  stream();
  const growth = residentSize() - before;
  print(`# the memory grew by ${growth.toFixed()} MiB`);
  equal(growth < LIMIT, true);
}

// GJS 1.74 sweeps in slices, and blocks whatever C calls between two of them, with a critical warning,
// GLib's own time-outs included.  So the warnings are not fatal here, handlers are called once more in
// each turn of the loop, and a promise, whose callback comes once, is helped by whole collections.
const COLLECT_AFTER = 16 * MEBIBYTE;

// Sends TOTAL bytes through a pair of sockets; @attach gives the reader a function to count with, and
// returns what reads.
function transfer(attach) {
  const [client, peer] = connectedPair();
  const piece = new Uint8Array(PIECE).fill(1);
  let left = TOTAL;
  let received = 0;
  const send = () => {
    for (; left > 0 && client.bytes_to_write() < 4 * PIECE; left -= PIECE)
      client.write(piece);
  };
  client.connect('bytes-written', send);
  const receive = attach(peer, count => (received += count));
  send();
  until(() => {
    send();
    receive?.();
    return received === TOTAL;
  }, 120);
  client.abort();
}

const Sink = GObject.registerClass(class Sink extends Lsock.IODevice {
  count = 0;

  vfunc_is_sequential() {
    return true;
  }

  vfunc_write_data(data) {
    const {length} = data.toArray();
    this.count += length;
    return length;
  }
});

run({
  'read_all'() {
    staysFlat(() => transfer((peer, count) => {
      const receive = () => count(peer.read_all().length);
      peer.connect('ready-read', receive);
      return receive;
    }));
  },

  'read'() {
    staysFlat(() => transfer((peer, count) => {
      const receive = () => {
        while (peer.bytes_available() > 0)
          count(peer.read(PIECE).length);
      };
      peer.connect('ready-read', receive);
      return receive;
    }));
  },

  'read_async'() {
    staysFlat(() => transfer((peer, count) => {
      // A turn of the loop brings one answer, and may bring more data than that.
      peer.read_buffer_size = MEBIBYTE;
      (async () => {
        let since = 0;
        for (let data; (data = await peer.read_async(PIECE)).length > 0;) {
          count(data.length);
          since += data.length;
          if (since >= COLLECT_AFTER) {
            System.gc();
            since = 0;
          }
        }
      })();
    }));
  },

  'write_async'() {
    staysFlat(() => {
      const [client, peer] = connectedPair();
      let received = 0;
      peer.connect('ready-read', () => (received += peer.read().length));
      finish((async () => {
        const piece = new Uint8Array(MEBIBYTE);
        for (let left = TOTAL; left > 0; left -= MEBIBYTE) {
          await client.write_async(piece);
          if (left % COLLECT_AFTER === 0)
            System.gc();
        }
      })());
      until(() => received === TOTAL);
      client.abort();
    });
  },

  'lines and messages'() {
    staysFlat(() => {
      const buffer = new Lsock.Buffer();
      buffer.open();
      const channel = new Lsock.MessageChannel({device: buffer, framing: Lsock.MessageFraming.LINES});
      const line = new Uint8Array(MEBIBYTE).fill(97);
      for (let left = TOTAL; left > 0; left -= 2 * MEBIBYTE) {
        buffer.set_data('');
        channel.send(line);
        buffer.seek(0);
        buffer.read_line();
        buffer.seek(0);
        buffer.get_data();
      }
    });
  },

  'a device of one\'s own'() {
    staysFlat(() => {
      const sink = new Sink();
      sink.open();
      const piece = new Uint8Array(MEBIBYTE);
      for (let left = TOTAL; left > 0; left -= MEBIBYTE)
        sink.write(piece);
      equal(sink.count, TOTAL);
      // The arguments of a virtual function are left to the collector.
      System.gc();
    });
  },
});

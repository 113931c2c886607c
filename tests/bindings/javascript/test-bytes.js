// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Bytes in and out.

import GLib from 'gi://GLib';
import Lsock from 'gi://Lsock?version=1';

import {bytes, connectedPair, equal, finish, run, text, until} from './support.js';

function openBuffer(content = '') {
  const buffer = new Lsock.Buffer();
  buffer.set_data(content);
  buffer.open();
  return buffer;
}

run({
  'what is read is a Uint8Array'() {
    const buffer = openBuffer('one\ntwo\nthree');
    for (const data of [buffer.peek(1), buffer.read(1), buffer.read_line(), buffer.read_line(1),
      buffer.read(), buffer.read_all(), buffer.get_data(), buffer.read(0)])
      equal(data instanceof Uint8Array, true);
  },

  'what is read is the program\'s own'() {
    const buffer = openBuffer('abc');
    const data = buffer.read_all();
    data[0] = 0;
    buffer.seek(0);
    equal(text(buffer.read_all()), 'abc');
    equal(text(buffer.get_data()), 'abc');
  },

  'read without a count is all'() {
    const buffer = openBuffer('abcdef');
    equal(text(buffer.read(2)), 'ab');
    equal(text(buffer.read()), 'cdef');
    buffer.seek(0);
    equal(text(buffer.read(-1)), 'abcdef');
    equal(buffer.read().length, 0);
  },

  'nothing there now, and the end'() {
    const [client, peer] = connectedPair();
    equal([client.read(5).length, client.read().length, client.read_line().length,
      client.peek(1).length], [0, 0, 0, 0]);
    peer.abort();
    client.wait_for_disconnected();
    equal(client.read_all().length, 0);
  },

  'what can be written'() {
    const buffer = new Lsock.Buffer();
    buffer.open();
    const array = Uint8Array.of(1, 2, 3, 4);
    equal(buffer.write(array), 4);
    equal(buffer.write(array.subarray(1, 3)), 2);
    equal(buffer.write(array.buffer), 4);
    equal(buffer.write(new DataView(array.buffer, 2)), 2);
    equal(buffer.write(Uint16Array.of(0x101)), 2);
    equal(buffer.write('é'), 2);
    equal(buffer.write([7, 8]), 2);
    equal(buffer.write(new GLib.Bytes([9])), 1);
    equal(buffer.write_bytes(new GLib.Bytes([10])), 1);
    equal(buffer.write(''), 0);
    equal([...buffer.get_data()],
      [1, 2, 3, 4, 2, 3, 1, 2, 3, 4, 3, 4, 1, 1, 0xc3, 0xa9, 7, 8, 9, 10]);
  },

  'what is written is copied'() {
    const [client, peer] = connectedPair();
    const array = new Uint8Array(1024 * 1024).fill(1);
    client.write(array);
    array.fill(2);
    let sum = 0;
    let count = 0;
    peer.connect('ready-read', () => {
      const data = peer.read();
      count += data.length;
      sum += data.reduce((total, byte) => total + byte, 0);
    });
    until(() => count === array.length);
    equal(sum, array.length);
    client.abort();
  },

  'zeros, and bytes that are not UTF-8'() {
    const [client, peer] = connectedPair();
    peer.write([0xff, 0, 0xfe, 10, 0xc3]);
    until(() => client.bytes_available() === 5);
    equal([...client.read_line()], [0xff, 0, 0xfe, 10]);
    equal([...client.read_all()], [0xc3]);
    client.abort();
  },

  'lines of a loop that does not wait'() {
    const [client, peer] = connectedPair();
    peer.write('one\ntwo\nha');
    until(() => client.bytes_available() === 10);
    equal([...client].map(text), ['one\n', 'two\n']);
    peer.write('lf\n');
    until(() => client.can_read_line());
    for (const line of client) {
      equal(text(line), 'half\n');
      break;
    }
    equal([...client.iterate_lines()], []);
    client.abort();
  },

  'one byte'() {
    const buffer = openBuffer('a');
    equal(buffer.get_char(), [true, 97]);
    equal(buffer.get_char()[0], false);
    buffer.unget_char(98);
    equal(text(buffer.read()), 'b');
  },

  'messages'() {
    const framing = Lsock.MessageFraming.LENGTH32_BE;
    const [client, peer] = connectedPair();
    const here = new Lsock.MessageChannel({device: client, framing});
    const there = new Lsock.MessageChannel({device: peer, framing});
    for (const message of ['text', bytes('bytes'), '', null, [1], new GLib.Bytes([2])])
      there.send(message);
    equal(text(here.receive()), 'text');
    equal(text(here.receive(1000)), 'bytes');
    equal(here.receive().length, 0);
    equal(here.receive(), null);
    equal([...finish(here.receive_async())], [1]);
    equal([...here.receive()], [2]);
    there.send(null);
    equal(finish(here.receive_async()), null);
    there.send_text('a\0é');
    equal([...here.receive()], [97, 0, 0xc3, 0xa9]);
    client.abort();
  },

  'messages by the signal'() {
    const framing = Lsock.MessageFraming.LENGTH32_BE;
    const [client, peer] = connectedPair();
    const here = new Lsock.MessageChannel({device: client, framing});
    const heard = [];
    here.connect('message', (_channel, message) =>
      heard.push(Lsock.MessageChannel.is_null(message) ? null : [...message.toArray()]));
    const there = new Lsock.MessageChannel({device: peer, framing});
    [[1, 2], [], null].forEach(message => there.send(message));
    until(() => heard.length === 3);
    equal(heard, [[1, 2], [], null]);
    equal([null, new Uint8Array(0)].map(Lsock.MessageChannel.is_null), [true, false]);
    client.abort();
  },
});

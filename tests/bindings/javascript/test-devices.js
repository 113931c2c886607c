// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Classes in JavaScript that are derived from the library's, and methods beside properties.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';

import {
  bytes, connectedPair, equal, finish, freshName, Memory, raises, remove, run, text, until,
} from './support.js';

// Notes what each virtual function was asked for.
const Noting = GObject.registerClass(class Noting extends Memory {
  asked = [];
  signals = [];

  vfunc_bytes_available() {
    return this.data.length + super.vfunc_bytes_available();
  }

  vfunc_read_data(maxLength) {
    this.asked.push(maxLength);
    return super.vfunc_read_data(maxLength);
  }

  vfunc_about_to_close() {
    this.signals.push('about-to-close');
    super.vfunc_about_to_close();
  }

  vfunc_read_channel_finished() {
    this.signals.push('read-channel-finished');
    super.vfunc_read_channel_finished();
  }
});

const Lines = GObject.registerClass(class Lines extends Noting {
  vfunc_read_line_data(maxLength) {
    this.asked.push(maxLength);
    if (this.data === '')
      return null;
    const end = this.data.indexOf('\n');
    const line = this.data.slice(0, Math.min(end < 0 ? this.data.length : end + 1, maxLength));
    this.data = this.data.slice(line.length);
    return new GLib.Bytes(bytes(line));
  }
});

const Failing = GObject.registerClass(class Failing extends Noting {
  vfunc_open(mode) {
    if (mode === Lsock.OpenMode.WRITE_ONLY)
      throw new GLib.Error(Lsock.SocketError, Lsock.SocketError.SOCKET_ACCESS, 'not today');
    return super.vfunc_open(mode);
  }

  vfunc_read_data() {
    throw new GLib.Error(Lsock.SocketError, Lsock.SocketError.CONNECTION, 'broken');
  }
});

const Counting = GObject.registerClass(class Counting extends Lsock.Socket {
  heard = [];

  vfunc_connected() {
    this.heard.push('connected');
    super.vfunc_connected();
  }

  vfunc_state_changed(state) {
    this.heard.push(state);
    super.vfunc_state_changed(state);
  }

  vfunc_disconnected() {
    this.heard.push('disconnected');
    super.vfunc_disconnected();
  }
});

const Own = GObject.registerClass(class Own extends Lsock.Server {
  vfunc_incoming_connection(descriptor) {
    const socket = new Counting({name: 'own'});
    socket.set_socket_descriptor(descriptor);
    this.add_pending_connection(socket);
  }
});

const Announcing = GObject.registerClass(class Announcing extends Lsock.Server {
  announced = 0;

  vfunc_new_connection() {
    this.announced++;
    super.vfunc_new_connection();
  }
});

run({
  'a device reads and writes'() {
    const device = new Noting('one\ntwo', {name: 'memory'});
    device.open();
    equal([device.name, device.bytes_available()], ['memory', 7]);
    equal(text(device.read(2)), 'on');
    equal(text(device.peek(3)), 'e\nt');
    equal(text(device.read_line()), 'e\n');
    equal(text(device.read()), 'two');
    equal(device.write('out'), 3);
    equal(device.write(bytes('put')), 3);
    equal(device.written, 'output');
    device.close();
    equal(device.signals.includes('about-to-close'), true);
  },

  'a line has a limit that is a usable number'() {
    const device = new Lines('one\ntwo\n');
    device.open();
    equal(text(device.read_line()), 'one\n');
    equal(text(device.read_line(2)), 'tw');
    equal(text(device.read_line()), 'o\n');
    equal(device.asked.every(Number.isSafeInteger), true);
    equal(device.asked[0], Number.MAX_SAFE_INTEGER);
  },

  'every other function gets usable numbers'() {
    for (const call of [
      device => device.read(),
      device => device.read_all(),
      device => device.peek(10),
      device => device.skip(10),
      device => device.read(Number.MAX_SAFE_INTEGER),
      device => [...device.iterate_lines()],
      device => finish(device.read_async()),
    ]) {
      const device = new Noting('one\ntwo\n');
      device.open();
      call(device);
      equal(device.asked.every(Number.isSafeInteger), true);
    }
  },

  'errors of virtual functions'() {
    const device = new Failing('x');
    raises(e => e.matches(Lsock.SocketError, Lsock.SocketError.SOCKET_ACCESS) &&
      e.message === 'not today', () => device.open(Lsock.OpenMode.WRITE_ONLY));
    device.open();
    raises(e => e.matches(Lsock.SocketError, Lsock.SocketError.CONNECTION), () => device.read(1));
    raises(e => e.matches(Lsock.SocketError, Lsock.SocketError.CONNECTION), () => device.read_line());
    equal(device.error_string, 'broken');
  },

  'a message channel on a device'() {
    const device = new Noting('one\ntwo\n');
    device.open();
    const channel = new Lsock.MessageChannel({device, framing: Lsock.MessageFraming.LINES});
    equal(text(channel.receive()), 'one');
    equal(text(channel.receive()), 'two');
    channel.send('out');
    equal(device.written, 'out\n');
  },

  'a socket\'s handlers chain up'() {
    const name = freshName();
    const server = new Lsock.Server();
    const client = new Counting();
    const {CONNECTING, CONNECTED, UNCONNECTED} = Lsock.SocketState;
    server.listen(name);
    client.connect_to_server(name);
    client.abort();
    equal(client.heard, [CONNECTING, CONNECTED, 'connected', UNCONNECTED, 'disconnected']);
    server.close();
    remove(name);
  },

  'a server makes sockets of a class of its own'() {
    const name = freshName();
    const server = new Own();
    const client = new Lsock.Socket();
    server.listen(name);
    client.connect_to_server(name);
    until(() => server.has_pending_connections());
    const socket = server.next_pending_connection();
    equal([socket instanceof Counting, socket.name], [true, 'own']);
    client.write('x');
    until(() => socket.bytes_available() === 1);
    // A child that has handlers must not be left to the collector.
    socket.set_parent(null);
    socket.abort();
    server.close();
    remove(name);
  },

  'a server\'s handler chains up'() {
    const name = freshName();
    const server = new Announcing();
    const client = new Lsock.Socket();
    let heard = 0;
    server.connect('new-connection', () => heard++);
    server.listen(name);
    client.connect_to_server(name);
    until(() => heard === 1);
    equal(server.announced, 1);
    server.close();
    remove(name);
  },

  'is_open is a method, isOpen the property'() {
    const device = new Noting('');
    const state = () => [device.is_open(), device.is_readable(), device.is_writable()];
    equal(state(), [false, false, false]);
    device.open(Lsock.OpenMode.READ_ONLY);
    equal(state(), [true, true, false]);
    equal([device.isOpen, device.isReadable, device.isWritable], [true, true, false]);
    equal(device['is-open'], true);
    const [client] = connectedPair();
    equal([client.is_open(), client.isOpen], [true, true]);
    client.abort();
    equal([client.is_open(), client.isOpen], [false, false]);
  },

  'isOpen can be watched'() {
    const device = new Noting('');
    const heard = [];
    device.connect('notify::is-open', self => heard.push(self.isOpen));
    device.open();
    device.close();
    equal(heard, [true, false]);
  },
});

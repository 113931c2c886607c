// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Wrong types and sizes, names with a NUL, and what is missing.

import GLib from 'gi://GLib';
import Gio from 'gi://Gio';
import Lsock from 'gi://Lsock?version=1';

import {bytes, connectedPair, equal, finish, raises, rejects, run, text} from './support.js';

const {AUTO} = Lsock.ConnectionType;

const isTypeError = error => error instanceof TypeError;
const isRangeError = error => error instanceof RangeError;
const isOperation = error => error.matches?.(Lsock.SocketError, Lsock.SocketError.OPERATION);

function openBuffer(content = '') {
  const buffer = new Lsock.Buffer();
  buffer.set_data(content);
  buffer.open();
  return buffer;
}

async function rejectsWith(check, promise) {
  let caught = null;
  try {
    await promise;
  } catch (error) {
    caught = error;
  }
  equal(caught !== null && check(caught), true);
}

run({
  'a number, null or an object is no data'() {
    const buffer = openBuffer();
    for (const data of [65, null, undefined, {}, true, () => 1, Symbol('x')]) {
      raises(isTypeError, () => buffer.write(data));
      raises(isTypeError, () => buffer.write_bytes(data));
    }
    raises(isTypeError, () => new Lsock.Buffer().set_data(5));
    equal(buffer.get_data().length, 0);
  },

  'an array with something that is no byte'() {
    const buffer = openBuffer();
    raises(isRangeError, () => buffer.write([1, 300]));
    raises(isRangeError, () => buffer.write([-1]));
    raises(isTypeError, () => buffer.write([1, 'x']));
    equal(buffer.get_data().length, 0);
  },

  'a count that is no number'() {
    const buffer = openBuffer('abc');
    for (const count of ['1', null, {}, true, 1n]) {
      raises(isTypeError, () => buffer.read(count));
      raises(isTypeError, () => buffer.peek(count));
      raises(isTypeError, () => buffer.read_line(count));
      raises(isTypeError, () => buffer.skip(count));
      raises(isTypeError, () => buffer.seek(count));
    }
    equal(text(buffer.read_all()), 'abc');
  },

  'a count that is no whole number'() {
    const buffer = openBuffer('abc');
    for (const count of [1.5, NaN, Infinity, 2 ** 53])
      raises(isRangeError, () => buffer.read(count));
    equal(text(buffer.read_all()), 'abc');
  },

  'negative and huge counts'() {
    const buffer = openBuffer('abc\n');
    for (const call of ['read', 'peek', 'read_line', 'skip', 'seek'])
      raises(isOperation, () => buffer[call](-2));
    equal(text(buffer.peek(Number.MAX_SAFE_INTEGER)), 'abc\n');
    equal(text(buffer.read_line(Number.MAX_SAFE_INTEGER)), 'abc\n');
    buffer.seek(0);
    equal(text(buffer.read(Number.MAX_SAFE_INTEGER)), 'abc\n');
  },

  'a byte'() {
    const buffer = openBuffer();
    raises(isTypeError, () => buffer.unget_char('é'));
    raises(isRangeError, () => buffer.unget_char(256));
    raises(isRangeError, () => buffer.put_char(-1));
    raises(isTypeError, () => buffer.put_char(null));
    buffer.put_char(255);
    equal([...buffer.get_data()], [255]);
  },

  'a mode and a time'() {
    raises(isTypeError, () => new Lsock.Buffer().open('rw'));
    const socket = new Lsock.Socket();
    raises(isTypeError, () => socket.wait_for_connected('1'));
    raises(isRangeError, () => socket.wait_for_ready_read(2 ** 31));
    raises(isRangeError, () => socket.wait_for_ready_read(0.5));
    raises(isTypeError, () => socket.connect_to_server('x', 'rw'));
    equal(socket.state, Lsock.SocketState.UNCONNECTED);
  },

  'a name that is no string'() {
    for (const name of [5, null, undefined, {}, bytes('x')]) {
      raises(isTypeError, () => new Lsock.Server().listen(name));
      raises(isTypeError, () => new Lsock.Socket().connect_to_server(name));
      raises(isTypeError, () => Lsock.Server.remove_server(name));
    }
    raises(isTypeError, () => new Lsock.Server().listen());
    raises(isTypeError, () => new Lsock.Socket().set_server_name(5));
  },

  'a name with a NUL'() {
    const socket = new Lsock.Socket();
    const name = 'a\0b';
    for (const call of [
      () => new Lsock.Server().listen(name),
      () => socket.connect_to_server(name),
      () => socket.set_server_name(name),
      () => (socket.server_name = name),
      () => (socket.serverName = name),
      () => (socket['server-name'] = name),
      () => socket.set_property('server-name', name),
      () => socket.set({server_name: name}),
      () => new Lsock.Socket({server_name: name}),
      () => new Lsock.Socket({serverName: name}),
      () => Lsock.Server.remove_server(name),
      () => socket.set_name(name),
      () => (socket.name = name),
      () => new Lsock.Object({name}),
      () => Lsock.Object.find_child(socket, name, Lsock.Object.$gtype),
      () => socket.set_error_string(name),
    ])
      raises(isTypeError, call);
    equal([socket.server_name, socket.name], [null, null]);
    finish(rejectsWith(isTypeError, socket.connect_to_server_async(name)));
  },

  'null where it is a value'() {
    const socket = new Lsock.Socket({server_name: 'x', name: 'y'});
    socket.server_name = null;
    socket.set_name(null);
    equal([socket.server_name, socket.name], [null, null]);
    equal(Lsock.Object.find_child(socket, null, Lsock.Object.$gtype), null);
  },

  'what cannot be connected'() {
    const object = new Lsock.Object();
    const slot = () => 0;
    for (const args of [
      ['x', 'destroyed', AUTO, null, slot],
      [null, 'destroyed', AUTO, null, slot],
      [object, 5, AUTO, null, slot],
      [object, 'destroyed\0', AUTO, null, slot],
      [object, 'destroyed', 'auto', null, slot],
      [object, 'destroyed', AUTO, 'x', slot],
      [object, 'destroyed', AUTO, null, null],
      [object, 'destroyed', AUTO, null, {}],
    ])
      raises(isTypeError, () => Lsock.connect(...args));
    raises(isTypeError, () => Lsock.invoke_queued('x', slot));
    raises(isTypeError, () => Lsock.invoke_queued(null, 5));
    raises(error => error instanceof GLib.Error, () => Lsock.connect(object, 'nosuch', AUTO, null, slot));
  },

  'a spy on nothing'() {
    const object = new Lsock.Object();
    raises(isTypeError, () => new Lsock.SignalSpy());
    raises(isTypeError, () => new Lsock.SignalSpy(null, 'destroyed'));
    raises(isTypeError, () => new Lsock.SignalSpy(object));
    raises(isTypeError, () => new Lsock.SignalSpy({object}));
    raises(isTypeError, () => Lsock.SignalSpy.new(object, 'destroyed\0'));
    raises(isOperation, () => new Lsock.SignalSpy(object, 'nosuch'));
    raises(isOperation, () => Lsock.SignalSpy.new(object, 'nosuch'));
  },

  'an emission or argument that there is not'() {
    const object = new Lsock.Object();
    const spy = new Lsock.SignalSpy(object, 'notify::name');
    raises(isRangeError, () => spy.get_arg(9, 0));
    raises(isRangeError, () => spy.get_args(0));
    object.name = 'a';
    equal(spy.get_arg(0, 0).name, 'name');
    raises(isRangeError, () => spy.get_arg(0, 1));
    raises(isRangeError, () => spy.get_arg(1, 0));
    raises(isRangeError, () => spy.get_arg(-1, 0));
    raises(isTypeError, () => spy.get_arg('0', 0));
  },

  'promises for wrong arguments'() {
    const [client, peer] = connectedPair();
    finish(rejectsWith(isTypeError, client.read_async('x')));
    finish(rejectsWith(isRangeError, client.read_async(0)));
    finish(rejectsWith(isRangeError, client.read_async(-2)));
    finish(rejectsWith(isRangeError, client.read_line_async(-1)));
    finish(rejectsWith(isTypeError, client.write_async(5)));
    finish(rejectsWith(isTypeError, client.write_async()));
    finish(rejectsWith(isTypeError, client.read_async(1, 0, null, 5)));
    finish(rejectsWith(isTypeError, client.flush_async(0, {})));
    finish(rejectsWith(isTypeError, new Lsock.Server().accept_async('x')));
    peer.write('still');
    equal(text(finish(client.read_async())), 'still');
    client.abort();
  },

  'cancelled before and after'() {
    const [client, peer] = connectedPair();
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    finish(rejects(client.read_async(-1, 0, cancellable), Gio.IOErrorEnum,
      Gio.IOErrorEnum.CANCELLED));
    peer.write('kept');
    const later = new Gio.Cancellable();
    equal(text(finish(client.read_async(-1, 0, later))), 'kept');
    later.cancel();
    client.abort();
  },

  'a result of another call'() {
    const [client, peer] = connectedPair();
    raises(isTypeError, () => client.read_finish(null));
    raises(isTypeError, () => client.read_finish({}));
    client.abort();
    peer.abort();
  },
});

// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Children, connections, what the collector ends, and names that are not UTF-8.

import GLib from 'gi://GLib';
import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

import {
  connectedPair, equal, finish, freshName, remove, run, text, until,
} from './support.js';

const {AUTO, DIRECT, QUEUED} = Lsock.ConnectionType;

const Listener = GObject.registerClass(class Listener extends Lsock.Object {});

// Collects until something is so.  Objects on the stack are kept, and what was the last one may be.
function collectUntil(condition) {
  for (let i = 0; i < 200 && !condition(); i++) {
    System.gc();
    GLib.MainContext.default().iteration(false);
  }
  equal(condition(), true);
}

// Makes objects that nothing keeps.
function abandon(count, make) {
  for (let i = 0; i < count; i++)
    make(i);
}

// What GJS logs about an exception in a callback, which the tests make fatal.
function expectError(pattern, call) {
  GLib.test_expect_message('Gjs', GLib.LogLevelFlags.LEVEL_CRITICAL, pattern);
  call();
  GLib.test_assert_expected_messages_internal('Gjs', 'test-objects.js', 0, 'expectError');
}

run({
  'children can be iterated'() {
    const parent = new Lsock.Object();
    equal([...parent.children], []);
    const children = ['a', 'b', 'c'].map(name => new Lsock.Object({parent, name}));
    equal([...parent.children].map(child => child.name), ['a', 'b', 'c']);
    equal([...parent.children][1] === children[1], true);
    equal(parent.children.get_n_items(), 3);
    equal(Array.from(Lsock.Object.children_of(parent), child => child.name), ['a', 'b', 'c']);
  },

  'children that go while they are iterated'() {
    const parent = new Lsock.Object();
    ['a', 'b', 'c'].forEach(name => new Lsock.Object({parent, name}));
    const seen = [];
    for (const child of parent.children) {
      seen.push(child.name);
      child.set_parent(null);
    }
    equal(seen, ['a', 'b', 'c']);
    equal([...parent.children], []);
  },

  'children of any object'() {
    const owner = new Gio.Cancellable();
    new Lsock.Socket({parent: owner, name: 'child'});
    equal([...Lsock.Object.children_of(owner)].map(child => child.name), ['child']);
    owner.run_dispose();
  },

  'the collector ends an object, with a receiver'() {
    for (const type of [AUTO, DIRECT, QUEUED]) {
      const receiver = new Listener();
      let heard = 0;
      abandon(10, () => Lsock.connect(new Lsock.Object(), 'destroyed', type, receiver, () => heard++));
      collectUntil(() => heard >= 8);
    }
  },

  'the collector ends an object, without a receiver'() {
    for (const type of [AUTO, DIRECT, QUEUED]) {
      let heard = 0;
      abandon(10, () => Lsock.connect(new Lsock.Socket(), 'destroyed', type, null, sender => {
        heard += sender instanceof Lsock.Socket ? 1 : 0;
      }));
      collectUntil(() => heard >= 8);
    }
  },

  'the collector ends a parent'() {
    const receiver = new Listener();
    const heard = [];
    abandon(10, () => {
      const buffer = new Lsock.Buffer({parent: new Lsock.Object()});
      buffer.open();
      Lsock.connect(buffer, 'about-to-close', DIRECT, receiver, () => heard.push('about-to-close'));
      Lsock.connect(buffer, 'destroyed', AUTO, receiver, () => heard.push('destroyed'));
    });
    collectUntil(() => heard.length >= 16);
    equal(heard.slice(0, 2), ['about-to-close', 'destroyed']);
  },

  'an object that is ended by a call says so at once'() {
    const parent = new Lsock.Object();
    const child = new Lsock.Object({parent});
    const heard = [];
    Lsock.connect(child, 'destroyed', DIRECT, null, () => heard.push('child'));
    parent.run_dispose();
    equal(heard, ['child']);
  },

  'a slot without a receiver goes with the sender'() {
    const sender = new Lsock.Object();
    let count = 0;
    const connection = Lsock.connect(sender, 'destroyed', DIRECT, null, () => count++);
    connection.disconnect();
    sender.run_dispose();
    equal([count, connection.is_connected()], [0, false]);
  },

  'a slot that throws'() {
    const object = new Lsock.Object();
    const heard = [];
    Lsock.connect(object, 'notify::name', DIRECT, null, () => {
      throw new Error('on purpose');
    });
    Lsock.connect(object, 'notify::name', DIRECT, null, self => heard.push(self.name));
    expectError('*on purpose*', () => (object.name = 'a'));
    equal(heard, ['a']);
  },

  'a queued call that throws'() {
    let called = 0;
    Lsock.invoke_queued(null, () => {
      throw new Error('on purpose');
    });
    Lsock.invoke_queued(null, () => called++);
    expectError('*on purpose*', () => until(() => called === 1));
  },

  'a handler that throws leaves the data'() {
    const [client, peer] = connectedPair();
    client.connect('ready-read', () => {
      throw new Error('on purpose');
    });
    peer.write('data');
    expectError('*on purpose*', () => until(() => client.bytes_available() === 4));
    equal(text(client.read()), 'data');
    client.abort();
  },

  'a promise that is abandoned, and the collector'() {
    const [client, peer] = connectedPair();
    let settled = 0;
    abandon(1, () => client.read_async().then(() => settled++));
    System.gc();
    peer.write('x');
    until(() => settled === 1);
    abandon(10, () => {
      const socket = new Lsock.Socket();
      socket.connect_to_server_async('/nowhere/at/all').catch(() => settled++);
    });
    System.gc();
    until(() => settled === 11);
    client.abort();
  },

  'a generator that is abandoned'() {
    const [client, peer] = connectedPair();
    peer.write('one\ntwo\n');
    const lines = client[Symbol.asyncIterator]();
    equal(text(finish(lines.next()).value), 'one\n');
    finish(lines.return());
    equal(text(finish(client.read_line_async())), 'two\n');
    abandon(10, () => client[Symbol.asyncIterator]());
    System.gc();
    client.abort();
  },

  'an object that is ended while a call is pending'() {
    const [client, peer] = connectedPair();
    let outcome = null;
    client.read_async().then(data => (outcome = data.length), error => (outcome = error));
    client.abort();
    until(() => outcome !== null);
    equal(outcome === 0 || outcome instanceof GLib.Error, true);
    peer.abort();
  },

  'the forms of a spy'() {
    for (const make of [
      object => new Lsock.SignalSpy(object, 'notify::name'),
      object => Lsock.SignalSpy.new(object, 'notify::name'),
      object => new Lsock.SignalSpy({object, signal: 'notify::name'}),
    ]) {
      const object = new Lsock.Object();
      const spy = make(object);
      object.name = 'a';
      equal([spy.get_count(), spy.get_signal(), spy.signal, spy.object === object],
        [1, 'notify::name', 'notify::name', true]);
      equal(spy.get_args(0)[0] instanceof GObject.ParamSpec, true);
      equal(spy.wait(0), false);
    }
  },

  'a name that is not UTF-8'() {
    const folder = GLib.Dir.make_tmp('lsXXXXXX');
    const path = [...new TextEncoder().encode(`${folder}/`), 0xfe];
    const listener = Gio.Socket.new(Gio.SocketFamily.UNIX, Gio.SocketType.STREAM, 0);
    listener.bind(Gio.UnixSocketAddress.new_with_type(path, Gio.UnixSocketAddressType.PATH), false);
    listener.listen();
    const server = new Lsock.Server();
    server.listen_fd(listener.get_fd());
    for (const name of [server.server_name, server.full_server_name, server.get_server_name(),
      server.get_full_server_name()])
      equal([typeof name, name.startsWith(folder) || name !== ''], ['string', true]);
    server.close();
    // GJS cannot name the file either.
    Gio.Subprocess.new(['rm', '-r', folder], Gio.SubprocessFlags.NONE).wait(null);
  },

  'a name beyond ASCII'() {
    const name = `${freshName()}é`;
    const server = new Lsock.Server();
    server.listen(name);
    equal(server.get_full_server_name(), name);
    server.close();
    remove(name);
  },
});

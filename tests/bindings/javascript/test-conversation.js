// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';

import {bytes, equal, freshName, Memory, raises, remove, run, text, until} from './support.js';

const {CONNECTING, CONNECTED, CLOSING, UNCONNECTED} = Lsock.SocketState;

const Taker = GObject.registerClass(class Taker extends Lsock.Server {
  vfunc_incoming_connection(fd) {
    this.taken = new Lsock.Socket();
    this.taken.set_socket_descriptor(fd);
  }
});

run({
  'conversation'() {
    const name = freshName();
    const server = new Lsock.Server();
    const client = new Lsock.Socket();
    const story = [];
    for (const signal of ['connected', 'disconnected', 'ready-read', 'read-channel-finished'])
      client.connect(signal, () => story.push(signal));
    client.connect('bytes-written', (_client, count) => story.push(count));
    client.connect('state-changed', (_client, state) => story.push(`state ${state}`));
    client.connect('error', (_client, error) => story.push(`error ${error}`));
    server.connect('new-connection', () => {
      const peer = server.next_pending_connection();
      peer.connect('ready-read', () => {
        peer.write(bytes(text(peer.read_all()).toUpperCase()));
        peer.disconnect_from_server();
      });
    });

    server.listen(name);
    client.connect_to_server(name);
    equal(client.is_open(), true);
    client.write(bytes('hello'));
    until(() => client.state === UNCONNECTED);
    equal(story, [
      `state ${CONNECTING}`, `state ${CONNECTED}`, 'connected', 5, 'ready-read',
      `error ${Lsock.SocketError.PEER_CLOSED}`, `state ${CLOSING}`, `state ${UNCONNECTED}`,
      'read-channel-finished', 'disconnected',
    ]);
    equal(text(client.read(100)), 'HELLO');
    server.close();
    remove(name);
  },

  'waits without a loop'() {
    const name = freshName();
    const server = new Lsock.Server();
    const client = new Lsock.Socket();
    server.listen(name);
    client.connect_to_server(name);
    equal(client.wait_for_connected(), true);
    equal(server.wait_for_new_connection(10000), [true, false]);
    const peer = server.next_pending_connection();
    client.write(bytes('question'));
    equal(peer.wait_for_ready_read(), true);
    peer.write_bytes(peer.read_all());
    equal(peer.wait_for_bytes_written(), true);
    equal(client.wait_for_ready_read(), true);
    equal(text(client.read_line()), 'question');
    peer.close();
    equal(client.wait_for_disconnected(), true);
    server.close();
    remove(name);
  },

  'errors are exceptions'() {
    raises(e => e.matches(Lsock.SocketError, Lsock.SocketError.SERVER_NOT_FOUND),
      () => new Lsock.Server().listen(''));
    raises(e => e.matches(Lsock.SocketError, Lsock.SocketError.OPERATION),
      () => new Lsock.Socket().read(1));
    raises(e => e instanceof TypeError, () => new Lsock.Server().listen('a\0b'));
    raises(e => e instanceof TypeError, () => new Lsock.Socket().connect_to_server('a\0b'));
    raises(e => e instanceof TypeError, () => Lsock.Server.remove_server('a\0b'));
  },

  'a device of one\'s own'() {
    const device = new Memory('one\ntwo');
    device.open();
    equal(text(device.read_line()), 'one\n');
    equal(text(device.peek(2)), 'tw');
    equal(text(device.read_all()), 'two');
    equal(device.write(bytes('out')), 3);
    equal(device.written, 'out');
    device.close();
    equal(device.is_open(), false);
  },

  'incoming_connection'() {
    const name = freshName();
    const server = new Taker();
    const client = new Lsock.Socket();
    server.listen(name);
    client.connect_to_server(name);
    client.write(bytes('x'));
    until(() => server.taken?.bytes_available() === 1);
    equal(server.has_pending_connections(), false);
    server.close();
    remove(name);
  },

  'properties and flags'() {
    const server = new Lsock.Server({max_pending_connections: 3, name: 'server'});
    equal([server.max_pending_connections, server.name], [3, 'server']);
    server.socket_options = Lsock.SocketOptions.USER_ACCESS | Lsock.SocketOptions.GROUP_ACCESS;
    equal(server.socket_options, 3);
  },
});

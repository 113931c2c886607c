// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Promises and asynchronous iteration, and class handlers that chain up.

import GLib from 'gi://GLib';
import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';
import {bytes, equal, finish, freshName, raises, rejects, remove, run, until} from './support.js';

const decode = array => new TextDecoder().decode(array);

// A server, and a client that is connected to a socket of it.
async function converse(talk) {
  const name = freshName();
  const server = new Lsock.Server();
  const client = new Lsock.Socket();
  server.listen(name);
  try {
    await client.connect_to_server_async(name);
    await talk(client, await server.accept_async(), server);
  } finally {
    client.abort();
    server.close();
    remove(name);
  }
}

const Listener = GObject.registerClass(class Listener extends Lsock.Socket {
  heard = [];

  vfunc_connected() {
    this.heard.push('connected');
    super.vfunc_connected();
  }

  vfunc_ready_read() {
    this.heard.push('ready-read');
    super.vfunc_ready_read();
  }

  vfunc_bytes_written(count) {
    this.heard.push(count);
    super.vfunc_bytes_written(count);
  }

  vfunc_error(error) {
    this.heard.push(error);
    super.vfunc_error(error);
  }

  vfunc_about_to_close() {
    this.heard.push('about-to-close');
    super.vfunc_about_to_close();
  }
});

run({
  'connect, write, read'() {
    finish(converse(async (client, peer) => {
      equal(await peer.write_async('hello'), 5);
      const data = await client.read_async();
      equal(data instanceof Uint8Array, true);
      equal(decode(data), 'hello');
      await client.write_async(bytes('abc'));
      await client.flush_async();
      equal(decode(await peer.read_async(2)), 'ab');
      equal(decode(await peer.read_async(2)), 'c');
      equal(await client.disconnect_from_server_async(), true);
      equal((await peer.read_async()).length, 0);
    }));
  },

  'read_all and read_line'() {
    finish(converse(async (client, peer) => {
      peer.write(bytes('one\ntwo\nrest'));
      peer.disconnect_from_server();
      equal(decode(await client.read_line_async()), 'one\n');
      equal(decode(await client.read_line_async(2)), 'tw');
      equal(decode(await client.read_all_async()), 'o\nrest');
    }));
  },

  'errors are rejections'() {
    const missing = freshName();
    finish(rejects(new Lsock.Socket().connect_to_server_async(missing),
      Lsock.SocketError, Lsock.SocketError.SERVER_NOT_FOUND));
    finish(rejects(new Lsock.Socket().read_async(),
      Lsock.SocketError, Lsock.SocketError.OPERATION));
    finish(rejects(new Lsock.Server().accept_async(),
      Lsock.SocketError, Lsock.SocketError.OPERATION));
    GLib.rmdir(GLib.path_get_dirname(missing));
  },

  'cancelled, and pending'() {
    finish(converse(async (client, peer) => {
      const cancellable = new Gio.Cancellable();
      const reading = client.read_async(-1, GLib.PRIORITY_DEFAULT, cancellable);
      await rejects(client.read_async(), Gio.IOErrorEnum, Gio.IOErrorEnum.PENDING);
      cancellable.cancel();
      await rejects(reading, Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
      peer.write(bytes('kept'));
      equal(decode(await client.read_async()), 'kept');
    }));
  },

  'the form with a callback'() {
    finish(converse(async (client, peer) => {
      let data = null;
      client.read_async(-1, GLib.PRIORITY_DEFAULT, null, (device, result) => {
        data = decode(device.read_finish(result));
      });
      peer.write(bytes('called'));
      until(() => data !== null);
      equal(data, 'called');
    }));
  },

  'lines'() {
    finish(converse(async (client, peer) => {
      const lines = [];
      peer.write(bytes('one\ntwo\nthree'));
      peer.disconnect_from_server();
      for await (const line of client)
        lines.push(decode(line));
      equal(lines, ['one\n', 'two\n', 'three']);
    }));
  },

  'lines, left half-way'() {
    finish(converse(async (client, peer) => {
      peer.write(bytes('one\ntwo\n'));
      for await (const line of client) {
        equal(decode(line), 'one\n');
        break;
      }
      equal(decode(await client.read_async()), 'two\n');
    }));
  },

  'clients'() {
    const name = freshName();
    const server = new Lsock.Server();
    server.listen(name);
    const greetings = (async () => {
      const heard = [];
      for await (const client of server) {
        heard.push(decode(await client.read_all_async()));
        if (heard.length === 2)
          server.close();
      }
      return heard;
    })();
    for (const text of ['first', 'second']) {
      const client = new Lsock.Socket();
      client.connect_to_server(name);
      client.write(bytes(text));
      client.disconnect_from_server();
    }
    equal(finish(greetings), ['first', 'second']);
    remove(name);
  },

  'messages'() {
    for (const framing of [Lsock.MessageFraming.LINES, Lsock.MessageFraming.HEADERS,
      Lsock.MessageFraming.LENGTH32_BE]) {
      finish(converse(async (client, peer) => {
        const here = new Lsock.MessageChannel({device: client, framing});
        const there = new Lsock.MessageChannel({device: peer, framing});
        const heard = [];
        await there.send_async('one');
        there.send(bytes('two'));
        peer.disconnect_from_server();
        for await (const message of here)
          heard.push(decode(message));
        equal(heard, ['one', 'two']);
      }));
    }
  },

  'messages, cut off and refused'() {
    finish(converse(async (client, peer) => {
      const framing = Lsock.MessageFraming.NETSTRING;
      const channel = new Lsock.MessageChannel({device: client, framing});
      peer.write(bytes('5:hal'));
      peer.disconnect_from_server();
      await rejects(channel.receive_async(), Gio.IOErrorEnum, Gio.IOErrorEnum.PARTIAL_INPUT);
    }));
    finish(converse(async client => {
      const framing = Lsock.MessageFraming.LINES;
      const channel = new Lsock.MessageChannel({device: client, framing});
      await rejects(channel.send_async('a\nb'), Lsock.SocketError, Lsock.SocketError.OPERATION);
      raises(e => e instanceof TypeError, () => channel.send(5));
    }));
  },

  'class handlers chain up'() {
    const name = freshName();
    const server = new Lsock.Server();
    const client = new Listener();
    server.listen(name);
    client.connect_to_server(name);
    until(() => server.has_pending_connections());
    server.next_pending_connection().write(bytes('x'));
    until(() => client.heard.includes('ready-read'));
    client.write(bytes('abc'));
    until(() => client.heard.includes(3));
    client.close();
    equal(client.heard.at(-1), 'about-to-close');
    equal(client.heard[0], 'connected');
    server.close();
    client.connect_to_server(name);
    equal(client.heard.at(-1), Lsock.SocketError.SERVER_NOT_FOUND);
    GLib.rmdir(GLib.path_get_dirname(name));
  },
});

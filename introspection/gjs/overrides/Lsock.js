// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What makes lsock feel native in JavaScript: defaults, and slots that can be collected.

/* exported _init */

const {Gio, GLib} = imports.gi;

// For how many milliseconds the functions called wait_for_… wait unless they are told, as in Qt.
const DEFAULT_WAIT = 30000;

// C would cut a name with a NUL inside short.
function checked(name) {
  if (typeof name === 'string' && name.includes('\0'))
    throw new TypeError(`a server name cannot contain a NUL: ${JSON.stringify(name)}`);
  return name;
}

// Gives trailing arguments of a method their defaults, and checks the first one if it is a name.
function adapt(prototype, method, defaults, check = x => x) {
  const original = prototype[method];
  prototype[method] = function (...args) {
    const wanted = args.length < original.length - defaults.length ? args.length : original.length;
    const missing = Math.max(0, wanted - args.length);
    const rest = defaults.slice(defaults.length - missing);
    if (args.length > 0)
      args[0] = check(args[0]);
    return original.call(this, ...args, ...(missing > 0 ? rest : []));
  };
}

// A closure that C holds keeps its function alive, and a function most often its object: an object
// that is connected to its own method would never be collected.  So the function is kept by the
// receiver, where the collector sees the circle, and C gets one that asks the connection the way
// to it.  (A WeakRef would do, if gjs ever let go of what one was made for.)
let lastKey = 0;

function connectWeakly(connect, sender, signal, type, receiver, slot) {
  const key = ++lastKey;
  const keeper = receiver ?? sender;
  let connection = null;

  connection = connect(sender, signal, type, receiver, trampolineFor(key, () => connection));
  const slots = keeper._lsockSlots ??= new Map();
  slots.set(key, slot);
  connection._lsockKey = key;
  return connection;
}

function trampolineFor(key, getConnection) {
  return (...args) => {
    const keeper = getConnection()?.get_receiver() ?? args[0];
    return keeper?._lsockSlots?.get(key)?.(...args);
  };
}

// Bytes of JavaScript's own, which its collector knows the size of.
function toArray(bytes) {
  const array = new Uint8Array(bytes.get_size());
  array.set(bytes.toArray());
  return array;
}

function toBytes(message) {
  if (message instanceof GLib.Bytes || message === null)
    return message;
  if (typeof message === 'string')
    return new GLib.Bytes(new TextEncoder().encode(message));
  if (message instanceof Uint8Array)
    return new GLib.Bytes(message);
  throw new TypeError('bytes are a Uint8Array, a GLib.Bytes or a string');
}

// Makes a call in GIO's manner return a promise.  With a callback it is as in C.  @defaults are those
// of all arguments but the callback; undefined has none.
function promisify(prototype, name, defaults, {check = x => x, convert = x => x} = {}) {
  const start = prototype[`${name}_async`];
  const finish = prototype[`${name}_finish`];
  const needed = defaults.filter(value => value === undefined).length;

  prototype[`${name}_async`] = function (...args) {
    if (args.length > 0)
      args[0] = check(args[0]);
    if (args.slice(needed).some(value => typeof value === 'function'))
      return start.apply(this, args);
    if (args.length < needed || args.length > defaults.length)
      throw new TypeError(`${name}_async takes ${needed} to ${defaults.length} arguments`);

    const all = defaults.map((value, i) => args[i] ?? value);
    return new Promise((resolve, reject) => {
      start.call(this, ...all, (_, result) => {
        try {
          resolve(convert(finish.call(this, result)));
        } catch (error) {
          reject(error);
        }
      });
    });
  };
}

// What `for await` takes from an object: @next is called with a cancellable, and returns undefined at
// the end.  A loop that is left gives up what it waits for.
function iterate(next) {
  return async function* () {
    const cancellable = new Gio.Cancellable();
    try {
      for (;;) {
        const value = await next.call(this, cancellable);
        if (value === undefined)
          return;
        yield value;
      }
    } finally {
      cancellable.cancel();
    }
  };
}

function addPromises(Lsock) {
  const {READ_WRITE} = Lsock.OpenMode;
  const PRIORITY = GLib.PRIORITY_DEFAULT;
  const device = Lsock.IODevice.prototype;
  const channel = Lsock.MessageChannel.prototype;
  const bytes = {convert: toArray};

  promisify(device, 'read', [-1, PRIORITY, null], bytes);
  promisify(device, 'read_line', [0, PRIORITY, null], bytes);
  promisify(device, 'read_all', [PRIORITY, null], bytes);
  promisify(device, 'write', [undefined, PRIORITY, null], {check: toBytes});
  promisify(device, 'flush', [PRIORITY, null]);
  promisify(Lsock.Socket.prototype, 'connect_to_server', [undefined, READ_WRITE, null],
    {check: checked});
  promisify(Lsock.Socket.prototype, 'disconnect_from_server', [PRIORITY, null]);
  promisify(Lsock.Server.prototype, 'accept', [null]);
  promisify(channel, 'send', [undefined, PRIORITY, null], {check: toBytes});
  promisify(channel, 'receive', [PRIORITY, null], bytes);

  // Lines, each with its end but perhaps the last one.
  device[Symbol.asyncIterator] = iterate(async function (cancellable) {
    const line = await this.read_line_async(0, PRIORITY, cancellable);
    return line.length > 0 ? line : undefined;
  });

  // Clients, until the server is closed.
  Lsock.Server.prototype[Symbol.asyncIterator] = iterate(async function (cancellable) {
    try {
      return await this.accept_async(cancellable);
    } catch (error) {
      if (this.is_listening())
        throw error;
      return undefined;
    }
  });

  // Messages, until the peer closes after a whole one.
  channel[Symbol.asyncIterator] = iterate(async function (cancellable) {
    try {
      return await this.receive_async(PRIORITY, cancellable);
    } catch (error) {
      if (error.matches?.(Lsock.SocketError, Lsock.SocketError.PEER_CLOSED))
        return undefined;
      throw error;
    }
  });

  const send = channel.send;
  channel.send = function (message) {
    return send.call(this, toBytes(message));
  };
}

function _init() {
  const Lsock = this;
  const {READ_WRITE} = Lsock.OpenMode;
  const {CONNECTED} = Lsock.SocketState;

  adapt(Lsock.IODevice.prototype, 'open', [READ_WRITE]);
  adapt(Lsock.IODevice.prototype, 'read_line', [0]);
  adapt(Lsock.IODevice.prototype, 'wait_for_ready_read', [DEFAULT_WAIT]);
  adapt(Lsock.IODevice.prototype, 'wait_for_bytes_written', [DEFAULT_WAIT]);
  adapt(Lsock.Socket.prototype, 'connect_to_server', [READ_WRITE], checked);
  adapt(Lsock.Socket.prototype, 'set_server_name', [], checked);
  adapt(Lsock.Socket.prototype, 'set_socket_descriptor', [CONNECTED, READ_WRITE]);
  adapt(Lsock.Socket.prototype, 'wait_for_connected', [DEFAULT_WAIT]);
  adapt(Lsock.Socket.prototype, 'wait_for_disconnected', [DEFAULT_WAIT]);
  adapt(Lsock.Server.prototype, 'listen', [], checked);
  adapt(Lsock.Server.prototype, 'wait_for_new_connection', [0]);

  addPromises(Lsock);

  const removeServer = Lsock.Server.remove_server;
  Lsock.Server.remove_server = name => removeServer(checked(name));

  // GJS cannot take an array of values.
  Lsock.SignalSpy.prototype.get_args = function (index) {
    return Array.from({length: this.get_n_args(index)},
      (_, position) => this.get_arg(index, position)[1]);
  };

  const disconnect = Lsock.Connection.prototype.disconnect;
  Lsock.Connection.prototype.disconnect = function () {
    const keeper = this.get_receiver() ?? this.get_sender();
    disconnect.call(this);
    keeper?._lsockSlots?.delete(this._lsockKey);
  };

  const connect = Lsock.connect;
  Lsock.connect = (sender, signal, type, receiver, slot) => {
    if (typeof slot !== 'function')
      throw new TypeError('a slot must be a function');
    return connectWeakly(connect, sender, signal, type, receiver, slot);
  };
}

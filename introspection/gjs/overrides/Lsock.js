// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What makes lsock feel native in JavaScript: Uint8Array, checked arguments with defaults, promises,
// iteration, and slots that can be collected.

/* exported _init */

const {Gio, GLib, GObject} = imports.gi;

// For how many milliseconds the functions called wait_for_… wait unless they are told, as in Qt.
const DEFAULT_WAIT = 30000;
const DEFAULT_SPY_WAIT = 5000;


// What is taken
//
// GJS makes a number of anything, cuts a string at a NUL, and throws an Error that is no TypeError.

function typeOf(value) {
  return value === null ? 'null' : value?.constructor?.name ?? typeof value;
}

function toInteger(value) {
  if (typeof value !== 'number')
    throw new TypeError(`expected a number, not ${typeOf(value)}`);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`expected a whole number, not ${value}`);
  return value;
}

function inRange(lowest, highest) {
  return value => {
    if (toInteger(value) < lowest || value > highest)
      throw new RangeError(`expected a number from ${lowest} to ${highest}, not ${value}`);
    return value;
  };
}

const toInt = inRange(-(2 ** 31), 2 ** 31 - 1);
const toIndex = inRange(0, 2 ** 32 - 1);
const toByte = inRange(0, 255);

function toText(text) {
  if (typeof text !== 'string')
    throw new TypeError(`expected a string, not ${typeOf(text)}`);
  if (text.includes('\0'))
    throw new TypeError(`a name or text cannot contain a NUL: ${JSON.stringify(text)}`);
  return text;
}

function orNull(check) {
  return value => value === null ? null : check(value);
}

function instanceOf(type, what) {
  return value => {
    if (!(value instanceof type))
      throw new TypeError(`expected ${what}, not ${typeOf(value)}`);
    return value;
  };
}

const toObject = instanceOf(GObject.Object, 'a GObject.Object');
const toCancellable = orNull(instanceOf(Gio.Cancellable, 'a Gio.Cancellable'));
const toResult = instanceOf(Gio.AsyncResult, 'a Gio.AsyncResult');

function toFunction(slot) {
  if (typeof slot !== 'function')
    throw new TypeError('a slot must be a function');
  return slot;
}

// A Uint8Array, of which GJS makes a GLib.Bytes for the time of the call; or a GLib.Bytes.
function toBytes(data) {
  if (data instanceof Uint8Array || data instanceof GLib.Bytes)
    return data;
  if (typeof data === 'string')
    return new TextEncoder().encode(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer)
    return new Uint8Array(data);
  if (Array.isArray(data))
    return Uint8Array.from(data, toByte);
  throw new TypeError(`bytes are a Uint8Array, a GLib.Bytes or a string, not ${typeOf(data)}`);
}

// @args with the defaults of those that are missing or undefined, checked.  @parameters has a check,
// or a check and a default, for each.  A plain loop: it runs for each call.
function complete(args, parameters) {
  const values = [];
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    if (Array.isArray(parameter))
      values.push(parameter[0](args[i] === undefined ? parameter[1] : args[i]));
    else if (i < args.length)
      values.push(parameter(args[i]));
  }
  return values;
}

// Gives the arguments of a function checks and defaults.  What is missing, GJS complains about.
function adapt(owner, name, ...parameters) {
  const original = owner[name];
  owner[name] = function (...args) {
    return original.apply(this, complete(args, parameters));
  };
}

// Checks the texts that are written to a property.
function adaptProperty(prototype, name) {
  const camelCase = name.replace(/-./g, part => part[1].toUpperCase());
  for (const each of new Set([name, name.replaceAll('-', '_'), camelCase])) {
    const {get, set} = Object.getOwnPropertyDescriptor(prototype, each);
    Object.defineProperty(prototype, each, {
      get,
      set(value) {
        set.call(this, orNull(toText)(value));
      },
      configurable: true,
      enumerable: true,
    });
  }
}


// Objects

function addToObject(Lsock) {
  const prototype = Lsock.Object.prototype;

  const init = prototype._init;
  prototype._init = function (properties = {}, ...rest) {
    for (const value of Object.values(properties)) {
      if (typeof value === 'string')
        toText(value);
    }
    return init.call(this, properties, ...rest);
  };

  const setProperty = prototype.set_property;
  prototype.set_property = function (name, value) {
    return setProperty.call(this, name, typeof value === 'string' ? toText(value) : value);
  };

  adaptProperty(prototype, 'name');
  adapt(prototype, 'set_name', orNull(toText));
  adapt(Lsock.Object, 'find_child', toObject, orNull(toText), type => type);
  adapt(Lsock.Object, 'find_children', toObject, orNull(toText), type => type);

  // The type of the list is private: there is no prototype to add this to.
  const iterable = list => Object.defineProperty(list, Symbol.iterator, {
    value() {
      return Array.from({length: this.get_n_items()}, (_, i) => this.get_item(i)).values();
    },
    configurable: true,
  });
  const {get} = Object.getOwnPropertyDescriptor(prototype, 'children');
  Object.defineProperty(prototype, 'children', {
    get() {
      return iterable(get.call(this));
    },
    configurable: true,
    enumerable: true,
  });
  const childrenOf = Lsock.Object.children_of;
  Lsock.Object.children_of = parent => iterable(childrenOf(toObject(parent)));
}


// Devices
//
// What a function of C returns as an array is copied once and freed at once.  GLib.Bytes would live
// until the collector finds its wrapper, and the collector does not know how large they are.

function addToDevices(Lsock) {
  const {READ_WRITE} = Lsock.OpenMode;
  const device = Lsock.IODevice.prototype;
  const {read_array: readArray, read_all_array: readAllArray, write_bytes: writeBytes} = device;

  device.read = function (count = -1) {
    return toInteger(count) === -1 ? readAllArray.call(this) : readArray.call(this, count);
  };
  device.read_all = readAllArray;
  device.read_line = device.read_line_array;
  device.peek = device.peek_array;
  device.write = function (data) {
    return writeBytes.call(this, toBytes(data));
  };
  device.write_bytes = device.write;

  adapt(device, 'read_line', [toInteger, 0]);
  adapt(device, 'peek', toInteger);
  adapt(device, 'skip', toInteger);
  adapt(device, 'unget_char', toByte);
  adapt(device, 'put_char', toByte);
  adapt(device, 'open', [toInt, READ_WRITE]);
  adapt(device, 'set_open_mode', toInt);
  adapt(device, 'seek', toInteger);
  adapt(device, 'set_error_string', orNull(toText));
  adapt(device, 'wait_for_ready_read', [toInt, DEFAULT_WAIT]);
  adapt(device, 'wait_for_bytes_written', [toInt, DEFAULT_WAIT]);

  // GJS sees the properties of these names alone, as is_open and isOpen.  Here the first is the method,
  // as in the documentation and like is_sequential(); the second stays the property.
  for (const [method, property] of [['is_open', 'isOpen'], ['is_readable', 'isReadable'],
    ['is_writable', 'isWritable']]) {
    Object.defineProperty(device, method, {
      value() {
        return this[property];
      },
      configurable: true,
      writable: true,
    });
  }

  // The lines that are complete; what waits for more is `for await`.
  const lines = Lsock.LineIterator.prototype;
  lines.next = function () {
    const line = this.next_array();
    return line.length > 0 ? {value: line, done: false} : {value: undefined, done: true};
  };
  lines[Symbol.iterator] = function () {
    return this;
  };
  device[Symbol.iterator] = device.iterate_lines;

  const buffer = Lsock.Buffer.prototype;
  buffer.get_data = buffer.get_data_array;
  adapt(buffer, 'set_data', toBytes);
}


// Sockets and servers

// A name that is not UTF-8 has no form as a string; the properties have one for display.
function adaptName(prototype, method, property) {
  const original = prototype[method];
  prototype[method] = function () {
    try {
      return original.call(this);
    } catch {
      return this[property];
    }
  };
}

function addToSockets(Lsock) {
  const {READ_WRITE} = Lsock.OpenMode;
  const socket = Lsock.Socket.prototype;
  const server = Lsock.Server.prototype;

  adaptProperty(socket, 'server-name');
  adapt(socket, 'connect_to_server', toText, [toInt, READ_WRITE]);
  adapt(socket, 'set_server_name', orNull(toText));
  adapt(socket, 'set_socket_descriptor', toInt, [toInt, Lsock.SocketState.CONNECTED],
    [toInt, READ_WRITE]);
  adapt(socket, 'wait_for_connected', [toInt, DEFAULT_WAIT]);
  adapt(socket, 'wait_for_disconnected', [toInt, DEFAULT_WAIT]);

  adapt(server, 'listen', toText);
  adapt(server, 'listen_fd', toInt);
  adapt(server, 'wait_for_new_connection', [toInt, 0]);
  adapt(server, 'wait_for_client', [toInt, 0]);
  adapt(Lsock.Server, 'remove_server', toText);

  for (const prototype of [socket, server]) {
    adaptName(prototype, 'get_server_name', 'serverName');
    adaptName(prototype, 'get_full_server_name', 'fullServerName');
  }
}


// Messages

const toMessage = orNull(toBytes);

function fromMessage([message, isNull]) {
  return isNull ? null : message;
}

function addToChannels(Lsock) {
  const channel = Lsock.MessageChannel.prototype;
  const {receive_array: receiveArray} = channel;

  channel.receive = function (msecs = DEFAULT_WAIT) {
    return fromMessage(receiveArray.call(this, toInt(msecs)));
  };
  channel.send_text = channel.send;
  adapt(channel, 'wait_for_message', [toInt, DEFAULT_WAIT]);
  adapt(channel, 'send', toMessage);
  adapt(channel, 'send_text', text => {
    if (typeof text !== 'string')
      throw new TypeError(`expected a string, not ${typeOf(text)}`);
    return new TextEncoder().encode(text);
  });

  // A Uint8Array was made from a message that is not the null one.
  const isNull = Lsock.MessageChannel.is_null;
  Lsock.MessageChannel.is_null = message =>
    message === null || message instanceof GLib.Bytes && isNull(message);
}


// Asynchronous calls
//
// Without a callback they return a promise; with one they are as in C.

// @parameters are those of all arguments but the callback; @convert is applied to what @finish returns.
function promisify(prototype, name, parameters, finish = `${name}_finish`, convert = x => x) {
  const start = prototype[`${name}_async`];
  const finishOriginal = prototype[finish];
  const needed = parameters.filter(parameter => !Array.isArray(parameter)).length;

  prototype[`${name}_finish`] = function (result) {
    return convert(finishOriginal.call(this, toResult(result)));
  };

  prototype[`${name}_async`] = function (...args) {
    const callback = args.findIndex((value, i) => i >= needed && typeof value === 'function');
    if (callback >= 0)
      return start.call(this, ...complete(args.slice(0, callback), parameters), args[callback]);

    return new Promise((resolve, reject) => {
      if (args.length < needed || args.length > parameters.length)
        throw new TypeError(`${name}_async takes ${needed} to ${parameters.length} arguments`);
      start.call(this, ...complete(args, parameters), (_, result) => {
        try {
          resolve(this[`${name}_finish`](result));
        } catch (error) {
          reject(error);
        }
      });
    });
  };
}

function toReadCount(count) {
  if (toInteger(count) < 1 && count !== -1)
    throw new RangeError(`expected a number of bytes, or -1 for all, not ${count}`);
  return count;
}

function toLimit(limit) {
  if (toInteger(limit) < 0)
    throw new RangeError(`expected a number of bytes, or 0 for no limit, not ${limit}`);
  return limit;
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
  const device = Lsock.IODevice.prototype;
  const socket = Lsock.Socket.prototype;
  const channel = Lsock.MessageChannel.prototype;
  const mode = [toInt, Lsock.OpenMode.READ_WRITE];
  const priority = [toInt, GLib.PRIORITY_DEFAULT];
  const cancellable = [toCancellable, null];

  promisify(device, 'read', [[toReadCount, -1], priority, cancellable], 'read_finish_array');
  promisify(device, 'read_line', [[toLimit, 0], priority, cancellable], 'read_line_finish_array');
  promisify(device, 'read_all', [priority, cancellable], 'read_all_finish_array');
  promisify(device, 'write', [toBytes, priority, cancellable]);
  promisify(device, 'flush', [priority, cancellable]);
  promisify(socket, 'connect_to_server', [toText, mode, cancellable]);
  promisify(socket, 'disconnect_from_server', [priority, cancellable]);
  promisify(Lsock.Server.prototype, 'accept', [cancellable]);
  promisify(Lsock.Server.prototype, 'accept_device', [cancellable]);
  promisify(channel, 'send', [toMessage, priority, cancellable]);
  promisify(channel, 'receive', [priority, cancellable], 'receive_finish_array', fromMessage);

  // Lines, each with its end but perhaps the last one.
  device[Symbol.asyncIterator] = iterate(async function (cancel) {
    const line = await this.read_line_async(0, GLib.PRIORITY_DEFAULT, cancel);
    return line.length > 0 ? line : undefined;
  });

  // Clients, of whatever kind of device, until the server is closed.
  Lsock.Server.prototype[Symbol.asyncIterator] = iterate(async function (cancel) {
    try {
      return await this.accept_device_async(cancel);
    } catch (error) {
      if (this.is_listening())
        throw error;
      return undefined;
    }
  });

  // Messages, until the peer closes after a whole one.
  channel[Symbol.asyncIterator] = iterate(async function (cancel) {
    try {
      return await this.receive_async(GLib.PRIORITY_DEFAULT, cancel);
    } catch (error) {
      if (error.matches?.(Lsock.SocketError, Lsock.SocketError.PEER_CLOSED))
        return undefined;
      throw error;
    }
  });
}


// Slots
//
// A closure that C holds keeps its function alive, and a function most often its object: an object
// that is connected to its own method would never be collected.  So the function is kept by the
// receiver, where the collector sees the circle, and C gets one that asks the connection the way
// to it.  (A WeakRef would do, if gjs ever let go of what one was made for.)
//
// A function that refers to the slot and one for C must not be made in the same call: closures of one
// call keep each other's variables alive.
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

function addConnections(Lsock) {
  const {disconnect} = Lsock.Connection.prototype;
  Lsock.Connection.prototype.disconnect = function () {
    const keeper = this.get_receiver() ?? this.get_sender();
    disconnect.call(this);
    keeper?._lsockSlots?.delete(this._lsockKey);
  };

  const {connect, invoke_queued: invokeQueued} = Lsock;
  Lsock.connect = (sender, signal, type, receiver, slot) => {
    const args = [toObject(sender), toText(signal), toInt(type),
      orNull(toObject)(receiver ?? null), toFunction(slot)];
    // Without a receiver, the object that ends is the one that would keep the slot.
    return signal === 'destroyed' && args[3] === null ? connect(...args)
      : connectWeakly(connect, ...args);
  };
  Lsock.invoke_queued = (receiver, call) =>
    invokeQueued(orNull(toObject)(receiver ?? null), toFunction(call));
}


// Spies

function addToSpies(Lsock) {
  const spy = Lsock.SignalSpy.prototype;
  const create = Lsock.SignalSpy.new;
  const {get_arg: getArg, wait} = spy;

  Lsock.SignalSpy.new = (object, signal) => create(toObject(object), toText(signal));

  // The object that a constructor returns takes the place of the one that it was called for.  So what
  // is wrong with the arguments is an exception, and not a spy on nothing.
  spy._init = function (object, signal) {
    if (object instanceof GObject.Object)
      return Lsock.SignalSpy.new(object, signal);
    return Lsock.SignalSpy.new(object?.object, object?.signal);
  };

  spy.get_arg = function (index, position) {
    const count = this.get_n_args(toIndex(index));
    if (index >= this.get_count())
      throw new RangeError(`there is no emission ${index} among ${this.get_count()}`);
    if (toIndex(position) >= count)
      throw new RangeError(`there is no argument ${position} among ${count}`);
    return getArg.call(this, index, position)[1];
  };

  // GJS cannot take an array of values.
  spy.get_args = function (index) {
    if (toIndex(index) >= this.get_count())
      throw new RangeError(`there is no emission ${index} among ${this.get_count()}`);
    return Array.from({length: this.get_n_args(index)}, (_, i) => this.get_arg(index, i));
  };

  spy.wait = function (msecs = DEFAULT_SPY_WAIT) {
    return wait.call(this, toInt(msecs));
  };
}


function _init() {
  const Lsock = this;

  addToObject(Lsock);
  addToDevices(Lsock);
  addToSockets(Lsock);
  addToChannels(Lsock);
  addPromises(Lsock);
  addConnections(Lsock);
  addToSpies(Lsock);
}

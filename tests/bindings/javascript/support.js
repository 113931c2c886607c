// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of the JavaScript binding share: the Test Anything Protocol, and a loop.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

export const text = bytes =>
  new TextDecoder().decode(bytes instanceof Uint8Array ? bytes : bytes.toArray());
export const bytes = string => new TextEncoder().encode(string);

export function equal(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b)
    throw new Error(`${a} is not ${b}`);
}

export function raises(check, call) {
  try {
    call();
  } catch (error) {
    if (!check(error))
      throw new Error(`raised something else: ${error}`);
    return;
  }
  throw new Error('raised nothing');
}

// Runs the loop until something is so.
export function until(condition, seconds = 10) {
  let over = false;
  const deadline = GLib.timeout_add_seconds(GLib.PRIORITY_HIGH, seconds, () => {
    over = true;
    return GLib.SOURCE_CONTINUE;
  });
  try {
    while (!condition()) {
      if (over)
        throw new Error('what the test waits for did not happen');
      GLib.MainContext.default().iteration(true);
    }
  } finally {
    GLib.source_remove(deadline);
  }
}

// Runs an asynchronous function to its end.
export function finish(promise) {
  let outcome = null;
  promise.then(value => (outcome = {value}), error => (outcome = {error}));
  until(() => outcome !== null);
  if (outcome.error)
    throw outcome.error;
  return outcome.value;
}

export async function rejects(promise, domain, code) {
  try {
    await promise;
  } catch (error) {
    if (error.matches?.(domain, code))
      return;
    throw error;
  }
  throw new Error('was not rejected');
}

// A device on a string, which keeps what is written to it.
export const Memory = GObject.registerClass(class Memory extends Lsock.IODevice {
  written = '';

  constructor(data, properties = {}) {
    super(properties);
    this.data = data;
  }

  vfunc_is_sequential() {
    return true;
  }

  vfunc_read_data(maxLength) {
    if (this.data === '')
      return null;
    const piece = this.data.slice(0, maxLength);
    this.data = this.data.slice(piece.length);
    return new GLib.Bytes(bytes(piece));
  }

  vfunc_write_data(data) {
    const {length} = data.toArray();
    this.written += text(data);
    return length;
  }
});

// A name in a fresh, short directory.
export function freshName() {
  return GLib.build_filenamev([GLib.Dir.make_tmp('lsXXXXXX'), 's']);
}

export function remove(name) {
  GLib.unlink(name);
  GLib.rmdir(GLib.path_get_dirname(name));
}

// A client and the socket of the server that it is connected to.
export function connectedPair() {
  const name = freshName();
  const server = new Lsock.Server();
  const client = new Lsock.Socket();
  server.listen(name);
  client.connect_to_server(name);
  server.wait_for_new_connection(10000);
  const peer = server.next_pending_connection();
  peer.set_parent(null);
  server.close();
  remove(name);
  return [client, peer];
}

export function run(tests) {
  const names = Object.keys(tests);
  let failed = 0;
  print(`1..${names.length}`);
  names.forEach((name, i) => {
    try {
      tests[name]();
      print(`ok ${i + 1} ${name}`);
    } catch (error) {
      failed++;
      print(`not ok ${i + 1} ${name}`);
      print(`# ${error}\n# ${(error.stack ?? '').trim().replaceAll('\n', '\n# ')}`);
    }
  });
  System.exit(failed > 0 ? 1 : 0);
}

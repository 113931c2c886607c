// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

import {equal, raises, run, until} from './support.js';

const {AUTO, DIRECT, QUEUED, SINGLE_SHOT, UNIQUE} = Lsock.ConnectionType;

const Counter = GObject.registerClass({
  Signals: {counted: {param_types: [GObject.TYPE_INT, GObject.TYPE_STRING]}},
}, class Counter extends GObject.Object {});

const Listener = GObject.registerClass(class Listener extends Lsock.Object {
  take(...args) {
    (this.got ??= []).push(args.slice(1));
  }
});

run({
  'direct, auto and queued'() {
    const counter = new Counter();
    for (const [type, atOnce] of [[AUTO, 1], [DIRECT, 1], [QUEUED, 0]]) {
      const receiver = new Listener();
      const connection = Lsock.connect(counter, 'counted', type, receiver,
        receiver.take.bind(receiver));
      counter.emit('counted', 1, 'one');
      equal((receiver.got ?? []).length, atOnce);
      until(() => receiver.got);
      equal(receiver.got, [[1, 'one']]);
      connection.disconnect();
      equal(connection.is_connected(), false);
    }
  },

  'queued, in order'() {
    const counter = new Counter();
    const receiver = new Lsock.Object();
    const n = 10000;
    let next = 0;
    let inOrder = true;
    Lsock.connect(counter, 'counted', QUEUED, receiver, (_sender, number) => {
      inOrder &&= number === next++;
    });
    for (let i = 0; i < n; i++)
      counter.emit('counted', i, '');
    until(() => next === n);
    equal(inOrder, true);
  },

  'single shot, and details'() {
    const object = new Lsock.Object();
    const got = [];
    Lsock.connect(object, 'notify::name', SINGLE_SHOT, null, sender => got.push(sender.name));
    object.name = 'a';
    object.name = 'b';
    equal(got, ['a']);
  },

  'refusals'() {
    const object = new Lsock.Object();
    raises(e => e instanceof GLib.Error, () => Lsock.connect(object, 'nosuch', AUTO, null, print));
    raises(e => e instanceof GLib.Error,
      () => Lsock.connect(object, 'destroyed', UNIQUE, null, print));
    raises(e => e instanceof TypeError, () => Lsock.connect(object, 'destroyed', AUTO, null, 3));
  },

  'an object connected to its own method is collected'() {
    const other = new Lsock.Object();
    const connections = [];
    (function () {
      for (let i = 0; i < 50; i++) {
        const listener = new Listener();
        connections.push(
          Lsock.connect(listener, 'notify::name', DIRECT, listener, listener.take.bind(listener)),
          Lsock.connect(other, 'notify::name', QUEUED, listener, () => listener.take(1)));
      }
    })();

    const left = () => connections.filter(c => c.is_connected()).length;
    for (let i = 0; i < 100 && left() > 2; i++) {
      System.gc();
      GLib.MainContext.default().iteration(false);
    }
    // The last one may still be on the stack.
    equal(left() <= 2, true);
  },

  'signal spy'() {
    const counter = new Counter();
    const spy = Lsock.SignalSpy.new(counter, 'counted');
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
      counter.emit('counted', 3, 'three');
      return GLib.SOURCE_REMOVE;
    });
    equal(spy.wait(10000), true);
    equal(spy.get_count(), 1);
    equal(spy.get_args(0), [3, 'three']);
  },

  'ownership'() {
    const parent = new Lsock.Object();
    const story = [];
    for (const name of ['a', 'b']) {
      const child = new Lsock.Object({parent, name});
      child.connect('destroyed', () => story.push(name));
    }
    equal(parent.children.get_n_items(), 2);
    equal(Lsock.Object.find_child(parent, 'a', Lsock.Object.$gtype).name, 'a');
    parent.delete_later();
    until(() => story.length === 2);
    equal(story, ['b', 'a']);
  },
});

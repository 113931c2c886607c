# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import threading
import weakref

from support import Case, main, wake
from gi.repository import GLib, GObject, Lsock


class Counter(GObject.Object):
    counted = GObject.Signal(arg_types=(int, str))


class Receiver(Lsock.Object):
    def __init__(self):
        super().__init__()
        self.got = []

    def take(self, sender, number, text):
        self.got.append((number, text, threading.get_ident()))


def in_thread(function):
    """Runs function() in a thread with a main context of its own."""
    answer = []

    def body():
        context = GLib.MainContext()
        context.push_thread_default()
        answer.append(function())
        wake()
        context.pop_thread_default()
    thread = threading.Thread(target=body)
    thread.start()
    return thread, answer


class Runtime(Case):
    def test_queued_from_a_worker(self):
        receiver, n = Receiver(), 100000

        def work():
            counter = Counter()
            Lsock.connect(counter, 'counted', Lsock.ConnectionType.QUEUED, receiver, receiver.take)
            for i in range(n):
                counter.counted.emit(i, 'x')
        thread, _ = in_thread(work)
        self.until(lambda: len(receiver.got) == n, 60)
        thread.join()
        here = threading.get_ident()
        self.assertTrue(all(got == (i, 'x', here) for i, got in enumerate(receiver.got)))

    def test_types(self):
        receiver, counter, here = Receiver(), Counter(), threading.get_ident()
        T = Lsock.ConnectionType
        for kind, at_once in ((T.AUTO, 1), (T.DIRECT, 1), (T.QUEUED, 0)):
            receiver.got.clear()
            connection = Lsock.connect(counter, 'counted', kind, receiver, receiver.take)
            counter.counted.emit(1, 'a')
            self.assertEqual(len(receiver.got), at_once)
            self.until(lambda: receiver.got)
            self.assertEqual(receiver.got, [(1, 'a', here)])
            connection.disconnect()
            self.assertFalse(connection)

    def test_blocking(self):
        receiver = Receiver()

        def work():
            counter = Counter()
            Lsock.connect(counter, 'counted', Lsock.ConnectionType.BLOCKING_QUEUED, receiver,
                          receiver.take)
            counter.counted.emit(7, 'b')
            return len(receiver.got)
        thread, answer = in_thread(work)
        self.until(lambda: answer)
        thread.join()
        self.assertEqual(answer, [1])
        self.assertEqual(receiver.got[0][2], threading.get_ident())

    def test_single_shot_and_detail(self):
        device, got = Lsock.Object(), []
        Lsock.connect(device, 'notify::name', Lsock.ConnectionType.SINGLE_SHOT, None,
                      lambda sender, pspec: got.append(sender.get_name()))
        device.set_name('a')
        device.set_name('b')
        device.block_signals(True)
        self.assertEqual(got, ['a'])

    def test_refusals(self):
        T = Lsock.ConnectionType
        for arguments in ((Lsock.Object(), 'nosuch', T.AUTO, None, print),
                          (Lsock.Object(), 'destroyed::detail', T.AUTO, None, print)):
            self.assertRaises(GLib.Error, Lsock.connect, *arguments)
        self.assertRaises(TypeError, Lsock.connect, Lsock.Object(), 'destroyed', T.AUTO, None, 3)

    def test_own_method_is_no_circle(self):
        class Listener(Lsock.Object):
            def take(self, *args):
                pass

        for kind in (Lsock.ConnectionType.DIRECT, Lsock.ConnectionType.QUEUED):
            listener = Listener()
            connection = Lsock.connect(listener, 'notify::name', kind, listener, listener.take)
            closure = Lsock.connect(listener, 'notify::name', kind, listener,
                                    lambda *args, me=listener: me)
            gone = weakref.ref(listener)
            del listener
            gc.collect()
            self.assertIsNone(gone())
            self.assertFalse(connection.is_connected())
            self.assertFalse(closure.is_connected())

    def test_slots_live_as_long_as_the_receiver(self):
        receiver, sender, got = Lsock.Object(), Lsock.Object(), []
        Lsock.connect(sender, 'notify::name', Lsock.ConnectionType.DIRECT, receiver,
                      lambda *args: got.append(1))
        gc.collect()
        sender.set_name('a')
        self.assertEqual(got, [1])
        del receiver
        gc.collect()
        sender.set_name('b')
        self.assertEqual(got, [1])

    def test_invoke_queued(self):
        got, receiver = [], Lsock.Object()
        thread, _ = in_thread(lambda: Lsock.invoke_queued(
            receiver, lambda *args: got.append(threading.get_ident())))
        self.until(lambda: got)
        thread.join()
        self.assertEqual(got, [threading.get_ident()])

    def test_ownership(self):
        parent, story = Lsock.Object(name='parent'), []
        for name in ('a', 'b'):
            child = Lsock.Object(parent=parent, name=name)
            child.connect('destroyed', lambda o, name=name: story.append(name))
        del child
        gc.collect()
        self.assertEqual(parent.props.children.get_n_items(), 2)
        self.assertEqual(Lsock.Object.find_child(parent, 'b', Lsock.Object).get_name(), 'b')
        parent.delete_later()
        parent.delete_later()
        self.until(lambda: len(story) == 2)
        self.assertEqual(story, ['b', 'a'])

    def test_signal_spy(self):
        counter = Counter()
        spy = Lsock.SignalSpy.new(counter, 'counted')
        GLib.idle_add(lambda: counter.counted.emit(3, 'three'))
        self.assertTrue(spy.wait(10000))
        self.assertEqual(spy.get_count(), 1)
        self.assertEqual(list(spy.get_args(0)), [3, 'three'])
        self.assertFalse(spy.wait(0))

    def test_move_to_a_thread(self):
        server, got = Lsock.Server(), []
        server.listen(self.name())
        context = GLib.MainContext()
        server.move_to_context(context)
        stop = threading.Event()

        def note(server):
            got.append(threading.get_ident())
            wake()

        def work():
            context.push_thread_default()
            server.connect('new-connection', note)
            while not stop.is_set():
                context.iteration(True)
            server.run_dispose()
            context.pop_thread_default()
        thread = threading.Thread(target=work)
        thread.start()
        client = Lsock.Socket()
        client.connect_to_server(self.name())
        self.until(lambda: got)
        stop.set()
        wake(context)
        thread.join()
        self.assertEqual(got, [thread.ident])


if __name__ == '__main__':
    main()

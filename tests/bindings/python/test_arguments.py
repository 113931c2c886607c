# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What functions take and refuse: names, texts, callables, keywords; and how objects print."""

import functools
import gc
import os
import pathlib
import subprocess
import sys
import weakref

from support import Case, main
from gi.repository import Lsock

T = Lsock.ConnectionType


def ignore(*arguments):
    pass


class Names(Case):
    def test_kinds_of_names(self):
        for name in (self.name(), os.fsencode(self.name()), pathlib.Path(self.name())):
            with Lsock.Server() as server, Lsock.Socket() as client:
                server.listen(name)
                client.connect_to_server(name)
                self.assertIs(client.get_state(), Lsock.SocketState.CONNECTED)
                self.assertEqual(client.get_server_name(), self.name())
                self.assertEqual(server.get_server_name(), self.name())

    def test_names_that_are_no_utf8(self):
        name = os.fsencode(self.name()) + b'\xfe'
        with Lsock.Server() as server, Lsock.Socket() as client:
            server.listen(name)
            self.assertEqual(os.fsencode(server.get_full_server_name()), name)
            self.assertTrue(os.path.exists(name))
            client.connect_to_server(server.get_server_name())
            self.assertIs(client.get_state(), Lsock.SocketState.CONNECTED)
            self.assertIn('\ufffd', client.props.server_name)
            self.assertIn('listening', repr(server))

    def test_names_with_nul(self):
        for name in ('a\0b', b'a\0b', pathlib.Path('a\0b')):
            client = Lsock.Socket()
            for call in (Lsock.Server().listen, client.connect_to_server, client.set_server_name,
                         Lsock.Server.remove_server,
                         lambda name: Lsock.Socket(server_name=name),
                         lambda name: setattr(client.props, 'server_name', name),
                         lambda name: client.set_property('server-name', name),
                         lambda name: client.set_properties(server_name=name)):
                self.assertRaises(ValueError, call, name)
            self.assertIsNone(client.get_server_name())

    def test_what_is_no_name(self):
        for name in (5, 1.5, ['a'], object()):
            client = Lsock.Socket()
            for call in (Lsock.Server().listen, client.connect_to_server, client.set_server_name,
                         Lsock.Server.remove_server,
                         lambda name: Lsock.Socket(server_name=name),
                         lambda name: setattr(client.props, 'server_name', name)):
                self.assertRaises(TypeError, call, name)
        for call in (Lsock.Server().listen, Lsock.Socket().connect_to_server,
                     Lsock.Server.remove_server):
            self.assertRaises(TypeError, call, None)

    def test_texts_with_nul(self):
        thing, device = Lsock.Object(), Lsock.Buffer()
        for call in (lambda: thing.set_name('a\0b'), lambda: Lsock.Object(name='a\0b'),
                     lambda: setattr(thing.props, 'name', 'a\0b'),
                     lambda: Lsock.Object.find_child(thing, 'a\0b', Lsock.Object),
                     lambda: Lsock.Object.find_children(thing, 'a\0b', Lsock.Object),
                     lambda: device.set_error_string('a\0b'),
                     lambda: Lsock.connect(thing, 'destroyed\0', T.AUTO, None, ignore),
                     lambda: Lsock.SignalSpy(thing, 'destroyed\0')):
            self.assertRaises(ValueError, call)
        self.assertIsNone(thing.get_name())

    def test_keywords(self):
        parent = Lsock.Object()
        client = Lsock.Socket(server_name=pathlib.Path('x'), parent=parent, name='client',
                              read_buffer_size=10)
        self.assertEqual(client.get_server_name(), 'x')
        self.assertIs(client.get_parent(), parent)
        self.assertEqual((client.get_name(), client.get_read_buffer_size()), ('client', 10))
        self.assertRaises(TypeError, Lsock.Socket, nosuch=1)

        class Child(Lsock.Socket):
            def __init__(self):
                super().__init__(server_name='y', parent=parent)
        self.assertEqual(Child().get_server_name(), 'y')

    def test_properties_stay_properties(self):
        client = Lsock.Socket()
        client.props.read_buffer_size = 7
        client.props.server_name = None
        self.assertEqual(client.props.read_buffer_size, 7)
        self.assertIn('read_buffer_size', dir(client.props))
        self.assertEqual(len(list(client.props)), len(client.props))
        self.assertEqual(Lsock.Socket.props.server_name.name, 'server-name')
        self.assertRaises(AttributeError, lambda: client.props.nosuch)
        self.assertRaises(TypeError, setattr, client.props, 'nosuch', 1)
        with self.assertRaises(TypeError):
            client.props.state = Lsock.SocketState.CONNECTED


class Examples(Case):
    def test_without_the_overrides(self):
        """PyGObject falls back to the bare functions in silence; a program says what is missing."""
        example = pathlib.Path(__file__).parents[3] / 'examples/digest-client.py'
        environment = {**os.environ, 'PYTHONPATH': ''}
        result = subprocess.run([sys.executable, '-I', str(example), 'name', 'file'],
                                env=environment, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count('\n'), 1)
        self.assertIn('gi/overrides/Lsock.py', result.stderr)


class Slots(Case):
    def test_wrong_arguments(self):
        thing = Lsock.Object()
        for arguments in (('x', 'destroyed', T.AUTO, None, ignore),
                          (None, 'destroyed', T.AUTO, None, ignore),
                          (thing, 5, T.AUTO, None, ignore),
                          (thing, b'destroyed', T.AUTO, None, ignore),
                          (thing, 'destroyed', T.AUTO, 'x', ignore),
                          (thing, 'destroyed', T.AUTO, None, 'x'),
                          (thing, 'destroyed', T.AUTO, None, None)):
            self.assertRaises(TypeError, Lsock.connect, *arguments)
        for arguments in ((thing, 5), ('x', ignore), (None, None)):
            self.assertRaises(TypeError, Lsock.invoke_queued, *arguments)

    def test_unique(self):
        class Receiver(Lsock.Object):
            def take(self, *arguments):
                got.append(arguments)

            def other(self, *arguments):
                pass

        got, sender, receiver = [], Lsock.Object(), Receiver()
        unique = T.UNIQUE | T.DIRECT
        connection = Lsock.connect(sender, 'notify::name', unique, receiver, receiver.take)
        with self.assertRaises(Lsock.OperationError) as caught:
            Lsock.connect(sender, 'notify::name', unique, receiver, receiver.take)
        self.assertIn('already', str(caught.exception))
        sender.set_name('a')
        self.assertEqual(len(got), 1)

        # Another method, object, signal, detail or sender is another connection.
        Lsock.connect(sender, 'notify::name', unique, receiver, receiver.other)
        Lsock.connect(sender, 'notify::name', unique, receiver, Receiver().take)
        Lsock.connect(sender, 'notify', unique, receiver, receiver.take)
        Lsock.connect(Lsock.Object(), 'notify::name', unique, receiver, receiver.take)
        # So is one after the first has ended.
        connection.disconnect()
        Lsock.connect(sender, 'notify::name', unique, receiver, receiver.take)
        # A connection that is not unique stands beside it, as in Qt.
        self.assertTrue(Lsock.connect(sender, 'notify::name', T.DIRECT, receiver, receiver.take))

    def test_unique_functions(self):
        sender, partial = Lsock.Object(), functools.partial(ignore, 'x')
        for slot in (ignore, partial, len):
            Lsock.connect(sender, 'destroyed', T.UNIQUE, None, slot)
            self.assertRaises(Lsock.Error, Lsock.connect, sender, 'destroyed', T.UNIQUE, None, slot)
        # Nothing is emitted at the end of the test, where len would be called with a sender.
        sender.block_signals(True)

    def test_unique_signal_names(self):
        sender, receiver = Lsock.Socket(), Lsock.Object()
        Lsock.connect(sender, 'ready-read', T.UNIQUE, receiver, ignore)
        self.assertRaises(Lsock.Error, Lsock.connect, sender, 'ready_read', T.UNIQUE, receiver,
                          ignore)

    def test_unique_is_no_circle(self):
        class Listener(Lsock.Object):
            def take(self, *arguments):
                pass

        listener = Listener()
        Lsock.connect(listener, 'notify::name', T.UNIQUE, listener, listener.take)
        gone = weakref.ref(listener)
        del listener
        gc.collect()
        self.assertIsNone(gone())

    def test_slots_that_raise(self):
        sender, got = Lsock.Object(), []

        def raising(*arguments):
            got.append(1)
            raise RuntimeError('on purpose')
        Lsock.connect(sender, 'notify::name', T.DIRECT, None, raising)
        Lsock.connect(sender, 'notify::name', T.QUEUED, None, raising)
        shown, hook = [], sys.excepthook
        sys.excepthook = lambda *arguments: shown.append(arguments[0])
        self.addCleanup(setattr, sys, 'excepthook', hook)
        sender.set_name('x')
        self.until(lambda: len(got) == 2)
        self.assertEqual(shown + [u.exc_type for u in self.unraised], [RuntimeError] * 2)


class Printing(Case):
    def test_objects(self):
        self.assertRegex(repr(Lsock.Object()), r'^<Lsock\.Object at 0x[0-9a-f]+>$')
        self.assertRegex(repr(Lsock.Object(name='a')), r"^<Lsock\.Object 'a' at ")

    def test_devices(self):
        buffer = Lsock.Buffer(name='b')
        self.assertRegex(repr(buffer), r"^<Lsock\.Buffer 'b' closed at ")
        buffer.open()
        self.assertRegex(repr(buffer), r"^<Lsock\.Buffer 'b' open READ_WRITE")
        buffer.close()
        buffer.open(Lsock.OpenMode.READ_ONLY | Lsock.OpenMode.TEXT)
        self.assertRegex(repr(buffer), r' open READ_ONLY\|TEXT')

    def test_sockets_and_servers(self):
        server, client = Lsock.Server(), Lsock.Socket(name='c')
        self.assertRegex(repr(server), r'^<Lsock\.Server not listening at ')
        self.assertRegex(repr(client), r"^<Lsock\.Socket 'c' UNCONNECTED at ")
        server.listen(self.name())
        client.connect_to_server(self.name())
        self.assertIn('Lsock.Server listening %r' % self.name(), repr(server))
        self.assertIn("Lsock.Socket 'c' CONNECTED %r" % self.name(), repr(client))

    def test_subclasses(self):
        class Mine(Lsock.Socket):
            pass

        self.assertIn('Mine UNCONNECTED', repr(Mine()))

    def test_connections_and_spies(self):
        thing = Lsock.Object()
        connection = Lsock.connect(thing, 'notify', T.AUTO, None, ignore)
        self.assertIn('Connection connected', repr(connection))
        connection.disconnect()
        self.assertIn('Connection disconnected', repr(connection))
        self.assertIn("'notify' count=0", repr(Lsock.SignalSpy(thing, 'notify')))


class Spies(Case):
    def test_a_spy_on_nothing(self):
        self.assertRaises(TypeError, Lsock.SignalSpy)
        self.assertRaises(TypeError, Lsock.SignalSpy, None, 'notify')
        self.assertRaises(TypeError, Lsock.SignalSpy.new, 'x', 'notify')

    def test_what_was_not_recorded(self):
        thing = Lsock.Object()
        spy = Lsock.SignalSpy(thing, 'notify::name')
        self.assertRaises(IndexError, spy.get_args, 0)
        self.assertRaises(IndexError, spy.get_arg, 9, 0)
        thing.set_name('a')
        self.assertEqual(spy.get_arg(0, 0).name, 'name')
        self.assertRaises(IndexError, spy.get_arg, 0, 9)
        self.assertRaises(IndexError, spy.get_args, -1)
        self.assertFalse(spy.wait(0))


if __name__ == '__main__':
    main()

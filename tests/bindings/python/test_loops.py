# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`for`, `with`, and Ctrl-C."""

import inspect
import os
import signal
import socket
import threading
from functools import partial

import gi
from support import Case, main
from gi.repository import Gio, GLib, Lsock


class Loops(Case):
    def pair(self, **properties):
        here, there = socket.socketpair()
        self.addCleanup(there.close)
        device = Lsock.Socket(**properties)
        device.set_socket_descriptor(here.detach())
        return device, there

    def test_lines_of_a_socket(self):
        device, there = self.pair()
        thread = threading.Thread(target=lambda: (there.sendall(b'one\ntw'), there.sendall(b'o\n'),
                                                  there.sendall(b'rest'), there.close()))
        thread.start()
        self.assertEqual(list(device), [b'one\n', b'two\n', b'rest'])
        thread.join()
        self.assertEqual(list(device), [])

    def test_lines_of_a_buffer(self):
        buffer = Lsock.Buffer()
        buffer.set_data(b'one\n\ntwo')
        buffer.open()
        self.assertEqual(list(buffer), [b'one\n', b'\n', b'two'])

    def test_lines_of_a_device_in_python(self):
        class Source(Lsock.IODevice):
            pieces = [b'on', b'e\ntw', b'o\n', b'x']

            def do_is_sequential(self):
                return True

            def do_read_data(self, max_length):
                return self.pieces.pop(0) if self.pieces else None

        source = Source()
        source.open(Lsock.OpenMode.READ_ONLY)
        self.assertEqual(list(source), [b'one\n', b'two\n', b'x'])

    def test_lines_of_a_device_that_fails(self):
        class Failing(Lsock.IODevice):
            pieces = [b'one\n']

            def do_is_sequential(self):
                return True

            def do_read_data(self, max_length):
                if not self.pieces:
                    raise Lsock.ConnectionError('broken')
                return self.pieces.pop()

        failing, lines = Failing(), []
        failing.open(Lsock.OpenMode.READ_ONLY)
        with self.assertRaises(ConnectionError):
            lines.extend(failing)
        self.assertEqual(failing.get_error_string(), 'broken')

    def test_lines_can_be_left(self):
        device, there = self.pair()
        there.sendall(b'one\ntwo\nthree\n')
        for line in device:
            break
        self.assertEqual(line, b'one\n')
        self.assertEqual(next(iter(device)), b'two\n')
        self.assertEqual(device.read(), b'three\n')

    def test_lines_of_a_socket_that_is_closed_meanwhile(self):
        device, there = self.pair()
        there.sendall(b'one\ntwo\n')
        lines = []
        for line in device:
            lines.append(line)
            device.abort()
        self.assertEqual(lines, [b'one\n'])

    def test_lines_of_what_is_not_open(self):
        for device in (Lsock.Socket(), Lsock.Buffer(), Lsock.StreamDevice()):
            self.assertRaises(Lsock.OperationError, list, device)

    def test_lines_longer_than_the_read_buffer(self):
        device, there = self.pair(read_buffer_size=4)
        there.sendall(b'12345678')
        with self.assertRaises(Lsock.OperationError) as caught:
            list(device)
        self.assertIn('full', str(caught.exception))
        self.assertEqual(device.read(4), b'1234')

    def test_lines_of_a_failed_connection(self):
        """A full backlog keeps a socket CONNECTING until its time limit."""
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
            listener.bind(self.name())
            listener.listen(0)
            first.connect(self.name())
            client = Lsock.Socket(connect_timeout=1)
            client.connect_to_server(self.name())
            self.assertIs(client.get_state(), Lsock.SocketState.CONNECTING)
            self.assertRaises(TimeoutError, list, client)

    def test_connections_of_a_server(self):
        server, got = Lsock.Server(), []
        server.listen(self.name())

        def talk():
            for i in range(3):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(self.name())
                    client.sendall(b'hello %d\n' % i)
        thread = threading.Thread(target=talk)
        thread.start()
        for connection in server:
            with connection:
                got.extend(connection)
            if len(got) == 3:
                server.close()
        thread.join()
        self.assertEqual(got, [b'hello 0\n', b'hello 1\n', b'hello 2\n'])

    def test_connections_of_a_closed_server(self):
        self.assertRaises(Lsock.OperationError, list, Lsock.Server())

    def test_with_server(self):
        with Lsock.Server() as server:
            server.listen(self.name())
            self.assertTrue(os.path.exists(self.name()))
        self.assertFalse(server.is_listening())
        self.assertFalse(os.path.exists(self.name()))

    def test_with_device(self):
        with Lsock.Buffer() as buffer:
            buffer.open()
        self.assertFalse(buffer.is_open())

    def test_with_closes_after_an_exception(self):
        device, there = self.pair()
        with self.assertRaises(ZeroDivisionError), device:
            1 / 0
        self.assertIs(device.get_state(), Lsock.SocketState.UNCONNECTED)

    def test_with_socket_sends_the_rest(self):
        device, there = self.pair()
        got = []

        def receive():
            while piece := there.recv(1 << 16):
                got.append(piece)
        thread = threading.Thread(target=receive)
        thread.start()
        with device:
            device.write(bytes(4 << 20))
        thread.join()
        self.assertEqual(sum(map(len, got)), 4 << 20)
        self.assertIs(device.get_state(), Lsock.SocketState.UNCONNECTED)


class Interrupts(Case):
    """A signal that arrives while a call blocks."""

    def setUp(self):
        super().setUp()
        here, self.there = socket.socketpair()
        self.addCleanup(self.there.close)
        self.device = Lsock.Socket()
        self.device.set_socket_descriptor(here.detach())
        self.errors = []
        self.device.connect('error', lambda device, error: self.errors.append(error))

    def interrupted(self, call, number=signal.SIGINT):
        """One that arrives before the call blocks is handled before it."""
        handled = threading.Event()
        before = signal.getsignal(number)

        def handler(number, frame):
            handled.set()
            if callable(before):
                before(number, frame)
        signal.signal(number, handler)
        thread = threading.Thread(target=lambda: os.kill(os.getpid(), number))
        try:
            thread.start()
            return call()
        finally:
            thread.join()
            signal.signal(number, before)
            self.assertTrue(handled.is_set())

    def check(self, call):
        self.assertRaises(KeyboardInterrupt, self.interrupted, call)
        self.assertEqual(self.errors, [])

    def test_wait_for_ready_read(self):
        self.check(lambda: self.device.wait_for_ready_read(-1))
        self.assertIs(self.device.get_state(), Lsock.SocketState.CONNECTED)
        self.assertIs(self.device.get_error(), Lsock.SocketError.UNKNOWN)

    def test_wait_for_disconnected(self):
        self.check(lambda: self.device.wait_for_disconnected(-1))

    def test_wait_for_bytes_written(self):
        self.device.write(bytes(8 << 20))

        def write():
            while self.device.wait_for_bytes_written(-1):
                pass
        self.check(write)

    def test_wait_for_connected(self):
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
            listener.bind(self.name())
            listener.listen(0)
            first.connect(self.name())
            client = Lsock.Socket(connect_timeout=1000000)
            client.connect_to_server(self.name())
            self.check(lambda: client.wait_for_connected(-1))
            self.assertIs(client.get_state(), Lsock.SocketState.CONNECTING)

    def test_wait_for_new_connection(self):
        with Lsock.Server() as server:
            server.listen(self.name())
            self.check(lambda: server.wait_for_new_connection(-1))
            self.check(lambda: list(server))

    def test_stream_device(self):
        end, self.end = os.pipe()
        self.addCleanup(os.close, self.end)
        device = Lsock.StreamDevice(input_stream=Gio.UnixInputStream.new(end, True))
        device.open(Lsock.OpenMode.READ_ONLY)
        self.check(lambda: device.wait_for_ready_read(-1))

    def test_spy(self):
        spy = Lsock.SignalSpy(self.device, 'ready-read')
        self.check(lambda: spy.wait(-1))

    def test_lines(self):
        self.check(lambda: list(self.device))

    def test_messages(self):
        channel = Lsock.MessageChannel(device=self.device, framing=Lsock.MessageFraming.LINES)
        for call in (lambda: channel.receive(-1), lambda: channel.receive(100000),
                     lambda: channel.wait_for_message(-1), lambda: list(channel)):
            self.check(call)
        self.there.sendall(b'message\n')
        self.assertEqual(channel.receive(-1), b'message')

    def test_wait_for_client(self):
        with Lsock.Server() as server:
            server.listen(self.name())
            self.check(lambda: server.wait_for_client(-1))

    def test_each_call_with_a_time_limit(self):
        """What waits in C alone does not hear of Ctrl-C; the forms for arrays are for GJS."""
        waits, bare = set(), set()
        for owner in filter(inspect.isclass, map(partial(getattr, Lsock), dir(Lsock))):
            for name in dir(owner):
                # That of C comes last; one that can fail is wrapped.
                functions = [getattr(vars(each)[name], '__wrapped__', vars(each)[name])
                             for each in owner.__mro__ if name in vars(each)]
                if (isinstance(functions[-1], gi._gi.FunctionInfo) and
                        'msecs' in [each.get_name() for each in functions[-1].get_arguments()] and
                        not name.startswith('set_') and not name.endswith('_array')):
                    waits.add(name)
                    if functions[0] is functions[-1]:
                        bare.add('%s.%s' % (owner.__name__, name))
        self.assertLessEqual({'wait_for_ready_read', 'wait_for_message', 'receive', 'wait'}, waits)
        self.assertEqual(bare, set())

    def test_a_handler_that_does_not_raise(self):
        """The wait goes on, with the rest of its time."""
        handled = []

        def handler(*arguments):
            handled.append(1)
            self.there.sendall(b'data')
        before = signal.signal(signal.SIGUSR1, handler)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        self.assertTrue(self.interrupted(lambda: self.device.wait_for_ready_read(-1),
                                         signal.SIGUSR1))
        self.assertEqual(handled, [1])
        self.assertEqual(self.errors, [])

    def test_time_runs_out_after_a_signal(self):
        before = signal.signal(signal.SIGUSR1, lambda *arguments: None)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        self.assertFalse(self.interrupted(lambda: self.device.wait_for_ready_read(50),
                                          signal.SIGUSR1))
        self.assertEqual(self.errors, [Lsock.SocketError.SOCKET_TIMEOUT])

    def test_descriptor_of_another_is_left(self):
        here, there = socket.socketpair()
        there.setblocking(False)
        before = signal.set_wakeup_fd(there.fileno())
        self.addCleanup(signal.set_wakeup_fd, before)
        self.check(lambda: self.device.wait_for_ready_read(-1))
        self.assertIn(signal.SIGINT, here.recv(100))
        self.assertEqual(signal.set_wakeup_fd(-1), there.fileno())
        here.close()
        there.close()

    def test_inside_a_main_loop(self):
        """PyGObject's own handler ends the loop; the wait in the way of it ends too."""
        loop, over = GLib.MainLoop(), []

        # The handler raises nothing, so that a signal that arrives before the wait would be missed.
        def interrupt():
            os.kill(os.getpid(), signal.SIGINT)
            while not ended.wait(0.01):
                os.kill(os.getpid(), signal.SIGINT)

        def wait():
            thread = threading.Thread(target=interrupt)
            thread.start()
            try:
                self.device.wait_for_ready_read(-1)
            except KeyboardInterrupt:
                over.append(True)
            ended.set()
            thread.join()
            return False
        ended = threading.Event()
        GLib.idle_add(wait)
        self.assertRaises(KeyboardInterrupt, loop.run)
        self.assertEqual(over, [True])

    def test_other_threads_wait_undisturbed(self):
        def wait():
            context = GLib.MainContext()
            context.push_thread_default()
            here, there = socket.socketpair()
            device = Lsock.Socket()
            device.set_socket_descriptor(here.detach())
            there.sendall(b'x')
            got.append(device.wait_for_ready_read(-1))
            there.close()
            context.pop_thread_default()
        got = []
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        self.assertEqual(got, [True])

    def test_child_process(self):
        """A child's signals are its own: the parent goes on, and the child ends."""
        self.device.wait_for_ready_read(0)
        self.errors.clear()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                here, there = socket.socketpair()
                device = Lsock.Socket()
                device.set_socket_descriptor(here.detach())
                threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT)).start()
                device.wait_for_ready_read(-1)
            except KeyboardInterrupt:
                status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertFalse(self.device.wait_for_ready_read(0))
        self.assertEqual(self.errors, [Lsock.SocketError.SOCKET_TIMEOUT])


if __name__ == '__main__':
    main()

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real Qt and lsock behind one set of names, so that a scenario is written once.

`side('qt')` and `side('lsock')` give a World: a loop, makers of objects, and a trace. An object is
a Thing: its methods have lsock's names, and answer the same on both sides; what fails answers as
Qt's functions do. Every signal of every Thing is written into its line of the trace.
"""

import os
import socket
import threading
import time

READ, WRITE, BOTH, APPEND, TRUNCATE, TEXT, UNBUFFERED = 1, 2, 3, 4, 8, 0x10, 0x20
STATES = {0: 'unconnected', 2: 'connecting', 3: 'connected', 6: 'closing'}

# lsock's name: (Qt's name, the answer to a failure)
METHODS = {
    'open': ('open', False),
    'close': ('close', None),
    'read': ('read', None),
    'read_all': ('readAll', b''),
    'read_line': ('readLine', b''),
    'peek': ('peek', b''),
    'skip': ('skip', -1),
    'unget_char': ('ungetChar', None),
    'put_char': ('putChar', False),
    'write': ('write', -1),
    'bytes_available': ('bytesAvailable', 0),
    'bytes_to_write': ('bytesToWrite', 0),
    'can_read_line': ('canReadLine', False),
    'at_end': ('atEnd', True),
    'pos': ('pos', 0),
    'size': ('size', 0),
    'seek': ('seek', False),
    'reset': ('reset', False),
    'is_open': ('isOpen', False),
    'is_readable': ('isReadable', False),
    'is_writable': ('isWritable', False),
    'is_sequential': ('isSequential', False),
    'get_text_mode': ('isTextModeEnabled', False),
    'set_text_mode': ('setTextModeEnabled', None),
    'start_transaction': ('startTransaction', None),
    'commit_transaction': ('commitTransaction', None),
    'rollback_transaction': ('rollbackTransaction', None),
    'is_transaction_started': ('isTransactionStarted', False),
    'wait_for_ready_read': ('waitForReadyRead', False),
    'wait_for_bytes_written': ('waitForBytesWritten', False),
    'wait_for_connected': ('waitForConnected', False),
    'wait_for_disconnected': ('waitForDisconnected', False),
    'connect_to_server': ('connectToServer', None),
    'disconnect_from_server': ('disconnectFromServer', None),
    'abort': ('abort', None),
    'flush': ('flush', False),
    'is_valid': ('isValid', False),
    'set_server_name': ('setServerName', None),
    'get_read_buffer_size': ('readBufferSize', 0),
    'set_read_buffer_size': ('setReadBufferSize', None),
    'block_signals': ('blockSignals', False),
    'delete_later': ('deleteLater', None),
    'listen': ('listen', False),
    'listen_fd': ('listen', False),
    'is_listening': ('isListening', False),
    'has_pending_connections': ('hasPendingConnections', False),
    'get_max_pending_connections': ('maxPendingConnections', 0),
    'set_max_pending_connections': ('setMaxPendingConnections', None),
    'get_listen_backlog_size': ('listenBacklogSize', 0),
    'set_listen_backlog_size': ('setListenBacklogSize', None),
}

QT_SIGNALS = {
    'connected': 'connected', 'disconnected': 'disconnected', 'error': 'errorOccurred',
    'state-changed': 'stateChanged', 'ready-read': 'readyRead', 'bytes-written': 'bytesWritten',
    'about-to-close': 'aboutToClose', 'read-channel-finished': 'readChannelFinished',
    'new-connection': 'newConnection', 'destroyed': 'destroyed',
}

DEVICE = ('ready-read', 'bytes-written', 'about-to-close', 'read-channel-finished')
SIGNALS = {
    'socket': ('connected', 'disconnected', 'error', 'state-changed') + DEVICE,
    'buffer': DEVICE,
    'server': ('new-connection',),
}


class Missing(Exception):
    """This side is not installed."""


class World:
    def __init__(self, folder):
        self.folder, self.lines, self.kept = folder, {}, []
        self.last = time.monotonic()
        self.lock = threading.RLock()

    # The trace

    def note(self, tag, text):
        with self.lock:
            self.last = time.monotonic()
            self.lines.setdefault(tag, []).append(text)

    def mark(self, text):
        with self.lock:
            for line in self.lines.values():
                line.append('-- ' + text)

    def record(self, thing, signal, arguments):
        with self.lock:
            words = [signal] + [str(a) for a in arguments]
            if thing.kind == 'socket' and not thing.dying:
                words += ['@' + thing.state(), str(thing.bytes_available())]
            line = self.lines.setdefault(thing.tag, [])
            thing.counts[signal] = thing.counts.get(signal, 0) + 1
            # How a toolkit cuts its writes is nobody's business.
            if signal == 'bytes-written':
                thing.written += arguments[0]
                before = line[-1].split() if line else ['']
                if before[0] == signal and before[2:3] == words[2:3]:
                    words[1] = str(int(before[1]) + arguments[0])
                    line.pop()
            line.append(' '.join(words))
            self.last = time.monotonic()

    def forget(self, *tags):
        for tag in tags:
            self.lines.pop(tag, None)

    # Time

    def settle(self, quiet=0.1, limit=5):
        start = self.last = time.monotonic()
        self.until(lambda: time.monotonic() - self.last > quiet or
                   time.monotonic() - start > limit, limit + 1)

    # Plain sockets, which share no code with either side

    def path(self, name):
        return os.path.join(self.folder, name)

    def listener(self, name='raw', backlog=5):
        listener = socket.socket(socket.AF_UNIX)
        listener.settimeout(10)
        listener.bind(self.path(name))
        listener.listen(backlog)
        self.kept.append(listener)
        return listener

    def dial(self, name):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(10)
        peer.connect(self.path(name))
        self.kept.append(peer)
        return peer

    def joined(self, mode=BOTH):
        """A socket of this side, and a plain one that is connected to it."""
        listener = self.listener('first')
        client = self.socket('client')
        client.connect_to_server('first', mode)
        peer, _ = listener.accept()
        peer.settimeout(10)
        self.kept.append(peer)
        self.settle(0.02)
        self.mark('joined')
        return client, peer

    def pair(self):
        """(server, client, peer), all of this side."""
        server, client = self.server('server'), self.socket('client')
        server.listen('pair')
        client.connect_to_server('pair')
        self.until(server.has_pending_connections)
        peer = self.next_of(server, 'peer')
        self.settle(0.02)
        self.mark('joined')
        return server, client, peer

    def socket(self, tag):
        return self.make('socket', tag)

    def server(self, tag):
        return self.make('server', tag)

    def buffer(self, tag, data=b'', mode=BOTH):
        buffer = self.make('buffer', tag)
        buffer.set_data(data)
        if mode:
            buffer.open(mode)
        return buffer


class Thing:
    """An object under test; `o` is the toolkit's own."""

    def __init__(self, world, kind, tag, o):
        self.world, self.kind, self.tag, self.o = world, kind, tag, o
        self.counts, self.written, self.dying = {}, 0, False
        world.lines.setdefault(tag, [])
        world.kept.append(self)
        for signal in SIGNALS[kind]:
            self.attach(signal, lambda *a, signal=signal: world.record(self, signal, a))

    def on(self, signal, act, once=True):
        """Runs act(self, *arguments) when the signal comes, after it was recorded."""
        done = []

        def handler(*arguments):
            if once and done:
                return
            done.append(True)
            act(self, *arguments)
        self.attach(signal, handler)

    def __getattr__(self, name):
        if name not in METHODS:
            raise AttributeError(name)
        return lambda *arguments: self.call(name, *arguments)

    def status(self):
        return [self.state(), self.error(), self.is_open(), self.is_readable(), self.is_writable(),
                self.bytes_available(), self.bytes_to_write(), self.server_name(),
                self.full_server_name()]

    def delete_later(self):
        self.dying = True
        self.call('delete_later')


# Qt

class QtThing(Thing):
    def attach(self, signal, function):
        bound = getattr(self.o, QT_SIGNALS[signal])

        def slot(*arguments):
            function(*[self.plain(a) for a in arguments])
        bound.connect(slot)

    def plain(self, value):
        name = type(value).__name__
        if name == 'LocalSocketState':
            return STATES[value.value]
        if name in ('LocalSocketError', 'SocketError'):
            return value.value
        if name == 'QByteArray':
            return bytes(value)
        return value

    def call(self, name, *arguments):
        qt, failure = METHODS[name]
        if name in ('open', 'connect_to_server') and arguments and isinstance(arguments[-1], int):
            mode = self.world.core.QIODeviceBase.OpenModeFlag(arguments[-1])
            arguments = arguments[:-1] + (mode,)
        if name == 'read_line' and arguments and arguments[0]:
            arguments = (arguments[0] + 1,)     # the C form, which counts the NUL at the end
        if name in ('unget_char', 'put_char'):
            arguments = (bytes([arguments[0]]),)
        try:
            answer = self.plain(getattr(self.o, qt)(*arguments))
        except ValueError:
            return failure
        return failure if answer is None else answer

    def get_char(self):
        found, char = self.o.getChar()
        return bytes(char) if found else None

    def state(self):
        return STATES[self.o.state().value]

    def error(self):
        return (self.o.serverError() if self.kind == 'server' else self.o.error()).value

    def mode(self):
        return self.o.openMode().value

    def server_name(self):
        return self.o.serverName().replace(self.world.folder, '$')

    def full_server_name(self):
        return self.o.fullServerName().replace(self.world.folder, '$')

    def has_error_string(self):
        return self.o.errorString() not in ('', 'Unknown error')

    def descriptor(self):
        descriptor = int(self.o.socketDescriptor())
        return -1 if descriptor in (-1, 2 ** 64 - 1) else descriptor

    def set_descriptor(self, fd, mode=BOTH):
        return self.o.setSocketDescriptor(
            fd, self.world.network.QLocalSocket.LocalSocketState.ConnectedState,
            self.world.core.QIODeviceBase.OpenModeFlag(mode))

    def set_options(self, value):
        if self.kind == 'server':
            self.o.setSocketOptions(self.world.network.QLocalServer.SocketOption(value))
        else:
            option = self.world.network.QLocalSocket.SocketOption
            self.o.setSocketOptions(option.AbstractNamespaceOption if value & 8 else option(0))

    def set_data(self, data):
        self.o.setData(data)

    def data(self):
        return bytes(self.o.data())

    def wait_for_new_connection(self, msecs):
        return list(self.o.waitForNewConnection(msecs))

    def alive(self):
        return not self.world.sip.isdeleted(self.o)


class QtWorld(World):
    name = 'qt'

    def __init__(self, folder):
        super().__init__(folder)
        try:
            from PyQt6 import QtCore, QtNetwork, sip
        except ImportError as error:
            raise Missing(str(error)) from error
        self.core, self.network, self.sip = QtCore, QtNetwork, sip
        QtCore.qInstallMessageHandler(lambda *arguments: None)
        self.application = QtCore.QCoreApplication([])
        self.version = QtCore.QT_VERSION_STR

    def until(self, condition, seconds=5):
        if condition():
            return True
        deadline, loop, timer = time.monotonic() + seconds, self.core.QEventLoop(), self.core.QTimer()
        answers = []

        def look():
            if condition():
                answers.append(True)
            if answers or time.monotonic() > deadline:
                timer.stop()
                loop.quit()
        timer.timeout.connect(look)
        timer.start(1)
        loop.exec()
        return bool(answers)

    def make(self, kind, tag):
        return QtThing(self, kind, tag, {'socket': self.network.QLocalSocket,
                                         'server': self.network.QLocalServer,
                                         'buffer': self.core.QBuffer}[kind]())

    def next_of(self, server, tag):
        o = server.o.nextPendingConnection()
        return QtThing(self, 'socket', tag, o) if o is not None else None

    def remove_server(self, name):
        return self.network.QLocalServer.removeServer(name)

    def enter_thread(self):
        threading.current_thread().loop = self.core.QEventLoop()

    def leave_thread(self):
        del threading.current_thread().loop


# lsock

class LsockThing(Thing):
    def attach(self, signal, function):
        self.o.connect(signal, lambda o, *a: function(*[self.plain(signal, x) for x in a]))

    @staticmethod
    def plain(signal, value):
        if signal == 'state-changed':
            return STATES[int(value)]
        return int(value) if signal == 'error' else value

    def call(self, name, *arguments):
        failure = METHODS[name][1]
        if name in ('open', 'connect_to_server') and arguments and isinstance(arguments[-1], int):
            arguments = arguments[:-1] + (self.world.lsock.OpenMode(arguments[-1]),)
        function = getattr(self.o, name)
        if name == 'read' and arguments[0] < 0:
            # To Python's override -1 means all, as to Python's files; C refuses it, as Qt does.
            function = super(self.world.lsock.IODevice, self.o).read
        try:
            answer = function(*arguments)
        except self.world.glib.Error:
            return failure
        return answer if answer is not None else failure

    def get_char(self):
        return self.o.get_char()

    def state(self):
        return STATES[int(self.o.get_state())]

    def error(self):
        return int(self.o.get_server_error() if self.kind == 'server' else self.o.get_error())

    def mode(self):
        return int(self.o.get_open_mode())

    def server_name(self):
        return (self.o.get_server_name() or '').replace(self.world.folder, '$')

    def full_server_name(self):
        return (self.o.get_full_server_name() or '').replace(self.world.folder, '$')

    def has_error_string(self):
        return bool(self.o.get_error_string())

    def descriptor(self):
        return self.o.get_socket_descriptor()

    def set_descriptor(self, fd, mode=BOTH):
        try:
            return self.o.set_socket_descriptor(fd, self.world.lsock.SocketState.CONNECTED,
                                                self.world.lsock.OpenMode(mode))
        except self.world.glib.Error:
            return False

    def set_options(self, value):
        self.o.set_socket_options(self.world.lsock.SocketOptions(value))

    def set_data(self, data):
        self.o.set_data(data)

    def data(self):
        return self.o.get_data()

    def wait_for_new_connection(self, msecs):
        return list(self.o.wait_for_new_connection(msecs))

    def alive(self):
        return not self.gone

    def delete_later(self):
        self.gone = False
        self.attach('destroyed', lambda: setattr(self, 'gone', True))
        super().delete_later()

    gone = False


class LsockWorld(World):
    name = 'lsock'

    def __init__(self, folder):
        super().__init__(folder)
        try:
            import gi
            gi.require_version('Lsock', '1')
            from gi.repository import GLib, Lsock
        except (ImportError, ValueError) as error:
            raise Missing(str(error)) from error
        self.glib, self.lsock = GLib, Lsock

    def until(self, condition, seconds=5):
        context = self.glib.MainContext.get_thread_default() or self.glib.MainContext.default()
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            if not context.iteration(False):
                time.sleep(0.0005)
        return True

    def make(self, kind, tag):
        return LsockThing(self, kind, tag, {'socket': self.lsock.Socket, 'server': self.lsock.Server,
                                            'buffer': self.lsock.Buffer}[kind]())

    def next_of(self, server, tag):
        o = server.o.next_pending_connection()
        return LsockThing(self, 'socket', tag, o) if o is not None else None

    def remove_server(self, name):
        try:
            return self.lsock.Server.remove_server(name)
        except self.glib.Error:
            return False

    def enter_thread(self):
        context = threading.current_thread().context = self.glib.MainContext()
        context.push_thread_default()

    def leave_thread(self):
        threading.current_thread().context.pop_thread_default()


WORLDS = {'qt': QtWorld, 'lsock': LsockWorld}

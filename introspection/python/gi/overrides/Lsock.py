# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What makes lsock feel native in Python: bytes, names, exceptions, loops, Ctrl-C, and slots that
can be collected."""

import builtins
import errno
import functools
import inspect
import io
import threading
import weakref

from gi.module import get_introspection_module
from gi.overrides import override
from gi.overrides._lsock_arguments import (from_gbytes, to_bytes, to_callable, to_char, to_gbytes,
                                           to_name, to_object, to_text)
from gi.overrides._lsock_calls import begin, wait
from gi.repository import GLib, GObject

Lsock = get_introspection_module('Lsock')

__all__ = []

# For how many milliseconds the functions called wait_for_… wait unless they are told, as in Qt.
DEFAULT_WAIT = 30000
DEFAULT_SPY_WAIT = 5000


def public(thing):
    __all__.append(thing.__name__)
    return thing


def overriding(cls):
    return public(override(cls))


# Exceptions
#
# PyGObject raises every GError as GLib.Error.  What has the domain of lsock is raised as a subclass
# for its code, which is a subclass of the matching built-in exception as well.  Lsock.SocketError
# stays the enumeration of the codes: the class of an exception cannot be an enumeration too.

DOMAIN = 'lsock-socket-error-quark'
error_classes = {}


@public
class Error(GLib.Error):
    """What a device, a socket or a server reports; each code has a subclass."""

    socket_error = Lsock.SocketError.UNKNOWN
    error_number = None

    def __new__(cls, message='unknown error', domain=DOMAIN, code=None):
        if cls is Error:
            cls = error_classes.get(code, UnknownError)
        # Each of the two kinds of built-in exceptions has a structure of its own in C.
        return (OSError if issubclass(cls, OSError) else RuntimeError).__new__(cls, message)

    def __init__(self, message='unknown error', domain=DOMAIN, code=None):
        super().__init__(message, domain, int(self.socket_error if code is None else code))
        if isinstance(self, OSError):
            self.errno = self.error_number
            self.strerror = message

    def __str__(self):
        return self.message

    def __repr__(self):
        return 'Lsock.%s(%r)' % (type(self).__name__, self.message)

    def __reduce__(self):
        return type(self), (self.message, self.domain, self.code)

    def copy(self):
        return type(self)(self.message, self.domain, self.code)

    @staticmethod
    def from_gerror(error):
        """The exception for a GLib.Error that a signal or a virtual function of C's handed over.

        An error of another domain is returned as it is.
        """
        if error.domain != DOMAIN or isinstance(error, Error):
            return error
        return Error(error.message, DOMAIN, error.code)


def error_class(code, number, *bases):
    name = ''.join(part.capitalize() for part in code.value_nick.split('-')) + 'Error'
    cls = type(Error)(name, (Error,) + bases, {
        '__module__': 'gi.repository.Lsock',
        '__doc__': 'Lsock.SocketError.' + code.value_nick.replace('-', '_').upper(),
        'socket_error': code,
        'error_number': number,
    })
    error_classes[code] = cls
    globals()[name] = public(cls)


error_class(Lsock.SocketError.CONNECTION_REFUSED, errno.ECONNREFUSED,
            builtins.ConnectionRefusedError)
# Which of the two a system reports depends on which side was faster.
error_class(Lsock.SocketError.PEER_CLOSED, errno.EPIPE, BrokenPipeError, ConnectionResetError)
error_class(Lsock.SocketError.SERVER_NOT_FOUND, errno.ENOENT, FileNotFoundError)
error_class(Lsock.SocketError.SOCKET_ACCESS, errno.EACCES, PermissionError)
error_class(Lsock.SocketError.SOCKET_RESOURCE, None, OSError)
error_class(Lsock.SocketError.SOCKET_TIMEOUT, errno.ETIMEDOUT, TimeoutError)
error_class(Lsock.SocketError.DATAGRAM_TOO_LARGE, errno.EMSGSIZE, OSError)
error_class(Lsock.SocketError.CONNECTION, None, builtins.ConnectionError)
error_class(Lsock.SocketError.ADDRESS_IN_USE, errno.EADDRINUSE, OSError)
error_class(Lsock.SocketError.UNSUPPORTED_SOCKET_OPERATION, errno.EOPNOTSUPP,
            io.UnsupportedOperation)
error_class(Lsock.SocketError.OPERATION, None)
error_class(Lsock.SocketError.UNKNOWN, None, OSError)


def raising(info):
    """A function of C's that raises the exceptions above."""
    @functools.wraps(info)
    def function(*args, **kwargs):
        try:
            return info(*args, **kwargs)
        except GLib.Error as error:
            if error.domain != DOMAIN:
                raise
            caught = error
        # Outside of the handler: the error that it stands for is no context that helps a reader.
        raise Error.from_gerror(caught)

    return function


def raise_in(cls):
    """Every function of a class that can fail, those that the library gains later included."""
    for name, info in list(vars(cls).items()):
        if not hasattr(info, 'can_throw_gerror') or name.startswith('do_') or \
                not info.can_throw_gerror():
            continue
        if info.is_constructor():
            setattr(cls, name, staticmethod(raising(getattr(cls, name))))
        elif info.is_method():
            setattr(cls, name, raising(info))
        else:
            setattr(cls, name, staticmethod(raising(info)))


# Classes

class Properties:
    """The properties of an object, as texts that C gets whole."""

    def __init__(self, owner, plain):
        object.__setattr__(self, '_owner', owner)
        object.__setattr__(self, '_plain', plain)

    def __getattr__(self, name):
        return getattr(self._plain, name)

    def __setattr__(self, name, value):
        self._owner.set_property(name, value)

    def __dir__(self):
        return dir(self._plain)

    def __iter__(self):
        return iter(self._plain)

    def __len__(self):
        return len(self._plain)


plain_properties = inspect.getattr_static(GObject.Object, 'props')


class PropertiesOf:
    def __get__(self, instance, owner):
        plain = plain_properties.__get__(instance, owner)
        return plain if instance is None else Properties(instance, plain)


raise_in(Lsock.Object)


class Object(Lsock.Object):
    props = PropertiesOf()

    def __init__(self, **properties):
        for name, value in properties.items():
            properties[name] = to_text(value)
        super().__init__(**properties)

    def __repr__(self):
        parts = ['Lsock.' + type(self).__name__ if type(self).__module__ == 'gi.overrides.Lsock'
                 else type(self).__qualname__]
        try:
            if self.get_name() is not None:
                parts.append(repr(self.get_name()))
            parts += self._state()
        except TypeError:
            parts.append('uninitialized')
        return '<%s at %#x>' % (' '.join(parts), id(self))

    def _state(self):
        return []

    def set_property(self, name, value):
        super().set_property(name, to_text(value))

    def set_properties(self, **properties):
        for name, value in properties.items():
            self.set_property(name, value)

    def set_name(self, name):
        super().set_name(to_text(name))

    @staticmethod
    def find_child(parent, name, type):
        return Lsock.Object.find_child(parent, to_text(name), type)

    @staticmethod
    def find_children(parent, name, type):
        return Lsock.Object.find_children(parent, to_text(name), type)


Object = overriding(Object)
raise_in(Lsock.Connection)


class Connection(Lsock.Connection):
    def __bool__(self):
        return self.is_connected()

    def __repr__(self):
        return '<Lsock.Connection %s at %#x>' % (
            'connected' if self.is_connected() else 'disconnected', id(self))


Connection = overriding(Connection)
raise_in(Lsock.SignalSpy)


class SignalSpy(Lsock.SignalSpy):
    def __new__(cls, object, detailed_signal):
        return cls.new(object, detailed_signal)

    def __init__(self, object, detailed_signal):
        """new() has made the spy already."""

    def __repr__(self):
        return '<Lsock.SignalSpy %r count=%d at %#x>' % (self.get_signal(), self.get_count(),
                                                         id(self))

    @staticmethod
    def new(object, detailed_signal):
        return Lsock.SignalSpy.new(to_object('object', object), to_text(detailed_signal))

    def get_arg(self, index, position):
        return self.get_args(index)[position]

    def get_args(self, index):
        if not 0 <= index < self.get_count():
            raise IndexError('the spy has recorded %d emissions' % self.get_count())
        return super().get_args(index)

    def wait(self, msecs=DEFAULT_SPY_WAIT):
        return wait(super().wait, msecs)


SignalSpy = overriding(SignalSpy)
raise_in(Lsock.IODevice)


def returning_bytes(function):
    """A virtual function of a class in Python, which may return any bytes."""
    @functools.wraps(function)
    def wrapper(*args):
        answer = function(*args)
        return None if answer is None else to_gbytes(answer)

    return wrapper


class IODevice(Lsock.IODevice):
    """Reading gives `bytes`; writing takes any object with the buffer interface, or GLib.Bytes."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # Before PyGObject hands them to C.
        for name in ('do_read_data', 'do_read_line_data'):
            function = vars(cls).get(name)
            if function is not None:
                setattr(cls, name, returning_bytes(function))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __iter__(self):
        """The lines of the device, each with its line end; blocks until the next is there.

        The last one, at the end of the stream, may have no line end.
        """
        return iterate_lines(self)

    def _state(self):
        if not self.is_open():
            return ['closed']
        names = [nick.upper().replace('-', '_') for nick in self.get_open_mode().value_nicks]
        implied = ['NOT_OPEN'] + ['READ_ONLY', 'WRITE_ONLY'] * ('READ_WRITE' in names)
        return ['open', '|'.join(name for name in names if name not in implied)]

    def _begin_lines(self):
        """Waits until the device can be read."""

    def _end_lines(self):
        """Raises what ended the stream, unless that was its end."""

    def open(self, mode=Lsock.OpenMode.READ_WRITE):
        return super().open(mode)

    def read(self, n=-1):
        return self.read_all() if n is None or n == -1 else from_gbytes(super().read(n))

    def read_all(self):
        return from_gbytes(super().read_all())

    def read_line(self, limit=0):
        return from_gbytes(super().read_line(0 if limit is None or limit == -1 else limit))

    def readline(self, limit=0):
        """What files call read_line()."""
        return self.read_line(limit)

    def peek(self, n):
        return from_gbytes(super().peek(n))

    def get_char(self):
        """The next byte as bytes of length one, or None when there is none."""
        found, char = super().get_char()
        return bytes([char]) if found else None

    def unget_char(self, char):
        super().unget_char(to_char(char))

    def put_char(self, char):
        return super().put_char(to_char(char))

    def write(self, data):
        if isinstance(data, GLib.Bytes):
            return super().write_bytes(data)
        return super().write(to_bytes(data))

    def write_bytes(self, data):
        return super().write_bytes(to_gbytes(data))

    def set_error_string(self, message):
        super().set_error_string(to_text(message))

    def wait_for_ready_read(self, msecs=DEFAULT_WAIT):
        return wait(super().wait_for_ready_read, msecs)

    def wait_for_bytes_written(self, msecs=DEFAULT_WAIT):
        return wait(super().wait_for_bytes_written, msecs)

    async def __aiter__(self):
        """The lines of the device, each with its line end but perhaps the last one."""
        while line := await self.read_line_async():
            yield line

    def read_async(self, n=-1, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None,
                   *data):
        return begin(super().read_async, self.read_finish, (n, io_priority), cancellable, callback,
                     data)

    def read_finish(self, result):
        return from_gbytes(super().read_finish(result))

    def read_line_async(self, limit=0, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None,
                        callback=None, *data):
        return begin(super().read_line_async, self.read_line_finish, (limit, io_priority),
                     cancellable, callback, data)

    def read_line_finish(self, result):
        return from_gbytes(super().read_line_finish(result))

    def read_all_async(self, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None,
                       *data):
        return begin(super().read_all_async, self.read_all_finish, (io_priority,), cancellable,
                     callback, data)

    def read_all_finish(self, result):
        return from_gbytes(super().read_all_finish(result))

    def write_async(self, bytes, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None,
                    *data):
        return begin(super().write_async, self.write_finish, (to_gbytes(bytes), io_priority),
                     cancellable, callback, data)

    def flush_async(self, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None, *data):
        return begin(super().flush_async, self.flush_finish, (io_priority,), cancellable, callback,
                     data)


IODevice = overriding(IODevice)


def iterate_lines(device):
    device._begin_lines()
    if not device.is_readable():
        # Raises the error of a device that is not open for reading.
        device.read_line()
    while device.is_readable() and \
            (device.can_read_line() or device.wait_for_ready_read(-1) or device.can_read_line()):
        if device.can_read_line():
            yield device.read_line()
    device._end_lines()
    while device.is_readable():
        try:
            line = device.read_line()
        except error_classes[Lsock.SocketError.OPERATION]:
            # Reading a line at the end is an error, and reading all is not.
            line = device.read_all()
        if not line:
            break
        yield line


raise_in(Lsock.Buffer)


class Buffer(Lsock.Buffer):
    def get_data(self):
        return from_gbytes(super().get_data())

    def set_data(self, data):
        super().set_data(to_gbytes(data))


Buffer = overriding(Buffer)
raise_in(Lsock.StreamDevice)
raise_in(Lsock.Socket)

# A connection that breaks ends the lines of a socket with an exception; a peer that closes it does
# not.
BROKEN = (Lsock.SocketError.CONNECTION, Lsock.SocketError.SOCKET_RESOURCE)


class Socket(Lsock.Socket):
    def __init__(self, **properties):
        name = properties.pop('server_name', None)
        super().__init__(**properties)
        if name is not None:
            self.set_server_name(name)

    def __exit__(self, kind, *rest):
        """Closes the socket.

        Without a main loop what was written would have no way out: where none runs, it is waited
        for, unless the block ended with an exception.
        """
        self.close()
        if kind is None and GLib.main_depth() == 0 and \
                self.get_state() == Lsock.SocketState.CLOSING:
            self.wait_for_disconnected()

    def _state(self):
        parts = [self.get_state().value_nick.upper()]
        if self.get_server_name() is not None:
            parts.append(repr(self.get_server_name()))
        return parts

    def _raise_error(self):
        raise Error(self.get_error_string() or 'unknown error', DOMAIN, self.get_error())

    def _begin_lines(self):
        if self.get_state() == Lsock.SocketState.CONNECTING and not self.wait_for_connected(-1):
            self._raise_error()

    def _end_lines(self):
        if self.get_read_blocked() or self.get_error() in BROKEN:
            self._raise_error()

    def connect_to_server(self, name, mode=Lsock.OpenMode.READ_WRITE):
        super().connect_to_server(to_name(name), mode)

    def set_server_name(self, name):
        super().set_server_name(None if name is None else to_name(name))

    def set_property(self, name, value):
        if name.replace('_', '-') == 'server-name':
            self.set_server_name(value)
        else:
            super().set_property(name, value)

    def set_socket_descriptor(self, fd, state=Lsock.SocketState.CONNECTED,
                              mode=Lsock.OpenMode.READ_WRITE):
        return super().set_socket_descriptor(fd, state, mode)

    def wait_for_connected(self, msecs=DEFAULT_WAIT):
        return wait(super().wait_for_connected, msecs)

    def connect_to_server_async(self, name, mode=Lsock.OpenMode.READ_WRITE, cancellable=None,
                                callback=None, *data):
        return begin(super().connect_to_server_async, self.connect_to_server_finish,
                     (to_name(name), mode), cancellable, callback, data)

    def disconnect_from_server_async(self, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None,
                                     callback=None, *data):
        return begin(super().disconnect_from_server_async, self.disconnect_from_server_finish,
                     (io_priority,), cancellable, callback, data)

    def wait_for_disconnected(self, msecs=DEFAULT_WAIT):
        return wait(super().wait_for_disconnected, msecs)


Socket = overriding(Socket)
raise_in(Lsock.Server)


class Server(Lsock.Server):
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __iter__(self):
        """The clients, of whatever kind of device; blocks until the next is there, ends when the
        server closes."""
        if not self.is_listening():
            raise Error('The server does not listen', DOMAIN, Lsock.SocketError.OPERATION)
        while self.is_listening():
            if self.has_pending_devices() or self.wait_for_new_connection(-1)[0]:
                connection = self.next_pending_device()
                if connection is not None:
                    yield connection

    def _state(self):
        if not self.is_listening():
            return ['not listening']
        return ['listening', repr(self.get_server_name())]

    def listen(self, name):
        return super().listen(to_name(name))

    def wait_for_new_connection(self, msecs=0):
        """(whether a client is pending, whether the time ran out)"""
        return wait(super().wait_for_new_connection, msecs, succeeded=lambda answer: answer[0])

    def wait_for_client(self, msecs=0):
        return wait(super().wait_for_client, msecs)

    @staticmethod
    def remove_server(name):
        return Lsock.Server.remove_server(to_name(name))

    def accept_async(self, cancellable=None, callback=None, *data):
        return begin(super().accept_async, self.accept_finish, (), cancellable, callback, data)

    def accept_device_async(self, cancellable=None, callback=None, *data):
        return begin(super().accept_device_async, self.accept_device_finish, (), cancellable,
                     callback, data)

    async def __aiter__(self):
        """The clients, of whatever kind of device, until the server closes."""
        while True:
            try:
                connection = await self.accept_device_async()
            except error_classes[Lsock.SocketError.OPERATION]:
                if self.is_listening():
                    raise
                return
            yield connection


Server = overriding(Server)
raise_in(Lsock.MessageChannel)


class MessageChannel(Lsock.MessageChannel):
    """Messages are `bytes`; the null message is None."""

    def __iter__(self):
        """The messages, until the peer closes; blocks until the next is there."""
        while True:
            try:
                message = self.receive(-1)
            except error_classes[Lsock.SocketError.PEER_CLOSED]:
                return
            yield message

    async def __aiter__(self):
        """The messages, until the peer closes."""
        while True:
            try:
                message = await self.receive_async()
            except error_classes[Lsock.SocketError.PEER_CLOSED]:
                return
            yield message

    def _state(self):
        return ['closed'] if self.is_closed() else [self.get_framing().value_nick]

    def send(self, message):
        return super().send(to_message(message))

    def send_async(self, message, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None,
                   *data):
        return begin(super().send_async, self.send_finish, (to_message(message), io_priority),
                     cancellable, callback, data)

    def wait_for_message(self, msecs=DEFAULT_WAIT):
        return wait(super().wait_for_message, msecs)

    def receive(self, msecs=DEFAULT_WAIT):
        # An error that C returns while a signal waits for its handler cannot be converted: PyGObject
        # runs code of Python's to make the exception, and the handler's own is lost.
        self.wait_for_message(msecs)
        return from_message(super().receive(0))

    def receive_async(self, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None,
                      *data):
        return begin(super().receive_async, self.receive_finish, (io_priority,), cancellable,
                     callback, data)

    def receive_finish(self, result):
        return from_message(super().receive_finish(result))


def to_message(message):
    if message is None:
        return None
    return to_gbytes(message.encode() if isinstance(message, str) else message)


def from_message(message):
    return None if Lsock.MessageChannel.is_null(message) else from_gbytes(message)


MessageChannel = overriding(MessageChannel)


# A closure that C holds keeps its function alive, and a function most often its object: an object
# that is connected to its own method would never be collected.  So the function is kept by the
# receiver, where Python's collector sees the circle, and C gets one that only knows the way to it.

class Slot:
    connection = None

    def __init__(self, function):
        self.function = function

    def is_duplicate(self, sender, signal_name, function):
        return self.connection is not None and self.connection.is_connected() and \
            self.connection.get_sender() is sender and self.signal == signal_name and \
            self.function == function


# Between the look for a duplicate and the connection.
unique_lock = threading.RLock()


def forget(keeper, key):
    keeper = keeper()
    if keeper is not None:
        keeper.__dict__['_lsock_slots'].pop(key, None)


def trampoline_for(keeper, slot):
    keeper.__dict__.setdefault('_lsock_slots', {})[id(slot)] = slot
    way = weakref.ref(slot)

    def trampoline(*args):
        found = way()
        return found.function(*args) if found is not None else None

    # The connection is gone when C lets go of its end.
    weakref.finalize(trampoline, forget, weakref.ref(keeper), id(slot)).atexit = False
    return trampoline


def check_unique(keeper, sender, detailed_signal, function):
    """C cannot compare closures; to Python, two bound methods of one object are equal."""
    for slot in list(keeper.__dict__.get('_lsock_slots', {}).values()):
        if slot.is_duplicate(sender, detailed_signal.replace('_', '-'), function):
            raise Error('The signal “%s” of %s is connected to this slot already' %
                        (detailed_signal, sender.__gtype__.name), DOMAIN,
                        Lsock.SocketError.OPERATION)


raising_connect = raising(Lsock.connect)


@public
def connect(sender, detailed_signal, type, receiver, slot):
    """Connects a signal of any GObject to a callable that runs in the receiver's main context.

    The callable gets the sender and the arguments of the signal. It lives as long as the receiver
    (or the sender, when there is no receiver) or the connection, whichever is shorter. With
    `Lsock.ConnectionType.UNIQUE` callables are compared as Python compares them.
    """
    keeper = to_object('receiver', receiver, none=True)
    if keeper is None:
        keeper = sender
    to_object('sender', sender)
    if not isinstance(detailed_signal, str):
        raise TypeError('the name of a signal is str, not %s' %
                        builtins.type(detailed_signal).__name__)
    kept = Slot(to_callable(slot))
    kept.signal = to_text(detailed_signal).replace('_', '-')
    kind = Lsock.ConnectionType(type)
    with unique_lock:
        if kind & Lsock.ConnectionType.UNIQUE:
            check_unique(keeper, sender, detailed_signal, slot)
            kind = Lsock.ConnectionType(int(kind) & ~int(Lsock.ConnectionType.UNIQUE))
        kept.connection = raising_connect(sender, detailed_signal, kind, receiver,
                                          trampoline_for(keeper, kept))
    return kept.connection


@public
def invoke_queued(receiver, function):
    """Calls a function in the receiver's main context, in its next turn."""
    Lsock.invoke_queued(to_object('receiver', receiver, none=True), to_callable(function))


connect_full = raising(Lsock.connect_full)
__all__.append('connect_full')

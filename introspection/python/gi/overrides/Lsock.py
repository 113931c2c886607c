# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What makes lsock feel native in Python: defaults, bytes, and slots that can be collected."""

import weakref

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

Lsock = get_introspection_module('Lsock')

__all__ = []

# For how many milliseconds the functions called wait_for_… wait unless they are told, as in Qt.
DEFAULT_WAIT = 30000


def checked(name):
    """A name that C gets whole: it would cut one with a NUL inside short."""
    if name is not None and ('\0' in name if isinstance(name, str) else b'\0' in name):
        raise ValueError('a server name cannot contain a NUL: %r' % (name,))
    return name


class Connection(Lsock.Connection):
    def __bool__(self):
        return self.is_connected()


Connection = override(Connection)
__all__.append('Connection')


class IODevice(Lsock.IODevice):
    """Reading gives `bytes`; writing takes any object with the buffer interface, or GLib.Bytes."""

    def open(self, mode=Lsock.OpenMode.READ_WRITE):
        return super().open(mode)

    def read(self, count=None):
        return self.read_all() if count is None else super().read(count).get_data() or b''

    def read_all(self):
        return super().read_all().get_data() or b''

    def read_line(self, limit=0):
        return super().read_line(limit).get_data() or b''

    def peek(self, count):
        return super().peek(count).get_data() or b''

    def get_char(self):
        """The next byte as bytes of length one, or None when there is none."""
        found, char = super().get_char()
        return bytes([char]) if found else None

    def unget_char(self, char):
        super().unget_char(char if isinstance(char, int) else ord(char))

    def put_char(self, char):
        return super().put_char(char if isinstance(char, int) else ord(char))

    def write(self, data):
        if isinstance(data, GLib.Bytes):
            return self.write_bytes(data)
        if isinstance(data, str):
            raise TypeError('a device takes bytes; encode the text first')
        return super().write(data if isinstance(data, bytes) else bytes(data))

    def wait_for_ready_read(self, msecs=DEFAULT_WAIT):
        return super().wait_for_ready_read(msecs)

    def wait_for_bytes_written(self, msecs=DEFAULT_WAIT):
        return super().wait_for_bytes_written(msecs)


IODevice = override(IODevice)
__all__.append('IODevice')


class Socket(Lsock.Socket):
    def connect_to_server(self, name, mode=Lsock.OpenMode.READ_WRITE):
        super().connect_to_server(checked(name), mode)

    def set_server_name(self, name):
        super().set_server_name(checked(name))

    def set_socket_descriptor(self, fd, state=Lsock.SocketState.CONNECTED,
                              mode=Lsock.OpenMode.READ_WRITE):
        return super().set_socket_descriptor(fd, state, mode)

    def wait_for_connected(self, msecs=DEFAULT_WAIT):
        return super().wait_for_connected(msecs)

    def wait_for_disconnected(self, msecs=DEFAULT_WAIT):
        return super().wait_for_disconnected(msecs)


Socket = override(Socket)
__all__.append('Socket')


class Server(Lsock.Server):
    def listen(self, name):
        return super().listen(checked(name))

    def wait_for_new_connection(self, msecs=0):
        """(whether a client is pending, whether the time ran out)"""
        return super().wait_for_new_connection(msecs)

    @staticmethod
    def remove_server(name):
        return Lsock.Server.remove_server(checked(name))


Server = override(Server)
__all__.append('Server')


# A closure that C holds keeps its function alive, and a function most often its object: an object
# that is connected to its own method would never be collected.  So the function is kept by the
# receiver, where Python's collector sees the circle, and C gets one that only knows the way to it.

class Slot:
    def __init__(self, function):
        self.function = function


def forget(keeper, key):
    keeper = keeper()
    if keeper is not None:
        keeper.__dict__['_lsock_slots'].pop(key, None)


def trampoline_for(keeper, function):
    slot = Slot(function)
    keeper.__dict__.setdefault('_lsock_slots', {})[id(slot)] = slot
    way = weakref.ref(slot)

    def trampoline(*args):
        found = way()
        return found.function(*args) if found is not None else None

    # The connection is gone when C lets go of its end.
    weakref.finalize(trampoline, forget, weakref.ref(keeper), id(slot)).atexit = False
    return trampoline


def connect(sender, detailed_signal, type, receiver, slot):
    """Connects a signal of any GObject to a callable that runs in the receiver's main context.

    The callable gets the sender and the arguments of the signal. It lives as long as the receiver
    (or the sender, when there is no receiver) or the connection, whichever is shorter.
    """
    if not callable(slot):
        raise TypeError('a slot must be callable, and %r is not' % (slot,))
    keeper = receiver if receiver is not None else sender
    return Lsock.connect(sender, detailed_signal, type, receiver, trampoline_for(keeper, slot))


__all__.append('connect')

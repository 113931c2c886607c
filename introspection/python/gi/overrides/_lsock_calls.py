# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls that take their time: waits that Ctrl-C ends, and asynchronous calls that can be awaited."""

import asyncio
import os
import signal
import socket
import threading
import time

from gi.module import get_introspection_module
from gi.repository import Gio

Lsock = get_introspection_module('Lsock')


# Waits and Ctrl-C
#
# When a signal arrives, Python only leaves a mark; the function that was set for the signal is
# called when the interpreter is back from C, which a wait in C delays.  So while the main thread
# waits, Python writes to a descriptor of ours when a signal arrives (signal.set_wakeup_fd), and the
# library ends waits when that is readable (Lsock.set_interrupt_descriptor).  Waiting in slices
# would delay Ctrl-C and report a time-out for each.

class Alarm:
    current = None

    def __init__(self):
        self.here, self.there = socket.socketpair()
        self.here.setblocking(False)
        self.there.setblocking(False)
        Lsock.set_interrupt_descriptor(self.here.fileno())

    def take(self, previous):
        """Whether a signal arrived; the descriptor that was set before hears of it too."""
        try:
            numbers = self.here.recv(4096)
        except BlockingIOError:
            return False
        if previous not in (-1, self.there.fileno()):
            try:
                os.write(previous, numbers)
            except OSError:
                pass
        # The handler that PyGObject has while a main loop runs only quits the loop.
        if signal.SIGINT in numbers and \
                getattr(signal.getsignal(signal.SIGINT), '__module__', None) == 'gi._ossighelper':
            raise KeyboardInterrupt
        return True

    @classmethod
    def forget(cls):
        """A child process must not take the bytes of its parent."""
        if cls.current is not None:
            cls.current = None
            Lsock.set_interrupt_descriptor(-1)


os.register_at_fork(after_in_child=Alarm.forget)


def wait(function, msecs, *, succeeded=bool):
    """Calls function(msecs), and again with the rest of the time if a signal interrupted it whose
    handler did not raise."""
    if threading.current_thread() is not threading.main_thread():
        return function(msecs)
    if Alarm.current is None:
        Alarm.current = Alarm()
    alarm = Alarm.current
    end = None if msecs == -1 else time.monotonic() + msecs / 1000
    previous = signal.set_wakeup_fd(alarm.there.fileno())
    try:
        while True:
            answer = function(msecs)
            if succeeded(answer) or not alarm.take(previous):
                return answer
            if end is not None:
                msecs = max(0, int((end - time.monotonic()) * 1000))
    finally:
        signal.set_wakeup_fd(previous)


# Asynchronous calls
#
# With a callback they are as in C.  Without one they return a future of the running asyncio loop,
# which has to be a loop on that of GLib: PyGObject's own (3.50 and later), or gbulb's.

def running_loop():
    loop = asyncio.get_running_loop()
    if not type(loop).__module__.startswith(('gi.events', 'gbulb')):
        raise RuntimeError(
            'the running asyncio loop does not run the GLib main context, where lsock calls back: '
            'use gi.events.GLibEventLoopPolicy (PyGObject 3.50 and later) or gbulb.install() before '
            'asyncio.run()')
    return loop


class Call(asyncio.Future):
    """A call that is under way; to cancel it makes room for the next one at once."""

    def __init__(self, cancellable, loop):
        super().__init__(loop=loop)
        self._cancellable = cancellable

    def cancel(self, *args, **kwargs):
        cancelled = super().cancel(*args, **kwargs)
        if cancelled:
            self._cancellable.cancel()
        return cancelled


def begin(start, finish, arguments, cancellable, callback, data, convert=lambda answer: answer):
    """Calls start(*arguments, cancellable, ...), with the callback or as a future.

    A future that is cancelled does not fetch the result, which the library then gives back.
    """
    if callback is not None:
        return start(*arguments, cancellable, callback, *data)

    cancellable = cancellable or Gio.Cancellable()
    future = Call(cancellable, running_loop())

    def done(source, result):
        if future.done():
            return
        try:
            future.set_result(convert(finish(result)))
        except Exception as error:
            future.set_exception(error)

    start(*arguments, cancellable, done)
    return future

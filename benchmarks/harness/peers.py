# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs that are compared, and how a server and a client of them are made to talk."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60
SECONDS_TO_FINISH = 300

# Both ends share a processor: with two, the figures depend on which end goes to sleep.
PROCESSOR = max(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else None


class Failure(Exception):
    """A peer did not do its work; the text says why."""


def find_python(module):
    """A Python that has a module: the first one on the path need not be the system's."""
    for python in filter(None, (os.environ.get('PYTHON'), sys.executable, '/usr/bin/python3')):
        if shutil.which(python) and subprocess.run([python, '-c', 'import ' + module], check=False,
                                                   capture_output=True).returncode == 0:
            return python
    return None


class Peer:
    def __init__(self, name, label, command, arguments=(), environment=None, missing=None,
                 maps_memory=False, compiles=False):
        self.name, self.label = name, label
        self.command, self.arguments = command, list(arguments)
        self.environment = environment or {}
        # Why it cannot take part.
        self.missing = missing
        # Whether memory is mapped beside what is allocated: a thread's stack, or a language's heap.
        self.maps_memory = maps_memory
        # Whether it compiles while it runs, so that what it executes differs from run to run.
        self.compiles = compiles


def binding_environment(build):
    def path(name, *parts):
        return os.pathsep.join([str(pathlib.Path(*parts))] + os.environ.get(name, '').split(os.pathsep))

    return {
        'GI_TYPELIB_PATH': path('GI_TYPELIB_PATH', build, 'introspection'),
        'LD_LIBRARY_PATH': path('LD_LIBRARY_PATH', build, 'lib'),
        'PYTHONPATH': path('PYTHONPATH', HERE.parent, 'introspection', 'python'),
        'GJS_PATH': path('GJS_PATH', HERE.parent, 'introspection', 'gjs'),
        'PYTHONDONTWRITEBYTECODE': '1',
    }


def find_peers(build):
    """All peers, in the order of the tables; the first one is what the others are compared with."""
    programs = build / 'benchmarks'

    def native(name, label, program=None, needs='', **rest):
        path = programs / (program or name)
        missing = None if path.exists() else 'not built' + needs
        return Peer(name, label, [str(path)], missing=missing, **rest)

    bindings = binding_environment(build)
    no_typelib = None if (build / 'introspection' / 'Lsock-1.typelib').exists() else \
        'the build has no typelib'
    python, gjs, node = find_python('gi'), shutil.which('gjs'), shutil.which('node')

    def interpreted(name, label, interpreter, file, **rest):
        return Peer(name, label, [*interpreter, str(HERE / 'peers' / file)], maps_memory=True,
                    **rest)

    return [
        native('epoll', 'bare epoll loop'),
        native('blocking', 'blocking calls, a thread each', maps_memory=True),
        native('gio-streams', 'GIO streams, async'),
        native('gsocket', 'GSocket and its source'),
        native('gsocket-recurse', 'GSocket, source may recurse', 'gsocket', arguments=['recurse=1']),
        native('qt', 'Qt 6, GLib loop', needs=': qt6-base-dev'),
        native('qt-own', 'Qt 6, own loop', 'qt', ': qt6-base-dev', environment={'QT_NO_GLIB': '1'}),
        native('libuv', 'libuv', needs=': libuv1-dev'),
        # The Python that lsock is measured with, so that both have the same interpreter.
        interpreted('asyncio', 'asyncio streams, Python', [python or sys.executable],
                    'asyncio-streams.py'),
        interpreted('node', 'Node.js', [node], 'node.js', compiles=True,
                    missing=None if node else 'no node'),
        native('lsock', 'lsock, C'),
        native('lsock-bytes', 'lsock, C, GBytes'),
        interpreted('lsock-python', 'lsock, Python', [python], 'lsock.py', environment=bindings,
                    missing=no_typelib or (None if python else 'no Python with gi')),
        interpreted('lsock-javascript', 'lsock, JavaScript', [gjs, '-m'], 'lsock.js', compiles=True,
                    environment=bindings, missing=no_typelib or (None if gjs else 'no gjs')),
    ]


class Process:
    """One end: its process, and the process that it says it is (another one may have started it)."""

    def __init__(self, peer, role, work, name, arguments, wrapper=(), environment=None, pinned=True):
        words = [*wrapper, *peer.command, role, work, name, *peer.arguments,
                 *('%s=%d' % item for item in arguments.items())]
        self.pid = None
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **peer.environment, **(environment or {})},
            preexec_fn=self.pin if pinned and PROCESSOR is not None else None)

    @staticmethod
    def pin():
        os.sched_setaffinity(0, {PROCESSOR})

    def await_ready(self):
        line = self.process.stdout.readline()
        if not line.startswith('ready '):
            raise Failure(self.last_words() or 'it ended')
        self.pid = int(line.split()[1])

    def last_words(self):
        try:
            _, errors = self.process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            return 'it hangs'
        return errors.strip()[-300:]

    def finish(self):
        """What it printed at last."""
        try:
            output, errors = self.process.communicate(timeout=SECONDS_TO_FINISH)
        except subprocess.TimeoutExpired:
            raise Failure('it did not end in %d seconds' % SECONDS_TO_FINISH) from None
        lines = output.strip().splitlines()
        if self.process.returncode != 0 or not lines:
            raise Failure(errors.strip()[-300:] or 'it ended with %d' % self.process.returncode)
        return json.loads(lines[-1])

    def stop(self):
        if self.process.poll() is None:
            # Who measures it must live to tell: only the one that is measured is ended.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid or self.process.pid, signal.SIGTERM)
            try:
                self.process.communicate(timeout=SECONDS_TO_START)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()


@contextlib.contextmanager
def server(peer, work, arguments, **rest):
    """A server that listens: gives the process, and the name where it is found."""
    with tempfile.TemporaryDirectory(prefix='lsock-bench-') as folder:
        name = os.path.join(folder, 's')
        process = Process(peer, 'server', work, name, arguments, **rest)
        try:
            process.await_ready()
            yield process, name
        finally:
            process.stop()


def converse(peer, server_work, client_work, arguments, pinned=True, **rest):
    """A server and a client of the same peer do their work; what the client reports."""
    if peer.missing:
        raise Failure(peer.missing)
    with server(peer, server_work, arguments, pinned=pinned, **rest) as (_, name):
        client = Process(peer, 'client', client_work, name, arguments, pinned=pinned)
        try:
            return client.finish()
        finally:
            client.stop()

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures that are the same from run to run: what one end needs for a round trip, or for a connection.

Each is the difference between a longer and a shorter run, so that starting and ending do not count.
"""

import os
import pathlib
import re
import shutil
import struct
import tempfile
import time

from .peers import Failure, Process, converse, server

# A server that is watched is slow: were the next request there when it has answered, it would
# not have to wait, and would seem to need less than it does.
TRIP = {'size': 64, 'delay': 1000}


# On a busy machine a server finds now and then that it has been woken for nothing, or that two
# messages wait for it.  The middle one of several runs is not such a run.
RUNS = 3


def middle(measure, count):
    """The run whose total is neither the largest nor the smallest."""
    def total(result):
        return sum(result.values()) if isinstance(result, dict) else result

    return sorted((measure(count) for _ in range(RUNS)), key=total)[RUNS // 2]


def difference(measure, short, long):
    """For one of what `measure` is given a number of; numbers in a dict, or one."""
    first, second = middle(measure, short), middle(measure, long)
    if isinstance(first, dict):
        return {key: (second.get(key, 0) - first.get(key, 0)) / (long - short) for key in second}
    return (second - first) / (long - short)


def need(tool):
    if shutil.which(tool) is None:
        raise Failure(tool + ' is not installed')


def round_trips(peer, count, wrapper=(), environment=None, client='trip'):
    return converse(peer, 'echo', client, {**TRIP, 'count': count}, wrapper=wrapper,
                    environment=environment)


def count_system_calls(peer, _build, short=300, long=900, client='trip'):
    """How often the server calls the kernel for a round trip, and which calls these are."""
    need('strace')

    def measure(count):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, 'calls')
            round_trips(peer, count, ['strace', '-f', '-c', '-o', str(file), '--'], client=client)
            calls = re.findall(r'^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$',
                               file.read_text(encoding='utf-8'), re.MULTILINE)
        return {name: int(number) for number, name in calls if name != 'total'}

    calls = difference(measure, short, long)
    # Now and then a server finds nothing where it looked once more, or two messages at once.
    return {'value': round(sum(calls.values()), 1),
            'calls': {name: round(n, 1) for name, n in sorted(calls.items()) if n >= 0.05}}


def count_connect_calls(peer, build):
    """The same for a connection that is accepted, carries a byte each way, and ends."""
    return count_system_calls(peer, build, client='connect')


def count_instructions(peer, _build, short=300, long=900, client='trip'):
    """What the server executes in user space for a round trip."""
    need('valgrind')
    if peer.compiles:
        raise Failure('an engine that compiles while it runs has no exact figure')

    def measure(count):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, 'callgrind.out')
            round_trips(peer, count, ['valgrind', '--quiet', '--tool=callgrind',
                                      '--callgrind-out-file=%s' % file], client=client)
            return int(re.search(r'^(?:totals|summary): (\d+)', file.read_text(encoding='utf-8'),
                                 re.MULTILINE).group(1))

    return {'value': round(difference(measure, short, long))}


def count_connect_instructions(peer, build):
    return count_instructions(peer, build, client='connect')


class MallocCounter:
    """Reads what malloc-counter.c writes."""

    def __init__(self, folder, build):
        library = build / 'benchmarks' / 'bench-malloc.so'
        if not library.exists():
            raise Failure('%s is not built' % library.name)
        self.file = os.path.join(folder, 'malloc')
        # GLib's own allocator would hide what it takes from the C library's.
        self.environment = {'LD_PRELOAD': str(library), 'BENCH_MALLOC_FILE': self.file,
                            'G_SLICE': 'always-malloc'}

    def read(self):
        with open(self.file, 'rb') as file:
            return struct.unpack('QQ', file.read(16))


def count_allocations(peer, build, short=300, long=3300):
    """How often the server allocates for a round trip.  Whether it still sees the client go before it
    is ended itself is left to chance, and some allocations: among thousands of trips they are lost."""
    def measure(count):
        with tempfile.TemporaryDirectory() as folder:
            counter = MallocCounter(folder, build)
            round_trips(peer, count, environment=counter.environment)
            return counter.read()[0]

    return {'value': round(difference(measure, short, long), 2)}


def anonymous_memory(pid):
    with open('/proc/%d/smaps_rollup' % pid, encoding='utf-8') as file:
        return int(re.search(r'^Anonymous:\s+(\d+) kB', file.read(), re.MULTILINE).group(1)) * 1024


def await_accepted(pid, clients, counter):
    """A client has connected before the server knows: waits until that one has nothing more to do."""
    before = None
    for _ in range(1000):
        now = (len(os.listdir('/proc/%d/fd' % pid)) > clients, counter.read())
        if now[0] and now == before:
            return
        before = now
        time.sleep(0.05)
    raise Failure('the server does not accept %d connections' % clients)


def hold_connections(peer, build, clients, exchange):
    """Allocated and resident bytes of both ends while they hold connections."""
    arguments = {'clients': clients, 'exchange': exchange, 'size': 1}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other_folder:
        ours, theirs = MallocCounter(folder, build), MallocCounter(other_folder, build)
        with server(peer, 'echo', arguments, environment=ours.environment) as (served, name):
            client = Process(peer, 'client', 'hold', name, arguments,
                             environment=theirs.environment)
            try:
                client.await_ready()
                await_accepted(served.pid, clients, ours)
                return {'server': ours.read()[1], 'client': theirs.read()[1],
                        'server resident': anonymous_memory(served.pid),
                        'client resident': anonymous_memory(client.pid)}
            finally:
                client.stop()


def count_memory(peer, build, short=500, long=2500, exchange=0):
    """What an idle connection takes in each process, kernel memory aside."""
    figures = difference(lambda clients: hold_connections(peer, build, clients, exchange),
                         short, long)
    figures = {key: round(value) for key, value in figures.items()}
    # What is mapped, not allocated, is seen in what is resident only.
    ends = ('client resident', 'server resident') if peer.maps_memory else ('client', 'server')
    return {'value': max(figures[end] for end in ends), **figures}


def count_memory_used(peer, build):
    """The same for a connection that has carried a byte each way."""
    return count_memory(peer, build, exchange=1)

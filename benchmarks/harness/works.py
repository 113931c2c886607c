# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is measured, with what numbers, and what lsock is to reach."""

from . import exact, special

MEBIBYTE = 1 << 20


class Timed:
    """Work that a client times; compared round by round with the same work of a bare epoll loop."""

    exact = False

    def __init__(self, title, figure, arguments, *, short=None, server='echo', client='trip',
                 goal=None, pinned=True, repeat=1):
        self.title, self.figure, self.goal, self.pinned = title, figure, goal, pinned
        # How many rounds there are for one of others: what is over soon is disturbed more.
        self.repeat = repeat
        self.arguments, self.short = arguments, short or {}
        self.server, self.client = server, client


class Exact:
    """A figure that needs no second round."""

    exact = True

    def __init__(self, title, measure, goals, *, skip=()):
        self.title, self.measure, self.goals = title, measure, goals
        # Peers for which it says nothing.
        self.skip = skip


class Special:
    """A program that compares two ways by itself."""

    exact = False

    def __init__(self, title, measure, goal):
        self.title, self.measure, self.goal = title, measure, goal


def idle(count, goal=None):
    return Timed('round trip, 64 B, beside %s idle connections' % format(count, ','), 'median_ns',
                 {'size': 64, 'count': 4000, 'warm': 20, 'limit': 1500, 'idle': count},
                 short={'count': 500, 'limit': 300}, goal=goal, repeat=3 if count == 0 else 1)


WORKS = {
    'trip': Timed(
        'round trip, 64 B', 'median_ns',
        {'size': 64, 'count': 30000, 'warm': 1000, 'limit': 4000},
        short={'count': 3000, 'limit': 500}, goal=1.10, repeat=3),
    'trip-64k': Timed(
        'round trip, 64 KiB', 'median_ns',
        {'size': 64 * 1024, 'count': 6000, 'warm': 200, 'limit': 3000},
        short={'count': 500, 'limit': 500}),
    'stream': Timed(
        'stream of 2 GiB in writes of 64 KiB, one processor', 'seconds',
        {'total': 2048 * MEBIBYTE, 'chunk': 64 * 1024},
        short={'total': 128 * MEBIBYTE}, server='sink', client='stream', goal=0.90),
    'stream-2': Timed(
        'stream of 2 GiB in writes of 64 KiB, two processors', 'seconds',
        {'total': 2048 * MEBIBYTE, 'chunk': 64 * 1024},
        short={'total': 128 * MEBIBYTE}, server='sink', client='stream', pinned=False, goal=0.90),
    'connect': Timed(
        'connect, one byte each way, close', 'median_ns',
        {'size': 1, 'count': 6000, 'warm': 200, 'limit': 3000},
        short={'count': 500, 'limit': 500}, client='connect', goal=1.20, repeat=3),
    'idle-0': idle(0),
    'idle-100': idle(100),
    'idle-1000': idle(1000),
    'idle-5000': idle(5000),
    'idle-9000': idle(9000, 1.12),
    'busy': Timed(
        '500 busy clients, a round trip', 'ns',
        {'size': 64, 'clients': 500, 'count': 100000, 'warm': 5000, 'limit': 4000},
        short={'count': 10000, 'warm': 1000, 'limit': 500}, client='busy', goal=1.05, repeat=3),
    'system-calls': Exact(
        'system calls for a round trip, one end', exact.count_system_calls,
        {'lsock': 3, 'lsock-bytes': 3}),
    'instructions': Exact(
        'user-space instructions for a round trip, one end', exact.count_instructions,
        {'lsock': 3000, 'lsock-bytes': 4200}),
    'connect-calls': Exact(
        'system calls for a connection, the server', exact.count_connect_calls, {}),
    'connect-instructions': Exact(
        'user-space instructions for a connection, the server', exact.count_connect_instructions,
        {}),
    'allocations': Exact(
        'heap allocations for a round trip, one end', exact.count_allocations,
        {'lsock': 0}, skip=('lsock-javascript',)),
    'memory': Exact(
        'bytes of memory for an idle connection, the dearer end', exact.count_memory,
        {'lsock': 1024, 'lsock-bytes': 1024}),
    'memory-used': Exact(
        'bytes of memory for a connection that was used, the dearer end', exact.count_memory_used,
        {'lsock': 1024, 'lsock-bytes': 1024}),
    'queued': Special(
        'queued delivery from a worker, to g_main_context_invoke_full()', special.measure_queued, 2),
    'frames': Special(
        'frames missed in 10 s by a GTK window that receives at full speed', special.measure_frames,
        0),
}

# `./run bench idle` is all of them.
GROUPS = {'idle': [name for name in WORKS if name.startswith('idle-')]}

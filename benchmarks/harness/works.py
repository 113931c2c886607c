# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is measured, with what numbers, and what lsock is to reach."""

from . import exact, special

MEBIBYTE = 1 << 20


# What the times of all peers are divided by.
BASE = 'epoll'


class Goal:
    """The most that a peer may take: a ratio to another one's time in the same run, or a figure."""

    def __init__(self, limit, against=None, *, peer='lsock'):
        self.peer, self.limit, self.against = peer, limit, against


def counted(**limits):
    return [Goal(limit, peer=peer.replace('_', '-')) for peer, limit in limits.items()]


class Timed:
    """Work that a client times; compared round by round with the same work of a bare epoll loop."""

    exact = False

    def __init__(self, title, figure, arguments, *, short=None, server='echo', client='trip',
                 goals=(), pinned=True, repeat=1):
        self.title, self.figure, self.goals, self.pinned = title, figure, goals, pinned
        # How many rounds there are for one of others: what is over soon is disturbed more.
        self.repeat = repeat
        self.arguments, self.short = arguments, short or {}
        self.server, self.client = server, client


class Exact:
    """A figure that needs no second round."""

    exact = True

    def __init__(self, title, measure, goals=(), *, skip=()):
        self.title, self.measure, self.goals = title, measure, goals
        # Peers for which it says nothing.
        self.skip = skip


class Special:
    """A program that compares two ways by itself."""

    exact = False

    def __init__(self, title, measure, goal):
        self.title, self.measure, self.goals = title, measure, [Goal(goal)]


def idle(count, goals=()):
    return Timed('round trip, 64 B, beside %s idle connections' % format(count, ','), 'median_ns',
                 {'size': 64, 'count': 4000, 'warm': 20, 'limit': 1500, 'idle': count},
                 short={'count': 500, 'limit': 300}, goals=goals, repeat=3 if count == 0 else 1)


WORKS = {
    'trip': Timed(
        'round trip, 64 B', 'median_ns',
        {'size': 64, 'count': 30000, 'warm': 1000, 'limit': 4000},
        short={'count': 3000, 'limit': 500}, repeat=3,
        goals=[Goal(1.10, BASE), Goal(0.50, 'asyncio', peer='lsock-python'),
               Goal(1.30, 'node', peer='lsock-javascript')]),
    'trip-64k': Timed(
        'round trip, 64 KiB', 'median_ns',
        {'size': 64 * 1024, 'count': 6000, 'warm': 200, 'limit': 3000},
        short={'count': 500, 'limit': 500}),
    'stream': Timed(
        'stream of 2 GiB in writes of 64 KiB, one processor', 'seconds',
        {'total': 2048 * MEBIBYTE, 'chunk': 64 * 1024},
        short={'total': 128 * MEBIBYTE}, server='sink', client='stream',
        goals=[Goal(0.90, BASE), Goal(3.0, 'lsock', peer='lsock-javascript')]),
    'stream-2': Timed(
        'stream of 2 GiB in writes of 64 KiB, two processors', 'seconds',
        {'total': 2048 * MEBIBYTE, 'chunk': 64 * 1024},
        short={'total': 128 * MEBIBYTE}, server='sink', client='stream', pinned=False,
        goals=[Goal(0.90, BASE)]),
    'connect': Timed(
        'connect, one byte each way, close', 'median_ns',
        {'size': 1, 'count': 6000, 'warm': 200, 'limit': 3000},
        short={'count': 500, 'limit': 500}, client='connect', goals=[Goal(1.20, BASE)],
        repeat=3),
    'idle-0': idle(0),
    'idle-100': idle(100),
    'idle-1000': idle(1000),
    'idle-5000': idle(5000),
    'idle-9000': idle(9000, [Goal(1.12, BASE)]),
    'busy': Timed(
        '500 busy clients, a round trip', 'ns',
        {'size': 64, 'clients': 500, 'count': 100000, 'warm': 5000, 'limit': 4000},
        short={'count': 10000, 'warm': 1000, 'limit': 500}, client='busy',
        goals=[Goal(1.05, BASE)], repeat=3),
    'system-calls': Exact(
        'system calls for a round trip, one end', exact.count_system_calls,
        counted(lsock=3, lsock_bytes=3)),
    'instructions': Exact(
        'user-space instructions for a round trip, one end', exact.count_instructions,
        counted(lsock=3000, lsock_bytes=4200)),
    'connect-calls': Exact(
        'system calls for a connection, the server', exact.count_connect_calls),
    'connect-instructions': Exact(
        'user-space instructions for a connection, the server', exact.count_connect_instructions),
    'allocations': Exact(
        'heap allocations for a round trip, one end', exact.count_allocations,
        counted(lsock=0), skip=('node', 'lsock-javascript')),
    'memory': Exact(
        'bytes of memory for an idle connection, the dearer end', exact.count_memory,
        counted(lsock=1024, lsock_bytes=1024)),
    'memory-used': Exact(
        'bytes of memory for a connection that was used, the dearer end', exact.count_memory_used,
        counted(lsock=1024, lsock_bytes=1024)),
    'queued': Special(
        'queued delivery from a worker, to g_main_context_invoke_full()', special.measure_queued, 2),
    'frames': Special(
        'frames missed in 10 s by a GTK window that receives at full speed', special.measure_frames,
        0),
}

# `./run bench idle` is all of them.
GROUPS = {'idle': [name for name in WORKS if name.startswith('idle-')]}

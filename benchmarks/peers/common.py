# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the peers in Python share: the command line of bench.c, and what is counted."""

import json
import os
import resource
import sys
import time

BUFFER = 64 * 1024
MAX_QUEUED = 4 * BUFFER
BACKLOG = 4096

role, work, name = sys.argv[1:4]
options = {'size': 64, 'count': 1000, 'warm': 0, 'limit': 0, 'idle': 0, 'clients': 1,
           'total': 0, 'chunk': BUFFER, 'exchange': 0, 'delay': 0}
options.update((key, int(value)) for key, value in (word.split('=') for word in sys.argv[4:]))


def say_ready():
    print('ready', os.getpid(), flush=True)


class Trips:
    """Counts round trips."""

    def __init__(self):
        self.done = 0
        self.samples = []
        self.start = self.last = time.monotonic_ns()

    def is_over(self):
        now = time.monotonic_ns()
        if options['delay']:
            time.sleep(options['delay'] / 1e6)
        self.done += 1
        measured = self.done - options['warm']
        if measured <= 0:
            self.start = self.last = now
            return False
        self.samples.append(now - self.last)
        self.last = now
        return (measured >= options['count']
                or 0 < options['limit'] * 1000000 < now - self.start)

    def report(self):
        samples = sorted(self.samples)
        n = len(samples)
        print(json.dumps({'trips': n, 'ns': (self.last - self.start) / n,
                          'median_ns': samples[n // 2], 'p99_ns': samples[n - 1 - n // 100]}),
              flush=True)


def raise_limit():
    """Allows as many descriptors as the runner has asked for."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams of Python's asyncio; the command line is that of bench.c."""

import asyncio
import json
import os
import resource
import socket as sockets
import sys
import time

BUFFER = 64 * 1024
MAX_QUEUED = 4 * BUFFER
BACKLOG = 4096

role, work, name = sys.argv[1:4]
options = {'size': 64, 'count': 1000, 'warm': 0, 'limit': 0, 'idle': 0, 'clients': 1,
           'total': 0, 'chunk': BUFFER, 'exchange': 0, 'delay': 0}
options.update((key, int(value)) for key, value in (word.split('=') for word in sys.argv[4:]))
kept = []


def say_ready():
    print('ready', os.getpid(), flush=True)


class Trips:
    """Counts round trips."""

    def __init__(self):
        self.done = 0
        self.samples = []
        self.start = self.last = time.monotonic_ns()
        self.over = asyncio.get_running_loop().create_future()

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


# As with the other peers, no answer waits until the one before it has left: drain() is for streams.

async def answer_requests(reader, writer):
    while data := await reader.read(BUFFER):
        writer.write(data)
    writer.close()


async def answer_streams(reader, writer):
    received = 0
    while data := await reader.read(BUFFER):
        received += len(data)
        if received >= options['total']:
            received = 0
            writer.write(b'.')
    writer.close()


answer = answer_streams if work == 'sink' else answer_requests


async def add_idle():
    """What a server of streams does with a client, done with one end of a pair."""
    loop = asyncio.get_running_loop()

    def make_protocol():
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), answer)

    for _ in range(options['idle']):
        ends = sockets.socketpair()
        transport, _ = await loop.connect_accepted_socket(make_protocol, ends[0])
        kept.append((transport, ends[1]))


async def serve():
    kept.append(await asyncio.start_unix_server(answer, name, backlog=BACKLOG))
    await add_idle()
    say_ready()
    await asyncio.get_running_loop().create_future()


async def run_trips():
    message = bytes(options['size'])

    async def make_trips(reader, writer):
        while not trips.over.done():
            writer.write(message)
            left = options['size']
            while left > 0:
                left -= len(await reader.read(BUFFER))
            if not trips.over.done() and trips.is_over():
                trips.over.set_result(None)

    await add_idle()
    clients = [await asyncio.open_unix_connection(name) for _ in range(options['clients'])]
    trips = Trips()
    kept.extend(asyncio.create_task(make_trips(*client)) for client in clients)
    await trips.over
    trips.report()


async def run_connect():
    trips = Trips()
    while True:
        reader, writer = await asyncio.open_unix_connection(name)
        writer.write(b'.')
        await reader.read(BUFFER)
        writer.close()
        if trips.is_over():
            break
    trips.report()


async def run_stream():
    piece = bytes(options['chunk'])
    left = options['total']

    reader, writer = await asyncio.open_unix_connection(name)
    writer.transport.set_write_buffer_limits(MAX_QUEUED)
    start = time.monotonic()
    while left > 0:
        writer.write(piece if left >= len(piece) else piece[:left])
        left -= len(piece)
        await writer.drain()
    await reader.read(1)
    print(json.dumps({'seconds': time.monotonic() - start}), flush=True)


async def run_hold():
    for _ in range(options['clients']):
        reader, writer = await asyncio.open_unix_connection(name)
        kept.append((reader, writer))
        if options['exchange']:
            writer.write(b'.')
            await reader.read(BUFFER)
    say_ready()
    await asyncio.get_running_loop().create_future()


async def main():
    if role == 'server':
        await serve()
    else:
        works = {'connect': run_connect, 'stream': run_stream, 'hold': run_hold}
        await works.get(work, run_trips)()
    # The descriptors that are still open end with the process.
    sys.stdout.flush()
    os._exit(0)


limits = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
asyncio.run(main())

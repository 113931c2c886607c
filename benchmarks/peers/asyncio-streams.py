# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams of Python's asyncio; the command line is that of bench.c."""

import asyncio
import json
import os
import socket as sockets
import sys
import time

from common import (BACKLOG, BUFFER, MAX_QUEUED, Trips, name, options, raise_limit, role, say_ready,
                    work)

kept = []


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
    over = asyncio.get_running_loop().create_future()

    async def make_trips(reader, writer):
        while not over.done():
            writer.write(message)
            left = options['size']
            while left > 0:
                left -= len(await reader.read(BUFFER))
            if not over.done() and trips.is_over():
                over.set_result(None)

    await add_idle()
    clients = [await asyncio.open_unix_connection(name) for _ in range(options['clients'])]
    trips = Trips()
    kept.extend(asyncio.create_task(make_trips(*client)) for client in clients)
    await over
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


raise_limit()
asyncio.run(main())

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""lsock from Python; the command line is that of bench.c."""

import json
import socket as sockets
import sys
import time

import gi

gi.require_version('Lsock', '1')
from common import (BACKLOG, MAX_QUEUED, Trips, name, options, raise_limit, role, say_ready,
                    work)
from gi.repository import GLib, Lsock

loop = GLib.MainLoop()
kept = []


def serve_socket(socket):
    socket.connect('ready-read', on_piece if work == 'sink' else on_request)
    socket.connect('disconnected', lambda socket: socket.delete_later())


def on_request(socket):
    socket.write(socket.read_all())


received = 0


def on_piece(socket):
    global received
    received += len(socket.read_all())
    if received >= options['total']:
        received = 0
        socket.write(b'.')


def add_idle():
    for _ in range(options['idle']):
        ends = sockets.socketpair()
        socket = Lsock.Socket()
        socket.set_socket_descriptor(ends[0].detach())
        serve_socket(socket)
        kept.append((socket, ends[1]))


def serve():
    def on_new_connection(server):
        while server.has_pending_connections():
            serve_socket(server.next_pending_connection())

    server = Lsock.Server()
    server.set_listen_backlog_size(BACKLOG)
    server.connect('new-connection', on_new_connection)
    server.listen(name)
    add_idle()
    say_ready()
    loop.run()


def open_connection(on_ready_read):
    socket = Lsock.Socket()
    socket.connect('ready-read', on_ready_read)
    socket.connect_to_server(name)
    if not socket.wait_for_connected():
        sys.exit(socket.get_error_string())
    return socket


def run_trips():
    message = bytes(options['size'])
    got = {}

    def on_answer(socket):
        length = len(socket.read_all())
        if length < options['size']:
            length += got.pop(socket, 0)
            if length < options['size']:
                got[socket] = length
                return
        if trips.is_over():
            trips.report()
            loop.quit()
        else:
            socket.write(message)

    add_idle()
    kept.extend(open_connection(on_answer) for _ in range(options['clients']))
    trips = Trips()
    for socket in kept[-options['clients']:]:
        socket.write(message)
    loop.run()


def run_connect():
    def on_greeted(socket):
        socket.read_all()
        socket.close()
        if trips.is_over():
            trips.report()
            loop.quit()
        else:
            greet()

    def greet():
        # A signal keeps its sender, and nothing else needs to.
        kept[:] = [open_connection(on_greeted)]
        kept[0].write(b'.')

    trips = Trips()
    greet()
    loop.run()


def run_stream():
    piece = bytes(options['chunk'])
    left = options['total']

    def send_pieces(socket, *_):
        nonlocal left
        while left > 0 and socket.bytes_to_write() < MAX_QUEUED:
            socket.write(piece if left >= len(piece) else piece[:left])
            left -= len(piece)

    socket = open_connection(lambda socket: loop.quit())
    socket.connect('bytes-written', send_pieces)
    start = time.monotonic()
    send_pieces(socket)
    loop.run()
    print(json.dumps({'seconds': time.monotonic() - start}), flush=True)


def run_hold():
    def on_answer(socket):
        socket.read_all()
        loop.quit()

    for _ in range(options['clients']):
        kept.append(open_connection(on_answer))
        if options['exchange']:
            kept[-1].write(b'.')
            loop.run()
    say_ready()
    loop.run()


raise_limit()
if role == 'server':
    serve()
else:
    {'connect': run_connect, 'stream': run_stream, 'hold': run_hold}.get(work, run_trips)()

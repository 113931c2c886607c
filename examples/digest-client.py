#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams files to the digest server, one after the other, and prints what it answers."""

import os
import sys

import gi

gi.require_version('Lsock', '1')
from gi.repository import GLib, Lsock

if not hasattr(Lsock, 'Error'):
    sys.exit('Python does not find gi/overrides/Lsock.py of lsock: add its folder to PYTHONPATH')

PIECE = 64 * 1024
MAX_QUEUED = 4 * PIECE          # more is never queued: the rest waits in the file


def say(signal, detail=''):
    print('signal', 'client', signal, detail, sep='\t')


class Sender:
    def __init__(self, name, files):
        self.files, self.file, self.status = list(files), None, 0
        self.loop = GLib.MainLoop()
        self.socket = Lsock.Socket()
        self.socket.connect('connected', self.on_connected)
        self.socket.connect('bytes-written', self.on_bytes_written)
        self.socket.connect('ready-read', self.on_ready_read)
        self.socket.connect('error', self.on_error)
        self.socket.connect('disconnected', self.on_disconnected)
        self.socket.connect_to_server(name)

    def begin_file(self):
        try:
            self.file = open(self.files[0], 'rb')
        except OSError as error:
            self.finish(1, 'Cannot read “%s”: %s' % (self.files[0], error.strerror))
            return
        self.socket.write(b'%d\n' % os.fstat(self.file.fileno()).st_size)
        self.send_more()

    def send_more(self):
        while self.file and self.socket.bytes_to_write() < MAX_QUEUED:
            piece = self.file.read(PIECE)
            if piece:
                self.socket.write(piece)
            else:
                self.file.close()
                self.file = None

    def finish(self, status, message=None):
        if message:
            print(message, file=sys.stderr)
        self.status = status
        self.loop.quit()

    def on_connected(self, socket):
        say('connected', socket.get_full_server_name())
        self.begin_file()

    def on_bytes_written(self, socket, count):
        say('bytes-written', count)
        self.send_more()

    def on_ready_read(self, socket):
        say('ready-read')
        while socket.can_read_line():
            line = socket.read_line()
            print('result', self.files.pop(0), line.decode().rstrip('\n'), sep='\t')
            if self.files:
                self.begin_file()
            else:
                socket.close()

    def on_error(self, socket, error):
        say('error', socket.get_error_string())
        self.finish(1, socket.get_error_string())

    def on_disconnected(self, socket):
        say('disconnected')
        self.finish(1 if self.files else 0)


if len(sys.argv) < 3:
    sys.exit('usage: %s NAME FILE…' % sys.argv[0])
sender = Sender(sys.argv[1], sys.argv[2:])
if sender.socket.get_state() != Lsock.SocketState.UNCONNECTED:
    sender.loop.run()
sys.exit(sender.status)

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the examples share: peers, and the programs themselves."""

import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / 'tests'))
from tap import main    # for the test programs

SECONDS = 30


class Case(unittest.TestCase):
    """A test with a fresh folder, and with processes that end with it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='lsock-example-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.number_of_peers = 0

    def name(self, name='s'):
        return os.path.join(self.folder, name)

    def run_program(self, *command, given=b'', encoding='utf-8'):
        """(exit status, standard output, standard error)"""
        done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS,
                              env=dict(os.environ, LC_ALL='C.UTF-8'), check=False)
        output = done.stdout.decode(encoding) if encoding else done.stdout
        return done.returncode, output, done.stderr.decode()

    def start(self, *command, **options):
        process = subprocess.Popen(command, env=dict(os.environ, LC_ALL='C.UTF-8'), **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in process.stdin, process.stdout, process.stderr:
            if stream is not None:
                stream.close()

    def start_server(self, name, *command, **options):
        """Starts a program, and waits until it listens under a name."""
        process = self.start(*command, **options)
        deadline = time.monotonic() + SECONDS
        while not listens(name):
            self.assertIsNone(process.poll(), 'the server has ended')
            self.assertLess(time.monotonic(), deadline, 'the server does not listen')
            time.sleep(0.01)
        return process

    def serve(self, talk):
        """Lets a function talk to the first client, in a thread; returns the name to connect to."""
        self.number_of_peers += 1
        name = self.name('peer%d' % self.number_of_peers)
        listener = socket.socket(socket.AF_UNIX)
        listener.settimeout(SECONDS)
        listener.bind(name)
        listener.listen()

        def run():
            with listener:
                client, _ = listener.accept()
            with client:
                client.settimeout(SECONDS)
                try:
                    talk(client)
                except (BrokenPipeError, ConnectionResetError):
                    pass        # the program may leave a peer that it does not trust

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        return name


def listens(name):
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(name) == 0


def receive_until(client, end):
    data = b''
    while not data.endswith(end):
        piece = client.recv(4096)
        if not piece:
            raise AssertionError('the program closed after %r' % data)
        data += piece
    return data


def wait_for_end(client):
    """Waits until the program has closed its side."""
    while client.recv(4096):
        pass


def send_bytewise(client, data):
    """Sends each byte alone, once the program has taken the one before."""
    for i in range(len(data)):
        client.sendall(data[i:i + 1])
        while unread(client):
            time.sleep(0.0005)


def unread(client):
    """How many bytes the program has not taken out of the kernel."""
    return struct.unpack('i', fcntl.ioctl(client, termios.TIOCOUTQ, b'\0' * 4))[0]

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window manager i3 over its socket: run this under Xvfb.

Its messages begin with a text and two numbers in the byte order of the machine, which is no framing of
a message channel: a transaction reads one whole, or goes back.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / 'bindings' / 'python'))

from support import Case, main
from gi.repository import Lsock

HEADER = struct.Struct('=6sII')
RUN_COMMAND, SUBSCRIBE, GET_TREE, GET_VERSION, SEND_TICK = 0, 2, 4, 7, 10
TICK_EVENT = 0x80000007
SECONDS = 30


class I3(Case):
    def setUp(self):
        super().setUp()
        config = os.path.join(self.folder, 'config')
        with open(config, 'w', encoding='utf-8') as file:
            file.write('# i3 config file (v4)\nipc-socket %s\nfont pango:monospace 8\n' % self.name())
        process = subprocess.Popen(['i3', '-c', config], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.socket = self.connect(process)
        self.messages = []
        self.socket.connect('ready-read', self.on_ready_read)

    def connect(self, process):
        deadline = time.monotonic() + SECONDS
        while True:
            socket = Lsock.Socket(server_name=self.name())
            try:
                socket.open()
                return socket
            except (FileNotFoundError, ConnectionRefusedError):
                self.assertIsNone(process.poll())
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)

    def on_ready_read(self, socket):
        while message := self.take(socket):
            self.messages.append(message)

    def take(self, socket):
        """(type, payload), or None if it has not arrived whole."""
        socket.start_transaction()
        header = socket.read(HEADER.size)
        if len(header) == HEADER.size:
            magic, length, kind = HEADER.unpack(header)
            self.assertEqual(magic, b'i3-ipc')
            payload = socket.read(length)
            if len(payload) == length:
                socket.commit_transaction()
                return kind, json.loads(payload)
        socket.rollback_transaction()
        return None

    def send(self, kind, payload=b''):
        self.socket.write(HEADER.pack(b'i3-ipc', len(payload), kind) + payload)

    def ask(self, kind, payload=b''):
        """Events may come with the answer."""
        before = len(self.messages)
        self.send(kind, payload)
        self.until(lambda: len(self.messages) > before, SECONDS)
        answer, data = self.messages[before]
        self.assertEqual(answer, kind)
        return data

    def test_answers(self):
        self.assertEqual(self.ask(GET_VERSION)['major'], 4)
        self.assertEqual(self.ask(RUN_COMMAND, b'workspace lsock'), [{'success': True}])
        tree = self.ask(GET_TREE)
        self.assertIn('lsock', json.dumps(tree))
        # Larger than what one read(2) of a header brings.
        self.assertGreater(len(json.dumps(tree)), 4096)

    def test_events(self):
        self.assertEqual(self.ask(SUBSCRIBE, b'["tick"]'), {'success': True})
        self.until(lambda: self.messages[-1][0] == TICK_EVENT, SECONDS)
        self.assertTrue(self.messages[-1][1]['first'])
        self.messages.clear()
        for _ in range(20):
            self.send(SEND_TICK, b'from lsock')
        self.until(lambda: len(self.messages) == 40, SECONDS)
        events = [data['payload'] for kind, data in self.messages if kind == TICK_EVENT]
        self.assertEqual(events, ['from lsock'] * 20)

    def test_blocking(self):
        """The same without a loop: the waits emit the signal."""
        for _ in range(3):
            self.send(GET_VERSION)
        while len(self.messages) < 3:
            self.assertTrue(self.socket.wait_for_ready_read(SECONDS * 1000))
        self.assertEqual([kind for kind, _ in self.messages], [GET_VERSION] * 3)


main()

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The chat server: with plain clients, and with the client in JavaScript."""

import json
import os
import signal
import socket
import subprocess
import sys

import support

SERVER, CLIENT = sys.argv[1:]
NONSENSE = {'error': 'not a message of this chat'}


class Plain:
    """A client that is a plain socket."""

    def __init__(self, name, timeout=support.SECONDS):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(name)
        self.lines = self.socket.makefile('rb')

    def say(self, **message):
        self.socket.sendall(json.dumps(message).encode() + b'\n')

    def hear(self):
        line = self.lines.readline()
        return json.loads(line) if line else None

    def close(self):
        self.lines.close()
        self.socket.close()


class Chat(support.Case):
    def setUp(self):
        super().setUp()
        self.errors = open(self.name('errors'), 'w+b')
        self.addCleanup(self.errors.close)
        self.server = self.start_server(self.name(), sys.executable, SERVER, self.name(),
                                        stderr=self.errors)

    def tearDown(self):
        # An exception in a handler is printed and has no other effect.
        self.server.terminate()
        self.assertEqual(self.server.wait(support.SECONDS), 0)
        self.errors.seek(0)
        self.assertEqual(self.errors.read().decode(), '')
        self.assertFalse(os.path.exists(self.name()))

    def connect(self):
        client = Plain(self.name())
        self.addCleanup(client.close)
        return client

    def enter(self, name, *others):
        client = self.connect()
        client.say(name=name)
        for each in (client, *others):
            self.assertEqual(each.hear(), {'joined': name})
        return client

    def start_client(self, name):
        return self.start('gjs', '-m', CLIENT, self.name(), name, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_conversation(self):
        ann = self.enter('Ann')
        ben = self.enter('Ben', ann)
        zoë = self.enter('Zoë', ann, ben)
        ann.say(text='Grüße\nin two lines')
        self.assertEqual(zoë.hear(), {'from': 'Ann', 'text': 'Grüße\nin two lines'})
        # Between two senders there is an order because the second one speaks when it has heard.
        zoë.say(text='hello')
        self.assertEqual(ann.hear(), {'from': 'Zoë', 'text': 'hello'})
        self.assertEqual([ben.hear()['from'] for _ in range(2)], ['Ann', 'Zoë'])
        ben.close()
        self.assertEqual(ann.hear(), {'left': 'Ben'})
        self.assertEqual(zoë.hear(), {'left': 'Ben'})
        self.enter('Ben', ann, zoë)

    def test_guest_hears_nothing_before_it_enters(self):
        stranger = self.connect()
        ann = self.enter('Ann')
        ben = self.enter('Ben', ann)
        ben.say(text='between us')
        self.assertEqual(ann.hear()['from'], 'Ben')
        stranger.say(name='Cat')
        self.assertEqual(stranger.hear(), {'joined': 'Cat'})

    def test_nonsense(self):
        ann = self.enter('Ann')
        ben = self.connect()
        lines = (b'', b'nonsense', b'[1', b'null', b'5', b'"name"', b'[]', b'{}', b'{"name": 5}',
                 b'{"name": ""}', b'{"text": "x"}', b'\xff\xfe', b'\0', b'[' * 60000,
                 b'9' * 60000)
        for line in lines:
            with self.subTest(line=line[:20]):
                ben.socket.sendall(line + b'\n')
                self.assertEqual(ben.hear(), NONSENSE)
        ben.say(name='Ann')
        self.assertEqual(ben.hear(), {'error': 'the name is taken'})
        ben.say(name='Ben')
        self.assertEqual(ben.hear(), {'joined': 'Ben'})
        self.assertEqual(ann.hear(), {'joined': 'Ben'})
        ben.say(text=['x'])
        self.assertEqual(ben.hear(), NONSENSE)
        ben.socket.sendall(b'{"text": "\\ud800"}\n')
        self.assertEqual(ann.hear(), {'from': 'Ben', 'text': '\ud800'})

    def test_too_large(self):
        ann = self.enter('Ann')
        ben = self.enter('Ben', ann)
        try:
            ben.socket.sendall(b'x' * 1000000)
        except (BrokenPipeError, ConnectionResetError):
            pass                # the server may close before it has all
        self.assertEqual(ann.hear(), {'left': 'Ben'})

    def test_half_a_message(self):
        ann = self.enter('Ann')
        ben = self.enter('Ben', ann)
        ben.socket.sendall(b'{"text": ')
        ben.close()
        self.assertEqual(ann.hear(), {'left': 'Ben'})

    def test_slow_reader_is_dropped(self):
        ann = self.enter('Ann')
        ben = self.enter('Ben', ann)
        slow = self.enter('Slow', ann, ben)
        # More than the server and the kernel keep for a client that does not read.
        heard = 0
        for _ in range(100):
            ann.say(text='x' * 50000)
            message = ben.hear()
            heard += message.get('from') == 'Ann'
            if message == {'left': 'Slow'}:
                heard += ben.hear()['from'] == 'Ann'
        self.assertEqual(ann.hear(), {'left': 'Slow'})
        self.assertEqual(heard, 100)
        # What it had not read in time ends where the kernel was full.
        rest = slow.lines.read()
        self.assertGreater(len(rest), 0)
        self.assertLess(len(rest), 100 * 50000)

    def test_client_in_javascript(self):
        ann = self.enter('Ann')
        client = self.start_client('Ben')
        self.assertEqual(client.stdout.readline().decode(), '* Ben has joined\n')
        self.assertEqual(ann.hear(), {'joined': 'Ben'})
        ann.say(text='Grüße\x1b[2J')
        self.assertEqual(client.stdout.readline().decode(), 'Ann: Grüße\ufffd[2J\n')
        client.stdin.write('grün\n\nthere\n'.encode())
        client.stdin.flush()
        self.assertEqual(ann.hear(), {'from': 'Ben', 'text': 'grün'})
        self.assertEqual(ann.hear(), {'from': 'Ben', 'text': 'there'})
        self.enter('Cat', ann).close()
        self.assertEqual(client.stdout.readline().decode(), '* Cat has joined\n')
        self.assertEqual(client.stdout.readline().decode(), '* Cat has left\n')
        self.assertEqual(ann.hear(), {'left': 'Cat'})
        client.stdin.write(b'bye')
        client.stdin.close()
        self.assertEqual(ann.hear(), {'from': 'Ben', 'text': 'bye'})
        self.assertEqual(ann.hear(), {'left': 'Ben'})
        self.assertEqual(client.wait(support.SECONDS), 0)
        self.assertEqual(client.stderr.read(), b'')

    def test_two_clients_in_javascript(self):
        ben = self.start_client('Ben')
        self.assertEqual(ben.stdout.readline().decode(), '* Ben has joined\n')
        lines = ''.join('%d\n' % i for i in range(500)).encode()
        status, _, errors = self.run_program('gjs', '-m', CLIENT, self.name(), 'Zoë', given=lines)
        self.assertEqual((status, errors), (0, ''))
        expected = ['* Zoë has joined'] + ['Zoë: %d' % i for i in range(500)] + ['* Zoë has left']
        self.assertEqual([ben.stdout.readline().decode().rstrip('\n') for _ in expected], expected)

    def test_client_whose_name_is_taken(self):
        self.enter('Ann')
        status, output, errors = self.run_program('gjs', '-m', CLIENT, self.name(), 'Ann')
        self.assertEqual((status, output), (1, ''))
        self.assertIn('the name is taken', errors)

    def test_client_when_the_server_ends(self):
        client = self.start_client('Ben')
        self.assertEqual(client.stdout.readline().decode(), '* Ben has joined\n')
        self.server.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(support.SECONDS), 1)
        self.assertIn('closed the connection', client.stderr.read().decode())

    def test_name_in_use(self):
        status, _, errors = self.run_program(sys.executable, SERVER, self.name())
        self.assertEqual(status, 1)
        self.assertIn(self.name(), errors)


class Start(support.Case):
    def test_client_without_a_server(self):
        status, output, errors = self.run_program('gjs', '-m', CLIENT, self.name(), 'Ann')
        self.assertEqual((status, output), (1, ''))
        self.assertIn(self.name(), errors)

    def test_client_of_another_server(self):
        for answer in b'nonsense\n', b'null\n', b'\xff\n', b'':
            with self.subTest(answer=answer):
                name = self.serve(lambda peer, answer=answer: (
                    support.receive_until(peer, b'\n'), peer.sendall(answer)))
                status, output, errors = self.run_program('gjs', '-m', CLIENT, name, 'Ann')
                self.assertEqual((status, output), (1, ''))
                self.assertNotEqual(errors, '')

    def test_usage(self):
        for command in ([sys.executable, SERVER], ['gjs', '-m', CLIENT, self.name()]):
            status, output, errors = self.run_program(*command)
            self.assertEqual((status, output), (2, ''))
            self.assertIn('usage', errors)


support.main()

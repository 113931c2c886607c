# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The remote control: with mpv, and with peers that answer otherwise."""

import json
import signal
import subprocess
import sys

import support

REMOTE = sys.argv[1]


class Mpv(support.Case):
    def setUp(self):
        super().setUp()
        self.mpv = self.start_server(
            self.name(), 'mpv', '--idle', '--no-config', '--no-terminal', '--vo=null', '--ao=null',
            '--input-ipc-server=' + self.name(), stdin=subprocess.DEVNULL)

    def remote(self, *arguments):
        return self.run_program(sys.executable, REMOTE, self.name(), *arguments)

    def get(self, name):
        status, output, errors = self.remote('get', name)
        self.assertEqual((status, errors), (0, ''))
        return json.loads(output)

    def start_watch(self, *names):
        watch = self.start(sys.executable, REMOTE, self.name(), 'watch', *names,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # What there is at the beginning comes first.
        first = {self.next_change(watch)[0] for _ in names}
        self.assertEqual(first, set(names))
        return watch

    def next_change(self, watch):
        name, value = watch.stdout.readline().split('\t')
        return name, json.loads(value)

    def test_get(self):
        self.assertEqual(self.get('idle-active'), True)
        self.assertTrue(self.get('mpv-version').startswith('mpv '))
        self.assertIsInstance(self.get('property-list'), list)

    def test_set(self):
        for name, text, value in (('volume', '42', 42), ('mute', 'true', True),
                                  ('title', 'ä "quoted" title', 'ä "quoted" title'),
                                  ('sub-file-paths', '["/a", "/b"]', ['/a', '/b'])):
            with self.subTest(name=name):
                self.assertNotEqual(self.get(name), value)
                self.assertEqual(self.remote('set', name, text), (0, '', ''))
                self.assertEqual(self.get(name), value)

    def test_refused(self):
        for words, reason in ((['get', 'nosuch'], 'property not found'),
                              (['set', 'nosuch', '1'], 'property not found'),
                              (['get', 'duration'], 'property unavailable'),
                              (['set', 'volume', 'loud'], 'unsupported format')):
            with self.subTest(words=words):
                status, output, errors = self.remote(*words)
                self.assertEqual((status, output), (1, ''))
                self.assertIn(words[1], errors)
                self.assertIn(reason, errors)

    def test_watch(self):
        watch = self.start_watch('volume', 'title')
        self.remote('set', 'volume', '17')
        self.assertEqual(self.next_change(watch), ('volume', 17))
        self.remote('set', 'mute', 'true')
        self.remote('set', 'title', 'new')
        self.assertEqual(self.next_change(watch), ('title', 'new'))
        self.mpv.terminate()
        self.assertEqual(watch.wait(support.SECONDS), 0)
        self.assertEqual((watch.stdout.read(), watch.stderr.read()), ('', ''))

    def test_watch_interrupted(self):
        watch = self.start_watch('volume')
        watch.send_signal(signal.SIGINT)
        output, errors = watch.communicate(timeout=support.SECONDS)
        self.assertEqual((watch.returncode, output, errors), (-signal.SIGINT, '', ''))
        self.assertEqual(self.get('idle-active'), True)


class OtherPeers(support.Case):
    def remote(self, talk, *words):
        return self.run_program(sys.executable, REMOTE, self.serve(talk), *words)

    def answer(self, data):
        """A peer that answers the first request with the bytes, and closes."""
        def talk(peer):
            support.receive_until(peer, b'\n')
            peer.sendall(data)

        return talk

    def test_events_and_other_answers_come_first(self):
        def talk(peer):
            request = json.loads(support.receive_until(peer, b'\n'))
            for message in ({'event': 'property-change', 'name': 'a', 'data': 1},
                            {'event': 'idle', 'request_id': request['request_id']},
                            {'request_id': 0, 'error': 'invalid parameter'},
                            {'request_id': request['request_id'], 'error': 'success'},
                            {'event': 'property-change', 'name': 'b'},
                            {'event': 'property-change', 'name': 'a', 'data': [2, None]}):
                support.send_bytewise(peer, json.dumps(message).encode() + b'\r\n')

        self.assertEqual(self.remote(talk, 'watch', 'a'), (0, 'a\t1\nb\tnull\na\t[2, null]\n', ''))

    def test_other_protocol(self):
        for data in (b'nonsense\n', b'\xff\n', b'5\n', b'null\n', b'[]\n', b'{"request_id": 1}\n',
                     b'\n'):
            with self.subTest(data=data):
                status, output, errors = self.remote(self.answer(data), 'get', 'x')
                self.assertEqual((status, output), (1, ''))
                self.assertIn('does not answer as mpv does', errors)

    def test_ends_before_the_answer(self):
        for data in b'', b'{"request', b'{"event": "idle"}\n':
            with self.subTest(data=data):
                status, output, errors = self.remote(self.answer(data), 'get', 'x')
                self.assertEqual((status, output), (1, ''))
                self.assertNotIn('Traceback', errors)
                self.assertEqual(errors.count('\n'), 1)

    def test_no_player(self):
        status, output, errors = self.run_program(sys.executable, REMOTE, self.name(), 'get', 'x')
        self.assertEqual((status, output), (1, ''))
        self.assertIn(self.name(), errors)

    def test_usage(self):
        for words in ([], ['s'], ['s', 'get'], ['s', 'get', 'a', 'b'], ['s', 'set', 'a'],
                      ['s', 'watch'], ['s', 'nosuch', 'a']):
            with self.subTest(words=words):
                status, output, errors = self.run_program(sys.executable, REMOTE, *words)
                self.assertEqual((status, output), (2, ''))
                self.assertTrue(errors.startswith('usage: '), errors)


support.main()

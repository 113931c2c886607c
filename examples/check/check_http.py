# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The HTTP client: with Python's server beside curl, and with peers that break the protocol."""

import http.server
import socketserver
import subprocess
import sys
import threading

import support

CLIENT = sys.argv[1]
BODY = bytes(range(256)) * 20000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def address_string(self):
        return 'local'

    def log_message(self, *_):
        pass

    def answer(self, *header, status=200):
        self.send_response(status)
        self.send_header(*header)
        self.end_headers()

    def do_GET(self):
        if self.path == '/length':
            self.answer('Content-Length', str(len(BODY)))
            self.wfile.write(BODY)
        elif self.path == '/close':
            self.answer('Connection', 'close')
            self.wfile.write(BODY)
        elif self.path == '/chunked':
            self.answer('Transfer-Encoding', 'chunked')
            for start in range(0, len(BODY), 99999):
                piece = BODY[start:start + 99999]
                self.wfile.write(b'%X;name="value"\r\n%s\r\n' % (len(piece), piece))
            self.wfile.write(b'0\r\nX-Checksum: none\r\n\r\n')
        elif self.path == '/empty':
            self.answer('Content-Length', '0')
        elif self.path == '/continue':
            self.send_response_only(100)
            self.end_headers()
            self.answer('Content-Length', '5')
            self.wfile.write(b'hello')
        elif self.path == '/request':
            text = ('%s\n%s' % (self.requestline, self.headers)).encode()
            self.answer('Content-Length', str(len(text)))
            self.wfile.write(text)
        elif self.path == '/none':
            self.answer('ETag', '"x"', status=204)
        else:
            self.send_error(404)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Waits for its threads when it is closed."""


class RealServer(support.Case):
    def setUp(self):
        super().setUp()
        server = Server(self.name(), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def get(self, path):
        return self.run_program(CLIENT, self.name(), path, encoding=None)

    def curl(self, path):
        return subprocess.run(['curl', '--silent', '--show-error', '--unix-socket', self.name(),
                               'http://localhost' + path], capture_output=True, check=True,
                              timeout=support.SECONDS).stdout

    def test_bodies_are_those_of_curl(self):
        for path, body in {'/length': BODY, '/close': BODY, '/chunked': BODY, '/empty': b'',
                           '/none': b'', '/continue': b'hello'}.items():
            with self.subTest(path=path):
                self.assertEqual(self.curl(path), body)
                self.assertEqual(self.get(path), (0, body, ''))

    def test_error_status(self):
        status, output, errors = self.get('/missing')
        self.assertEqual((status, errors), (1, '404 Not Found\n'))
        self.assertEqual(output, self.curl('/missing'))
        self.assertIn(b'404', output)

    def test_request(self):
        status, output, _ = self.get('/request')
        self.assertEqual(status, 0)
        self.assertEqual(output.decode().splitlines()[0], 'GET /request HTTP/1.1')
        self.assertIn('Host: localhost', output.decode().splitlines())

    def test_slow_output(self):
        client = self.start(CLIENT, self.name(), '/length', stdout=subprocess.PIPE)
        self.assertEqual(client.stdout.read(1), BODY[:1])
        self.assertEqual(client.stdout.read(), BODY[1:])
        self.assertEqual(client.wait(support.SECONDS), 0)


class OtherPeers(support.Case):
    def get(self, answer, send=None):
        def talk(client):
            support.receive_until(client, b'\r\n\r\n')
            (send or type(client).sendall)(client, answer)

        return self.run_program(CLIENT, self.serve(talk), '/', encoding=None)

    def test_bytewise(self):
        for answer in (b'HTTP/1.1 200 OK\r\nTRANSFER-ENCODING:Chunked\r\n\r\n'
                       b'3\r\nhel\r\n002 ;x\r\nlo\r\n0\r\nA: b\r\n\r\n',
                       b'HTTP/1.0 200\ncontent-length: 5\n\nhello',
                       b'HTTP/1.1 200 \r\n\r\nhello'):
            with self.subTest(answer=answer):
                self.assertEqual(self.get(answer, support.send_bytewise), (0, b'hello', ''))

    def test_bytes_behind_the_page(self):
        self.assertEqual(self.get(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello there'),
                         (0, b'hello', ''))

    def test_malformed(self):
        ok = b'HTTP/1.1 200 OK\r\n'
        chunked = ok + b'Transfer-Encoding: chunked\r\n\r\n'
        for answer in (b'', b'HTTP/1.1 200', b'\r\n\r\n', b'SSH-2.0-x\r\n', b'HTTP/2 200\r\n\r\n',
                       b'HTTP/1.1\r\n\r\n', b'HTTP/1.1 x\r\n\r\n', b'HTTP/1.1 99 x\r\n\r\n',
                       b'HTTP/1.1 +200 x\r\n\r\n', b'HTTP/1.1 2\x000 x\r\n\r\n', b'\xff\xfe\r\n',
                       ok, ok + b'A: b\r\n', ok + b'nonsense\r\n\r\n', ok + b'A: ' + b'x' * 100000,
                       ok + b'A: b\r\n' * 1000 + b'\r\n', b'HTTP/1.1 100 Continue\r\n\r\n',
                       ok + b'Content-Length: x\r\n\r\n', ok + b'Content-Length: -5\r\n\r\n',
                       ok + b'Content-Length: 99999999999999999999\r\n\r\n',
                       ok + b'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy',
                       ok + b'Transfer-Encoding: gzip\r\n\r\n',
                       chunked + b'\r\n', chunked + b';x\r\n', chunked + b'zz\r\n',
                       chunked + b'-1\r\n', chunked + b'0x1\r\n',
                       chunked + b'fffffffffffffffff\r\n'):
            with self.subTest(answer=answer[:60]):
                status, output, errors = self.get(answer)
                self.assertEqual((status, output), (1, b''))
                self.assertEqual(errors.count('\n'), 1, errors)

    def test_ends_within_the_body(self):
        ok = b'HTTP/1.1 200 OK\r\n'
        for body in (ok + b'Content-Length: 9\r\n\r\nabc',
                     ok + b'Transfer-Encoding: chunked\r\n\r\n9\r\nabc',
                     ok + b'Transfer-Encoding: chunked\r\n\r\n3\r\nabc',
                     ok + b'Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n',
                     ok + b'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
                     ok + b'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n'):
            with self.subTest(body=body):
                status, output, errors = self.get(body)
                self.assertEqual((status, output), (1, b'abc'))
                self.assertEqual(errors.count('\n'), 1, errors)


class Start(support.Case):
    def test_no_server(self):
        status, output, errors = self.run_program(CLIENT, self.name(), '/')
        self.assertEqual((status, output), (1, ''))
        self.assertIn(self.name(), errors)

    def test_usage(self):
        for arguments in ([], ['s'], ['s', '/', 'x'], ['s', 'x'], ['s', '/a b'], ['s', '/a\n'],
                          ['s', '/a\r\nB: c'], ['s', '/ä']):
            with self.subTest(arguments=arguments):
                status, output, errors = self.run_program(CLIENT, *arguments)
                self.assertEqual((status, output), (2, ''))
                self.assertIn('usage', errors)


support.main()

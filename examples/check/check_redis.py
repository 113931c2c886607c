# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Redis client: with a Redis server, and with peers that break the protocol."""

import socket
import subprocess
import sys

import support

CLIENT = sys.argv[1]

# Every kind of reply, and strings that have to be quoted.
COMMANDS = r'''
PING
SET greeting "hello world"
GET greeting
GET missing

SET odd 'tab	"quoted" back\slash ä'
GET odd
DEL greeting missing
RPUSH list a "b c" ''
LRANGE list 0 -1
LRANGE missing 0 -1
NOSUCH command
INCR list
EVAL "return {1, {2, {}, {1,2,3,4,5,6,7,8,9,10,11,{12,{13}}}, false}, {err='no luck'}, 'last'}" 0
EVAL "return '\\r\\n\\a\\b' .. string.char(0, 255)" 0
EVAL "return -9007199254740991" 0
'''


class RedisServer(support.Case):
    def setUp(self):
        super().setUp()
        self.server = self.start_server(
            self.name(), 'redis-server', '--port', '0', '--unixsocket', self.name(), '--save', '',
            '--dir', self.folder, '--logfile', self.name('log'))

    def ask(self, commands):
        return self.run_program(CLIENT, self.name(), given=commands.encode())

    def test_replies_are_those_of_redis_cli(self):
        # Both begin with an empty database.
        answers = []
        for command in [CLIENT, self.name()], ['redis-cli', '--no-raw', '-s', self.name()]:
            self.ask('FLUSHALL')
            answers.append(self.run_program(*command, given=COMMANDS.encode()))
        status, output, errors = answers[0]
        self.assertEqual(errors, '')
        self.assertEqual(status, 0)
        self.assertEqual(output.splitlines()[:4], ['PONG', 'OK', '"hello world"', '(nil)'])
        self.assertEqual(output.splitlines(), answers[1][1].splitlines())

    def test_large_reply(self):
        status, output, _ = self.ask('SETRANGE large 5000000 x\nGET large\nSTRLEN large')
        self.assertEqual(status, 0)
        self.assertEqual(output.splitlines(), [
            '(integer) 5000001', '"' + '\\x00' * 5000000 + 'x"', '(integer) 5000001'])

    def test_many_commands(self):
        status, output, errors = self.ask('INCR n\n' * 20000 + 'GET n')
        self.assertEqual((status, errors), (0, ''))
        self.assertEqual(output.splitlines(),
                         ['(integer) %d' % (i + 1) for i in range(20000)] + ['"20000"'])

    def test_large_array(self):
        commands = ''.join('RPUSH list %s\n' % ' '.join(['x'] * 1000) for _ in range(100))
        status, output, _ = self.ask(commands + 'LRANGE list 0 -1\n')
        self.assertEqual(status, 0)
        self.assertEqual(output.splitlines()[100:],
                         ['%6d) "x"' % (i + 1) for i in range(100000)])

    def test_commands_from_a_file(self):
        with open(self.name('commands'), 'w+b') as file:
            file.write(b'PING\nECHO last')
            file.seek(0)
            done = subprocess.run([CLIENT, self.name()], stdin=file, capture_output=True,
                                  timeout=support.SECONDS, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b'PONG\n"last"\n', b''))

    def test_conversation(self):
        client = self.start(CLIENT, self.name(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for word in b'one', b'two':
            client.stdin.write(b'ECHO %s\n' % word)
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), b'"%s"\n' % word)
        client.stdin.close()
        self.assertEqual(client.wait(support.SECONDS), 0)

    def test_quit(self):
        self.assertEqual(self.ask('QUIT'), (0, 'OK\n', ''))

    def test_command_after_quit(self):
        status, output, errors = self.ask('QUIT\nPING')
        self.assertEqual((status, output), (1, 'OK\n'))
        self.assertNotEqual(errors, '')

    def test_malformed_command(self):
        status, output, errors = self.ask('PING\nECHO "open\nECHO next')
        self.assertEqual((status, output), (2, 'PONG\n"next"\n'))
        self.assertTrue(errors.startswith('line 2: '), errors)

    def test_server_dies(self):
        client = self.start(CLIENT, self.name(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
        client.stdin.write(b'PING\nBLPOP none 0\n')
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b'PONG\n')
        self.server.kill()
        self.assertEqual(client.wait(support.SECONDS), 1)
        self.assertIn(self.name(), client.stderr.read().decode())


class OtherPeers(support.Case):
    def ask(self, reply, send=None, stay=True):
        def talk(client):
            support.receive_until(client, b'GET\r\n$1\r\nx\r\n')
            if send is not None:
                send(client, reply)
            else:
                client.sendall(reply)
            if stay:
                support.wait_for_end(client)

        return self.run_program(CLIENT, self.serve(talk), given=b'GET x\n')

    def test_bytewise(self):
        reply = b'*4\r\n$4\r\na\r\nb\r\n*2\r\n:5\r\n*-1\r\n$-1\r\n*1\r\n+ok\r\n'
        self.assertEqual(self.ask(reply, support.send_bytewise), (
            0, '1) "a\\r\\nb"\n2) 1) (integer) 5\n   2) (nil)\n3) (nil)\n4) 1) ok\n', ''))

    def test_malformed(self):
        for reply in (b'hello\r\n', b'\r\n', b'+ok\n', b'+o\0k\r\n', b':\r\n', b':1x\r\n',
                      b':9223372036854775808\r\n', b'$x\r\n', b'$-2\r\n', b'$99999999999\r\n',
                      b'$1\r\nxyz', b'*-2\r\n', b'*4294967296\r\n', b'*1\r\n' * 1000,
                      b'*1\r\n?\r\n', b'+' + b'x' * 1000000):
            with self.subTest(reply=reply[:40]):
                status, output, errors = self.ask(reply)
                self.assertEqual((status, output), (1, ''))
                self.assertEqual(errors, 'What the server sent is not a reply of Redis\n')

    def test_ends_within_a_reply(self):
        for reply in (b'', b'+o', b'+ok\r', b'$5\r\nab', b'$2\r\nab', b'*2\r\n',
                      b'*1\r\n*2\r\n:1\r\n'):
            with self.subTest(reply=reply):
                status, _, errors = self.ask(reply, stay=False)
                self.assertEqual(status, 1)
                self.assertIn('closed', errors)

    def test_begun_array_stays_printed(self):
        self.assertEqual(self.ask(b'*2\r\n:1\r\n', stay=False)[1], '1) (integer) 1\n')

    def test_endless_elements(self):
        def send(client, reply):
            client.sendall(reply)
            try:
                for _ in range(2000):
                    client.sendall(b':1\r\n' * 1000)
            except (BrokenPipeError, ConnectionResetError):
                pass

        status, output, _ = self.ask(b'*536870912\r\n', send, stay=False)
        self.assertEqual(status, 1)
        self.assertEqual(output.count('\n'), 2000000)


class Start(support.Case):
    def test_no_server(self):
        status, output, errors = self.run_program(CLIENT, self.name(), given=b'PING\n')
        self.assertEqual((status, output), (1, ''))
        self.assertIn(self.name(), errors)

    def test_refused(self):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(self.name())
        status, output, errors = self.run_program(CLIENT, self.name(), given=b'PING\n')
        self.assertEqual((status, output), (1, ''))
        self.assertIn('refused', errors)

    def test_usage(self):
        for arguments in [], ['a', 'b'], ['--nosuch', 'a']:
            status, output, errors = self.run_program(CLIENT, *arguments)
            self.assertEqual((status, output), (2, ''))
            self.assertNotEqual(errors, '')
        self.assertIn('SOCKET', self.run_program(CLIENT, '--help')[1])


support.main()

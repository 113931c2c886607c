#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""lsock and real Qt talk with each other, each in a process of its own.

In the Test Anything Protocol: either is the server, by plain name, by path and by abstract name,
with 20 MB each way, and either ends the conversation.
"""

import hashlib
import itertools
import os
import subprocess
import sys
import tempfile

SIZE = 20 * 1000 * 1000
SECONDS = 60


# Either end sends SIZE bytes of its own while it takes as many; the ender then ends, and the other
# waits for that.  Each prints the digest of what it got, and which error it saw.

def payload(role):
    seed = hashlib.sha256(role.encode()).digest()
    return (seed * (SIZE // len(seed) + 1))[:SIZE]


class Talk:
    def __init__(self, role, ends):
        self.role, self.ends, self.got = role, ends, bytearray()
        self.left = SIZE

    def take(self, data):
        self.got += data

    def is_done(self):
        return len(self.got) == SIZE and self.left == 0

    def report(self, error):
        print(hashlib.sha256(self.got).hexdigest(), len(self.got), error, flush=True)


def talk_qt(role, name, abstract, ends):
    from PyQt6 import QtCore, QtNetwork
    application = QtCore.QCoreApplication([])
    talk = Talk(role, ends)
    kept = []

    def begin(peer):
        def written(count):
            talk.left -= count
            look()

        def look():
            talk.take(bytes(peer.readAll()))
            if talk.is_done() and ends:
                peer.disconnectFromServer()

        def over():
            talk.take(bytes(peer.readAll()))
            talk.report(peer.error().value)
            application.quit()
        peer.bytesWritten.connect(written)
        peer.readyRead.connect(look)
        peer.disconnected.connect(over)
        peer.write(payload(role))
        look()

    if role == 'server':
        server = QtNetwork.QLocalServer()
        if abstract:
            server.setSocketOptions(QtNetwork.QLocalServer.SocketOption.AbstractNamespaceOption)
        server.newConnection.connect(lambda: begin(server.nextPendingConnection()))
        if not server.listen(name):
            sys.exit(server.errorString())
        kept.append(server)
        print('listening', flush=True)
    else:
        client = QtNetwork.QLocalSocket()
        if abstract:
            client.setSocketOptions(QtNetwork.QLocalSocket.SocketOption.AbstractNamespaceOption)
        client.connectToServer(name)
        if not client.waitForConnected(5000):
            sys.exit(client.errorString())
        kept.append(client)
        begin(client)
    application.exec()


def talk_lsock(role, name, abstract, ends):
    import gi
    gi.require_version('Lsock', '1')
    from gi.repository import GLib, Lsock
    loop = GLib.MainLoop()
    talk = Talk(role, ends)

    def begin(peer):
        def written(peer, count):
            talk.left -= count
            look(peer)

        def look(peer):
            talk.take(peer.read_all())
            if talk.is_done() and ends:
                peer.disconnect_from_server()

        def over(peer):
            talk.take(peer.read_all())
            talk.report(int(peer.get_error()))
            loop.quit()
        peer.connect('bytes-written', written)
        peer.connect('ready-read', look)
        peer.connect('disconnected', over)
        peer.write(payload(role))
        look(peer)

    options = Lsock.SocketOptions.ABSTRACT_NAMESPACE if abstract else Lsock.SocketOptions.NONE
    if role == 'server':
        server = Lsock.Server(socket_options=options)
        server.connect('new-connection', lambda server: begin(server.next_pending_connection()))
        server.listen(name)
        print('listening', flush=True)
    else:
        client = Lsock.Socket(socket_options=options)
        client.connect_to_server(name)
        if not client.wait_for_connected(5000):
            sys.exit(client.get_error_string())
        begin(client)
    loop.run()


def run(sides, kind, ender):
    """What went wrong, or nothing."""
    with tempfile.TemporaryDirectory(prefix='lsock-interop-') as folder:
        name = {'plain': 'interop', 'path': os.path.join(folder, 'path'),
                'abstract': 'lsock-interop-%d' % os.getpid()}[kind]
        processes = {}
        for role in ('server', 'client'):
            processes[role] = subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), sides[role], role, name,
                 str(int(kind == 'abstract')), str(int(role == ender))],
                env=dict(os.environ, TMPDIR=folder), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True)
            if role == 'server' and processes[role].stdout.readline() != 'listening\n':
                return ['the server did not listen: ' + processes[role].communicate()[1]]
        problems = []
        for role, process in processes.items():
            other = 'client' if role == 'server' else 'server'
            try:
                output, errors = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                problems.append('%s: no end' % role)
                process.communicate()
                continue
            # The one that did not end hears that its peer closed; the other hears of no error.
            expected = '%s %d %d' % (hashlib.sha256(payload(other)).hexdigest(), SIZE,
                                     -1 if role == ender else 1)
            if output.strip() != expected:
                problems.append('%s: %r is not %r; %s' % (role, output.strip(), expected, errors))
        return problems


def main():
    if len(sys.argv) == 6:
        side, role, name, abstract, ends = sys.argv[1:]
        {'qt': talk_qt, 'lsock': talk_lsock}[side](role, name, abstract == '1', ends == '1')
        return 0

    cases = list(itertools.product((('qt', 'lsock'), ('lsock', 'qt')),
                                   ('plain', 'path', 'abstract'), ('server', 'client')))
    failed = 0
    print('1..%d' % len(cases))
    for number, ((server, client), kind, ender) in enumerate(cases, 1):
        problems = run({'server': server, 'client': client}, kind, ender)
        failed += bool(problems)
        print('%sok %d %s server, %s client, %s name, the %s ends' % (
            'not ' if problems else '', number, server, client, kind, ender), flush=True)
        for problem in problems:
            print('# ' + problem)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

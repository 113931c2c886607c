# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asynchronous calls, awaited and with callbacks, and messages."""

import asyncio
import unittest

from support import Case, main
from gi.repository import Gio, GLib, Lsock

try:
    import gbulb
except ImportError:
    gbulb = None


def run(coroutine):
    """On a loop of GLib's."""
    policy = asyncio.get_event_loop_policy()
    gbulb.install()
    try:
        return asyncio.run(asyncio.wait_for(coroutine, 30))
    finally:
        asyncio.set_event_loop_policy(policy)


class Callbacks(Case):
    def test_callback(self):
        server, client, heard = Lsock.Server(), Lsock.Socket(), []
        server.listen(self.name())
        client.connect_to_server_async(
            self.name(), callback=lambda socket, result: heard.append(
                socket.connect_to_server_finish(result)))
        self.until(lambda: heard and server.has_pending_connections())
        self.assertEqual(heard, [True])
        peer = server.next_pending_connection()
        client.read_async(-1, GLib.PRIORITY_DEFAULT, None,
                          lambda device, result, text: heard.append(
                              (device.read_finish(result), text)), 'data')
        peer.write(b'hello')
        self.until(lambda: len(heard) == 2)
        self.assertEqual(heard[1], (b'hello', 'data'))

    def test_without_a_loop(self):
        with self.assertRaises(RuntimeError):
            Lsock.Socket().read_async()

    def test_plain_asyncio(self):
        async def read():
            await Lsock.Socket().read_async()

        with self.assertRaisesRegex(RuntimeError, 'gbulb'):
            asyncio.run(read())


class Messages(Case):
    def pair(self, framing):
        server, client = Lsock.Server(), Lsock.Socket()
        server.listen(self.name())
        client.connect_to_server(self.name())
        server.wait_for_new_connection(10000)
        peer = server.next_pending_connection()
        self.keep = server
        return (Lsock.MessageChannel(device=client, framing=framing),
                Lsock.MessageChannel(device=peer, framing=framing), peer)

    def test_bytes(self):
        here, there, peer = self.pair(Lsock.MessageFraming.LENGTH32_BE)
        for message in (b'one', bytearray(b'two'), memoryview(b'three'), 'four', b'', None):
            there.send(message)
        peer.disconnect_from_server()
        peer.wait_for_disconnected()
        self.assertEqual(list(here), [b'one', b'two', b'three', b'four', b'', None])
        self.assertIn('MessageChannel', repr(here))

    def test_errors(self):
        here, there, peer = self.pair(Lsock.MessageFraming.LINES)
        with self.assertRaises(TypeError):
            here.send(5)
        with self.assertRaises(Lsock.OperationError):
            here.send('a\nb')
        with self.assertRaises(TimeoutError):
            here.receive(10)
        peer.write(b'half')
        peer.disconnect_from_server()
        peer.wait_for_disconnected()
        with self.assertRaises(GLib.Error) as caught:
            here.receive()
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                 Gio.IOErrorEnum.PARTIAL_INPUT))

    def test_signal(self):
        here, there, peer = self.pair(Lsock.MessageFraming.NETSTRING)
        heard = []
        here.connect('message', lambda channel, message: heard.append(message.get_data()))
        here.connect('closed', lambda channel, error: heard.append(error))
        there.send('one')
        there.send_text('two')
        peer.disconnect_from_server()
        self.until(lambda: len(heard) == 3)
        self.assertEqual(heard, [b'one', b'two', None])


@unittest.skipIf(gbulb is None, 'gbulb is not installed')
class Awaited(Case):
    async def pair(self):
        server, client = Lsock.Server(), Lsock.Socket()
        server.listen(self.name())
        await client.connect_to_server_async(self.name())
        self.keep = server
        return client, await server.accept_async()

    def test_conversation(self):
        async def converse():
            client, peer = await self.pair()
            self.assertEqual(await peer.write_async(b'hello'), 5)
            self.assertEqual(await client.read_async(), b'hello')
            await client.write_async(memoryview(b'one\ntwo\nrest'))
            await client.flush_async()
            await client.disconnect_from_server_async()
            self.assertEqual(await peer.read_line_async(), b'one\n')
            self.assertEqual(await peer.read_async(2), b'tw')
            self.assertEqual(await peer.read_all_async(), b'o\nrest')
            self.assertEqual(await peer.read_async(), b'')

        run(converse())

    def test_errors(self):
        async def fail():
            with self.assertRaises(FileNotFoundError):
                await Lsock.Socket().connect_to_server_async(self.name())
            with self.assertRaises(Lsock.OperationError):
                await Lsock.Socket().read_async()
            client, peer = await self.pair()
            reading = client.read_async()
            with self.assertRaises(GLib.Error) as caught:
                await client.read_async()
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.PENDING))
            peer.write(b'x')
            self.assertEqual(await reading, b'x')

        run(fail())

    def test_cancelled(self):
        async def give_up():
            client, peer = await self.pair()
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(client.read_async(), 0.01)
            peer.write(b'kept')
            self.assertEqual(await client.read_async(), b'kept')
            reading = client.read_line_async()
            peer.write(b'half')
            reading.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await reading
            self.assertEqual(await client.read_async(), b'half')

        run(give_up())

    def test_lines(self):
        async def read():
            client, peer = await self.pair()
            peer.write(b'one\ntwo\nthree')
            peer.disconnect_from_server()
            return [line async for line in client]

        self.assertEqual(run(read()), [b'one\n', b'two\n', b'three'])

    def test_connections(self):
        async def serve():
            server, heard = Lsock.Server(), []
            server.listen(self.name())
            clients = [Lsock.Socket() for _ in range(2)]
            for number, client in enumerate(clients):
                client.connect_to_server(self.name())
                client.write(b'%d' % number)
                client.disconnect_from_server()
            async for connection in server:
                heard.append(await connection.read_all_async())
                if len(heard) == 2:
                    server.close()
            return heard

        self.assertEqual(run(serve()), [b'0', b'1'])

    def test_messages(self):
        async def converse():
            client, peer = await self.pair()
            here = Lsock.MessageChannel(device=client, framing=Lsock.MessageFraming.HEADERS)
            there = Lsock.MessageChannel(device=peer, framing=Lsock.MessageFraming.HEADERS)
            await there.send_async('one')
            self.assertEqual(await here.receive_async(), b'one')
            there.send(b'two')
            there.send(b'three')
            peer.disconnect_from_server()
            return [message async for message in here]

        self.assertEqual(run(converse()), [b'two', b'three'])


if __name__ == '__main__':
    main()

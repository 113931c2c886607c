#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A chat server, with JSON on lines.

usage: chat-server.py NAME

A client enters with {"name": …}, and says {"text": …} from then on.  All who have entered get
{"joined": …}, the newcomer too, and {"left": …}; what one says the others get as {"from": …,
"text": …}.  A message that is none of these is answered with {"error": …}.
"""

import json
import signal
import sys

import gi

gi.require_version('Lsock', '1')
from gi.repository import GLib, Lsock

if not hasattr(Lsock, 'Error'):
    sys.exit('Python does not find gi/overrides/Lsock.py of lsock: add its folder to PYTHONPATH')

MAX_MESSAGE = 64 * 1024         # bytes; a larger one ends the connection
MAX_UNREAD = 1024 * 1024        # bytes that wait for a client that does not read


class Guest:
    """A client: its socket, the channel on it, and its name once it has entered."""

    def __init__(self, chat, socket):
        self.chat, self.socket, self.name = chat, socket, None
        self.channel = Lsock.MessageChannel(device=socket, framing=Lsock.MessageFraming.LINES,
                                            max_message_size=MAX_MESSAGE)
        self.channel.connect('message', self.on_message)
        self.channel.connect('closed', self.on_closed)
        socket.connect('disconnected', self.on_disconnected)

    def send(self, **message):
        # A handler of another guest may have ended this one in the meantime.
        if not self.socket.is_writable():
            return
        self.channel.send(json.dumps(message))
        if self.socket.bytes_to_write() > MAX_UNREAD:
            self.socket.abort()

    def on_message(self, channel, message):
        try:
            self.handle(json.loads(message.get_data().decode()))
        # Each kind of nonsense has its own exception; deep nesting ends in a RecursionError.
        except (ValueError, KeyError, TypeError, RecursionError):
            self.send(error='not a message of this chat')

    def handle(self, message):
        if self.name is not None:
            self.chat.tell_others(self, **{'from': self.name, 'text': text_of(message, 'text')})
        elif text_of(message, 'name') in self.chat.names():
            self.send(error='the name is taken')
        else:
            self.name = message['name']
            self.send(joined=self.name)
            self.chat.tell_others(self, joined=self.name)

    def on_closed(self, channel, error):
        # The peer has gone, or its next message is too large: nothing can follow.
        self.socket.close()

    def on_disconnected(self, socket):
        self.chat.guests.remove(self)
        if self.name is not None:
            self.chat.tell_others(self, left=self.name)
        # The server owns its sockets; one that has ended is not needed any more.
        socket.delete_later()


class Chat:
    def __init__(self, server):
        self.guests = []
        server.connect('new-connection', self.on_new_connection)

    def on_new_connection(self, server):
        while server.has_pending_connections():
            self.guests.append(Guest(self, server.next_pending_connection()))

    def names(self):
        return {guest.name for guest in self.guests}

    def tell_others(self, sender, **message):
        for guest in list(self.guests):
            if guest is not sender and guest.name is not None:
                guest.send(**message)


def text_of(message, key):
    text = message[key]
    if not isinstance(text, str) or not text:
        raise ValueError('not a text')
    return text


def main():
    if len(sys.argv) != 2:
        print('usage: %s NAME' % sys.argv[0], file=sys.stderr)
        return 2

    loop = GLib.MainLoop()
    for number in signal.SIGINT, signal.SIGTERM:
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)

    with Lsock.Server() as server:
        chat = Chat(server)
        try:
            server.listen(sys.argv[1])
        except Lsock.Error as error:
            print(error, file=sys.stderr)
            return 1
        loop.run()
    return 0


if __name__ == '__main__':
    sys.exit(main())

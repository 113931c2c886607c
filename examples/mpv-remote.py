#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Controls mpv, which listens when it was started with --input-ipc-server=SOCKET.

usage: mpv-remote.py SOCKET get PROPERTY
       mpv-remote.py SOCKET set PROPERTY VALUE
       mpv-remote.py SOCKET watch PROPERTY…

A value is JSON; what is not JSON is taken as a text.  The exit status is 1 if mpv refuses, and if
it cannot be reached; watch prints changes until mpv ends.
"""

import collections
import json
import signal
import sys

import gi

gi.require_version('Lsock', '1')
from gi.repository import GLib, Lsock

if not hasattr(Lsock, 'Error'):
    sys.exit('Python does not find gi/overrides/Lsock.py of lsock: add its folder to PYTHONPATH')

TIMEOUT = 10000                 # milliseconds that mpv may take for an answer


class Refused(Exception):
    """mpv has answered with an error."""


class Player:
    def __init__(self, socket):
        self.channel = Lsock.MessageChannel(device=socket, framing=Lsock.MessageFraming.LINES)
        self.events = collections.deque()
        self.request_id = 0

    def ask(self, *command):
        """Sends a command, and returns the data of the answer.

        mpv sends events at any time: those that come before the answer are kept for watch().
        """
        self.request_id += 1
        self.channel.send(json.dumps({'command': command, 'request_id': self.request_id}))
        while True:
            message = json.loads(self.channel.receive(TIMEOUT))
            if 'event' in message:
                self.events.append(message)
            elif message.get('request_id') == self.request_id:
                break
        if message['error'] != 'success':
            raise Refused('%s: %s' % (' '.join(map(str, command)), message['error']))
        return message.get('data')

    def watch(self, properties):
        """Yields name and value of each property, now and whenever it changes."""
        for number, name in enumerate(properties, 1):
            self.ask('observe_property', number, name)
        while self.events:
            yield from self.change(self.events.popleft())
        for message in self.channel:
            yield from self.change(json.loads(message))

    @staticmethod
    def change(message):
        if message.get('event') == 'property-change':
            yield message['name'], message.get('data')


def value_of(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def run(player, action, words):
    if action == 'get':
        print(json.dumps(player.ask('get_property', *words), ensure_ascii=False))
    elif action == 'set':
        player.ask('set_property', words[0], value_of(words[1]))
    else:
        for name, value in player.watch(words):
            print('%s\t%s' % (name, json.dumps(value, ensure_ascii=False)), flush=True)


def main():
    name, action, *words = sys.argv[1:] if len(sys.argv) > 2 else ('', '')
    if not {'get': len(words) == 1, 'set': len(words) == 2, 'watch': words}.get(action):
        print(__doc__.split('\n\n')[1], file=sys.stderr)
        return 2

    # Ctrl-C is how watch is ended: nothing has to be put in order before.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with Lsock.Socket(server_name=name) as socket:
        try:
            socket.open()
            run(Player(socket), action, words)
        except GLib.Error as error:     # lsock's, or of a message that is cut off
            print(error.message, file=sys.stderr)
            return 1
        except Refused as error:
            print(error, file=sys.stderr)
            return 1
        except (ValueError, KeyError, TypeError, AttributeError):
            print('“%s” does not answer as mpv does' % name, file=sys.stderr)
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small stories told to a World of either side; what they answer and the trace must be the same."""

import os
import socket
import stat
import subprocess
import sys
import threading
import time

from sides import APPEND, BOTH, READ, TEXT, TRUNCATE, UNBUFFERED, WRITE

SCENARIOS = {}
MIB = 1024 * 1024


def scenario(function, name=None):
    name = name or function.__name__
    assert name not in SCENARIOS, name
    SCENARIOS[name] = function
    return function


def soon(function):
    """In a plain thread, a moment later: the peer of a wait."""
    def body():
        time.sleep(0.1)
        function()
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread


def drain(peer, count=None):
    parts, got = [], 0
    while count is None or got < count:
        try:
            part = peer.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
        got += len(part)
    return b''.join(parts)


# How a connection begins

def refused(prepare, name, options=0):
    def story(w):
        prepare(w)
        client = w.socket('client')
        client.set_options(options)
        client.connect_to_server(name.replace('$', w.folder))
        w.mark('returned')
        w.settle()
        return [client.status(), client.has_error_string(), client.descriptor()]
    return story


def nothing(w):
    pass


for _name, _prepare, _target in (
        ('nobody', nothing, 'nobody'),
        ('empty_name', nothing, ''),
        ('no_folder', nothing, 'a/b/c'),
        ('name_too_long', nothing, 'x' * 300),
        ('path_too_long', nothing, '/' + 'x' * 300),
        ('stale', lambda w: w.listener('left').close(), 'left'),
        ('stale_path', lambda w: w.listener('left').close(), '$/left'),
        ('regular_file', lambda w: open(w.path('file'), 'w').close(), 'file'),
        ('folder', lambda w: os.mkdir(w.path('folder')), 'folder'),
        ('below_a_file', lambda w: open(w.path('file'), 'w').close(), 'file/s'),
        ('dangling_link', lambda w: os.symlink(w.path('gone'), w.path('link')), 'link')):
    scenario(refused(_prepare, _target), 'connect_refused_' + _name)
scenario(refused(nothing, 'no-such-abstract-name', 8), 'connect_refused_abstract')


def reached(name, mode=BOTH):
    def story(w):
        w.listener('target')
        client = w.socket('client')
        client.connect_to_server(name.replace('$', w.folder), mode)
        w.mark('returned')
        w.settle()
        return [client.status(), client.mode(), client.get_text_mode(), client.is_valid(),
                client.descriptor() >= 0, client.has_error_string()]
    return story


scenario(reached('target'), 'connect_by_name')
scenario(reached('$/target'), 'connect_by_path')
scenario(reached('target', READ), 'connect_read_only')
scenario(reached('target', WRITE), 'connect_write_only')
scenario(reached('target', BOTH | TEXT), 'connect_text')
scenario(reached('target', BOTH | UNBUFFERED), 'connect_unbuffered')


@scenario
def connect_while_connected(w):
    client, peer = w.joined()
    w.listener('second')
    client.connect_to_server('second')
    w.mark('returned')
    client.write(b'to the first')
    w.until(lambda: client.written == 12)
    return [client.status(), drain(peer, 12)]


@scenario
def connect_again_after_each_end(w):
    w.listener('target', 20)
    client = w.socket('client')
    answers = []
    for verb in ('disconnect_from_server', 'close', 'abort'):
        client.connect_to_server('target')
        answers.append(client.state())
        getattr(client, verb)()
        w.mark(verb)
        answers.append(client.state())
    return answers


@scenario
def connect_fails_then_succeeds(w):
    client = w.socket('client')
    client.connect_to_server('late')
    w.mark('failed')
    w.listener('late')
    client.connect_to_server('late')
    w.settle()
    return client.status()


@scenario
def failed_attempt_drops_unread(w):
    """What the connection before left unread goes when the next attempt fails, after about-to-close."""
    client, peer = w.joined()
    peer.sendall(b'a line\nand more')
    w.until(lambda: client.bytes_available() == 15)
    peer.close()
    w.until(lambda: client.state() == 'unconnected')
    w.mark('ended')
    client.connect_to_server('nobody')
    w.mark('failed')
    return [client.status(), client.bytes_available(), client.can_read_line(), client.is_open()]


@scenario
def next_connection_drops_unread(w):
    client, peer = w.joined()
    peer.sendall(b'a line\nand more')
    w.until(lambda: client.bytes_available() == 15)
    peer.close()
    w.until(lambda: client.state() == 'unconnected')
    w.listener('next')
    client.connect_to_server('next')
    w.mark('connected')
    return [client.status(), client.bytes_available(), client.can_read_line(), client.is_open()]


@scenario
def handler_ends_a_wait_for_data(w):
    """The wait has had its data, whatever the handler does then."""
    client, peer = w.joined()
    client.on('ready-read', lambda c: c.abort())
    peer.sendall(b'data')
    answer = client.wait_for_ready_read(5000)
    return [answer, client.status()]


@scenario
def negative_times(w):
    """-1 alone is for ever."""
    client, peer = w.joined()
    return [client.wait_for_ready_read(-2), client.wait_for_disconnected(-77),
            client.wait_for_bytes_written(-5), client.wait_for_connected(-3)]


@scenario
def open_with_a_name(w):
    w.listener('target')
    client = w.socket('client')
    client.set_server_name('target')
    answer = client.open(BOTH)
    return [answer, client.status()]


@scenario
def open_without_a_server(w):
    client = w.socket('client')
    client.set_server_name('nobody')
    return [client.open(BOTH), client.status()]


@scenario
def backlog_is_retried(w):
    listener, fillers = w.listener('busy', 0), []
    while True:
        filler = socket.socket(socket.AF_UNIX)
        filler.setblocking(False)
        try:
            filler.connect(w.path('busy'))
        except BlockingIOError:
            break
        fillers.append(filler)
    client = w.socket('client')
    client.connect_to_server('busy')
    w.mark('returned')
    before = [client.state(), client.write(b'early'), client.descriptor()]
    w.kept += [listener.accept()[0] for filler in fillers]
    w.until(lambda: client.state() == 'connected')
    return [before, client.state()]


# How data moves

@scenario
def arrives_in_batches(w):
    client, peer = w.joined()
    for words in ((b'a',), (b'b', b'c'), (b'd',)):
        for word in words:
            peer.sendall(word)
        w.settle()
        w.mark('batch')
    return [client.bytes_available(), client.read_all()]


@scenario
def leaves_later(w):
    client, peer = w.joined()
    answer = [client.write(b'12345'), client.bytes_to_write()]
    w.mark('written')
    w.until(lambda: client.written == 5)
    return [answer, client.bytes_to_write(), drain(peer, 5)]


@scenario
def written_in_many_pieces(w):
    client, peer = w.joined()
    for i in range(100):
        client.write(b'%02d' % i)
    w.mark('written')
    w.until(lambda: client.written == 200)
    return drain(peer, 200)


@scenario
def flush_says_what_left(w):
    client, peer = w.joined()
    empty = client.flush()
    client.write(b'abc')
    return [empty, client.flush(), client.bytes_to_write(), drain(peer, 3)]


def big_out(size):
    def story(w):
        client, peer = w.joined()
        got = []
        data = bytes(range(256)) * (size // 256)
        client.write(data)
        thread = threading.Thread(target=lambda: got.append(drain(peer, size)))
        thread.start()
        w.until(lambda: client.written == size, 20)
        thread.join(10)
        w.forget('client')
        return [got[0] == data, client.bytes_to_write()]
    return story


def big_in(size, limit):
    def story(w):
        client, peer = w.joined()
        client.set_read_buffer_size(limit)
        got, most = [], []
        data = bytes(range(256)) * (size // 256)

        def take(client):
            most.append(client.bytes_available())
            got.append(client.read_all())
        client.on('ready-read', take, once=False)
        thread = threading.Thread(target=lambda: peer.sendall(data), daemon=True)
        thread.start()
        w.until(lambda: sum(map(len, got)) == size, 20)
        w.forget('client')
        return [b''.join(got) == data, limit == 0 or max(most) <= limit]
    return story


for _size in (MIB, 8 * MIB):
    scenario(big_out(_size), 'big_out_%d' % _size)
    for _limit in (0, 10000):
        scenario(big_in(_size, _limit), 'big_in_%d_%d' % (_size, _limit))


@scenario
def limit_is_kept(w):
    client, peer = w.joined()
    client.set_read_buffer_size(3)
    peer.sendall(b'0123456789')
    w.settle()
    first = client.bytes_available()
    return [first, client.get_read_buffer_size()]


# Reading

def reading(data, mode=BOTH):
    """A client with exactly this to read."""
    def decorate(function):
        def story(w):
            client, peer = w.joined(mode)
            peer.sendall(data)
            w.until(lambda: client.bytes_available() == len(data))
            return function(w, client)
        return scenario(story, 'reading_' + function.__name__)
    return decorate


@reading(b'0123456789')
def pieces(w, c):
    return [c.read(3), c.read(0), c.peek(2), c.skip(2), c.read(100), c.read(1), c.at_end()]


@reading(b'0123456789')
def peeks(w, c):
    return [c.peek(100), c.peek(4), c.bytes_available(), c.read(2), c.peek(3), c.read_all(), c.peek(1)]


@reading(b'one\ntwo\n\nrest')
def lines(w, c):
    out = []
    for i in range(5):
        out.append([c.can_read_line(), c.read_line()])
    return out


@reading(b'a\0b\nc\0\n\0')
def lines_with_nuls(w, c):
    return [c.read_line(), c.read_line(), c.read_line()]


@reading(b'12345\n12345\n')
def lines_with_a_limit(w, c):
    return [c.read_line(2), c.read_line(5), c.read_line(6), c.read_line(1)]


@reading(b'xyz')
def chars(w, c):
    out = [c.get_char(), c.peek(5)]
    c.unget_char(ord('A'))
    out += [c.get_char(), c.get_char(), c.get_char(), c.get_char()]
    return out


@reading(b'tail')
def ungets(w, c):
    for char in b'abc':
        c.unget_char(char)
    return [c.bytes_available(), c.peek(4), c.read(5), c.read_all()]


@reading(b'l\nrest')
def unget_makes_a_line(w, c):
    c.read_all()
    for char in reversed(b'back\n'):
        c.unget_char(char)
    return [c.can_read_line(), c.read_line(), c.bytes_available()]


@reading(b'head:body')
def transaction_rolled_back(w, c):
    c.start_transaction()
    out = [c.is_transaction_started(), c.read(5), c.skip(1), c.get_char(), c.bytes_available()]
    c.rollback_transaction()
    return out + [c.is_transaction_started(), c.bytes_available(), c.read_all()]


@reading(b'head:body')
def transaction_committed(w, c):
    c.start_transaction()
    out = [c.peek(2), c.read(5)]
    c.commit_transaction()
    c.rollback_transaction()
    return out + [c.read_all()]


@reading(b'line one\nline two\n')
def transaction_of_lines(w, c):
    out = []
    for end in ('rollback_transaction', 'commit_transaction'):
        c.start_transaction()
        out += [c.read_line(), c.read_line(), c.can_read_line()]
        getattr(c, end)()
    return out + [c.read_all()]


@reading(b'abcdef')
def transaction_twice(w, c):
    c.start_transaction()
    c.read(2)
    c.rollback_transaction()
    c.start_transaction()
    c.read(3)
    c.commit_transaction()
    return c.read_all()


@reading(b'a\r\nb\rc\n\r\n', BOTH | TEXT)
def text_all(w, c):
    return c.read_all()


@reading(b'one\r\ntwo\r\nthree\r\n', BOTH | TEXT)
def text_lines(w, c):
    return [c.read_line(), c.read(4), c.peek(3), c.read_line(), c.bytes_available()]


@reading(b'one\r\ntwo\r\n')
def text_switched_on(w, c):
    out = [c.read_line()]
    c.set_text_mode(True)
    return out + [c.get_text_mode(), c.read_all()]


@reading(b'one\ntwo', BOTH | UNBUFFERED)
def unbuffered(w, c):
    return [c.peek(2), c.get_char(), c.read_line(), c.can_read_line(), c.read_all()]


@reading(b'0123')
def negative(w, c):
    return [c.read(-1), c.peek(-1), c.skip(-1), c.read_all()]


@scenario
def wrong_modes(w):
    out = []
    for mode in (READ, WRITE):
        listener = w.listener('m%d' % mode)
        client = w.socket('client%d' % mode)
        client.connect_to_server('m%d' % mode, mode)
        out.append([client.read(1), client.write(b'x'), client.peek(1), client.put_char(120),
                    client.error(), client.state()])
        listener.close()
    w.lines.clear()
    return out


@scenario
def closed_refuses(w):
    client, peer = w.joined()
    client.close()
    return [client.read(1), client.write(b'x'), client.read_line(), client.peek(1), client.skip(1),
            client.get_char(), client.flush(), client.at_end(), client.can_read_line()]


# How a connection ends

def ended(verb, side, data):
    def story(w):
        server, client, peer = w.pair()
        here, there = (client, peer) if side == 'client' else (peer, client)
        if data:
            there.write(b'unread')
            w.until(lambda: here.bytes_available() == 6)
            w.settle()
        w.mark(verb)
        getattr(here, verb)()
        w.mark('returned')
        at_once = here.status()
        w.settle()
        return [at_once, here.status(), there.status(), here.read_all()]
    return story


for _verb in ('close', 'abort', 'disconnect_from_server'):
    for _side in ('client', 'peer'):
        for _data in (False, True):
            scenario(ended(_verb, _side, _data),
                     'end_%s_%s%s' % (_side, _verb, '_unread' if _data else ''))


def ended_full(verb):
    """With more to send than the kernel takes; the peer reads later."""
    def story(w):
        client, peer = w.joined()
        client.write(b'x' * (2 * MIB))
        w.mark(verb)
        getattr(client, verb)()
        w.mark('returned')
        first = [client.state(), client.is_open(), client.bytes_to_write() > 0]
        got = []
        thread = threading.Thread(target=lambda: got.append(len(drain(peer))))
        thread.start()
        w.until(lambda: client.state() == 'unconnected', 20)
        w.settle()
        thread.join(10)
        return [first, got, client.bytes_to_write()]
    return story


scenario(ended_full('close'), 'end_full_close')
scenario(ended_full('disconnect_from_server'), 'end_full_disconnect')


@scenario
def end_twice(w):
    client, peer = w.joined()
    for verb in ('disconnect_from_server', 'disconnect_from_server', 'abort', 'close', 'abort'):
        getattr(client, verb)()
        w.mark(verb)
    return client.status()


@scenario
def end_by_peer_with_data(w):
    client, peer = w.joined()
    peer.sendall(b'first\nlast')
    peer.close()
    w.until(lambda: client.state() == 'unconnected')
    w.settle()
    return [client.status(), client.can_read_line(), client.read_line(), client.read(2),
            client.read_all(), client.read(1), client.write(b'x')]


@scenario
def end_by_peer_big(w):
    client, peer = w.joined()

    def send():
        peer.sendall(b'x' * MIB)
        peer.close()
    threading.Thread(target=send, daemon=True).start()
    w.until(lambda: client.state() == 'unconnected', 10)
    w.forget('client')
    return [len(client.read_all()), client.error()]


@scenario
def end_by_killed_process(w):
    server = w.server('server')
    server.listen('pair')
    code = 'import socket, time; s = socket.socket(socket.AF_UNIX); s.connect(%r); ' \
           's.sendall(b"bye"); time.sleep(60)' % w.path('pair')
    process = subprocess.Popen([sys.executable, '-c', code])
    w.until(server.has_pending_connections)
    peer = w.next_of(server, 'peer')
    w.until(lambda: peer.counts.get('ready-read'))
    w.settle()
    w.mark('kill')
    process.kill()
    process.wait()
    w.until(lambda: peer.state() == 'unconnected')
    w.settle()
    return [peer.error(), peer.read_all()]


@scenario
def end_of_both_at_once(w):
    server, client, peer = w.pair()
    client.disconnect_from_server()
    peer.disconnect_from_server()
    w.settle()
    return [client.status(), peer.status()]


@scenario
def end_by_delete_later(w):
    server, client, peer = w.pair()
    client.delete_later()
    w.mark('asked')
    w.until(lambda: not client.alive())
    w.settle()
    return [client.alive(), peer.status()]


# Handlers that do something: each signal, each act

def provoke_begin(w):
    w.listener('first')
    client = w.socket('client')
    return client, lambda: client.connect_to_server('first')


def provoke_data(w):
    client, peer = w.joined()
    return client, lambda: peer.sendall(b'data')


def provoke_written(w):
    client, peer = w.joined()
    return client, lambda: client.write(b'data')


def provoke_end(w):
    client, peer = w.joined()
    peer.sendall(b'unread')
    w.until(lambda: client.bytes_available() == 6)
    w.settle()
    return client, peer.close


def provoke_disconnect(w):
    client, peer = w.joined()
    return client, client.disconnect_from_server


def provoke_close(w):
    client, peer = w.joined()
    return client, client.close


def provoke_failure(w):
    client = w.socket('client')
    return client, lambda: client.connect_to_server('nobody')


def nest(w, thing):
    w.until(lambda: False, 0.05)


ACTS = {
    'reads': lambda w, c: w.note(c.tag, 'got %r' % c.read_all()),
    'peeks': lambda w, c: w.note(c.tag, 'sees %r' % c.peek(2)),
    'writes': lambda w, c: w.note(c.tag, 'writes %r' % c.write(b'more')),
    'closes': lambda w, c: c.close(),
    'aborts': lambda w, c: c.abort(),
    'disconnects': lambda w, c: c.disconnect_from_server(),
    'reconnects': lambda w, c: c.connect_to_server('other'),
    'deletes': lambda w, c: c.delete_later(),
    'nests': nest,
    'deletes_and_nests': lambda w, c: (c.delete_later(), nest(w, c),
                                       w.note(c.tag, 'alive %r' % c.alive())),
}


def handler(provoke, signal, act):
    def story(w):
        w.listener('other')
        client, cause = provoke(w)

        def act_now(thing, *arguments):
            w.note(client.tag, '> ' + act)
            ACTS[act](w, client)
            w.note(client.tag, '< ' + act)
        client.on(signal, act_now)
        w.mark('provoke')
        cause()
        w.mark('returned')
        w.settle()
        if act.startswith('deletes'):
            return client.alive()
        return [client.state(), client.error(), client.is_open(), client.read_all()]
    return story


for _provoke, _signal, _skip in (
        # Left out is what depends on when data leaves, or where Qt says things twice.
        (provoke_begin, 'connected', ()),
        (provoke_data, 'ready-read', ('disconnects',)),
        (provoke_written, 'bytes-written', ()),
        (provoke_end, 'error', ('disconnects', 'writes')),
        (provoke_end, 'read-channel-finished', ('reconnects',)),
        (provoke_end, 'disconnected', ()),
        (provoke_disconnect, 'disconnected', ()),
        (provoke_disconnect, 'read-channel-finished', ('reconnects',)),
        (provoke_close, 'about-to-close', ('closes', 'aborts', 'disconnects')),
        (provoke_close, 'disconnected', ()),
        (provoke_data, 'state-changed', ()),
        (provoke_disconnect, 'state-changed', ()),
        (provoke_failure, 'state-changed', ()),
        (provoke_failure, 'error', ('aborts', 'closes', 'disconnects', 'deletes'))):
    for _act in ACTS:
        # Outside any loop, Qt deletes the object in the nested one, and falls over it.
        if _act == 'deletes_and_nests' and _provoke in (provoke_disconnect, provoke_close,
                                                        provoke_failure):
            continue
        if _act not in _skip:
            scenario(handler(_provoke, _signal, _act), '%s_in_%s_of_%s' % (
                _act, _signal.replace('-', '_'), _provoke.__name__[8:]))


# The waits

@scenario
def waits_when_unconnected(w):
    client = w.socket('client')
    return [client.wait_for_connected(100), client.wait_for_ready_read(100),
            client.wait_for_bytes_written(100), client.wait_for_disconnected(100), client.error()]


@scenario
def waits_when_connected(w):
    client, peer = w.joined()
    return [client.wait_for_connected(0), client.wait_for_bytes_written(50),
            client.wait_for_ready_read(50), client.wait_for_disconnected(50), client.error(),
            client.state()]


def waited(wait, act):
    def story(w):
        client, peer = w.joined()
        soon(lambda: act(peer))
        answer = getattr(client, wait)(5000)
        w.mark('waited')
        return [answer, client.state(), client.error(), client.read_all()]
    return story


scenario(waited('wait_for_ready_read', lambda peer: peer.sendall(b'abc')), 'wait_for_data')
scenario(waited('wait_for_ready_read', lambda peer: peer.close()), 'wait_for_data_that_never_comes')
scenario(waited('wait_for_disconnected', lambda peer: peer.close()), 'wait_for_the_end')
scenario(waited('wait_for_disconnected', lambda peer: (peer.sendall(b'abc'), peer.close())),
         'wait_for_the_end_after_data')


@scenario
def wait_sends(w):
    client, peer = w.joined()
    client.write(b'x' * 1000)
    answer = client.wait_for_bytes_written(5000)
    w.mark('waited')
    return [answer, client.bytes_to_write(), len(drain(peer, 1000))]


@scenario
def wait_for_an_answer(w):
    client, peer = w.joined()
    soon(lambda: peer.sendall(peer.recv(100)[::-1]))
    client.write(b'question')
    answer = client.wait_for_ready_read(5000)
    return [answer, client.read_all()]


@scenario
def wait_until_all_left(w):
    client, peer = w.joined()
    client.write(b'x' * MIB)
    client.disconnect_from_server()
    got = []
    thread = soon(lambda: got.append(len(drain(peer))))
    answer = client.wait_for_disconnected(10000)
    thread.join(10)
    return [answer, got, client.state()]


# The server

@scenario
def server_says_its_names(w):
    out = []
    for i, name in enumerate(('plain', w.path('path'), 'two words', 'über')):
        server = w.server('server%d' % i)
        out.append([server.listen(name), server.is_listening(), server.server_name(),
                    server.full_server_name(), server.descriptor() >= 0])
        server.close()
        out.append([server.is_listening(), server.server_name(), os.listdir(w.folder)])
    return out


def listening_fails(prepare, name):
    def story(w):
        prepare(w)
        server = w.server('server')
        answer = server.listen(name)
        return [answer, server.is_listening(), server.error(), server.has_error_string(),
                server.server_name(), server.descriptor()]
    return story


for _name, _prepare, _target in (
        ('taken', lambda w: w.listener('s'), 's'),
        ('stale', lambda w: w.listener('s').close(), 's'),
        ('regular_file', lambda w: open(w.path('s'), 'w').close(), 's'),
        ('no_folder', nothing, 'a/b'),
        ('empty', nothing, '')):
    scenario(listening_fails(_prepare, _target), 'listen_fails_' + _name)


@scenario
def server_listens_twice_over(w):
    server = w.server('server')
    return [server.listen('one'), server.listen('two'), server.server_name(),
            sorted(os.listdir(w.folder))]


@scenario
def server_hands_out_clients(w):
    server = w.server('server')
    server.listen('pair')
    clients = [w.dial('pair') for i in range(5)]
    w.until(lambda: server.counts.get('new-connection') == 5)
    out = []
    for i, client in enumerate(clients):
        peer = w.next_of(server, 'peer%d' % i)
        out.append([peer.state(), peer.server_name(), peer.full_server_name()])
    return out + [w.next_of(server, 'none') is None, server.has_pending_connections()]


@scenario
def server_settings(w):
    server = w.server('server')
    out = [server.get_max_pending_connections(), server.get_listen_backlog_size()]
    server.set_max_pending_connections(2)
    server.set_listen_backlog_size(9)
    return out + [server.get_max_pending_connections(), server.get_listen_backlog_size()]


@scenario
def server_closes_with_pending(w):
    server = w.server('server')
    server.listen('pair')
    client = w.dial('pair')
    w.until(server.has_pending_connections)
    server.close()
    w.settle()
    return [server.has_pending_connections(), client.recv(1)]


@scenario
def server_that_closes_keeps_the_others(w):
    server, client, peer = w.pair()
    server.close()
    client.write(b'still')
    w.until(lambda: peer.bytes_available() == 5)
    return [peer.read_all(), os.listdir(w.folder)]


@scenario
def server_of_a_client_that_left(w):
    server = w.server('server')
    server.listen('pair')
    client = w.dial('pair')
    client.sendall(b'note')
    client.close()
    w.until(server.has_pending_connections)
    peer = w.next_of(server, 'peer')
    w.until(lambda: peer.state() == 'unconnected')
    w.forget('peer')                # Qt hears of it all before anybody can listen
    return [peer.state(), peer.error(), peer.read_all()]


def access(options):
    def story(w):
        os.umask(0o022)
        server = w.server('server')
        server.set_options(options)
        return [server.listen('s'), oct(stat.S_IMODE(os.stat(w.path('s')).st_mode))]
    return story


for _options in (1, 2, 3, 4, 5, 7):
    scenario(access(_options), 'access_%d' % _options)


@scenario
def server_waits(w):
    server = w.server('server')
    out = [server.wait_for_new_connection(50)]
    server.listen('pair')
    out.append(server.wait_for_new_connection(50))
    soon(lambda: w.dial('pair'))
    return out + [server.wait_for_new_connection(5000), server.has_pending_connections()]


@scenario
def server_removes_files(w):
    w.listener('stale').close()
    os.mkdir(w.path('folder'))
    return [w.remove_server('stale'), w.remove_server('nothing'), w.remove_server('folder'),
            sorted(os.listdir(w.folder))]


@scenario
def server_on_a_descriptor(w):
    listener = w.listener('given')
    server = w.server('server')
    out = [server.listen_fd(os.dup(listener.fileno())), server.server_name(),
           server.full_server_name()]
    w.dial('given')
    return out + [w.until(server.has_pending_connections)]


@scenario
def abstract_names_meet(w):
    name = 'lsock-parity-%d' % os.getpid()
    server, client = w.server('server'), w.socket('client')
    for thing in (server, client):
        thing.set_options(8)
    server.listen(name)
    client.connect_to_server(name)
    w.until(server.has_pending_connections)
    peer = w.next_of(server, 'peer')
    names = [client.server_name(), client.full_server_name(), server.full_server_name(),
             peer.server_name()]
    return [n.replace(name, 'NAME') for n in names] + [os.listdir(w.folder)]


@scenario
def thirty_client_processes(w):
    server = w.server('server')
    server.set_max_pending_connections(40)
    server.listen('pair')
    peers = []

    def serve(server, *arguments):
        while server.has_pending_connections():
            peer = w.next_of(server, 'peer')
            peer.on('ready-read', lambda peer: peer.write(peer.read_all()[::-1]), once=False)
            peers.append(peer)
    server.on('new-connection', serve, once=False)
    code = 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); ' \
           's.sendall(b"%s"); sys.exit(s.recv(10) != b"%s")'
    processes = [subprocess.Popen([sys.executable, '-S', '-c',
                                   code % ('%03d' % i, ('%03d' % i)[::-1]), w.path('pair')])
                 for i in range(30)]
    w.until(lambda: all(p.poll() is not None for p in processes), 30)
    w.lines.clear()
    return [[p.wait() for p in processes], len(peers)]


@scenario
def descriptor_is_adopted(w):
    here, there = socket.socketpair()
    client = w.socket('client')
    answer = client.set_descriptor(here.detach())
    w.mark('adopted')
    there.sendall(b'in')
    w.until(lambda: client.bytes_available() == 2)
    client.write(b'out')
    w.until(lambda: client.written == 3)
    client.close()
    return [answer, there.recv(10), there.recv(10)]


@scenario
def server_and_client_in_threads(w):
    listening, done = threading.Event(), threading.Event()

    def work():
        w.enter_thread()
        server = w.server('server')
        server.listen('pair')
        listening.set()
        if server.wait_for_new_connection(5000)[0]:
            peer = w.next_of(server, 'peer')
            if peer.bytes_available() or peer.wait_for_ready_read(5000):
                peer.write(peer.read_all().upper())
                peer.wait_for_bytes_written(5000)
        done.wait(10)
        server.close()
        w.leave_thread()
    thread = threading.Thread(target=work)
    thread.start()
    listening.wait(5)
    client = w.socket('client')
    client.connect_to_server('pair')
    client.write(b'hello')
    w.until(lambda: client.bytes_available() == 5)
    answer = client.read_all()
    done.set()
    thread.join(10)
    w.lines.clear()
    return answer


@scenario
def signals_can_be_blocked(w):
    client, peer = w.joined()
    out = [client.block_signals(True)]
    peer.sendall(b'unheard')
    w.until(lambda: client.bytes_available() == 7)
    out.append(client.block_signals(False))
    return out + [client.read_all()]


# Memory as a device

def memory(data, mode=BOTH):
    def decorate(function):
        def story(w):
            return function(w, w.buffer('buffer', data, mode))
        return scenario(story, 'buffer_' + function.__name__)
    return decorate


@memory(b'0123456789')
def moves(w, b):
    return [b.size(), b.seek(5), b.pos(), b.read(2), b.pos(), b.bytes_available(), b.at_end(),
            b.reset(), b.read(1), b.seek(10), b.at_end(), b.seek(-1), b.pos()]


@memory(b'0123456789')
def skips(w, b):
    return [b.skip(3), b.pos(), b.read(2), b.skip(100), b.pos(), b.at_end()]


@memory(b'0123456789')
def overwrites(w, b):
    return [b.read(2), b.write(b'ab'), b.pos(), b.read(2), b.data()]


@memory(b'01', BOTH)
def grows(w, b):
    return [b.seek(2), b.write(b'23'), b.seek(8), b.write(b'8'), b.data(), b.size()]


@memory(b'0123', BOTH | APPEND)
def appends(w, b):
    return [b.pos(), b.write(b'4'), b.data(), b.mode()]


@memory(b'0123', BOTH | TRUNCATE)
def truncates(w, b):
    return [b.size(), b.write(b'x'), b.data()]


@memory(b'0123', READ)
def read_only(w, b):
    return [b.write(b'x'), b.is_writable(), b.seek(9), b.read_all(), b.data()]


@memory(b'0123', WRITE)
def write_only(w, b):
    return [b.read(1), b.write(b'x'), b.data(), b.is_readable()]


@memory(b'a\nb\r\nc', BOTH | TEXT)
def text(w, b):
    return [b.read_line(), b.read_line(), b.read_line(), b.pos(), b.write(b'\n'), b.data()]


@memory(b'0123456789')
def transactions(w, b):
    b.start_transaction()
    out = [b.read(4), b.seek(8), b.read(1)]
    b.rollback_transaction()
    out += [b.pos(), b.read(1)]
    b.start_transaction()
    b.read(2)
    b.commit_transaction()
    return out + [b.pos()]


@memory(b'bc')
def puts_back(w, b):
    out = [b.read(1)]
    b.unget_char(ord('X'))
    return out + [b.peek(2), b.read_all(), b.data()]


@memory(b'')
def says_what_was_written(w, b):
    b.write(b'abc')
    b.put_char(100)
    w.mark('written')
    w.settle()
    return [b.data(), b.bytes_to_write(), b.is_sequential()]


@memory(b'abc')
def closes(w, b):
    b.read(1)
    b.close()
    w.mark('closed')
    out = [b.read(1), b.data(), b.is_open()]
    return out + [b.open(READ), b.read_all()]


@memory(b'abc')
def waits(w, b):
    return [b.wait_for_ready_read(50), b.wait_for_bytes_written(50)]

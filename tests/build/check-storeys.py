#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds the rooms of lib/ to their order: usage check-storeys.py LIB [OBJECT…].

A file includes only what stands on its own storey or below, no two private headers need each other, and
no two compiled files either, by their symbols.  Type functions do not count: a class macro calls them
from anywhere.
"""

import pathlib
import re
import subprocess
import sys

STOREYS = ['io', 'object', 'signal', 'device', 'channel', 'socket', 'server']
# The public classes stand on top of lib/, each at the end of its storey.
CLASSES = {
    'lsock-interrupt': 'io',
    'lsock-object': 'object',
    'lsock-connection': 'signal', 'lsock-signal-spy': 'signal',
    'lsock-io-device': 'device', 'lsock-line-iterator': 'device',
    'lsock-buffer': 'device', 'lsock-stream-device': 'device',
    'lsock-io-stream': 'channel', 'lsock-message-channel': 'channel',
    'lsock-socket': 'socket',
    'lsock-server': 'server',
}
LONGEST = 800

lib = pathlib.Path(sys.argv[1])
objects = sys.argv[2:]
count = 0
failed = 0


def result(what, faults):
    global count, failed
    count += 1
    failed += bool(faults)
    print('%sok %d %s' % ('not ' if faults else '', count, what))
    for fault in faults:
        print('# ' + fault)


def loops(graph):
    """Groups of nodes that reach each other."""
    reach = {}
    for node in graph:
        seen, todo = set(), list(graph[node])
        while todo:
            other = todo.pop()
            if other not in seen:
                seen.add(other)
                todo.extend(graph.get(other, ()))
        reach[node] = seen
    groups = {frozenset(other for other in reach[node] if node in reach.get(other, ()))
              for node in graph if node in reach[node]}
    return [' '.join(sorted(group)) for group in sorted(groups, key=sorted)]


files = sorted(path.relative_to(lib).as_posix() for path in lib.rglob('*.[ch]'))
texts = {name: (lib / name).read_text(encoding='utf-8') for name in files}


def storey_of(name):
    path = pathlib.PurePosixPath(name)
    if path.parent.name:
        return path.parent.name
    return CLASSES.get(path.stem)


unnamed, climbing = [], []
graph = {}
for name, text in texts.items():
    storey = storey_of(name)
    if name.endswith('-private.h'):
        said = re.search(r'^ \* Storey: (\w+)\b', text, re.MULTILINE)
        if said is None or said[1] != storey:
            unnamed.append('%s says %s and stands in %s' % (name, said and said[1], storey))
    included = [other for other in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE)
                if other in texts]
    graph[name] = {other for other in included if other.endswith('-private.h')}
    for other in included:
        below = storey_of(other)
        if storey in STOREYS and below in STOREYS and STOREYS.index(below) > STOREYS.index(storey):
            climbing.append('%s (%s) includes %s (%s)' % (name, storey, other, below))

result('every private header names its storey', unnamed)
result('no file includes from a storey above', climbing)
result('no two private headers need each other',
       loops({name: others for name, others in graph.items() if name.endswith('-private.h')}))
result('no file is longer than %d lines' % LONGEST,
       ['%s: %d' % (name, text.count('\n')) for name, text in texts.items()
        if name.endswith('.c') and text.count('\n') > LONGEST])
result('every file opens with what it is for',
       [name for name, text in texts.items() if name.endswith('.c') and
        not re.match(r'(/\* SPDX.*\n)+\n/\* [A-Z]', text)])
result('comments name a role',
       ['%s: %s' % (name, line.strip()) for name, text in texts.items()
        for line in re.findall(r'^ ?[/ ]\*.*|/\*.*', text, re.MULTILINE)
        if re.search(r'\b(who|whoever|nobody|somebody)\b', line, re.IGNORECASE)])

defined, used = {}, {}
for path in objects:
    name = pathlib.Path(path).name
    lines = subprocess.run(['nm', path], check=True, text=True, stdout=subprocess.PIPE).stdout
    for line in lines.splitlines():
        kind, symbol = line.split()[-2:]
        if not re.match(r'_?lsock_', symbol) or symbol.endswith('_get_type'):
            continue
        if kind == 'U':
            used.setdefault(name, set()).add(symbol)
        elif kind.isupper():
            defined[symbol] = name
result('the compiled files are there', [] if defined else ['no object of %s has a symbol' % objects])
result('no two compiled files need each other',
       loops({name: {defined[symbol] for symbol in symbols
                     if defined.get(symbol, name) != name}
              for name, symbols in used.items()}))

print('1..%d' % count)

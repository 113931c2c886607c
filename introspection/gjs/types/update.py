#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Puts what the overrides change into the TypeScript definitions that ts-for-gir made of the GIR.

usage: update.py GENERATED OVERRIDES > lsock-1.d.ts
"""

import pathlib
import re
import sys

HEADER = '''\
// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Made by ts-for-gir from the GIR, and by update.py from overrides.d.ts: not to be edited.

'''

CLASS = re.compile(r' {4}(?:abstract )?class (\w+)')
MEMBER = re.compile(r'(static |get |set )?(\["?[\w.]+"?\]|\w+)[(:]')
FUNCTION = re.compile(r' {4}function (\w+)')


def key_of(line):
    """(whether it is static, the name) of a member; the two accessors of a property are one."""
    found = MEMBER.match(line.strip())
    return (found[1] == 'static ', found[2]) if found else None


def read_overrides(path):
    """The members of each class, and under None those of the namespace."""
    members = {None: []}
    current = None
    for line in path.read_text(encoding='utf-8').splitlines():
        if found := CLASS.match(line):
            current = found[1]
            members[current] = []
        elif line == '    }':
            current = None
        elif line.startswith('    '):
            members[current].append(line)
    return members


def merge(lines, overrides):
    functions = {found[1] for line in overrides[None] if (found := FUNCTION.match(line))}
    seen = set()
    current = replaced = None
    for line in lines:
        if found := CLASS.match(line):
            current = found[1]
            replaced = {key_of(each) for each in overrides.get(current, [])}
            seen.add(current)
        elif current is not None and line == '    }':
            yield from overrides.get(current, [])
            current = None
        elif current is not None and key_of(line) in replaced:
            continue
        elif current is None and (found := FUNCTION.match(line)) and found[1] in functions:
            continue
        yield line
        if line.startswith('export namespace'):
            yield from overrides[None]

    if missing := overrides.keys() - seen - {None}:
        sys.exit('overrides of classes that there are not: %s' % ', '.join(sorted(missing)))


def main():
    generated, overrides = (pathlib.Path(argument) for argument in sys.argv[1:])
    text = generated.read_text(encoding='utf-8')
    # Where the other definitions are is for the program to say that uses these.
    text = text[text.index('declare module'):]
    # The signal and the properties hold a number; the class of this name is that of the exceptions.
    text = re.sub(r': SocketError(?=[;,)])', ': number', text)
    merged = '\n'.join(merge(text.splitlines(), read_overrides(overrides)))
    sys.stdout.write(HEADER + re.sub(r'\n{3,}', '\n\n', merged) + '\n')


main()

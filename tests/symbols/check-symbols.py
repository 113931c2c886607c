#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds three descriptions of the library's interface against each other, in TAP.

The list in the source tree is what a release promised; the library is what there is; the GIR is what
is documented.  A symbol that is in one and not in another is a mistake in one of them.
"""

import argparse
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'

HEADER = '''\
# What liblsock-1 exports, by the release that brought it.  After something public was added:
# meson compile -C BUILD update-symbols
'''

# Made by macros, which leave no room for a comment: they are as old as their type.
GENERATED = ('_get_type', '_quark')


def exported(library):
    """The symbols of the library that others can link with."""
    lines = subprocess.run(['nm', '-D', '--defined-only', library], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return sorted(line.split()[-1].split('@')[0] for line in lines)


def documented(gir):
    """Maps each function of the GIR to its `Since`, or None where it has none; and names the
    members of the interface that have no `Since`."""
    functions, undated = {}, []

    def visit(element, path):
        name = element.get('name') or ''
        tag = element.tag
        version = element.get('version')
        here = '.'.join(filter(None, (path, name)))
        symbol = element.get(C + 'identifier')

        if tag in (CORE + 'function', CORE + 'method', CORE + 'constructor'):
            if symbol:
                functions[symbol] = version
        elif tag in (CORE + 'class', CORE + 'function-macro', CORE + 'record', CORE + 'enumeration', CORE + 'bitfield',
                     CORE + 'interface', CORE + 'callback', CORE + 'property', CORE + 'constant',
                     GLIB + 'signal'):
            # The class structs are dated by the class; a callback inside a record is a slot.
            slot = tag == CORE + 'callback' and path
            hidden = element.get(GLIB + 'is-gtype-struct-for') or element.get('disguised') == '1'
            if not version and not slot and not hidden:
                undated.append(here)
            get_type = element.get(GLIB + 'get-type')
            if get_type and get_type != 'intern':
                functions[get_type] = version
        elif tag == CORE + 'virtual-method':
            return
        for child in element:
            visit(child, here)

    namespace = ElementTree.parse(gir).getroot().find(CORE + 'namespace')
    for child in namespace:
        visit(child, '')
    return functions, undated


def read_list(path):
    """Maps each symbol of the checked-in list to its release."""
    symbols, release = {}, None
    if not path.exists():
        return symbols
    for line in path.read_text(encoding='utf-8').splitlines():
        line = line.strip()
        if line.startswith('['):
            release = line.strip('[]')
        elif line and not line.startswith('#'):
            symbols[line] = release
    return symbols


def write_list(path, symbols):
    releases = sorted(set(symbols.values()), key=lambda text: [int(n) for n in text.split('.')])
    text = HEADER
    for release in releases:
        text += f'\n[{release}]\n'
        text += ''.join(f'{name}\n' for name in sorted(symbols) if symbols[name] == release)
    path.write_text(text, encoding='utf-8')


class Tap:
    def __init__(self):
        self.count = 0

    def check(self, what, offenders):
        self.count += 1
        print('not ok' if offenders else 'ok', self.count, what)
        for offender in sorted(offenders):
            print('#   ' + offender)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--library', required=True)
    parser.add_argument('--gir', required=True)
    parser.add_argument('--list', required=True, type=pathlib.Path)
    parser.add_argument('--update', action='store_true')
    args = parser.parse_args()

    here = exported(args.library)
    functions, undated = documented(args.gir)
    promised = read_list(args.list)

    if args.update:
        write_list(args.list, {name: functions.get(name) or promised.get(name) or '1.0'
                               for name in here})
        return

    tap = Tap()
    tap.check('only lsock_* is exported', [name for name in here if not name.startswith('lsock_')])
    tap.check('what is exported is in the list', set(here) - set(promised))
    tap.check('what is in the list is exported', set(promised) - set(here))
    tap.check('what is exported is in the GIR', set(here) - set(functions))
    tap.check('what is in the GIR is exported', set(functions) - set(here))
    tap.check('every function has a Since',
              [name for name in here if name in functions and not functions[name]
               and not name.endswith(GENERATED)])
    tap.check('every type, property and signal has a Since', undated)
    tap.check('the Since of the GIR is the release of the list',
              [f'{name}: {functions[name]}, listed under {promised[name]}'
               for name in set(functions) & set(promised)
               if functions[name] and functions[name] != promised[name]])
    print(f'1..{tap.count}')


if __name__ == '__main__':
    main()

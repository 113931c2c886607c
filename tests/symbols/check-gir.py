#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks what the GIR says about each call, in TAP: usage check-gir.py GIR.

Bindings believe the annotations, and people the text; where one says more than the other, a program
crashes or a compiler refuses what works.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
CALLS = {CORE + name for name in ('function', 'method', 'constructor', 'virtual-method', 'callback')}
CALLS.add(GLIB + 'signal')
# What a function returns with the error set is no value.
ON_ERROR = re.compile(r'%?NULL (?:on error|with @error set[^,;]*)')
NULL = re.compile(r'(?<![A-Z_])NULL\b')


def calls(element, path=''):
    """Everything that bindings can call or implement, and its name."""
    for child in element:
        name = '.'.join(filter(None, (path, child.get('name'))))
        # The slots of a class structure are the virtual functions once more.
        if child.get('introspectable') == '0' or child.get(GLIB + 'is-gtype-struct-for'):
            continue
        if child.tag in CALLS and not child.get('shadowed-by'):
            yield name, child
        elif child.tag not in CALLS:
            yield from calls(child, name)


def values(call):
    """The result and the arguments of a call, each with its name."""
    result = call.find(CORE + 'return-value')
    if result is not None:
        yield 'the result', result
    for parameter in call.iterfind(f'{CORE}parameters/{CORE}parameter'):
        yield parameter.get('name'), parameter


def text(element):
    doc = element.find(CORE + 'doc')
    return ' '.join((doc.text if doc is not None else '').split())


def may_be_null(value):
    return any(value.get(name) == '1' for name in ('nullable', 'optional', 'allow-none'))


def user_data(call):
    """The indices of arguments that only go through to a callback."""
    parameters = call.findall(f'{CORE}parameters/{CORE}parameter')
    found = {int(p.get('closure')) for p in parameters if p.get('closure')}
    if call.tag == CORE + 'callback':
        found |= {i for i, p in enumerate(parameters) if p.get('name') == 'user_data'}
    return {parameters[i].get('name') for i in found}


def is_bare_pointer(value):
    for type_ in value.iter(CORE + 'type'):
        if type_.get('name') in ('gpointer', 'gconstpointer'):
            return True
    return False


def undocumented(found):
    return [name for name, call in found if call.tag == CORE + 'virtual-method' and not text(call)]


def unmarked(found):
    return [f'{name}: {what}' for name, call in found for what, value in values(call)
            if NULL.search(ON_ERROR.sub('', text(value))) and not may_be_null(value)]


def pointers(found):
    return [f'{name}: {what}' for name, call in found for what, value in values(call)
            if is_bare_pointer(value) and what not in user_data(call)]


def main():
    found = list(calls(ElementTree.parse(sys.argv[1]).getroot()))
    names = [name for name, _ in found]
    checks = [
        ('the GIR has calls', [] if len(found) > 100 else names),
        ('every virtual function is documented', undocumented(found)),
        ('what may be NULL is marked nullable', unmarked(found)),
        ('no call has a bare pointer', pointers(found)),
    ]
    for number, (what, faults) in enumerate(checks, 1):
        print(f'{"not " if faults else ""}ok {number} {what}')
        for fault in faults:
            print(f'# {fault}')
    print(f'1..{len(checks)}')


if __name__ == '__main__':
    main()

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The type stubs: complete, true to the overrides, and understood by mypy."""

import ast
import inspect
import os
import pathlib
import shutil
import subprocess
import unittest

from support import Case, main
from test_introspection import CORE, functions
from gi.repository import Lsock

# Only when the namespace has been imported.
from gi.overrides import Lsock as overrides

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
STUB = ROOT / 'introspection/python/gi-stubs/repository/Lsock.pyi'
EXAMPLES = ROOT / 'examples'

# Counting references is the business of PyGObject.
HIDDEN = {('Connection', 'ref'), ('Connection', 'unref')}


def parameters(function):
    """The names of the parameters of a function in a stub, and of those with a default."""
    arguments = function.args
    names = [argument.arg for argument in arguments.posonlyargs + arguments.args]
    return [name for name in names if name != 'self'], names[len(names) - len(arguments.defaults):]


class Stubs(Case):
    def setUp(self):
        super().setUp()
        self.tree = ast.parse(STUB.read_text(encoding='utf-8'))
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    def members(self, name):
        found = {}
        for node in self.classes[name].body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[node.name] = node
            elif isinstance(node, ast.AnnAssign):
                found[node.target.id] = node
        return found

    def test_every_function_is_there(self):
        methods = {(cls, name) for cls in self.classes for name in self.members(cls)}
        names = {node.name for node in self.tree.body if isinstance(node, ast.FunctionDef)}
        missing = []
        for cls, name in functions_of_bindings():
            if (cls, name) not in methods | HIDDEN and not (cls is None and name in names):
                missing.append((cls, name))
        self.assertEqual(missing, [])

    def test_every_property_is_there(self):
        for cls in (Lsock.Object, Lsock.IODevice, Lsock.Buffer, Lsock.StreamDevice, Lsock.Socket,
                    Lsock.Server, Lsock.MessageChannel):
            props = {node.target.id if isinstance(node, ast.AnnAssign) else node.name
                     for node in self.members(cls.__name__)['Props'].body
                     if not isinstance(node, ast.Expr)}
            own = {pspec.name.replace('-', '_') for pspec in cls.list_properties()
                   if pspec.owner_type == cls.__gtype__}
            self.assertEqual(props, own)

    def test_every_value_is_there(self):
        for enum in (Lsock.SocketState, Lsock.SocketError, Lsock.OpenMode, Lsock.SocketOptions,
                     Lsock.ConnectionType, Lsock.MessageFraming):
            values = {name for name, value in vars(enum).items() if isinstance(value, enum)}
            self.assertEqual(values - set(self.members(enum.__name__)), set())

    def test_every_override_is_there(self):
        for name in overrides.__all__:
            thing = getattr(overrides, name)
            if isinstance(thing, type):
                self.assertIn(name, self.classes)
        for cls in ('Object', 'IODevice', 'Buffer', 'MessageChannel', 'Socket', 'Server',
                    'SignalSpy'):
            stub = self.members(cls)
            for name, function in vars(getattr(overrides, cls)).items():
                function = getattr(function, '__func__', function)
                if not inspect.isfunction(function) or name.startswith('_') or \
                        name.startswith('set_propert'):
                    continue
                self.assertIn(name, stub)
                signature = {each: parameter for each, parameter in
                             inspect.signature(function).parameters.items()
                             if parameter.kind is not parameter.VAR_POSITIONAL}
                names = [each for each in signature if each != 'self']
                defaults = [each for each in signature
                            if signature[each].default is not inspect.Parameter.empty]
                self.assertEqual((cls, name) + parameters(stub[name]), (cls, name, names, defaults))

    @unittest.skipUnless(os.environ.get('MYPY'), 'mypy is not installed')
    def test_mypy(self):
        path = pathlib.Path(self.folder)
        shutil.copytree(HERE / 'stubs', path / 'stubs')
        shutil.copy(STUB, path / 'stubs/gi/repository')
        for options, program in ((['--strict'], HERE / 'typed.py'),
                                 ([], EXAMPLES / 'digest-client.py')):
            result = subprocess.run(
                [os.environ['MYPY'], '--config-file=', '--cache-dir', os.devnull, *options,
                 str(program)],
                env={**os.environ, 'MYPYPATH': str(path / 'stubs')}, text=True, cwd=path,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(result.returncode, 0, result.stdout)


def functions_of_bindings():
    """(class or None, name) of each function that a binding has."""
    for parent, element in functions(with_parents=True):
        if element.get('introspectable') == '0' or element.get('shadowed-by'):
            continue
        cls = None if parent.tag == CORE + 'namespace' else parent.get('name')
        yield cls, element.get('shadows') or element.get('name')


if __name__ == '__main__':
    main()

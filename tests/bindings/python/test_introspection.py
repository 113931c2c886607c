# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every public function can be called from a binding, or has a form beside it that can."""

import os
import xml.etree.ElementTree as ElementTree

from support import Case, main
from gi.repository import Lsock

CORE = '{http://www.gtk.org/introspection/core/1.0}'
CALLABLE = [CORE + tag for tag in ('function', 'method', 'constructor')]

# C's own forms, each with the one that bindings have.
BESIDE = {
    'lsock_connect': 'lsock_connect_closure',
    'lsock_io_device_read': 'lsock_io_device_read_bytes',
    'lsock_io_device_peek_into': 'lsock_io_device_peek',
    'lsock_io_device_read_line_into': 'lsock_io_device_read_line',
    # The collector or reference counting of a language does this.
    'lsock_connection_ref': None,
    'lsock_connection_unref': None,
}


def functions(with_parents=False):
    folder = os.environ['GI_TYPELIB_PATH'].split(os.pathsep)[0]
    root = ElementTree.parse(os.path.join(folder, 'Lsock-1.gir')).getroot()
    for parent in root.iter():
        for element in parent:
            if element.tag in CALLABLE:
                yield (parent, element) if with_parents else element


class Introspection(Case):
    def test_every_function_is_callable(self):
        seen = set()
        hidden = set()
        for element in functions():
            name = element.get('{http://www.gtk.org/introspection/c/1.0}identifier')
            seen.add(name)
            if element.get('introspectable') == '0' or element.get('shadowed-by'):
                hidden.add(name)
        self.assertGreater(len(seen), 100)
        self.assertEqual(hidden - set(BESIDE), set())
        for name in hidden:
            self.assertTrue(BESIDE[name] is None or BESIDE[name] in seen - hidden, name)

    def test_nothing_private_shows(self):
        for name in ('Reactor', 'Watch', 'ByteQueue', 'Transport', 'Address', 'Custody', 'Loop',
                     'Children'):
            self.assertFalse(hasattr(Lsock, name), name)

    def test_names_that_belong_to_gobject_are_left_alone(self):
        for cls in (Lsock.Object, Lsock.Socket, Lsock.Server, Lsock.Buffer, Lsock.StreamDevice):
            for name in ('connect', 'disconnect', 'emit'):
                self.assertNotIn(name, cls.__dict__)

    def test_enums_are_registered(self):
        for enum in (Lsock.SocketState, Lsock.SocketError, Lsock.OpenMode, Lsock.SocketOptions,
                     Lsock.ConnectionType):
            self.assertTrue(enum.__gtype__.name.startswith('Lsock'))


if __name__ == '__main__':
    main()

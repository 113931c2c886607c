# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A script that uses what is installed: usage outside.py OVERRIDE, the file that must be in use."""

import os
import sys
import tempfile

import gi
gi.require_version('Lsock', '1')
from gi.repository import Lsock  # noqa: E402

# PyGObject falls back to the bare typelib in silence where it finds no override.
assert 'gi.overrides.Lsock' in sys.modules, 'the override is not in use'
assert os.path.samefile(sys.modules['gi.overrides.Lsock'].__file__, sys.argv[1])

with tempfile.TemporaryDirectory(prefix='ls') as directory:
    name = os.path.join(directory, 's')
    server = Lsock.Server()
    server.listen(name)
    client = Lsock.Socket()
    client.connect_to_server(name, Lsock.OpenMode.READ_WRITE)
    assert client.wait_for_connected(10000)
    server.close()

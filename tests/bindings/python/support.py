# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the Python binding share."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import gi

gi.require_version('Lsock', '1')
from gi.repository import GLib

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from tap import main    # for the test programs


class Case(unittest.TestCase):
    """A test with a fresh, short directory for its names."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='ls')
        self.addCleanup(shutil.rmtree, self.folder)
        self.unraised = []
        hook, sys.unraisablehook = sys.unraisablehook, self.unraised.append
        self.addCleanup(setattr, sys, 'unraisablehook', hook)

    def name(self, name='s'):
        return os.path.join(self.folder, name)

    def until(self, condition, seconds=10):
        """Runs the loop until something is so; another thread that makes it so calls wake()."""
        over = []
        deadline = GLib.Timeout(seconds * 1000)
        deadline.set_callback(lambda _: over.append(True))
        deadline.attach()
        try:
            while not condition():
                self.assertFalse(over, 'what the test waits for did not happen')
                GLib.MainContext.default().iteration(True)
        finally:
            deadline.destroy()


def wake(context=None):
    (context or GLib.MainContext.default()).wakeup()

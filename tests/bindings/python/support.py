# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the Python binding share."""

import os
import shutil
import sys
import tempfile
import traceback
import unittest

import gi

gi.require_version('Lsock', '1')
from gi.repository import GLib


class Result(unittest.TestResult):
    """Prints the Test Anything Protocol."""

    number = 0

    def say(self, word, test):
        self.number += 1
        print('%s %d %s' % (word, self.number, test.id().split('.', 1)[-1]), flush=True)

    def addSuccess(self, test):
        self.say('ok', test)

    def complain(self, test, error):
        self.say('not ok', test)
        for line in ''.join(traceback.format_exception(*error)).splitlines():
            print('# ' + line)

    def addSkip(self, test, reason):
        self.number += 1
        print('ok %d %s # SKIP %s' % (self.number, test.id().split('.', 1)[-1], reason), flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self.complain(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.complain(test, error)


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


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    print('1..%d' % suite.countTestCases())
    result = Result()
    suite.run(result)
    sys.exit(not result.wasSuccessful())

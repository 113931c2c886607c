# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tests of a program of unittest in the Test Anything Protocol."""

import sys
import traceback
import unittest


class Result(unittest.TestResult):
    """Prints a line for each test, behind what went wrong in it."""

    number = 0

    def startTest(self, test):
        super().startTest(test)
        self.passed, self.skipped_for = True, ''

    def stopTest(self, test):
        super().stopTest(test)
        self.number += 1
        print('%s %d %s%s' % ('ok' if self.passed else 'not ok', self.number,
                              test.id().split('.', 1)[-1], self.skipped_for), flush=True)

    def complain(self, error):
        self.passed = False
        for line in ''.join(traceback.format_exception(*error)).splitlines():
            print('# ' + line, flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skipped_for = ' # SKIP ' + reason

    def addError(self, test, error):
        super().addError(test, error)
        self.complain(error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.complain(error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            print('# in', subtest)
            self.complain(error)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    print('1..%d' % suite.countTestCases(), flush=True)
    result = Result()
    suite.run(result)
    sys.exit(not result.wasSuccessful())

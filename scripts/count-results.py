#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Says what Meson's tests did: usage count-results.py BUILD LABEL [--suite NAME]… [--require NAME]…
[--complete].

Reads what was asked to run from the build directory, and what ran from the log of the last run.  Prints
a line for each test, one for each case that failed, and at last `PASSED FAILED`, where the cases of a
TAP test count one by one.  A test that did not run, or that ran no case, has failed.  One that skips
everything says why: it counts as neither, unless its suite is required and nothing else of it ran.
With --complete, where all that the tests need is installed, what skips has failed.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

CASE = re.compile(r'^(not )?ok\b\s*\d*\s*-?\s*([^#]*?)\s*(?:#\s*(skip|todo)\b.*)?$', re.IGNORECASE)
# The plan of a test that skips everything, and why.
SKIPS_ALL = re.compile(r'^1\.\.0\b\s*#\s*skip\S*\s*(.*)$', re.IGNORECASE | re.MULTILINE)
LINES_SHOWN = 15


def expected_tests(build, suites):
    """Names and suites of the tests that should have run."""
    tests = json.loads(subprocess.run(['meson', 'introspect', '--tests', str(build)], check=True,
                                      text=True, stdout=subprocess.PIPE).stdout)
    for test in tests:
        names = {suite.split(':')[-1] for suite in test['suite']}
        if not suites or names & suites:
            yield test['name'], names, test.get('protocol')


def logged_tests(build):
    log = build / 'meson-logs' / 'testlog.json'
    if not log.exists():
        return {}
    lines = log.read_text(encoding='utf-8').splitlines()
    # Meson logs the name with its suites before it.
    return {entry['name'].split(' / ')[-1]: entry for entry in map(json.loads, lines)}


def count_cases(output):
    """Passed, skipped and failed cases of a TAP test."""
    passed, skipped, failed = 0, [], []
    for line in output.splitlines():
        match = CASE.match(line)
        if not match:
            continue
        negative, name, directive = match.groups()
        directive = (directive or '').lower()
        if directive == 'skip':
            skipped.append(name)
        elif negative and directive != 'todo':
            failed.append(name)
        else:
            passed += 1
    return passed, skipped, failed


def judge(entry, protocol):
    """Passed cases, and words for each one that failed and each one that was left out."""
    if entry is None:
        return 0, ['did not run'], []
    result = entry['result']
    if protocol != 'tap':
        return (1, [], []) if result == 'OK' else (0, [result.lower()], [])

    output = entry.get('stdout') or ''
    reason = SKIPS_ALL.search(output)
    if result == 'SKIP' and reason:
        return 0, [], [reason.group(1) or 'everything']

    passed, skipped, failed = count_cases(output)
    if result != 'OK' and not failed:
        # It crashed, ran out of time, or skipped everything without saying why.
        failed.append(result.lower())
    elif not passed and not failed:
        failed.append('ran no case')
    return passed, failed, skipped


def print_end(entry):
    """The last lines of what a test said: the rest is in the log, which CI does not keep."""
    for stream in ('stdout', 'stderr'):
        for line in (entry.get(stream) or '').splitlines()[-LINES_SHOWN:]:
            print(f'          | {line}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('label')
    parser.add_argument('--suite', action='append', default=[], help='that was asked to run')
    parser.add_argument('--require', action='append', default=[],
                        help='a suite that must have at least one test')
    parser.add_argument('--complete', action='store_true', help='nothing may be left out')
    args = parser.parse_args()

    logged = logged_tests(args.build)
    total_passed = total_failed = 0
    seen, ran = set(), set()
    for name, suites, protocol in expected_tests(args.build, set(args.suite)):
        seen |= suites
        passed, failed, skipped = judge(logged.get(name), protocol)
        if args.complete:
            failed += ['left out: ' + case for case in skipped]
            skipped = []
        total_passed += passed
        total_failed += len(failed)
        if passed or failed:
            ran |= suites
        verdict = 'failed' if failed else 'passed' if passed else 'skipped'
        extra = f', {len(skipped)} left out here' if skipped else ''
        print(f'{verdict}  {args.label:8} {"/".join(sorted(suites)):9} {name}: '
              f'{passed} passed, {len(failed)} failed{extra}')
        for case in failed:
            print(f'          {case}')
        for case in skipped:
            print(f'          left out: {case}')
        if failed and name in logged:
            print_end(logged[name])
    for suite in sorted(set(args.require) - seen):
        total_failed += 1
        print(f'failed  {args.label:8} {suite}: the suite has no test')
    for suite in sorted(set(args.require) & seen - ran):
        total_failed += 1
        print(f'failed  {args.label:8} {suite}: everything in the suite was skipped')

    print(total_passed, total_failed)


if __name__ == '__main__':
    sys.exit(main())

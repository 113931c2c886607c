#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the code in pages of the documentation as a reader would.

usage: run-pages.py BUILD [--all] [--tool NAME=PROGRAM]… PAGE…

A comment before a block of code says what to do with it; the reader does not see the comment:

    <!-- file: NAME -->     the block is written to NAME
    <!-- run -->            the commands in the block are run, and succeed
    <!-- run: fails -->     the same, and the last one fails
    <!-- serve: NAME -->    the commands are run until the page ends; they listen under NAME
    <!-- output -->         the block is what the last commands have printed
    <!-- show -->           the commands in the block are not run: they install packages

All but `file` and `show` have a form without a block, as `<!-- run | COMMAND -->`.  With --all, each block has
such a comment, and only commands are allowed not to run.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

DIRECTIVE = re.compile(r'<!-- (file|run|serve|output|show)(?:: ([^|]*?))?(?: \| (.*?))? -->$')
SECONDS = 60


class Failure(Exception):
    pass


def read_blocks(page):
    """(line, action, argument, language, text) of each block and each comment."""
    directive = None
    lines = page.read_text(encoding='utf-8').splitlines()
    i = 0
    while i < len(lines):
        if found := DIRECTIVE.match(lines[i]):
            action, argument, command = found.groups()
            if command is not None:
                yield i + 1, action, argument, 'sh', command
            else:
                directive = action, argument
        elif lines[i].startswith('```'):
            language, start = lines[i][3:], i
            while lines[i + 1] != '```':
                i += 1
            i += 1
            action, argument = directive or (None, None)
            yield start + 1, action, argument, language, '\n'.join(lines[start + 1:i])
            directive = None
        i += 1


def prepare_tools(build, work, programs):
    """Where compilers and interpreters find what has been built, under the names in the pages."""
    tools = work / 'tools'
    vapi = tools / 'share' / 'vala' / 'vapi'
    vapi.mkdir(parents=True)
    for each in 'introspection/lsock-1.vapi', 'meson-private/lsock-1.deps':
        (vapi / pathlib.Path(each).name).symlink_to(build / each)
    for name, program in programs.items():
        (tools / name).symlink_to(program)
    environment = dict(os.environ, LC_ALL='C.UTF-8')
    for name, value in {
            'PATH': tools,
            'PKG_CONFIG_PATH': build / 'meson-uninstalled',
            'XDG_DATA_DIRS': '%s:/usr/local/share:/usr/share' % (tools / 'share')}.items():
        before = environment.get(name)
        environment[name] = '%s:%s' % (value, before) if before else str(value)
    return environment


class Page:
    def __init__(self, environment, folder):
        # A short name, for a socket's path: what has no path lives there.
        self.folder = folder
        self.environment = dict(environment, TMPDIR=str(folder))
        self.servers = []
        self.printed = None

    def start(self, commands, **options):
        return subprocess.Popen(['bash', '-e', '-c', commands], cwd=self.folder, text=True,
                                env=self.environment, stdin=subprocess.DEVNULL,
                                start_new_session=True, **options)

    def run(self, commands, fails):
        process = self.start(commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            printed, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            printed, _ = process.communicate()
            raise Failure('did not end:\n%s' % printed)
        if (process.returncode != 0) != fails:
            raise Failure('status %d:\n%s' % (process.returncode, printed))
        self.printed = printed.replace(str(self.folder), '/tmp').rstrip('\n')

    def serve(self, commands, name):
        log = self.folder / 'server.log'
        with log.open('w') as output:
            server = self.start(commands, stdout=output, stderr=subprocess.STDOUT)
        self.servers.append(server)
        deadline = time.monotonic() + SECONDS
        while not (self.folder / name).is_socket():
            if server.poll() is not None or time.monotonic() > deadline:
                raise Failure('does not listen:\n%s' % log.read_text())
            time.sleep(0.02)

    def compare(self, text):
        if self.printed != text:
            raise Failure('printed:\n%s' % self.printed)

    def stop(self):
        for server in self.servers:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def do_block(page, action, argument, language, text, strict):
    if action == 'file':
        (page.folder / argument).write_text(text + '\n', encoding='utf-8')
    elif action == 'run':
        page.run(text, argument == 'fails')
    elif action == 'serve':
        page.serve(text, argument)
    elif action == 'output':
        page.compare(text)
    elif strict and (action is None or language != 'sh'):
        raise Failure('this block is not run')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--tool', action='append', default=[])
    parser.add_argument('page', nargs='+', type=pathlib.Path)
    args = parser.parse_args()
    programs = {'python3': sys.executable, **dict(each.split('=', 1) for each in args.tool)}
    count = failed = 0

    with tempfile.TemporaryDirectory(prefix='ls') as name:
        work = pathlib.Path(name)
        environment = prepare_tools(args.build, work, programs)
        for path in args.page:
            folder = work / str(count)
            folder.mkdir()
            page = Page(environment, folder)
            for line, action, argument, language, text in read_blocks(path):
                if not args.all and action is None:
                    continue
                count += 1
                what = '%s:%d %s' % (path.name, line, action)
                try:
                    do_block(page, action, argument, language, text, args.all)
                    print('ok %d %s' % (count, what), flush=True)
                except Failure as failure:
                    failed += 1
                    print('not ok %d %s' % (count, what))
                    print('\n'.join('# ' + each for each in str(failure).splitlines()[:40]), flush=True)
            page.stop()
            shutil.rmtree(folder)

    print('1..%d' % count)
    sys.exit(failed > 0 or count == 0)


main()

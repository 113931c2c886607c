# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Works that have no peers but their own."""

import contextlib
import json
import os
import shutil
import subprocess

from .peers import Failure


def run_program(build, name, *arguments, environment=None):
    path = build / 'benchmarks' / name
    if not path.exists():
        raise Failure('%s is not built' % name)
    done = subprocess.run([str(path), *arguments], check=False, capture_output=True, text=True,
                          timeout=300, env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        raise Failure(done.stderr.strip()[-300:] or 'it ended with %d' % done.returncode)
    return json.loads(done.stdout)


def measure_queued(build, short):
    figures = run_program(build, 'queued', *(['3', '10000'] if short else []))
    return {'value': figures['ratio'], **figures}


@contextlib.contextmanager
def display():
    if shutil.which('Xvfb') is None:
        raise Failure('Xvfb is not installed')
    receiving, sending = os.pipe()
    server = subprocess.Popen(['Xvfb', '-displayfd', str(sending), '-screen', '0', '640x480x24',
                               '-nolisten', 'tcp'],
                              pass_fds=[sending], stderr=subprocess.DEVNULL)
    os.close(sending)
    try:
        with os.fdopen(receiving) as file:
            number = file.readline().strip()
        if not number:
            raise Failure('Xvfb did not start')
        yield ':' + number
    finally:
        server.terminate()
        server.wait()


def measure_frames(build, short):
    """Without traffic, with it, and with it but without lsock, in turn; what traffic adds in the
    median round."""
    seconds, rounds = ('3', 1) if short else ('10', 3)
    figures = {'quiet': [], 'traffic': [], 'bare': []}
    with display() as name:
        environment = {'DISPLAY': name, 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo',
                       'GTK_A11Y': 'none', 'GSETTINGS_BACKEND': 'memory'}
        for _ in range(rounds):
            for kind, values in figures.items():
                values.append(run_program(build, 'gtk-frames', seconds, kind,
                                          environment=environment))
    beyond = sorted(traffic['missed'] - quiet['missed']
                    for quiet, traffic in zip(figures['quiet'], figures['traffic']))
    return {'value': beyond[len(beyond) // 2], 'seconds': int(seconds), **figures}

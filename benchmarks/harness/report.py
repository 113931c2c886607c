# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes out: medians and ratios, as tables."""

import json
import os
import platform
import statistics
import subprocess

from .works import WORKS, Special, Timed

BASE = 'epoll'


def describe_machine():
    def version(package):
        done = subprocess.run(['pkg-config', '--modversion', package], check=False,
                              capture_output=True, text=True)
        return done.stdout.strip() or None

    return {
        'system': '%s %s' % (platform.system(), platform.release().split('-')[0]),
        'architecture': platform.machine(),
        'processors': os.cpu_count(),
        'glib': version('glib-2.0'), 'qt': version('Qt6Core'), 'libuv': version('libuv'),
    }


def compare_rounds(work, reports, failures):
    """The median of the ratios of each round, since no machine has the same speed for long."""
    base = [each[work.figure] for each in reports[BASE]]
    result = {}
    for name, rounds in reports.items():
        if name in failures:
            result[name] = {'failure': failures[name]}
            continue
        values = [each[work.figure] if work.figure in each else each['ns'] for each in rounds]
        ratios = [value / other for value, other in zip(values, base)]
        result[name] = {'value': statistics.median(values), 'rounds': values}
        if ratios:
            result[name]['ratio'] = round(statistics.median(ratios), 3)
            result[name]['ratios'] = [round(ratio, 3) for ratio in ratios]
        if 'p99_ns' in rounds[0]:
            result[name]['p99'] = statistics.median(each['p99_ns'] for each in rounds)
    return result


def goal_of(work, name):
    """What a peer is to reach: only lsock has goals."""
    if isinstance(work, (Timed, Special)):
        return work.goal if name == 'lsock' else None
    return work.goals.get(name)


def amount(work, value):
    if not isinstance(work, Timed):
        return format(value, ',')
    if work.figure == 'seconds':
        return '%.3f s' % value
    return '%.1f µs' % (value / 1000)


def reached(figure, goal):
    return 'yes' if figure <= goal else 'no'


def print_work(name, work, result, labels):
    timed = isinstance(work, Timed)
    print('\n%s: %s' % (name, work.title))
    for peer, figures in result.items():
        if 'failure' in figures:
            print('  %-30s left out: %s' % (labels.get(peer, peer), figures['failure']))
            continue
        line = '  %-30s %14s' % (labels.get(peer, peer), amount(work, figures['value']))
        line += '  %8.2f' % figures['ratio'] if 'ratio' in figures else ' ' * 10
        goal = goal_of(work, peer)
        if goal is not None:
            figure = figures['ratio'] if timed else figures['value']
            line += '  goal %s: %s' % (format(goal, ','), reached(figure, goal))
        if 'p99' in figures:
            line = '%-78s 99 %%: %s' % (line, amount(work, figures['p99']))
        extra = figures.get('calls') or {key: figures[key] for key in (
            'client', 'server', 'client resident', 'server resident') if key in figures}
        if extra:
            line = '%-78s %s' % (line, ', '.join('%s %s' % (key, format(value, ',')) for key, value
                                                 in extra.items()))
        print(line.rstrip(), flush=True)


def print_goals(works, results):
    rows = []
    for name, work in works.items():
        for peer, figures in results[name].items():
            goal = goal_of(work, peer)
            if goal is None:
                continue
            if 'failure' in figures:
                rows.append((work.title, peer, '–', goal, figures['failure']))
                continue
            figure = figures['ratio'] if isinstance(work, Timed) else figures['value']
            rows.append((work.title, peer, format(figure, ','), goal, reached(figure, goal)))
    if rows:
        print('\n%-68s %-12s %9s %7s' % ('goals', 'peer', 'figure', 'goal'))
    for title, peer, figure, goal, verdict in rows:
        print('%-68s %-12s %9s %7s  %s' % (title, peer, figure, format(goal, ','), verdict))


def cell(figures):
    if figures is None or 'failure' in figures:
        return '–'
    return '%.2f' % figures['ratio'] if 'ratio' in figures else format(figures['value'], ',')


def write_table(folder):
    """All that the folder has, as a page for people: times as ratios, the rest as they are."""
    documents = {}
    for name in WORKS:
        path = folder / (name + '.json')
        if path.exists():
            documents[name] = json.loads(path.read_text(encoding='utf-8'))
    peers = {peer: label for document in documents.values()
             for peer, label in document['labels'].items()}
    lines = ['| work | %s | goal |' % ' | '.join(peers.values()), '| --- ' * (len(peers) + 2) + '|']
    for name, document in documents.items():
        goal = goal_of(WORKS[name], 'lsock')
        cells = [cell(document['peers'].get(peer)) for peer in peers]
        lines.append('| %s | %s | %s |' % (document['title'], ' | '.join(cells),
                                           '' if goal is None else '≤ ' + format(goal, ',')))
    (folder / 'table.md').write_text('\n'.join(lines) + '\n', encoding='utf-8')

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes out: medians and ratios, as tables."""

import json
import os
import platform
import shutil
import statistics
import subprocess

from .works import BASE, WORKS, Timed


def describe_machine():
    def version(package):
        done = subprocess.run(['pkg-config', '--modversion', package], check=False,
                              capture_output=True, text=True)
        return done.stdout.strip() or None

    def version_of(program):
        if shutil.which(program) is None:
            return None
        done = subprocess.run([program, '--version'], check=False, capture_output=True, text=True)
        return done.stdout.strip() or None

    return {
        'system': '%s %s' % (platform.system(), platform.release().split('-')[0]),
        'architecture': platform.machine(),
        'processors': os.cpu_count(),
        'glib': version('glib-2.0'), 'qt': version('Qt6Core'), 'libuv': version('libuv'),
        'node': version_of('node'), 'gjs': version_of('gjs'),
    }


def ratios_of(values, others):
    return [value / other for value, other in zip(values, others)]


def compare_rounds(work, reports, failures):
    """The median of the ratios of each round, since no machine has the same speed for long."""
    base = [each[work.figure] for each in reports[BASE]]
    result = {}
    for name, rounds in reports.items():
        if name in failures:
            result[name] = {'failure': failures[name]}
            continue
        values = [each[work.figure] if work.figure in each else each['ns'] for each in rounds]
        ratios = ratios_of(values, base)
        result[name] = {'value': statistics.median(values), 'rounds': values}
        if ratios:
            result[name]['ratio'] = round(statistics.median(ratios), 3)
            result[name]['ratios'] = [round(ratio, 3) for ratio in ratios]
        if 'p99_ns' in rounds[0]:
            result[name]['p99'] = statistics.median(each['p99_ns'] for each in rounds)
    return result


class Outcome:
    """What came of a goal in a run."""

    def __init__(self, goal, result, labels):
        self.goal = goal
        self.name = '≤ ' + format(goal.limit, ',')
        if goal.against is not None:
            self.name += ' of ' + goal.against
        absent = [name for name in (goal.peer, goal.against)
                  if name is not None and 'value' not in result.get(name, {})]
        # Why there is no figure.
        self.missing = '%s did not take part' % labels.get(absent[0], absent[0]) if absent else None
        self.figure = None if absent else self.find_figure(result)

    def find_figure(self, result):
        """Round by round, as for the ratios to the base: a goal may be set against another peer."""
        peer = result[self.goal.peer]
        if self.goal.against is None:
            return peer['value']
        return round(statistics.median(ratios_of(peer['rounds'],
                                                 result[self.goal.against]['rounds'])), 3)

    @property
    def verdict(self):
        if self.missing:
            return self.missing
        return 'reached' if self.figure <= self.goal.limit else 'missed'

    @property
    def summary(self):
        return self.missing or '%s, %s' % (format(self.figure, ','), self.verdict)

    def as_json(self):
        return {'peer': self.goal.peer, 'against': self.goal.against, 'limit': self.goal.limit,
                'figure': self.figure, 'verdict': self.verdict}


def judge(work, result, labels, peer=None):
    """What came of the goals of a work, or of those of one peer."""
    return [Outcome(goal, result, labels) for goal in work.goals if peer in (None, goal.peer)]


def amount(work, value):
    if not isinstance(work, Timed):
        return format(value, ',')
    if work.figure == 'seconds':
        return '%.3f s' % value
    return '%.1f µs' % (value / 1000)


def print_work(name, work, result, labels):
    print('\n%s: %s' % (name, work.title))
    for peer, figures in result.items():
        if 'failure' in figures:
            print('  %-30s left out: %s' % (labels.get(peer, peer), figures['failure']))
            continue
        line = '  %-30s %14s' % (labels.get(peer, peer), amount(work, figures['value']))
        line += '  %8.2f' % figures['ratio'] if 'ratio' in figures else ' ' * 10
        for outcome in judge(work, result, labels, peer):
            line += '  goal %s: %s' % (outcome.name, outcome.summary)
        if 'p99' in figures:
            line = '%-96s 99 %%: %s' % (line, amount(work, figures['p99']))
        extra = figures.get('calls') or {key: figures[key] for key in (
            'client', 'server', 'client resident', 'server resident') if key in figures}
        if extra:
            line = '%-96s %s' % (line, ', '.join('%s %s' % (key, format(value, ',')) for key, value
                                                 in extra.items()))
        print(line.rstrip(), flush=True)


def print_goals(works, results, labels):
    outcomes = [(work.title, outcome) for name, work in works.items()
                for outcome in judge(work, results[name], labels)
                if outcome.goal.peer in results[name]]
    row = '%-66s %-17s %9s  %-18s %s'
    if outcomes:
        print(('\n' + row % ('goals', 'peer', 'figure', 'goal', '')).rstrip())
    for title, outcome in outcomes:
        figure = '–' if outcome.figure is None else format(outcome.figure, ',')
        print(row % (title, outcome.goal.peer, figure, outcome.name, outcome.verdict))


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
    lines = ['| work | %s | goals |' % ' | '.join(peers.values()),
             '| --- ' * (len(peers) + 2) + '|']
    for name, document in documents.items():
        cells = [cell(document['peers'].get(peer)) for peer in peers]
        goals = ['%s %s: %s' % (outcome.goal.peer, outcome.name, outcome.summary)
                 for outcome in judge(WORKS[name], document['peers'], document['labels'])]
        lines.append('| %s | %s | %s |' % (document['title'], ' | '.join(cells), '; '.join(goals)))
    (folder / 'table.md').write_text('\n'.join(lines) + '\n', encoding='utf-8')

# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws what run wrote: usage plots.py FOLDER.  The same figures give the same files."""

import json
import pathlib
import sys

import matplotlib

matplotlib.use('svg')
import matplotlib.pyplot as plt

matplotlib.rcParams.update({
    'svg.hashsalt': 'lsock', 'svg.fonttype': 'none', 'font.size': 9,
    'axes.spines.top': False, 'axes.spines.right': False,
})

OURS, OTHERS, BASE = '#1c71d8', '#9a9996', '#3d3846'
# In the order of the peers: those before lsock, and lsock.
LINES = ('#3d3846', '#77767b', '#26a269', '#c64600', '#e5a50a', '#a51d2d', '#e66100', '#813d9c',
         '#865e3c', '#2ec27e')
OUR_LINES = ('#1a5fb4', '#3584e4', '#62a0ea', '#99c1f1')
IDLE = ('idle-0', 'idle-100', 'idle-1000', 'idle-5000', 'idle-9000')


def color_of(name):
    return BASE if name == 'epoll' else OURS if name.startswith('lsock') else OTHERS


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={'Date': None, 'Creator': None}, transparent=False)
    plt.close(figure)


def draw_bars(document, path):
    """A bar for each peer; the axis is logarithmic where one would hide the others."""
    figures = {name: peer for name, peer in document['peers'].items() if 'failure' not in peer}
    ratios = any('ratio' in peer for peer in figures.values())
    values = {name: peer['ratio'] if ratios else peer['value'] for name, peer in figures.items()}
    if len(values) < 2:
        return
    names = list(values)[::-1]
    figure, axes = plt.subplots(figsize=(6.4, 0.9 + 0.27 * len(names)))
    bars = axes.barh([document['labels'][name] for name in names],
                     [values[name] for name in names], color=[color_of(name) for name in names])
    axes.bar_label(bars, [format(values[name], '.2f' if ratios else ',') for name in names], padding=3)
    positive = [value for value in values.values() if value > 0]
    if positive and max(positive) > 100 * min(positive):
        axes.set_xscale('log')
    axes.margins(x=0.15)
    axes.set_title(document['title'], loc='left')
    if ratios:
        axes.set_xlabel('time, to that of a bare epoll loop (less is better)')
    save(figure, path)


def draw_idle(documents, path):
    """How a round trip suffers from connections on which nothing happens."""
    figure, axes = plt.subplots(figsize=(6.4, 4.2))
    labels = documents[0]['labels']
    counts = [int(document['work'].split('-')[1]) for document in documents]
    ours, others = iter(OUR_LINES), iter(LINES)
    for name, label in labels.items():
        points = [(count, document['peers'][name]['value'] / 1000)
                  for count, document in zip(counts, documents)
                  if 'value' in document['peers'].get(name, {})]
        is_ours = name.startswith('lsock')
        if points:
            axes.plot(*zip(*points), marker='o', markersize=3, label=label,
                      color=next(ours if is_ours else others), linewidth=2 if is_ours else 1,
                      linestyle='-' if is_ours else '--')
    axes.set_yscale('log')
    axes.set_xscale('symlog', linthresh=100)
    ticks = [count for count in counts if count != 5000]
    axes.set_xticks(ticks, [format(count, ',') for count in ticks])
    axes.set_xlim(left=-5)
    axes.set_xlabel('idle connections in the same loop')
    axes.set_ylabel('µs for a round trip of 64 B')
    axes.legend(fontsize=7, ncol=2)
    save(figure, path)


def main():
    folder = pathlib.Path(sys.argv[1])
    documents = {path.stem: json.loads(path.read_text(encoding='utf-8'))
                 for path in sorted(folder.glob('*.json'))}
    for name, document in documents.items():
        if name not in IDLE:
            draw_bars(document, folder / (name + '.svg'))
    idle = [documents[name] for name in IDLE if name in documents]
    if len(idle) > 1:
        draw_idle(idle, folder / 'idle.svg')


if __name__ == '__main__':
    main()

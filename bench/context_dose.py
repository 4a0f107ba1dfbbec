#!/usr/bin/env python3
"""What a page gains by hour and device, by how much they move what is chosen, and what could be had by whoever is told the truth.

usage: bench/context_dose.py build/bench/bench_page_truth [--seeds 11,12,13,31] [--strengths 0,0.5,1,2,4] [--viewers 800] [--scale 0.4]

Runs bench_page_truth (moods off) for each strength and seed. Under each strength the mean over its services, whose intervals are independent
of each other: half its width is the root of the sum of their squared half widths, over their number. Strength 0: nothing is to be found.
"""
import argparse
import math
import re
import subprocess

NUMBER = r'([+-][0-9.]+)'
FIGURE = NUMBER + r' \[' + NUMBER + ', ' + NUMBER + r'\]'
ARMS = (('ours', 'context and mood, ours, over neither'), ('told', 'told what the moment does, over neither'))


def figures(line):
    found = re.search('recall ' + FIGURE + ' +ndcg@10 ' + FIGURE, line)
    if not found:
        raise SystemExit('context_dose: no figures in: ' + line)
    values = [float(x) for x in found.groups()]
    return values[:3], values[3:]


def run(a, strength, seed):
    command = [a.bench, str(seed), str(a.viewers), '45', '5', '0', str(a.scale), '1.18', '0', str(strength)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    moments = int(re.search(r'([0-9]+) moments', out).group(1))
    return moments, {arm: figures(next(line for line in out.splitlines() if line.startswith(start)))
                     for arm, start in ARMS}


def pooled(of):
    mean = sum(x[0] for x in of) / len(of)
    half = math.sqrt(sum(((x[2] - x[1]) / 2) ** 2 for x in of)) / len(of)
    return mean, mean - half, mean + half


def text(x):
    return '%+.4f [%+.4f, %+.4f]' % tuple(x)


def show(strength, seed, moments, of):
    print('| %s | %s | %s | %s |' % (strength, seed, moments, ' | '.join(
        text(of[arm][k]) for k in (1, 0) for arm, _ in ARMS)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bench')
    parser.add_argument('--seeds', default='11,12,13,31')
    parser.add_argument('--strengths', default='0,0.5,1,2,4')
    parser.add_argument('--viewers', type=int, default=800)
    parser.add_argument('--scale', type=float, default=0.4)
    a = parser.parse_args()
    print('| strength | seed | moments | NDCG@10, ours | told | recall@4-by-5, ours | told |\n|---|---|---|---|---|---|---|')
    for strength in a.strengths.split(','):
        all_of, n = [], 0
        for seed in a.seeds.split(','):
            moments, of = run(a, strength, seed)
            show(strength, seed, moments, of)
            all_of.append(of)
            n += moments
        show(strength, '**all**', n, {arm: [pooled([of[arm][k] for of in all_of]) for k in (0, 1)] for arm, _ in ARMS})


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Do descriptions help the backtest where they tell something, and do no harm where they don't?

    bench/forecast_words.py build/marquee ../shared/data/movielens

MovieLens 100K with its credits (ml-100k, ml-100k-titles.csv and ml-100k-credits.csv of that folder), three times: without descriptions, with invented
ones of 20 to 60 words of chance, and with a few words more that tell, noisily, of a title's size and of which of eight known titles its
viewers have met. A line of figures each.
"""
import argparse
import csv
import json
import math
import pathlib
import random
import statistics
import subprocess
import tempfile
from collections import defaultdict

VOCABULARY, THEMES = 6000, 8


def letters(n):
    return ''.join(chr(97 + n // 26 ** k % 26) for k in range(3))


def standardised(v):
    m, s = statistics.fmean(v), statistics.pstdev(v) or 1
    return [(x - m) / s for x in v]


def themes_of(viewers, rng):
    """For each title how much its viewers are those of each of some well-known titles (cosine), standardised."""
    ids = sorted(viewers)
    anchors = rng.sample(sorted(ids, key=lambda t: -len(viewers[t]))[:200], THEMES)
    columns = [standardised([len(viewers[t] & viewers[a]) / math.sqrt(len(viewers[t]) * len(viewers[a])) - 0.02 * math.log(len(viewers[t])) for t in ids])
               for a in anchors]
    return {t: [c[i] for c in columns] for i, t in enumerate(ids)}


def write(path, ids, viewers, telling):
    rng = random.Random(5)
    themes = themes_of(viewers, rng)
    weights = [1 / (k + 1) ** 0.9 for k in range(VOCABULARY)]
    with open(path, 'w', newline='', encoding='utf-8') as f:
        out = csv.writer(f)
        out.writerow(['id', 'description'])
        for t in ids:
            words = ['w' + letters(k) + 'ly' for k in rng.choices(range(VOCABULARY), weights, k=rng.randint(20, 60))]
            if telling and t in viewers:
                for k, z in enumerate(themes[t]):
                    z += rng.gauss(0, 1)
                    if abs(z) > 1.6:
                        words.append(f'theme{letters(k)}{"up" if z > 0 else "down"}{rng.choice("pqrstuv")}')
                size = math.log(len(viewers[t])) + rng.gauss(0, 1.5)
                words.append(f'size{letters(max(0, min(9, int(1.5 * size))))}{rng.choice("pq")}')
            rng.shuffle(words)
            out.writerow([t, ' '.join(words)])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('marquee')
    p.add_argument('movielens', type=pathlib.Path)
    o = p.parse_args()
    viewers = defaultdict(set)
    for line in open(o.movielens / 'ml-100k/u.data', encoding='utf-8'):
        viewer, title = line.split('\t')[:2]
        viewers[title].add(viewer)
    ids = [r['itemId'] for r in csv.DictReader(open(o.movielens / 'ml-100k-titles.csv', encoding='utf-8'))]
    for texts in ('none', 'chance', 'telling'):
        with tempfile.TemporaryDirectory() as folder:
            run = lambda *a: subprocess.run([o.marquee, *map(str, a), '--data', folder + '/data'], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            run('import', '--format', 'movielens', o.movielens / 'ml-100k')
            run('import', '--format', 'titles', o.movielens / 'ml-100k-titles.csv')
            run('import', '--format', 'credits', o.movielens / 'ml-100k-credits.csv')
            if texts != 'none':
                write(folder + '/texts.csv', ids, viewers, texts == 'telling')
                run('import', '--format', 'titles', folder + '/texts.csv')
            f = json.loads(run('strategy', 'backtest', '--no-controls', '--json'))['forecast']
        print(json.dumps({'descriptions': texts} | {k: round(f[k], 3) for k in ('spearman', 'within_2x', 'coverage', 'pinball', 'auc', 'auc_within_activity')}), flush=True)


main()

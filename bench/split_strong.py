#!/usr/bin/env python3
"""Split a ratings file for `marquee evaluate strong` (Liang et al. 2018).

    bench/split_strong.py u.data OUT [--seed 1] [--test-viewers 200] [--positive 4] [--least 5]

Positives are ratings of at least --positive; viewers with fewer than --least of them are left out. --test-viewers
viewers are drawn by seed; of each, 80 % of the titles go to OUT/foldin.tsv and the rest to OUT/test.tsv; all other
viewers' rows go to OUT/train.tsv. Test titles that no training viewer has are left out, as in the paper.
"""
import argparse
import collections
import pathlib
import random
import re


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('ratings')
    p.add_argument('out', type=pathlib.Path)
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--test-viewers', type=int, default=200)
    p.add_argument('--positive', type=float, default=4)
    p.add_argument('--least', type=int, default=5)
    a = p.parse_args()
    rows = collections.defaultdict(list)
    with open(a.ratings, encoding='latin-1') as f:
        for line in f:
            field = re.split(r'::|\t|,', line.strip())
            try:
                value = float(field[2])
            except (ValueError, IndexError):
                continue  # a header
            if value >= a.positive:
                rows[field[0]].append(field[1])
    viewers = sorted(v for v in rows if len(rows[v]) >= a.least)
    rng = random.Random(a.seed)
    test = set(rng.sample(viewers, min(a.test_viewers, len(viewers) // 2)))
    known = {t for v in viewers if v not in test for t in rows[v]}
    a.out.mkdir(parents=True, exist_ok=True)
    with open(a.out / 'train.tsv', 'w') as train, open(a.out / 'foldin.tsv', 'w') as fold, \
            open(a.out / 'test.tsv', 'w') as out:
        for v in viewers:
            if v not in test:
                train.writelines(f'{v}\t{t}\n' for t in rows[v])
                continue
            titles = [t for t in rows[v] if t in known]
            rng.shuffle(titles)
            cut = max(1, round(0.8 * len(titles)))
            fold.writelines(f'{v}\t{t}\n' for t in titles[:cut])
            out.writelines(f'{v}\t{t}\n' for t in titles[cut:])
    print(f'{len(viewers)} viewers, {len(test)} for the test, {len(known)} titles')


if __name__ == '__main__':
    main()

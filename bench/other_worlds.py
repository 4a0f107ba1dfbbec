#!/usr/bin/env python3
"""Services of other functional forms than `marquee simulate`: viewers choose from the whole catalogue, by
popularity times taste times what the moment does, and what that is differs by FORM.

usage: bench/other_worlds.py FORM OUT [--seed N] [--viewers N] [--days N] [--strength X]

FORM
  genre-daypart    each genre has a level at each part of the day, added to the logarithm of the chance
  runtime-daypart  a straight line in minutes whose slope changes from morning to night
  device           each device has genres of its own; the hour says nothing
  mood             each session is drawn to one group of genres, half of the time the last session's; hour and
                   device say nothing
  none             nothing of all this
  popularity       not even taste: popularity alone
  leftovers        the same, and every third play is left half-way and never gone on with

OUT gets titles.csv and events.ndjson, for `import --format titles` and `--format events`.
"""
import argparse
import json
import math
import os
import random
import time

GENRES = ['Drama', 'Comedy', 'Crime', 'Horror', 'Family', 'Documentary', 'SciFi', 'Romance', 'War', 'Music']
DEVICES = ['tv', 'phone', 'desktop']
HOURS = {'morning': (6, 9), 'daytime': (11, 16), 'evening': (18, 21), 'late': (22, 24)}
GROUPS = [(0, 2, 3), (1, 4, 9), (5, 8), (6, 7)]
START = 1777593600  # 2026-05-01T00:00:00Z


def make_titles(rng, n):
    titles = []
    for i in range(n):
        titles.append({'id': 'o-%d' % (i + 1), 'genres': rng.sample(range(len(GENRES)), rng.choice((1, 2, 2, 3))),
                       'minutes': rng.choice((24, 42, 55, 88, 96, 104, 118, 136, 150)),
                       'popular': -0.8 * math.log(i + 5), 'taste': [rng.gauss(0, 1) for _ in range(6)]})
    return titles


def tables(form, rng, titles, strength):
    """cell -> a factor of each title; cells are (daypart, device, group of the mood)."""
    level = {key: [rng.gauss(0, 1) for _ in GENRES] for key in list(HOURS) + DEVICES}
    slope = dict(zip(HOURS, (-1.0, -0.3, 0.3, 1.0)))

    def effect(title, part, device, group):
        if form == 'genre-daypart':
            return sum(level[part][g] for g in title['genres']) / len(title['genres'])
        if form == 'runtime-daypart':
            return slope[part] * (title['minutes'] - 90) / 50
        if form == 'device':
            return sum(level[device][g] for g in title['genres']) / len(title['genres'])
        if form == 'mood':
            return 1.5 if set(title['genres']) & set(GROUPS[group]) else -1.5
        return 0

    return {(p, d, m): [math.exp(strength * effect(t, p, d, m)) for t in titles]
            for p in HOURS for d in DEVICES for m in range(len(GROUPS))}


def clock(at):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))


def play(out, count, viewer, session, title, at, device, whole):
    def event(kind, when, position):
        count[0] += 1
        out.write(json.dumps({'id': 'x-%d' % count[0], 'viewer': viewer, 'kind': kind, 'at': clock(when),
                              'title': title['id'], 'session': '%s-%s' % (session, title['id']),
                              'position_ms': position * 1000,
                              'context': {'device': device, 'timezone': 'UTC', 'country': 'GB'}}) + '\n')
    seconds = title['minutes'] * (60 if whole else 30)
    event('start', at, 0)
    for done in range(600, seconds, 600):
        event('progress', at + done, done)
    event('complete' if whole else 'stop', at + seconds, seconds)
    return seconds


def live(out, count, rng, a, titles, factors, v):
    taste = [rng.gauss(0, 1) for _ in range(6)]
    tasteful = 0 if a.form in ('popularity', 'leftovers') else 0.8
    base = [math.exp(t['popular'] + tasteful * sum(x * y for x, y in zip(taste, t['taste']))) for t in titles]
    parts = [rng.gammavariate(1, 1) for _ in HOURS]
    usual = [rng.gammavariate(0.7, 1) for _ in GROUPS]
    rate, mood = rng.uniform(0.3, 1.5), None
    owned = rng.sample(DEVICES, 2)
    for day in range(a.days):
        if rng.random() >= rate / 1.5:
            continue
        part = rng.choices(list(HOURS), parts)[0]
        device = rng.choice(owned)
        at = START + day * 86400 + int(3600 * rng.uniform(*HOURS[part]))
        if mood is None or rng.random() < 0.5:
            mood = rng.choices(range(len(GROUPS)), usual)[0]
        for k in range(rng.choice((1, 1, 2, 3))):
            by = factors[part, device, mood]
            weights = [x * y for x, y in zip(base, by)]
            i = rng.choices(range(len(titles)), weights)[0]
            base[i] = 0  # once
            whole = a.form != 'leftovers' or rng.random() < 2 / 3
            at += play(out, count, 'w-%d' % (v + 1), 's-%d-%d' % (v, day), titles[i], at, device, whole) + 120


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('form', choices=('genre-daypart', 'runtime-daypart', 'device', 'mood', 'none', 'popularity',
                                         'leftovers'))
    parser.add_argument('out')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--viewers', type=int, default=600)
    parser.add_argument('--titles', type=int, default=400)
    parser.add_argument('--days', type=int, default=40)
    parser.add_argument('--strength', type=float, default=1)
    a = parser.parse_args()
    rng = random.Random(a.seed)
    os.makedirs(a.out, exist_ok=True)
    titles = make_titles(rng, a.titles)
    factors = tables(a.form, rng, titles, a.strength)
    with open(os.path.join(a.out, 'titles.csv'), 'w', encoding='utf-8') as out:
        out.write('id,title,year,kind,genres,runtime_min\n')
        for t in titles:
            out.write('%s,Title %s,2020,film,%s,%d\n' % (t['id'], t['id'], '|'.join(GENRES[g] for g in t['genres']),
                                                         t['minutes']))
    count = [0]
    with open(os.path.join(a.out, 'events.ndjson'), 'w', encoding='utf-8') as out:
        for v in range(a.viewers):
            live(out, count, rng, a, titles, factors, v)
    print('%d events' % count[0])


if __name__ == '__main__':
    main()

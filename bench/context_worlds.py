#!/usr/bin/env python3
"""Services whose viewers choose in ways that neither `marquee simulate` nor other_worlds.py has, with what could be had of them.

usage: bench/context_worlds.py FORM OUT [--seed N] [--viewers N] [--titles N] [--days N] [--strength X] [--shuffled]

FORM
  habits      every viewer has genres of their own at each part of the day; the best of a slate of 40 is taken, as far as it is told
  device      on a phone the chance falls with every minute, on a television it rises; every fifth device is not known
  place       at home and away (told by country) genres have levels; there is no telling by hour or device
  threshold   whatever fits taste and hour well enough is taken as likely as anything else that does
  weekend     weekdays and weekends have lengths and genres of their own; nothing depends on the hour
  ratings     genres by hour, in a service that sends ratings alone
  topics      each session has one of six topics, which titles are mixtures of; genres follow topics loosely
  energy      each session is tired or awake: short and light, or long and dark; an hour's rest in between changes nothing

Strength 0: nothing of it. --shuffled: each viewer's titles are dealt out anew among their plays. OUT gets titles.csv and events.ndjson, for
`import --format titles` and `--format events`. Printed: NDCG@10 and recall@20 at the plays of the last fifth of the time of who knows everything, and of who
knows everything but what the moment (the session) does.
"""
import argparse
import datetime
import json
import math
import os
import random

GENRES = ['Action', 'Comedy', 'Crime', 'Documentary', 'Drama', 'Family', 'Fantasy', 'Horror', 'Mystery', 'Romance', 'Sport', 'Western']
DEVICES = ('tv', 'phone', 'tablet', 'desktop')
DAYPARTS = ((6, 9, 0.2), (11, 16, 0.2), (18, 21, 0.4), (22, 24, 0.2))  # from, to (hours), how often
START = 1772409600  # 2026-03-02T00:00:00Z, a Monday
ZONES = ('Europe/Paris', 'Europe/Paris', 'Europe/London')
TOPICS, DIMENSIONS, SLATE = 6, 5, 40
SESSIONS_OF_SEVERAL = ('topics', 'energy')


def make_titles(rng, n):
    topic_genres = [[rng.gammavariate(0.5, 1) for _ in GENRES] for _ in range(TOPICS)]
    titles = []
    for i in range(n):
        topics = [rng.gammavariate(0.25, 1) + 1e-9 for _ in range(TOPICS)]
        topics = [x / sum(topics) for x in topics]
        genres = set()
        for _ in range(rng.choice((1, 2, 2, 3))):
            z = rng.choices(range(TOPICS), topics)[0]
            genres.add(rng.choices(range(len(GENRES)), topic_genres[z])[0])
        minutes = int(rng.choice((rng.uniform(18, 32), rng.uniform(40, 62), rng.uniform(80, 150), rng.gauss(105, 15))))
        titles.append({'id': 'c%d' % (i + 1), 'genres': sorted(genres), 'minutes': max(minutes, 15), 'topics': topics,
                       'popular': rng.gauss(0, 1.1), 'year': rng.randrange(1970, 2026), 'dark': rng.gauss(0, 1),
                       'taste': [rng.gauss(0, 1) for _ in range(DIMENSIONS)]})
        titles[-1]['dark'] = 0.6 * titles[-1]['dark'] + sum(0.7 if g in (2, 7, 8) else -0.7 if g in (1, 5, 9) else 0 for g in genres)
    return titles


class World:
    def __init__(self, a):
        self.a, self.rng = a, random.Random('%s/%d' % (a.form, a.seed))
        rng = self.rng
        self.titles = make_titles(rng, a.titles)
        self.hour = [[rng.gauss(0, 1) for _ in GENRES] for _ in DAYPARTS]
        self.away = [[rng.gauss(0, 1) for _ in GENRES] for _ in range(2)]
        self.week = [[rng.gauss(0, 0.7) for _ in GENRES] for _ in range(2)]
        self.cache = {}

    def level(self, table, t):
        return sum(table[g] for g in t['genres']) / math.sqrt(len(t['genres']))

    def of_title(self, viewer, cell, t):
        """What the moment (or the session's mood) adds to a title's utility."""
        form, part, device, weekend, away, mood = self.a.form, *cell
        if form == 'habits':
            return self.level(viewer['habits'][part], t)
        if form == 'device':
            slope = {'tv': 0.9, 'desktop': 0.3, 'tablet': -0.6, 'phone': -1.4}[device]
            return slope * (t['minutes'] - 75) / 45
        if form == 'place':
            return self.level(self.away[away], t)
        if form == 'threshold':
            return 1.2 * self.level(self.hour[part], t)
        if form == 'weekend':
            return (1 if weekend else -1) * (t['minutes'] - 75) / 60 + self.level(self.week[weekend], t)
        if form == 'ratings':
            return self.level(self.hour[part], t)
        if form == 'topics':
            return 1.3 * math.log((t['topics'][mood] + 0.03) / 0.2)
        return (-1 if mood == 0 else 1) * (0.8 * (t['minutes'] - 75) / 45 + 0.8 * t['dark'])  # energy

    def effect(self, viewer, cell):
        key = (viewer['n'] if self.a.form == 'habits' else None, self.relevant(cell))
        if key not in self.cache:
            self.cache[key] = [self.a.strength * self.of_title(viewer, cell, t) for t in self.titles]
        return self.cache[key]

    def relevant(self, cell):
        part, device, weekend, away, mood = cell
        return {'habits': part, 'device': device, 'place': away, 'threshold': part, 'weekend': weekend,
                'ratings': part}.get(self.a.form, mood)

    def cells(self):
        n = TOPICS if self.a.form == 'topics' else 2
        return {'habits': [(p, 0, 0, 0, 0) for p in range(4)], 'device': [(0, d, 0, 0, 0) for d in DEVICES],
                'place': [(0, 0, 0, x, 0) for x in (0, 1)], 'threshold': [(p, 0, 0, 0, 0) for p in range(4)],
                'weekend': [(0, 0, x, 0, 0) for x in (0, 1)], 'ratings': [(p, 0, 0, 0, 0) for p in range(4)]}.get(
                    self.a.form, [(0, 0, 0, 0, m) for m in range(n)])

    def worth(self, ground, effect):
        sums = [x + y for x, y in zip(ground, effect)]
        if self.a.form != 'threshold':
            return sums
        bar = sorted(sums)[-max(len(sums) // 12, 1)]  # the best twelfth is good enough
        return [1.5 if x >= bar else -1.5 for x in sums]


def make_viewer(w, v):
    rng = w.rng
    taste = [rng.gauss(0, 1) for _ in range(DIMENSIONS)]
    likes = [rng.gauss(0, 0.5) for _ in GENRES]
    ground = [t['popular'] + 0.6 * sum(x * y for x, y in zip(taste, t['taste'])) + w.level(likes, t) for t in w.titles]
    home = rng.choice(ZONES)
    return {'n': v, 'id': 'p%04d' % v, 'ground': ground, 'home': home, 'rate': rng.uniform(1.5, 6) / 7,
            'habits': [[rng.gauss(0, 1) for _ in GENRES] for _ in DAYPARTS], 'usual': [rng.gammavariate(1, 1) + 0.05 for _ in range(TOPICS)],
            'devices': rng.sample(DEVICES, rng.choice((2, 3)))}


def choose(w, viewer, cell, seen):
    rng = w.rng
    worth = w.worth(viewer['ground'], w.effect(viewer, cell))
    if w.a.form == 'habits':
        by = [0 if i in seen else math.exp(0.7 * t['popular']) for i, t in enumerate(w.titles)]
        slate = set(rng.choices(range(len(by)), by, k=SLATE))
        return max(slate, key=lambda i: worth[i] - math.log(-math.log(rng.random())))
    return rng.choices(range(len(worth)), [0 if i in seen else math.exp(x) for i, x in enumerate(worth)])[0]


def live(w, viewer, plays):
    rng, a, seen = w.rng, w.a, set()
    mood, end = 0, 0
    several = a.form in SESSIONS_OF_SEVERAL
    zone = 60 if viewer['home'].endswith('Paris') else 0
    for day in range(a.days):
        if rng.random() >= viewer['rate'] * (1.5 if (day % 7) > 4 else 0.8):
            continue
        part = rng.choices(range(4), [x[2] for x in DAYPARTS])[0]
        away, device = int(rng.random() < 0.25), rng.choice(viewer['devices'])
        at = START + day * 86400 + int(3600 * rng.uniform(*DAYPARTS[part][:2])) - zone * 60
        at = max(at, end + 4 * 3600)
        mood = rng.choices(range(TOPICS), viewer['usual'])[0] if a.form == 'topics' else int(rng.random() < 0.5)
        for _ in range(rng.choice((2, 3, 3, 4)) if several else rng.choice((1, 1, 2))):
            cell = (part, device, int(day % 7 > 4), away, mood)
            i = choose(w, viewer, cell, seen)
            t = w.titles[i]
            whole = rng.random() < 0.85
            plays.append({'viewer': viewer, 'at': at, 'cell': cell, 'title': i, 'before': len(seen), 'whole': whole})
            seen.add(i)
            at += int(t['minutes'] * 60 * (1 if whole and not several else 0.3)) + rng.randrange(60, 600)
            end = at


def shuffle(w, plays):
    at = {}
    for k, p in enumerate(plays):
        at.setdefault(p['viewer']['n'], []).append(k)
    for ks in at.values():
        dealt = [(plays[k]['title'], plays[k]['whole']) for k in ks]
        w.rng.shuffle(dealt)
        for k, (title, whole) in zip(ks, dealt):
            plays[k]['title'], plays[k]['whole'] = title, whole


def clock(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def tell(w, n, p, out):
    t, viewer = w.titles[p['title']], p['viewer']
    part, device, _, away, _ = p['cell']
    context = {'timezone': viewer['home'], 'country': ('BE' if away else 'FR') if viewer['home'].endswith('Paris') else ('IE' if away else 'GB')}
    if w.a.form != 'device' or w.rng.random() < 0.8:
        context['device'] = device
    def event(kind, at, **more):
        out.write(json.dumps({'id': 'n%d-%s' % (n, kind), 'viewer': viewer['id'], 'kind': kind, 'at': clock(at), 'title': t['id'],
                              'context': context, **more}) + '\n')
    if w.a.form == 'ratings':
        event('rating', p['at'], value=5 if p['whole'] else 2)
        return
    seconds = int(t['minutes'] * 60 * (0.97 if p['whole'] else w.rng.uniform(0.03, 0.3)))
    event('start', p['at'], session='s%d' % n, position_ms=0)
    event('complete' if p['whole'] else 'stop', p['at'] + seconds, session='s%d' % n, position_ms=seconds * 1000)


def could(w, plays):
    """[NDCG@10, recall@20] of who knows everything; of who does not know what the moment does."""
    sums, n, seen, cut = [[0, 0], [0, 0]], 0, {}, START + w.a.days * 86400 * 4 // 5
    for p in sorted(plays, key=lambda x: x['at']):
        met = seen.setdefault(p['viewer']['n'], set())
        if p['at'] >= cut and len(met) >= 5 and p['whole'] and n < 1500:
            n += 1
            ground = p['viewer']['ground']
            usual = [math.log(sum(math.exp(x) for x in xs)) for xs in zip(*(w.effect(p['viewer'], c) for c in w.cells()))]
            for k, effect in enumerate((w.effect(p['viewer'], p['cell']), usual)):
                worth = [x + y for x, y in zip(ground, effect)]
                above = sum(x > worth[p['title']] and i not in met for i, x in enumerate(worth))
                sums[k][0] += 1 / math.log2(above + 2) if above < 10 else 0
                sums[k][1] += above < 20
        met.add(p['title'])
    return n, [[x / max(n, 1) for x in s] for s in sums]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('form', choices=('habits', 'device', 'place', 'threshold', 'weekend', 'ratings', 'topics', 'energy'))
    parser.add_argument('out')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--viewers', type=int, default=400)
    parser.add_argument('--titles', type=int, default=500)
    parser.add_argument('--days', type=int, default=60)
    parser.add_argument('--strength', type=float, default=1)
    parser.add_argument('--shuffled', action='store_true')
    a = parser.parse_args()
    w, plays = World(a), []
    for v in range(a.viewers):
        live(w, make_viewer(w, v), plays)
    if a.shuffled:
        shuffle(w, plays)
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, 'titles.csv'), 'w', encoding='utf-8') as out:
        out.write('title_id,title,year,kind,genres,runtime_min\n')
        for t in w.titles:
            out.write('%s,Film %s,%d,film,%s,%d\n' % (t['id'], t['id'][1:], t['year'], '|'.join(GENRES[g] for g in t['genres']), t['minutes']))
    with open(os.path.join(a.out, 'events.ndjson'), 'w', encoding='utf-8') as out:
        for n, p in enumerate(sorted(plays, key=lambda x: x['at'])):
            tell(w, n, p, out)
    n, (told, usual) = could(w, plays)
    print('%d plays; of %d: told %.4f %.4f, told all but the moment %.4f %.4f, gain %+.4f %+.4f' %
          (len(plays), n, *told, *usual, told[0] - usual[0], told[1] - usual[1]))


if __name__ == '__main__':
    main()

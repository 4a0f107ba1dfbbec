#!/usr/bin/env python3
"""Forecasts of launches that then came, in simulated services, against what came.

    bench/forecast_truth.py build/marquee --seeds 21,22,23,24,25,26,27,28,29,30 --viewers 600 --titles 1000 --days 90 --later 3

Each world is forecast as of its middle; what is launched after it, and early enough that its 28 days are in the log, is asked for as a
concept. A table of rows, all of the same launches:

  forecast           as marquee gives it
  launch_median      the median of the launches before, with their P10 and P90
  genre_median       ... times what the median of the title's genres has over that of all titles (of several genres the mean)
  director_history   ... times what the director's other titles have over it (nobody's: the median); no interval
  comparables        ... times what the ten most alike have over it; no interval
  permuted_credits   the forecast where each title has the credits of another
  no_credits         ... and where nobody has any

Columns: rank correlation with who came within 28 days, its mean within worlds, median of abs(P50 - came) / came, root of the mean
squared difference of logs, share within a factor of two, share within P10 to P90 (and of the lowest, middle and highest
third of the forecasts), mean pinball loss of P10, P50 and P90 on logs, with its standard error over worlds. `would_like`: rank correlation with how many would like
it (the truth's), which no row is made for.
"""
import argparse
import csv
import datetime
import json
import math
import pathlib
import random
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict

PLAYBACK = {'start', 'play', 'pause', 'progress', 'seek', 'buffer_start', 'buffer_end', 'stop', 'complete', 'rating', 'thumb'}
DAY = datetime.timedelta(days=1)


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    ret = [0.0] * len(values)
    i = 0
    while i < len(order):
        k = i
        while k + 1 < len(order) and values[order[k + 1]] == values[order[i]]:
            k += 1
        for j in range(i, k + 1):
            ret[order[j]] = (i + k) / 2
        i = k + 1
    return ret


def spearman(a, b):
    a, b = ranks(a), ranks(b)
    m = (len(a) - 1) / 2
    top = sum((x - m) * (y - m) for x, y in zip(a, b))
    size = (sum((x - m) ** 2 for x in a) * sum((y - m) ** 2 for y in b)) ** 0.5
    return top / size if size else float('nan')


def instant(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))


def concepts(world, credits_table):
    """The records of titles as concepts, by id."""
    credits = defaultdict(list)
    for row in csv.DictReader(open(credits_table, encoding='utf-8')):
        credits[row['id']].append({'role': row['role'], 'billing': int(row['billing']), 'person': row['person']})
    ret = {}
    for row in csv.DictReader(open(world / 'titles.csv', encoding='utf-8')):
        c = {'title': row['title'], 'kind': row['kind'], 'genres': [g for g in row['genres'].split('|') if g],
             'tags': [t for t in row['tags'].split('|') if t], 'country': row['country'].split('|')[0], 'language': row['language'],
             'runtime_min': int(row['runtime_min']), 'year': int(row['year']), 'credits': credits[row['id']]}
        ret[row['id']] = {k: v for k, v in c.items() if v or k == 'credits'}
    return ret


def first_viewings(world):
    """Of each title, when each of its viewers first met it."""
    seen = defaultdict(dict)
    for line in open(world / 'events.ndjson', encoding='utf-8'):
        e = json.loads(line)
        if e['kind'] in PLAYBACK:
            seen[e['title']].setdefault(e['viewer'], instant(e['at']))
    return seen


def within(seen, at, days):
    return sum(x < at + days * DAY for x in seen.values())


def serve(marquee, data):
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    process = subprocess.Popen([marquee, 'serve', '--data', data, '--listen', f'127.0.0.1:{port}'],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f'http://127.0.0.1:{port}'
    for _ in range(300):
        try:
            urllib.request.urlopen(url + '/readyz', timeout=5)
            return process, url
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise SystemExit('the server did not start')


def post(url, body):
    request = urllib.request.Request(url, data=json.dumps(body).encode(), method='POST')
    try:
        return json.load(urllib.request.urlopen(request, timeout=1800))
    except urllib.error.HTTPError as e:
        raise SystemExit(f'{url}: {e.read().decode()}') from e


# --- baselines, from what was known in the middle ---

def quantile(values, q):
    values = sorted(values)
    at = q * (len(values) - 1)
    low = int(at)
    return values[low] + (at - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def words_of(c):
    return ([('g', g) for g in c.get('genres', [])] + [('t', t) for t in c.get('tags', [])] + [('c', c.get('country')), ('l', c.get('language'))] +
            [(x['role'], x['person']) for x in c['credits']])


class Known:
    """Logs of audiences of titles until `middle`, and of the launches before it whose 28 days are over."""

    def __init__(self, records, seen, launches, middle):
        self.size = {}
        for t, c in records.items():
            n = sum(at < middle for at in seen[t].values())
            if n:
                self.size[t] = math.log(n)
        self.records = records
        self.all = quantile(self.size.values(), 0.5)
        past = [math.log(max(1, within(seen[t], at, 28))) for t, at in launches.items() if at <= middle - 28 * DAY]
        self.launch = [quantile(past, q) for q in (0.1, 0.5, 0.9)]
        self.genre, self.director, df = defaultdict(list), defaultdict(list), Counter()
        for t, n in self.size.items():
            for g in records[t].get('genres', []):
                self.genre[g].append(n)
            for x in records[t]['credits']:
                if x['role'] == 'director':
                    self.director[x['person']].append(n)
            df.update(set(words_of(records[t])))
        self.rarity = {w: math.log(len(self.size) / n) for w, n in df.items()}
        self.vector = {t: self.weighted(records[t]) for t in self.size}

    def weighted(self, c):
        v = {w: self.rarity.get(w, 0) for w in set(words_of(c))}
        length = math.sqrt(sum(x * x for x in v.values())) or 1
        return {w: x / length for w, x in v.items()}

    def shifted(self, more):
        return {'p10': math.exp(self.launch[0] + more), 'p50': math.exp(self.launch[1] + more), 'p90': math.exp(self.launch[2] + more)}

    def of(self, c):
        medians = [quantile(self.genre[g], 0.5) for g in c.get('genres', []) if self.genre[g]]
        others = [n for x in c['credits'] if x['role'] == 'director' for n in self.director[x['person']]]
        mine = self.weighted(c)
        near = sorted(self.vector, key=lambda t: -sum(x * self.vector[t].get(w, 0) for w, x in mine.items()))[:10]
        mean = lambda v: sum(v) / len(v) if v else self.all
        plain = lambda v: {'p50': self.shifted(mean(v) - self.all)['p50']}
        return {'launch_median': self.shifted(0), 'genre_median': self.shifted(mean(medians) - self.all), 'director_history': plain(others),
                'comparables': plain([self.size[t] for t in near])}


# --- one world ---

def written(world, credits, seed):
    """Credits as they are, of other titles (permuted) or of none: where the table lies."""
    rows = list(csv.DictReader(open(world / 'credits.csv', encoding='utf-8')))
    if credits == 'as they are':
        return world / 'credits.csv'
    ids = sorted({r['id'] for r in rows})
    other = dict(zip(ids, random.Random(seed).sample(ids, len(ids))))
    to = world / f'{credits}.csv'
    with open(to, 'w', newline='', encoding='utf-8') as f:
        w = csv.DictWriter(f, fieldnames=rows[0].keys())
        w.writeheader()
        for r in rows if credits == 'permuted' else []:
            w.writerow({**r, 'id': other[r['id']]})
    return to


def ask(marquee, world, data, credits, table, records, asked, middle):
    run = lambda *a: subprocess.run([marquee, *map(str, a)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not data.exists():
        for form, name in (('titles', world / 'titles.csv'), ('credits', table), ('events', world / 'events.ndjson')):
            if credits != 'no' or form != 'credits':
                run('import', '--format', form, name, '--data', data)
    process, url = serve(marquee, data)
    as_of = middle.strftime('%Y-%m-%dT%H:%M:%SZ')
    try:
        return {t: post(f'{url}/v1/strategy/forecast?as_of={as_of}', records[t]) for t in asked}
    finally:
        process.terminate()
        process.wait()


def one(marquee, seed, o, folder):
    world = folder / 'world'
    if not world.exists():
        subprocess.run([marquee, 'simulate', '--viewers', str(o.viewers), '--titles', str(o.titles), '--days', str(o.days), '--seed', seed, '--later', str(o.later), '--heartbeat', '3600',
                        '--affinity', '1', '--opportunity', '1', '--out', world], check=True, stdout=subprocess.DEVNULL)
    truth = json.load(open(world / 'truth.json', encoding='utf-8'))
    end = instant('2026-06-30T00:00:00Z')
    middle = end - o.days / 2 * DAY
    launches = {x['title']: instant(x['launch']) for x in truth['launches']}
    liked = {x['title']: x['would_like'] for x in truth['launches']}
    asked = [t for t, at in launches.items() if middle <= at <= end - 28 * DAY]
    seen = first_viewings(world)
    rows = {t: {'seed': seed, 'came': within(seen[t], launches[t], 28), 'would_like': liked[t]} for t in asked}
    known = None
    for row, credits in (('forecast', 'as they are'), ('permuted_credits', 'permuted'), ('no_credits', 'no'))[:1 if o.no_controls else 3]:
        table = written(world, credits, seed)
        records = concepts(world, table)
        known = known or Known(records, seen, launches, middle)
        for t, f in ask(marquee, world, folder / row, credits, table, records, asked, middle).items():
            if not f['support']['refused']:
                rows[t][row] = f['viewers_28d']
                if row == 'forecast':
                    rows[t]['launches'] = f['decay']['launches']
    for t in asked:
        rows[t].update(known.of(concepts(world, world / 'credits.csv')[t]))
    return [r for r in rows.values() if 'forecast' in r and r['came'] > 0]


# --- figures ---

def pinball(f, y):
    loss = lambda q, v: max(q * (y - v), (q - 1) * (y - v))
    return sum(loss(q, math.log(f[k])) for q, k in ((0.1, 'p10'), (0.5, 'p50'), (0.9, 'p90'))) / 3


def figures(rows, kind):
    rows = [r for r in rows if kind in r]
    if not rows:
        return None
    said, came = [r[kind]['p50'] for r in rows], [r['came'] for r in rows]
    logs = [math.log(a / b) for a, b in zip(came, said)]
    worlds = defaultdict(list)
    for r in rows:
        worlds[r['seed']].append(r)
    each = [spearman([r[kind]['p50'] for r in w], [r['came'] for r in w]) for w in worlds.values() if len(w) > 2]
    each = [x for x in each if not math.isnan(x)]
    ret = {'launches': len(rows), 'spearman': spearman(said, came), 'within_worlds': sum(each) / len(each) if each else None,
           'mdape': quantile([abs(a - b) / b for a, b in zip(said, came)], 0.5), 'rmsle': math.sqrt(sum(x * x for x in logs) / len(logs)),
           'within_2x': sum(abs(x) <= math.log(2) for x in logs) / len(logs), 'would_like': spearman(said, [r['would_like'] for r in rows])}
    if 'p10' in rows[0][kind]:
        inside = lambda l: sum(r[kind]['p10'] <= r['came'] <= r[kind]['p90'] for r in l) / max(1, len(l))
        thirds = sorted(rows, key=lambda r: r[kind]['p50'])
        cut = [thirds[i * len(thirds) // 3:(i + 1) * len(thirds) // 3] for i in range(3)]
        losses = [sum(pinball(r[kind], math.log(r['came'])) for r in w) / len(w) for w in worlds.values()]
        ret |= {'coverage': inside(rows), 'coverage_by_third': [round(inside(c), 3) for c in cut],
                'pinball': sum(pinball(r[kind], math.log(r['came'])) for r in rows) / len(rows),
                'pinball_se': statistics.stdev(losses) / math.sqrt(len(losses)) if len(losses) > 1 else None}
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in ret.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('marquee')
    p.add_argument('--seeds', default='1,2,3')
    p.add_argument('--no-controls', action='store_true')
    p.add_argument('--keep', help='a folder in which worlds and their data stay for the next run')
    for name, usual in (('viewers', 1000), ('titles', 1500), ('days', 120), ('later', 5)):
        p.add_argument('--' + name, type=int, default=usual)
    o = p.parse_args()
    rows = []
    for seed in o.seeds.split(','):
        with tempfile.TemporaryDirectory() as folder:
            got = one(o.marquee, seed, o, pathlib.Path(o.keep or folder) / seed)
        print(json.dumps({'seed': seed, 'learnt_from': got[0]['launches'] if got else 0, **(figures(got, 'forecast') or {})}), flush=True)
        rows += got
    for kind in ('forecast', 'launch_median', 'genre_median', 'director_history', 'comparables', 'permuted_credits', 'no_credits'):
        print(json.dumps({'row': kind, **(figures(rows, kind) or {})}))
    print(json.dumps({'came_and_would_like': round(spearman([r['came'] for r in rows], [r['would_like'] for r in rows]), 3)}))


main()

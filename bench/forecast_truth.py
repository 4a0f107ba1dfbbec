#!/usr/bin/env python3
"""Forecasts of launches of simulated services, from what was known half way through, against the truth: how many would like each
(`would_like` of truth.json, whether or not they come across it) and how many came within 28 days.

usage: bench/forecast_truth.py MARQUEE [--seeds 1,2,3] [--viewers N] [--titles N] [--days N] [--later N]

One fit per service, as of the middle; each later launch is then asked for as a concept: its record without its number of viewers. Printed
is one line per service and one of all of them, Spearman's correlations: `came` of the forecast with who came, `would_like` of the forecast
with who would, `bound` of those who came with those who would (no forecast from audiences can know more of liking), and the share of who came
within P10 to P90.
"""
import argparse
import csv
import datetime
import json
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict

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


def concepts(world):
    """The records of titles as concepts, by id."""
    credits = defaultdict(list)
    for row in csv.DictReader(open(world / 'credits.csv', encoding='utf-8')):
        credits[row['id']].append({'role': row['role'], 'billing': int(row['billing']), 'person': row['person']})
    ret = {}
    for row in csv.DictReader(open(world / 'titles.csv', encoding='utf-8')):
        c = {'title': row['title'], 'kind': row['kind'], 'genres': [g for g in row['genres'].split('|') if g],
             'tags': [t for t in row['tags'].split('|') if t], 'country': row['country'].split('|')[0], 'language': row['language'],
             'runtime_min': int(row['runtime_min']), 'year': int(row['year']), 'credits': credits[row['id']]}
        ret[row['id']] = {k: v for k, v in c.items() if v}
    return ret


def came(world, launches):
    """Viewers within 28 days of each launch."""
    seen = defaultdict(set)
    for line in open(world / 'events.ndjson', encoding='utf-8'):
        e = json.loads(line)
        at = launches.get(e.get('title'))
        if at and e['kind'] in PLAYBACK and instant(e['at']) < at + 28 * DAY:
            seen[e['title']].add(e['viewer'])
    return {t: len(seen[t]) for t in launches}


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


def one(marquee, seed, o, folder):
    world, data = folder / 'world', folder / 'data'
    run = lambda *a: subprocess.run([marquee, *map(str, a)], check=True, stdout=subprocess.DEVNULL)
    run('simulate', '--viewers', o.viewers, '--titles', o.titles, '--days', o.days, '--seed', seed, '--later', o.later,
        '--affinity', 1, '--opportunity', 1, '--out', world)
    for form, name in (('titles', 'titles.csv'), ('credits', 'credits.csv'), ('events', 'events.ndjson')):
        run('import', '--format', form, world / name, '--data', data)
    truth = json.load(open(world / 'truth.json', encoding='utf-8'))
    end = instant('2026-06-30T00:00:00Z')
    middle = end - o.days / 2 * DAY
    asked = {x['title']: x for x in truth['launches'] if middle <= instant(x['launch']) <= end - 28 * DAY}
    viewers = came(world, {t: instant(x['launch']) for t, x in asked.items()})
    records = concepts(world)
    process, url = serve(marquee, data)
    as_of = middle.strftime('%Y-%m-%dT%H:%M:%SZ')
    rows = []
    try:
        for t in asked:
            f = post(f'{url}/v1/strategy/forecast?as_of={as_of}', records[t])
            if not f['support']['refused']:
                rows.append((f['viewers_28d'], asked[t]['would_like'], viewers[t]))
    finally:
        process.terminate()
        process.wait()
    return rows


def tell(name, rows):
    p50, like, here = [r[0]['p50'] for r in rows], [r[1] for r in rows], [r[2] for r in rows]
    inside = sum(r[0]['p10'] <= r[2] <= r[0]['p90'] for r in rows) / max(1, len(rows))
    print(json.dumps({'seed': name, 'launches': len(rows), 'came': round(spearman(p50, here), 3),
                      'would_like': round(spearman(p50, like), 3), 'bound': round(spearman(here, like), 3),
                      'coverage': round(inside, 3), 'forecast_over_came': round(sum(p50) / max(1, sum(here)), 2)}), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('marquee')
    p.add_argument('--seeds', default='1,2,3')
    for name, usual in (('viewers', 1000), ('titles', 1500), ('days', 120), ('later', 5)):
        p.add_argument('--' + name, type=int, default=usual)
    o = p.parse_args()
    rows = []
    for seed in o.seeds.split(','):
        with tempfile.TemporaryDirectory() as folder:
            got = one(o.marquee, seed, o, pathlib.Path(folder))
        tell(seed, got)
        rows += got
    tell('all', rows)


main()

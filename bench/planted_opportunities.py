#!/usr/bin/env python3
"""Where does a planted opportunity stand in the list? One simulated service per seed, imported and searched.

usage: bench/planted_opportunities.py plain|confounded|null SEED... [--viewers N]      MARQUEE=build/marquee

Prints for each world how many were listed, the place of the first with the planted maker, lead and theme, and of the first with both people and the theme
or one of its titles (a title may stand as a theme). Null: nothing is planted and everybody thinks alike; whatever is listed is false.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

MARQUEE = os.environ.get('MARQUEE', 'build/marquee')
KINDS = {'plain': ['--opportunity', '1'], 'confounded': ['--opportunity', '1', '--confounded'], 'null': ['--null']}


def run(*words):
    done = subprocess.run([MARQUEE, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def service(folder, kind, seed, viewers):
    run('simulate', '--viewers', str(viewers), '--heartbeat', '3600', '--seed', str(seed), *KINDS[kind], '--out', folder)
    data = os.path.join(folder, 'data')
    for form, name in (('titles', 'titles.csv'), ('credits', 'credits.csv'), ('events', 'events.ndjson')):
        run('import', '--data', data, '--format', form, os.path.join(folder, name))
    return json.loads(run('strategy', 'opportunities', '--data', data, '--json'))


def place(found, planted, names):
    """Of the first with all three, and of the first in which a title of the theme may stand for it; None: not listed."""
    exact = near = None
    for i, o in enumerate(found, 1):
        people = o['maker']['name'] == planted['maker_name'] and o['lead']['name'] == planted['actor_name']
        theme = o['theme']['name'] == planted['theme']
        if people and theme:
            exact = exact or i
        if people and (theme or o['theme']['name'] in names):
            near = near or i
    return exact, near


def look(kind, seed, viewers):
    folder = tempfile.mkdtemp(prefix='marquee-planted-')
    try:
        answer = service(folder, kind, seed, viewers)
        found = answer['opportunities']
        line = f'{kind} seed {seed}: {len(found)} listed'
        if kind != 'null':
            with open(os.path.join(folder, 'truth.json')) as f:
                planted = json.load(f)['opportunity']
            with open(os.path.join(folder, 'titles.csv')) as f:
                names = {r['title'] for r in csv.DictReader(f) if r['id'] in set(planted['theme_titles'])}
            exact, near = place(found, planted, names)
            line += (f'; {planted["maker_name"]} x {planted["actor_name"]} x {planted["theme"]} ({len(planted["theme_titles"])} titles): '
                     f'place {exact or "-"}, with titles of the theme {near or "-"}')
        print(line, flush=True)
    finally:
        shutil.rmtree(folder)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('kind', choices=KINDS)
    p.add_argument('seeds', type=int, nargs='+')
    p.add_argument('--viewers', type=int, default=4000)
    a = p.parse_args()
    for seed in a.seeds:
        look(a.kind, seed, a.viewers)


if __name__ == '__main__':
    main()

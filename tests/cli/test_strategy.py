#!/usr/bin/env python3
"""What to make: opportunities and what follows from them, as a user asks. Usage: test_strategy.py MARQUEE"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

MARQUEE = None


def run(*args, data=None, check=None, env=None):
    env = dict(os.environ, MARQUEE_DATA=str(data) if data else '/nonexistent', **(env or {}))
    p = subprocess.run([MARQUEE, *map(str, args)], env=env, capture_output=True, text=True, timeout=550)
    if check is not None and p.returncode != check:
        raise AssertionError(f'{args}: exit {p.returncode}, not {check}\n{p.stdout}\n{p.stderr}')
    return p


def ask(*args, data):
    out = run(*args, '--json', data=data, check=0).stdout
    assert out.count('\n') == 1, 'one object on one line'
    return json.loads(out)


def world(to, *options):
    """A simulated service, imported. Returns its truth."""
    run('simulate', '--out', to, *options, check=0)
    for form, name in (('titles', 'titles.csv'), ('credits', 'credits.csv'), ('events', 'events.ndjson')):
        run('import', '--format', form, to / name, data=to / 'data', check=0)
    return json.loads((to / 'truth.json').read_text())


class Planted(unittest.TestCase):
    """A service with a title that nobody made and many would watch."""

    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix='marquee-strategy-'))
        cls.truth = world(cls.dir / 'w', '--viewers', 2000, '--opportunity', 1, '--seed', 1)
        cls.data = cls.dir / 'w' / 'data'

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def test_the_planted_title_is_found(self):
        told = self.truth['opportunity']
        o = ask('strategy', 'opportunities', '--n', 5, data=self.data)
        found = [x for x in o['opportunities'] if x['maker']['name'] == told['maker_name'] and
                 x['lead']['name'] == told['actor_name'] and x['theme']['name'] == told['theme']]
        self.assertEqual(len(found), 1, 'the planted one is among the first five')
        x = found[0]
        self.assertGreater(x['weakest'], o['strongest_shuffled'])
        self.assertGreaterEqual(x['without_one']['weakest'], 1)
        self.assertEqual(x['supply'], {'all': 0, 'two': 0})
        self.assertGreater(x['viewers'], x['expected'])
        self.assertGreater(x['excess'] or 0, 0) if x['excess'] is not None else None
        self.assertGreater(x['people']['odds_ratio_low'], 1)
        self.assertEqual(x['concept']['tags'], [told['theme']])
        self.assertFalse(x['forecast']['support']['refused'])
        f = x['forecast']['viewers_28d']
        self.assertTrue(0 < f['p10'] <= f['p50'] <= f['p90'])
        text = f'{told["actor_name"]} {told["theme"]}'.lower()
        self.assertIn(text, [s['text'] for s in o['searches']], 'who searched in vain is an input')
        self.assertGreaterEqual(x['searched'], 50)

    def test_the_concept_of_a_find_can_be_forecast(self):
        o = ask('strategy', 'opportunities', '--n', 1, '--no-forecast', '--shuffles', 2, data=self.data)
        file = self.dir / 'concept.json'
        file.write_text(json.dumps(o['opportunities'][0]['concept']))
        f = ask('strategy', 'forecast', file, data=self.data)
        self.assertFalse(f['support']['refused'])

    def test_words_for_people(self):
        out = run('strategy', 'opportunities', '--n', 1, '--shuffles', 2, data=self.data, check=0).stdout
        self.assertIn('want all three', out)
        self.assertIn("Winner's curse", out)

    def test_bad_input(self):
        for args, says in ((('--floor', 5), 'never shown'), (('--n', 5000), 'at most'), (('--as-of', 'soon'), 'as_of'),
                           (('--shuffles', 1000), 'at most')):
            p = run('strategy', 'opportunities', *args, data=self.data, check=1)
            self.assertIn(says, p.stderr)
        run('strategy', 'opportunities', 'more', data=self.data, check=2)


class Chance(unittest.TestCase):
    def test_nothing_is_found_where_nothing_is(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='marquee-chance-'))
        try:
            world(folder, '--viewers', 1200, '--null', '--seed', 3)
            o = ask('strategy', 'opportunities', data=folder / 'data')
            self.assertEqual(o['opportunities'], [])
            self.assertGreater(o['tested'], 1000)
        finally:
            shutil.rmtree(folder)


if __name__ == '__main__':
    MARQUEE = sys.argv.pop(1)
    unittest.main(verbosity=1)

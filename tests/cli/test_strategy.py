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
import urllib.request

MARQUEE = None
DATA = pathlib.Path(os.environ.get('MARQUEE_SHARED_DATA', '/nonexistent'))


def run(*args, data=None, check=None, env=None):
    env = dict(os.environ, MARQUEE_DATA=str(data) if data else '/nonexistent', **(env or {}))
    p = subprocess.run([MARQUEE, *map(str, args)], env=env, capture_output=True, text=True, timeout=2000)
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


def serve(data):
    """A server and where it is."""
    p = subprocess.Popen([MARQUEE, 'serve', '--data', str(data), '--listen', '127.0.0.1:0'], stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)
    url, said = None, []
    for line in p.stderr:
        said.append(line)
        if 'listening on' in line:
            url = f'http://127.0.0.1:{int(line.rsplit(":", 1)[1])}'
        if line.strip() == 'marquee: ready':
            return p, url
    raise AssertionError(f'the server did not start: {said}')


def post(url, body=None):
    request = urllib.request.Request(url, data=json.dumps(body).encode() if body else b'', method='POST',
                                     headers={'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=2000) as answer:
        return json.load(answer)


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
        unasked = self.dir / 'unasked'  # what other tests asked about groups near these would withhold figures
        shutil.copytree(self.data, unasked)
        (unasked / 'audiences.asked').unlink(missing_ok=True)
        o = ask('strategy', 'opportunities', '--n', 5, data=unasked)
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

    def page(self, file):
        """A page for a meeting: whole, of our own elements, nothing loaded, no script."""
        from html.parser import HTMLParser
        seen, loads = set(), []

        class Reader(HTMLParser):
            def handle_starttag(self, tag, attrs):
                seen.add(tag)
                loads.extend(v for k, v in attrs if k in ('src', 'href', 'srcset', 'style') or k.startswith('on'))
        text = file.read_text(encoding='utf-8')
        Reader().feed(text)
        self.assertTrue(text.endswith('</html>\n'))
        self.assertFalse(seen & {'script', 'img', 'link', 'iframe', 'object', 'a'}, seen)
        self.assertEqual(loads, [])
        self.assertNotRegex(text, r'\b(nan|inf)\b')
        return text, seen

    def test_the_concept_of_a_find_can_be_forecast(self):
        pages = self.dir / 'o.html', self.dir / 'f.html'
        o = ask('strategy', 'opportunities', '--n', 1, '--no-forecast', '--shuffles', 2, '--html', pages[0], data=self.data)
        text, seen = self.page(pages[0])
        self.assertIn(str(o['opportunities'][0]['lead']['name']).split()[-1], text)
        self.assertIn('h2', seen)
        file = self.dir / 'concept.json'
        file.write_text(json.dumps(o['opportunities'][0]['concept']))
        f = ask('strategy', 'forecast', file, '--html', pages[1], data=self.data)
        self.assertFalse(f['support']['refused'])
        text, seen = self.page(pages[1])
        self.assertTrue({'svg', 'table', 'polygon'} <= seen)
        self.assertIn('concept.json', text)
        self.assertIn('--html', run('strategy', 'ledger', '--html', 'x', data=self.data, check=2).stderr)

    def test_a_kept_fit_says_what_a_new_one_says(self):
        told = self.truth['opportunity']
        concept = {'title': 'It', 'genres': ['Drama'], 'credits': [{'role': 'director', 'person': told['maker_name']}]}
        path = self.dir / 'kept.json'
        path.write_text(json.dumps(concept))
        data = self.dir / 'kept'
        shutil.copytree(self.data, data)
        new = ask('strategy', 'forecast', path, data=data)
        server, url = serve(data)
        try:
            fit = post(url + '/v1/strategy/fit')
            self.assertTrue(fit['made'] and fit['titles'] > 300 and fit['behind'] == 0)
            self.assertFalse(post(url + '/v1/strategy/fit')['made'])
            other = post(url + '/v1/strategy/forecast', {'title': 'Another', 'genres': ['Comedy']})
            kept = post(url + '/v1/strategy/forecast', concept)
            self.assertEqual(json.dumps(kept), json.dumps(new))  # to the last digit, in the same order
            self.assertNotEqual(other['viewers_28d'], kept['viewers_28d'])
            self.assertEqual(kept['log_seq'], fit['log_seq'])
            post(url + '/v1/events', {'viewer': 'somebody-new', 'kind': 'start', 'title': 't-1', 'at': '2026-06-29T00:00:00Z'})
            later = post(url + '/v1/strategy/forecast', concept)
            self.assertTrue(later['behind'] > 0 and not later['due'])
            self.assertEqual(later['viewers_28d'], new['viewers_28d'])
        finally:
            server.terminate()
            server.wait(240)
            server.stderr.close()

    def test_a_dossier_is_there_before_the_pitch(self):
        told = self.truth['opportunity']
        out = run('strategy', 'opportunities', '--n', 3, '--shuffles', 2, '--as-of', '2026-06-20T00:00:00Z', '--store',
                  data=self.data, check=0).stdout
        self.assertIn('want all three', out)
        self.assertIn("Winner's curse", out)
        pitch = self.dir / 'pitch.json'
        pitch.write_text(json.dumps({'title': 'It', 'tags': [told['theme'].upper()], 'credits': [
            {'role': 'director', 'person': told['maker_name'].lower()}, {'role': 'actor', 'person': told['actor_name']}]}))
        p = ask('strategy', 'pitch', pitch, '--at', '2026-06-25T00:00:00Z', data=self.data)
        self.assertTrue(p['found'])
        best = p['matches'][0]
        self.assertEqual(best['matched'], ['maker', 'lead', 'theme'])
        self.assertEqual(best['as_of'], '2026-06-20T00:00:00Z')
        self.assertTrue(best['made'] > best['as_of'])
        early = ask('strategy', 'pitch', pitch, '--at', '2026-06-19T00:00:00Z', data=self.data)
        self.assertFalse(early['found'], 'nothing was known the day before')
        self.the_ledger_scores_it(told, best)

    def the_ledger_scores_it(self, told, dossier):
        """The title comes, is watched, and is held against the promise."""
        data = self.dir / 'later'
        shutil.copytree(self.data, data)
        self.assertEqual(ask('strategy', 'ledger', data=data)['outcomes'], [])
        (self.dir / 'new.csv').write_text(f'id,title,release_date,tags\nnew-1,It,2026-07-01,{told["theme"]}\n')
        (self.dir / 'new-credits.csv').write_text(f'id,role,billing,person,person_id\nnew-1,director,1,{told["maker_name"]},{told["maker"]}\n'
                                                  f'new-1,actor,1,{told["actor_name"]},{told["actor"]}\n')
        events = [{'id': f'n{v}', 'viewer': f'v-{v}', 'kind': 'rating', 'value': 5, 'title': 'new-1',
                   'at': f'2026-07-{1 + v % 28:02}T12:00:00Z'} for v in range(1, 101)]
        events.append({'id': 'late', 'viewer': 'v-1', 'kind': 'rating', 'value': 5, 'title': 't-1', 'at': '2026-08-20T12:00:00Z'})
        (self.dir / 'new.ndjson').write_text('\n'.join(map(json.dumps, events)))
        for form, name in (('titles', 'new.csv'), ('credits', 'new-credits.csv'), ('events', 'new.ndjson')):
            run('import', '--format', form, self.dir / name, data=data, check=0)
        ledger = ask('strategy', 'ledger', data=data)
        mine = [o for o in ledger['outcomes'] if o['dossier'] == dossier['dossier']]
        self.assertEqual([o['actual_28d'] for o in mine], [100])
        f = mine[0]['viewers_28d']
        self.assertEqual(ledger['coverage'], float(f['p10'] <= 100 <= f['p90']))
        self.assertIn('came 100', run('strategy', 'ledger', data=data, check=0).stdout)

    def test_opportunities_of_the_past_are_held_against_what_came(self):
        t = ask('strategy', 'retro-test', '--window', 20, '--every', 20, '--floor', 20, data=self.data)
        self.assertEqual((t['window_days'], t['every_days'], t['floor']), (20, 20, 20))
        self.assertGreaterEqual(t['days'], 1)
        for side in (t['found'], t['shuffled']):
            self.assertLessEqual(side['whole'], side['matches'])
            self.assertLessEqual(side['titles'], side['matches'])
            for over in (side['over_like_titles'], side['over_one_part']):
                if over['matches']:
                    self.assertTrue(over['low'] <= over['factor'] <= over['high'])
                else:
                    self.assertIsNone(over['factor'])
        out = run('strategy', 'retro-test', '--window', 20, '--every', 20, data=self.data, check=0).stdout
        self.assertIn('Control: the same search with likes shuffled', out)
        for options, says in ((('--window', 5000), 'longer log'), (('--every', 1, '--window', 1, '--from', '2020-01-01'), 'larger --every'),
                              (('--floor', 3), 'floor')):
            self.assertIn(says, run('strategy', 'retro-test', *options, data=self.data, check=1).stderr)
        self.assertIn('--n', run('strategy', 'retro-test', '--n', 500, data=self.data, check=2).stderr)

    def test_a_slate_under_a_budget(self):
        concepts = [{'title': f'C{i}', 'genres': [g], 'language': lang, 'cost': cost}
                    for i, (g, lang, cost) in enumerate((('Drama', 'en', 5), ('Comedy', 'fr', 4), ('Crime', 'en', 9),
                                                         ('Drama', 'fr', 6), ('Horror', 'en', 2)))]
        file = self.dir / 'slate.json'
        slate = {'budget': 15, 'concepts': concepts, 'at_least': [{'language': 'fr', 'n': 1}], 'at_most': [{'genre': 'drama', 'n': 1}]}
        file.write_text(json.dumps(slate))
        s = ask('strategy', 'slate', file, data=self.data)
        chosen = [c for c, x in zip(concepts, s['concepts']) if x['chosen']]
        self.assertTrue(s['exact'])
        self.assertEqual(s['spent'], sum(c['cost'] for c in chosen))
        self.assertLessEqual(s['spent'], 15)
        self.assertGreaterEqual(sum(c['language'] == 'fr' for c in chosen), 1)
        self.assertLessEqual(sum(c['genres'] == ['Drama'] for c in chosen), 1)
        self.assertLessEqual(max(x['adds'] for x in s['concepts'] if x['chosen']), s['mean'])
        v = s['viewers']
        self.assertTrue(0 < v['p10'] <= v['p50'] <= v['p90'])
        self.assertIn('Left out', run('strategy', 'slate', file, data=self.data, check=0).stdout)
        for change, says in (({'budget': -1}, 'budget'), ({'concepts': []}, 'concepts'), ({'at_least': [{'genre': 'Western', 'n': 1}]}, 'no set'),
                             ({'concepts': [{'title': 'free', 'genres': ['Drama']}]}, 'has no cost'), ({'buget': 3}, 'no field')):
            file.write_text(json.dumps(dict(slate, **change)))
            self.assertIn(says, run('strategy', 'slate', file, data=self.data, check=1).stderr)

    def test_bad_pitches(self):
        for text, says in (('{', 'ends early'), ('{"title": "Nothing said", "country": "GB"}', 'neither people nor themes'),
                           ('{"credits": 7}', 'credits')):
            file = self.dir / 'bad.json'
            file.write_text(text)
            self.assertIn(says, run('strategy', 'pitch', file, data=self.data, check=1).stderr)
        run('strategy', 'pitch', data=self.data, check=2)

    def test_what_cannot_be_answered_says_so(self):
        file = self.dir / 'unknown.json'
        file.write_text(json.dumps({'title': 'X', 'genres': ['Drama'], 'credits': [{'role': 'actor', 'person': 'Nobody Whatsoever'}]}))
        f = ask('strategy', 'forecast', file, data=self.data)
        self.assertTrue(f['support']['refused'])
        self.assertEqual(f['support']['unknown_people'], ['Nobody Whatsoever'])
        self.assertIsNone(f['viewers_28d']['p50'])
        self.assertFalse(ask('strategy', 'pitch', file, data=self.data)['found'])
        o = ask('audience', 'overlap', 'liked:tag=royalty - liked:tag=royalty', 'liked:all', '--research', data=self.data)
        self.assertEqual((o['a'], o['both'], o['odds_ratio']), (0, 0, None), 'a contradiction is an empty audience')

    def test_bad_input(self):
        for args, says in ((('--floor', 5), 'never shown'), (('--n', 5000), 'at most'), (('--as-of', 'soon'), 'as_of'),
                           (('--shuffles', 1000), 'at most')):
            p = run('strategy', 'opportunities', *args, data=self.data, check=1)
            self.assertIn(says, p.stderr)
        run('strategy', 'opportunities', 'more', data=self.data, check=2)


@unittest.skipUnless((DATA / 'movielens' / 'ml-100k').exists(), 'skipped: MARQUEE_SHARED_DATA has no movielens/ml-100k')
class RealRatings(unittest.TestCase):
    def test_opportunities_in_real_ratings(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='marquee-ml-'))
        try:
            run('import', '--format', 'movielens', DATA / 'movielens' / 'ml-100k', data=folder / 'd', check=0)
            for form in ('titles', 'credits'):
                run('import', '--format', form, '--id', 'itemId', DATA / 'movielens' / f'ml-100k-{form}.csv', data=folder / 'd', check=0)
            o = ask('strategy', 'opportunities', '--research', '--shuffles', 1, '--no-forecast', data=folder / 'd')
            self.assertEqual(len(o['opportunities']), 10)
            self.assertGreater(o['strong'], 20 * o['shuffled_strong'], 'what goes together does so beyond chance')
            for x in o['opportunities']:
                self.assertLessEqual(x['supply']['all'], 1)
                self.assertGreaterEqual(x['without_one']['weakest'], 1)
                self.assertGreater(x['weakest'], max(o['threshold'], o['strongest_shuffled']))
                self.assertTrue(x['research'] if 'research' in x else o['research'])
        finally:
            shutil.rmtree(folder)


class Stories(unittest.TestCase):
    def test_house_of_cards_before_it_was_pitched(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='marquee-stories-'))
        script = pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'two_stories.sh'
        soak = os.environ.get('MARQUEE_SOAK') == '1'
        env = dict(os.environ, MARQUEE=MARQUEE, VIEWERS='6000' if soak else '1500',
                   STORIES='house-of-cards the-crown' if soak else 'house-of-cards')
        try:
            p = subprocess.run([script, folder], env=env, capture_output=True, text=True, timeout=2000)
            self.assertEqual(p.returncode, 0, p.stderr)
            self.assertIn('1. director David Fincher x actor Kevin Spacey x made in the manner of "House of Cards"', p.stdout)
            self.assertIn('the pitch has its maker, lead, theme.', p.stdout)
            if soak:
                self.assertIn('the pitch has its maker, lead.', p.stdout)
        finally:
            shutil.rmtree(folder)


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


class Seasons(unittest.TestCase):
    """Public reports, invented."""

    def test_bad_folders(self):
        self.assertIn('--netflix', run('strategy', 'seasons', check=2).stderr)
        with tempfile.TemporaryDirectory() as d:
            self.assertIn('engagement-2023H1.csv', run('strategy', 'seasons', '--netflix', d, check=1).stderr)
            (pathlib.Path(d) / 'r-2030H1.csv').write_text('title,hours_viewed\nA: Season 1,5\nB,x\n')
            self.assertIn('half-years', run('strategy', 'seasons', '--netflix', d, check=1).stderr)

    @unittest.skipUnless((DATA / 'netflix').is_dir(), 'MARQUEE_SHARED_DATA: no netflix folder')
    def test_real_reports(self):
        with tempfile.TemporaryDirectory() as d:
            said = pathlib.Path(d) / 'said.tsv'
            r = json.loads(run('strategy', 'seasons', '--netflix', DATA / 'netflix', '--predictions', said, '--json', check=0).stdout)
            rows = [line.split('\t') for line in said.read_text().splitlines()]
        self.assertEqual(rows[0][-3:], ['p90', 'last_season_ratio', 'actual'])
        rolling = [row for row in rows[1:] if row[0] == 'rolling']
        self.assertEqual(len(rolling), r['rolling']['titles'])
        close = sum(0.5 <= float(row[5]) / float(row[8]) <= 2 for row in rolling) / len(rolling)
        self.assertAlmostEqual(close, r['rolling']['forecast']['within_2x'], places=2)
        self.assertGreaterEqual(close, 0.6)


if __name__ == '__main__':
    MARQUEE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)

#!/usr/bin/env python3
"""marquee viewings: cases to the letter, hostile ones, and a viewer's history. Usage: test_viewings.py MARQUEE"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

MARQUEE = None
SHARED = pathlib.Path(os.environ.get('MARQUEE_SHARED_DATA', '/nonexistent')).parent
FIXTURES = SHARED / 'fixtures' / 'playback'
FIELDS = ['runs', 'watched', 'played_ms', 'content_ms', 'rewatched_ms', 'rewinds', 'rewound_ms', 'skips', 'skipped_ms',
          'pauses', 'paused_ms', 'buffering_ms', 'start_position_ms', 'last_position_ms', 'completion', 'ended']


def run(*args, check=None, data=None):
    env = dict(os.environ, MARQUEE_DATA=str(data) if data else '/nonexistent')
    p = subprocess.run([MARQUEE, *map(str, args)], env=env, capture_output=True, text=True, timeout=2000)
    if check is not None and p.returncode != check:
        raise AssertionError(f'{args}: exit {p.returncode}, not {check}\n{p.stdout}\n{p.stderr}')
    return p


class Cases(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='marquee-viewings-'))
        self.addCleanup(shutil.rmtree, self.dir)

    def file(self, value, name='case.json'):
        path = self.dir / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return path

    def play(self, events, runtime=100000, start_plays=True):
        path = self.file({'name': 'x', 'runtime_ms': runtime, 'start_plays': start_plays, 'events': events})
        out = run('viewings', '--case', path, check=0).stdout
        self.assertEqual(out.count('\n'), 1)
        v = json.loads(out)
        self.assertEqual(list(v), ['name'] + FIELDS)
        return v

    def same(self, expected, got, where):
        for key, value in expected.items():
            if key == 'completion' and value is not None:
                self.assertIsNotNone(got[key], where)
                self.assertLessEqual(abs(got[key] - value), 1e-6, where)
            else:
                self.assertEqual(got[key], value, f'{where}: {key}')

    def test_all_cases_of_the_contract(self):
        files = sorted(FIXTURES.glob('*.json'))
        if not files:
            self.skipTest(f'{FIXTURES}: no cases there')
        lines = run('viewings', '--case', *files, check=0).stdout.splitlines()
        self.assertEqual(len(lines), len(files))
        for path, line in zip(files, lines):
            case, got = json.loads(path.read_text()), json.loads(line)
            self.assertEqual(got['name'], case['name'])
            self.same(case['expected'], got, path.name)
            self.assertEqual(len(got.get('sessions', [])), len(case.get('sessions', [])))
            for session, made in zip(case.get('sessions', []), got.get('sessions', [])):
                self.same(session['expected'], made, path.name)

    def test_null_is_absent_and_unknown_kinds_are_dropped(self):
        v = self.play([{'id': None, 'kind': 'start', 'at_ms': 0, 'position_ms': None, 'rate': None, 'from_ms': None},
                       {'kind': 'advert', 'at_ms': 'never', 'position_ms': []}, {'kind': None, 'at_ms': 5}, {'at_ms': 7},
                       {'kind': 'rating', 'at_ms': 5000, 'position_ms': 9}, {'kind': 'stop', 'at_ms': None},
                       {'kind': 'stop', 'at_ms': 10000}], runtime=None)
        self.assertEqual((v['runs'], v['completion'], v['ended']), ([[0, 10000]], None, 'stop'))
        for runtime in (0, -5):
            self.assertIsNone(self.play([], runtime)['completion'])
        v = self.play([])
        self.assertEqual((v['runs'], v['start_position_ms'], v['completion'], v['ended']), ([], 0, 0, 'unfinished'))

    def test_one_id_is_one_event(self):
        ids = [('a', 0, 'start'), ('a', 4000, 'stop'), (None, 6000, 'progress'), (None, 8000, 'progress'),
               ('', 10000, 'progress'), ('', 12000, 'progress')]
        v = self.play([{'id': i, 'kind': k, 'at_ms': t, 'position_ms': t} for i, t, k in ids])
        self.assertEqual(v['runs'], [[0, 10000]])

    def test_completion_has_six_decimals(self):
        path = self.file({'name': 'x', 'runtime_ms': 900000, 'start_plays': True, 'events': [
            {'kind': 'start', 'at_ms': 0}, {'kind': 'stop', 'at_ms': 100000}]})
        self.assertIn('"completion":0.111111,', run('viewings', '--case', path, check=0).stdout)
        self.assertIn('"completion":1.0,', run('viewings', '--case', self.file(
            {'name': 'x', 'runtime_ms': 1000, 'start_plays': True, 'events': [
                {'kind': 'start', 'at_ms': 0}, {'kind': 'stop', 'at_ms': 100000}]}), check=0).stdout)

    def test_huge_numbers(self):
        big = 2**53
        v = self.play([{'kind': 'start', 'at_ms': -big, 'position_ms': -big}, {'kind': 'stop', 'at_ms': big, 'position_ms': big}],
                      runtime=big)
        self.assertEqual((v['runs'], v['completion']), ([[0, big]], 1))
        v = self.play([{'kind': 'start', 'at_ms': 0}, {'kind': 'seek', 'at_ms': 1000, 'position_ms': big, 'from_ms': 1000},
                       {'kind': 'seek', 'at_ms': 2000, 'position_ms': 0, 'from_ms': big + 1000}], runtime=None)
        self.assertEqual((v['skipped_ms'], v['rewound_ms'], v['content_ms']), (big - 1000, big + 1000, 2000))
        v = self.play([{'kind': 'start', 'at_ms': 0, 'rate': 1e300}, {'kind': 'stop', 'at_ms': 1}])
        self.assertEqual(v['content_ms'], 100000)
        v = self.play([{'kind': 'start', 'at_ms': 0.0, 'position_ms': 2e3}, {'kind': 'stop', 'at_ms': 3000}])
        self.assertEqual(v['runs'], [[2000, 5000]])

    def test_many_stretches_are_all_kept(self):
        events, want = [{'kind': 'start', 'at_ms': 0, 'position_ms': 0}], []
        for i in range(6000):
            at, place = i * 1000, (i * 7919 % 6000) * 5000
            events.append({'kind': 'seek', 'at_ms': at, 'position_ms': place})
            events.append({'kind': 'pause', 'at_ms': at + 500, 'position_ms': place + 500})
            events.append({'kind': 'play', 'at_ms': at + 1000, 'position_ms': place + 500})
            want.append([place, place + 500])
        v = self.play(events, runtime=None)
        self.assertEqual(len(v['watched']), 6000)
        self.assertTrue(v['watched'] == sorted(want))

    def test_several_sessions(self):
        session = {'events': [{'kind': 'start', 'at_ms': 0}, {'kind': 'stop', 'at_ms': 9000}]}
        path = self.file({'name': 'n', 'start_plays': True, 'sessions': [session, {'events': []}]})
        v = json.loads(run('viewings', '--case', path, check=0).stdout)
        self.assertEqual(list(v), ['name', 'watched', 'played_ms', 'content_ms', 'rewatched_ms', 'completion', 'sessions'])
        self.assertEqual([s['ended'] for s in v['sessions']], ['stop', 'unfinished'])
        self.assertEqual((v['watched'], v['completion']), ([[0, 9000]], None))
        path = self.file({'name': 'n', 'start_plays': True, 'sessions': []})
        self.assertEqual(json.loads(run('viewings', '--case', path, check=0).stdout)['watched'], [])

    def test_bad_cases_name_file_and_field(self):
        good = {'name': 'x', 'runtime_ms': 1, 'start_plays': True, 'events': []}
        start = {'kind': 'start', 'at_ms': 0}
        bad = [('events', None, 'events: missing'), ('events', {}, 'events: '), ('events', [5], 'events[0]: '),
               ('name', None, 'name: missing'), ('name', 5, 'name: '), ('start_plays', 1, 'start_plays: '),
               ('start_plays', None, 'start_plays: missing'), ('runtime_ms', 'long', 'runtime_ms: '),
               ('runtime_ms', 10**30, 'runtime_ms: '), ('sessions', 7, 'sessions: '), ('sessions', [[]], 'sessions[0]: '),
               ('sessions', [{'events': [{'kind': 5}]}], 'sessions[0]: events[0].kind: ')]
        for key, value in (('at_ms', '0'), ('at_ms', 0.5), ('position_ms', True), ('position_ms', 10**19), ('from_ms', {}),
                           ('rate', 'fast'), ('rate', []), ('id', 7), ('kind', 7)):
            bad.append(('events', [start, dict(start, **{key: value})], f'events[1].{key}: '))
        for key, value, want in bad:
            path = self.file(dict(good, **{key: value}))
            p = run('viewings', '--case', path, check=1)
            self.assertEqual(p.stdout, '')
            self.assertIn(f'marquee: {path}: {want}', p.stderr)
        for text in ('', '{', '[]', 'null', '{"name":"x"} {}', '{"name":"a","name":"b"}', '\xff', 'NaN',
                     json.dumps(dict(good, events=[dict(start, rate=0)])).replace('"rate": 0', '"rate": NaN')):
            p = run('viewings', '--case', self.file(text), check=1)
            self.assertIn(str(self.dir), p.stderr)
        p = run('viewings', '--case', self.dir / 'nothing', self.file(good), check=1)
        self.assertIn('nothing', p.stderr)
        self.assertEqual(json.loads(p.stdout)['name'], 'x', 'the others stand on their own')

    def test_usage(self):
        run('viewings', check=2)
        run('viewings', '--case', check=2)
        run('viewings', '--case', '--viewer', 'v', check=2)
        self.assertIn('--case', run('viewings', '--help', check=0).stdout)


def event(number, kind, title, session, at, position, **more):
    return dict({'id': str(number), 'viewer': 'v', 'kind': kind, 'title': title, 'session': session, 'position_ms': position,
                 'at': f'2026-03-{at}Z'}, **more)


class Viewer(unittest.TestCase):
    """What the store makes of a viewer's events."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='marquee-viewings-'))
        self.addCleanup(shutil.rmtree, self.dir)
        self.data = self.dir / 'data'
        (self.dir / 't.csv').write_text('id,title,kind,runtime_min,series,season,episode\n'
                                        'e1,One,episode,50,Show,1,1\ne2,Two,episode,50,Show,1,2\nf1,Film,film,100,,,\n')
        run('import', '--format', 'titles', self.dir / 't.csv', data=self.data, check=0)

    def add(self, events):
        (self.dir / 'e.ndjson').write_text('\n'.join(map(json.dumps, events)) + '\n')
        run('import', '--format', 'events', self.dir / 'e.ndjson', data=self.data, check=0)

    def viewings(self, *args, viewer='v'):
        out = run('viewings', '--viewer', viewer, *args, data=self.data, check=0).stdout
        return {v['title']: v for v in map(json.loads, out.splitlines())}

    def test_sessions_titles_and_what_comes_next(self):
        self.add([event(1, 'start', 'e1', 's1', '01T20:00:00', 0), event(2, 'complete', 'e1', 's1', '01T20:50:00', 3000000),
                  event(3, 'start', 'f1', 's2', '02T20:00:00', 0), event(4, 'stop', 'f1', 's2', '02T20:50:00', 3000000),
                  event(5, 'start', 'f1', 's3', '03T20:00:00', 2990000), event(6, 'stop', 'f1', 's3', '03T20:50:00', 5990000),
                  event(7, 'start', 'f1', 's4', '04T20:00:00', 0), event(8, 'stop', 'f1', 's4', '04T20:10:00', 600000)])
        v = self.viewings()
        self.assertEqual((v['e1']['finished'], v['e1']['next']['title']), (True, 'e2'))
        f = v['f1']
        self.assertEqual([s['how'] for s in f['sessions']], ['first', 'resume', 'rewatch'])
        self.assertEqual((f['watched'], f['played_ms'], f['rewatched_ms']), ([[0, 5990000]], 6600000, 610000))
        self.assertEqual(sum(f['attention_ms'][k] for k in ('measured', 'inferred', 'unattended')), f['played_ms'])
        self.assertEqual(list(self.viewings('--as-of', '@2')), ['e1'])
        self.assertEqual(len(self.viewings('--as-of', '2026-03-03T00:00:00Z')['f1']['sessions']), 1)

    def test_a_late_event_changes_its_session(self):
        self.add([event(1, 'start', 'f1', 's', '01T20:00:00', 0), event(2, 'stop', 'f1', 's', '01T20:30:00', 900000)])
        self.assertEqual(self.viewings()['f1']['sessions'][0]['paused_ms'], 0)
        self.add([event(3, 'pause', 'f1', 's', '01T20:10:00', 600000), event(4, 'play', 'f1', 's', '01T20:25:00', 600000)])
        self.assertEqual(self.viewings()['f1']['sessions'][0]['paused_ms'], 900000)

    def test_two_viewers_in_one_session(self):
        self.add([event(1, 'start', 'f1', 's', '01T20:00:00', 0),
                  event(2, 'start', 'f1', 's', '01T20:00:30', 3000000, viewer='w'),
                  event(3, 'stop', 'f1', 's', '01T20:01:00', 60000),
                  event(4, 'stop', 'f1', 's', '01T20:02:00', 3090000, viewer='w')])
        self.assertEqual(self.viewings()['f1']['watched'], [[0, 60000]])
        self.assertEqual(self.viewings(viewer='w')['f1']['watched'], [[3000000, 3090000]])

    def test_a_session_of_a_year_and_absurd_positions(self):
        self.add([dict(event(1, 'start', 'f1', 's', '01T20:00:00', 0), at='2025-03-01T20:00:00Z'),
                  event(2, 'pause', 'f1', 's', '01T20:00:00', 60000), event(3, 'stop', 'f1', 's', '01T20:00:10', 10**9),
                  event(4, 'seek', 'f1', 's', '01T20:00:05', -7), event(5, 'seek', 'f1', 's', '01T20:00:05', 10**17)])
        first, last = self.viewings()['f1']['sessions']
        self.assertEqual((first['runs'], first['paused_ms']), ([], 0))  # over after a day of silence
        self.assertEqual((last['runs'], last['paused_ms'], last['last_position_ms']), ([], 10000, 6000000))

    def test_without_a_session_id(self):
        self.add([dict(event(n, k, 'f1', '', at, p), session=None) for n, (k, at, p) in enumerate([
            ('start', '01T20:00:00', 0), ('stop', '01T20:10:00', 600000), ('start', '01T21:00:00', 600000),
            ('stop', '01T21:10:00', 1200000), ('play', '05T21:00:00', 1200000), ('stop', '05T21:10:00', 1800000)])])
        v = self.viewings()['f1']
        self.assertEqual((len(v['sessions']), v['watched']), (3, [[0, 1800000]]))

    def home(self):
        out = run('home', '--viewer', 'v', '--json', data=self.data, check=0).stdout
        return {i['title']: i for r in json.loads(out)['rows'] if r['kind'] == 'continue' for i in r['items']}

    def test_continue_watching(self):
        self.add([event(1, 'start', 'e1', 's1', '01T20:00:00', 0), event(2, 'complete', 'e1', 's1', '01T20:50:00', 3000000),
                  event(3, 'start', 'f1', 's2', '02T20:00:00', 0), event(4, 'stop', 'f1', 's2', '02T20:50:00', 3000000)])
        row = self.home()
        self.assertEqual(list(row), ['f1', 'e2'], 'the most recent first; a finished episode leads to the next')
        self.assertEqual((row['f1']['position_ms'], row['e2']['position_ms']), (3000000, 0))
        self.assertIn('Next after One', row['e2']['reason']['text'])
        self.add([event(5, 'start', 'e2', 's3', '03T20:00:00', 0), event(6, 'stop', 'e2', 's3', '03T20:20:00', 1200000)])
        row = self.home()
        self.assertEqual((list(row), row['e2']['position_ms']), (['e2', 'f1'], 1200000))
        self.add([event(7, 'start', 'e2', 's4', '04T20:00:00', 1200000), event(8, 'complete', 'e2', 's4', '04T20:30:00', 3000000)])
        self.assertEqual(list(self.home()), ['f1'], 'the last episode leads nowhere')
        run('settings', '--viewer', 'v', '--remove-title', 'f1', data=self.data, check=0)
        self.assertEqual(self.home(), {})

    def test_settings(self):
        self.add([event(1, 'start', 'f1', 's', '01T20:00:00', 0), event(2, 'stop', 'f1', 's', '01T20:50:00', 3000000)])
        ask = lambda *args: json.loads(run('settings', '--viewer', 'v', *args, '--json', data=self.data, check=0).stdout)
        self.assertEqual(ask(), {'viewer': 'v', 'profiling': 'on', 'child': 'off'})
        self.assertEqual(ask('--profiling', 'off', '--child', 'on'), {'viewer': 'v', 'profiling': 'off', 'child': 'on'})
        self.assertEqual(self.home(), {})
        self.assertEqual(ask('--profiling', 'on')['child'], 'on')
        self.assertEqual(list(self.home()), ['f1'])
        run('settings', '--viewer', 'v', '--profiling', 'maybe', data=self.data, check=2)
        run('settings', '--profiling', 'on', data=self.data, check=2)
        self.assertIn('never seen', run('settings', '--viewer', 'nobody', data=self.data, check=1).stderr)

    def test_retention(self):
        events = []
        for i in range(60):
            minutes = 100 if i < 20 else 30 if i < 50 else 60
            events += [event(f'{i}a', 'start', 'f1', 's', '01T10:00:00', 0, viewer=f'r{i}'),
                       event(f'{i}b', 'stop', 'f1', 's', f'01T{10 + minutes // 60}:{minutes % 60:02}:00', minutes * 60000,
                             viewer=f'r{i}')]
        events.append(event('late', 'search', None, None, '31T10:00:00', None))
        self.add(events)
        ask = lambda *args: json.loads(run('audience', 'retention', '--title', 'f1', '--json', *args, data=self.data, check=0).stdout)
        exact = ask('--research')
        self.assertEqual([exact[k] for k in ('viewers', 'finished', 'left', 'open', 'research', 'withheld')], [60, 20, 40, 0, True, False])
        still = [m['still'] for m in exact['minutes']]
        self.assertEqual((len(still), still[29], still[30], still[59], still[60]), (100, 1, 0.5, 0.5, 0.3333))
        floor = ask()
        self.assertEqual((floor['viewers'], floor['finished'], floor['left'], floor['withheld']), (60, None, None, True))
        self.assertIsNone(ask('--floor', '70')['viewers'])
        self.assertIn('at least 20', run('audience', 'retention', '--title', 'f1', '--floor', '5', data=self.data, check=1).stderr)
        self.assertIn('unknown', run('audience', 'retention', '--title', 'x', data=self.data, check=1).stderr)
        self.assertIn('Film: viewers 60', run('audience', 'retention', '--title', 'f1', data=self.data, check=0).stdout)

    def test_unknown(self):
        self.assertIn('never seen', run('viewings', '--viewer', 'nobody', data=self.data, check=1).stderr)


if __name__ == '__main__':
    MARQUEE = sys.argv.pop(1)
    unittest.main(verbosity=0)

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
    p = subprocess.run([MARQUEE, *map(str, args)], env=env, capture_output=True, text=True, timeout=250)
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


if __name__ == '__main__':
    MARQUEE = sys.argv.pop(1)
    unittest.main(verbosity=0)

#!/usr/bin/env python3
"""A viewer with a great many events: taken in, paged, listed, exported, found again after a crash, erased; within bounds.
20,000 events, a million with MARQUEE_SOAK=1, which also prints what each step took.  Usage: test_served_million.py MARQUEE"""
import json
import os
import re
import sys
import time

from served import Program, Server, ServedTest, ask, main

SOAK = os.environ.get('MARQUEE_SOAK') == '1'
EVENTS = 1000000 if SOAK else 20000
BATCH = 2000
RATED = EVENTS // 4  # titles rated once each: more than a profile keeps
SESSION = 10  # events of one
SESSIONS_MOST = 65536  # that viewings answers (docs/events.md)
BEGIN_MS = 1700000000000
MIB = 1 << 20


def make(i):
    e = {'id': f'e{i}', 'viewer': 'big', 'at': BEGIN_MS + i * 10000}
    if i < RATED:
        return {**e, 'kind': 'rating', 'title': f'rated-{i}', 'value': 1 + i % 5}
    session, step = divmod(i - RATED, SESSION)
    kind = 'start' if step == 0 else 'stop' if step == SESSION - 1 else 'progress'
    return {**e, 'kind': kind, 'title': f't{session % 30}', 'session': f's{session}', 'position_ms': step * 10000}


class Big(ServedTest):
    options = None

    def step(self, name, since):
        if SOAK:
            print(f'{name}: {time.monotonic() - since:.2f} s, most memory {self.memory() / MIB:.0f} MiB', flush=True)
        return time.monotonic()

    def memory(self):
        with open(f'/proc/{self.server.process.pid}/status', encoding='ascii') as f:
            return int(re.search(r'VmHWM:\s+(\d+)', f.read()).group(1)) * 1024

    def metric(self, name):
        text = self.server.ask('GET', '/metrics')[2].decode()
        return float(re.search(rf'^{name} (\S+)$', text, re.M).group(1))

    def feed(self):
        c = self.server.connect()
        for first in range(0, EVENTS, BATCH):
            status, _, told = ask(c, 'POST', '/v1/events', [make(i) for i in range(first, first + BATCH)])
            self.assertEqual((status, told['accepted']), (200, BATCH), told)
        c.close()

    def page(self, viewer='big'):
        status, _, page = self.server.ask('GET', f'/v1/viewers/{viewer}/home?at=2026-03-01T20:00:00Z')
        self.assertEqual(status, 200)
        return page

    def check_viewings(self):
        sessions = (EVENTS - RATED) // SESSION
        answer = self.server.ask('GET', '/v1/viewers/big/viewings')
        if sessions > SESSIONS_MOST:
            self.assertIn('as of earlier', self.problem(answer, 413)['remedy'])
        else:
            self.count_sessions(answer, sessions)
        half = min(sessions, SESSIONS_MOST) // 2
        position = self.position_before + RATED + half * SESSION
        self.count_sessions(self.server.ask('GET', f'/v1/viewers/big/viewings?as_of=@{position}'), half)

    def count_sessions(self, answer, sessions):
        self.assertEqual(answer[0], 200)
        titles = [json.loads(line) for line in answer[2].decode().splitlines()]
        self.assertEqual(sum(len(t['sessions']) for t in titles), sessions)
        self.assertEqual({s['content_ms'] for t in titles for s in t['sessions']}, {(SESSION - 1) * 10000})

    def check_export(self):
        done = Program.run('export', '--data', self.data, '--viewer', 'big')
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        ids = [line['id'] for line in lines if not line['id'].startswith('shown-')]  # the pages asked for above were shown
        self.assertEqual((len(ids), len(set(ids))), (EVENTS + 1, EVENTS + 1))
        part, parts = EVENTS // 3, b''
        for skip in range(0, len(lines), part):
            parts += self.server.ask('GET', f'/v1/viewers/big/export?skip={skip}&limit={part}')[2]
        self.assertEqual(parts.decode(), done.stdout)
        self.assertEqual(self.server.ask('GET', f'/v1/viewers/big/export?skip={len(lines)}&limit=5')[2], b'')

    def end(self):
        if self.server:
            self.server.kill()

    def test_from_the_first_to_the_last(self):
        self.server = Server(self.data)
        self.addCleanup(self.end)
        quiet, before = self.page('v3'), self.server.ask('GET', '/v1/stats')[2]
        self.position_before = before['log_position']
        memory, bytes_before = self.memory(), self.metric('marquee_profile_bytes')
        t = time.monotonic()
        self.feed()
        t = self.step(f'{EVENTS} events', t)
        self.page()
        t = self.step('page, from the log', t)
        self.page()
        t = self.step('page, again', t)
        self.assertLess(self.metric('marquee_profile_bytes') - bytes_before, MIB)
        late = {**make(RATED + 1), 'id': 'late', 'at': BEGIN_MS + 5}
        self.assertEqual(self.server.ask('POST', '/v1/events', late)[2]['accepted'], 1)
        t = self.step('a late event', t)
        page = self.page()
        t = self.step('page after it', t)
        self.assertEqual(self.server.ask('GET', '/v1/viewers/big')[2]['events'], EVENTS + 1)
        t = self.step('history in numbers', t)
        self.check_viewings()
        t = self.step('viewings', t)
        self.check_export()
        t = self.step('export, twice', t)
        with open(Program.path, 'rb') as f:
            program = f.read()
        if b'__asan_' not in program and b'__tsan_' not in program:
            self.assertLess(self.memory() - memory, (600 if SOAK else 120) * MIB)
        self.server.kill()
        t = time.monotonic()
        self.server = Server(self.data)
        t = self.step('ready after kill -9', t)
        self.assertEqual(self.page(), page)
        t = self.step('the same page', t)
        c = self.server.connect()
        c.timeout = 900  # it compacts, at the lowest priority
        receipt = ask(c, 'DELETE', '/v1/viewers/big')[2]
        c.close()
        t = self.step('erasure', t)
        self.assertEqual(receipt['erased']['events'], EVENTS + 1)
        self.assertEqual(receipt['scanned']['rows_left'], 0)
        self.assertEqual(self.server.ask('GET', '/v1/viewers/big')[0], 404)
        self.assertEqual(self.page('v3')['viewer'], quiet['viewer'])
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before['events'])
        self.assertEqual(self.server.stop(), 0)
        self.server = None


if __name__ == '__main__':
    main(sys.argv)

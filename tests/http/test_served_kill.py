#!/usr/bin/env python3
"""kill -9 while events come in over HTTP: none that was acknowledged is lost, none is there twice, whatever the clients
send again.  Usage: test_served_kill.py MARQUEE

10 rounds in one folder, 100 with MARQUEE_SOAK=1; MARQUEE_SEED chooses the moments."""
import collections
import http.client
import json
import os
import random
import sys
import threading
import time
import unittest

from served import Program, Server, ServedTest, ask, event, main

ROUNDS = 100 if os.environ.get('MARQUEE_SOAK') == '1' else 10
SEED = int(os.environ.get('MARQUEE_SEED', 20260301))
CLIENTS, BATCH, VIEWERS = 4, 20, 12
AT, LATER = '2026-03-01T20:00:00Z', '2026-04-02T10:00:00Z'


NAMES = {'start': 'Video Playback Started', 'progress': 'Video Content Playing', 'stop': 'Video Playback Exited'}


def post(connection, events, at=None):
    """As native events or, those of every second client, as a Segment batch; `at`: all claim this time instead."""
    if at:
        events = [{**e, 'at': at} for e in events]
    if events[0]['id'].startswith('native'):
        return ask(connection, 'POST', '/v1/events', events)
    calls = [{'type': 'track', 'messageId': e['id'], 'userId': e['viewer'], 'event': NAMES[e['kind']], 'timestamp': e['at'],
              'properties': {'content_asset_id': e['title'], 'session_id': e['session'], 'position': e['position_ms'] / 1000}}
             for e in events]
    return ask(connection, 'POST', '/v1/batch', {'batch': calls, **({'sentAt': at} if at else {})})


class Client(threading.Thread):
    """Sends batches one after the other until the server is gone; knows which were acknowledged."""

    def __init__(self, server, name):
        super().__init__()
        self.server, self.name = server, name
        self.sent, self.acknowledged, self.odd = [], [], []

    def batch(self, number):
        return [event(f'{self.name}-{number}-{k}', f'k{(number + k) % VIEWERS}', f't{k % 30}',
                      kind=('start', 'progress', 'stop')[k % 3], at=AT, session=f's{self.name}', position_ms=k * 1000)
                for k in range(BATCH)]

    def run(self):
        try:
            c = self.server.connect()
            for number in range(1000000):
                events = self.batch(number)
                self.sent.append(events)
                status, _, told = post(c, events)
                if status == 200 and told['accepted'] == BATCH:
                    self.acknowledged.append(events)
                elif status != 429:
                    self.odd.append((status, told))
        except (OSError, http.client.HTTPException):
            pass  # killed


class Killed(ServedTest):
    options = None

    def stored(self, server):
        return server.ask('GET', '/v1/stats')[2]['events']

    def send_again(self, server, batches, at=None):
        """How many of these were not there."""
        c = server.connect()
        accepted = 0
        for events in batches:
            status, _, told = post(c, events, at)
            self.assertEqual((status, told['accepted'] + told['duplicates']), (200, BATCH), told)
            accepted += told['accepted']
        c.close()
        return accepted

    def kill_while_ingesting(self, server, number, moments):
        clients = [Client(server, f'{("native", "segment")[i % 2]}-{SEED}-{number}-{i}') for i in range(CLIENTS)]
        for c in clients:
            c.start()
        wanted, pause = moments.randrange(1, 60), moments.random() * 0.005
        while sum(len(c.acknowledged) for c in clients) < wanted and any(c.is_alive() for c in clients):
            time.sleep(0.001)
        time.sleep(pause)
        server.kill()
        for c in clients:
            c.join()
            self.assertEqual(c.odd, [])
        self.assertGreaterEqual(sum(len(c.acknowledged) for c in clients), wanted)
        return clients

    def test_acknowledged_is_there_once(self):
        moments = random.Random(SEED)
        server = Server(self.data)
        expected = before = self.stored(server)
        told = unanswered = there = 0
        for number in range(ROUNDS):
            with self.subTest(seed=SEED, round=number):
                clients = self.kill_while_ingesting(server, number, moments)
                server = Server(self.data)
                acknowledged = [b for c in clients for b in c.acknowledged]
                sent = [b for c in clients for b in c.sent]
                # A retry may claim another time: what is there stays as it was.
                self.assertEqual(self.send_again(server, acknowledged, LATER), 0, 'acknowledged, and lost')
                # Of a batch that was not answered all or nothing is there; now all of it is.
                for b in sent:
                    added = self.send_again(server, [b])
                    self.assertIn(added, (0, BATCH), 'half a batch')
                    there += added == 0
                told += len(acknowledged)
                unanswered += len(sent) - len(acknowledged)
                expected += len(sent) * BATCH
                self.assertEqual(self.stored(server), expected, 'events that are there twice, or from nowhere')
        seen = collections.Counter()
        for v in range(VIEWERS):
            lines = server.ask('GET', f'/v1/viewers/k{v}/export')[2].decode().splitlines()
            events = [json.loads(line) for line in lines]
            seen.update(e['id'] for e in events)
            self.assertEqual({e['at'] for e in events}, {AT}, 'a retry moved an event')
        doubled = [i for i, n in seen.items() if n != 1]
        print(f'{ROUNDS} rounds: {told * BATCH} events acknowledged, {told * BATCH} found again; {unanswered * BATCH} not answered, '
              f'{(there - told) * BATCH} of them there whole; {expected - before} in the log at last, {len(doubled)} of them twice', flush=True)
        self.assertEqual(doubled, [])
        self.assertEqual(server.stop(), 0)
        self.assertTrue(json.loads(Program.run('check', '--data', self.data, '--json').stdout)['sound'])


if __name__ == '__main__':
    main(sys.argv)

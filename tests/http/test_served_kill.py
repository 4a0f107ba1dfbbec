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


class Client(threading.Thread):
    """Sends batches one after the other until the server is gone; knows which were acknowledged."""

    def __init__(self, server, name):
        super().__init__()
        self.server, self.name = server, name
        self.sent, self.acknowledged, self.odd = [], [], []

    def batch(self, number):
        return [event(f'{self.name}-{number}-{k}', f'k{(number + k) % VIEWERS}', f't{k % 30}',
                      kind=('start', 'progress', 'stop')[k % 3], session=f's{self.name}', position_ms=k * 1000)
                for k in range(BATCH)]

    def run(self):
        try:
            c = self.server.connect()
            for number in range(1000000):
                events = self.batch(number)
                self.sent.append(events)
                status, _, told = ask(c, 'POST', '/v1/events', events)
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

    def send_again(self, server, batches):
        """How many of these were not there."""
        c = server.connect()
        accepted = 0
        for events in batches:
            status, _, told = ask(c, 'POST', '/v1/events', events)
            self.assertEqual((status, told['accepted'] + told['duplicates']), (200, BATCH), told)
            accepted += told['accepted']
        c.close()
        return accepted

    def kill_while_ingesting(self, server, number, moments):
        clients = [Client(server, f'{SEED}-{number}-{i}') for i in range(CLIENTS)]
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
        expected = self.stored(server)
        for number in range(ROUNDS):
            with self.subTest(seed=SEED, round=number):
                clients = self.kill_while_ingesting(server, number, moments)
                server = Server(self.data)
                acknowledged = [b for c in clients for b in c.acknowledged]
                sent = [b for c in clients for b in c.sent]
                self.assertEqual(self.send_again(server, acknowledged), 0, 'acknowledged, and lost')
                # Of a batch that was not answered all or nothing is there; now all of it is.
                for b in sent:
                    self.assertIn(self.send_again(server, [b]), (0, BATCH), 'half a batch')
                expected += len(sent) * BATCH
                self.assertEqual(self.stored(server), expected, 'events that are there twice, or from nowhere')
        seen = collections.Counter()
        for v in range(VIEWERS):
            lines = server.ask('GET', f'/v1/viewers/k{v}/export')[2].decode().splitlines()
            seen.update(json.loads(line)['id'] for line in lines)
        self.assertEqual([i for i, n in seen.items() if n != 1], [])
        self.assertEqual(server.stop(), 0)
        self.assertTrue(json.loads(Program.run('check', '--data', self.data, '--json').stdout)['sound'])


if __name__ == '__main__':
    main(sys.argv)

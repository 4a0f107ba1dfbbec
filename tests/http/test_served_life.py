#!/usr/bin/env python3
"""Beginning and end: signals while requests run, kill -9, trainings, leftovers.  Usage: test_served_life.py MARQUEE"""
import http.client
import json
import secrets
import signal
import socket
import sys
import threading
import unittest

from served import Program, Server, ServedTest, ask, event, main, wait_for


class Life(ServedTest):
    options = None

    def load(self, server, stop, acknowledged, odd):
        """Appends one after the other and notes what was acknowledged."""
        number = 0
        name = secrets.token_hex(8)
        try:
            c = server.connect()
            while not stop.is_set():
                ids = [f'{name}-{number}-{k}' for k in range(5)]
                number += 1
                status, _, told = ask(c, 'POST', '/v1/events', [event(i, 'v7') for i in ids])
                if status == 200 and told['accepted'] == 5:
                    acknowledged.extend(ids)
                elif status not in (503, 429):
                    odd.append((status, told))
                if ask(c, 'GET', '/v1/viewers/v7/home')[0] not in (200, 503):
                    odd.append('home')
        except (OSError, http.client.HTTPException):
            pass  # the server ended

    def under_load(self, server, end):
        stop, acknowledged, odd = threading.Event(), [], []
        threads = [threading.Thread(target=self.load, args=(server, stop, acknowledged, odd)) for _ in range(4)]
        for t in threads:
            t.start()
        self.assertTrue(wait_for(lambda: len(acknowledged) > 200))
        end()
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(odd, [])
        return acknowledged

    def missing(self, ids):
        """Sent again, what is there already is a duplicate."""
        server = Server(self.data)
        accepted = 0
        for i in range(0, len(ids), 100):
            accepted += server.ask('POST', '/v1/events', [event(k, 'v7') for k in ids[i:i + 100]])[2]['accepted']
        self.assertEqual(server.stop(), 0)
        return accepted

    def test_signals_while_requests_run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = Server(self.data)
            codes = []
            ids = self.under_load(server, lambda: codes.append(server.stop(number)))
            self.assertEqual(codes, [0], server.lines)
            self.assertFalse((self.data / 'marquee.sock').exists())
            self.assertEqual(self.missing(ids), 0)
        self.assertTrue(json.loads(Program.run('check', '--data', self.data, '--json').stdout)['sound'])

    def test_kill_keeps_what_was_acknowledged(self):
        server = Server(self.data)
        ids = self.under_load(server, server.kill)
        self.assertTrue((self.data / 'marquee.sock').exists(), 'a leftover, which the next start replaces')
        self.assertEqual(self.missing(ids), 0)
        self.assertTrue(json.loads(Program.run('check', '--data', self.data, '--json').stdout)['sound'])

    def test_idle_and_slow_clients_do_not_hold_up_the_end(self):
        server = Server(self.data)
        idle = [socket.create_connection(('127.0.0.1', server.port)) for _ in range(20)]
        idle[0].sendall(b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
        idle[0].recv(4096)
        idle[1].sendall(b'GET /hea')
        self.assertEqual(server.stop(), 0)
        for s in idle:
            s.close()

    def test_a_training_that_runs_is_stopped(self):
        server = Server(self.data)
        done = []
        t = threading.Thread(target=lambda: done.append(server.ask('POST', '/v1/train', {'epochs': 1000, 'rank': 256})[0]))
        t.start()
        self.assertTrue(wait_for(lambda: done or '\nmarquee_training 1\n' in server.ask('GET', '/metrics')[2].decode()))
        self.assertEqual(done, [], 'it ended too soon to be stopped')
        self.assertEqual(server.stop(), 0)
        t.join()
        self.assertEqual(done, [503])

    def test_trains_by_itself(self):
        server = Server(self.data, '--train-every', '1s')
        before = server.ask('GET', '/v1/models')[2]['models'][0]['version']
        server.ask('POST', '/v1/events', event('train-me', 'v9'))
        self.assertTrue(wait_for(lambda: server.ask('GET', '/v1/models')[2]['models'][0]['version'] > before))
        self.assertEqual(server.stop(), 0)

    def test_pages_while_training(self):
        server = Server(self.data)
        t = threading.Thread(target=server.ask, args=('POST', '/v1/train', {'epochs': 30}))
        t.start()
        c = server.connect()
        for i in range(300):
            self.assertEqual(ask(c, 'GET', f'/v1/viewers/v{i % 40}/home')[0], 200)
        t.join()
        c.close()
        self.assertEqual(server.stop(), 0)

    def test_bad_options(self):
        for options, code in ((('--listen', 'nowhere'), 1), (('--listen', '127.0.0.1'), 1), (('--train-every', 'often'), 2),
                              (('--threads', '1000'), 2), (('positional',), 2), (('--listen', '203.0.113.7:80'), 1)):
            with self.subTest(options):
                done = Program.run('serve', '--data', self.dir / 'never', *options, check=code)
                self.assertTrue(done.stderr.startswith('marquee: '))


if __name__ == '__main__':
    main(sys.argv)

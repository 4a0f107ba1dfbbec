#!/usr/bin/env python3
"""Keys, roles, limits, other people's web pages.  Usage: test_served_access.py MARQUEE"""
import json
import sys
import unittest

from served import Program, Server, ServedTest, event, main

ROLES = ('ingest', 'read', 'analyst', 'admin')


def make_key(data, role, *more):
    return json.loads(Program.run('keys', 'create', '--data', data, '--role', role, '--json', *more).stdout)


def bearer(key):
    return {'Authorization': 'Bearer ' + key}


class Open(ServedTest):
    def test_it_says_so(self):
        self.assertTrue(any('open' in l for l in self.server.lines))

    def test_only_for_this_machine(self):
        self.problem(self.server.ask('GET', '/v1/stats', headers={'Host': 'evil.example'}), 403)
        for host in ('localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:80', 'a.localhost'):
            self.assertEqual(self.server.ask('GET', '/v1/stats', headers={'Host': host})[0], 200, host)

    def test_other_pages_change_nothing(self):
        self.problem(self.server.ask('POST', '/v1/events', event('x1'), {'Origin': 'https://evil.example'}), 403)
        self.problem(self.server.ask('POST', '/v1/events', event('x1'), {'Origin': 'null'}), 403)
        own = {'Origin': f'http://127.0.0.1:{self.server.port}'}
        self.assertEqual(self.server.ask('POST', '/v1/events', event('x2'), own)[0], 200)
        answer = self.server.ask('GET', '/v1/stats', headers={'Origin': 'https://evil.example'})
        self.assertNotIn('Access-Control-Allow-Origin', answer[1])

    def test_a_key_that_is_none(self):
        self.problem(self.server.ask('GET', '/v1/stats', headers=bearer('mk_' + 'x' * 43)), 401)

    def test_not_for_others(self):
        done = Program.run('serve', '--data', self.dir / 'public', '--listen', '0.0.0.0:0', check=1)
        self.assertIn('keys create', done.stderr)


class Keys(ServedTest):
    @classmethod
    def prepare(cls):
        cls.keys = {r: make_key(cls.data, r, '--label', f'for {r}') for r in ROLES}
        cls.bound = make_key(cls.data, 'read', '--viewer', 'v1')

    def ask(self, role, method, path, body=None):
        key = self.bound['key'] if role == 'bound' else self.keys[role]['key']
        return self.server.ask(method, path, body, bearer(key))

    def test_roles(self):
        allowed = {('POST', '/v1/events'): 'ingest', ('GET', '/v1/viewers/v1/home'): 'read', ('GET', '/v1/viewers/v1'): 'read',
                   ('GET', '/v1/titles/t1'): 'read', ('GET', '/v1/now'): 'read', ('GET', '/v1/stats'): 'analyst',
                   ('GET', '/v1/viewers'): 'analyst', ('GET', '/metrics'): 'analyst', ('GET', '/v1/models'): 'analyst',
                   ('PUT', '/v1/titles/t1'): 'admin', ('GET', '/v1/keys'): 'admin', ('POST', '/v1/check'): 'admin'}
        for (method, path), least in allowed.items():
            body = [event('role')] if method == 'POST' and 'events' in path else {'year': 1999} if method == 'PUT' else None
            for role in ROLES:
                with self.subTest(f'{role} {method} {path}'):
                    answer = self.ask(role, method, path, body)
                    if ROLES.index(role) >= ROLES.index(least):
                        self.assertEqual(answer[0], 200, answer[2])
                    else:
                        self.problem(answer, 403)
            nobody = self.server.ask(method, path, body)
            self.problem(nobody, 401)
            self.assertIn('Bearer', nobody[1]['WWW-Authenticate'])
        self.problem(self.ask('admin', 'POST', '/v1/import', {'format': 'events', 'paths': ['x']}), 403)
        for path in ('/healthz', '/readyz', '/openapi.json', '/'):
            self.assertEqual(self.server.ask('GET', path)[0], 200)

    def test_bound_to_a_viewer(self):
        for path in ('/v1/viewers/v1/home', '/v1/viewers/v1', '/v1/viewers/v1/export', '/v1/titles/t1', '/v1/viewers/%76%31/home'):
            self.assertEqual(self.ask('bound', 'GET', path)[0], 200, path)
        for path in ('/v1/viewers/v2/home', '/v1/viewers/v2', '/v1/viewers/v11/home', '/v1/viewers'):
            self.problem(self.ask('bound', 'GET', path), 403)
        self.problem(self.ask('bound', 'DELETE', '/v1/viewers/v1'), 403)
        # Their own settings and history are theirs; whether they are a child is not, nor is anybody else's.
        for value in ('off', 'on'):
            answer = self.ask('bound', 'PUT', '/v1/viewers/v1/settings', {'profiling': value})
            self.assertEqual((answer[0], answer[2]['profiling']), (200, value))
        self.problem(self.ask('bound', 'PUT', '/v1/viewers/v1/settings', {'child': 'off'}), 403)
        self.problem(self.ask('bound', 'PUT', '/v1/viewers/v2/settings', {'profiling': 'off'}), 403)
        self.problem(self.ask('read', 'PUT', '/v1/viewers/v1/settings', {'profiling': 'off'}), 403)
        hide = event('bd0', 'v1') | {'kind': 'hide', 'title': 't3'}
        self.assertEqual(self.ask('bound', 'POST', '/v1/events', [hide])[2]['accepted'], 1)
        self.assertEqual(self.ask('bound', 'DELETE', '/v1/viewers/v1/history/t3')[0], 200)
        self.problem(self.ask('bound', 'DELETE', '/v1/viewers/v2/history/t3'), 403)
        told = self.ask('bound', 'POST', '/v1/events', [event('bd1', 'v1'), event('bd2', 'v2')])[2]
        self.assertEqual((told['accepted'], [r['index'] for r in told['rejected']]), (1, [1]))

    def test_what_is_stored_is_no_key(self):
        listed = self.ask('admin', 'GET', '/v1/keys')[2]['keys']
        self.assertEqual(len(listed), 5)
        self.assertTrue(all('key' not in k for k in listed))
        secret = self.keys['admin']['key'].encode()
        for path in (self.data / 'db').iterdir():
            if path.is_file():
                self.assertNotIn(secret, path.read_bytes())

    def test_malformed(self):
        for value in ('Basic abc', 'Bearer', 'Bearer ', 'mk_x', 'Bearer mk_short', 'Bearer ' + 'x' * 4000):
            self.problem(self.server.ask('GET', '/v1/stats', headers={'Authorization': value}), 401)

    def test_revoked_at_once(self):
        made = make_key(self.data, 'read')
        self.assertEqual(self.server.ask('GET', '/v1/now', headers=bearer(made['key']))[0], 200)
        Program.run('keys', 'revoke', '--data', self.data, made['id'])
        self.problem(self.server.ask('GET', '/v1/now', headers=bearer(made['key'])), 401)
        self.problem(self.ask('admin', 'DELETE', '/v1/keys/' + made['id']), 404)
        self.problem(self.ask('admin', 'POST', '/v1/keys', {'role': 'local'}), 400)
        self.problem(self.ask('admin', 'POST', '/v1/keys', {'role': 'ingest', 'viewer': 'v1'}), 400)

    def test_expired(self):
        made = make_key(self.data, 'read', '--days', '1')
        self.assertEqual(self.server.ask('GET', '/v1/now', headers=bearer(made['key']))[0], 200)
        self.assertIn('expires', made)
        over = make_key(self.data, 'admin', '--days', '0.000000001')  # a millisecond
        self.problem(self.server.ask('GET', '/v1/now', headers=bearer(over['key'])), 401)
        listed = {k['id']: k for k in self.ask('admin', 'GET', '/v1/keys')[2]['keys']}
        self.assertTrue(made['created'] < made['expires'] == listed[made['id']]['expires'])
        self.assertLess(listed[over['id']]['expires'], made['expires'])
        self.assertNotIn('expires', listed[self.keys['admin']['id']])
        for k in (made, over):
            self.assertEqual(self.ask('admin', 'DELETE', '/v1/keys/' + k['id'])[0], 200)
        for days in (-1, 1e9):
            self.problem(self.ask('admin', 'POST', '/v1/keys', {'role': 'read', 'days': days}), 400)
        self.assertEqual(Program.run('keys', 'create', '--data', self.data, '--role', 'read', '--days', 'x', check=2).returncode, 2)

    def test_expired_alone(self):
        """The only key is over: the folder is not open for that, and it outlasts a restart."""
        made = self.dir / 'over'
        make_key(made, 'admin', '--days', '0.000000001')
        for _ in range(2):
            server = Server(made)
            self.assertEqual(server.ask('GET', '/v1/now')[0], 401)
            self.assertEqual(server.stop(), 0)

    def test_public_with_keys(self):
        made = self.dir / 'public'
        key = make_key(made, 'read')
        server = Server(made, listen='0.0.0.0:0')
        self.assertEqual(server.ask('GET', '/v1/now', headers=bearer(key['key']))[0], 200)
        Program.run('keys', 'revoke', '--data', made, key['id'])
        self.assertEqual(server.ask('GET', '/v1/now')[0], 401, 'without any key left it is closed, not open')
        self.assertEqual(server.stop(), 0)

    def test_an_erased_viewers_key_goes(self):
        self.ask('admin', 'POST', '/v1/events', event('going', 'going-away'))
        made = make_key(self.data, 'read', '--viewer', 'going-away')
        receipt = self.ask('admin', 'DELETE', '/v1/viewers/going-away')[2]
        self.assertTrue(receipt['complete'], receipt)
        self.problem(self.server.ask('GET', '/v1/now', headers=bearer(made['key'])), 401)


class Limits(ServedTest):
    options = ('--rate', '0.01', '--events-rate', '50')

    def test_requests(self):
        # One, and the next after most of a minute: no machine is slow enough for forty.
        answer = self.server.ask('GET', '/healthz')
        self.assertEqual(answer[0], 200)
        for _ in range(40):
            answer = self.server.ask('GET', '/healthz')
            if answer[0] != 200:
                break
        self.problem(answer, 429)
        self.assertGreaterEqual(int(answer[1]['Retry-After']), 1)
        self.assertEqual(Program.run('stats', '--data', self.data).returncode, 0, 'the folder socket has no limit')


class EventLimits(ServedTest):
    options = ('--events-rate', '1')

    def test_events(self):
        first = self.server.ask('POST', '/v1/events', [event(f'a{i}') for i in range(1000)])
        self.assertEqual(first[2]['accepted'], 1000, 'a large batch leaves a debt, of many minutes')
        second = self.server.ask('POST', '/v1/events', [event('b')])
        self.problem(second, 429)
        self.assertGreaterEqual(int(second[1]['Retry-After']), 2)
        large = self.server.ask('POST', '/v1/events', [event(f'l{i}', session='x' * 100) for i in range(1500)])
        self.problem(large, 429)
        self.assertGreaterEqual(int(large[1]['Retry-After']), 2)


class Cors(ServedTest):
    options = ('--cors', 'https://watch.example,https://m.watch.example', '--cors', 'http://localhost:3000')

    def preflight(self, origin):
        return self.server.ask('OPTIONS', '/v1/events', headers={'Origin': origin, 'Access-Control-Request-Method': 'POST'})

    def test_preflight(self):
        for origin in ('https://watch.example', 'https://m.watch.example', 'http://localhost:3000'):
            status, headers, _ = self.preflight(origin)
            self.assertEqual((status, headers['Access-Control-Allow-Origin']), (204, origin))
            self.assertIn('POST', headers['Access-Control-Allow-Methods'])
            self.assertIn('authorization', headers['Access-Control-Allow-Headers'])
            self.assertEqual(headers['Vary'], 'Origin')
        for origin in ('https://evil.example', 'https://watch.example.evil.example', 'http://watch.example', 'null'):
            answer = self.preflight(origin)
            self.problem(answer, 403)
            self.assertNotIn('Access-Control-Allow-Origin', answer[1])

    def test_requests(self):
        answer = self.server.ask('POST', '/v1/events', event('cors'), {'Origin': 'https://watch.example'})
        self.assertEqual((answer[0], answer[1]['Access-Control-Allow-Origin']), (200, 'https://watch.example'))
        problem = self.server.ask('GET', '/v1/nothing', headers={'Origin': 'https://watch.example'})
        self.assertEqual(problem[1]['Access-Control-Allow-Origin'], 'https://watch.example')

    def test_what_is_no_origin(self):
        for origin in ('watch.example', 'https://', 'https://a/b', 'ftp://a'):
            Program.run('serve', '--data', self.dir / 'none', '--cors', origin, check=1)


if __name__ == '__main__':
    main(sys.argv)

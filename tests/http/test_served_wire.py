#!/usr/bin/env python3
"""Bytes on sockets: framing, limits, slow and broken clients, TLS.  Usage: test_served_wire.py MARQUEE"""
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import unittest

from served import WAIT_S, Program, Server, ServedTest, ask, drain, event, gzipped, main, one_answer, wait_for


def status_of(answer):
    return int(answer.split(b' ', 2)[1]) if answer else None


class Framing(ServedTest):
    options = ('--max-body', '100000', '--threads', '2')

    def test_many_requests_on_one_connection(self):
        c = self.server.connect()
        for i in range(50):
            self.assertEqual(ask(c, 'GET', '/v1/viewers/v1/home')[0], 200)
            self.assertEqual(ask(c, 'POST', '/v1/events', event(f'keep-{i}'))[2]['accepted'], 1)
            self.assertEqual(ask(c, 'GET', '/v1/nothing')[0], 404)
        c.close()

    def test_pipelined_answers_keep_their_order(self):
        want = b''
        for i in range(60):
            body = json.dumps(event(f'pipe-{i}')).encode()
            want += (b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: r%d\r\nContent-Length: %d\r\n\r\n'
                     % (2 * i, len(body))) + body
            want += b'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: r%d\r\n\r\n' % (2 * i + 1)
        out = self.server.raw(want)
        ids = [l.split(b': ')[1] for l in out.split(b'\r\n') if l.startswith(b'X-Request-Id')]
        self.assertEqual(ids, [b'r%d' % i for i in range(120)])

    def test_chunks(self):
        body = json.dumps([event('c1'), event('c2')]).encode()
        for size in (1, 7, 100):
            parts = [body[i:i + size] for i in range(0, len(body), size)]
            status, _, told = self.server.ask('POST', '/v1/events', iter(parts))
            self.assertEqual((status, told['accepted'] + told['duplicates']), (200, 2))
        head = b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
        self.assertEqual(status_of(self.server.raw(head + b'zz\r\n')), 400)
        self.assertEqual(status_of(self.server.raw(head + b'2\r\n[]XX')), 400)
        self.assertEqual(status_of(self.server.raw(head + b'ffffff\r\n')), 413)
        self.assertEqual(status_of(self.server.raw(head + b'2;a=b\r\n[]\r\n0\r\nTrailer: x\r\n\r\n')), 200)

    def test_oversize(self):
        c = self.server.connect()
        try:
            answer = ask(c, 'POST', '/v1/events', b'x' * 200000)
        except BrokenPipeError:
            self.fail('the answer was lost')
        self.problem(answer, 413)
        self.assertEqual(answer[1]['Connection'], 'close')
        bomb = gzipped([' ' * 3000000])
        self.assertLess(len(bomb), 100000)
        self.problem(self.server.ask('POST', '/v1/events', bomb, {'Content-Encoding': 'gzip'}), 413)
        head = b'GET / HTTP/1.1\r\nHost: localhost\r\nX: ' + b'y' * 20000
        self.assertEqual(status_of(self.server.raw(head)), 431)
        many = b'GET / HTTP/1.1\r\nHost: localhost\r\n' + b'A: b\r\n' * 150 + b'\r\n'
        self.assertEqual(status_of(self.server.raw(many)), 431)

    def test_malformed(self):
        for data, status in ((b'GARBAGE\r\n\r\n', 400), (b'GET / HTTP/1.1\r\n\r\n', 400), (b'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505),
                             (b'GET nothing HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
                             (b'GET / HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n', 400),
                             (b'GET / HTTP/1.1\r\nHost: localhost\r\n folded: b\r\n\r\n', 400),
                             (b'GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n', 400),
                             (b'GET / HTTP/1.1\r\nHost: localhost\r\nA: b\x01\r\n\r\n', 400),
                             (b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello', 400),
                             (b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n', 400),
                             (b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400),
                             (b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n', 501),
                             (b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n', 417),
                             (b'\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400)):
            with self.subTest(data):
                answer = self.server.raw(data)
                self.assertEqual(status_of(answer), status, answer)
                self.assertIn(b'application/problem+json', answer)
                self.assertIn(b'Connection: close', answer)
        self.assertEqual(status_of(self.server.raw(b'\r\nGET /healthz HTTP/1.0\r\n\r\n')), 200)
        self.assertEqual(status_of(self.server.raw(b'GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')), 200)

    def test_half_closed_client_gets_its_answer(self):
        body = json.dumps(event('half')).encode()
        data = b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % len(body) + body
        self.assertEqual(status_of(self.server.raw(data, finish=True)), 200)

    def test_expectation(self):
        with socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S) as s:
            body = json.dumps(event('expect')).encode()
            s.sendall(b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n' % len(body))
            self.assertEqual(s.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
            s.sendall(body)
            self.assertEqual(status_of(one_answer(s)), 200)

    def test_a_slow_client_holds_up_nobody(self):
        slow = [socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S) for _ in range(50)]
        for s in slow:
            s.sendall(b'GET /healthz HT')
        body = json.dumps(event('slow')).encode()
        writer = socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S)
        writer.sendall(b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % len(body))
        for i in range(20):
            self.assertEqual(self.server.ask('GET', '/v1/viewers/v1/home')[0], 200)
        for i in range(len(body)):
            writer.sendall(body[i:i + 1])
        self.assertEqual(status_of(one_answer(writer)), 200)
        # The head's time is up after ten seconds: told so, and closed.
        self.assertEqual(status_of(drain(slow[0])), 408)
        for s in slow + [writer]:
            s.close()

    def test_a_client_that_goes_away(self):
        stored = lambda: self.server.ask('GET', '/v1/stats')[2]['events']
        before = stored()
        for i in range(30):
            s = socket.create_connection(('127.0.0.1', self.server.port))
            body = json.dumps(event(f'gone-{i}')).encode()
            s.sendall(b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
            s.close()
        # Which of the server's threads comes first is chance.
        self.assertTrue(wait_for(lambda: stored() == before + 30), 'what came whole was kept')
        for i in range(30):
            self.assertEqual(self.server.ask('POST', '/v1/events', event(f'gone-{i}'))[2]['duplicates'], 1)

    def test_a_client_that_does_not_read(self):
        with socket.create_connection(('127.0.0.1', self.server.port)) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(0.5)
            try:
                for _ in range(2000):
                    s.sendall(b'GET /v1/viewers/v1/home HTTP/1.1\r\nHost: localhost\r\n\r\n')
            except (TimeoutError, socket.timeout):
                pass
            self.assertEqual(self.server.ask('GET', '/healthz')[0], 200)
            # All answers are still there for the one who reads in the end.
            s.settimeout(WAIT_S)
            self.assertTrue(s.recv(100).startswith(b'HTTP/1.1 200'))

    def test_the_folder_socket(self):
        path = self.data / 'marquee.sock'
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(path))
            body = json.dumps({'format': 'events', 'paths': [str(self.dir / 'events.ndjson')]}).encode()
            s.sendall(b'POST /v1/import HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' % len(body) + body)
            answer = drain(s)
        self.assertEqual(status_of(answer), 200, answer)

    def test_a_second_server_is_refused(self):
        done = Program.run('serve', '--data', self.data, '--listen', '127.0.0.1:0', check=1)
        self.assertIn('marquee: ', done.stderr)
        done = Program.run('serve', '--data', self.dir / 'other', '--listen', f'127.0.0.1:{self.server.port}', check=1)
        self.assertIn('in use', done.stderr)

    def test_many_clients_at_once(self):
        failures = []

        def work(n):
            c = self.server.connect()
            for i in range(20):
                if ask(c, 'POST', '/v1/events', [event(f'many-{n}-{i}', f'v{n}')])[2].get('accepted') != 1:
                    failures.append((n, i))
                if ask(c, 'GET', f'/v1/viewers/v{n}/home')[0] != 200:
                    failures.append((n, i))
                if i % 5 == 0 and ask(c, 'GET', f'/v1/viewers/v{n}')[0] != 200:
                    failures.append((n, i))
            c.close()
        threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(failures, [])


class TooMany(ServedTest):
    options = ('--max-connections', '8')

    def test_more_connections_than_allowed(self):
        held = [socket.create_connection(('127.0.0.1', self.server.port)) for _ in range(8)]
        for s in held:
            s.sendall(b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
            self.assertEqual(status_of(one_answer(s)), 200)
        extra = socket.create_connection(('127.0.0.1', self.server.port))
        self.assertEqual(drain(extra), b'', 'closed')
        self.assertEqual(Program.run('stats', '--data', self.data).returncode, 0, 'the socket stays open')
        for s in held:
            s.close()
        extra.close()

        def in_again():
            try:
                return self.server.ask('GET', '/healthz')[0] == 200
            except OSError:
                return False
            except Exception:
                return False
        self.assertTrue(wait_for(in_again))


class Tls(ServedTest):
    @classmethod
    def prepare(cls):
        cls.cert, cls.key = cls.dir / 'cert.pem', cls.dir / 'key.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                        '-keyout', cls.key, '-out', cls.cert, '-days', '2', '-subj', '/CN=localhost',
                        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], check=True, capture_output=True)
        cls.options = ('--tls-cert', str(cls.cert), '--tls-key', str(cls.key))

    def wrapped(self, version=None):
        context = ssl.create_default_context(cafile=self.cert)
        context.set_alpn_protocols(['h2', 'http/1.1'])
        if version:
            context.minimum_version = context.maximum_version = version
        return context.wrap_socket(socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S), server_hostname='localhost')

    def test_requests(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.wrapped(version) as s:
                self.assertEqual(s.selected_alpn_protocol(), 'http/1.1')
                for i in range(5):
                    body = json.dumps([event(f'tls-{version}-{i}-{k}') for k in range(200)]).encode()
                    s.sendall(b'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
                    answer = one_answer(s)
                    self.assertEqual(status_of(answer), 200)
                    self.assertIn(b'"accepted":200', answer)
                s.sendall(b'GET /v1/viewers/v1/home HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
                answer = drain(s)
                length = int(answer.split(b'Content-Length: ')[1].split(b'\r\n')[0])
                self.assertEqual(len(answer.split(b'\r\n\r\n', 1)[1]), length)

    def test_plain_text_is_no_answer(self):
        self.assertNotIn(b'200 OK', self.server.raw(b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'))

    def test_old_versions_are_refused(self):
        with self.assertRaises(ssl.SSLError):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.set_ciphers('ALL:@SECLEVEL=0')
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.wrap_socket(socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S))

    def test_the_socket_is_plain(self):
        self.assertEqual(Program.run('stats', '--data', self.data).returncode, 0)

    def test_bad_certificates(self):
        done = Program.run('serve', '--data', self.dir / 'none', '--tls-cert', self.cert, '--tls-key', self.cert, check=1)
        self.assertIn('key', done.stderr)
        Program.run('serve', '--data', self.dir / 'none', '--tls-cert', self.cert, check=1)


if __name__ == '__main__':
    main(sys.argv)

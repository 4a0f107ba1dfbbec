"""What the tests over real sockets share: a small invented service, a server on it, requests."""
import atexit
import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

# Only a fault takes this long, also on a machine that is ten times slower, busy, and has a slow disk.
WAIT_S = 240


class Program:
    """The binary under test."""
    path = None

    @classmethod
    def run(cls, *args, check=0):
        done = subprocess.run([cls.path, *map(str, args)], capture_output=True, text=True, timeout=WAIT_S)
        if check is not None and done.returncode != check:
            raise AssertionError(f'{args}: exit {done.returncode}, not {check}\n{done.stdout}\n{done.stderr}')
        return done


def event(number, viewer='v1', title='t1', kind='rating', **more):
    e = {'id': f'e-{number}', 'viewer': viewer, 'kind': kind, 'title': title, 'at': '2026-03-01T20:00:00Z'}
    if kind == 'rating':
        e['value'] = 5
    e.update(more)
    return e


def make_world(folder, viewers=40, titles=30):
    """Two tastes: even viewers rate even titles."""
    rows = ['id,title,year,genres,runtime_min,country']
    rows += [f't{t},"Film {t}",{1990 + t},{"Comedy" if t % 2 else "Thriller"},100,GB' for t in range(titles)]
    events = []
    for v in range(viewers):
        for k in range(7):
            t = (v % 2) + 2 * ((v // 2 + k * (1 + v % 3)) % (titles // 2))
            events.append(json.dumps(event(f'w{v}-{k}', f'v{v}', f't{t}', value=5 - k % 2,
                                           at=f'2026-03-{1 + k:02}T{v % 24:02}:00:00Z')))
    (folder / 'titles.csv').write_text('\n'.join(rows) + '\n')
    (folder / 'events.ndjson').write_text('\n'.join(events) + '\n')
    data = folder / 'data'
    Program.run('import', '--data', data, '--format', 'titles', folder / 'titles.csv')
    Program.run('import', '--data', data, '--format', 'events', folder / 'events.ndjson')
    Program.run('train', '--data', data)
    return data


class Server:
    """`marquee serve` on a free port; stop() sends SIGTERM and wants exit 0."""

    def __init__(self, data, *options, listen='127.0.0.1:0'):
        self.data = data
        self.process = subprocess.Popen([Program.path, 'serve', '--data', str(data), '--listen', listen, *options],
                                        stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)  # one that a failed test leaves would hold the output open, and with it the whole suite
        self.lines = []
        self.port = None
        for line in self.process.stderr:
            self.lines.append(line.strip())
            if 'listening on' in line:
                self.port = int(line.rsplit(':', 1)[1])
            if line.strip() == 'marquee: ready':
                return
        raise AssertionError(f'did not start ({self.process.wait()}): {self.lines}')

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        code = self.process.wait(timeout=WAIT_S)
        self.lines += [l.strip() for l in self.process.stderr]
        self.process.stderr.close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def connect(self):
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=WAIT_S)

    def ask(self, method, path, body=None, headers=None):
        """One request on a connection of its own -> (status, headers, body parsed when it is JSON)."""
        c = self.connect()
        try:
            return ask(c, method, path, body, headers)
        finally:
            c.close()

    def raw(self, data, finish=False):
        """Bytes as they are -> all bytes that come until the server closes. Our side is closed as well, at once with `finish`, else when
        the first answer is whole."""
        with socket.create_connection(('127.0.0.1', self.port), timeout=WAIT_S) as s:
            s.sendall(data)
            out = b'' if finish else one_answer(s)
            try:
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has closed before
            return out + drain(s)


def one_answer(s):
    """What comes until a head and as much as its Content-Length says is there, or the other side closes."""
    s.settimeout(WAIT_S)
    out = b''
    while True:
        head, end, body = out.partition(b'\r\n\r\n')
        length = re.search(rb'\r\nContent-Length: (\d+)', head)
        if end and len(body) >= (int(length.group(1)) if length else 0):
            return out
        try:
            part = s.recv(65536)
        except ConnectionResetError:
            return out
        if not part:
            return out
        out += part


def drain(s):
    """What comes until the other side closes."""
    s.settimeout(WAIT_S)
    out = b''
    try:
        while True:
            part = s.recv(65536)
            if not part:
                return out
            out += part
    except ConnectionResetError:
        return out

def ask(connection, method, path, body=None, headers=None):
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, '__next__'):
        body = json.dumps(body)
    connection.request(method, path, body, headers)
    r = connection.getresponse()
    text = r.read()
    kind = (r.getheader('Content-Type') or '').split(';')[0]
    if text and (kind == 'application/json' or kind.endswith('+json')):
        text = json.loads(text)
    return r.status, r.headers, text


def gzipped(value):
    return gzip.compress(json.dumps(value).encode())


class ServedTest(unittest.TestCase):
    """A folder for the class; `options` for its server, which runs unless it is None."""
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix='marquee-http-'))
        cls.data = make_world(cls.dir)
        cls.prepare()
        cls.server = Server(cls.data, *cls.options) if cls.options is not None else None

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop() if cls.server else 0
        shutil.rmtree(cls.dir)
        if code != 0:
            raise AssertionError(f'the server ended with {code}: {cls.server.lines}')

    def problem(self, answer, status):
        """It is a problem document that says what to do."""
        self.assertEqual(answer[0], status, answer[2])
        self.assertEqual(answer[1]['Content-Type'], 'application/problem+json')
        for key in ('type', 'title', 'status', 'detail', 'remedy'):
            self.assertIn(key, answer[2])
        self.assertEqual(answer[2]['status'], status)
        return answer[2]


def wait_for(what, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def main(argv):
    Program.path = os.path.abspath(argv[1])
    unittest.main(module='__main__', argv=[argv[0]] + argv[2:], verbosity=2)

#!/usr/bin/env python3
"""How long a server takes until it is ready after kill -9, and whether it then answers as before.

usage: bench/crash_restart.py MARQUEE FOLDER [EVENTS] [TIMES]
       a folder of events, as `store_append 10000000 1000 200000 FOLDER` leaves it; EVENTS 100000; TIMES 3

Serves it once, so that there are live counters as an evening's server has them. Then TIMES times: sends EVENTS new events, asks 20
viewers for a page, kills the server, starts it, and asks again. Prints one line of JSON; exit code 1 when an event that was
acknowledged is gone or a page is another one. It adds events to FOLDER: use a copy."""
import atexit
import http.client
import json
import os
import subprocess
import sys
import time
import urllib.parse

ASKED, BATCH = 20, 1000


class Server:
    def __init__(self, marquee, folder):
        start = time.monotonic()
        self.process = subprocess.Popen([marquee, 'serve', '--data', folder, '--listen', '127.0.0.1:0'],
                                        stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        port = None
        for line in self.process.stderr:
            if 'listening on' in line:
                port = int(line.rsplit(':', 1)[1])
            if line.strip() == 'marquee: ready':
                break
        else:
            sys.exit(f'crash_restart: the server did not start: exit {self.process.wait()}')
        self.seconds = time.monotonic() - start
        with open(f'/proc/{self.process.pid}/stat', encoding='ascii') as f:
            user, system = f.read().rsplit(')', 1)[1].split()[11:13]
        self.processor_seconds = (int(user) + int(system)) / os.sysconf('SC_CLK_TCK')
        self.connection = http.client.HTTPConnection('127.0.0.1', port, timeout=600)

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f'crash_restart: {path}: {answer.status}: {text[:300]}')
        return json.loads(text)

    def end(self, kill):
        self.connection.close()
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait()
        self.process.stderr.close()


def send(server, count, name):
    for first in range(0, count, BATCH):
        events = [{'id': f'{name}-{i}', 'viewer': f'viewer-{i * 7919 % 100000}', 'title': f'title-{i % 20000}', 'session': f'{name}-{i}',
                   'kind': 'start', 'position_ms': 0} for i in range(first, first + BATCH)]
        told = server.ask('POST', '/v1/events', json.dumps(events))
        if told['accepted'] != BATCH:
            sys.exit(f'crash_restart: {told}')


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    marquee, folder = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    times = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    server = Server(marquee, folder)
    first = server.seconds
    server.end(kill=False)
    server = Server(marquee, folder)
    viewers = server.ask('GET', '/v1/viewers?limit=1000')['viewers']
    asked = [urllib.parse.quote(v, safe='') for v in viewers[::max(1, len(viewers) // ASKED)]]
    ready, processor, lost, others = [], [], 0, 0
    for k in range(times):
        send(server, count, f'crash-{time.time_ns()}-{k}')
        before = server.ask('GET', '/v1/stats')
        at = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        pages = [server.ask('GET', f'/v1/viewers/{v}/home?at={at}') for v in asked]
        server.end(kill=True)
        server = Server(marquee, folder)
        ready.append(round(server.seconds, 2))
        processor.append(round(server.processor_seconds, 2))
        lost += before['events'] - server.ask('GET', '/v1/stats')['events']
        others += sum(server.ask('GET', f'/v1/viewers/{v}/home?at={at}') != page for v, page in zip(asked, pages))
    server.end(kill=False)
    print(json.dumps({'events': before['events'], 'first_opening_s': round(first, 2), 'ready_after_kill_s': ready, 'of_processor_s': processor,
                      'events_lost': lost, 'pages_asked': times * len(asked), 'pages_changed': others}))
    sys.exit(lost != 0 or others > 0)


if __name__ == '__main__':
    main()

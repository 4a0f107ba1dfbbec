#!/usr/bin/env python3
"""From an event to the next page that knows it, over HTTP: a viewer hides the first title of their page; the time counts
from sending that event until the page asked for after its acknowledgement is there, without the title.

usage: bench/event_to_page.py PORT [ROUNDS] [KEY]      a server of `marquee serve`; ROUNDS 2000

One client in Python, whose own share (about 0.3 ms a round) is in the figures. Prints one line of JSON; exit code 1 when
a page did not change. It hides titles in the folder served: use a copy."""
import http.client
import json
import random
import sys
import time
import urllib.parse


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    port, rounds = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    headers = {'Authorization': f'Bearer {sys.argv[3]}'} if len(sys.argv) > 3 else {}
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=60)

    def ask(method, path, body=None):
        c.request(method, path, body, headers)
        r = c.getresponse()
        text = r.read()
        if r.status != 200:
            sys.exit(f'event_to_page: {path}: {r.status}: {text[:300]}')
        return text

    choose = random.Random(1)
    viewers = json.loads(ask('GET', '/v1/viewers?limit=1000'))['viewers']
    times, waits, unchanged = [], [], 0
    for i in range(rounds):
        viewer = choose.choice(viewers)
        path = f'/v1/viewers/{urllib.parse.quote(viewer, safe="")}/home'
        page = json.loads(ask('GET', path))
        title = page['rows'][0]['items'][0]['title']
        event = json.dumps({'id': f'hide-{time.time_ns()}-{i}', 'viewer': viewer, 'kind': 'hide', 'title': title})
        start = time.perf_counter()
        ask('POST', '/v1/events', event)
        acknowledged = time.perf_counter()
        after = ask('GET', path)
        times.append((time.perf_counter() - start) * 1e3)
        waits.append((acknowledged - start) * 1e3)
        unchanged += any(item['title'] == title for row in json.loads(after)['rows'] for item in row['items'])
    times.sort()
    waits.sort()
    at = lambda q: round(times[min(len(times) - 1, int(q * len(times)))], 3)
    print(json.dumps({'rounds': rounds, 'unchanged': unchanged, 'p50_ms': at(0.5), 'p90_ms': at(0.9), 'p99_ms': at(0.99),
                      'max_ms': round(times[-1], 3), 'acknowledged_p50_ms': round(waits[len(waits) // 2], 3)}))
    sys.exit(unchanged > 0)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Routes over a socket.  Usage: test_served_routes.py MARQUEE"""
import gzip
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

from served import Program, ServedTest, Server, ask, event, gzipped, main, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]


class Routes(ServedTest):
    def test_home(self):
        status, headers, page = self.server.ask('GET', '/v1/viewers/v1/home?device=tv&country=gb&timezone=Europe/London'
                                                       '&rows=3&columns=5')
        self.assertEqual(status, 200)
        self.assertEqual(page['viewer'], 'v1')
        self.assertTrue(page['known'])
        self.assertEqual(page['context']['device'], 'tv')
        self.assertEqual(page['context']['country'], 'GB')
        self.assertTrue(0 < len(page['rows']) <= 3)
        for row in page['rows']:
            self.assertTrue(0 < len(row['items']) <= 5)
            for item in row['items']:
                self.assertTrue(item['reason']['text'])
        self.assertTrue(page['recommendation_id'])

    def test_an_unknown_viewer_gets_a_page(self):
        status, _, page = self.server.ask('GET', '/v1/viewers/nobody%20here/home')
        self.assertEqual(status, 200)
        self.assertFalse(page['known'])
        self.assertTrue(page['rows'])

    def test_lists_and_reasons(self):
        status, _, some = self.server.ask('GET', '/v1/viewers/v2/recommendations?n=4')
        self.assertEqual((status, len(some['items'])), (200, 4))
        ids = [i['title'] for i in some['items']]
        status, _, ranked = self.server.ask('POST', '/v1/viewers/v2/rank', {'titles': ids[::-1]})
        self.assertEqual((status, [i['title'] for i in ranked['items']]), (200, ids))
        status, _, why = self.server.ask('GET', f'/v1/viewers/v2/explain/{ids[0]}')
        self.assertEqual((status, why['title']), (200, ids[0]))
        status, _, like = self.server.ask('GET', '/v1/titles/t2/similar?n=3')
        self.assertEqual((status, len(like['items'])), (200, 3))
        self.problem(self.server.ask('GET', '/v1/viewers/v2/explain/nothing'), 404)
        self.problem(self.server.ask('GET', '/v1/titles/nothing/similar'), 404)
        self.problem(self.server.ask('POST', '/v1/viewers/v2/rank', {'titles': 'x'}), 400)
        self.problem(self.server.ask('POST', '/v1/viewers/v2/rank', {}), 400)

    def test_an_event_changes_the_next_answer(self):
        before = self.server.ask('GET', '/v1/viewers/fresh/home')[2]
        self.assertFalse(before['known'])
        seen = before['rows'][0]['items'][0]['title']
        status, _, told = self.server.ask('POST', '/v1/events', event('fresh-1', 'fresh', seen))
        self.assertEqual((status, told), (200, {'accepted': 1, 'duplicates': 0, 'rejected': []}))
        after = self.server.ask('GET', '/v1/viewers/fresh/home')[2]
        self.assertTrue(after['known'])
        self.assertNotEqual(before['recommendation_id'], after['recommendation_id'])
        as_it_was = self.server.ask('GET', f"/v1/viewers/fresh/home?as_of=@{before['log_position']}")[2]
        self.assertFalse(as_it_was['known'])

    def test_forms_of_events(self):
        ask_events = lambda body: self.server.ask('POST', '/v1/events', body)
        self.assertEqual(ask_events([event('f1'), event('f2')])[2]['accepted'], 2)
        lines = json.dumps(event('f3')) + '\n\n' + json.dumps(event('f4')) + '\n'
        self.assertEqual(ask_events(lines)[2]['accepted'], 2)
        self.assertEqual(ask_events([event('f1'), event('f5')])[2], {'accepted': 1, 'duplicates': 1, 'rejected': []})
        mixed = ask_events([event('f6'), {'viewer': 'v1'}, event('f7', kind='rating', value=99)])
        self.assertEqual((mixed[0], mixed[2]['accepted']), (200, 1))
        self.assertEqual([r['index'] for r in mixed[2]['rejected']], [1, 2])
        self.assertIn('value', mixed[2]['rejected'][1]['error'])
        none = ask_events([{'kind': 'start'}])
        self.assertEqual((none[0], none[2]['accepted'], len(none[2]['rejected'])), (200, 0, 1))
        broken = self.problem(ask_events('[{"viewer": "v1",'), 400)
        self.assertIn('byte', broken['detail'])
        self.problem(ask_events(''), 400)
        status, _, told = self.server.ask('POST', '/v1/events', gzipped([event('f8')]), {'Content-Encoding': 'gzip'})
        self.assertEqual((status, told['accepted']), (200, 1))
        self.problem(self.server.ask('POST', '/v1/events', b'no gzip', {'Content-Encoding': 'gzip'}), 400)
        self.problem(self.server.ask('POST', '/v1/events', b'x', {'Content-Encoding': 'br'}), 415)

    def test_titles(self):
        film = {'name': 'A new one', 'year': 2025, 'genres': ['Drama'],
                'credits': [{'role': 'director', 'billing': 1, 'person': 'Ann Other'}]}
        path = '/v1/titles/' + urllib.parse.quote('new/1', safe='')
        status, _, stored = self.server.ask('PUT', path, film)
        self.assertEqual((status, stored['id'], stored['name']), (200, 'new/1', 'A new one'))
        self.server.ask('PUT', path, {'year': 2026})
        status, _, stored = self.server.ask('GET', path)
        self.assertEqual((stored['year'], stored['name'], stored['credits'][0]['person']), (2026, 'A new one', 'Ann Other'))
        self.assertEqual(self.server.ask('DELETE', path)[0], 200)
        self.problem(self.server.ask('GET', path), 404)
        status, _, told = self.server.ask('POST', '/v1/titles:batch', [{'id': 'b1', 'name': 'B 1'}, {'name': 'no id'},
                                                                       {'id': 'b2', 'name': 'B 2'}])
        self.assertEqual((status, told['changed'], [r['index'] for r in told['rejected']]), (200, 2, [1]))
        self.problem(self.server.ask('PUT', '/v1/titles/x', '{"year": "soon"}'), 400)
        self.problem(self.server.ask('PUT', '/v1/titles/x', {'id': 'y', 'name': 'n'}), 400)

    def test_a_viewer(self):
        told = self.server.ask('GET', '/v1/viewers?limit=5')[2]
        self.assertEqual(told['viewers'][:2], ['v0', 'v1'])
        self.assertEqual(len(told['viewers']), 5)
        one = self.server.ask('GET', '/v1/viewers/v4')[2]
        self.assertEqual((one['events'], one['by_kind']), (7, {'rating': 7}))
        self.assertTrue(one['recent'][0]['name'].startswith('Film'))
        status, headers, text = self.server.ask('GET', '/v1/viewers/v4/export')
        self.assertEqual((status, headers['Content-Type']), (200, 'application/x-ndjson'))
        lines = [json.loads(l) for l in text.decode().splitlines()]
        self.assertEqual(len(lines), 7)
        self.assertEqual({l['viewer'] for l in lines}, {'v4'})
        self.problem(self.server.ask('GET', '/v1/viewers/never'), 404)
        self.problem(self.server.ask('GET', '/v1/viewers/never/export'), 404)

    def test_erasure(self):
        self.server.ask('POST', '/v1/events', [event('er1', 'leaving-soon'), event('er2', 'leaving-soon', 't3')])
        status, _, receipt = self.server.ask('DELETE', '/v1/viewers/leaving-soon')
        self.assertEqual(status, 200)
        self.assertTrue(receipt['complete'])
        self.assertEqual(receipt['erased']['events'], 2)
        self.problem(self.server.ask('GET', '/v1/viewers/leaving-soon'), 404)
        self.problem(self.server.ask('DELETE', '/v1/viewers/leaving-soon'), 404)

    def test_models(self):
        status, _, model = self.server.ask('POST', '/v1/train', {'seed': 3})
        self.assertEqual((status, model['live']), (200, True))
        versions = [m['version'] for m in self.server.ask('GET', '/v1/models')[2]['models']]
        self.assertEqual(versions[0], model['version'])
        back = self.server.ask('POST', '/v1/models:rollback')
        self.assertEqual((back[0], back[2]['version']), (200, versions[1]))
        again = self.server.ask('POST', f'/v1/models/{versions[0]}:publish')
        self.assertEqual((again[0], again[2]['version']), (200, versions[0]))
        self.problem(self.server.ask('POST', '/v1/models/9999:publish'), 404)
        self.problem(self.server.ask('POST', '/v1/models/x:publish'), 400)
        old = self.server.ask('GET', f'/v1/viewers/v1/home?model={versions[1]}')[2]
        self.assertEqual(old['model'], versions[1])

    def test_what_a_model_rests_on(self):
        told = self.server.ask('GET', '/v1/models/features')[2]
        self.assertGreaterEqual(told['version'], 1)
        self.assertEqual((told['trees'], told['features']), (0, []), 'too little for a second stage')
        told = self.server.ask('GET', '/v1/signals')[2]
        self.assertEqual((told['judged_by'], told['signals'], told['pairs_right']['fitted']), ('default rules', [], None))
        told = self.server.ask('POST', '/v1/models:check-ratings')[2]
        self.assertGreater(told['ratings'], 200)
        self.assertEqual((told['bins'], told['rmse']), ([], None), 'too few ratings')
        self.problem(self.server.ask('POST', '/v1/models:check-ratings', {'seed': 'x'}), 400)

    def test_operations(self):
        stats = self.server.ask('GET', '/v1/stats')[2]
        self.assertGreaterEqual(stats['events'], 280)
        self.assertIn('now', self.server.ask('GET', '/v1/now')[2])
        self.assertTrue(self.server.ask('POST', '/v1/check')[2]['sound'])
        copy = self.dir / 'copy'
        self.assertEqual(self.server.ask('POST', '/v1/backup', {'to': str(copy)})[0], 200)
        self.problem(self.server.ask('POST', '/v1/backup', {'to': str(copy)}), 409)
        self.problem(self.server.ask('POST', '/v1/backup', {'to': 'relative'}), 400)
        Program.run('restore', '--data', self.dir / 'restored', copy, check=None)
        self.assertEqual(self.server.ask('GET', '/readyz')[2]['status'], 'ready')

    def test_import_is_for_the_socket_only(self):
        denied = self.problem(self.server.ask('POST', '/v1/import', {'format': 'events', 'paths': ['/etc/passwd']}), 403)
        self.assertIn('local', denied['detail'])
        done = Program.run('import', '--data', self.data, '--format', 'events', self.dir / 'events.ndjson', '--json')
        self.assertEqual(json.loads(done.stdout)['added'], 0)

    def test_commands_go_through_the_server(self):
        at = '2026-03-08T20:00:00Z'  # of one moment: what is fresh fades from one to the next
        over = self.server.ask('GET', f'/v1/viewers/v3/home?at={at}')[2]
        done = Program.run('home', '--data', self.data, '--viewer', 'v3', '--at', at, '--json')
        self.assertEqual(json.loads(done.stdout)['rows'], over['rows'])

    def test_metrics(self):
        self.server.ask('POST', '/v1/events', [event('m1'), event('m1'), {}])
        self.server.ask('GET', '/v1/viewers/v1/home')
        status, headers, text = self.server.ask('GET', '/metrics')
        self.assertEqual((status, headers.get_content_type()), (200, 'text/plain'))
        text = text.decode()
        for line in (r'marquee_requests_total\{route="home",status="200"\} [1-9]', r'marquee_events_total\{outcome="accepted"\} [1-9]',
                     r'marquee_events_total\{outcome="rejected"\} [1-9]', r'marquee_request_seconds_bucket\{route="home",le="\+Inf"\} [1-9]',
                     r'marquee_model_version [1-9]', r'marquee_store_bytes [1-9]'):
            self.assertRegex(text, line)
        for line in text.splitlines():
            self.assertRegex(line, r'^(#.*|[a-z_:.0-9]+(\{[^}]*\})? [-+0-9.e]+)$')
        one = [int(n) for n in re.findall(r'route="home",le="[0-9.e+-]+"\} (\d+)', text)]
        self.assertEqual(one, sorted(one), 'buckets are cumulative')

    def test_openapi(self):
        document = self.server.ask('GET', '/openapi.json')[2]
        self.assertEqual(document['openapi'], '3.1.0')
        self.assertGreater(len(document['paths']), 25)
        for path, methods in document['paths'].items():
            for method, operation in methods.items():
                with self.subTest(f'{method} {path}'):
                    names = set(re.findall(r'\{(\w+)\}', path))
                    declared = {p['name'] for p in operation['parameters'] if p['in'] == 'path'}
                    self.assertEqual(names, declared)
                    if operation['operationId'] in ('erase', 'title_delete', 'train', 'check', 'rollback', 'gorse_user_delete',
                                                    'gorse_item_delete', 'gorse_feedback_delete', 'live'):
                        continue
                    real = re.sub(r'\{version\}', '1', re.sub(r'\{title\}', 't1', re.sub(r'\{viewer\}', 'v1', path)))
                    real = re.sub(r'\{key\}', 'none', real)
                    # A search takes as long as it may: minutes, unless it is told.
                    body = {'seconds': 0.05} if operation['operationId'] == 'tune' else None
                    answer = self.server.ask(method.upper(), real, body)
                    self.assertNotEqual(answer[0], 405)
                    if answer[0] == 404:
                        self.assertNotIn('no route', answer[2]['detail'])

    def test_documentation_names_every_route(self):
        document = self.server.ask('GET', '/openapi.json')[2]
        text = (SOURCE / 'docs' / 'http.md').read_text()
        table = set(re.findall(r'^\| `([A-Z]+ [^ `?]+)` \| (\w+) \|', text, re.M))
        routes = {(f'{method.upper()} {path}', operation['x-role'])
                  for path, methods in document['paths'].items() for method, operation in methods.items()}
        self.assertEqual(table, routes)

    def test_bad_paths_and_parameters(self):
        for path, status in (('/v1/viewers/%ff%fe/home', 400), ('/v1/viewers/a%00b/home', 400), ('/v1/viewers/%zz/home', 400),
                             ('/v1/viewers//home', 404), ('/v1/viewers/' + 'x' * 257 + '/home', 413),
                             ('/v1/viewers/v1/home?device=toaster', 400), ('/v1/viewers/v1/home?country=GBR', 400),
                             ('/v1/viewers/v1/home?at=soon', 400), ('/v1/viewers/v1/home?rows=-1', 400),
                             ('/v1/viewers/v1/home?timezone=Mars/Base', 400), ('/v1/viewers/v1/home?as_of=@0', 400),
                             ('/v1/viewers/v1/home?model=77', 404), ('/v1/viewers/v1/home?no_context=perhaps', 400),
                             ('/v1/viewers/v1/nothing', 404), ('/nothing', 404), ('/v1/a/b/c/d/e/f/g/h/i', 404)):
            with self.subTest(path):
                self.problem(self.server.ask('GET', path), status)
        good = self.server.ask('GET', '/v1/viewers/v1/home?at=2026-03-01T21:00:00+01:00&region=Greater+London&odd=1')
        self.assertEqual((good[0], good[2]['at'], good[2]['context']['region']), (200, '2026-03-01T20:00:00Z', 'Greater London'))

    def test_methods(self):
        answer = self.server.ask('PUT', '/v1/events', {})
        self.problem(answer, 405)
        self.assertEqual(answer[1]['Allow'], 'POST, OPTIONS')
        self.assertEqual(self.server.ask('POST', '/v1/titles/t1')[1]['Allow'], 'GET, PUT, DELETE, HEAD, OPTIONS')
        self.problem(self.server.ask('PATCH', '/v1/titles/t1'), 405)
        self.problem(self.server.ask('BREW', '/nothing'), 404)
        head = self.server.ask('HEAD', '/v1/viewers/v1/home')
        self.assertEqual((head[0], head[2]), (200, b''))
        self.assertGreater(int(head[1]['Content-Length']), 100)
        self.assertEqual(self.server.ask('OPTIONS', '/v1/events')[0], 204)

    def test_page(self):
        status, headers, text = self.server.ask('GET', '/')
        self.assertEqual((status, headers['Content-Type']), (200, 'text/html; charset=utf-8'))
        policy = headers['Content-Security-Policy']
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn('unsafe', policy)
        self.assertIn("img-src 'self' data: blob:;", policy)
        for name in re.findall(rb'(?:src|href)="([^"]+)"', text):
            self.assertTrue(name.startswith(b'/'), name)
            self.assertEqual(self.server.ask('GET', name.decode())[0], 200, name)
        self.assertNotRegex(text, rb'<script(?![^>]*src=)|<style|style="|\son\w+="')
        self.problem(self.server.ask('GET', '/assets/app-OLDOLDOL.js'), 404)

    def test_pictures_come_from_allowed_hosts_alone(self):
        good = 'https://images.example.com/p/1.jpg'
        pictures = {'p1': good, 'p2': 'https://elsewhere.example.com/2.jpg', 'p3': 'http://images.example.com/3.jpg',
                    'p4': 'javascript:alert(1)', 'p5': 'https://images.example.com@elsewhere.example.com/5.jpg', 'p6': None}
        ask = {'titles': [*pictures, 'unknown']}
        self.assertEqual(self.server.ask('POST', '/v1/titles:images', ask)[2], {'images': []}, 'none is allowed by default')
        self.assertEqual(self.server.ask('GET', '/v1/now')[2]['image_hosts'], [])
        data = self.dir / 'pictured'
        server = Server(data, '--image-hosts', 'images.example.com,cdn.example.net:8443')
        try:
            put = [{'id': t, 'name': t, **({'image': url} if url else {})} for t, url in pictures.items()]
            self.assertEqual(server.ask('POST', '/v1/titles:batch', put)[2]['rejected'], [])
            self.assertEqual(server.ask('POST', '/v1/titles:images', ask)[2], {'images': [{'title': 'p1', 'image': good}]})
            policy = server.ask('GET', '/')[1]['Content-Security-Policy']
            self.assertIn("img-src 'self' data: blob: https://images.example.com https://cdn.example.net:8443;", policy)
            self.assertEqual(server.ask('GET', '/v1/now')[2]['image_hosts'], ['images.example.com', 'cdn.example.net:8443'])
        finally:
            self.assertEqual(server.stop(), 0)
        for bad in ('*', 'https://images.example.com', 'a.test; script-src *'):
            said = Program.run('serve', '--data', data, '--image-hosts', bad, check=1).stderr
            self.assertIn('image host', said)

    def test_assets(self):
        text = self.server.ask('GET', '/')[2]
        names = re.findall(rb'"(/assets/[^"]+)"', text)
        if not names:
            self.skipTest('skipped: built without the dashboard')
        for name in map(bytes.decode, names):
            status, headers, plain = self.server.ask('GET', name)
            self.assertEqual((status, headers['Content-Encoding'], headers['X-Content-Type-Options']), (200, None, 'nosniff'), name)
            self.assertEqual(headers['Cache-Control'], 'public, max-age=31536000, immutable')
            for accepted, coding in (('gzip', 'gzip'), ('deflate, gzip;q=0.5, br', 'br'), ('br;q=0, gzip', 'gzip'), ('br;q=0', None)):
                c = self.server.connect()
                c.request('GET', name, headers={'Accept-Encoding': accepted})
                answer = c.getresponse()
                body = answer.read()
                c.close()
                self.assertEqual(answer.headers['Content-Encoding'], coding, accepted)
                self.assertEqual(int(answer.headers['Content-Length']), len(body))
                if coding == 'gzip':
                    self.assertEqual(answer.headers['Vary'], 'Accept-Encoding')
                    self.assertEqual(gzip.decompress(body), plain)
        self.assertEqual(self.server.ask('GET', '/')[1]['Cache-Control'], 'no-store')

    def test_live(self):
        c = self.server.connect()
        c.request('GET', '/v1/live')
        answer = c.getresponse()
        self.assertEqual((answer.status, answer.headers['Content-Type']), (200, 'text/event-stream'))
        first = json.loads(answer.readline().removeprefix(b'data: '))
        self.server.ask('POST', '/v1/events', [event(9000, 'live-viewer'), {'kind': 'start'}])
        for _ in range(20):
            line = answer.readline()
            if not line.startswith(b'data: '):
                continue
            last = json.loads(line.removeprefix(b'data: '))
            if last['events']['accepted'] > first['events']['accepted']:
                break
        self.assertEqual(last['events']['accepted'], first['events']['accepted'] + 1)
        self.assertEqual(last['events']['rejected'], first['events']['rejected'] + 1)
        self.assertGreater(last['log_position'], first['log_position'])
        self.assertEqual(len(last['latency']['all']), len(last['latency']['bounds_us']) + 1)
        c.close()
        self.assertEqual(self.server.ask('HEAD', '/v1/live')[0], 200)

    def test_refused(self):
        self.server.ask('POST', '/v1/events', [{'kind': 'start', 'title': 'mark-1'}, event(9001, 'x', value=99)])
        refused = lambda: self.server.ask('GET', '/v1/refused')
        self.assertTrue(wait_for(lambda: b'mark-1' in refused()[2] and b'9001' in refused()[2]))  # both are written a moment later
        status, headers, text = refused()
        lines = [json.loads(l) for l in text.decode().splitlines()]
        self.assertEqual(headers['Content-Type'], 'application/x-ndjson')
        self.assertTrue(any('mark-1' in l['raw'] and l['reason'].startswith('viewer: missing') for l in lines), lines[-3:])
        short = self.server.ask('GET', f'/v1/refused?bytes={len(text) - 1}')[2]
        self.assertEqual(short.decode().splitlines(), text.decode().splitlines()[1:])

    def test_searches(self):
        found = self.server.ask('GET', '/v1/titles?q=film%202&limit=3')[2]
        self.assertEqual(found['titles'][0]['name'], 'Film 2')
        self.assertEqual((len(found['titles']), found['next']), (3, 3))
        rest = self.server.ask('GET', '/v1/titles?q=FILM%202&limit=1000&from=3')[2]
        self.assertEqual(len(found['titles']) + len(rest['titles']), found['of'])
        self.assertIsNone(rest['next'])
        facts = self.server.ask('POST', '/v1/titles:facts', {'titles': ['t3', 'no such', 't4']})[2]['titles']
        self.assertEqual([(t['title'], t['genres']) for t in facts], [('t3', ['Comedy']), ('t4', ['Thriller'])])
        self.problem(self.server.ask('POST', '/v1/titles:facts', {'titles': ['x'] * 1001}), 400)
        genres = {g['name']: g['titles'] for g in self.server.ask('GET', '/v1/genres')[2]['genres']}
        self.assertEqual(genres, {'Comedy': 15, 'Thriller': 15})
        self.assertEqual(self.server.ask('GET', '/v1/people?q=nobody')[2], {'people': [], 'of': 0, 'next': None})

    def test_choices(self):
        self.problem(self.server.ask('GET', '/v1/titles/none/choices'), 404)
        before = self.server.ask('GET', '/v1/titles/t7/choices')[2]
        week = [{'viewer': f'c{n}', 'kind': 'start', 'title': 't7', 'session': f'c{n}', 'position_ms': 0,
                 'context': {'device': 'tv', 'offset_min': 0}} for n in range(6)]
        self.server.ask('POST', '/v1/events', week)
        after = self.server.ask('GET', '/v1/titles/t7/choices')[2]
        self.assertEqual(len(after['weeks']), 4)
        count = lambda a: a['older'] + sum(w['choices'] for w in a['weeks'])
        self.assertEqual(count(after), count(before) + 6)
        self.assertGreaterEqual(after['weeks'][-1]['choices'], 6)
        self.assertIn({'device': 'tv', 'choices': 6}, after['devices'])
        self.assertTrue(all(p['choices'] >= 5 for p in after['dayparts'] + after['devices']))

    def test_audit(self):
        before = self.server.ask('GET', '/v1/audit')[2]['of']
        self.server.ask('GET', '/v1/audiences/show?expression=liked:genre%3DComedy&floor=20')
        trail = self.server.ask('GET', '/v1/audit?limit=1')[2]
        self.assertEqual((trail['of'], len(trail['entries'])), (before + 1, 1))
        self.assertIn('show who=admin', trail['entries'][0])
        self.assertIn('liked:genre=Comedy', trail['entries'][0])

    def test_ids_of_requests(self):
        self.assertEqual(self.server.ask('GET', '/healthz', headers={'X-Request-Id': 'abc-1.2'})[1]['X-Request-Id'], 'abc-1.2')
        other = self.server.ask('GET', '/healthz', headers={'X-Request-Id': 'a b<'})[1]['X-Request-Id']
        self.assertRegex(other, '^[0-9a-f]{16}$')


if __name__ == '__main__':
    main(sys.argv)

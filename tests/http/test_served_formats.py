#!/usr/bin/env python3
"""Events in other vendors' formats: credentials, content types, limits, browsers.  Usage: test_served_formats.py MARQUEE"""
import base64
import gzip
import json
import sys
import threading
import time
import unittest

from served import Program, Server, ServedTest, ask, event, main, wait_for

PAGE = 'https://watch.example.com'


def make_key(data, role, *more):
    return json.loads(Program.run('keys', 'create', '--data', data, '--role', role, '--json', *more).stdout)['key']


def track(number, viewer='s1', event='Video Content Playing', **more):
    return {'type': 'track', 'userId': viewer, 'messageId': f'm-{number}', 'event': event,
            'properties': {'content_asset_id': 't1', 'session_id': 'x', 'position': number}, **more}


class Open(ServedTest):
    options = ('--cors', PAGE)

    def kinds(self, viewer):
        status, _, text = self.server.ask('GET', f'/v1/viewers/{viewer}/export')
        self.assertEqual(status, 200)
        return [json.loads(line) for line in text.decode().splitlines()]

    def test_each_call_has_its_routes(self):
        for number, (word, letter) in enumerate((('track', 't'), ('identify', 'i'), ('page', 'p'), ('screen', 's'), ('group', 'g'),
                                                 ('alias', 'a'))):
            for form in (word, letter):
                call = {'userId': 'routes', 'previousId': 'before', 'event': 'x', 'messageId': f'{form}-{number}'}
                answer = self.server.ask('POST', f'/v1/{form}', call)
                self.assertEqual(answer[0], 200, answer[2])
                self.assertEqual((answer[2]['success'], answer[2]['accepted']), (True, 1), answer[2])
        for form in ('batch', 'b'):
            self.assertEqual(self.server.ask('POST', f'/v1/{form}', {'batch': []})[2]['success'], True)

    def test_a_browser_posts_text(self):
        answer = self.server.ask('POST', '/v1/t', json.dumps({**track(1, 'browser'), 'writeKey': 'w'}),
                                 {'Origin': PAGE, 'Content-Type': 'text/plain'})
        self.assertEqual((answer[0], answer[2]['accepted']), (200, 1))
        self.assertEqual(answer[1]['Access-Control-Allow-Origin'], PAGE)
        answer = self.server.ask('OPTIONS', '/v1/t', headers={'Origin': PAGE, 'Access-Control-Request-Method': 'POST',
                                                              'Access-Control-Request-Headers': 'authorization,content-type'})
        self.assertEqual(answer[0], 204)
        self.assertIn('authorization', answer[1]['Access-Control-Allow-Headers'])
        self.problem(self.server.ask('POST', '/v1/t', json.dumps(track(2, 'browser')), {'Origin': 'https://evil.example'}), 403)

    def test_gzip_under_another_name(self):
        body = gzip.compress(json.dumps({'batch': [track(1, 'zip')], 'sentAt': '2026-03-01T20:00:00Z'}).encode())
        answer = self.server.ask('POST', '/v1/batch', body,
                                 {'Content-Encoding': 'gzip', 'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertEqual((answer[0], answer[2]['accepted']), (200, 1))

    def test_a_gzip_bomb(self):
        body = gzip.compress(b'{"batch":[' + b' ' * (200 << 20) + b']}')
        self.assertLess(len(body), 1 << 20)
        answer = self.server.ask('POST', '/v1/batch', body, {'Content-Encoding': 'gzip'})
        self.problem(answer, 413)

    def test_too_much_is_400_and_changes_nothing(self):
        before = self.server.ask('GET', '/v1/stats')[2]['events']
        many = {'batch': [track(n, 'many', event='x', properties={}) for n in range(2501)]}
        for call in many['batch']:
            del call['properties'], call['messageId']
        self.problem(self.server.ask('POST', '/v1/batch', many), 400)
        wide = {'batch': [track(n, 'many', context={'x': 'y' * 30000}) for n in range(20)]}
        self.assertEqual(self.server.ask('POST', '/v1/batch', wide)[0], 400)
        self.assertEqual(self.server.ask('POST', '/v1/track', track(1, 'many', context={'x': 'y' * 33000}))[0], 400)
        self.assertEqual(self.server.ask('POST', '/v1/batch', '{"batch":[')[0], 400)
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before)

    def test_large_bodies_on_one_connection(self):
        """Over 128 KiB, which a loop leaves to others: read, refused and answered like any."""
        many = [event(f'large-{n}', f'crowd{n % 50}', 't1', 'progress', session='x' * 60, position_ms=n) for n in range(1500)]
        many[700]['kind'] = ''
        body = json.dumps(many)
        self.assertGreater(len(body), 2 * 128 * 1024)
        before = self.server.ask('GET', '/v1/stats')[2]['events']
        c = self.server.connect()
        answer = ask(c, 'POST', '/v1/events', body)
        self.assertEqual((answer[0], answer[2]['accepted'], answer[2]['rejected'][0]['index']), (200, 1499, 700), answer[2])
        answer = ask(c, 'POST', '/v1/events', gzip.compress(body.encode()), {'Content-Encoding': 'gzip'})
        self.assertEqual((answer[2]['accepted'], answer[2]['duplicates']), (0, 1499))
        answer = ask(c, 'POST', '/v1/events', body[:-1] + ', {')
        self.problem(answer, 400)
        self.assertEqual(ask(c, 'GET', '/v1/viewers/crowd7/home')[0], 200)
        c.close()
        segment = {'batch': [track(f'l-{n}', 'crowd', context={'page': 'y' * 200}) for n in range(1000)]}
        self.assertEqual(self.server.ask('POST', '/v1/batch', segment)[2]['accepted'], 1000)
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before + 2499)

    def test_sent_again_nothing_changes_whatever_time_it_claims(self):
        first = {'batch': [track(n, 'again', timestamp='2026-03-01T20:00:00Z') for n in range(5)]}
        first['batch'].append({'type': 'track', 'userId': 'again', 'event': 'no id', 'timestamp': '2026-03-01T20:00:00Z'})
        self.assertEqual(self.server.ask('POST', '/v1/batch', {**first, 'sentAt': '2026-03-01T20:00:00Z'})[2]['accepted'], 6)
        log = self.kinds('again')
        for call in first['batch'][:5]:
            call['timestamp'] = '2026-01-01T00:00:00Z'
        answer = self.server.ask('POST', '/v1/batch', {**first, 'sentAt': '2026-03-02T20:00:00Z'})[2]
        self.assertEqual((answer['accepted'], answer['duplicates']), (0, 6))
        self.assertEqual(self.kinds('again'), log)

    def test_unknown_kinds_are_kept_and_counted(self):
        before = self.server.ask('GET', '/v1/stats')[2]
        self.server.ask('POST', '/v1/track', {'userId': 'odd', 'event': 'Danced', 'messageId': 'd'})
        self.assertEqual([e['kind'] for e in self.kinds('odd')], ['Danced'])
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before['events'] + 1)

    def test_what_was_refused_is_kept_until_its_viewer_is_erased(self):
        letters = self.data / 'dead-letters.ndjson'
        self.server.ask('POST', '/v1/track', track(1, 'letter-writer', event='x'))
        self.server.ask('POST', '/v1/track', track(2, 'letter-writer', event='Video Playback Paused', properties={}))
        self.assertTrue(wait_for(lambda: letters.exists() and 'letter-writer' in letters.read_text()))
        line = json.loads([l for l in letters.read_text().splitlines() if 'letter-writer' in l][0])
        self.assertEqual(line['source'], 'segment')
        self.assertIn('content_asset_id', line['reason'])
        self.assertEqual(json.loads(line['raw'])['userId'], 'letter-writer')
        receipt = self.server.ask('DELETE', '/v1/viewers/letter-writer')
        self.assertEqual(receipt[0], 200, receipt[2])
        self.assertNotIn('letter-writer', letters.read_text())

    def test_two_viewers_in_one_session(self):
        calls = [track(1, 'left', event='Video Playback Started'), track(2, 'right', event='Video Playback Started'),
                 track(3, 'left', event='Video Playback Paused')]
        self.server.ask('POST', '/v1/batch', {'batch': calls})
        self.assertEqual([e['kind'] for e in self.kinds('left')], ['start', 'pause'])
        self.assertEqual([e['kind'] for e in self.kinds('right')], ['start'])

    def test_a_month_late_is_put_where_it_belongs(self):
        now = time.time()

        def at(days):
            return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now - days * 86400))
        self.server.ask('POST', '/v1/track', track(1, 'late', event='Video Playback Started', timestamp=at(0)))
        answer = self.server.ask('POST', '/v1/track', track(2, 'late', event='Video Playback Paused', timestamp=at(29.9)))
        self.assertEqual(answer[2]['accepted'], 1)
        self.assertEqual([(e['kind'], e['at']) for e in self.kinds('late')], [('pause', at(29.9)), ('start', at(0))])
        answer = self.server.ask('POST', '/v1/track', track(3, 'late', timestamp=at(-1)))
        self.assertIn('future', answer[2]['rejected'][0]['error'])

    def test_cloudevents(self):
        head = {'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/p', 'ce-type': 'x.pause', 'CE-Subject': 'cloud',
                'Content-Type': 'application/json'}
        body = json.dumps({'title': 't1', 'position_ms': 5000})
        self.assertEqual(self.server.ask('POST', '/v1/cloudevents', body, head)[2]['accepted'], 1)
        same = {'specversion': '1.0', 'id': '1', 'source': '/p', 'type': 'x.pause', 'subject': 'cloud', 'data': {'title': 't1'}}
        answer = self.server.ask('POST', '/v1/cloudevents', same, {'Content-Type': 'application/cloudevents+json; charset=utf-8'})
        self.assertEqual(answer[2]['duplicates'], 1)
        batch = [{**same, 'id': '2'}, {**same, 'source': '/q'}, {**same, 'id': ''}]

        def parts():
            text = json.dumps(batch).encode()
            for at in range(0, len(text), 7):
                yield text[at:at + 7]
        answer = self.server.ask('POST', '/v1/cloudevents', parts(), {'Content-Type': 'application/cloudevents-batch+json'})
        self.assertEqual((answer[2]['accepted'], [r['index'] for r in answer[2]['rejected']]), (2, [2]))


class Keys(ServedTest):
    @classmethod
    def prepare(cls):
        cls.ingest = make_key(cls.data, 'ingest')
        cls.bound = make_key(cls.data, 'read', '--viewer', 'v1')

    def post(self, path, call, headers=None):
        return self.server.ask('POST', path, json.dumps(call), headers)

    def test_where_a_key_may_stand(self):
        basic = base64.b64encode(f'{self.ingest}:'.encode()).decode()
        for headers in ({'Authorization': f'Basic {basic}'}, {'Authorization': f'Bearer {self.ingest}'}, {'X-API-Key': self.ingest}):
            self.assertEqual(self.post('/v1/track', track(1), headers)[0], 200, headers)
        self.assertEqual(self.post('/v1/t', {**track(2), 'writeKey': self.ingest})[0], 200)
        self.assertEqual(self.post('/v1/batch', {'batch': [track(3)], 'writeKey': self.ingest})[0], 200)

    def test_others_stay_outside(self):
        wrong = base64.b64encode(b'mk_wrong:').decode()
        for headers in ({'Authorization': f'Basic {wrong}'}, {'Authorization': 'Basic ???'}, {'Authorization': 'Digest x'},
                        {'X-API-Key': 'mk_wrong'}):
            self.problem(self.post('/v1/track', track(10, 'outside'), headers), 401)
        self.problem(self.post('/v1/t', track(11, 'outside')), 401)
        self.problem(self.post('/v1/t', {**track(11, 'outside'), 'writeKey': 'mk_wrong'}), 401)
        large = {'batch': [track(f'large-{n}', 'outside', context={'page': 'y' * 200}) for n in range(1000)]}
        self.problem(self.post('/v1/batch', {**large, 'writeKey': 'mk_wrong'}), 401)
        self.assertEqual(self.post('/v1/batch', {**large, 'writeKey': self.ingest})[2]['accepted'], 1000)
        self.problem(self.post(f'/v1/t?key={self.ingest}', track(11, 'outside')), 401)
        self.problem(self.post('/v1/t', {**track(11, 'v1'), 'writeKey': self.bound}), 403)
        answer = self.post('/v1/batch', {'batch': [track(12, 'outside'), track(13, 'v1')]}, {'Authorization': f'Bearer {self.bound}'})
        self.assertEqual((answer[0], answer[2]['accepted'], len(answer[2]['rejected'])), (200, 1, 1))


class Who(ServedTest):
    def who(self, viewer):
        return self.server.ask('GET', f'/v1/viewers/{viewer}/identities')[2]

    def test_two_known_viewers_stay_apart_and_it_is_said(self):
        identify = {'type': 'identify', 'userId': 'ann-c', 'anonymousId': 'tv-c', 'messageId': 'c1'}
        answer = self.server.ask('POST', '/v1/batch', {'batch': [identify]})
        self.assertNotIn('conflicts', answer[2])
        other = {**identify, 'userId': 'bob-c', 'messageId': 'c3'}
        answer = self.server.ask('POST', '/v1/batch', {'batch': [{**track(1), 'messageId': 'c2'}, {'type': 'track'}, other]})
        self.assertEqual((answer[0], answer[2]['accepted'], [r['index'] for r in answer[2]['rejected']]), (200, 2, [1]))
        self.assertEqual([c['index'] for c in answer[2]['conflicts']], [2])
        self.assertIn('bob-c and tv-c', answer[2]['conflicts'][0]['error'])
        self.assertEqual(self.who('tv-c')['identities'][0], 'ann-c')

    def test_a_visitor_signs_in_and_the_server_is_killed(self):
        self.server.ask('POST', '/v1/track', {**track(1), 'userId': None, 'anonymousId': 'device-1'})
        self.server.ask('POST', '/v1/identify', {'userId': 'person', 'anonymousId': 'device-1', 'messageId': 'i1',
                                                 'traits': {'age': 30, 'plan': 'gold', 'email': 'x@example.com'}})
        self.server.ask('POST', '/v1/alias', {'userId': 'person', 'previousId': 'old-person', 'messageId': 'a1'})
        want = {'identities': ['person', 'old-person', 'device-1'], 'attributes': {'age_band': '25-34', 'plan': 'gold'}}
        for viewer in ('person', 'device-1', 'old-person'):
            self.assertEqual(self.who(viewer), {'viewer': viewer, **want})
        self.assertEqual(self.server.ask('GET', '/v1/viewers/person')[2]['events'], 3)
        type(self).server.kill()
        type(self).server = Server(self.data)
        self.assertEqual(self.who('person'), {'viewer': 'person', **want})
        answer = self.server.ask('POST', '/v1/identify', {'userId': 'person', 'anonymousId': 'device-1', 'messageId': 'i1'})
        self.assertEqual(answer[2]['duplicates'], 1)

    def test_merged_and_taken_apart(self):
        for viewer in ('left', 'right', 'third'):
            self.server.ask('POST', '/v1/track', track(1, viewer))
        path = '/v1/viewers/left/identities/right'
        self.problem(self.server.ask('DELETE', path), 404)
        for _ in range(2):
            self.assertEqual(self.server.ask('PUT', path)[2]['identities'], ['left', 'right'])
        self.problem(self.server.ask('PUT', '/v1/viewers/third/identities/right'), 409)
        self.problem(self.server.ask('PUT', '/v1/viewers/left/identities/left'), 400)
        self.problem(self.server.ask('DELETE', '/v1/viewers/right/identities/left'), 409)
        self.assertNotIn('right', self.server.ask('GET', '/v1/viewers?limit=1000')[2]['viewers'])
        self.assertEqual(self.server.ask('DELETE', path)[2]['identities'], ['left'])
        self.assertEqual(self.who('right')['identities'], ['right'])
        done = Program.run('identity', '--data', self.data, '--viewer', 'third', '--merge', 'right', '--json')
        self.assertEqual(json.loads(done.stdout)['identities'], ['third', 'right'])


class Queue(ServedTest):
    options = ('--queue', '64')

    def test_a_full_queue_says_when_to_come_back(self):
        """Many senders, a tiny queue: some hear 429, all come back, and everything is there once."""
        senders, batches, each = 12, 12, 60
        busy, wrong, rounds = [], [], 0

        def send(sender):
            c = self.server.connect()
            for batch in range(batches):
                calls = [track(f'{rounds}-{sender}-{batch}-{n}', f'q{sender}', properties={'content_asset_id': 't1'}) for n in range(each)]
                while True:
                    status, headers, body = ask(c, 'POST', '/v1/batch', {'batch': calls})
                    if status == 200:
                        break
                    if status != 429 or int(headers.get('Retry-After', 0)) < 1:
                        wrong.append((status, body))
                        return
                    busy.append(sender)
                    time.sleep(0.01)
            c.close()
        while not busy and rounds < 50:  # whether two are there at once is chance
            rounds += 1
            threads = [threading.Thread(target=send, args=(s,)) for s in range(senders)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(wrong, [])
        self.assertGreater(len(busy), 0)
        for s in range(senders):
            self.assertEqual(self.server.ask('GET', f'/v1/viewers/q{s}')[2]['events'], rounds * batches * each)


if __name__ == '__main__':
    main(sys.argv)

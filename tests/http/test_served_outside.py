#!/usr/bin/env python3
"""Formats of other services over sockets: webhooks and the APIs that others' SDKs speak.
Usage: test_served_outside.py MARQUEE"""
import datetime
import gzip
import hashlib
import hmac
import json
import sys
import urllib.parse

from served import Program, ServedTest, main, wait_for

MULTIPART = {'Content-Type': 'multipart/form-data; boundary=XX'}


def plex(event, offset, viewer=12, title='99'):
    payload = {'event': event, 'Account': {'id': viewer, 'title': 'Ann'}, 'Player': {'uuid': 'p1', 'title': 'Apple TV'},
               'Metadata': {'type': 'movie', 'ratingKey': title, 'viewOffset': offset}}
    return ('--XX\r\nContent-Disposition: form-data; name="payload"\r\nContent-Type: application/json\r\n\r\n'
            + json.dumps(payload) + '\r\n--XX\r\nContent-Disposition: form-data; name="thumb"\r\n\r\nJPEG\r\n--XX--\r\n')


class Webhooks(ServedTest):
    def events(self, viewer):
        text = self.server.ask('GET', f'/v1/viewers/{viewer}/export')[2]
        text = text if isinstance(text, str) else text.decode()
        return [json.loads(line) for line in text.splitlines()]

    def test_jellyfin(self):
        body = ('{"NotificationType":"PlaybackStart","UserId":"jf1","ItemId":"t1","ItemType":"Movie","DeviceId":"d",'
                '"Name":"The \\\\\\"Odd\\\\\\" One","UtcTimestamp":"2026-03-01T20:00:00.1234567Z",'
                '"PlaybackPositionTicks":50000}')
        for sums in ((1, 0), (0, 1)):
            answer = self.server.ask('POST', '/webhooks/jellyfin', body, {'Content-Type': 'text/plain; charset=utf-8'})
            self.assertEqual((answer[0], answer[2]['accepted'], answer[2]['duplicates']), (200, *sums))
        (e,) = self.events('jf1')
        self.assertEqual((e['kind'], e['title'], e['position_ms']), ('start', 't1', 5))
        self.problem(self.server.ask('POST', '/webhooks/jellyfin', '{"NotificationType"'), 400)
        answer = self.server.ask('POST', '/webhooks/jellyfin', {'NotificationType': 'PlaybackStop', 'UserId': 'jf1'})
        self.assertIn('title', answer[2]['rejected'][0]['error'])

    def test_titles_are_learnt_and_never_overwritten(self):
        def title(id):
            self.assertTrue(wait_for(lambda: self.server.ask('GET', f'/v1/titles/{id}')[0] == 200), f'{id} is not in the catalogue')
            return self.server.ask('GET', f'/v1/titles/{id}')[2]
        call = {'NotificationType': 'PlaybackStart', 'UserId': 'jf2', 'ItemType': 'Episode', 'Name': 'Pilot', 'SeriesName': 'A Show',
                'SeasonNumber': 1, 'EpisodeNumber': 2, 'RunTimeTicks': 27000000000, 'Year': 2011, 'Genres': 'Drama, War'}
        self.assertEqual(self.server.ask('POST', '/webhooks/jellyfin', {**call, 'ItemId': 'heard1'})[2]['accepted'], 1)
        t = title('heard1')
        self.assertEqual((t['name'], t['kind'], t['series'], t['season'], t['episode'], t['runtime_min'], t['genres']),
                         ('Pilot', 'episode', 'A Show', 1, 2, 45, ['Drama', 'War']))
        self.assertEqual(self.server.ask('PUT', '/v1/titles/heard2', {'name': 'Better', 'year': 1999})[0], 200)
        self.server.ask('POST', '/webhooks/jellyfin', {**call, 'ItemId': 'heard2'})
        self.assertTrue(wait_for(lambda: 'runtime_min' in title('heard2')))
        t = title('heard2')
        self.assertEqual((t['name'], t['year'], t['runtime_min']), ('Better', 1999, 45))

    def test_plex(self):
        for event, offset in (('media.play', 0), ('media.pause', 1000)):
            answer = self.server.ask('POST', '/webhooks/plex', plex(event, offset), MULTIPART)
            self.assertEqual((answer[0], answer[2]['accepted']), (200, 1), answer[2])
        self.assertEqual([e['kind'] for e in self.events('12')], ['start', 'pause'])

    def test_truncated_multipart(self):
        whole = plex('media.play', 0, viewer=13)
        for n in (0, 1, 40, len(whole) // 2, len(whole) - 10):
            detail = self.problem(self.server.ask('POST', '/webhooks/plex', whole[:n], MULTIPART), 400)['detail']
            self.assertIn('breaks off', detail)
        self.problem(self.server.ask('GET', '/v1/viewers/13'), 404)

    def test_gzip_bomb(self):
        bomb = gzip.compress(b' ' * (64 << 20))
        for path in ('/webhooks/jellyfin', '/webhooks/plex'):
            self.problem(self.server.ask('POST', path, bomb, {'Content-Encoding': 'gzip'}), 413)


class Doctor(ServedTest):
    """A day of a player that reports every ten seconds; then it sends seconds for milliseconds."""

    def feed(self, first, last, unit):
        events = []
        for minute in range(first, last):
            for i in range(12):
                at = 1772323200000 + minute * 60000 + i * 5000
                viewing, step = divmod(minute, 10)
                events.append({'viewer': f'd{i}', 'kind': 'progress' if step else 'start', 'title': 't1', 'session': f'{i}-{viewing}',
                               'at': at, 'position_ms': step * 60000 // unit, 'context': {'app': 'tv 1.0'}})
        for i in range(0, len(events), 1000):
            answer = self.server.ask('POST', '/v1/events', events[i:i + 1000])
            self.assertEqual(answer[2]['accepted'], len(events[i:i + 1000]))

    def test_units(self):
        self.feed(0, 300, 1)
        before = self.server.ask('GET', '/v1/doctor')[2]
        self.assertEqual([a for a in before['alarms'] if a['alarm'] != 'silent'], [])
        streams = {(s['source'], s.get('app')): s for s in before['sources']}
        self.assertEqual(streams['native', 'tv 1.0']['events'], 3600)
        self.assertAlmostEqual(streams['native', None]['mix']['start'], 0.1, 2)
        self.feed(300, 320, 1000)
        after = self.server.ask('GET', '/v1/doctor')[2]
        self.assertFalse(after['well'])
        self.assertIn(('units', 'tv 1.0'), {(a['alarm'], a.get('app')) for a in after['alarms']})
        metrics = self.server.ask('GET', '/metrics')[2]
        metrics = metrics if isinstance(metrics, str) else metrics.decode()
        self.assertIn('marquee_source_alarm{alarm="units",kind="",source="native",app="tv 1.0"} 1', metrics)
        offline = Program.run('doctor', '--data', self.data, '--json')
        self.assertIn('"alarm":"units"', offline.stdout)


class Gorse(ServedTest):
    def test_feedback_users_and_items(self):
        feedback = [{'FeedbackType': 'star', 'UserId': 'bob', 'ItemId': 't2', 'Value': 5, 'Timestamp': '2026-03-01T20:00:00Z'},
                    {'FeedbackType': 'like', 'UserId': 'bob', 'ItemId': 't4', 'Timestamp': '2026-03-01T20:00:01Z'}]
        for affected in (2, 0):
            answer = self.server.ask('POST', '/api/feedback', feedback, {'X-API-Key': 'any'})
            self.assertEqual((answer[0], answer[2]), (200, {'RowAffected': affected}))
        self.assertEqual(self.server.ask('PUT', '/api/feedback', feedback)[0], 200)
        self.assertEqual(self.server.ask('POST', '/api/user', {'UserId': 'carol', 'Labels': []})[2], {'RowAffected': 1})
        self.assertEqual(self.server.ask('GET', '/api/user/carol')[2]['UserId'], 'carol')
        self.problem(self.server.ask('GET', '/api/user/nobody'), 404)
        item = {'ItemId': 'g1', 'Categories': ['Drama'], 'Labels': ['dark'], 'Comment': 'The Gorse', 'Timestamp': '2026-01-01T00:00:00Z'}
        self.assertEqual(self.server.ask('POST', '/api/item', item)[2], {'RowAffected': 1})
        got = self.server.ask('GET', '/api/item/g1')[2]
        self.assertEqual((got['Categories'], got['Labels'], got['Comment']), (['Drama'], ['dark'], 'The Gorse'))
        self.assertEqual(self.server.ask('PATCH', '/api/item/g1', {'Categories': ['War']})[2], {'RowAffected': 1})
        after = self.server.ask('GET', '/api/item/g1')[2]
        self.assertEqual((after['Categories'], after['Labels'], after['Comment'], after['Timestamp']),
                         (['War'], ['dark'], 'The Gorse', '2026-01-01T00:00:00Z'))
        self.problem(self.server.ask('PATCH', '/api/item/g1', b'{"Categories":'), 400)
        self.problem(self.server.ask('PATCH', '/api/item/g1', b'{} {}'), 400)
        self.problem(self.server.ask('PATCH', '/api/item/none', {}), 404)
        self.assertEqual(self.server.ask('PATCH', '/api/user/carol', {'Labels': ['x']})[2], {'RowAffected': 1})
        self.problem(self.server.ask('PATCH', '/api/user/nobody', {}), 404)
        self.assertEqual(self.server.ask('DELETE', '/api/item/g1')[2], {'RowAffected': 1})
        self.assertEqual(self.server.ask('DELETE', '/api/user/carol')[2], {'RowAffected': 1})
        ids, cursor = [], ''
        while True:
            page = self.server.ask('GET', f'/api/users?n=7&cursor={cursor}')[2]
            ids += [u['UserId'] for u in page['Users']]
            cursor = page['Cursor']
            if not cursor:
                break
        self.assertEqual(len(ids), len(set(ids)))
        self.assertIn('bob', ids)

    def pages(self, path, n):
        found, cursor = [], ''
        for _ in range(1000):
            status, _, page = self.server.ask('GET', f'{path}?n={n}&cursor={cursor}')
            self.assertEqual(status, 200)
            self.assertEqual(set(page), {'Cursor', 'Feedback'})
            self.assertLessEqual(len(page['Feedback']), n)
            found += page['Feedback']
            cursor = page['Cursor']
            if not cursor:
                return found
        self.fail('the pages do not end')

    def test_everybodys_feedback_is_listed_in_pages(self):
        feedback = [{'FeedbackType': kind, 'UserId': f'paged-{i % 3}', 'ItemId': f't{1 + i % 5}', 'Timestamp': f'2026-03-{i + 1:02}'}
                    for i in range(15) for kind in (['paged', 'star'] if i % 2 else ['paged'])]
        self.assertEqual(self.server.ask('POST', '/api/feedback', feedback)[2], {'RowAffected': len(feedback)})
        mine = lambda found: sorted((f['UserId'], f['ItemId'], f['Timestamp'][:10]) for f in found if f['UserId'].startswith('paged-'))
        wanted = lambda kinds: sorted((f['UserId'], f['ItemId'], f['Timestamp']) for f in feedback if f['FeedbackType'] in kinds)
        for n in (7, 50, 1000):
            self.assertEqual(mine(self.pages('/api/feedback/paged', n)), wanted(['paged']))
            self.assertEqual(mine(self.pages('/api/feedback', n)), wanted(['paged', 'star']))
        self.assertEqual(self.pages('/api/feedback/never', 10), [])
        pair = self.server.ask('GET', '/api/feedback/paged-1/t2')[2]
        self.assertEqual([(f['FeedbackType'], f['Timestamp'][:10]) for f in pair], [('paged', '2026-03-02'), ('like', '2026-03-02')])
        self.assertEqual(self.server.ask('GET', '/api/feedback/paged-1/none')[2], [])
        self.assertEqual(self.server.ask('DELETE', '/api/feedback/paged-1/t2')[2], {'RowAffected': 1})
        self.assertNotIn(('paged-1', 't2'), [(f['UserId'], f['ItemId']) for f in self.pages('/api/feedback', 50)])
        for cursor in ('x', '1', '1.', '.1', '1.x', '-1.0', '99999999999.0', '1.1.1'):
            self.problem(self.server.ask('GET', f'/api/feedback?cursor={cursor}'), 400)
        self.assertEqual(self.server.ask('GET', '/api/feedback?cursor=4000000000.7')[2], {'Feedback': [], 'Cursor': ''})

    def test_lists_and_what_is_taken_back(self):
        feedback = [{'FeedbackType': 'star', 'UserId': 'dora', 'ItemId': 't2', 'Timestamp': '2026-03-01'},
                    {'FeedbackType': 'star', 'UserId': 'dora', 'ItemId': 't3', 'Value': 4, 'Timestamp': '2026-03-02'},
                    {'FeedbackType': 'read', 'UserId': 'dora', 'ItemId': 't4', 'Timestamp': '2026-03-03'},
                    {'FeedbackType': 'shared', 'UserId': 'dora', 'ItemId': 't4', 'Timestamp': '2026-03-04'}]
        self.assertEqual(self.server.ask('POST', '/api/feedback', feedback)[2], {'RowAffected': 4})
        stars = self.server.ask('GET', '/api/user/dora/feedback/star')[2]
        self.assertEqual([(f['FeedbackType'], f['UserId'], f['ItemId'], f['Value']) for f in stars],
                         [('star', 'dora', 't2', 0), ('star', 'dora', 't3', 4)])
        self.assertEqual(stars[0]['Timestamp'], '2026-03-01T00:00:00Z')
        every = self.server.ask('GET', '/api/user/dora/feedback')[2]
        self.assertEqual([f['FeedbackType'] for f in every], ['like', 'rating', 'click', 'shared'])
        self.assertEqual(self.server.ask('GET', '/api/user/dora/feedback/hide')[2], [])
        self.problem(self.server.ask('GET', '/api/user/nobody/feedback'), 404)
        self.assertEqual(self.server.ask('GET', '/api/feedback/star/dora/t3')[2]['Value'], 4)
        self.problem(self.server.ask('GET', '/api/feedback/star/dora/t4'), 404)
        self.assertEqual(self.server.ask('DELETE', '/api/feedback/dora/t3')[2], {'RowAffected': 1})
        self.assertFalse(self.server.ask('GET', '/v1/viewers/dora/explain/t3')[2]['watched'])
        self.problem(self.server.ask('GET', '/api/feedback/star/dora/t3'), 404)
        self.assertEqual([f['ItemId'] for f in self.server.ask('GET', '/api/user/dora/feedback')[2]], ['t2', 't4', 't4'])
        for title in ('t4', 't2', 't4'):
            self.assertEqual(self.server.ask('DELETE', f'/api/feedback/dora/{title}')[2], {'RowAffected': 1})
        self.assertEqual(self.server.ask('GET', '/api/user/dora/feedback')[2], [])
        later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=2)).strftime('%Y-%m-%dT%H:%M:%SZ')
        again = [{'FeedbackType': 'star', 'UserId': 'dora', 'ItemId': 't4', 'Timestamp': later}]
        self.assertEqual(self.server.ask('POST', '/api/feedback', again)[2], {'RowAffected': 1})
        self.assertEqual([(f['FeedbackType'], f['ItemId']) for f in self.server.ask('GET', '/api/user/dora/feedback')[2]],
                         [('like', 't4')])
        items, cursor = [], ''
        while True:
            page = self.server.ask('GET', f'/api/items?n=7&cursor={cursor}')[2]
            items += page['Items']
            cursor = page['Cursor']
            if not cursor:
                break
        ids = [i['ItemId'] for i in items]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual({'t1', 't2'}, set(ids))
        name = next(i['Comment'] for i in items if i['ItemId'] == 't2')
        found = self.server.ask('GET', '/api/items?n=3&q=' + urllib.parse.quote(name))[2]['Items']
        self.assertEqual(found[0]['ItemId'], 't2')

    def test_recommendations(self):
        whole = self.server.ask('GET', '/api/recommend/v2/?n=8')[2]
        self.assertEqual(len(whole), 8)
        self.assertEqual(self.server.ask('GET', '/api/recommend/v2?n=3&offset=2')[2], whole[2:5])
        thrillers = self.server.ask('GET', '/api/recommend/v2?n=5&category=thriller')[2]
        self.assertTrue(thrillers and all(int(t[1:]) % 2 == 0 for t in thrillers))
        for path in ('/api/item/t2/neighbors/?n=3', '/api/item/t2/neighbors?n=3', '/api/item-to-item/any/t2?n=3'):
            answer = self.server.ask('GET', path)[2]
            self.assertEqual(len(answer), 3)
            self.assertGreaterEqual(answer[0]['Score'], answer[1]['Score'])
        self.assertTrue(self.server.ask('GET', '/api/popular')[2])
        for path in ('/api/latest', '/api/latest/', '/api/latest/Comedy'):
            self.assertEqual(self.server.ask('GET', path)[0], 200)
        comedies = self.server.ask('GET', '/api/popular/Comedy')[2]
        self.assertTrue(comedies and all(int(i['Id'][1:]) % 2 for i in comedies))
        self.assertEqual(self.server.ask('GET', '/api/recommend/v2/Thriller?n=5')[2], thrillers)
        session = [{'FeedbackType': 'read', 'UserId': 'x', 'ItemId': i} for i in ('t2', 't4')]
        ids = [i['Id'] for i in self.server.ask('POST', '/api/session/recommend?n=5', session)[2]]
        self.assertTrue(ids and not {'t2', 't4'} & set(ids))
        nobody = [{'FeedbackType': 'read', 'UserId': '', 'ItemId': i, 'Timestamp': ''} for i in ('t2', 't4')]
        self.assertEqual([i['Id'] for i in self.server.ask('POST', '/api/session/recommend?n=5', nobody)[2]], ids)
        for probe in ('live', 'ready'):
            self.assertEqual(self.server.ask('GET', '/api/health/' + probe)[2], {'Ready': True})


class Personalize(ServedTest):
    def test_events_and_answers(self):
        body = {'trackingId': 't', 'sessionId': 's', 'userId': 'aws', 'eventList': [
            {'eventType': 'Watch', 'itemId': 't2', 'sentAt': 1772400000, 'properties': '{"position_ms":0}'}]}
        self.assertEqual(self.server.ask('POST', '/events', body)[2], {})
        self.problem(self.server.ask('POST', '/events', {**body, 'eventList': []}), 400)

        def ask(recipe, **more):
            return self.server.ask('POST', '/recommendations', {'recommenderArn': 'arn:aws:personalize:x:1:recommender/' + recipe,
                                                               'userId': 'v2', 'numResults': 4, **more})
        for recipe in ('top-picks-for-you', 'most-popular', 'more-like-x', 'because-you-watched-x'):
            answer = ask(recipe, itemId='t2')
            self.assertEqual(answer[0], 200, answer[2])
            self.assertTrue(0 < len(answer[2]['itemList']) <= 4, (recipe, answer[2]))
            self.assertTrue(answer[2]['recommendationId'])
        self.assertEqual(ask('trending-now')[0], 200)
        self.problem(ask('more-like-x'), 400)
        self.problem(ask('top', filterArn='f'), 400)
        ranked = self.server.ask('POST', '/personalize-ranking', {'campaignArn': 'c', 'userId': 'v2', 'inputList': ['t1', 't4', 't6']})
        self.assertEqual({i['itemId'] for i in ranked[2]['personalizedRanking']}, {'t1', 't4', 't6'})
        known = [i['itemId'] for i in ranked[2]['personalizedRanking']]
        for given, wanted in ((['never', 't1', 'nor this', 't4', 't6'], known + ['never', 'nor this']), (['a', 'b'], ['a', 'b'])):
            ranked = self.server.ask('POST', '/personalize-ranking', {'campaignArn': 'c', 'userId': 'v2', 'inputList': given})
            self.assertEqual(ranked[0], 200, ranked[2])
            self.assertEqual([i['itemId'] for i in ranked[2]['personalizedRanking']], wanted)
            self.assertEqual([i['score'] for i in ranked[2]['personalizedRanking'][-2:]], [0, 0])


class Trending(ServedTest):
    def test_what_rises_is_answered(self):
        """Four hundred choices of the last days, then nine viewers begin one title within a minute."""
        now = datetime.datetime.now(datetime.timezone.utc)

        def start(number, title, minutes):
            at = (now - datetime.timedelta(minutes=minutes)).isoformat(timespec='milliseconds').replace('+00:00', 'Z')
            return {'id': f's-{number}', 'viewer': f'r{number}', 'kind': 'start', 'title': title, 'session': f'rs{number}', 'at': at,
                    'position_ms': 0, 'context': {'country': 'GB', 'timezone': 'Europe/London'}}
        usual = [start(n, f't{n % 20}', 60 + 20 * n) for n in range(400)]
        self.assertEqual(self.server.ask('POST', '/v1/events', usual)[2]['accepted'], 400)
        burst = [start(1000 + n, 't25', 0.1) for n in range(9)]
        self.assertEqual(self.server.ask('POST', '/v1/events', burst)[2]['accepted'], 9)

        def trending(**more):
            answer = self.server.ask('POST', '/recommendations', {'recommenderArn': 'r/trending-now', 'userId': 'v2',
                                                                 'numResults': 5, **more})
            self.assertEqual(answer[0], 200, answer[2])
            return [i['itemId'] for i in answer[2]['itemList']]
        self.assertEqual(trending(context={'COUNTRY': 'GB'})[0], 't25')
        self.assertTrue(trending(context={'COUNTRY': 'FR'}), 'where nothing rises: what is popular')


def aws_headers(body, key, secret, host, path='/events', when=None):
    """An independent signer: AWS, 'Create a signed AWS API request'."""
    now = (when or datetime.datetime.now(datetime.timezone.utc)).strftime('%Y%m%dT%H%M%SZ')
    scope = f'{now[:8]}/eu-west-1/personalize/aws4_request'
    canonical = '\n'.join(['POST', path, '', 'host:' + host, 'x-amz-date:' + now, '', 'host;x-amz-date',
                           hashlib.sha256(body).hexdigest()])
    text = '\n'.join(['AWS4-HMAC-SHA256', now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    k = ('AWS4' + secret).encode()
    for part in scope.split('/'):
        k = hmac.new(k, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(k, text.encode(), hashlib.sha256).hexdigest()
    return {'Host': host, 'X-Amz-Date': now, 'Authorization': f'AWS4-HMAC-SHA256 Credential={key}/{scope}, '
                                                              f'SignedHeaders=host;x-amz-date, Signature={signature}'}


class Signed(ServedTest):
    @classmethod
    def prepare(cls):
        (cls.dir / 'aws').write_text('AKID s3cret\n')
        cls.options = ('--aws-key', str(cls.dir / 'aws'))

    def test_signatures(self):
        body = json.dumps({'trackingId': 't', 'sessionId': 's', 'userId': 'aws', 'eventList': [
            {'eventType': 'Click', 'itemId': 't2', 'sentAt': 1772400000}]}).encode()
        host = f'127.0.0.1:{self.server.port}'
        good = aws_headers(body, 'AKID', 's3cret', host)
        self.assertEqual(self.server.ask('POST', '/events', body, good)[0], 200)
        ask = b'{"recommenderArn":"r/top-picks","userId":"v2"}'
        self.assertEqual(self.server.ask('POST', '/recommendations', ask,
                                         aws_headers(ask, 'AKID', 's3cret', host, '/recommendations'))[0], 200)
        old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        for headers in (aws_headers(body, 'AKID', 'wrong', host), aws_headers(body, 'OTHER', 's3cret', host),
                        aws_headers(body + b' ', 'AKID', 's3cret', host), aws_headers(body, 'AKID', 's3cret', host, when=old)):
            self.problem(self.server.ask('POST', '/events', body, headers), 403)
        self.problem(self.server.ask('POST', '/events', body), 401)
        self.problem(self.server.ask('POST', '/recommendations', ask), 401)
        self.problem(self.server.ask('POST', '/personalize-ranking', ask), 401)
        self.assertEqual(self.server.ask('GET', '/v1/stats')[0], 200, 'other routes stay as they were')


class WithKeys(ServedTest):
    def test_key_in_the_query(self):
        key = self.server.ask('POST', '/v1/keys', {'role': 'ingest'})[2]['key']
        self.assertEqual(self.server.ask('POST', '/webhooks/plex', plex('media.play', 0), MULTIPART)[0], 401)
        answer = self.server.ask('POST', '/webhooks/plex?key=' + key, plex('media.play', 0), MULTIPART)
        self.assertEqual(answer[0], 200, answer[2])
        self.assertEqual(self.server.ask('POST', '/webhooks/plex?key=mk_x', plex('media.play', 0), MULTIPART)[0], 401)
        # Where keys are needed and none of AWS is configured, a signature is refused.
        body = b'{"trackingId":"t"}'
        signed = aws_headers(body, 'AKID', 's3cret', f'127.0.0.1:{self.server.port}')
        self.problem(self.server.ask('POST', '/events', body, signed), 403)


if __name__ == '__main__':
    main(sys.argv)

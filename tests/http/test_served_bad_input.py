#!/usr/bin/env python3
"""Bad input over sockets, in every format that a server takes: sessions of a year, absurd places, two viewers in one session,
events of nobody, bombs, bodies that break off (docs/formats.md says what becomes of each).
Usage: test_served_bad_input.py MARQUEE"""
import gzip
import json
import sys
import time

from served import ServedTest, event, main

NIGHT_S = 20 * 3600
YEAR_S = 365 * 86400
BEGIN_S = 1672603200  # 2023-01-01T20:00:00Z
RUNTIME_MS = 6000000  # of the world's titles
MULTIPART = {'Content-Type': 'multipart/form-data; boundary=XX'}


def when(at_s):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(BEGIN_S + at_s))


class Format:
    """Sends (kind, seconds since the beginning, place in seconds) of a viewer in one session -> the answers."""
    headers, has_session, from_report = {}, True, 'progress'

    def __init__(self, server):
        self.server = server
        self.number = 0

    def send(self, viewer, title, moments, session='s'):
        answers = []
        for kind, at, place in moments:
            self.number += 1
            body = self.body(viewer, title, session, kind, at, place, f'{self.name}-{self.number}')
            answers.append(self.server.ask('POST', self.path, body, self.headers))
        return answers

    def accepted(self, answer):
        return answer[0] == 200 and answer[2].get('accepted') == 1


class Native(Format):
    name, path = 'native', '/v1/events'

    def body(self, viewer, title, session, kind, at, place, ident):
        return {'id': ident, 'viewer': viewer, 'kind': kind, 'title': title, 'session': session, 'at': when(at),
                'position_ms': place if isinstance(place, str) else place * 1000}


class CloudEvents(Format):
    name, path, headers = 'cloudevents', '/v1/cloudevents', {'Content-Type': 'application/cloudevents+json'}

    def body(self, viewer, title, session, kind, at, place, ident):
        return {'specversion': '1.0', 'id': ident, 'source': '/p', 'type': 'player.' + kind, 'subject': viewer, 'time': when(at),
                'data': {'title': title, 'session': session, 'position_ms': place if isinstance(place, str) else place * 1000}}


class Segment(Format):
    name, path = 'segment', '/v1/track'
    names = {'start': 'Video Playback Started', 'progress': 'Video Content Playing', 'stop': 'Video Playback Exited'}

    def body(self, viewer, title, session, kind, at, place, ident):
        return {'userId': viewer, 'event': self.names[kind], 'messageId': ident, 'timestamp': when(at),
                'properties': {'session_id': session, 'content_asset_id': title, 'position': place}}


class Jellyfin(Format):
    name, path = 'jellyfin', '/webhooks/jellyfin'
    names = {'start': 'PlaybackStart', 'progress': 'PlaybackProgress', 'stop': 'PlaybackStop'}

    def body(self, viewer, title, session, kind, at, place, ident):
        return {'NotificationType': self.names[kind], 'UserId': viewer, 'ItemId': title, 'PlaySessionId': session,
                'UtcTimestamp': when(at), 'IsPaused': False, 'PlaybackPositionTicks': place if isinstance(place, str) else place * 10000000}


class Plex(Format):
    """Says no time: its events are of the moment in which they arrive."""
    name, path, headers = 'plex', '/webhooks/plex', MULTIPART
    names = {'start': 'media.play', 'progress': 'media.scrobble', 'stop': 'media.stop'}

    def body(self, viewer, title, session, kind, at, place, ident):
        return multipart({'event': self.names[kind], 'Account': {'id': viewer}, 'Player': {'uuid': session},
                          'Metadata': {'type': 'movie', 'ratingKey': title, 'viewOffset': place if isinstance(place, str) else place * 1000}})


class Personalize(Format):
    name, path = 'personalize', '/events'

    def body(self, viewer, title, session, kind, at, place, ident):
        return {'trackingId': 't', 'sessionId': session, 'userId': viewer, 'eventList': [
            {'eventId': ident, 'eventType': kind, 'itemId': title, 'sentAt': BEGIN_S + at,
             'properties': json.dumps({'position_ms': place if isinstance(place, str) else place * 1000})}]}

    def accepted(self, answer):
        return (answer[0], answer[2]) == (200, {})


class Gorse(Format):
    name, path, has_session = 'gorse', '/api/feedback', False

    def body(self, viewer, title, session, kind, at, place, ident):
        return [{'FeedbackType': kind, 'UserId': viewer, 'ItemId': title, 'Value': place, 'Timestamp': when(at)}]

    def accepted(self, answer):
        return (answer[0], answer[2]) == (200, {'RowAffected': 1})


FORMATS = (Native, CloudEvents, Segment, Jellyfin, Plex, Personalize, Gorse)
TIMED = tuple(f for f in FORMATS if f is not Plex)


def multipart(payload):
    return ('--XX\r\nContent-Disposition: form-data; name="payload"\r\nContent-Type: application/json\r\n\r\n'
            + json.dumps(payload) + '\r\n--XX--\r\n')


class Bad(ServedTest):
    def each(self, formats, check):
        for kind in formats:
            with self.subTest(kind.name):
                check(kind(self.server))

    def send(self, how, viewer, title, moments, session='s'):
        for answer in how.send(viewer, title, moments, session):
            self.assertTrue(how.accepted(answer), answer)

    def viewings(self, viewer):
        status, _, text = self.server.ask('GET', f'/v1/viewers/{viewer}/viewings')
        self.assertEqual(status, 200)
        if isinstance(text, dict):  # one line is one JSON value
            return [text]
        return [json.loads(line) for line in text.decode().splitlines()]

    def only(self, viewer):
        titles = self.viewings(viewer)
        self.assertEqual(len(titles), 1, titles)
        return titles[0]

    def log(self, viewer):
        text = self.server.ask('GET', f'/v1/viewers/{viewer}/export')[2]
        return [json.loads(line) for line in text.decode().splitlines()]

    def still_served(self, viewer):
        self.assertEqual(self.server.ask('GET', f'/v1/viewers/{viewer}/home')[0], 200)
        self.assertEqual(self.server.ask('GET', f'/v1/viewers/{viewer}')[0], 200)

    def test_left_open_for_a_year(self):
        """A day of silence ends a session, whatever its id says: what comes a year later is a session of its own."""
        after = [('progress', YEAR_S + 10, 20), ('progress', YEAR_S + 20, 30), ('stop', YEAR_S + 30, 40)]
        def check(how):
            viewer = 'left-' + how.name
            self.send(how, viewer, 't1', [('start', 0, 0), ('progress', 10, 10)] + after)
            sessions = self.only(viewer)['sessions']
            self.assertEqual([s['content_ms'] for s in sessions], [10000, 20000])
            self.assertEqual([(s['from'], s['to']) for s in sessions], [(when(0), when(10)), (when(YEAR_S + 10), when(YEAR_S + 30))])
            self.assertEqual([(s['rewinds'], s['skips'], s['paused_ms']) for s in sessions], [(0, 0, 0)] * 2)
            self.still_served(viewer)
        self.each(TIMED, check)

    def test_a_year_that_claims_to_have_played(self):
        """After a year of silence nothing of it is believed."""
        def check(how):
            viewer = 'year-' + how.name
            self.send(how, viewer, 't1', [('start', 0, 0), ('progress', 10, 10), ('progress', YEAR_S, YEAR_S), ('stop', YEAR_S, YEAR_S)])
            told = self.only(viewer)
            self.assertEqual((told['content_ms'], told['played_ms']), (10000, 10000))
            self.still_served(viewer)
        self.each([t for t in TIMED if t.has_session], check)

    def test_a_night_that_claims_to_have_played(self):
        """The film ends after its runtime, whatever a player says that it went on showing; nobody is thought to have been there."""
        def check(how):
            viewer = 'claims-' + how.name
            self.send(how, viewer, 't1', [('start', 0, 0), ('progress', 10, 10), ('progress', NIGHT_S, NIGHT_S), ('stop', NIGHT_S, NIGHT_S)])
            told = self.only(viewer)
            self.assertEqual((told['content_ms'], told['played_ms']), (RUNTIME_MS, RUNTIME_MS))
            self.assertEqual(told['completion'], 1)
            if how.name != 'jellyfin':  # whose reports are also the viewer's acts: nobody can tell
                self.assertEqual(told['attention_ms']['unattended'], RUNTIME_MS - 10000)
            self.still_served(viewer)
        self.each([t for t in TIMED if t.has_session], check)

    def test_a_night_of_a_title_without_runtime(self):
        def check(how):
            viewer = 'channel-' + how.name
            self.send(how, viewer, 'channel', [('start', 0, 0), ('progress', NIGHT_S, NIGHT_S), ('stop', NIGHT_S + 10, NIGHT_S + 10)])
            told = self.only(viewer)
            self.assertEqual((told['content_ms'], told['completion']), ((NIGHT_S + 10) * 1000, None))
            self.still_served(viewer)
        self.each([t for t in TIMED if t.has_session], check)

    def test_negative_places(self):
        """Refused where a native event says it; left out by Segment; the beginning for everybody else."""
        def check(how):
            viewer = f'1{FORMATS.index(type(how))}' if how.name == 'plex' else 'minus-' + how.name
            answers = how.send(viewer, 't1', [('start', 0, -5), ('progress', 10, 10), ('stop', 20, 20)])
            if how.name in ('native', 'cloudevents'):
                self.assertIn('position_ms', answers[0][2]['rejected'][0]['error'])
                self.assertEqual(len(self.log(viewer)), 2)
                return
            self.assertTrue(all(how.accepted(a) for a in answers), answers)
            (session,) = self.only(viewer)['sessions']
            self.assertEqual((session['start_position_ms'], session['rewinds']), (0, 0))
            if how.name != 'plex':
                self.assertEqual(session['content_ms'], 20000)
        self.each(FORMATS, check)

    def test_absurd_places(self):
        """Over 31 years (10^12 ms), or no number: a native event is refused, of all others the place is left out."""
        absurd = (10**9 + 1, 10**12, 10**15, 10**30, 'soon', '1e400')
        def check(how):
            for n, place in enumerate(absurd):
                viewer = f'{900 + n}' if how.name == 'plex' else f'absurd-{how.name}-{n}'
                (answer,) = how.send(viewer, 't1', [('start', 0, place)])
                if how.name in ('native', 'cloudevents'):
                    self.assertIn('position_ms', answer[2]['rejected'][0]['error'], place)
                    self.assertEqual(self.server.ask('GET', '/v1/viewers/' + viewer)[0], 404)
                elif how.name == 'gorse' and isinstance(place, str):
                    self.assertEqual(answer[2]['RowAffected'] if answer[0] == 200 else 0, 0, answer)
                else:
                    self.assertTrue(how.accepted(answer), (place, answer))
                    (e,) = self.log(viewer)
                    self.assertNotIn('position_ms', e, place)
        self.each(FORMATS, check)

    def test_beyond_the_end(self):
        """A place that no film of this length has is its end."""
        def check(how):
            viewer = '77' if how.name == 'plex' else 'beyond-' + how.name
            self.send(how, viewer, 't1', [('start', 0, 0), ('stop', 10, 10**8)])
            (session,) = self.only(viewer)['sessions']
            self.assertEqual((session['skips'], session['last_position_ms']), (1, RUNTIME_MS))
            self.assertLessEqual(session['skipped_ms'], RUNTIME_MS)
            self.assertLessEqual(session['content_ms'], 10000)
        self.each(FORMATS, check)

    def test_two_viewers_in_one_session(self):
        """A session belongs to its viewer: what the one plays moves nothing of the other's."""
        def check(how):
            one, two = ('501', '502') if how.name == 'plex' else (f'one-{how.name}', f'two-{how.name}')
            for viewer, moment in ((one, ('start', 0, 0)), (two, ('start', 5, 1000)), (one, ('progress', 10, 10)),
                                   (two, ('progress', 15, 1010)), (one, ('stop', 20, 20)), (two, ('stop', 25, 1020))):
                self.send(how, viewer, 't1', [moment], 'shared')
            for viewer, start in ((one, 0), (two, 1000000)):
                told = self.only(viewer)
                (session,) = told['sessions']
                self.assertEqual((session['start_position_ms'], session['ended']), (start, 'stop'))
                self.assertEqual(session['rewinds'], 0)
                if how.name != 'plex':
                    self.assertEqual(session['runs'], [[start, start + 20000]])
        self.each(FORMATS, check)

    def test_events_of_nobody(self):
        before = self.server.ask('GET', '/v1/stats')[2]['events']
        nobody = {'specversion': '1.0', 'id': '1', 'source': '/p', 'type': 'x.play', 'data': {'title': 't1'}}
        for path, body, headers in (
                ('/v1/events', {'kind': 'play', 'title': 't1'}, {}), ('/v1/events', {'kind': 'play', 'viewer': '', 'title': 't1'}, {}),
                ('/v1/track', {'event': 'Video Playback Started', 'properties': {'content_asset_id': 't1'}}, {}),
                ('/v1/cloudevents', nobody, {'Content-Type': 'application/cloudevents+json'}),
                ('/webhooks/jellyfin', {'NotificationType': 'PlaybackStart', 'ItemId': 't1'}, {}),
                ('/webhooks/plex', multipart({'event': 'media.play', 'Metadata': {'type': 'movie', 'ratingKey': '9'}}), MULTIPART)):
            with self.subTest(path):
                status, _, told = self.server.ask('POST', path, body, headers)
                self.assertEqual((status, told['accepted'], len(told['rejected'])), (200, 0, 1), told)
        self.assertEqual(self.server.ask('POST', '/api/feedback', [{'FeedbackType': 'play', 'ItemId': 't1'}])[2], {'RowAffected': 0})
        answer = self.server.ask('POST', '/events', {'trackingId': 't', 'eventList': [{'eventType': 'play', 'itemId': 't1', 'sentAt': BEGIN_S}]})
        self.assertGreaterEqual(answer[0], 400, answer[2])
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before)

    def test_bombs(self):
        """What inflates to more than --max-body is refused whole, wherever it is sent."""
        before = self.server.ask('GET', '/v1/stats')[2]['events']
        bomb = gzip.compress(b'[' + b' ' * (64 << 20) + b']')
        for path in ('/v1/events', '/v1/batch', '/v1/b', '/v1/track', '/v1/cloudevents', '/events', '/recommendations', '/api/feedback',
                     '/api/items', '/webhooks/jellyfin', '/webhooks/plex', '/v1/titles:batch'):
            with self.subTest(path):
                self.problem(self.server.ask('POST', path, bomb, {'Content-Encoding': 'gzip'}), 413)
        nested = gzip.compress(gzip.compress(b' ' * (64 << 20)))
        self.assertGreaterEqual(self.server.ask('POST', '/v1/events', nested, {'Content-Encoding': 'gzip'})[0], 400)
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before)

    def test_bodies_that_break_off(self):
        """Half a JSON text, half a gzip stream: 400, and nothing of it counts; of native lines those that are whole go in."""
        before = self.server.ask('GET', '/v1/stats')[2]['events']
        def check(how):
            body = how.body('half', 't1', 's', 'start', 0, 0, 'half-' + how.name)
            whole = body if isinstance(body, str) else json.dumps(body)
            packed = gzip.compress(whole.encode())
            for n in (1, len(whole) // 3, len(whole) // 2, len(whole) - (8 if how.name == 'plex' else 2)):
                self.assertGreaterEqual(self.server.ask('POST', how.path, whole[:n], how.headers)[0], 400, whole[:n])
            for n in (5, len(packed) // 2, len(packed) - 1):
                answer = self.server.ask('POST', how.path, packed[:n], {**how.headers, 'Content-Encoding': 'gzip'})
                self.problem(answer, 400)
        self.each(FORMATS, check)
        self.assertEqual(self.server.ask('GET', '/v1/stats')[2]['events'], before)
        self.assertEqual(self.server.ask('GET', '/v1/viewers/half')[0], 404)


if __name__ == '__main__':
    main(sys.argv)

#!/usr/bin/env python3
"""Formats of other services over sockets: webhooks and the APIs that others' SDKs speak.
Usage: test_served_outside.py MARQUEE"""
import gzip
import json
import sys

from served import ServedTest, main

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


class WithKeys(ServedTest):
    def test_key_in_the_query(self):
        key = self.server.ask('POST', '/v1/keys', {'role': 'ingest'})[2]['key']
        self.assertEqual(self.server.ask('POST', '/webhooks/plex', plex('media.play', 0), MULTIPART)[0], 401)
        answer = self.server.ask('POST', '/webhooks/plex?key=' + key, plex('media.play', 0), MULTIPART)
        self.assertEqual(answer[0], 200, answer[2])
        self.assertEqual(self.server.ask('POST', '/webhooks/plex?key=mk_x', plex('media.play', 0), MULTIPART)[0], 401)


if __name__ == '__main__':
    main(sys.argv)

// @segment/analytics-node: the video specification, and who somebody is.
import { Analytics } from '@segment/analytics-node';
import assert from 'node:assert/strict';
import * as film from './film.mjs';

const names = {
  start: 'Video Playback Started',
  progress: 'Video Content Playing',
  pause: 'Video Playback Paused',
  play: 'Video Playback Resumed',
  seek: 'Video Playback Seek Started',
  landed: 'Video Playback Seek Completed',
  stop: 'Video Playback Exited',
};

const analytics = new Analytics({ writeKey: 'any', host: film.url, path: '/v1/batch', flushAt: 7 });
const failures = [];
analytics.on('error', (e) => failures.push(e));
for (const m of film.evening()) {
  analytics.track({
    userId: 'segment-viewer',
    event: names[m.kind],
    timestamp: m.at,
    messageId: `segment-${m.number}`,
    properties: {
      session_id: film.session,
      ...(m.kind === 'start' ? { content_asset_ids: [film.title] } : { content_asset_id: film.title }),
      position: m.position,
      ...(m.target === undefined ? {} : { seek_position: m.target }),
      total_length: 6000,
    },
    context: { timezone: 'Europe/Berlin', userAgent: 'Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)' },
  });
}
analytics.track({ userId: 'segment-viewer', event: 'Video Ad Started', properties: { asset_id: 'ad-1' } });
await analytics.closeAndFlush();
assert.deepEqual(failures, []);

const log = await film.exported('segment-viewer', 11);
assert.equal(log.length, 11);
assert.deepEqual(log.slice(0, 10).map((e) => e.kind),
  ['start', 'progress', 'pause', 'play', 'seek', 'progress', 'progress', 'seek', 'progress', 'stop']);
assert.equal(log[0].context.device, 'tablet');
assert.equal(log[10].kind, 'Video Ad Started');
assert.equal(log[4].from_ms, 1140000);
assert.equal(log[4].position_ms, 1000000);
film.checkViewings('segment-viewer');

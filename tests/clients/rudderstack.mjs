// @rudderstack/rudder-sdk-node: gzip under another name, the same calls as Segment's.
import Analytics from '@rudderstack/rudder-sdk-node';
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

const client = new Analytics('any', { dataPlaneUrl: film.url, flushAt: 4, logLevel: 'error' });
for (const m of film.evening()) {
  client.track({
    userId: 'rudder-viewer',
    event: names[m.kind],
    originalTimestamp: m.at,
    messageId: `rudder-${m.number}`,
    properties: {
      session_id: film.session,
      content_asset_id: film.title,
      position: m.position,
      ...(m.target === undefined ? {} : { seek_position: m.target }),
    },
  });
}
await new Promise((done, failed) => client.flush((e) => (e ? failed(e) : done())));

const log = await film.exported('rudder-viewer', 10);
assert.deepEqual(log.map((e) => e.kind),
  ['start', 'progress', 'pause', 'play', 'seek', 'progress', 'progress', 'seek', 'progress', 'stop']);
assert.equal(log[0].at, film.evening()[0].at.toISOString().replace('.000Z', 'Z'));
film.checkViewings('rudder-viewer');

// cloudevents: binary mode, structured mode and batches, chunked as Node's fetch and http send them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { CloudEvent, HTTP } from 'cloudevents';
import * as film from './film.mjs';

// The SDK's messages through node:http without a length, so that the body goes in chunks.
function send({ headers, body }) {
  return new Promise((done, failed) => {
    const request = http.request(`${film.url}/v1/cloudevents`, { method: 'POST', headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => (answer.statusCode === 200 ? done(JSON.parse(text)) : failed(new Error(text))));
    });
    request.on('error', failed);
    request.write(body);
    request.end();
  });
}

const kinds = { landed: 'progress' };
const events = film.evening().map((m) => new CloudEvent({
  id: `ce-${m.number}`,
  source: '/players/7',
  type: `com.example.player.${kinds[m.kind] ?? m.kind}`,
  subject: 'ce-viewer',
  time: m.at.toISOString(),
  datacontenttype: 'application/json',
  data: {
    title: film.title,
    session: film.session,
    position_ms: (m.target ?? m.position) * 1000,
    ...(m.target === undefined ? {} : { from_ms: m.position * 1000 }),
  },
}));

for (const [number, event] of events.entries()) {
  const answer = await send(number % 2 ? HTTP.structured(event) : HTTP.binary(event));
  assert.deepEqual(answer, { accepted: 1, duplicates: 0, rejected: [] });
}
const again = await send({
  headers: { 'content-type': 'application/cloudevents-batch+json' },
  body: JSON.stringify(events),
});
assert.deepEqual(again, { accepted: 0, duplicates: 10, rejected: [] });

const log = await film.exported('ce-viewer', 10);
assert.deepEqual(log.map((e) => e.kind),
  ['start', 'progress', 'pause', 'play', 'seek', 'progress', 'progress', 'seek', 'progress', 'stop']);
film.checkViewings('ce-viewer');

// One evening with one film, told to every client, and what must then be known of it.
//
// A viewer watches from the start, pauses for a minute, rewinds 140 seconds, skips 1,101 seconds and leaves:
// [0, 1140) then again [1000, 1299), then [2400, 2999), in seconds of the film.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

export const [url, data, marquee] = process.argv.slice(2);
export const title = 'film-1';
export const session = 'evening-1';

// Half a day ago, on the second: far from now, so that only what was said counts.
const begin = Math.floor(Date.now() / 1000) * 1000 - 12 * 3600 * 1000;

// kind, seconds since the beginning, position in seconds; of a seek also where it goes.
const moments = [
  ['start', 0, 0],
  ['progress', 10, 10],
  ['pause', 600, 600],
  ['play', 660, 600],
  ['seek', 1200, 1140, 1000],
  ['landed', 1201, 1000],
  ['progress', 1300, 1099],
  ['seek', 1500, 1299, 2400],
  ['landed', 1501, 2400],
  ['stop', 2100, 2999],
];

const moment = (after) => new Date(begin + after * 1000).toISOString().replace('.000Z', 'Z');

export function evening() {
  return moments.map(([kind, after, position, target], number) => (
    { number, kind, at: new Date(begin + after * 1000), position, target }));
}

// What the log holds of a viewer, oldest first, once it holds n events: SDKs send some batches in the background.
export async function exported(viewer, n) {
  for (let times = 0; ; times += 1) {
    const answer = await fetch(`${url}/v1/viewers/${viewer}/export`);
    const lines = answer.status === 200 ? (await answer.text()).trim().split('\n') : [];
    if (lines.length >= n || times === 3600) return lines.filter(Boolean).map((line) => JSON.parse(line));
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

const watched = { played_ms: 2038000, content_ms: 1898000, rewatched_ms: 140000 };
const done = {
  ...watched,
  runs: [[0, 1140000], [1000000, 1299000], [2400000, 2999000]],
  watched: [[0, 1299000], [2400000, 2999000]],
  rewinds: 1,
  rewound_ms: 140000,
  skips: 1,
  skipped_ms: 1101000,
  pauses: 1,
  paused_ms: 60000,
  buffering_ms: 0,
  start_position_ms: 0,
  last_position_ms: 2999000,
  ended: 'stop',
};

function check(found, expected, text) {
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(found[name], value, `${name}: ${text}`);
}

// What the store makes of a viewer's evening, said by the binary while the server has the folder: the film's line of
// `marquee viewings --viewer`, whose sum and whose only session (under the id it was sent with) are the evening.
export function checkViewings(viewer, named = session) {
  const text = execFileSync(marquee, ['viewings', '--data', data, '--viewer', viewer], { encoding: 'utf8' });
  const lines = text.trim().split('\n').map((line) => JSON.parse(line)).filter((line) => line.title === title);
  assert.equal(lines.length, 1, `the film's lines: ${text}`);
  assert.equal(lines[0].sessions.length, 1, `sessions of the film: ${text}`);
  const [only] = lines[0].sessions;
  check(lines[0], { ...watched, watched: done.watched, finished: false }, text);
  assert.equal(only.session ?? '', named, text);
  check(only, { ...done, from: moment(0), to: moment(2100), how: 'first' }, text);
}

export async function describe(titles) {
  const answer = await fetch(`${url}/v1/titles:batch`, { method: 'POST', body: JSON.stringify(titles) });
  assert.equal(answer.status, 200, await answer.text());
}

// Trains on what was sent so far, so that there is something to recommend.
export async function train() {
  const answer = await fetch(`${url}/v1/train`, { method: 'POST', body: '{}' });
  assert.equal(answer.status, 200, await answer.text());
}

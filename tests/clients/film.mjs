// One evening with one film, told to every client, and what must then be known of it.
//
// A viewer watches from the start, pauses for a minute, rewinds 140 seconds, skips 1,101 seconds and leaves:
// [0, 1140) then again [1000, 1299), then [2400, 2999), in seconds of the film.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

export function evening() {
  return moments.map(([kind, after, position, target], number) => (
    { number, kind, at: new Date(begin + after * 1000), position, target }));
}

// What the log holds of a viewer, oldest first, once it holds n events: SDKs send some batches in the background.
export async function exported(viewer, n) {
  for (let times = 0; ; times += 1) {
    const answer = await fetch(`${url}/v1/viewers/${viewer}/export`);
    const lines = answer.status === 200 ? (await answer.text()).trim().split('\n') : [];
    if (lines.length >= n || times === 200) return lines.filter(Boolean).map((line) => JSON.parse(line));
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

export function check(viewing) {
  assert.equal(viewing.played_ms, 2038000);
  assert.equal(viewing.content_ms, 1898000);
  assert.equal(viewing.rewatched_ms, 140000);
  assert.equal(viewing.rewinds, 1);
  assert.equal(viewing.rewound_ms, 140000);
  assert.equal(viewing.skips, 1);
  assert.equal(viewing.skipped_ms, 1101000);
  assert.equal(viewing.pauses, 1);
  assert.equal(viewing.paused_ms, 60000);
  assert.equal(viewing.ended, 'stop');
}

// What the playback rules make of the film's events in a viewer's log: `marquee viewings --case`.
export function viewing(log) {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-case-'));
  const file = join(folder, 'case.json');
  const events = log.filter((e) => e.title === title).map((e) => ({
    id: e.id, kind: e.kind, at_ms: Date.parse(e.at), position_ms: e.position_ms, from_ms: e.from_ms,
  }));
  writeFileSync(file, JSON.stringify({ name: 'evening', why: 'as logged', runtime_ms: 6000000, start_plays: true, events }));
  const text = execFileSync(marquee, ['viewings', '--case', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return JSON.parse(text);
}

// What the state machine makes of a log's events of one session, as the fields of `marquee viewings`.
export function played(log) {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-case-'));
  const file = join(folder, 'case.json');
  const events = log.map((e) => ({
    id: e.id, kind: e.kind, at_ms: Date.parse(e.at), position_ms: e.position_ms, from_ms: e.from_ms,
  }));
  writeFileSync(file, JSON.stringify({ name: 'evening', runtime_ms: null, start_plays: true, events }));
  try {
    return JSON.parse(execFileSync(marquee, ['viewings', '--case', file], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
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

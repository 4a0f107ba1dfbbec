// GET /v1/live: server-sent events read by fetch, because EventSource cannot send a key. Follows while somebody looks, and begins again
// when the connection is lost.
import {headers, locked, lost, session} from './api.js';
import {makeStore, useStore} from './store.js';
import {useEffect} from 'preact/hooks';

const KEPT = 180; // seconds
export const live = makeStore({state: 'off', points: []});
let watchers = 0;
let stop = null;

function take(point) {
  point.ms = Date.parse(point.at);
  live.set(s => ({state: 'on', points: [...s.points, point].slice(-KEPT)}));
}

async function follow(signal) {
  const answer = await fetch('/v1/live', {headers: headers(), signal, cache: 'no-store'});
  if (answer.status === 401) locked();
  if (!answer.ok) {
    live.set(s => ({...s, state: 'refused'}));
    return false;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ;) {
    const {value, done} = await reader.read();
    if (done) return true;
    text += value;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const data = text.slice(0, end).split('\n').find(l => l.startsWith('data: '));
      if (data) take(JSON.parse(data.slice(6)));
    }
  }
}

async function run(signal) {
  while (!signal.aborted) {
    try {
      if (!(await follow(signal))) break;
    } catch (e) {
      if (signal.aborted) break;
      lost();
    }
    live.set(s => ({...s, state: 'waiting'}));
    await new Promise(r => setTimeout(r, 1000));
  }
}

function start() {
  stop = new AbortController();
  run(stop.signal);
}

session.follow(s => {
  // Another key, or a server that is back.
  if (watchers && live.get().state === 'refused' && !s.locked) {
    stop?.abort();
    live.set(l => ({...l, state: 'off'}));
    start();
  }
});

export function useLive() {
  useEffect(() => {
    if (watchers++ === 0) start();
    return () => {
      if (--watchers === 0) stop.abort();
    };
  }, []);
  return useStore(live);
}

// Per second between neighbours, of what `pick` counts up.
export function rates(points, pick) {
  return points.slice(1).map((p, i) => {
    const seconds = (p.ms - points[i].ms) / 1000;
    const grown = pick(p) - pick(points[i]);
    return {ms: p.ms, rate: seconds > 0 && grown >= 0 ? grown / seconds : 0};
  });
}

// Upper bounds (µs) within which these shares of the answers came that lie between two counts; null where there were none.
export function percentiles(from, to, bounds, shares) {
  const counts = to.map((n, i) => n - from[i]);
  const sum = counts.reduce((a, b) => a + b, 0);
  return shares.map(share => {
    if (sum <= 0) return null;
    let left = share * sum;
    for (let i = 0; i < counts.length; i++) {
      if (left <= counts[i]) {
        const low = i === 0 ? 0 : bounds[i - 1];
        const high = bounds[i] ?? bounds[bounds.length - 1] * 2;
        return low + (high - low) * (counts[i] > 0 ? left / counts[i] : 1);
      }
      left -= counts[i];
    }
    return bounds[bounds.length - 1];
  });
}

// A film that is not there: its timeline runs, and what a viewer does with it goes out as events, as a player's SDK sends them: in
// order, in small batches, sent again until they are acknowledged, each with an id so that twice is once.
import {ApiError, send} from '../../lib/api.js';

const FLUSH_MS = 600;
const PROGRESS_MS = 60000; // of film
const FALLBACK_MS = 90 * 60000;

function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map(b => b.toString(16).padStart(2, '0')).join('');
}

// ms on the service's clock; on an archive that is the archive's.
export function serviceClock(now) {
  const start = performance.now();
  const from = Date.parse(now);
  return () => from + (performance.now() - start);
}

export class Film {
  // what: {viewer, title, runtimeMs, positionMs, context, recommendationId, clock}; onChange(film), onSent(events)
  constructor(what, onChange, onSent) {
    Object.assign(this, what);
    this.runtimeMs ||= FALLBACK_MS;
    this.onChange = onChange;
    this.onSent = onSent;
    this.session = `player-${randomId()}`;
    this.number = 0;
    this.queue = [];
    this.log = [];
    this.state = 'ready';
    this.speed = 60;
    this.position = Math.min(this.positionMs || 0, this.runtimeMs * 0.98);
    this.error = null;
    // Film time runs faster than the clock: the session began so long ago that its events lie in the past.
    this.time = this.clock() - (this.runtimeMs - this.position) * 1.2;
    this.lastProgress = this.position;
  }

  event(kind, more = {}) {
    const e = {
      id: `${this.session}-${++this.number}`, viewer: this.viewer, kind, title: this.title, session: this.session,
      at: new Date(Math.min(this.time, this.clock())).toISOString(), context: this.context, ...more,
    };
    if (this.recommendationId && kind === 'start') e.recommendation_id = this.recommendationId;
    this.queue.push(e);
    this.log = [{kind, position: e.position_ms, state: 'waiting', id: e.id}, ...this.log].slice(0, 60);
    this.flushSoon();
    this.onChange(this);
  }

  mark(kind, more = {}) {
    this.event(kind, {position_ms: Math.round(this.position), ...more});
  }

  play() {
    if (this.state === 'ready' || this.state === 'ended') {
      if (this.state === 'ended') {
        this.position = this.lastProgress = 0;
        this.session = `player-${randomId()}`;
        this.number = 0;
      }
      this.mark('start');
    }
    this.state = 'playing';
    this.mark('play');
    this.last = performance.now();
    this.timer ??= setInterval(() => this.tick(), 200);
    this.onChange(this);
  }

  tick() {
    const t = performance.now();
    const passed = t - this.last;
    this.last = t;
    if (this.state === 'playing') {
      const step = Math.min(passed * this.speed, this.runtimeMs - this.position);
      this.position += step;
      this.time += step;
      if (this.position - this.lastProgress >= PROGRESS_MS * Math.max(1, this.speed / 60)) {
        this.lastProgress = this.position;
        this.mark('progress');
      }
      if (this.position >= this.runtimeMs - 1) {
        this.mark('complete');
        this.end();
      }
    } else {
      this.time += passed;
    }
    this.onChange(this);
  }

  pause() {
    if (this.state !== 'playing') return;
    this.state = 'paused';
    this.mark('pause');
  }

  seek(to) {
    if (this.state === 'ready' || this.state === 'ended') this.play();
    const from = Math.round(this.position);
    this.position = Math.max(0, Math.min(to, this.runtimeMs - 1000));
    this.lastProgress = this.position;
    this.mark('seek', {from_ms: from});
  }

  end() {
    this.mark('stop');
    this.state = 'ended';
    this.halt();
    this.flush();
  }

  stop() {
    if (this.state === 'playing' || this.state === 'paused') this.end();
  }

  halt() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.onChange(this);
  }

  // An opinion needs no playback.
  opinion(kind, value) {
    this.event(kind, value === undefined ? {} : {value});
    this.flush();
  }

  flushSoon() {
    this.flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  async flush() {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    if (this.sending || !this.queue.length) return;
    const batch = this.queue.slice(0, 200);
    this.sending = true;
    try {
      const answer = await send('POST', '/v1/events', batch);
      this.queue = this.queue.slice(batch.length);
      this.error = answer.rejected.length ? `Refused: ${answer.rejected[0].error}` : null;
      this.label(batch, answer.rejected.length ? 'refused' : 'acknowledged');
      this.onSent(batch);
    } catch (e) {
      this.error = e.message;
      if (e instanceof ApiError && e.status !== 429 && e.status < 500) {
        this.queue = this.queue.slice(batch.length); // sent again it would be refused again
        this.label(batch, 'refused');
      }
    }
    this.sending = false;
    if (this.queue.length) this.flushTimer = setTimeout(() => this.flush(), this.error ? 2000 : 0);
    this.onChange(this);
  }

  label(batch, state) {
    const ids = new Set(batch.map(e => e.id));
    this.log = this.log.map(l => (ids.has(l.id) ? {...l, state} : l));
  }
}

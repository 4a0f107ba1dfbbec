// Communities of taste: a map where near ones like the same things, and a table.
import {useMemo, useState} from 'preact/hooks';
import {useApi} from '../../lib/api.js';
import {count, decimal, percent} from '../../lib/format.js';
import {Figure} from '../../ui/figure.jsx';
import {Asked, Empty} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';
import {Apart} from './apart.jsx';

const COLOURS = 5;

// What a community likes more than others, as a vector of log odds ratios.
function tastes(c) {
  const v = new Map();
  for (const k of ['titles', 'people', 'genres']) {
    for (const x of c[k] || []) if (x.odds_ratio > 0) v.set(`${k}${x.title || x.name}`, Math.log(x.odds_ratio));
  }
  return v;
}

function likeness(a, b) {
  let dot = 0, x = 0, y = 0;
  for (const [k, w] of a) {
    x += w * w;
    if (b.has(k)) dot += w * b.get(k);
  }
  for (const w of b.values()) y += w * w;
  return x && y ? dot / Math.sqrt(x * y) : 0;
}

// Places on a plane: springs as long as two are unlike, then nothing on top of anything.
export function layout(communities) {
  const n = communities.length;
  const v = communities.map(tastes);
  const high = Math.max(1e-9, ...communities.map(c => c.size || 0));
  const dots = communities.map((c, i) => ({
    c, r: 14 + 46 * Math.sqrt((c.size || 0) / high), x: 300 + 140 * Math.cos((i / n) * 2 * Math.PI), y: 190 + 110 * Math.sin((i / n) * 2 * Math.PI),
  }));
  for (let step = 0; step < 400; step++) {
    for (let i = 0; i < n; i++) {
      for (let k = i + 1; k < n; k++) {
        const a = dots[i], b = dots[k];
        const dx = b.x - a.x, dy = b.y - a.y, d = Math.hypot(dx, dy) || 1;
        const want = Math.max(a.r + b.r + 6, 110 + 190 * (1 - likeness(v[i], v[k])));
        const pull = ((d - want) / d) * (d < a.r + b.r + 6 ? 0.5 : 0.02);
        a.x += dx * pull; a.y += dy * pull * 0.8;
        b.x -= dx * pull; b.y -= dy * pull * 0.8;
      }
    }
    for (const p of dots) {
      p.x = Math.min(597 - p.r, Math.max(p.r + 3, p.x + (300 - p.x) * 0.01));
      p.y = Math.min(377 - p.r, Math.max(p.r + 3, p.y + (190 - p.y) * 0.02));
    }
  }
  return dots;
}

const shortName = c => c.name.split(/[,;] /).slice(0, 2);
const cut = (text, n) => (text.length > n ? text.slice(0, n - 1) + '…' : text);

export function Communities() {
  const asked = useApi('/v1/audiences/communities?n=12');
  const [chosen, choose] = useState(null);
  const list = asked.data?.communities;
  const dots = useMemo(() => (list ? layout(list) : []), [list]);
  return (
    <Asked of={asked} busy="Finding communities" empty={d => d.communities.length === 0 && <Empty title="No communities yet"><p>There are too few viewers, or no model.</p></Empty>}>
      {d => {
        const c = d.communities.find(x => x.id === chosen);
        return (
          <div class="stack">
            <div class="grid wide">
              <section class="card">
                <h2>Map</h2>
                <Figure box="0 0 600 380" file="communities" data={d} words={`${d.communities.length} communities, near ones like the same things: ${d.communities.map(x => `${x.name}, ${percent(x.share)}`).join('; ')}`}>
                  {dots.map((p, i) => (
                    <g key={p.c.id} class={`community c${i % COLOURS} ${p.c.id === chosen ? 'is-chosen' : ''}`} onClick={() => choose(p.c.id)}>
                      <circle cx={p.x} cy={p.y} r={p.r} />
                      <title>{p.c.name}</title>
                      <text x={p.x} y={p.y - 8} text-anchor="middle" class="strong">{percent(p.c.share)}</text>
                      {p.r > 22 ? shortName(p.c).map((line, k) => <text key={k} x={p.x} y={p.y + 8 + k * 14} text-anchor="middle">{cut(line, Math.floor(p.r / 3.4))}</text>) : null}
                    </g>
                  ))}
                </Figure>
                <p class="muted small">Near ones like the same things; the area is the number of viewers. Stability on resampled viewers: {decimal(d.stability, 2)}.</p>
              </section>
              <section class="card">
                <h2>Table</h2>
                <Table caption="Communities" file="communities" rows={d.communities} keyOf={x => x.id} sort={{name: 'share', down: true}} columns={[
                  {name: 'name', label: 'Likes', show: x => <button type="button" class="link" onClick={() => choose(x.id)}>{x.name}</button>},
                  {name: 'size', label: 'Viewers', number: true, show: x => count(x.size)},
                  {name: 'share', label: 'Share', number: true, show: x => percent(x.share)},
                  {name: 'finished', label: 'Finishes', number: true, show: x => percent(x.finished)},
                  {name: 'abandoned', label: 'Gives up', number: true, show: x => percent(x.abandoned)},
                  {name: 'rewatched', label: 'Watches again', number: true, show: x => percent(x.rewatched)},
                  {name: 'fresh', label: 'New', number: true, show: x => percent(x.fresh)},
                ]} />
              </section>
            </div>
            {c ? <section class="card" aria-live="polite"><h2 dir="auto">{c.name}</h2><Apart of={c} file={`community-${c.id}`} /></section> : <p class="muted">Choose a community to see what sets it apart.</p>}
          </div>
        );
      }}
    </Asked>
  );
}

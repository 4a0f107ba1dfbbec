// How long a title holds its viewers, and which minutes they see again or skip.
import {useState} from 'preact/hooks';
import {path, useApi} from '../../lib/api.js';
import {count, percent} from '../../lib/format.js';
import {Asked, Empty, Tile} from '../../ui/parts.jsx';
import {Figure, scale} from '../../ui/figure.jsx';

const W = 760, H = 250, LEFT = 46, TOP = 12, BOTTOM = 210;

// Stretches without a figure are left open.
function line(minutes, pick, x, y) {
  let out = '', up = true;
  for (const m of minutes) {
    const v = pick(m);
    if (v === null || v === undefined) {
      up = true;
      continue;
    }
    out += `${up ? 'M' : 'L'}${x(m.minute).toFixed(1)} ${y(v).toFixed(1)}`;
    up = false;
  }
  return out;
}

function Curve({r}) {
  const [at, setAt] = useState(null);
  const last = r.minutes[r.minutes.length - 1].minute || 1;
  const x = scale(0, last, LEFT, W - 10);
  const y = scale(0, Math.max(1, ...r.minutes.map(m => Math.max(m.still || 0, m.watched || 0, m.rewatched || 0, m.skipped || 0))), BOTTOM, TOP);
  const kinds = [['still', '--c2', 'still there'], ['watched', '--c5', 'saw this minute'], ['rewatched', '--c1', 'saw it again'], ['skipped', '--c4', 'skipped it']];
  const end = r.minutes.filter(m => m.still !== null).pop();
  const m = at !== null ? r.minutes[at] : null;
  return (
    <>
      <Figure box={`0 0 ${W} ${H}`} file={`retention-${r.title}`} data={r.minutes} legend={kinds.map(k => [k[1], k[2]])} words={`Of ${count(r.viewers)} viewers, ${percent(end?.still)} are still there at minute ${end?.minute}`}>
        {[0, 0.25, 0.5, 0.75, 1].map(v => <g key={v}><line class="guide" x1={LEFT} x2={W - 10} y1={y(v)} y2={y(v)} /><text class="dim" x={LEFT - 6} y={y(v) + 4} text-anchor="end">{percent(v)}</text></g>)}
        {[0, 0.25, 0.5, 0.75, 1].map(v => <text key={v} class="dim" x={x(last * v)} y={BOTTOM + 18} text-anchor={v === 1 ? 'end' : 'middle'}>{Math.round(last * v)} min</text>)}
        {kinds.map(([k, c]) => <path key={k} class={`curve ${c.slice(2)}`} d={line(r.minutes, i => i[k], x, y)} />)}
        {m ? <line class="axis" x1={x(m.minute)} x2={x(m.minute)} y1={TOP} y2={BOTTOM} /> : null}
      </Figure>
      <label class="field"><span class="muted small">Minute {m ? m.minute : '–'}{m ? `: ${percent(m.still)} still there, ${percent(m.watched)} saw it, ${percent(m.rewatched)} again, ${percent(m.skipped)} skipped it` : ': move to read the figures'}</span>
        <input type="range" min="0" max={r.minutes.length - 1} value={at ?? 0} onInput={e => setAt(Number(e.currentTarget.value))} aria-label="Minute" aria-valuetext={`minute ${at ?? 0}`} />
      </label>
    </>
  );
}

export function Retention({id}) {
  const asked = useApi(path`/v1/titles/${id}/retention`);
  return (
    <section class="card">
      <h2>How long it holds its viewers</h2>
      <Asked of={asked} busy="Reading viewings" empty={r => !r.minutes?.some(m => m.still !== null) && (
        <Empty title={r.withheld?.length || r.viewers === null ? 'Withheld: too few viewers' : 'Nobody watched it yet'}><p>A curve takes at least {r.floor ?? 50} viewers.</p></Empty>
      )}>
        {r => (
          <>
            <dl class="tiles">
              <Tile label="Viewers" value={r.viewers === null ? 'withheld' : count(r.viewers)} />
              <Tile label="Finished it" value={r.finished === null ? 'withheld' : count(r.finished)} detail={r.viewers && r.finished ? percent(r.finished / r.viewers) : ''} />
              <Tile label="Left" value={r.left === null ? 'withheld' : count(r.left)} />
            </dl>
            <Curve r={r} />
          </>
        )}
      </Asked>
    </section>
  );
}

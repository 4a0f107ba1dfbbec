// Two or three sets of viewers drawn: circles whose areas are right for two, bars of every region for three.
import {count} from '../../lib/format.js';
import {Figure, scale} from '../../ui/figure.jsx';

// Area that two circles share at a distance d.
function lens(r, s, d) {
  if (d >= r + s) return 0;
  if (d <= Math.abs(r - s)) return Math.PI * Math.min(r, s) ** 2;
  const a = Math.acos((d * d + r * r - s * s) / (2 * d * r));
  const b = Math.acos((d * d + s * s - r * r) / (2 * d * s));
  return r * r * (a - Math.sin(2 * a) / 2) + s * s * (b - Math.sin(2 * b) / 2);
}

function distance(r, s, area) {
  let low = Math.abs(r - s), high = r + s;
  for (let i = 0; i < 60; i++) {
    const d = (low + high) / 2;
    if (lens(r, s, d) > area) low = d;
    else high = d;
  }
  return (low + high) / 2;
}

export function Venn({names, a, b, both, file, data}) {
  const big = 92 / Math.sqrt(Math.max(a, b, 1));
  const r = Math.sqrt(a) * big, s = Math.sqrt(b) * big;
  const d = distance(r, s, Math.PI * both * big * big);
  const left = 230 - (r + d + s) / 2 + r;
  const words = `${names[0]}: ${count(a)}. ${names[1]}: ${count(b)}. Both: ${count(both)}.`;
  return (
    <Figure words={words} file={file} data={data} box="0 0 460 240" legend={[['--c1', names[0]], ['--c2', names[1]]]}>
      <circle class="set one" cx={left} cy="120" r={r} />
      <circle class="set two" cx={left + d} cy="120" r={s} />
      <text x={(left - r + left + d - s) / 2} y="118" text-anchor="middle" class="figure-number">{count(a - both)}</text>
      <text x={(left + d - s + left + r) / 2} y="118" text-anchor="middle" class="figure-number">{count(both)}</text>
      <text x={(left + r + left + d + s) / 2} y="118" text-anchor="middle" class="figure-number">{count(b - both)}</text>
      <text x={(left + d - s + left + r) / 2} y="136" text-anchor="middle" class="dim">both</text>
    </Figure>
  );
}

export function Upset({names, regions, file}) {
  const letters = ['a', 'b', 'c'].slice(0, names.length);
  const shown = regions.filter(r => r.sets.length > 0);
  const high = Math.max(1, ...shown.map(r => Math.max(r.viewers || 0, r.expected || 0)));
  const y = scale(0, high, 150, 16);
  const words = shown.map(r => `${r.sets.map(s => names[letters.indexOf(s)]).join(' and ')} only: ${r.viewers === null ? 'withheld' : count(r.viewers)}`).join('. ');
  return (
    <Figure words={words} file={file} data={regions} box={`0 0 560 ${180 + letters.length * 26}`} legend={[['--c1', 'viewers'], ['--edge', 'expected, given activity']]}>
      {shown.map((r, i) => {
        const x = 210 + i * 48;
        return (
          <g key={r.sets.join()}>
            {r.viewers === null ? <text x={x} y="146" text-anchor="middle" class="dim">withheld</text> : <rect class="bar-one" x={x - 14} width="28" y={y(r.viewers)} height={150 - y(r.viewers)} rx="2" />}
            {r.viewers === null ? null : <text x={x} y={y(r.viewers) - 4} text-anchor="middle">{count(r.viewers)}</text>}
            {r.expected === null ? null : <line class="expected" x1={x - 18} x2={x + 18} y1={y(r.expected)} y2={y(r.expected)} />}
            {letters.map((l, k) => <circle key={l} cx={x} cy={176 + k * 26} r="7" class={r.sets.includes(l) ? 'dot in' : 'dot'} />)}
          </g>
        );
      })}
      <line class="axis" x1="180" x2="550" y1="150" y2="150" />
      {letters.map((l, k) => <text key={l} x="178" y={180 + k * 26} text-anchor="end">{names[k].length > 26 ? names[k].slice(0, 25) + '…' : names[k]}</text>)}
    </Figure>
  );
}

// "Of 100 ...": so many of a hundred dots.
export function Hundred({share, label, kind}) {
  const n = Math.round(share * 100);
  return (
    <div class="hundred">
      <svg viewBox="0 0 100 100" role="img" aria-label={`${n} of 100: ${label}`}>
        {Array.from({length: 100}, (_, i) => <circle key={i} cx={(i % 10) * 10 + 5} cy={Math.floor(i / 10) * 10 + 5} r="3.7" class={i < n ? `dot ${kind}` : 'dot'} />)}
      </svg>
      <p><b class="figure-number">{n}</b> of 100<br /><span class="muted small" dir="auto">{label}</span></p>
    </div>
  );
}

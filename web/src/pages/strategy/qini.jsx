// Did the order of a campaign's segments put first those who are moved most?
import {decimal, percent} from '../../lib/format.js';
import {Figure, scale} from '../../ui/figure.jsx';

const W = 480, H = 220, LEFT = 52, TOP = 12, BOTTOM = 172;
const share = v => percent(v, 1);

function verdict(q) {
  return q.low > 0 ? 'those put first were moved more than the rest' : q.high < 0 ? 'those put first were moved less than the rest' : 'the order is not shown to be better than chance';
}

export function Qini({q, file}) {
  const points = [{share: 0, gain: 0, low: 0, high: 0}, ...q.curve];
  const low = Math.min(0, ...points.map(p => p.low)), high = Math.max(0, ...points.map(p => p.high));
  const x = scale(0, 1, LEFT, W - 12), y = scale(low, high, BOTTOM, TOP);
  const along = key => points.map(p => `${x(p.share).toFixed(1)} ${y(p[key]).toFixed(1)}`);
  const last = points[points.length - 1];
  const order = q.order === 'as given' ? 'segments as they were given' : 'segments in order of the uplift that was expected';
  const words = `Qini curve, ${order}: ${verdict(q)}`;
  return (
    <section class="card">
      <h3>Were those put first who are moved most?</h3>
      <p>Area over random targeting {decimal(100 * q.area, 2)} [{decimal(100 * q.low, 2)}, {decimal(100 * q.high, 2)}] more beginnings per 100 assigned viewers: {verdict(q)}.{q.by_affinity ? ` In order of who would come anyway: ${decimal(100 * q.by_affinity.area, 2)} [${decimal(100 * q.by_affinity.low, 2)}, ${decimal(100 * q.by_affinity.high, 2)}].` : ''}</p>
      <Figure box={`0 0 ${W} ${H}`} file={file} data={q} words={words} legend={[['--c1', 'more who began it'], ['--line', 'at random']]}>
        {[...new Set([low, 0, high])].map(v => <g key={v}><line class="guide" x1={LEFT} x2={W - 12} y1={y(v)} y2={y(v)} /><text class="dim" x={LEFT - 6} y={y(v) + 4} text-anchor="end">{share(v)}</text></g>)}
        <path class="fan" d={`M${[...along('high'), ...along('low').reverse()].join('L')}Z`} />
        <line class="axis" x1={x(0)} x2={x(1)} y1={y(0)} y2={y(last.gain)} stroke-dasharray="4 3" />
        <path class="curve c1" d={`M${along('gain').join('L')}`} />
        {[0, 0.5, 1].map(v => <text key={v} class="dim" x={x(v)} y={BOTTOM + 18} text-anchor={v === 1 ? 'end' : 'middle'}>{percent(v)}</text>)}
        <text class="dim" x={x(0.5)} y={BOTTOM + 38} text-anchor="middle">of the assigned viewers, the first of the order</text>
      </Figure>
    </section>
  );
}

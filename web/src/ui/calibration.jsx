// Is what was predicted what came? Groups of like predictions against the diagonal.
import {Figure, scale} from './figure.jsx';

const SIDE = 330, LEFT = 64, TOP = 12;

// Round marks within [low, high]: 1, 2, 5 of each power of ten on a log scale, whole steps else.
function marks(low, high, log) {
  if (!log) {
    const step = high - low > 2 ? 1 : high - low > 0.8 ? 0.25 : 0.1;
    const out = [];
    for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) out.push(Number(v.toFixed(2)));
    return out;
  }
  const out = [];
  for (let ten = 10 ** Math.floor(Math.log10(low)); ten <= high; ten *= 10) for (const m of [1, 2, 5]) if (ten * m >= low && ten * m <= high) out.push(ten * m);
  return out.length > 8 ? out.filter(v => Number.isInteger(Math.log10(v))) : out;
}

// points: [{x, y, low, high, words}]
export function Calibration({points, log, across, up, legend, file, data, format, words}) {
  const all = points.flatMap(p => [p.x, p.y, p.low, p.high]).filter(v => Number.isFinite(v) && (!log || v > 0));
  let low = Math.min(...all), high = Math.max(...all);
  if (log) [low, high] = [low / 1.25, high * 1.25];
  else [low, high] = [low - (high - low) * 0.06, high + (high - low) * 0.06];
  const f = log ? v => Math.log(Math.max(v, low)) : v => v;
  const at = scale(f(low), f(high), 0, SIDE);
  const x = v => LEFT + at(f(v)), y = v => TOP + SIDE - at(f(v));
  return (
    <Figure box={`0 0 ${LEFT + SIDE + 26} ${TOP + SIDE + 46}`} file={file} data={data} legend={legend} words={words}>
      {marks(low, high, log).map(v => (
        <g key={v}>
          <line class="guide" x1={LEFT} x2={LEFT + SIDE} y1={y(v)} y2={y(v)} />
          <text class="dim" x={LEFT - 6} y={y(v) + 4} text-anchor="end">{format(v)}</text>
          <text class="dim" x={x(v)} y={TOP + SIDE + 16} text-anchor="middle">{format(v)}</text>
        </g>
      ))}
      <line class="expected" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
      {points.map((p, i) => (
        <g key={i}>
          <title>{p.words}</title>
          <line class="whisker" x1={x(p.x)} x2={x(p.x)} y1={y(p.low)} y2={y(p.high)} />
          <circle class="point" cx={x(p.x)} cy={y(p.y)} r="5" />
        </g>
      ))}
      <text class="dim" x={LEFT + SIDE / 2} y={TOP + SIDE + 38} text-anchor="middle">{across}</text>
      <text class="dim" x={-(TOP + SIDE / 2)} y="14" text-anchor="middle" transform="rotate(-90)">{up}</text>
    </Figure>
  );
}

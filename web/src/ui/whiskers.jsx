// Figures with their intervals, one below the other, beside a line that says "nothing".
import {Figure, narrow, scale} from './figure.jsx';

// As long as there is room on the left; letters are larger where drawings are small.
const short = text => {
  const most = narrow.matches ? 20 : 26;
  return text.length > most ? text.slice(0, most - 1) + '…' : text;
};

// rows: [{label, at, low, high, text}] on a scale of their own; `none` is where the line stands and `says` what it means.
export function Whiskers({rows, none = 0, says, least = 0, file, data, words}) {
  const far = Math.max(least, ...rows.flatMap(r => [Math.abs(r.low - none), Math.abs(r.high - none)])) || 1;
  const x = scale(none - far, none + far, 196, 402);
  const height = rows.length * 30 + 30;
  return (
    <Figure box={`0 0 480 ${height}`} file={file} data={data} words={words}>
      <line class="axis" x1={x(none)} x2={x(none)} y1="6" y2={height - 22} />
      {rows.map((r, i) => {
        const y = 22 + i * 30;
        return (
          <g key={r.label + i}>
            <text x="184" y={y + 4} text-anchor="end">{short(r.label)}<title>{r.label}</title></text>
            <line class="whisker" x1={x(r.low)} x2={x(r.high)} y1={y} y2={y} />
            <circle class="point" cx={x(r.at)} cy={y} r="5" />
            <text x="414" y={y + 4} class="strong">{r.text}</text>
          </g>
        );
      })}
      <text class="dim" x={x(none)} y={height - 6} text-anchor="middle">{says}</text>
    </Figure>
  );
}

// What a concept may reach: intervals, what carries it, whom it is like.
import {count, decimal, factor, percent, words} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {saveJson, saveText} from '../../lib/export.js';
import {Calibration} from '../../ui/calibration.jsx';
import {Button, Tile} from '../../ui/parts.jsx';
import {Figure, narrow, scale, steps} from '../../ui/figure.jsx';
import {Table} from '../../ui/table.jsx';
import {Whiskers} from '../../ui/whiskers.jsx';
import {Pitched} from './pitched.jsx';

function Fan({f}) {
  const points = [[0, {p10: 0, p50: 0, p90: 0}], [28, f.viewers_28d], [90, f.viewers_90d]];
  const high = f.viewers_90d.p90 * 1.08 || 1;
  const wide = narrow.matches ? 460 : 720;
  const x = scale(0, 90, 64, wide - 30), y = scale(0, high, 214, 14);
  const path = k => points.map(([d, v], i) => `${i ? 'L' : 'M'}${x(d)} ${y(v[k])}`).join('');
  const area = path('p90') + [...points].reverse().map(([d, v]) => `L${x(d)} ${y(v.p10)}`).join('') + 'z';
  return (
    <Figure box={`0 0 ${wide} 252`} file="forecast" data={f} legend={[['--c1', 'median, and the interval that is to hold 8 times of 10']]}
      words={`Viewers after 28 days: ${count(Math.round(f.viewers_28d.p50))}, between ${count(Math.round(f.viewers_28d.p10))} and ${count(Math.round(f.viewers_28d.p90))}. After 90 days: ${count(Math.round(f.viewers_90d.p50))}, between ${count(Math.round(f.viewers_90d.p10))} and ${count(Math.round(f.viewers_90d.p90))}`}>
      {steps(high).map(v => <g key={v}><line class="guide" x1="60" x2={wide - 20} y1={y(v)} y2={y(v)} /><text class="dim" x="54" y={y(v) + 4} text-anchor="end">{count(v)}</text></g>)}
      <path class="fan" d={area} />
      <path class="curve c1" d={path('p50')} />
      {points.slice(1).map(([d, v]) => (
        <g key={d}>
          <line class="whisker" x1={x(d)} x2={x(d)} y1={y(v.p10)} y2={y(v.p90)} />
          <circle class="point" cx={x(d)} cy={y(v.p50)} r="5" />
          <text x={x(d) - 8} y={y(v.p50) - 9} text-anchor="end" class="strong">{count(Math.round(v.p50))}</text>
        </g>
      ))}
      {[0, 28, 90].map(d => <text key={d} class="dim" x={x(d)} y="236" text-anchor={d === 90 ? 'end' : 'middle'}>{d ? `${d} days` : 'start'}</text>)}
    </Figure>
  );
}

function Attribution({list}) {
  return (
    <Whiskers file="attribution" data={list} says="× 1: no difference" least={0.2} words={list.map(a => `${a.element}: ${factor(a.factor)}, ${decimal(a.low, 3)} to ${decimal(a.high, 3)}`).join('; ')}
      rows={list.map(a => ({label: a.element, at: Math.log(a.factor), low: Math.log(a.low), high: Math.log(a.high), text: factor(a.factor)}))} />
  );
}

// What the sizes rest on, where the log has launches.
function Launched({f}) {
  const l = f.launch;
  if (!l) return null;
  return (
    <p class="muted small">
      As a launch: the log has {count(f.decay.launches)}{l.too_young ? `, ${count(l.too_young)} of them not yet 28 days old` : ''}, among {count(Math.round(l.viewers))} viewers.
      {l.promotion < 1 ? ` With ${decimal(l.promotion, 2)} of a usual launch's place on pages.` : ''}
      {l.placed === null ? '' : ` A launch stands before each viewer ${decimal(l.placed, 2)} times in 28 days, other titles ${decimal(l.placed_others, 2)} times.`}
    </p>
  );
}

// What forecasts like it were worth: of titles that exist, each forecast without itself.
function Calibrated({bins, middle}) {
  const titles = bins.reduce((a, b) => a + b.titles, 0);
  const inside = bins.reduce((a, b) => a + b.inside * b.titles, 0) / titles;
  const near = bins.reduce((a, b) => (Math.abs(Math.log(b.forecast / middle)) < Math.abs(Math.log(a.forecast / middle)) ? b : a));
  const alike = Math.abs(Math.log(near.forecast / middle)) < Math.log(2);
  return (
    <section class="card">
      <h2>What such forecasts were worth</h2>
      <p class="words">Of {count(titles)} titles that exist, each forecast as if it did not, {percent(inside)} lay inside their interval (80 % is right); of the {count(near.titles)} {alike ? 'forecast about as large as this one' : `nearest to this one, forecast at about ${count(Math.round(near.forecast))}`}, {percent(near.inside)}.</p>
      <Calibration log file="forecast-calibration" data={bins} across="viewers forecast" up="viewers that came" format={v => count(v)} legend={[['--c1', 'titles alike in forecast: the middle one, and eight of ten'], ['--edge', 'just right']]}
        points={bins.map(b => ({x: b.forecast, y: b.actual.p50, low: b.actual.p10, high: b.actual.p90, words: `forecast ${count(Math.round(b.forecast))}: ${count(Math.round(b.actual.p50))} came`}))}
        words={bins.map(b => `${count(b.titles)} titles forecast at about ${count(Math.round(b.forecast))} viewers: ${count(Math.round(b.actual.p50))} came, eight of ten between ${count(Math.round(b.actual.p10))} and ${count(Math.round(b.actual.p90))}`).join('; ')} />
      <p class="muted small">As long as the log is, both axes in factors. Measured when the forecast was made.</p>
    </section>
  );
}

const range = v => `${count(Math.round(v.p10))} to ${count(Math.round(v.p90))}`;

export function Forecast({f, concept, report}) {
  const lacking = f.support?.unknown_people || [];
  if (f.support?.refused) {
    return <section class="card"><h2>No forecast</h2><p class="words">{f.support.reason || 'Too few titles like it are known.'}</p>{lacking.length ? <p>Not in the credits: {lacking.join(', ')}.</p> : null}</section>;
  }
  return (
    <>
      <section class="card">
        <header>
          <h2 dir="auto">{concept.title}</h2>
          <div class="actions"><Button icon="save" onClick={() => saveText(`${concept.title || 'forecast'}.html`, report(f, concept), 'text/html')}>Report</Button><Button icon="save" onClick={() => saveJson('concept', concept)}>Concept</Button></div>
        </header>
        <dl class="tiles">
          <Tile label="Viewers in 28 days" value={count(Math.round(f.viewers_28d.p50))} detail={range(f.viewers_28d)} />
          <Tile label="Viewers in 90 days" value={count(Math.round(f.viewers_90d.p50))} detail={range(f.viewers_90d)} />
          <Tile label="Hours in 28 days" value={count(Math.round(f.hours_28d.p50))} detail={range(f.hours_28d)} />
          {f.break_even === null || f.break_even === undefined ? null : <Tile label="Chance to earn its cost" value={f.break_even < 0.001 ? '< 0.1 %' : percent(f.break_even, 1)} detail={f.break_even_hours ? `${count(f.break_even_hours)} hours` : ''} />}
          <Tile label="Rests on" value={`${count(f.support?.titles)} titles`} detail={lacking.length ? `unknown: ${lacking.join(', ')}` : ''} />
        </dl>
        <Fan f={f} />
        <Launched f={f} />
      </section>
      <section class="card">
        <h2>What carries it</h2>
        {f.attribution.length ? <Attribution list={f.attribution} /> : <p class="muted">Nothing in it moves the forecast.</p>}
        {f.attribution.length ? <p class="muted small">{[...new Set(f.attribution.map(a => `${words(a.kind)}: against ${a.against}`))].join('; ')}. With 80 % intervals.</p> : null}
      </section>
      {f.calibration?.length ? <Calibrated bins={f.calibration} middle={f.viewers_all?.p50 || f.viewers_90d.p50} /> : null}
      <section class="card">
        <h2>Most like it</h2>
        <Table caption="Comparables, the nearest first" file="comparables" rows={f.comparables} keyOf={t => t.title} columns={[
          {name: 'name', label: 'Title', show: t => <a href={href('titles', [t.title])} dir="auto">{t.name}</a>},
          {name: 'year', label: 'Year', number: true},
          {name: 'likeness', label: 'Likeness', number: true, show: t => decimal(t.likeness, 2)},
          {name: 'viewers', label: 'Viewers', number: true, show: t => (t.viewers === null ? 'withheld' : count(t.viewers))},
          {name: 'ways', label: 'In which ways', value: t => t.ways.join('; '), show: t => t.ways.join('; ')},
        ]} />
      </section>
      <Pitched concept={concept} />
      {f.communities?.length || f.countries?.length ? (
        <section class="card">
          <h2>Who and where</h2>
          <div class="grid two">
            {[['communities', 'Communities'], ['countries', 'Countries']].filter(([k]) => f[k]?.length).map(([k, label]) => (
              <Table key={k} caption={label} file={k} rows={f[k]} columns={Object.keys(f[k][0]).filter(n => typeof f[k][0][n] !== 'object' || f[k][0][n]?.p50 !== undefined).map(n => ({name: n, label: words(n), number: typeof f[k][0][n] !== 'string', value: r => r[n]?.p50 ?? r[n], show: r => (r[n]?.p50 !== undefined ? `${decimal(r[n].p50, 3)} (${decimal(r[n].p10, 3)}–${decimal(r[n].p90, 3)})` : typeof r[n] === 'number' ? decimal(r[n]) : String(r[n] ?? '–'))}))} />
            ))}
          </div>
        </section>
      ) : null}
    </>
  );
}

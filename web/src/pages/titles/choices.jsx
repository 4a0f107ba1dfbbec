// How often a title was chosen: by week, time of day and device.
import {path, useApi} from '../../lib/api.js';
import {count, percent, words} from '../../lib/format.js';
import {Figure, scale, steps} from '../../ui/figure.jsx';
import {Asked, Empty} from '../../ui/parts.jsx';

const day = text => new Date(text).toLocaleDateString('en-GB', {day: 'numeric', month: 'short', timeZone: 'UTC'});

function Weeks({c}) {
  const bars = [['before', c.older], ...c.weeks.map(w => [day(w.from), w.choices])];
  const high = Math.max(1, ...bars.map(b => b[1]));
  const y = scale(0, high, 170, 20);
  return (
    <Figure box="0 0 440 210" file={`choices-${c.title}`} data={c} words={bars.map(([t, n]) => `${t}: ${count(n)} choices`).join('; ')}>
      {steps(high, 4).map(v => <g key={v}><line class="guide" x1="40" x2="434" y1={y(v)} y2={y(v)} /><text class="dim" x="34" y={y(v) + 4} text-anchor="end">{count(v)}</text></g>)}
      {bars.map(([t, n], i) => {
        const x = 50 + i * 78;
        return (
          <g key={t}>
            <rect class={i === 0 ? 'bar-one is-older' : 'bar-one'} x={x} y={y(n)} width="58" height={170 - y(n)} rx="3" />
            <text x={x + 29} y={y(n) - 5} text-anchor="middle" class="strong">{count(n)}</text>
            <text x={x + 29} y="190" text-anchor="middle" class="dim">{i === 0 ? 'before' : t}</text>
          </g>
        );
      })}
    </Figure>
  );
}

function Parts({title, list, name}) {
  const sum = list.reduce((a, b) => a + b.choices, 0);
  if (!sum) return null;
  return (
    <section class="stack tight">
      <h3>{title}</h3>
      <div class="bars" role="list">
        {[...list].sort((a, b) => b.choices - a.choices).map(p => (
          <div class="bar" role="listitem" key={p[name]}><span>{words(p[name])}</span><span aria-hidden="true"><i style={{width: `${(p.choices / sum) * 100}%`}} /></span><span class="number">{percent(p.choices / sum)}</span></div>
        ))}
      </div>
    </section>
  );
}

export function Choices({id}) {
  const asked = useApi(path`/v1/titles/${id}/choices`);
  return (
    <section class="card">
      <h2>How often it was chosen</h2>
      <Asked of={asked} empty={c => c.older + c.weeks.reduce((a, w) => a + w.choices, 0) === 0 && <Empty title="It was not chosen yet" />}>
        {c => (
          <div class="drawn">
            <Weeks c={c} />
            <Parts title="On" list={c.devices} name="device" />
            <Parts title="In the" list={c.dayparts} name="daypart" />
          </div>
        )}
      </Asked>
      <p class="muted small">Started, finished, rated well or put on a list; the weeks from these days, UTC, and all before.</p>
    </section>
  );
}

// What nobody has made yet and many would watch: a maker, a lead and a theme whose audiences go together.
import {useState} from 'preact/hooks';
import {send, useTask} from '../../lib/api.js';
import {count, decimal, percent} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {Busy, Button, Dialog, Empty, Problem, Switch} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

const number = v => (v === null || v === undefined ? 'withheld' : count(Math.round(v)));
const nameOf = o => [o.maker?.name, o.lead?.name, o.theme?.name].filter(Boolean).join(' × ');

function Together({title, o}) {
  if (!o) return null;
  return (
    <section class="stack tight">
      <h3>{title}</h3>
      <p dir="auto">{o.words}</p>
      {o.change ? <p class="muted small">{o.change}</p> : null}
    </section>
  );
}

function Dossier({o, onUse, onPut, onClose}) {
  const f = o.forecast;
  return (
    <Dialog wide title={nameOf(o)} onClose={onClose}>
      <p class="chips">
        <span class="chip accent">{o.maker.role}: {o.maker.name}</span><span class="chip accent">{o.lead.role}: {o.lead.name}</span><span class="chip accent">theme: {o.theme.name}</span>
      </p>
      <dl class="facts two-columns">
        <div><dt>Titles that have all of it</dt><dd>{count(o.supply?.all)}</dd></div>
        <div><dt>Titles that have two of the three</dt><dd>{count(o.supply?.two)}</dd></div>
        <div><dt>Viewers who like all three, and expected</dt><dd>{number(o.viewers)}, {number(o.expected)}</dd></div>
        <div><dt>Weakest of the three edges</dt><dd>{decimal(o.weakest)}</dd></div>
        <div><dt>Chance of it in a shuffled world</dt><dd>{percent(o.chance, 1)}</dd></div>
        {o.without_one?.title ? <div><dt>Rests most on <a href={href('titles', [o.without_one.title])}>{o.without_one.name}</a></dt><dd>{decimal(o.without_one.weakest)} without it</dd></div> : null}
        {f?.viewers_28d ? <div><dt>Forecast, viewers in 28 days</dt><dd>{number(f.viewers_28d.p50)} ({number(f.viewers_28d.p10)} to {number(f.viewers_28d.p90)})</dd></div> : null}
      </dl>
      <Together title="The two people" o={o.people} />
      <Together title="All three" o={o.triangle} />
      {o.concept ? <p class="actions"><Button kind="main" onClick={() => onUse(o)}>Use it as a concept</Button><Button onClick={() => onPut(o)}>Put on the slate</Button></p> : null}
    </Dialog>
  );
}

export function Opportunities({onUse, onPut}) {
  const [quick, setQuick] = useState(false);
  const [shown, show] = useState(null);
  const [run, {data, error, busy}] = useTask(() => send('POST', '/v1/strategy/opportunities', {n: 30, no_forecast: quick}));
  return (
    <>
      <section class="card">
        <header>
          <h2>What nobody has made yet</h2>
          <div class="actions">
            <Switch label="Without forecasts" checked={quick} onChange={setQuick} />
            <Button kind="main" disabled={busy} onClick={() => run()}>{busy ? 'Looking…' : 'Look for them'}</Button>
          </div>
        </header>
        <p class="muted">A maker, a lead and a theme whose audiences go together, each pair beyond what activity explains, and that no title joins yet; beside worlds whose viewers are shuffled.</p>
        <Problem error={error} />
        {busy ? <Busy text="Testing makers, leads and themes" /> : null}
        {data ? (
          <>
            <p class="words">Of {count(data.tested)} tested, {count(data.strong)} are strong; a shuffled world has {decimal(data.shuffled_strong, 2)}{data.strong > 0 ? `, so about ${percent(Math.min(1, data.shuffled_strong / data.strong))} of them would be chance` : ''}.</p>
            {data.opportunities.length ? (
              <Table caption="Opportunities" file="opportunities" rows={data.opportunities} keyOf={nameOf} columns={[
                {name: 'name', label: 'What', value: nameOf, show: o => <button type="button" class="link" dir="auto" onClick={() => show(o)}>{nameOf(o)}</button>},
                {name: 'weakest', label: 'Weakest edge', number: true, show: o => decimal(o.weakest)},
                {name: 'chance', label: 'By chance', number: true, show: o => percent(o.chance, 1)},
                {name: 'viewers', label: 'Would like all', number: true, show: o => number(o.viewers)},
                {name: 'forecast', label: 'Viewers in 28 days', number: true, value: o => o.forecast?.viewers_28d?.p50, show: o => (o.forecast?.viewers_28d ? `${number(o.forecast.viewers_28d.p10)}–${number(o.forecast.viewers_28d.p90)}` : '–')},
                {name: 'rests', label: 'Rests on', value: o => o.without_one?.name, show: o => o.without_one?.name || '–'},
              ]} />
            ) : <Empty title="Nothing stands out"><p>{data.strong > 0 ? 'None of the strong ones is listed: too few viewers want all three, or it rests on one title, or it is there for the sake of something else that they have in common.' : 'No three go together beyond chance.'}</p></Empty>}
            {data.searches?.length ? <p class="muted small">Searched for and not found: {data.searches.slice(0, 12).map(s => `${s.text} (${number(s.viewers)})`).join(', ')}.</p> : null}
          </>
        ) : null}
      </section>
      {shown ? <Dossier o={shown} onUse={onUse} onPut={onPut} onClose={() => show(null)} /> : null}
    </>
  );
}

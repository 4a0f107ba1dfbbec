// Do two audiences go together beyond what activity explains, and what does the edge rest on?
import {useEffect, useState} from 'preact/hooks';
import {send, useTask} from '../../lib/api.js';
import {count, decimal, percent, probability, words} from '../../lib/format.js';
import {href, setParameters} from '../../lib/router.js';
import {Busy, Button, Empty, Problem} from '../../ui/parts.jsx';
import {Builder} from './builder.jsx';
import {Hundred, Upset, Venn} from './sets.jsx';

const FIGURES = {odds_ratio_low: '', odds_ratio_high: '', g2: '', z: '', p: 'the chance', a: 'the size of the first', b: 'the size of the second', c: 'the size of the third', without_one: 'what it rests on', risk_set: 'viewers who could have', regions: 'the parts of the three'};

function verdict(o) {
  if (o.odds_ratio_low === null) return ['', `Withheld: a group has fewer than ${o.floor} viewers.`];
  if (o.odds_ratio_low > 1) return ['good', 'Real: they go together beyond what activity explains.'];
  if (o.odds_ratio_high < 1) return ['bad', 'The other way round: who is in one is rarer in the other than viewers as active.'];
  return ['', 'Not shown: the interval holds 1, so chance would do.'];
}

function RestsOn({o}) {
  const one = o.without_one;
  return (
    <section class="card">
      <h2>What the edge rests on</h2>
      {one?.title ? (
        <p class="words" dir="auto">
          Most on <a href={href('titles', [one.title])}>{one.name}</a>: without it the odds ratio is <b>{decimal(one.odds_ratio)}</b> instead of {decimal(o.odds_ratio)}.
        </p>
      ) : <p class="muted">{o.audiences.length > 2 ? 'Of three audiences that is not worked out: compare two.' : o.odds_ratio === null ? 'There is no figure that could rest on something.' : o.withheld?.includes('without_one') ? `What is left without one title is withheld: fewer than ${o.floor} viewers.` : 'No single title can be left out.'}</p>}
      {o.change ? <p>{o.change}</p> : null}
      {o.shared?.length ? (
        <>
          <p class="muted">{o.shared_titles} {o.shared_titles === 1 ? 'title is' : 'titles are'} of both sides, and left out of both before counting:</p>
          <ul class="chips">{o.shared.slice(0, 40).map(t => <li key={t.title} class="chip"><a href={href('titles', [t.title])} dir="auto">{t.name}</a></li>)}</ul>
        </>
      ) : <p class="muted">No title is of both sides.</p>}
    </section>
  );
}

function Result({o}) {
  const [kind, text] = verdict(o);
  return (
    <>
      <section class="card">
        <p><span class={`chip ${kind}`}>{o.audiences.length > 2 ? `First and second: ${text[0].toLowerCase()}${text.slice(1)}` : text}</span></p>
        <p class="words" dir="auto">{o.words}</p>
        <div class="drawn">
          {o.regions?.some(r => r.viewers !== null) ? <Upset names={o.audiences} regions={o.regions} file="overlap" /> : null}
          {!o.regions && o.both !== null && o.a && o.b ? <Venn names={o.audiences} a={o.a} b={o.b} both={o.both} file="overlap" data={o} /> : null}
          {o.share !== null && o.comparable !== null ? (
            <div class="hundreds">
              <Hundred share={o.share} kind="one" label={`of those who ${o.audiences[0]} also ${o.audiences[1]}`} />
              <Hundred share={o.comparable} kind="two" label="of comparable viewers, as active, do" />
            </div>
          ) : null}
        </div>
        {o.odds_ratio === null ? null : <dl class="facts two-columns">
          <div><dt>Odds ratio, adjusted for activity</dt><dd>{decimal(o.odds_ratio)} ({decimal(o.odds_ratio_low)} to {decimal(o.odds_ratio_high)})</dd></div>
          <div><dt>Chance of such an edge by itself</dt><dd>{probability(o.p)}</dd></div>
          <div><dt>Lift</dt><dd>{decimal(o.lift)}</dd></div>
          <div><dt>In both, and expected</dt><dd>{count(o.both)}, {count(o.expected)}</dd></div>
          <div><dt>Viewers in scope</dt><dd>{count(o.viewers)}</dd></div>
          <div><dt>Strata of activity</dt><dd>{count(o.strata)}</dd></div>
        </dl>}
        {o.withheld?.length ? <p class="muted small">Withheld, because fewer than {o.floor} viewers stand behind it: {o.withheld.map(w => FIGURES[w] ?? words(w)).filter(Boolean).join(', ')}.</p> : null}
        {o.both === null || !o.a ? null : <p class="muted small">Counts are rounded. {percent(o.both / o.a)} of the first are in the second.</p>}
      </section>
      <RestsOn o={o} />
    </>
  );
}

export function Overlap({parameters: p}) {
  const [third, setThird] = useState(Boolean(p.c));
  const [run, {data, error, busy}] = useTask(expressions => send('POST', '/v1/audiences/overlap', {expressions}));
  const all = [p.a, p.b, third ? p.c : ''].filter(Boolean);
  const ask = () => run(all);
  useEffect(() => {
    if (p.a && p.b && p.go) ask();
  }, []);
  return (
    <div class="side">
      <form class="card" onSubmit={e => {
        e.preventDefault();
        ask();
      }}>
        <h2>Who goes with whom</h2>
        <Builder name="First audience" value={p.a || ''} onChange={a => setParameters({a, go: ''})} />
        <Builder name="Second audience" kind="actor" value={p.b || ''} onChange={b => setParameters({b, go: ''})} />
        {third ? <Builder name="Third audience" kind="genre" value={p.c || ''} onChange={c => setParameters({c, go: ''})} /> : <p class="actions small"><Button kind="quiet" onClick={() => setThird(true)}>A third one…</Button></p>}
        {all.length ? <p class="muted small" dir="ltr">{all.map(e => <code key={e}>{e}</code>).flatMap((e, i) => (i ? [' × ', e] : [e]))}</p> : null}
        <p class="actions"><button class="button main" disabled={busy || all.length < 2}>Compare</button></p>
      </form>
      <div class="stack" aria-live="polite">
        <Problem error={error} />
        {busy ? <Busy text="Counting viewers" /> : null}
        {data ? <Result o={data} /> : busy || error ? null : (
          <Empty title="Compare two audiences"><p>For instance: who liked something by one director, and who liked something with one actor. The answer is adjusted for how active viewers are, and says which title it rests on.</p></Empty>
        )}
      </div>
    </div>
  );
}

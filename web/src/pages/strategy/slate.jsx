// A slate: which of several concepts, under a budget, reach the most distinct viewers together.
import {useState} from 'preact/hooks';
import {send, useTask} from '../../lib/api.js';
import {count, decimal} from '../../lib/format.js';
import {keep, kept, makeStore, useStore} from '../../lib/store.js';
import {Busy, Button, Empty, Problem, Text, Tile, say} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

const KEPT = 'marquee-slate';

function start() {
  try {
    const list = JSON.parse(kept(sessionStorage, KEPT, '[]'));
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

const slate = makeStore(start());
slate.follow(list => keep(sessionStorage, KEPT, JSON.stringify(list)));

// Two concepts of one name could not be told apart in the answer.
export function putOnSlate(concept) {
  const names = new Set(slate.get().map(c => c.title));
  let title = concept.title || 'Untitled';
  for (let n = 2; names.has(title); n++) title = `${concept.title || 'Untitled'} (${n})`;
  slate.set(list => [...list, {...concept, title}]);
  say(`${title} is on the slate.`);
}

const interval = v => `${count(Math.round(v.p10))} to ${count(Math.round(v.p90))}`;

function Chosen({s}) {
  return (
    <section class="card">
      <h2>The best of them together</h2>
      <dl class="tiles">
        <Tile label="Distinct viewers" value={count(Math.round(s.viewers.p50))} detail={interval(s.viewers)} />
        <Tile label="Spent" value={count(s.spent)} detail={`of ${count(s.budget)}`} />
        <Tile label="Chosen" value={`${s.concepts.filter(c => c.chosen).length} of ${s.concepts.length}`} detail={s.exact ? 'no other set reaches more' : `no set reaches more than ${count(Math.round(s.bound))}`} />
      </dl>
      <Table caption="Concepts of the slate" file="slate" rows={s.concepts} keyOf={c => c.title} sort={{name: 'chosen', down: true}} columns={[
        {name: 'title', label: 'Concept'},
        {name: 'chosen', label: 'Chosen', value: c => (c.chosen ? 1 : 0), show: c => (c.chosen ? <span class="chip good">chosen</span> : 'no')},
        {name: 'cost', label: 'Cost', number: true, show: c => count(c.cost)},
        {name: 'adds', label: 'Adds viewers', number: true, show: c => count(Math.round(c.adds))},
        {name: 'cost_per_added', label: 'Cost of each', number: true, show: c => decimal(c.cost_per_added)},
      ]} />
    </section>
  );
}

export function Slate() {
  const list = useStore(slate);
  const [budget, setBudget] = useState('');
  const [run, {data, error, busy}] = useTask(() => send('POST', '/v1/strategy/slate', {budget: Number(budget), concepts: list}));
  const set = (i, more) => slate.set(list.map((c, n) => (n === i ? {...c, ...more} : c)));
  const priced = list.length > 0 && list.every(c => c.cost > 0) && Number(budget) > 0;
  if (!list.length) return <Empty title="The slate is empty"><p>Put concepts on it: from the concept form, or from an opportunity. Each wants a cost; a budget then chooses.</p></Empty>;
  return (
    <div class="side">
      <form class="card" onSubmit={e => {
        e.preventDefault();
        run();
      }}>
        <h2>On the slate</h2>
        <ul class="slate" aria-label="Concepts on the slate">
          {list.map((c, i) => (
            <li key={c.title}>
              <b dir="auto">{c.title}</b>
              <input type="number" min="0" step="any" aria-label={`Cost of ${c.title}`} placeholder="cost" value={c.cost ?? ''} onInput={e => set(i, {cost: e.currentTarget.value === '' ? undefined : Number(e.currentTarget.value)})} />
              <Button icon="close" kind="quiet" label={`Take ${c.title} off`} onClick={() => slate.set(list.filter((_, n) => n !== i))} />
            </li>
          ))}
        </ul>
        <Text label="Budget" type="number" min="0" step="any" value={budget} onChange={setBudget} hint="in the same money as the costs" />
        <p class="actions"><button class="button main" disabled={busy || !priced}>{busy ? 'Choosing…' : 'Choose'}</button></p>
      </form>
      <div class="stack" aria-live="polite">
        <Problem error={error} />
        {busy ? <Busy text="Forecasting all of them together" /> : null}
        {data ? <Chosen s={data} /> : null}
      </div>
    </div>
  );
}

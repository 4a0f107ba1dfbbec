// One audience: how large, and what sets it apart.
import {useEffect} from 'preact/hooks';
import {getJson, query, useTask} from '../../lib/api.js';
import {count, decimal} from '../../lib/format.js';
import {setParameters} from '../../lib/router.js';
import {Busy, Empty, Problem, Tile} from '../../ui/parts.jsx';
import {Apart} from './apart.jsx';
import {Builder} from './builder.jsx';

export function Audience({a, file}) {
  return (
    <section class="card">
      <h2 dir="auto">Viewers who {a.audience}</h2>
      <dl class="tiles">
        <Tile label="Viewers" value={a.size === null ? 'withheld' : count(a.size)} detail={a.size === null ? `fewer than ${a.floor}` : `of ${count(a.viewers)}`} />
        <Tile label="Titles liked, on average" value={a.likes === null ? 'withheld' : decimal(a.likes, 2)} detail={`${decimal(a.scope_likes, 2)} of everybody`} />
      </dl>
      {a.size === null ? <p class="muted">Fewer than {a.floor} viewers: nothing is said about so few.</p> : <Apart of={a} file={file} />}
    </section>
  );
}

export function Explore({parameters: p}) {
  const [run, {data, error, busy}] = useTask(expression => getJson(query('/v1/audiences/show', {expression, n: 15})));
  useEffect(() => {
    if (p.a) run(p.a);
  }, []);
  return (
    <div class="side">
      <form class="card" onSubmit={e => {
        e.preventDefault();
        run(p.a);
      }}>
        <h2>Who</h2>
        <Builder name="Audience" value={p.a || ''} onChange={a => setParameters({a})} />
        <p class="actions"><button class="button main" disabled={busy || !p.a}>Show</button></p>
      </form>
      <div class="stack" aria-live="polite">
        <Problem error={error} />
        {busy ? <Busy text="Counting viewers" /> : null}
        {data ? <Audience a={data} file="audience" /> : busy || error ? null : <Empty title="Put an audience together"><p>Its size, and the titles, people, genres, countries, devices and times that set it apart from viewers as active.</p></Empty>}
      </div>
    </div>
  );
}

// Models: what each training gained, and the settings that were found.
import {send, useApi, useTask} from '../../lib/api.js';
import {count, decimal, when, words} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {Figure, narrow, scale, steps} from '../../ui/figure.jsx';
import {Experiments} from './experiments.jsx';
import {Features, Ratings, Signals} from './insight.jsx';
import {Asked, Button, Empty, Problem, Tile} from '../../ui/parts.jsx';

const day = text => new Date(text).toLocaleDateString('en-GB', {day: 'numeric', month: 'short'});

function Quality({models}) {
  const list = [...models].filter(m => m.held_out).reverse();
  if (!list.length) return <p class="muted">No version was measured.</p>;
  const high = Math.max(...list.map(m => Math.max(m.held_out['ndcg@10'] || 0, (m.held_out.popularity_ndcg || m.held_out['popularity_ndcg@10'] || 0) + (m.held_out.gain_high || 0)))) * 1.1;
  const wide = narrow.matches ? 460 : 720;
  const x = list.length === 1 ? () => wide / 2 + 20 : scale(0, list.length - 1, 100, wide - 50), y = scale(0, high, 210, 16);
  const popularity = m => m.held_out['popularity_ndcg@10'];
  return (
    <Figure box={`0 0 ${wide} 256`} file="quality" data={list} legend={[['--c1', 'NDCG@10 on held-out events, with the interval of the gain'], ['--edge', 'popularity on the same events']]}
      words={`NDCG@10 by version, the oldest first: ${list.map(m => `version ${m.version} ${decimal(m.held_out['ndcg@10'])} against ${decimal(popularity(m))}`).join('; ')}`}>
      {steps(high).map(v => <g key={v}><line class="guide" x1="56" x2={wide - 10} y1={y(v)} y2={y(v)} /><text class="dim" x="50" y={y(v) + 4} text-anchor="end">{v.toFixed(2)}</text></g>)}
      {list.map((m, i) => (
        <g key={m.version}>
          <line class="whisker" x1={x(i)} x2={x(i)} y1={y(popularity(m) + m.held_out.gain_low)} y2={y(popularity(m) + m.held_out.gain_high)} />
          <circle class="point" cx={x(i)} cy={y(m.held_out['ndcg@10'])} r={m.live ? 7 : 5} />
          <line class="expected" x1={x(i) - 12} x2={x(i) + 12} y1={y(popularity(m))} y2={y(popularity(m))} />
          <text x={x(i)} y="230" text-anchor="middle" class={m.live ? 'strong' : 'dim'}>{m.version}{m.live ? ' serves' : ''}</text>
          <text x={x(i)} y="246" text-anchor="middle" class="dim">{day(m.trained)}</text>
        </g>
      ))}
    </Figure>
  );
}

function Tuning() {
  const [run, {data, error, busy}] = useTask(() => send('POST', '/v1/tune', {seconds: 60}));
  return (
    <section class="card">
      <header><h2>Settings for trainings to come</h2><Button disabled={busy} onClick={() => run()}>{busy ? 'Searching, up to a minute…' : 'Search for a minute'}</Button></header>
      <Problem error={error} />
      {data ? (
        <dl class="facts">
          <div><dt>Best on the newest part of the log</dt><dd>{data.best}</dd></div>
          <div><dt>Tried, on questions</dt><dd>{count(data.tried)}, {count(data.questions)}</dd></div>
          {Object.entries(data.settings || {}).map(([k, v]) => <div key={k}><dt>{words(k)}</dt><dd>{typeof v === 'number' ? decimal(v) : String(v)}</dd></div>)}
        </dl>
      ) : <p class="muted">Chosen on a validation split, never on the test; kept in the data folder.</p>}
    </section>
  );
}

export default function ModelsPage() {
  const asked = useApi('/v1/models');
  return (
    <>
      <h1>Models</h1>
      <Asked of={asked} empty={d => d.models.length === 0 && <Empty title="Nothing was trained yet"><p><a href={href('operations', ['models'])}>Train a model</a>, and its quality stands here.</p></Empty>}>
        {({models}) => {
          const live = models.find(m => m.live) || models[0];
          return (
            <div class="stack">
              <dl class="tiles">
                <Tile label="Serves" value={`version ${live.version}`} detail={<a href={href('operations', ['models'])}>all versions, rollback</a>} />
                <Tile label="Last training" value={when(live.trained)} detail={`${decimal(live.seconds)} s`} />
                <Tile label="NDCG@10 held out" value={decimal(live.held_out?.['ndcg@10'])} detail={`popularity ${decimal(live.held_out?.['popularity_ndcg@10'])}`} />
                <Tile label="Learnt from" value={count(live.interactions)} detail={`interactions of ${count(live.viewers)} viewers`} />
                <Tile label="Rank, epochs" value={`${live.rank}, ${live.epochs}`} />
              </dl>
              <section class="card"><h2>Quality over time</h2><Quality models={models} /></section>
              <div class="grid two">
                <Signals />
                <Features version={live.version} />
              </div>
              <Ratings />
              <Tuning />
            </div>
          );
        }}
      </Asked>
      <Experiments />
    </>
  );
}

// What the live model rests on: what signals say, what the second stage asks, whether predicted ratings come true.
import {send, useApi, useTask} from '../../lib/api.js';
import {count, decimal, percent} from '../../lib/format.js';
import {Calibration} from '../../ui/calibration.jsx';
import {Asked, Button, Empty, Problem, Tile} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';
import {Whiskers} from '../../ui/whiskers.jsx';

const SAYS = {
  attended: 'Attended share, among like titles', finished: 'Finished it', abandoned: 'Gave it up', rewinds: 'Rewinds', skips: 'Skips', sittings: 'Sittings',
  again: 'Watched again', listed: 'On the list', autoplay: 'Started by itself', handheld: 'On a phone or tablet',
};
const signed = v => (v > 0 ? '+' : '') + decimal(v, 2);
const nameOf = s => SAYS[s.name] || s.name;

function Measured({d}) {
  const known = d.signals.filter(s => s.weight !== null).sort((a, b) => b.weight - a.weight);
  const rare = d.signals.filter(s => s.weight === null);
  const right = d.pairs_right;
  return (
    <>
      <p class="words">Of two titles that a viewer graded differently, the better liked one is above {percent(right.fitted)} of the time by these weights, {percent(right.default_rules)} by the default rules, {percent(right.completion)} by the watched share alone.</p>
      {known.length ? (
        <Whiskers file="signals" data={d} says="says nothing" least={0.1} rows={known.map(s => ({label: nameOf(s), at: s.weight, low: s.low, high: s.high, text: signed(s.weight)}))}
          words={known.map(s => `${nameOf(s)}: ${signed(s.weight)}, ${signed(s.low)} to ${signed(s.high)}, of ${count(s.viewings)} viewings`).join('; ')} />
      ) : null}
      <p class="muted small">How far each moves the liking that a later rating tells, from −1 to 1, with the 95 % interval over viewers.{rare.length ? ` Too rare to say: ${rare.map(s => nameOf(s).toLowerCase()).join(', ')}.` : ''}</p>
    </>
  );
}

export function Signals() {
  const asked = useApi('/v1/signals');
  return (
    <section class="card">
      <header><h2>What signals say</h2>{asked.data ? <span class="chip">judged by: {asked.data.judged_by}</span> : null}</header>
      <Asked of={asked} empty={d => d.signals.length === 0 && (
        <Empty title="Not measured yet"><p>What was watched is judged by the default rules. Where titles are rated after they were watched, this learns what finishing, skipping and rewinding say there; the server must not have the folder open:</p><p><code>marquee train --only engagement</code></p></Empty>
      )}>{d => <Measured d={d} />}</Asked>
    </section>
  );
}

export function Features({version}) {
  const asked = useApi(`/v1/models/features?_=${version}`);
  return (
    <section class="card">
      <h2>What orders the first places</h2>
      <Asked of={asked} empty={d => d.features.length === 0 && (
        <Empty title="No second stage serves"><p>The blend of generators orders pages alone: trees did not do better on choices they had not seen, or there were too few.</p></Empty>
      )}>
        {d => {
          const list = d.features.filter(f => f.splits > 0).sort((a, b) => b.share - a.share);
          const high = list[0]?.share || 1;
          const scores = list.filter(f => f.score).reduce((a, f) => a + f.share, 0);
          const rows = list.map(f => ({...f, name: f.score ? `score: ${f.name}` : f.name}));
          return (
            <>
              <p class="words">{count(d.trees)} trees: {percent(scores)} of how far they move a title rests on the generators' scores, {percent(1 - scores)} on facts about title, viewer and moment.</p>
              <Table caption="Features" file="features" rows={rows} keyOf={f => f.name} sort={{name: 'share', down: true}} columns={[
                {name: 'name', label: 'Feature'},
                {name: 'bar', label: 'Moves', value: f => f.share, show: f => <svg class="pair" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="14" rx="2" /><rect class="mark" width={(f.share / high) * 100} height="14" rx="2" /></svg>},
                {name: 'share', label: 'Share', number: true, show: f => percent(f.share, 1)},
                {name: 'splits', label: 'Splits', number: true, show: f => count(f.splits)},
              ]} />
              <p class="muted small">From the trees' shape, as if viewings halved at each split: what they ask, and no cause.</p>
            </>
          );
        }}
      </Asked>
    </section>
  );
}

export function Ratings() {
  const [run, {data: d, error, busy}] = useTask(() => send('POST', '/v1/models:check-ratings', {}));
  return (
    <section class="card">
      <header><h2>Predicted ratings, and those that came</h2><Button disabled={busy} onClick={() => run()}>{busy ? 'Holding out and predicting…' : 'Check now'}</Button></header>
      <Problem error={error} />
      {!d ? <p class="muted">Holds out a tenth of the ratings, learns from the rest as a training does, and predicts them from their viewers' others. On large logs it takes as long as that part of a training.</p>
        : d.bins.length === 0 ? <Empty title="Too few ratings to say anything"><p>{count(d.ratings)} there are; some hundreds of at least twenty viewers are needed.</p></Empty> : (
          <>
            <dl class="tiles">
              <Tile label="Predicted" value={count(d.asked)} detail={`ratings of ${count(d.viewers)} viewers`} />
              <Tile label="Off by (RMSE)" value={`${decimal(d.rmse)} stars`} detail={`a title's own mean: ${decimal(d.title_mean_rmse)}`} />
              <Tile label="Inside the interval" value={percent(d.inside)} detail="90 % is what it should be" />
            </dl>
            <Calibration file="rating-calibration" data={d} across="predicted stars" up="stars that came" format={v => decimal(v, 3)} legend={[['--c1', 'ratings alike in prediction, with the 95 % interval of their mean'], ['--edge', 'just right']]}
              points={d.bins.map(b => ({x: b.predicted, y: b.actual, low: b.low, high: b.high, words: `predicted ${decimal(b.predicted)}, came ${decimal(b.actual)}`}))}
              words={`Mean rating by prediction: ${d.bins.map(b => `predicted ${decimal(b.predicted)}: ${decimal(b.actual)} came, ${decimal(b.low)} to ${decimal(b.high)}`).join('; ')}`} />
          </>
        )}
    </section>
  );
}

// Every pair of people whose audiences go together, beside a shuffled world.
import {useState} from 'preact/hooks';
import {query, useApi} from '../../lib/api.js';
import {count, decimal, percent, probability} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {Asked, Select} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';
import {quote} from './builder.jsx';

const ROLES = ['director', 'actor', 'writer', 'producer', 'creator'].map(r => [r, r]);
const link = (p, d) => href('audiences', ['overlap'], {a: `liked:${d.role_a}=${quote(p.names[0])}`, b: `liked:${d.role_b}=${quote(p.names[1])}`, go: '1'});

export function Pairs() {
  const [a, setA] = useState('director');
  const [b, setB] = useState('actor');
  const asked = useApi(query('/v1/audiences/pairs', {role_a: a, role_b: b}));
  return (
    <section class="card">
      <header><h2>Pairs that go together</h2><div class="actions"><Select label="First" value={a} options={ROLES} onChange={setA} /><Select label="Second" value={b} options={ROLES} onChange={setB} /></div></header>
      <Asked of={asked} busy="Testing all pairs">
        {d => (
          <>
            <p class="words">Of {count(d.tested)} pairs with enough titles {count(d.passed)} pass; in a world whose viewers are shuffled, {d.shuffled_passed === null ? 'that was not counted' : count(d.shuffled_passed)}.</p>
            <Table caption="Pairs" file="pairs" rows={d.pairs} keyOf={p => p.names.join('\n')} columns={[
              {name: 'names', label: 'Pair', value: p => p.names.join(' × '), show: p => <a href={link(p, d)} dir="auto">{p.names.join(' × ')}</a>},
              {name: 'odds_ratio', label: 'Odds ratio', number: true, show: p => `${decimal(p.odds_ratio, 2)} (${decimal(p.odds_ratio_low, 2)}–${decimal(p.odds_ratio_high, 2)})`},
              {name: 'share', label: 'Of 100', number: true, show: p => percent(p.share)},
              {name: 'comparable', label: 'Of others', number: true, show: p => percent(p.comparable)},
              {name: 'q', label: 'q', number: true, show: p => probability(p.q)},
              {name: 'without', label: 'Rests on', value: p => p.without_one?.name, show: p => (p.without_one?.title ? `${p.without_one.name}: ${decimal(p.without_one.odds_ratio, 2)} without` : '–')},
            ]} />
          </>
        )}
      </Asked>
    </section>
  );
}

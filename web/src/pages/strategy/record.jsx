// The track record: what forecasts promised, held against what came.
import {useApi} from '../../lib/api.js';
import {count, decimal, percent, when} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {Asked, Empty, Tile} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

const interval = v => (v ? `${count(Math.round(v.p10))} to ${count(Math.round(v.p90))}` : 'withheld');

export function Record() {
  const asked = useApi('/v1/strategy/ledger');
  return (
    <section class="card">
      <h2>Promises and what came</h2>
      <Asked of={asked} busy="Holding promises against the log" empty={d => d.scored === 0 && (
        <Empty title="No promise can be held against anything yet">
          <p>{d.dossiers ? `${count(d.dossiers)} dossiers are kept; none of their titles was made and seen for 28 days yet.` : 'Opportunities that are looked for are kept as dossiers, with the place in the log that they were made from. Once such a title runs for 28 days, its forecast is scored here.'}</p>
        </Empty>
      )}>
        {d => (
          <>
            <dl class="tiles">
              <Tile label="Scored" value={count(d.scored)} detail={`of ${count(d.dossiers)} dossiers`} />
              <Tile label="Inside the interval" value={percent(d.coverage)} detail="80 % is what it should be" />
              <Tile label="Within a factor of two" value={percent(d.within_2x)} />
              <Tile label="RMSLE" value={decimal(d.rmsle)} detail="of natural logs" />
            </dl>
            <Table caption="Outcomes" file="ledger" rows={d.outcomes} keyOf={o => o.dossier + o.title} columns={[
              {name: 'name', label: 'Title', show: o => <a href={href('titles', [o.title])} dir="auto">{o.name}</a>},
              {name: 'as_of', label: 'Promised', whole: true, show: o => when(o.as_of)},
              {name: 'viewers_28d', label: 'Viewers in 28 days, promised', number: true, value: o => o.viewers_28d?.p50, show: o => interval(o.viewers_28d)},
              {name: 'actual_28d', label: 'came', number: true, show: o => (o.actual_28d === null ? 'withheld' : count(Math.round(o.actual_28d)))},
            ]} />
          </>
        )}
      </Asked>
    </section>
  );
}

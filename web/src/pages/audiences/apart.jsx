// What sets an audience apart: lists with the share of it, and of viewers as active who are not in it.
import {decimal, percent} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {Table} from '../../ui/table.jsx';

const LISTS = [['titles', 'Titles'], ['genres', 'Genres'], ['people', 'People'], ['countries', 'Countries'], ['devices', 'Devices'], ['dayparts', 'Times of day']];

function Pair({share, comparable}) {
  return (
    <svg class="pair" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
      <rect class="ground" width="100" height="14" rx="2" />
      <rect class="mark" width={Math.min(100, (share || 0) * 100)} height="14" rx="2" />
      <rect class="tick" x={Math.min(99, (comparable || 0) * 100)} width="1.4" height="14" />
    </svg>
  );
}

export function Apart({of, file}) {
  const lists = LISTS.filter(([k]) => of[k]?.length);
  if (!lists.length) return <p class="muted">Nothing sets it apart that enough viewers share.</p>;
  return (
    <div class="grid two">
      {lists.map(([k, label]) => (
        <section key={k} class={k === 'people' ? 'stack tight is-wide' : 'stack tight'}>
          <h3>{label}</h3>
          <Table caption={label} file={`${file}-${k}`} rows={of[k]} keyOf={r => (r.role || '') + (r.title || r.name)} columns={[
            {name: 'name', label: 'Name', show: r => (r.title ? <a href={href('titles', [r.title])} dir="auto">{r.name}</a> : k === 'people' ? <a href={href('audiences', ['people', r.name])} dir="auto">{r.name}</a> : <span dir="auto">{r.name}</span>)},
            ...(k === 'people' ? [{name: 'role', label: 'As'}] : []),
            {name: 'bar', label: 'Share', value: r => r.share, show: r => <Pair share={r.share} comparable={r.comparable} />},
            {name: 'share', label: 'Of it', number: true, show: r => percent(r.share)},
            {name: 'comparable', label: 'Of others', number: true, show: r => percent(r.comparable)},
            {name: 'odds_ratio', label: 'Odds ratio', number: true, show: r => `${decimal(r.odds_ratio, 2)} (${decimal(r.odds_ratio_low, 2)}–${decimal(r.odds_ratio_high, 2)})`},
          ]} />
        </section>
      ))}
    </div>
  );
}

// The form of a title that does not exist yet.
import {Combobox, findGenres, findPeople, findTitles} from '../../ui/combobox.jsx';
import {Button, Select, Text} from '../../ui/parts.jsx';

const ROLES = ['director', 'actor', 'writer', 'producer', 'creator'].map(r => [r, r]);
const KINDS = [['film', 'film'], ['series', 'series'], ['special', 'special']];

export const empty = {title: '', kind: 'film', genres: [], tags: [], credits: [], comparables: [], runtime_min: '', country: '', language: '', release_date: '', cost: '', value_per_hour: '', promotion: '', description: ''};

// As the route takes it: what was left empty is left out.
export function conceptOf(c) {
  const out = {title: c.title || 'Untitled', kind: c.kind, genres: c.genres, tags: c.tags, comparables: c.comparables.map(t => t.name)};
  const nth = {};
  out.credits = c.credits.map(x => ({role: x.role, person: x.person, billing: (nth[x.role] = (nth[x.role] || 0) + 1)}));
  for (const k of ['runtime_min', 'cost', 'value_per_hour']) if (c[k] !== '' && Number.isFinite(Number(c[k]))) out[k] = Number(c[k]);
  if (c.promotion !== '' && Number.isFinite(Number(c.promotion))) out.launch = {promotion: Number(c.promotion)};
  for (const k of ['country', 'language', 'release_date', 'description']) if (c[k]) out[k] = c[k];
  return out;
}

function Chips({label, list, onRemove, show}) {
  if (!list.length) return null;
  return <ul class="chips" aria-label={label}>{list.map((x, i) => <li key={i} class="chip accent"><span dir="auto">{show(x)}</span><button type="button" class="remove" aria-label={`Remove ${show(x)}`} onClick={() => onRemove(i)}>×</button></li>)}</ul>;
}

export function ConceptForm({concept: c, set, onAsk, onPut, busy}) {
  const without = (k, i) => set({[k]: c[k].filter((_, n) => n !== i)});
  const add = (k, v) => set({[k]: [...c[k], v]});
  return (
    <form class="card" onSubmit={e => {
      e.preventDefault();
      onAsk();
    }}>
      <h2>A concept</h2>
      <Text label="Working title" value={c.title} onChange={title => set({title})} dir="auto" />
      <Select label="Kind" value={c.kind} options={KINDS} onChange={kind => set({kind})} />
      <Combobox label="Add a genre" value="" clear search={findGenres} strict onPick={o => c.genres.includes(o.value) || add('genres', o.value)} />
      <Chips label="Genres" list={c.genres} show={g => g} onRemove={i => without('genres', i)} />
      {c.tags.length ? <Chips label="Themes" list={c.tags} show={t => `theme: ${t}`} onRemove={i => without('tags', i)} /> : null}
      <Combobox label="Add a director" value="" clear search={t => findPeople(t, 'director')} onPick={o => add('credits', {role: 'director', person: o.value})} />
      <Combobox label="Add an actor" value="" clear search={t => findPeople(t, 'actor')} onPick={o => add('credits', {role: 'actor', person: o.value})} />
      {c.credits.length ? (
        <ul class="credits" aria-label="Credits">{c.credits.map((x, i) => (
          <li key={i}>
            <span dir="auto">{x.person}</span>
            <select aria-label={`Role of ${x.person}`} value={x.role} onChange={e => set({credits: c.credits.map((y, n) => (n === i ? {...y, role: e.currentTarget.value} : y))})}>{ROLES.map(([v, t]) => <option key={v} value={v} selected={v === x.role}>{t}</option>)}</select>
            <Button icon="close" kind="quiet" label={`Remove ${x.person}`} onClick={() => without('credits', i)} />
          </li>
        ))}</ul>
      ) : null}
      <details>
        <summary>More: length, country, cost, comparables, promotion</summary>
        <div class="stack tight pad">
          <Text label="Minutes" type="number" min="1" max="1000" value={c.runtime_min} onChange={runtime_min => set({runtime_min})} />
          <Text label="Country" value={c.country} onChange={country => set({country})} maxLength={2} placeholder="GB" />
          <Text label="Release date" type="date" value={c.release_date} onChange={release_date => set({release_date})} />
          <Combobox label="Add a comparable" value="" clear search={findTitles} strict onPick={o => add('comparables', {title: o.value, name: o.text})} />
          <Chips label="Comparables" list={c.comparables} show={t => t.name} onRemove={i => without('comparables', i)} />
          <Text label="Cost" type="number" min="0" value={c.cost} onChange={cost => set({cost})} hint="in your money" />
          <Text label="Worth of an hour watched" type="number" min="0" step="any" value={c.value_per_hour} onChange={value_per_hour => set({value_per_hour})} />
          <Text label="Place on pages" type="number" min="0" max="1" step="any" value={c.promotion} onChange={promotion => set({promotion})} hint="1 or empty: as launches here usually have; 0: none of its own" />
        </div>
      </details>
      <p class="actions">
        <button class="button main" disabled={busy}>{busy ? 'Forecasting…' : 'Forecast'}</button>
        <Button onClick={onPut}>Put on the slate</Button>
        <Button onClick={() => set(empty)}>Clear</Button>
      </p>
    </form>
  );
}

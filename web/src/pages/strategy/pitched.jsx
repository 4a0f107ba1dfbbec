// Was somebody else's pitch known here before? The dossiers that speak of a concept and are older.
import {send, useTask} from '../../lib/api.js';
import {count, when} from '../../lib/format.js';
import {Button, Problem} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

export function Pitched({concept}) {
  const [run, {data, error, busy}] = useTask(() => send('POST', '/v1/strategy/pitch', concept));
  return (
    <section class="card">
      <header><h2>Known before it was pitched?</h2><Button disabled={busy} onClick={() => run()}>{busy ? 'Looking…' : 'Look in the dossiers'}</Button></header>
      <Problem error={error} />
      {data ? data.matches.length === 0 ? <p class="muted">None of {count(data.dossiers)} dossiers speaks of it. Opportunities that were looked for are kept as dossiers.</p> : (
        <Table caption="Dossiers" file="pitch" rows={data.matches} keyOf={m => m.dossier + m.rank} columns={[
          {name: 'who', label: 'Speaks of', value: m => [m.maker?.name, m.lead?.name, m.theme?.name].filter(Boolean).join(' × '), show: m => [m.maker?.name, m.lead?.name, m.theme?.name].filter(Boolean).join(' × ')},
          {name: 'made', label: 'Made', whole: true, show: m => when(m.made)},
          {name: 'as_of', label: 'From the log until', whole: true, show: m => (m.as_of ? when(m.as_of) : '–')},
          {name: 'rank', label: 'Rank', number: true},
          {name: 'replayed', label: 'Same again from the log', value: m => (m.replayed ? 'yes' : 'no'), show: m => (m.replayed ? 'yes' : 'no')},
        ]} />
      ) : <p class="muted">Dossiers carry the place in the log that they were made from: what they said can be made again from it.</p>}
    </section>
  );
}

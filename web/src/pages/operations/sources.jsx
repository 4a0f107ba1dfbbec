// Who sends events, how it changed, and what the doctor makes of it.
import {useApi} from '../../lib/api.js';
import {count, percent, when, words} from '../../lib/format.js';
import {Asked, Empty} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

const nameOf = s => [s.source, s.app].filter(Boolean).join(' / ');

export function Sources() {
  const asked = useApi('/v1/doctor', {every: 10000});
  return (
    <Asked of={asked}>
      {d => (
        <div class="stack">
          <section class="card">
            <header><h2>Alarms</h2><span class={d.well ? 'chip good' : 'chip bad'}>{d.well ? 'all well' : `${d.alarms.length} alarms`}</span></header>
            {d.alarms.length === 0 ? <p class="muted">Each source sends what it used to send.</p> : (
              <Table caption="Alarms" file="alarms" rows={d.alarms} columns={[
                {name: 'source', label: 'Source', value: nameOf, show: nameOf},
                {name: 'alarm', label: 'Alarm', show: a => words(a.alarm)},
                {name: 'kind', label: 'Kind', show: a => words(a.kind || '–')},
                {name: 'since', label: 'Since', whole: true, show: a => when(a.since)},
                {name: 'detail', label: 'What to look at'},
              ]} />
            )}
          </section>
          <section class="card">
            <h2>Sources</h2>
            {d.sources.length === 0 ? <Empty title="Nobody sends yet"><p><code>POST /v1/events</code></p></Empty> : (
              <Table caption="Sources" file="sources" rows={d.sources} columns={[
                {name: 'source', label: 'Source', value: nameOf, show: nameOf},
                {name: 'events', label: 'Events in a week', number: true, show: s => count(s.events)},
                {name: 'per_minute', label: 'A minute', number: true, show: s => s.per_minute?.toFixed(1) ?? '–'},
                {name: 'last', label: 'Last', whole: true, show: s => when(s.last)},
                {name: 'mix', label: 'Mostly', value: s => JSON.stringify(s.mix), show: s => Object.entries(s.mix || {}).sort((a, b) => b[1] - a[1]).slice(0, 4).map(([k, v]) => `${words(k)} ${percent(v)}`).join(', ')},
              ]} />
            )}
          </section>
        </div>
      )}
    </Asked>
  );
}

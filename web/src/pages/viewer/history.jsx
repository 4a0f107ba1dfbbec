// What is known of a viewer, and what they really watched.
import {useMemo, useState} from 'preact/hooks';
import {getLines, path, send, useApi} from '../../lib/api.js';
import {clock, count, percent, when, words} from '../../lib/format.js';
import {Asked, Button, Dialog, Empty, Tile, say} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

function Remove({viewer, row, onChanged, onClose}) {
  return (
    <Dialog title={`Take ${row.name} out of the history?`} onClose={onClose}>
      <p>What {viewer} did with it so far leaves pages, reasons, models to come and audiences. What they do with it later counts anew.</p>
      <p class="actions">
        <Button kind="main danger" onClick={async () => {
          try {
            await send('DELETE', path`/v1/viewers/${viewer}/history/${row.title}`);
            say(`${row.name} is out of the history.`);
            onChanged();
          } catch (e) {
            say(e.message, 'bad');
          }
          onClose();
        }}>Take it out</Button>
        <Button onClick={onClose}>Keep it</Button>
      </p>
    </Dialog>
  );
}

// Stretches of the film that were seen, over its length.
function Seen({row}) {
  const end = row.runtime_ms || Math.max(1, ...row.watched.map(w => w[1]));
  return (
    <svg class="seen" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={`${percent(row.completion)} seen`}>
      <rect class="ground" width="100" height="10" />
      {row.watched.map(([a, b]) => <rect key={a} class="mark" x={(a / end) * 100} width={Math.max(0.8, ((b - a) / end) * 100)} height="10" />)}
    </svg>
  );
}

export function History({viewer, summary, changes, onChanged, onOpen}) {
  const viewings = useApi(path`/v1/viewers/${viewer}/viewings` + `?_=${changes}`, {read: getLines});
  const [taking, setTaking] = useState(null);
  const rows = useMemo(() => (viewings.data || []).map(v => ({...v, last: v.sessions[v.sessions.length - 1]?.to})), [viewings.data]);
  return (
    <div class="stack">
      <Asked of={summary}>
        {s => (
          <dl class="tiles">
            <Tile label="Events" value={count(s.events)} />
            <Tile label="Known since" value={when(s.first).split(',')[0]} detail={`last seen ${when(s.last)}`} />
            <Tile label="Where" value={s.context?.country || '–'} detail={s.context?.device ? `last on ${words(s.context.device)}` : ''} />
            {Object.entries(s.by_kind).sort((a, b) => b[1] - a[1]).slice(0, 4).map(([k, n]) => <Tile key={k} label={words(k)} value={count(n)} />)}
          </dl>
        )}
      </Asked>
      <section class="card">
        <h2>What was watched</h2>
        <Asked of={viewings} empty={() => rows.length === 0 && <Empty title="Nothing was watched yet"><p>Play a title on the page, and it stands here.</p></Empty>}>
          {() => (
            <Table caption={`Viewings of ${viewer}`} file={`viewings-${viewer}`} rows={rows} keyOf={r => r.title} sort={{name: 'last', down: true}} columns={[
              {name: 'name', label: 'Title', show: r => <button type="button" class="link" dir="auto" onClick={() => onOpen({title: r.title, name: r.name})}>{r.name}</button>},
              {name: 'last', label: 'Last', show: r => when(r.last)},
              {name: 'seen', label: 'Seen', value: r => r.completion, show: r => <Seen row={r} />},
              {name: 'completion', label: 'Share', number: true, show: r => percent(r.completion)},
              {name: 'finished', label: 'Finished', value: r => (r.finished ? 'yes' : 'no'), show: r => (r.finished ? 'yes' : 'no')},
              {name: 'rewatched_ms', label: 'Seen again', number: true, show: r => clock(r.rewatched_ms)},
              {name: 'sittings', label: 'Sittings', number: true, value: r => r.sessions.length, show: r => r.sessions.length},
              {name: 'remove', label: 'Take out', value: () => '', show: r => <Button icon="close" kind="quiet" label={`Take ${r.name} out of the history`} onClick={() => setTaking(r)} />},
            ]} />
          )}
        </Asked>
      </section>
      {taking ? <Remove viewer={viewer} row={taking} onChanged={onChanged} onClose={() => setTaking(null)} /> : null}
    </div>
  );
}

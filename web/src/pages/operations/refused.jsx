// Events that were refused: why, how often, and what was sent.
import {useMemo, useState} from 'preact/hooks';
import {getLines, useApi} from '../../lib/api.js';
import {count, when} from '../../lib/format.js';
import {Asked, Dialog, Empty} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

// "viewer: missing: give one": what, value, remedy. Reasons that differ in the value alone are one.
export function kindOf(reason) {
  const parts = reason.split(': ');
  return parts.length > 2 ? `${parts[0]}: … ${parts[parts.length - 1]}` : reason;
}

export function Refused() {
  const asked = useApi('/v1/refused?bytes=1048576', {read: getLines, every: 5000});
  const [shown, setShown] = useState(null);
  const lines = useMemo(() => (asked.data || []).map((l, i) => ({...l, number: i})).reverse(), [asked.data]);
  const reasons = useMemo(() => {
    const by = new Map();
    for (const l of lines) {
      const key = `${l.source}\n${kindOf(l.reason)}`;
      const r = by.get(key) || {source: l.source, reason: kindOf(l.reason), example: l.reason, n: 0, last: l.at};
      r.n++;
      by.set(key, r);
    }
    return [...by.values()].sort((a, b) => b.n - a.n);
  }, [lines]);
  return (
    <Asked of={asked} empty={d => d.length === 0 && <Empty title="Nothing was refused"><p>Events that break a rule stand here with the reason, for whoever mends the sender.</p></Empty>}>
      {() => (
        <div class="stack">
          <section class="card">
            <h2>Why</h2>
            <Table caption="Reasons" rows={reasons} keyOf={r => r.source + r.reason} columns={[
              {name: 'n', label: 'Events', number: true, show: r => count(r.n)},
              {name: 'source', label: 'Format'},
              {name: 'example', label: 'Reason'},
              {name: 'last', label: 'Last', show: r => when(r.last)},
            ]} />
          </section>
          <section class="card">
            <h2>What was sent</h2>
            <Table caption="Refused events, the newest first" file="refused" rows={lines} keyOf={l => l.number} columns={[
              {name: 'at', label: 'When', show: l => when(l.at)},
              {name: 'source', label: 'Format'},
              {name: 'reason', label: 'Reason'},
              {name: 'raw', label: 'As sent', show: l => <button type="button" class="link" aria-label={`Look at what was sent at ${when(l.at)}`} onClick={() => setShown(l)}>Look</button>},
            ]} />
            <p class="muted small">The last megabyte of what was refused; at most 4 kB of each event. Whoever is erased leaves this list too.</p>
          </section>
          {shown ? <Dialog wide title={shown.reason} onClose={() => setShown(null)}><pre class="raw" dir="ltr" tabIndex={0}>{shown.raw}</pre></Dialog> : null}
        </div>
      )}
    </Asked>
  );
}

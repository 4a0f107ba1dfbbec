// Who asked about groups of viewers, and how much was withheld.
import {useMemo} from 'preact/hooks';
import {useApi} from '../../lib/api.js';
import {when, words} from '../../lib/format.js';
import {Asked, Empty} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

// "TIME what who=W research=0 floor=50 withheld=2 [expression] [expression]"
export function entryOf(line, number) {
  const m = /^(\S+) (.+?) who=(.*?) research=(\d+) floor=(\d+) withheld=(\d+)(.*)$/.exec(line);
  if (!m) return {number, what: line};
  return {number, at: m[1], what: words(m[2]), who: m[3], research: m[4] === '1' ? 'yes' : '', floor: Number(m[5]), withheld: Number(m[6]), about: m[7].trim().replace(/^\[|\]$/g, '').replace(/\] \[/g, ' × ')};
}

export function Audit() {
  const asked = useApi('/v1/audit?limit=1000');
  const rows = useMemo(() => (asked.data?.entries || []).map(entryOf), [asked.data]);
  return (
    <section class="card">
      <h2>Questions about groups of viewers</h2>
      <Asked of={asked} empty={d => d.entries.length === 0 && <Empty title="Nobody asked yet"><p>Each question about an audience leaves a line here.</p></Empty>}>
        {() => (
          <Table caption="Privacy audit" file="audit" rows={rows} keyOf={r => r.number} columns={[
            {name: 'at', label: 'When', whole: true, show: r => when(r.at)},
            {name: 'what', label: 'Question'},
            {name: 'about', label: 'About'},
            {name: 'who', label: 'Key'},
            {name: 'floor', label: 'Floor', number: true},
            {name: 'withheld', label: 'Withheld', number: true},
            {name: 'research', label: 'Exact'},
          ]} />
        )}
      </Asked>
      <p class="muted small">The last 10,000 are kept. Figures of groups below the floor are withheld, whoever asks.</p>
    </section>
  );
}

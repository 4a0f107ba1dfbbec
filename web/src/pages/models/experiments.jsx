// Experiments: what the arms did, with intervals that may be looked at any time.
import {useState} from 'preact/hooks';
import {path, send, useApi} from '../../lib/api.js';
import {count, decimal, percent, probability, when} from '../../lib/format.js';
import {Asked, Button, Empty, say} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';
import {Whiskers} from '../../ui/whiskers.jsx';

const MEASURES = [['chosen_per_page', 'Chosen, a page'], ['valued_per_page', 'Valued, a page']];
const known = e => e && e.difference !== null && e.low !== null;
const none = x => (x.broken ? 'withheld' : 'too early');
const effect = (x, e) => (known(e) ? `${decimal(e.difference, 3)} (${decimal(e.low, 3)} to ${decimal(e.high, 3)})` : none(x));
const anytime = (x, e) => (e && e.anytime_low !== null ? `${decimal(e.anytime_low, 3)} to ${decimal(e.anytime_high, 3)}` : none(x));
// What the control has a page, as the others are compared with it.
const level = (x, k) => {
  const e = x.arms.slice(1).map(a => a[k]).find(known);
  return e ? `${decimal(e.control, 3)} itself` : '';
};
const words = x => (x.interleave
  ? `Both arms stand on one row: what each placed there was chosen and valued so often, ${x.arms[1]?.arm} less ${x.arms[0]?.arm}, viewer by viewer.`
  : `Differences to ${x.arms[0]?.arm || 'the control'}, over viewers.`);

// Each measure by arm, on a scale of its own.
function Drawn({arms, name}) {
  const drawn = MEASURES.map(([k, label]) => [k, label, arms.filter(a => known(a[k]))]).filter(([, , list]) => list.length);
  if (!drawn.length) return null;
  return (
    <div class="grid two">
      {drawn.map(([k, label, list]) => (
        <section key={k} class="stack tight">
          <h4>{label}</h4>
          <Whiskers file={`experiment-${name}-${k}`} data={list} says="no difference" rows={list.map(a => ({label: a.arm, at: a[k].difference, low: a[k].low, high: a[k].high, text: decimal(a[k].difference, 3)}))}
            words={list.map(a => `${a.arm}: ${decimal(a[k].difference, 3)} (${decimal(a[k].low, 3)} to ${decimal(a[k].high, 3)})`).join('; ')} />
        </section>
      ))}
    </div>
  );
}

function Reading({name}) {
  const asked = useApi(path`/v1/experiments/${name}`);
  return (
    <Asked of={asked} busy="Reading what was shown">
      {x => (
        <div class="stack tight">
          {x.broken ? <p class="problem" role="alert">The arms are not filled as they should be (p {probability(x.sample_ratio_p)}): no effect is to be believed.</p> : null}
          <h3 dir="auto">{name}</h3>
          {x.state === 'created' ? <p class="muted">It has not started: nobody's pages are made by it.</p> : null}
          {x.state === 'created' ? null : <p class="muted small">{words(x)} Intervals are of 95 %; those of “whenever looked at” hold however often one looks.</p>}
          <Drawn arms={x.arms.slice(1)} name={name} />
          {x.arms.length && x.state !== 'created' ? (
            <Table caption={`Arms of ${name}`} file={`experiment-${name}`} rows={x.arms} keyOf={a => a.arm} columns={[
              {name: 'arm', label: 'Arm'},
              {name: 'viewers', label: 'Viewers', number: true, show: a => count(a.viewers)},
              {name: 'pages', label: 'Pages', number: true, show: a => count(a.pages)},
              ...MEASURES.flatMap(([k, label]) => [
                {name: k, label: `${label}: difference`, number: true, value: a => a[k]?.difference, show: a => (a === x.arms[0] ? level(x, k) : effect(x, a[k]))},
                {name: `${k}_anytime`, label: 'whenever looked at', number: true, value: a => a[k]?.anytime_low, show: a => (a === x.arms[0] ? '' : anytime(x, a[k]))},
              ]),
            ]} />
          ) : null}
        </div>
      )}
    </Asked>
  );
}

export function Experiments() {
  const asked = useApi('/v1/experiments');
  const [shown, show] = useState(null);
  const turn = async (name, what) => {
    try {
      await send('POST', path`/v1/experiments/${name}` + `:${what}`, {});
      say(what === 'start' ? `${name} runs.` : `${name} has stopped.`);
    } catch (e) {
      say(e.message, 'bad');
    }
    asked.reload();
  };
  return (
    <section class="card">
      <h2>Experiments</h2>
      <Asked of={asked} empty={d => d.experiments.length === 0 && <Empty title="No experiment yet"><p>One serves some viewers other pages, and says with intervals what came of it: <code>POST /v1/experiments</code></p></Empty>}>
        {d => (
          <div class="stack tight">
            <Table caption="Experiments" rows={d.experiments} keyOf={x => x.name} columns={[
              {name: 'name', label: 'Name', show: x => <button type="button" class="link" dir="auto" onClick={() => show(x.name)}>{x.name}</button>},
              {name: 'state', label: 'State'},
              {name: 'started_ms', label: 'Since', show: x => (x.started_ms ? when(x.started_ms) : '–')},
              {name: 'traffic', label: 'Of viewers', number: true, show: x => percent(x.traffic)},
              {name: 'arms', label: 'Arms', value: x => x.arms.map(a => a.arm).join(', '), show: x => x.arms.map(a => a.arm).join(', ')},
              {name: 'turn', label: 'Turn', value: () => '', show: x => (x.state === 'created' ? <Button kind="quiet" onClick={() => turn(x.name, 'start')}>Start</Button> : x.state === 'running' ? <Button kind="quiet" onClick={() => turn(x.name, 'stop')}>Stop</Button> : '–')},
            ]} />
            {shown ? null : <p class="muted">Choose one to see what came of it.</p>}
            {shown ? <Reading key={shown} name={shown} /> : null}
          </div>
        )}
      </Asked>
    </section>
  );
}

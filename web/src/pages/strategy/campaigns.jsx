// Campaigns: whom to put a title before and whom not, launched with a hold-out, and what came of it.
import {useState} from 'preact/hooks';
import {path, send, useApi, useTask} from '../../lib/api.js';
import {saveJson} from '../../lib/export.js';
import {count, decimal, percent, when} from '../../lib/format.js';
import {go, href} from '../../lib/router.js';
import {Combobox, findTitles} from '../../ui/combobox.jsx';
import {Asked, Busy, Button, Empty, Problem, Select, Text, Tile, say} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';
import {Whiskers} from '../../ui/whiskers.jsx';
import {Qini} from './qini.jsx';

const KINDS = {target: 'good', unknown: 'accent', effect: 'good', harm: 'bad', broken: 'bad'};
const Verdict = ({text}) => <span class={`chip ${KINDS[text] || ''}`}>{text}</span>;
const share = v => percent(v, 1);
const between = (low, high) => (low === null || high === null ? '–' : `${decimal(100 * low, 2)} to ${decimal(100 * high, 2)} %`);
const HOLDOUTS = [['0.1', '10 %'], ['0.2', '20 %'], ['0.5', '50 %: soonest to tell']];

// ------------------------------------------------------------------ the plan

function Launch({plan}) {
  const [name, setName] = useState('');
  const [run, {error, busy}] = useTask(async () => {
    const c = await send('POST', '/v1/campaigns', {...plan.campaign, name: name.trim()});
    say(`${c.name} leads with ${plan.name} from now on.`);
    go(href('strategy', ['campaigns', c.name]));
  });
  return (
    <form class="card" onSubmit={e => {
      e.preventDefault();
      run();
    }}>
      <h2>Launch</h2>
      <p>Home pages of the segments to target will lead with <b dir="auto">{plan.name}</b>; {percent(plan.campaign.holdout)} of their viewers are held out, so that what came of it can be read.</p>
      <Text label="Name of the campaign" value={name} onChange={setName} hint="for ever: it decides who is held out" />
      <Problem error={error} />
      <p class="actions">
        <button class="button main" disabled={busy || !name.trim()}>{busy ? 'Launching…' : 'Launch'}</button>
        <Button icon="save" kind="quiet" onClick={() => saveJson('campaign', plan.campaign)}>The campaign as JSON</Button>
      </p>
    </form>
  );
}

const place = s => [s.hour.name && `${s.hour.name} (${percent(s.hour.share)})`, s.device.name && `${s.device.name} (${percent(s.device.share)})`].filter(Boolean).join(', ') || '–';

function Plan({plan}) {
  const told = plan.segments.filter(s => s.uplift !== null);
  return (
    <>
      <section class="card">
        <h2 dir="auto">{plan.name}</h2>
        <p dir="auto">{plan.words}</p>
        <dl class="tiles">
          <Tile label="To target" value={count(plan.segments.filter(s => s.verdict === 'target').length)} detail={`of ${count(plan.segments.length)} segments`} />
          <Tile label="Began titles like it when seen" value={share(plan.basis.began_when_seen)} detail="within a week" />
          <Tile label="and unseen" value={share(plan.basis.began_unseen)} detail={`${count(plan.basis.observations)} observations`} />
        </dl>
        {told.length ? (
          <Whiskers file="campaign-uplift" words={plan.words} data={plan.segments} none={0} says="no more than anyway" rows={told.map(s => (
            {label: s.words.replace(/^(liked|watched) something (of the genre |in the community |tagged )?/, ''), at: s.uplift, low: s.uplift_low, high: s.uplift_high, text: share(s.uplift)}
          ))} />
        ) : null}
        <p class="muted">Whoever ranks titles puts before people what they like: an upper guess, until a launch with a hold-out says.</p>
        <Table caption="Segments" file="campaign-segments" rows={plan.segments} keyOf={s => s.audience} columns={[
          {name: 'words', label: 'Viewers who'},
          {name: 'verdict', label: 'Verdict', show: s => <Verdict text={s.verdict} />},
          {name: 'uplift', label: 'More would begin', number: true, show: s => share(s.uplift)},
          {name: 'uplift_low', label: '95 %', whole: true, value: s => s.uplift_low, show: s => between(s.uplift_low, s.uplift_high)},
          {name: 'anyway', label: 'Would anyway', number: true, show: s => share(s.anyway)},
          {name: 'viewers', label: 'Viewers', number: true, show: s => (s.viewers === null ? 'withheld' : count(s.viewers))},
          {name: 'lead_text', label: 'Lead with'},
          {name: 'hour', label: 'Mostly', value: place, show: place},
        ]} />
      </section>
      <section class="card">
        <h2>Whom not to target</h2>
        <Table caption="Whom not to target" file="campaign-not-target" rows={plan.not_target} keyOf={s => s.words} columns={[
          {name: 'words', label: 'Viewers who'},
          {name: 'verdict', label: 'Verdict', show: s => <Verdict text={s.verdict} />},
          {name: 'why', label: 'Why'},
          {name: 'viewers', label: 'Viewers', number: true, show: s => (s.viewers === null ? '–' : count(s.viewers))},
        ]} />
        <p class="actions small"><Button icon="save" kind="quiet" onClick={() => saveJson('campaign-plan', plan)}>The plan as JSON</Button></p>
      </section>
      {plan.campaign ? <Launch plan={plan} /> : null}
    </>
  );
}

// ------------------------------------------------------------------ what came of it

function Arms({of, caption, file}) {
  if (of.withheld) return <p class="muted">Withheld: an arm has fewer viewers than the privacy floor, or a segment that has would follow.</p>;
  return (
    <Table caption={caption} file={file} rows={of.arms} keyOf={a => a.arm} columns={[
      {name: 'arm', label: 'Arm'},
      {name: 'viewers', label: 'Assigned', number: true, show: a => count(a.viewers)},
      {name: 'seen', label: 'Came', number: true, show: a => share(a.seen)},
      {name: 'shown', label: 'Were shown it', number: true, show: a => share(a.shown)},
      {name: 'watched', label: 'Began it', number: true, show: a => share(a.watched)},
      {name: 'valued', label: 'Came to like it', number: true, show: a => share(a.valued)},
    ]} />
  );
}

const WHAT = [['watched', 'began it'], ['valued', 'came to like it']];

function Readout({name}) {
  const asked = useApi(path`/v1/campaigns/${name}`);
  const [stop, {error, busy}] = useTask(async () => {
    await send('POST', path`/v1/campaigns/${name}` + ':stop');
    say(`${name} is stopped.`);
    asked.reload();
  });
  return (
    <Asked of={asked} busy="Reading the log">
      {r => (
        <div class="stack">
          <section class="card">
            <h2 dir="auto">{r.name}</h2>
            <p><Verdict text={r.verdict} /> {r.words}</p>
            <p class="muted">{r.state === 'running' ? `Runs since ${when(r.launched_ms)}` : `Ran from ${when(r.launched_ms)} to ${when(r.stopped_ms)}`}; leads with <a href={href('titles', [r.title])} dir="auto">{r.title}</a>; {percent(r.holdout)} are held out; arms are filled as they should be: {r.broken ? 'no' : 'yes'} (p {decimal(r.sample_ratio_p, 2)}).</p>
            {r.watched ? (
              <Whiskers file={`campaign-${r.name}`} words={r.words} data={r} none={0} says="no effect" rows={WHAT.filter(([k]) => r[k]).map(([k, label]) => (
                {label, at: r[k].difference, low: r[k].anytime_low ?? r[k].low, high: r[k].anytime_high ?? r[k].high, text: share(r[k].difference)}
              ))} />
            ) : null}
            <Arms of={r} caption="Arms" file={`campaign-${r.name}-arms`} />
            <Problem error={error} />
            <p class="actions">
              {r.state === 'running' ? <Button disabled={busy} onClick={stop}>Stop it</Button> : null}
              <Button kind="quiet" onClick={asked.reload}>Read again</Button>
              <Button icon="save" kind="quiet" onClick={() => saveJson(`campaign-${r.name}`, r)}>JSON</Button>
            </p>
          </section>
          {r.qini ? <Qini q={r.qini} file={`campaign-${r.name}-qini`} /> : null}
          {r.segments.map(s => (
            <section class="card" key={s.audience}>
              <h3 dir="auto">{s.lead_text}</h3>
              <p class="muted" dir="auto">{s.audience}</p>
              {s.watched ? <p>{share(s.watched.difference)} more began it; at every look {between(s.watched.anytime_low, s.watched.anytime_high)}.</p> : null}
              <Arms of={s} caption={`Arms of ${s.audience}`} />
            </section>
          ))}
        </div>
      )}
    </Asked>
  );
}

function List() {
  const asked = useApi('/v1/campaigns');
  return (
    <section class="card">
      <h2>Campaigns there are</h2>
      <Asked of={asked} empty={d => d.campaigns.length === 0 && <p class="muted">None yet.</p>}>
        {d => (
          <Table caption="Campaigns" file="campaigns" rows={d.campaigns} keyOf={c => c.name} sort={{name: 'launched_ms', down: true}} columns={[
            {name: 'name', label: 'Name', show: c => <a href={href('strategy', ['campaigns', c.name])} dir="auto">{c.name}</a>},
            {name: 'state', label: 'State'},
            {name: 'launched_ms', label: 'Launched', show: c => when(c.launched_ms)},
          ]} />
        )}
      </Asked>
    </section>
  );
}

export function Campaigns({name}) {
  const [title, setTitle] = useState(null);
  const [holdout, setHoldout] = useState('0.2');
  const [days, setDays] = useState('28');
  const [run, {data, error, busy}] = useTask(() => send('POST', '/v1/campaigns:plan', {title: title.value, holdout: Number(holdout), days: Number(days)}));
  return (
    <div class="side">
      <div class="stack">
        <form class="card" onSubmit={e => {
          e.preventDefault();
          if (name) go(href('strategy', ['campaigns']));
          run();
        }}>
          <h2>Plan</h2>
          <Combobox label="Title" strict search={findTitles} value={title?.text} onPick={setTitle} placeholder="a title of the catalogue" />
          <Select label="Hold out" value={holdout} options={HOLDOUTS} onChange={setHoldout} />
          <Text label="Days ahead" type="number" min="1" max="366" value={days} onChange={setDays} />
          <p class="actions"><button class="button main" disabled={busy || !title || !(Number(days) >= 1)}>{busy ? 'Planning…' : 'Plan it'}</button></p>
        </form>
        <List key={name} />
      </div>
      <div class="stack" aria-live="polite">
        <Problem error={error} />
        {busy ? <Busy text="Finding groups and reading the log" /> : null}
        {name ? <Readout key={name} name={name} /> : data ? <Plan plan={data} /> : busy || error ? null : (
          <Empty title="Choose a title"><p>The plan says whom it pays to put it before, what to lead with, when and on what, and whom not to target: those who would watch anyway, and those whom it does not move.</p></Empty>
        )}
      </div>
    </div>
  );
}

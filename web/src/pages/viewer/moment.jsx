// One moment: its controls and the page that it gives.
import {useEffect, useRef, useState} from 'preact/hooks';
import {useApi} from '../../lib/api.js';
import {percent, words} from '../../lib/format.js';
import {Asked, Empty, Field, Select, Switch} from '../../ui/parts.jsx';
import {DAYS, DEVICES, difference, homeUrl, hourName, inWords} from './moments.js';
import {Stage} from './stage.jsx';

const COUNTRIES = ['', 'AU', 'BR', 'CA', 'DE', 'ES', 'FR', 'GB', 'IN', 'IT', 'JP', 'KR', 'MX', 'NL', 'PL', 'SE', 'US'];

function Hour({value, onChange}) {
  const is = value !== '';
  return (
    <Field label={is ? `Local hour: ${hourName(value)}` : 'Local hour: now'}>
      {id => (
        <div class="hour">
          <input id={id} type="range" min="0" max="23" step="1" value={is ? value : 20} aria-valuetext={is ? hourName(value) : 'now'} onInput={e => onChange(e.currentTarget.value)} />
          <button type="button" class="button" disabled={!is} onClick={() => onChange('')}>Now</button>
        </div>
      )}
    </Field>
  );
}

function Controls({moment, set, moods, name, country}) {
  const countries = COUNTRIES.includes(moment.country) ? COUNTRIES : [...COUNTRIES, moment.country];
  return (
    <div class="controls" role="group" aria-label={name}>
      <Select label="Device" value={moment.device} options={DEVICES} onChange={device => set({device})} />
      <Select label="Country" value={moment.country} options={countries.map(c => [c, c || (country ? `As last (${country})` : 'As last')])} onChange={c => set({country: c})} />
      <Select label="Day" value={moment.day} options={DAYS} onChange={day => set({day})} />
      <Hour value={moment.hour} onChange={hour => set({hour})} />
      {moods.length ? <Select label="Mood" value={moment.mood} options={[['', 'As it seems'], ['off', 'None'], ...moods.map(m => [m.name, `${words(m.name)} (${percent(m.probability)})`])]} onChange={mood => set({mood})} /> : null}
      <Switch label="Without history" checked={moment.plain} onChange={plain => set({plain})} />
    </div>
  );
}

// With the mood switched off a page names no choices: those it named before are still there to choose from.
function useMoods(page) {
  const last = useRef([]);
  if (page?.mood?.choices?.length) last.current = page.mood.choices;
  return last.current;
}

function describe(page) {
  const c = page.context;
  return [c.daypart, c.day_type, c.device && words(c.device), c.country, page.mood && `mood: ${words(page.mood.name)}`].filter(Boolean);
}

export function Moment({name, viewer, moment, set, now, offsetMin, changes, onOpen, onPage}) {
  const url = homeUrl(viewer, moment, now, offsetMin);
  const asked = useApi(url);
  const [diff, setDiff] = useState(null);
  const shown = useRef(null);
  const moods = useMoods(asked.data);
  useEffect(() => {
    if (changes > 0) asked.reload();
  }, [changes]);
  useEffect(() => {
    const page = asked.data;
    if (!page) return;
    const before = shown.current;
    shown.current = page;
    if (before && before.viewer === page.viewer && before.recommendation_id !== page.recommendation_id) setDiff({...difference(before, page), moved: true});
    else if (!before || before.viewer !== page.viewer) setDiff(null);
    onPage?.(page);
  }, [asked.data]);
  return (
    <section class="moment" aria-label={name}>
      <Controls name={name} moment={moment} set={set} moods={moods} country={asked.data?.context.country} />
      <Asked of={asked} busy="Making the page" empty={p => p.rows.length === 0 && (
        <Empty title="There is nothing to show yet">
          <p>This service has no titles or events. Bring some in:</p>
          <p><code>marquee import --format titles titles.csv</code></p>
        </Empty>
      )}>
        {page => (
          <>
            <p class="about">
              <span class="chips">
                {page.known ? null : <span class="chip accent">never seen before</span>}
                {describe(page).map(w => <span key={w} class="chip">{w}</span>)}
                <span class="chip">{page.model ? `model ${page.model}` : 'no model yet'}</span>
              </span>
            </p>
            <p class="muted small change" role="status">{diff ? `Changed: ${inWords(diff)}.` : ''}</p>
            <Stage page={page} device={moment.device} fresh={diff?.fresh} onOpen={item => onOpen(item, page)} />
          </>
        )}
      </Asked>
    </section>
  );
}

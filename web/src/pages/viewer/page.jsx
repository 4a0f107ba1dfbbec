// Viewer: any viewer's page at any moment, the player beside it, their history, what they allow.
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import {getJson, path, useApi} from '../../lib/api.js';
import {go, href, setParameters} from '../../lib/router.js';
import {Combobox} from '../../ui/combobox.jsx';
import {Busy, Button, Empty, Problem, Switch, Tabs} from '../../ui/parts.jsx';
import {Detail} from './detail.jsx';
import {History} from './history.jsx';
import {Moment} from './moment.jsx';
import {instantOf, momentOf, parametersOf} from './moments.js';
import {Player} from './player.jsx';
import {Privacy} from './privacy.jsx';
import {serviceClock} from './engine.js';

const TABS = [['page', 'Page'], ['history', 'History'], ['privacy', 'Privacy']];
const QUIET = new Set(['pause', 'buffer_start', 'buffer_end']);

function Picker({viewer, ids, show}) {
  const search = async text => {
    const t = text === viewer ? '' : text.toLowerCase();
    return ids.filter(v => v.toLowerCase().includes(t)).slice(0, 12).map(v => ({value: v, text: v}));
  };
  return (
    <div class="picker">
      <Combobox label="Viewer" value={viewer} search={search} onPick={o => show(o.value)} />
      {ids.length ? <Button icon="shuffle" onClick={() => show(ids[Math.floor(Math.random() * ids.length)])}>Another viewer</Button> : null}
    </div>
  );
}

export default function ViewerPage({route}) {
  const p = route.parameters;
  const listed = useApi('/v1/viewers?limit=1000', {read: (url, o) => getJson(url, o).catch(e => (e.status === 403 ? {viewers: []} : Promise.reject(e)))});
  const now = useApi('/v1/now');
  const ids = listed.data?.viewers || [];
  const viewer = route.parts[0] || ids[0] || (listed.data || listed.error ? 'guest' : null);
  const tab = TABS.some(([t]) => t === route.parts[1]) ? route.parts[1] : 'page';
  const [changes, setChanges] = useState(0);
  const [detail, setDetail] = useState(null);
  const [playing, setPlaying] = useState(null);
  const pages = useRef({});
  // A viewer never seen has a page, and nothing else: that is no error to be asked for.
  const probe = useApi(viewer && now.data ? path`/v1/viewers/${viewer}/home` + `?rows=1&columns=1&_=${changes}` : null);
  const known = probe.data?.viewer === viewer ? probe.data.known : null;
  const summary = useApi(known ? path`/v1/viewers/${viewer}` + `?_=${changes}` : null);
  const offset = useRef({});
  if (summary.data?.viewer === viewer) offset.current = {viewer, min: summary.data.context?.offset_min ?? 0};
  const settled = known === false || probe.error || (known && (summary.data || summary.error));
  const offsetMin = offset.current.viewer === viewer ? offset.current.min : 0;
  const clockNow = useMemo(() => (now.data ? serviceClock(now.data.now) : null), [now.data?.now]);
  const later = useRef();
  const changed = () => setChanges(c => c + 1);
  // A page does not change with each heartbeat as fast as they come.
  const onSent = batch => {
    if (batch.every(e => QUIET.has(e.kind))) return;
    clearTimeout(later.current);
    later.current = setTimeout(changed, batch.some(e => e.kind !== 'progress') ? 50 : 400);
  };
  useEffect(() => setPlaying(null), [viewer]);
  const show = v => go(href('viewer', tab === 'page' ? [v] : [v, tab], p));
  const compare = p.compare === '1' && tab === 'page';
  const set = suffix => more => setParameters(parametersOf({...momentOf(p, suffix), ...more}, suffix));
  const moment = suffix => {
    const m = momentOf(p, suffix);
    return {device: m.device, country: m.country, mood: m.mood, at: now.data && instantOf(m, now.data.now, offsetMin), offset_min: m.hour !== '' || m.day ? offsetMin : '', no_profiling: m.plain};
  };
  const open = suffix => (item, page) => setDetail({item, page, suffix});
  const play = item => {
    setDetail(null);
    setPlaying({item, page: detail?.page, suffix: detail?.suffix || ''});
  };
  const shown = suffix => !(viewer && settled && now.data) ? <Busy text="Making the page" /> : (
    <Moment name={compare ? (suffix ? 'Second moment' : 'First moment') : 'Moment'} viewer={viewer} moment={momentOf(p, suffix)} set={set(suffix)} now={now.data.now} offsetMin={offsetMin}
      changes={changes} onOpen={open(suffix)} onPage={page => (pages.current[suffix] = page)} />
  );
  const context = () => {
    const c = pages.current[playing.suffix]?.context || {};
    return Object.fromEntries(Object.entries({device: c.device, country: c.country, offset_min: offsetMin}).filter(([, v]) => v !== null && v !== undefined));
  };
  return (
    <>
      <div class="head">
        <h1 class="unseen">Viewer</h1>
        <Picker viewer={viewer || ''} ids={ids} show={show} />
        {tab === 'page' ? <Switch label="Two moments side by side" checked={compare} onChange={on => setParameters({compare: on ? '1' : '', ...(on ? {hour2: p.hour2 ?? '22', day2: p.day2 ?? 'weekend', device2: p.device2 ?? 'tv'} : {})})} /> : null}
      </div>
      <Tabs label="About this viewer" tabs={TABS} value={tab} onChange={t => go(href('viewer', t === 'page' ? [viewer] : [viewer, t], p))} />
      <Problem error={now.error || (listed.error?.status === 403 ? null : listed.error)} retry={now.reload} />
      {tab === 'page' ? (
        <div class={playing ? 'theatre has-player' : 'theatre'}>
          <div class={compare ? 'moments two' : 'moments'}>
            {shown('')}
            {compare ? shown('2') : null}
          </div>
          {playing ? <Player key={viewer} item={playing.item} viewer={viewer} context={context()} recommendationId={playing.page?.recommendation_id} clockNow={clockNow} onSent={onSent} onClose={() => setPlaying(null)} /> : null}
        </div>
      ) : null}
      {tab === 'history' && viewer ? (known === false ? <Empty title={`${viewer} was never seen`}><p>Play a title on their page, and the history begins.</p></Empty> : <History viewer={viewer} summary={summary} changes={changes} onChanged={changed} onOpen={item => setDetail({item, page: null, suffix: ''})} />) : null}
      {tab === 'privacy' && viewer ? <Privacy viewer={viewer} summary={summary} never={known === false} changes={changes} onChanged={changed} /> : null}
      {detail ? <Detail item={detail.item} viewer={viewer} moment={moment(detail.suffix)} onPlay={item => {
        play(item);
        if (tab !== 'page') go(href('viewer', [viewer], p));
      }} onChanged={changed} onClose={() => setDetail(null)} /> : null}
    </>
  );
}

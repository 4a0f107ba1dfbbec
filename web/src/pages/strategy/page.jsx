// Strategy: what a title that does not exist yet would reach, and which ones are missing.
import {useEffect, useState} from 'preact/hooks';
import {send, useTask} from '../../lib/api.js';
import {go, href} from '../../lib/router.js';
import {keep, kept} from '../../lib/store.js';
import {Busy, Empty, Problem, Tabs} from '../../ui/parts.jsx';
import {Campaigns} from './campaigns.jsx';
import {ConceptForm, conceptOf, empty} from './concept.jsx';
import {Forecast} from './forecast.jsx';
import {Opportunities} from './opportunities.jsx';
import {Record} from './record.jsx';
import {report} from './report.js';
import {Slate, putOnSlate} from './slate.jsx';

const TABS = [['concept', 'Concept'], ['opportunities', 'Opportunities'], ['slate', 'Slate'], ['campaigns', 'Campaigns'], ['record', 'Track record']];
const KEPT = 'marquee-concept';

function start() {
  try {
    return {...empty, ...JSON.parse(kept(sessionStorage, KEPT, '{}'))};
  } catch {
    return empty;
  }
}

// An opportunity's concept as the form holds it.
function formOf(o) {
  const c = o.concept || {};
  return {...empty, title: c.title || `${o.maker.name}, ${o.lead.name}, ${o.theme.name}`, kind: c.kind || 'film', genres: c.genres || [], tags: c.tags || [], country: c.country || '', language: c.language || '', credits: (c.credits || []).map(x => ({role: x.role, person: x.person}))};
}

function Concept({concept, set}) {
  // What every forecast rests on is fitted while the form is filled in; a failure is told by the forecast itself.
  const [fitted, setFitted] = useState(false);
  useEffect(() => {
    let here = true;
    const done = () => here && setFitted(true);
    send('POST', '/v1/strategy/fit').then(done, done);
    return () => { here = false; };
  }, []);
  const [run, {data, error, busy}] = useTask(async c => ({concept: c, forecast: await send('POST', '/v1/strategy/forecast', c)}));
  return (
    <div class="side">
      <ConceptForm concept={concept} set={set} busy={busy} onPut={() => putOnSlate(conceptOf(concept))} onAsk={() => run(conceptOf(concept))} />
      <div class="stack" aria-live="polite">
        <Problem error={error} />
        {busy ? <Busy text={fitted ? 'Forecasting' : 'Fitting what every forecast rests on, once; each answer afterwards is quick'} /> : null}
        {data ? <Forecast f={data.forecast} concept={data.concept} report={report} /> : busy || error ? null : (
          <Empty title="Think something up"><p>A genre, a director, an actor: the forecast says what it may reach and how sure that is, what carries it, and which titles it is most like.</p></Empty>
        )}
      </div>
    </div>
  );
}

export default function StrategyPage({route}) {
  const [concept, setConcept] = useState(start);
  const tab = TABS.some(([t]) => t === route.parts[0]) ? route.parts[0] : 'concept';
  const set = more => setConcept(c => {
    const next = {...c, ...more};
    keep(sessionStorage, KEPT, JSON.stringify(next));
    return next;
  });
  return (
    <>
      <h1>Strategy</h1>
      <Tabs label="Strategy" tabs={TABS} value={tab} onChange={t => go(href('strategy', t === 'concept' ? [] : [t]))} />
      {tab === 'concept' ? <Concept concept={concept} set={set} /> : tab === 'record' ? <Record /> : tab === 'slate' ? <Slate /> : tab === 'campaigns' ? <Campaigns name={route.parts[1]} /> : <Opportunities onUse={o => {
        set(formOf(o));
        go(href('strategy'));
      }} onPut={o => putOnSlate(conceptOf(formOf(o)))} />}
    </>
  );
}

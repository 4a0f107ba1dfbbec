// Strategy: what a title that does not exist yet would reach.
import {useState} from 'preact/hooks';
import {send, useTask} from '../../lib/api.js';
import {keep, kept} from '../../lib/store.js';
import {Busy, Empty, Problem} from '../../ui/parts.jsx';
import {ConceptForm, conceptOf, empty} from './concept.jsx';
import {Forecast} from './forecast.jsx';
import {report} from './report.js';

function start() {
  try {
    return {...empty, ...JSON.parse(kept(sessionStorage, 'marquee-concept', '{}'))};
  } catch {
    return empty;
  }
}

export default function StrategyPage() {
  const [concept, setConcept] = useState(start);
  const [run, {data, error, busy}] = useTask(async c => ({concept: c, forecast: await send('POST', '/v1/strategy/forecast', c)}));
  const set = more => setConcept(c => {
    const next = {...c, ...more};
    keep(sessionStorage, 'marquee-concept', JSON.stringify(next));
    return next;
  });
  return (
    <>
      <h1>Strategy</h1>
      <div class="side">
        <ConceptForm concept={concept} set={set} busy={busy} onAsk={() => run(conceptOf(concept))} />
        <div class="stack" aria-live="polite">
          <Problem error={error} />
          {busy ? <Busy text="Reading the log and fitting" /> : null}
          {data ? <Forecast f={data.forecast} concept={data.concept} report={report} /> : busy || error ? null : (
            <Empty title="Think something up"><p>A genre, a director, an actor: the forecast says what it may reach and how sure that is, what carries it, and which titles it is most like.</p></Empty>
          )}
        </div>
      </div>
    </>
  );
}

// The service this second.
import {useApi} from '../../lib/api.js';
import {ago, bytes, count, micros} from '../../lib/format.js';
import {percentiles, rates, useLive} from '../../lib/live.js';
import {href} from '../../lib/router.js';
import {Busy, Empty, Tile} from '../../ui/parts.jsx';
import {Series} from '../../ui/series.jsx';

const WINDOW = 60; // points that percentiles are of

function rateOf(points, pick) {
  const last = rates(points.slice(-6), pick);
  return last.length ? last.reduce((a, r) => a + r.rate, 0) / last.length : 0;
}

function Latency({points}) {
  const last = points[points.length - 1];
  const first = points[Math.max(0, points.length - 1 - WINDOW)];
  const shares = [0.5, 0.95, 0.99];
  const rows = [['pages', 'Home pages'], ['events', 'Events, until on disk'], ['all', 'All answers']];
  const none = first.latency.all.map(() => 0);
  return (
    <section class="card">
      <h2>How long answers take</h2>
      <div class="table"><div class="scroll" tabIndex={0} role="region" aria-label="Latency">
        <table>
          <caption class="unseen">Latency percentiles</caption>
          <thead><tr><th scope="col">Kind</th>{shares.map(s => <th key={s} scope="col" class="number">{s * 100} %</th>)}<th scope="col" class="number">99 % since start</th></tr></thead>
          <tbody>
            {rows.map(([kind, label]) => (
              <tr key={kind}>
                <td>{label}</td>
                {percentiles(first.latency[kind], last.latency[kind], last.latency.bounds_us, shares).map((v, i) => <td key={i} class="number">{v === null ? '–' : micros(v)}</td>)}
                <td class="number">{micros(percentiles(none, last.latency[kind], last.latency.bounds_us, [0.99])[0])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div></div>
      <p class="muted small">Of the last minute, from the server's own counters: interpolated within their bounds.</p>
    </section>
  );
}

export function Now() {
  const {points, state} = useLive();
  const stats = useApi('/v1/stats', {every: 10000});
  const models = useApi('/v1/models', {every: 30000});
  const doctor = useApi('/v1/doctor', {every: 15000});
  if (state === 'refused') return <Empty title="This key may not watch the service"><p>It takes the role analyst.</p></Empty>;
  if (points.length === 0) return <Busy text="Waiting for the first second" />;
  const p = points[points.length - 1];
  const accepted = rates(points, x => x.events.accepted);
  const refused = rates(points, x => x.events.rejected);
  const requests = rates(points, x => x.requests);
  const seconds = accepted.map(r => r.ms / 1000);
  const trained = models.data?.models.find(m => m.live);
  const behind = trained ? p.log_position - trained.log_position : null;
  const now = rateOf(points, x => x.events.accepted);
  return (
    <div class="stack">
      <dl class="tiles">
        <Tile label="Events a second" value={now < 10 ? now.toFixed(1) : count(Math.round(now))} detail={`${count(p.events.accepted)} since the start`} />
        <Tile label="Refused a second" kind={rateOf(points, x => x.events.rejected) > 0 ? 'bad' : ''} value={rateOf(points, x => x.events.rejected).toFixed(1)} detail={<a href={href('operations', ['refused'])}>{count(p.events.rejected)} since the start</a>} />
        <Tile label="Answers a second" value={rateOf(points, x => x.requests).toFixed(1)} detail={`${count(p.failures)} failures`} />
        <Tile label="Waiting to be written" value={count(p.waiting)} kind={p.waiting > 30000 ? 'bad' : ''} detail="events" />
        <Tile label="Newest event" value={p.newest ? ago(p.newest, p.ms) : 'none'} />
        <Tile label="The model is behind by" value={behind === null ? 'no model' : count(behind)} detail={trained ? `events; trained ${ago(trained.trained)}` : 'train one'} />
        <Tile label="Store" value={bytes(stats.data?.bytes_on_disk)} detail={`${count(stats.data?.events)} events`} />
        <Tile label="Viewers" value={count(stats.data?.viewers)} detail={`${count(p.profiles)} in memory, ${bytes(stats.data?.profile_bytes)}`} />
        <Tile label="Sources" kind={doctor.data ? (doctor.data.well ? 'good' : 'bad') : ''} value={doctor.data ? (doctor.data.well ? 'well' : `${doctor.data.alarms.length} alarms`) : '–'} detail={<a href={href('operations', ['sources'])}>all sources</a>} />
        <Tile label="Connections" value={count(p.connections)} detail={p.training ? 'a training runs' : ''} />
      </dl>
      <div class="grid two">
        <section class="card">
          <h2>Events each second</h2>
          <Series file="events-a-second" height={220} words={`Events a second over the last three minutes: now ${now.toFixed(1)}`} data={[seconds, accepted.map(r => r.rate), refused.map(r => r.rate)]}
            series={[{label: 'accepted', colour: '--c2'}, {label: 'refused', colour: '--c4'}]} format={v => count(v)} />
        </section>
        <section class="card">
          <h2>Answers each second</h2>
          <Series file="answers-a-second" height={220} words="Answers a second over the last three minutes" data={[seconds, requests.map(r => r.rate)]} series={[{label: 'answers', colour: '--c5'}]} format={v => count(v)} />
        </section>
      </div>
      <Latency points={points} />
    </div>
  );
}

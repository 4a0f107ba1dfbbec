// Model versions: which one serves, what each gained, and back to the one before.
import {useState} from 'preact/hooks';
import {path, send, useApi, useTask} from '../../lib/api.js';
import {count, decimal, when} from '../../lib/format.js';
import {Asked, Button, Dialog, Empty, Problem, say} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

function Sure({title, children, doIt, onClose}) {
  const [run, {error, busy}] = useTask(doIt);
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <Problem error={error} />
      <p class="actions">
        <Button kind="main" disabled={busy} onClick={() => run().then(r => r && onClose(r))}>{busy ? 'Working…' : 'Do it'}</Button>
        <Button onClick={() => onClose()}>Leave it</Button>
      </p>
    </Dialog>
  );
}

export function Versions() {
  const asked = useApi('/v1/models', {every: 10000});
  const [asking, setAsking] = useState(null);
  const [train, training] = useTask(() => send('POST', '/v1/train', {}));
  const close = r => {
    setAsking(null);
    asked.reload();
    if (r) say(`Version ${r.version} serves now.`);
  };
  return (
    <Asked of={asked}>
      {({models}) => {
        const live = models.find(m => m.live);
        return (
          <div class="stack">
            <section class="card">
              <header>
                <h2>{live ? `Version ${live.version} serves` : 'No model serves yet'}</h2>
                <div class="actions">
                  <Button disabled={training.busy} onClick={() => train().then(m => {
                    asked.reload();
                    if (m) say(`Version ${m.version} is trained.`);
                  })}>{training.busy ? 'Training…' : 'Train on the log now'}</Button>
                  <Button kind="danger" disabled={models.length < 2} onClick={() => setAsking({rollback: true})}>Roll back</Button>
                </div>
              </header>
              <Problem error={training.error} />
              {models.length === 0 ? <Empty title="Nothing was trained yet"><p>Without a model pages are what is popular here and now.</p></Empty> : (
                <Table caption="Model versions" file="models" rows={models} keyOf={m => m.version} columns={[
                  {name: 'version', label: 'Version', number: true},
                  {name: 'live', label: 'State', value: m => (m.live ? 'serves' : m.kept_aside ? 'kept aside' : ''), show: m => (m.live ? <span class="chip good">serves</span> : m.kept_aside ? <span class="chip" title={m.kept_aside}>kept aside</span> : m.readable ? <Button kind="quiet" onClick={() => setAsking({version: m.version})}>Make it serve</Button> : <span class="chip bad">damaged</span>)},
                  {name: 'trained', label: 'Trained', show: m => when(m.trained)},
                  {name: 'ndcg', label: 'NDCG@10 held out', number: true, value: m => m.held_out?.['ndcg@10'], show: m => decimal(m.held_out?.['ndcg@10'])},
                  {name: 'gain', label: 'Over popularity', number: true, value: m => m.held_out?.gain_low, show: m => (m.held_out ? `${decimal(m.held_out.gain_low, 2)} to ${decimal(m.held_out.gain_high, 2)}` : '–')},
                  {name: 'interactions', label: 'Interactions', number: true, show: m => count(m.interactions)},
                  {name: 'viewers', label: 'Viewers', number: true, show: m => count(m.viewers)},
                  {name: 'seconds', label: 'Seconds', number: true, show: m => decimal(m.seconds)},
                ]} />
              )}
            </section>
            {asking?.rollback ? <Sure title={`Roll back from version ${live?.version}?`} doIt={() => send('POST', '/v1/models:rollback', {})} onClose={close}><p>The version before serves again at once. Nothing is lost; a later version can be made to serve again.</p></Sure> : null}
            {asking?.version ? <Sure title={`Make version ${asking.version} serve?`} doIt={() => send('POST', path`/v1/models/${asking.version}` + ':publish', {})} onClose={close}><p>It takes the place of version {live?.version ?? '–'} at once.</p></Sure> : null}
          </div>
        );
      }}
    </Asked>
  );
}

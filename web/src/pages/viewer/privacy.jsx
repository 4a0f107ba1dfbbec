// What a viewer allows, what is stored about them, and forgetting them.
import {useState} from 'preact/hooks';
import {getText, path, send, useApi, useTask} from '../../lib/api.js';
import {saveJson, saveText} from '../../lib/export.js';
import {count, words} from '../../lib/format.js';
import {Asked, Button, Dialog, Field, Problem, Switch, Tile, say} from '../../ui/parts.jsx';

function Settings({viewer, changes, onChanged}) {
  const asked = useApi(path`/v1/viewers/${viewer}/settings` + `?_=${changes}`);
  const put = async what => {
    try {
      await send('PUT', path`/v1/viewers/${viewer}/settings`, what);
      onChanged();
      say('In force from the next request on.');
    } catch (e) {
      say(e.message, 'bad');
    }
    asked.reload();
  };
  return (
    <section class="card">
      <h2>What {viewer} allows</h2>
      <Asked of={asked}>
        {s => (
          <>
            <Switch label="Profiling" checked={s.profiling === true || s.profiling === 'on'} onChange={on => put({profiling: on ? 'on' : 'off'})} />
            <p class="muted small">Off: the page is not personal, and no training or audience counts this viewer. What was watched or hidden still stays off the page.</p>
            <Switch label="A child's profile" checked={s.child === true || s.child === 'on'} onChange={on => put({child: on ? 'on' : 'off'})} />
            <p class="muted small">On: the page stays personal; trainings and audiences leave this viewer out.</p>
          </>
        )}
      </Asked>
    </section>
  );
}

function Receipt({receipt, viewer, onClose}) {
  return (
    <Dialog title={`${viewer} is forgotten`} onClose={onClose}>
      <p class={receipt.complete ? 'chip good' : 'chip bad'}>{receipt.complete ? 'A scan found nothing left.' : 'Something is left: see below.'}</p>
      <dl class="facts" aria-label="Receipt">
        {Object.entries(receipt.erased || {}).map(([k, v]) => <div key={k}><dt>{words(k)} erased</dt><dd>{count(v)}</dd></div>)}
        {Object.entries(receipt.scanned || receipt.scan || {}).map(([k, v]) => <div key={k}><dt>{words(k)} (scan)</dt><dd>{count(v)}</dd></div>)}
        {Object.entries(receipt).filter(([, v]) => typeof v === 'number').map(([k, v]) => <div key={k}><dt>{words(k)}</dt><dd>{count(v)}</dd></div>)}
      </dl>
      <p class="actions">
        <Button icon="save" onClick={() => saveJson(`receipt-${viewer}`, receipt)}>Keep the receipt</Button>
        <Button kind="main" onClick={onClose}>Done</Button>
      </p>
    </Dialog>
  );
}

function Erase({viewer, onErased}) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const [run, {error, busy}] = useTask(() => send('DELETE', path`/v1/viewers/${viewer}`));
  return (
    <section class="card">
      <h2>Forget this viewer</h2>
      <p>Removes all events, identities and settings of {viewer}, compacts the store so that the bytes are gone, scans what is left, and gives a receipt. It cannot be taken back.</p>
      <p class="actions"><Button kind="danger" onClick={() => setAsking(true)}>Erase {viewer}</Button></p>
      {asking ? (
        <Dialog title={`Erase ${viewer} for good?`} onClose={() => setAsking(false)}>
          <form onSubmit={async e => {
            e.preventDefault();
            const receipt = await run();
            if (receipt) {
              setAsking(false);
              onErased(receipt);
            }
          }}>
            <Field label={`Type ${viewer} to go on`}>{id => <input id={id} dir="auto" value={typed} onInput={e => setTyped(e.currentTarget.value)} autocomplete="off" spellcheck={false} />}</Field>
            <Problem error={error} />
            <p class="actions">
              <button class="button main danger" disabled={busy || typed !== viewer}>{busy ? 'Erasing…' : 'Erase'}</button>
              <Button onClick={() => setAsking(false)}>Keep</Button>
            </p>
          </form>
        </Dialog>
      ) : null}
    </section>
  );
}

export function Privacy({viewer, summary, never, changes, onChanged}) {
  const [receipt, setReceipt] = useState(null);
  const identities = useApi(never ? null : path`/v1/viewers/${viewer}/identities` + `?_=${changes}`);
  const [take, exporting] = useTask(async () => saveText(`${viewer}.ndjson`, await getText(path`/v1/viewers/${viewer}/export`), 'application/x-ndjson'));
  return (
    <>
      {never ? <p class="muted">Nothing is stored about {viewer}.</p> : (
        <div class="grid two">
          <Settings viewer={viewer} changes={changes} onChanged={onChanged} />
          <section class="card">
            <h2>What is stored</h2>
            <Asked of={identities}>
              {i => (
                <>
                  <dl class="tiles">
                    <Tile label="Events" value={count(summary.data?.events)} />
                    <Tile label="Ids" value={count(i.identities.length)} detail={i.identities.slice(0, 3).join(', ')} />
                  </dl>
                  {Object.keys(i.attributes || {}).length ? <p class="chips">{Object.entries(i.attributes).map(([k, v]) => <span class="chip" key={k}>{words(k)}: {String(v)}</span>)}</p> : <p class="muted small">No attributes.</p>}
                </>
              )}
            </Asked>
            <p class="actions"><Button icon="save" disabled={exporting.busy} onClick={() => take()}>Everything, as a file</Button></p>
            <Problem error={exporting.error} />
          </section>
          <Erase viewer={viewer} onErased={setReceipt} />
        </div>
      )}
      {receipt ? <Receipt viewer={viewer} receipt={receipt} onClose={() => {
        setReceipt(null);
        onChanged();
      }} /> : null}
    </>
  );
}

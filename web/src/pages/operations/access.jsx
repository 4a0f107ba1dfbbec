// Keys: who may come in, and as what.
import {useState} from 'preact/hooks';
import {path, send, useApi, useTask} from '../../lib/api.js';
import {when} from '../../lib/format.js';
import {Asked, Button, Dialog, Problem, Select, Text, say} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';

const ROLES = [['ingest', 'ingest: send events'], ['read', 'read: pages, reasons, histories'], ['analyst', 'analyst: and numbers about all'], ['admin', 'admin: everything']];

function Create({first, onDone}) {
  const [role, setRole] = useState(first ? 'admin' : 'ingest'); // a first key of another role would lock everybody out
  const [label, setLabel] = useState('');
  const [viewer, setViewer] = useState('');
  const [days, setDays] = useState('');
  const [made, setMade] = useState(null);
  const [run, {error, busy}] = useTask(() => send('POST', '/v1/keys', {role, label, viewer: role === 'read' ? viewer : '', ...(days ? {days: Number(days)} : {})}));
  return (
    <form class="card" onSubmit={async e => {
      e.preventDefault();
      const key = await run();
      if (key) setMade(key);
    }}>
      <h2>Make a key</h2>
      {first ? <p class="muted small">Without any key this server is open to its own machine. The first key ends that: make one of the role admin first.</p> : null}
      <Select label="Role" value={role} options={first ? ROLES.slice(3) : ROLES} onChange={setRole} />
      <Text label="Label" value={label} onChange={setLabel} maxLength={128} hint="What it is for: player, editors, backup" />
      {role === 'read' ? <Text label="Only of this viewer" value={viewer} onChange={setViewer} maxLength={256} hint="Empty: of all" /> : null}
      <Text label="Expires after days" type="number" min="1" max="36500" value={days} onChange={setDays} hint="Empty: never" />
      <Problem error={error} />
      <p class="actions"><button class="button main" disabled={busy}>Make it</button></p>
      {made ? (
        <Dialog title="The key, this once" onClose={() => {
          setMade(null);
          onDone();
        }}>
          <p>Copy it now: only its hash is kept.</p>
          <p><code class="secret">{made.key}</code></p>
          <p class="actions"><Button onClick={() => navigator.clipboard?.writeText(made.key).then(() => say('Copied.'), () => say('The browser did not allow it: select and copy.', 'bad'))}>Copy</Button></p>
        </Dialog>
      ) : null}
    </form>
  );
}

export function Access() {
  const asked = useApi('/v1/keys');
  const [revoking, setRevoking] = useState(null);
  return (
    <div class="side">
      <Create key={String(asked.data?.keys.length === 0)} first={asked.data?.keys.length === 0} onDone={asked.reload} />
      <section class="card">
        <h2>Keys in use</h2>
        <Asked of={asked}>
          {({keys}) => (
            <Table caption="Keys" empty="No key: the server is open to its own machine only." rows={keys} keyOf={k => k.id} columns={[
              {name: 'label', label: 'Label', show: k => k.label || '–'},
              {name: 'role', label: 'Role'},
              {name: 'viewer', label: 'Viewer', show: k => k.viewer || 'all'},
              {name: 'created', label: 'Made', show: k => when(k.created)},
              {name: 'expires', label: 'Expires', show: k => (!k.expires ? 'never' : Date.parse(k.expires) > Date.now() ? when(k.expires) : <span class="chip bad">expired</span>)},
              {name: 'id', label: 'Id', show: k => <code>{k.id}</code>},
              {name: 'revoke', label: 'Revoke', show: k => <Button kind="quiet danger" label={`Revoke ${k.label || k.id}`} onClick={() => setRevoking(k)}>Revoke</Button>},
            ]} />
          )}
        </Asked>
      </section>
      {revoking ? (
        <Dialog title={`Revoke ${revoking.label || revoking.id}?`} onClose={() => setRevoking(null)}>
          <p>Whoever uses it is refused at once.</p>
          <p class="actions">
            <Button kind="main danger" onClick={async () => {
              try {
                await send('DELETE', path`/v1/keys/${revoking.id}`);
                say('Revoked.');
              } catch (e) {
                say(e.message, 'bad');
              }
              setRevoking(null);
              asked.reload();
            }}>Revoke</Button>
            <Button onClick={() => setRevoking(null)}>Keep</Button>
          </p>
        </Dialog>
      ) : null}
    </div>
  );
}

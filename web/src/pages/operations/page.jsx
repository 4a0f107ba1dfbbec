// Operations: is it alive, is it fast, who sends what, what was refused, which model serves, who may come in, who asked.
import {go, href} from '../../lib/router.js';
import {Tabs} from '../../ui/parts.jsx';
import {Access} from './access.jsx';
import {Now} from './now.jsx';
import {Refused} from './refused.jsx';
import {Sources} from './sources.jsx';
import {Versions} from './versions.jsx';
import {Audit} from './audit.jsx';

const TABS = [['now', 'Now'], ['refused', 'Refused events'], ['sources', 'Sources'], ['models', 'Model versions'], ['keys', 'Keys'], ['audit', 'Privacy audit']];
const SHOWN = {now: Now, refused: Refused, sources: Sources, models: Versions, keys: Access, audit: Audit};

export default function OperationsPage({route}) {
  const tab = SHOWN[route.parts[0]] ? route.parts[0] : 'now';
  const Shown = SHOWN[tab];
  return (
    <>
      <h1>Operations</h1>
      <Tabs label="Operations" tabs={TABS} value={tab} onChange={t => go(href('operations', t === 'now' ? [] : [t]))} />
      <Shown />
    </>
  );
}

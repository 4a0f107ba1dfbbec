// Audiences: groups of viewers, never single ones.
import {go, href} from '../../lib/router.js';
import {Tabs} from '../../ui/parts.jsx';
import {Communities} from './communities.jsx';
import {Explore} from './explore.jsx';
import {Overlap} from './overlap.jsx';
import {Pairs} from './pairs.jsx';
import {People} from './people.jsx';

const TABS = [['overlap', 'Overlap'], ['explore', 'One audience'], ['communities', 'Communities'], ['people', 'People'], ['pairs', 'All pairs']];
const SHOWN = {overlap: Overlap, explore: Explore, communities: Communities, people: People, pairs: Pairs};

export default function AudiencesPage({route}) {
  const tab = SHOWN[route.parts[0]] ? route.parts[0] : 'overlap';
  const Shown = SHOWN[tab];
  return (
    <>
      <h1>Audiences</h1>
      <Tabs label="Audiences" tabs={TABS} value={tab} onChange={t => go(href('audiences', t === 'overlap' ? [] : [t]))} />
      <Shown parameters={route.parameters} rest={route.parts.slice(1)} />
    </>
  );
}

// Genres, kind and length of titles, and their pictures where the operator allows some: fetched once for all that show them.
import {useEffect, useState} from 'preact/hooks';
import {getJson, send} from './api.js';

const KNOWN_MAX = 30000;
const AT_ONCE = 1000;

// ask(ids) -> promise of a Map by id. What it leaves out counts as `nothing`.
function gathered(ask, nothing) {
  const known = new Map();
  const followers = new Set();
  let wanted = new Set();
  let timer = null;
  const fetchWanted = async () => {
    timer = null;
    const ids = [...wanted].slice(0, AT_ONCE);
    wanted = new Set([...wanted].slice(AT_ONCE));
    if (wanted.size) timer = setTimeout(fetchWanted, 0);
    try {
      const found = await ask(ids);
      if (known.size > KNOWN_MAX) known.clear();
      for (const id of ids) known.set(id, found.get(id) ?? nothing(id));
      for (const f of [...followers]) f();
    } catch {
      // posters do without
    }
  };
  const use = id => {
    const [, redraw] = useState(0);
    useEffect(() => {
      if (known.has(id)) return undefined;
      wanted.add(id);
      timer ??= setTimeout(fetchWanted, 10);
      const f = () => known.has(id) && redraw(n => n + 1);
      followers.add(f);
      return () => followers.delete(f);
    }, [id]);
    return known.get(id);
  };
  return {known, use};
}

let asked = null;

// Hosts whose pictures may be shown; the page's policy lets no others in.
export const imageHosts = () => (asked ??= getJson('/v1/now').then(d => d.image_hosts || [], () => {
  asked = null;
  return [];
}));

const facts = gathered(async ids => new Map((await send('POST', '/v1/titles:facts', {titles: ids})).titles.map(t => [t.title, t])), id => ({title: id, genres: []}));
const images = gathered(async ids => ((await imageHosts()).length ? new Map((await send('POST', '/v1/titles:images', {titles: ids})).images.map(t => [t.title, t.image])) : new Map()), () => null);

export const useFacts = facts.use;

// The picture that a page chose for its viewer, where its host is allowed; else the title's own.
export function useImage(id, picture) {
  const own = images.use(id);
  const [hosts, setHosts] = useState([]);
  useEffect(() => {
    if (picture) imageHosts().then(setHosts);
  }, [picture]);
  try {
    const url = new URL(picture);
    if (url.protocol === 'https:' && !url.username && hosts.includes(url.host)) return picture;
  } catch {
    // a name, or nothing
  }
  return own;
}

export function learn(titles) {
  for (const t of titles) facts.known.set(t.title, t);
}

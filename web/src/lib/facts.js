// Genres, kind and length of titles, fetched once for all that show them.
import {useEffect, useState} from 'preact/hooks';
import {send} from './api.js';

const KNOWN_MAX = 30000;
const known = new Map();
let wanted = new Set();
let timer = null;
const followers = new Set();

async function fetchWanted() {
  timer = null;
  const ids = [...wanted].slice(0, 1000);
  wanted = new Set([...wanted].slice(1000));
  if (wanted.size) timer = setTimeout(fetchWanted, 0);
  try {
    const {titles} = await send('POST', '/v1/titles:facts', {titles: ids});
    if (known.size > KNOWN_MAX) known.clear();
    for (const t of titles) known.set(t.title, t);
    for (const id of ids) if (!known.has(id)) known.set(id, {title: id, genres: []});
    for (const f of [...followers]) f();
  } catch {
    // posters do without
  }
}

export function learn(titles) {
  for (const t of titles) known.set(t.title, t);
}

export function useFacts(id) {
  const [, redraw] = useState(0);
  const fact = known.get(id);
  useEffect(() => {
    if (known.has(id)) return undefined;
    wanted.add(id);
    timer ??= setTimeout(fetchWanted, 10);
    const f = () => known.has(id) && redraw(n => n + 1);
    followers.add(f);
    return () => followers.delete(f);
  }, [id]);
  return fact;
}

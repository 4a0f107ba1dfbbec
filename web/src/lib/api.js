// The server's routes (docs/http.md): keys, errors as they are said, a server that goes away and comes back.
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';
import {keep, kept, makeStore, useStore} from './store.js';

export const session = makeStore({
  key: kept(sessionStorage, 'marquee-key', ''),
  locked: false, // the server wants a key, or another one
  refusedKey: false,
  online: true,
  generation: 0, // grows when everything should be asked again
});

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.detail || `The server answered ${status}.`);
    this.status = status;
    this.remedy = body?.remedy;
    this.code = body?.title;
  }
}

export class Offline extends Error {
  constructor() {
    super('The server cannot be reached. This page asks again by itself.');
  }
}

let probing = false;

async function probe() {
  if (probing) return;
  probing = true;
  for (let wait = 500; ; wait = Math.min(wait * 1.5, 5000)) {
    await new Promise(r => setTimeout(r, wait));
    try {
      if ((await fetch('/readyz', {cache: 'no-store'})).ok) break;
    } catch {
      // not yet
    }
  }
  probing = false;
  session.set(s => ({...s, online: true, generation: s.generation + 1}));
}

export function lost() {
  if (session.get().online) session.set(s => ({...s, online: false}));
  probe();
}

export function useKey(key) {
  keep(sessionStorage, 'marquee-key', key);
  session.set(s => ({...s, key, locked: false, refusedKey: false, generation: s.generation + 1}));
}

export const headers = () => (session.get().key ? {Authorization: `Bearer ${session.get().key}`} : {});

export function locked() {
  session.set(s => ({...s, locked: true, refusedKey: s.key !== ''}));
}

async function ask(path, {method = 'GET', body, signal} = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method, signal, cache: 'no-store',
      headers: {...headers(), ...(body === undefined ? {} : {'Content-Type': 'application/json'})},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    lost();
    throw new Offline();
  }
  if (answer.ok) return answer;
  if (answer.status === 401) locked();
  throw new ApiError(answer.status, await answer.json().catch(() => null));
}

export const getJson = async (path, options) => (await ask(path, options)).json();
export const getText = async (path, options) => (await ask(path, options)).text();
export const getLines = async (path, options) => parseLines(await getText(path, options));

// A line that is none (a crash may have torn one) is passed over.
export function parseLines(text) {
  const out = [];
  for (const line of text.split('\n')) {
    if (!line) continue;
    try {
      out.push(JSON.parse(line));
    } catch {
      continue;
    }
  }
  return out;
}

export const send = (method, path, body) => getJson(path, {method, body});

export const path = (strings, ...values) => strings.reduce((a, s, i) => a + encodeURIComponent(values[i - 1]) + s);

export function query(base, parameters) {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(parameters)) {
    if (v !== undefined && v !== null && v !== '' && v !== false) q.set(k, v === true ? '1' : String(v));
  }
  const text = q.toString();
  return text ? `${base}?${text}` : base;
}

// What a path answers: {data, error, loading, reload}. Data of before stays while it is asked again; null as path: nothing is asked.
export function useApi(url, {read = getJson, every = 0} = {}) {
  const {generation} = useStore(session);
  const [state, set] = useState({data: null, error: null, loading: url !== null, url: null});
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn(t => t + 1), []);
  const latest = useRef(0);
  useEffect(() => {
    if (url === null) {
      set({data: null, error: null, loading: false, url: null});
      return undefined;
    }
    const stop = new AbortController();
    const mine = ++latest.current;
    set(s => ({...s, loading: true}));
    read(url, {signal: stop.signal}).then(
      data => mine === latest.current && set({data, error: null, loading: false, url}),
      error => mine === latest.current && error.name !== 'AbortError' &&
        set(s => ({data: error instanceof Offline ? s.data : null, error, loading: false, url})));
    return () => stop.abort();
  }, [url, turn, generation]);
  useEffect(() => {
    if (!every || url === null) return undefined;
    const timer = setInterval(() => document.hidden || reload(), every);
    return () => clearInterval(timer);
  }, [url, every]);
  return {...state, reload};
}

// Something that is done on demand: [run, {data, error, busy}].
export function useTask(work) {
  const [state, set] = useState({data: null, error: null, busy: false});
  const latest = useRef(0);
  const run = async (...args) => {
    const mine = ++latest.current;
    set(s => ({...s, error: null, busy: true}));
    try {
      const data = await work(...args);
      if (mine === latest.current) set({data, error: null, busy: false});
      return data;
    } catch (error) {
      if (mine === latest.current) set({data: null, error, busy: false});
      return undefined;
    }
  };
  return [run, state];
}

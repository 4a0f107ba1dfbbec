// The frame around every page: where one can go, whether the server is there, the key it wants.
import {useEffect, useRef, useState} from 'preact/hooks';
import {session, useKey} from '../lib/api.js';
import {imageHosts} from '../lib/facts.js';
import {go, href, useRoute} from '../lib/router.js';
import {keep, kept, useStore} from '../lib/store.js';
import {Button, Busy, Dialog, Empty, Field, Notes} from './parts.jsx';

// Each page is a script of its own, fetched when it is opened first.
const PAGES = {
  viewer: ['Viewer', () => import('../pages/viewer/page.jsx')],
  strategy: ['Strategy', () => import('../pages/strategy/page.jsx')],
  audiences: ['Audiences', () => import('../pages/audiences/page.jsx')],
  titles: ['Titles', () => import('../pages/titles/page.jsx')],
  operations: ['Operations', () => import('../pages/operations/page.jsx')],
  models: ['Models', () => import('../pages/models/page.jsx')],
};
const loaded = {};

function Page({name, route}) {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (loaded[name]) return;
    PAGES[name][1]().then(m => {
      loaded[name] = m.default;
      redraw(n => n + 1);
    }, () => setFailed(true));
  }, [name]);
  const Found = loaded[name];
  if (Found) return <Found route={route} />;
  if (failed) {
    return (
      <Empty title="This page could not be fetched">
        <p>The server may have been replaced by another version.</p>
        <Button kind="main" onClick={() => location.reload()}>Load again</Button>
      </Empty>
    );
  }
  return <Busy text="Opening" />;
}

const THEMES = ['auto', 'light', 'dark'];

function Theme() {
  const [theme, set] = useState(kept(localStorage, 'marquee-theme', 'auto'));
  useEffect(() => {
    keep(localStorage, 'marquee-theme', theme === 'auto' ? '' : theme);
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <button type="button" class="button quiet" aria-label={`Colours: ${theme}. Change`} title="Colours: light, dark, or as the system says"
      onClick={() => set(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length])}>
      <span aria-hidden="true">{{auto: '◐', light: '☀', dark: '☾'}[theme]}</span>
    </button>
  );
}

function KeyDialog() {
  const s = useStore(session);
  const [key, setKey] = useState('');
  if (!s.locked) return null;
  return (
    <Dialog title="This server wants a key" onClose={() => session.set(x => ({...x, locked: false}))}>
      <form onSubmit={e => {
        e.preventDefault();
        useKey(key.trim());
      }}>
        {s.refusedKey ? <p class="problem" role="alert">The key in use was refused: it may be revoked or expired, or lack the role.</p> : null}
        <Field label="Key" hint="It begins with mk_. It stays in this tab until the tab is closed.">
          {id => <input id={id} type="password" value={key} autocomplete="off" placeholder="mk_…" onInput={e => setKey(e.currentTarget.value)} />}
        </Field>
        <p class="actions"><button class="button main" disabled={!key.trim()}>Use this key</button></p>
        <p class="muted small">Whoever administers the server makes one: <code>marquee keys create --role analyst</code></p>
      </form>
    </Dialog>
  );
}

export function App() {
  const route = useRoute();
  const s = useStore(session);
  const main = useRef();
  const name = PAGES[route.page] ? route.page : 'viewer';
  const first = useRef(true);
  const [hosts, setHosts] = useState([]);
  useEffect(() => {
    imageHosts().then(setHosts);
  }, [s.generation]);
  useEffect(() => {
    if (route.page !== name) go(href(name), true);
    document.title = `${PAGES[name][0]} · Marquee`;
    const link = document.querySelector('.top nav [aria-current]');
    link?.parentElement.scrollTo({left: link.offsetLeft - link.parentElement.offsetLeft - 40});
    if (first.current) first.current = false;
    else main.current.focus();
  }, [name]);
  return (
    <>
      <a class="skip" href="#main" onClick={e => {
        e.preventDefault();
        main.current.focus();
      }}>Skip to the content</a>
      <header class="top">
        <a class="brand" href={href('viewer')}><span class="lights" aria-hidden="true" />Marquee</a>
        <nav aria-label="Pages">
          {Object.entries(PAGES).map(([page, [title]]) => <a key={page} href={href(page)} aria-current={page === name ? 'page' : undefined}>{title}</a>)}
        </nav>
        <div class="top-end">
          {s.key ? <button type="button" class="button quiet" onClick={() => session.set(x => ({...x, locked: true, refusedKey: false}))}>Key</button> : null}
          <Theme />
        </div>
      </header>
      {s.online ? null : <p class="offline" role="alert">The server cannot be reached. Asking again…</p>}
      <main id="main" ref={main} tabIndex={-1} key={name}><Page name={name} route={route} /></main>
      <footer class="foot"><a href="/openapi.json">API</a> <a href="/metrics">Metrics</a> <span>{hosts.length ? `Pictures come from ${hosts.join(', ')}; no other request leaves this server.` : 'No request leaves this server.'}</span></footer>
      <Notes />
      <KeyDialog />
    </>
  );
}

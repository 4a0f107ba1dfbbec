// Asks the routes of docs/http.md and shows what they answer. Nothing comes from anywhere else.
'use strict';

const byId = id => document.getElementById(id);
const devices = ['tv', 'phone', 'tablet', 'desktop', 'console', 'set_top', 'cast', 'other'];
let viewers = [];
let key = '';
let now = null;
let asked = 0;

function add(parent, name, text, className) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  parent.append(e);
  return e;
}

function option(select, value, text) {
  add(select, 'option', text).value = value;
}

async function get(path) {
  const answer = await fetch(path, key ? {headers: {Authorization: 'Bearer ' + key}} : {});
  const body = await answer.json();
  if (!answer.ok) {
    if (answer.status === 401) byId('unlock').hidden = false;
    throw new Error(body.detail || answer.statusText);
  }
  return body;
}

// The same title has the same colour everywhere.
function hue(text) {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16777619);
  return ((h >>> 0) % 3600) / 10;
}

function showItem(strip, item) {
  const li = add(strip, 'li');
  const tile = add(li, 'div', undefined, 'tile');
  tile.style.setProperty('--hue', hue(item.title));
  add(tile, 'b', item.name);
  add(tile, 'span', item.year ? String(item.year) : '');
  const reason = add(li, 'p', item.reason.text, 'reason');
  reason.title = item.reason.text;
}

function showRow(rows, row) {
  const section = add(rows, 'section');
  add(section, 'h2', row.name);
  add(section, 'p', row.reason, 'why');
  const strip = add(section, 'ul', undefined, 'strip');
  strip.tabIndex = 0;
  strip.setAttribute('aria-label', row.name);
  for (const item of row.items) showItem(strip, item);
}

function tell(text, bad) {
  byId('about').textContent = text;
  byId('about').className = bad ? 'bad' : '';
}

function describe(page, ms) {
  const c = page.context;
  const where = [c.daypart, c.day_type, c.device, c.country].filter(Boolean).join(', ');
  const who = page.known ? `Viewer ${page.viewer}` : `Viewer ${page.viewer}, never seen before`;
  return `${who}${where ? ' · ' + where : ''} · answered in ${ms.toFixed(1)} ms`;
}

function query() {
  const q = new URLSearchParams();
  if (byId('device').value) q.set('device', byId('device').value);
  if (byId('country').value) q.set('country', byId('country').value);
  if (byId('no_profiling').checked) q.set('no_profiling', '1');
  if (byId('hour').value !== '' && now) {
    const at = new Date(now);
    at.setUTCHours(Number(byId('hour').value), 0, 0, 0);
    q.set('at', at.toISOString());
    q.set('offset_min', '0');
  }
  return q.toString();
}

async function show() {
  const viewer = byId('viewer').value.trim();
  if (!viewer) return;
  const mine = ++asked;
  try {
    const path = `/v1/viewers/${encodeURIComponent(viewer)}/home?${query()}`;
    const start = performance.now();
    const page = await get(path);
    const ms = performance.now() - start;
    if (mine !== asked) return;
    const rows = byId('rows');
    rows.replaceChildren();
    for (const row of page.rows) showRow(rows, row);
    tell(page.rows.length ? describe(page, ms) : 'There is nothing to show yet: bring in titles and events.');
    byId('model').textContent = page.model ? `model ${page.model}, log position ${page.log_position}`
                                           : `no model yet, log position ${page.log_position}`;
    history.replaceState(null, '', '#' + encodeURIComponent(viewer));
  } catch (e) {
    if (mine === asked) tell(e.message, true);
  }
}

function another() {
  if (!viewers.length) return;
  byId('viewer').value = viewers[Math.floor(Math.random() * viewers.length)];
  show();
}

async function start() {
  try {
    now = (await get('/v1/now')).now;
  } catch (e) {
    tell(e.message, true);
    return;
  }
  try {
    viewers = (await get('/v1/viewers?limit=200')).viewers;
  } catch {
    viewers = []; // a key that may not list them
  }
  byId('viewers').replaceChildren();
  for (const v of viewers.slice(0, 50)) option(byId('viewers'), v);
  byId('next').hidden = viewers.length === 0;
  const wanted = decodeURIComponent(location.hash.slice(1));
  byId('viewer').value = wanted || byId('viewer').value || viewers[0] || 'guest';
  show();
}

option(byId('device'), '', 'any');
for (const d of devices) option(byId('device'), d, d.replace('_', '-'));
option(byId('hour'), '', 'now');
for (let h = 0; h < 24; h++) option(byId('hour'), String(h), `${String(h).padStart(2, '0')}:00`);
byId('ask').addEventListener('submit', e => { e.preventDefault(); show(); });
byId('next').addEventListener('click', another);
for (const id of ['device', 'country', 'hour', 'no_profiling']) byId(id).addEventListener('change', show);
byId('unlock').addEventListener('submit', e => {
  e.preventDefault();
  key = byId('key').value.trim();
  byId('unlock').hidden = true;
  start();
});
start();

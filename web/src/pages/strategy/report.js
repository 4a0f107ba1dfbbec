// A forecast as a page of its own: no script, no outside reference.
import {count, decimal, factor} from '../../lib/format.js';

const safe = s => String(s ?? '').replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const interval = v => `${count(Math.round(v.p50))} (${count(Math.round(v.p10))} to ${count(Math.round(v.p90))})`;
const rows = list => list.map(r => `<tr>${r.map(c => `<td>${safe(c)}</td>`).join('')}</tr>`).join('');

export function report(f, c) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${safe(c.title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem;text-align:left}</style>
<h1 dir="auto">${safe(c.title)}</h1>
<p>${safe([c.kind, ...(c.genres || [])].join(', '))}. ${safe((c.credits || []).map(x => `${x.person} (${x.role})`).join(', '))}</p>
<h2>What it may reach</h2><table>${rows([['Viewers in 28 days', interval(f.viewers_28d)], ['Viewers in 90 days', interval(f.viewers_90d)], ['Hours in 28 days', interval(f.hours_28d)]])}</table>
<p>Medians, with the interval that is to hold eight times of ten. It rests on ${safe(f.support?.titles)} titles.</p>
<h2>What carries it</h2><table>${rows(f.attribution.map(a => [a.element, a.kind, factor(a.factor), `${decimal(a.low)} to ${decimal(a.high)}`, `against ${a.against}`]))}</table>
<h2>Most like it</h2><table>${rows(f.comparables.map(t => [t.name, t.year, decimal(t.likeness, 2), t.ways.join('; ')]))}</table>
<p>Made ${safe(new Date().toISOString())} by Marquee.</p></html>`;
}

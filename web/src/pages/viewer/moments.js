// A moment that a page is asked for: device, country, local hour, day, mood; kept in the address.
import {path, query} from '../../lib/api.js';

export const DEVICES = [['', 'As last'], ['tv', 'TV'], ['phone', 'Phone'], ['tablet', 'Tablet'], ['desktop', 'Desktop'], ['console', 'Console'], ['set_top', 'Set-top box'], ['cast', 'Cast'], ['other', 'Other']];
export const FRAMES = {tv: 'tv', console: 'tv', set_top: 'tv', cast: 'tv', phone: 'phone', tablet: 'tablet', desktop: 'desktop', other: 'desktop'};
export const DAYS = [['', 'Today'], ['weekday', 'A weekday'], ['weekend', 'A weekend day']];

// `suffix` is "" or "2": the second moment's parameters.
export const momentOf = (p, suffix) => ({
  device: p[`device${suffix}`] || '', country: p[`country${suffix}`] || '', hour: p[`hour${suffix}`] ?? '', day: p[`day${suffix}`] || '',
  mood: p[`mood${suffix}`] || '', plain: p[`plain${suffix}`] === '1',
});

export const parametersOf = (m, suffix) => ({
  [`device${suffix}`]: m.device, [`country${suffix}`]: m.country, [`hour${suffix}`]: m.hour, [`day${suffix}`]: m.day, [`mood${suffix}`]: m.mood, [`plain${suffix}`]: m.plain ? '1' : '',
});

const DAY_MS = 86400000;
const isWeekend = t => [0, 6].includes(new Date(t).getUTCDay());

// The instant at which it is that hour where the viewer is: today, or the last day of that kind.
export function instantOf(m, now, offsetMin) {
  if (m.hour === '' && !m.day) return null;
  let local = Date.parse(now) + offsetMin * 60000;
  if (m.day) while (isWeekend(local) !== (m.day === 'weekend')) local -= DAY_MS;
  const t = new Date(local);
  if (m.hour !== '') t.setUTCHours(Number(m.hour), 30, 0, 0);
  return new Date(t.getTime() - offsetMin * 60000).toISOString();
}

export function homeUrl(viewer, m, now, offsetMin) {
  const at = now ? instantOf(m, now, offsetMin) : null;
  return query(path`/v1/viewers/${viewer}/home`, {
    device: m.device, country: m.country, mood: m.mood, at, offset_min: at ? offsetMin : '', no_profiling: m.plain, rows: 12, columns: 30,
  });
}

export const hourName = h => `${String(h).padStart(2, '0')}:00`;

// What another page has that the first had not: rows by name, titles by row.
export function difference(before, after) {
  const titles = new Map(before.rows.map(r => [r.name, new Set(r.items.map(i => i.title))]));
  const everywhere = new Set(before.rows.flatMap(r => r.items.map(i => i.title)));
  const still = new Set(after.rows.flatMap(r => r.items.map(i => i.title)));
  const fresh = new Set();
  const entered = [];
  for (const row of after.rows) {
    for (const i of row.items) {
      if (titles.get(row.name)?.has(i.title)) continue;
      fresh.add(`${row.name}\n${i.title}`);
      if (titles.has(row.name)) entered.push(`“${i.name}” in ${row.name}`);
    }
  }
  const names = new Set(after.rows.map(r => r.name));
  return {
    rows: after.rows.filter(r => !titles.has(r.name)).map(r => r.name),
    gone: before.rows.filter(r => !names.has(r.name)).map(r => r.name),
    came: [...still].filter(t => !everywhere.has(t)).length,
    left: [...everywhere].filter(t => !still.has(t)).length,
    moved: JSON.stringify(before.rows.map(r => [r.name, r.items.map(i => i.title)])) !== JSON.stringify(after.rows.map(r => [r.name, r.items.map(i => i.title)])),
    fresh, entered,
  };
}

export function inWords(d) {
  const parts = [];
  const list = names => names.slice(0, 2).map(n => `“${n}”`).join(', ') + (names.length > 2 ? ` and ${names.length - 2} more` : '');
  if (d.rows.length) parts.push(`new: ${list(d.rows)}`);
  if (d.gone.length) parts.push(`gone: ${list(d.gone)}`);
  if (d.entered.length && d.entered.length < 4) parts.push(`now ${d.entered.slice(0, 2).join(', ')}`);
  if (d.came) parts.push(`${d.came} titles came`);
  if (d.left) parts.push(`${d.left} left`);
  if (!parts.length) parts.push(d.moved ? 'the order is another' : 'nothing moved');
  return parts.join('; ');
}

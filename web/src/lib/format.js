// Numbers, times and lengths as people read them.
const plain = new Intl.NumberFormat('en-GB', {maximumFractionDigits: 0});
const short = new Intl.NumberFormat('en-US', {notation: 'compact', maximumFractionDigits: 1});

const isNumber = v => typeof v === 'number' && Number.isFinite(v);

export const whole = v => (isNumber(v) ? plain.format(v) : '–');
// 1,234 as it is, more in short.
export const count = v => (!isNumber(v) ? '–' : Math.abs(v) < 100000 ? plain.format(v) : short.format(v));
export const decimal = (v, digits = 3) => (isNumber(v) ? Number(v.toPrecision(digits)).toLocaleString('en-GB', {maximumFractionDigits: 6}) : '–');
export const percent = (v, digits = 0) => (isNumber(v) ? `${(v * 100).toFixed(digits)} %` : '–');
export const factor = v => (isNumber(v) ? `× ${v.toFixed(2)}` : '–');

export function probability(v) {
  if (!isNumber(v)) return '–';
  if (v === 0) return '< 1e-300';
  return v < 0.001 ? v.toExponential(0) : v.toPrecision(2);
}

export function bytes(v) {
  if (!isNumber(v)) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let u = 0;
  while (v >= 1000 && u < units.length - 1) {
    v /= 1000;
    u++;
  }
  return `${v < 10 && u > 0 ? v.toFixed(1) : Math.round(v)} ${units[u]}`;
}

export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = n => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export function micros(us) {
  if (!isNumber(us)) return '–';
  if (us < 1000) return `${Math.round(us)} µs`;
  return us < 1e6 ? `${(us / 1000).toFixed(us < 10000 ? 1 : 0)} ms` : `${(us / 1e6).toFixed(1)} s`;
}

export function when(text) {
  const t = new Date(text);
  return Number.isNaN(t.getTime()) ? '–' : t.toLocaleString('en-GB', {dateStyle: 'medium', timeStyle: 'short'});
}

export function ago(text, now = Date.now()) {
  const s = (now - new Date(text).getTime()) / 1000;
  if (!Number.isFinite(s)) return 'never';
  if (s < 2) return 'just now';
  if (s < 90) return `${Math.round(s)} s ago`;
  if (s < 5400) return `${Math.round(s / 60)} min ago`;
  if (s < 129600) return `${Math.round(s / 3600)} h ago`;
  return s < 86400 * 730 ? `${Math.round(s / 86400)} days ago` : `${Math.floor(s / 86400 / 365.25)} years ago`;
}

export const words = text => String(text).replace(/_/g, ' ');
export const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;

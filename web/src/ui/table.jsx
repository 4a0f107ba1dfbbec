// Tables of any length: sorted by a click on a head, and past a few hundred rows only those that are seen are there.
import {useLayoutEffect, useMemo, useRef, useState} from 'preact/hooks';
import {saveCsv, saveJson} from '../lib/export.js';
import {Button} from './parts.jsx';

const ROW = 40; // pixels, as in the style sheet
const WHOLE = 200;
const BEYOND = 10;

const missing = v => v === null || v === undefined;

// What is missing comes last, whichever way the rest goes.
function compare(a, b, down) {
  if (a === b || missing(a) || missing(b)) return missing(a) - missing(b);
  const order = typeof a === 'string' ? a.localeCompare(b) : a - b;
  return down ? -order : order;
}

// columns: {name, label, show(row), value(row), number, whole: never in two lines}. value is what is sorted and exported, row[name] if it is left out.
export function Table({caption, columns, rows, sort, keyOf, file, empty = 'Nothing here.', onMore}) {
  const [by, setBy] = useState(sort || null);
  const [from, setFrom] = useState(0);
  const box = useRef();
  const value = (c, r) => (c.value ? c.value(r) : r[c.name]);
  const sorted = useMemo(() => {
    const c = by && columns.find(x => x.name === by.name);
    if (!c) return rows;
    return [...rows].sort((a, b) => compare(value(c, a), value(c, b), by.down));
  }, [rows, by]);
  const long = sorted.length > WHOLE;
  useLayoutEffect(() => {
    const b = box.current;
    if (!b) return undefined;
    const f = () => {
      setFrom(Math.max(0, Math.floor(b.scrollTop / ROW) - BEYOND));
      if (onMore && b.scrollTop + b.clientHeight > b.scrollHeight - 400) onMore();
    };
    b.addEventListener('scroll', f, {passive: true});
    return () => b.removeEventListener('scroll', f);
  }, [onMore, long]);
  const seen = long ? sorted.slice(from, from + 40 + 2 * BEYOND) : sorted;
  const exported = () => sorted.map(r => Object.fromEntries(columns.map(c => [c.name, value(c, r)])));
  return (
    <div class="table">
      <div class={long ? 'scroll long' : 'scroll'} ref={box} tabIndex={0} role="region" aria-label={caption}>
        <table aria-rowcount={sorted.length + 1}>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map(c => (
                <th key={c.name} scope="col" class={c.number ? 'number' : ''} aria-sort={by?.name === c.name ? (by.down ? 'descending' : 'ascending') : 'none'}>
                  <button type="button" onClick={() => setBy(b => ({name: c.name, down: b?.name === c.name ? !b.down : Boolean(c.number)}))}>{c.label}</button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {long && from > 0 ? <tr class="gap" aria-hidden="true"><td colSpan={columns.length} style={{height: `${from * ROW}px`}} /></tr> : null}
            {seen.map((r, i) => (
              <tr key={keyOf ? keyOf(r) : from + i} aria-rowindex={from + i + 2}>
                {columns.map(c => <td key={c.name} class={c.number ? 'number' : c.whole ? 'whole' : ''} dir={c.number ? undefined : 'auto'}>{c.show ? c.show(r) : r[c.name] ?? '–'}</td>)}
              </tr>
            ))}
            {long ? <tr class="gap" aria-hidden="true"><td colSpan={columns.length} style={{height: `${Math.max(0, sorted.length - from - seen.length) * ROW}px`}} /></tr> : null}
          </tbody>
        </table>
        {sorted.length === 0 ? <p class="muted pad">{empty}</p> : null}
      </div>
      {file && sorted.length ? (
        <p class="actions small">
          <Button icon="save" kind="quiet" onClick={() => saveCsv(file, exported())}>CSV</Button>
          <Button icon="save" kind="quiet" onClick={() => saveJson(file, exported())}>JSON</Button>
        </p>
      ) : null}
    </div>
  );
}

// A box that proposes while one types (WAI-ARIA combobox with a list).
import {useEffect, useId, useRef, useState} from 'preact/hooks';
import {getJson} from '../lib/api.js';

// search(text) -> promise of [{value, text, detail}]. Whatever is typed may be taken too, unless `strict`.
export function Combobox({label, value, onChange, onPick, search, hint, strict, placeholder, clear}) {
  const id = useId();
  const [text, setText] = useState(value ?? '');
  const [list, setList] = useState([]);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const asked = useRef(0);
  useEffect(() => setText(value ?? ''), [value]);

  const propose = async words => {
    const mine = ++asked.current;
    const found = await search(words).catch(() => []);
    if (mine !== asked.current) return;
    setList(found);
    setAt(-1);
  };
  const pick = o => {
    asked.current++;
    setOpen(false);
    setText(clear ? '' : o.text);
    onChange?.(o.value);
    onPick?.(o);
  };
  const onKey = e => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      if (!open) {
        setOpen(true);
        propose(text);
      } else if (list.length) {
        setAt(a => (e.key === 'ArrowDown' ? (a + 1) % list.length : (a <= 0 ? list.length : a) - 1));
      }
    } else if (e.key === 'Enter') {
      if (open && at >= 0) {
        e.preventDefault();
        pick(list[at]);
      } else if (strict && text !== (value ?? '')) {
        e.preventDefault(); // what was typed is no choice yet: the form is not sent without it
        search(text).then(found => found.length && pick(found[0]), () => {});
      } else if (!strict && text.trim()) {
        e.preventDefault();
        pick({value: text.trim(), text: text.trim()});
      }
    } else if (e.key === 'Escape' && open) {
      e.stopPropagation();
      e.preventDefault();
      setOpen(false);
    }
  };
  return (
    <div class="field combobox">
      <label for={id}>{label}</label>
      <input id={id} role="combobox" autocomplete="off" spellcheck={false} dir="auto" placeholder={placeholder} value={text}
        aria-expanded={open && list.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={open && at >= 0 ? `${id}-${at}` : undefined}
        onInput={e => {
          setText(e.currentTarget.value);
          if (!strict) onChange?.(e.currentTarget.value);
          setOpen(true);
          propose(e.currentTarget.value);
        }}
        onFocus={() => {
          setOpen(true);
          propose(text);
        }}
        onBlur={e => {
          if (strict && !clear) setText(value ?? ''); // what is not picked does not stand
          const input = e.currentTarget; /* may have the focus again by then */
          setTimeout(() => document.activeElement !== input && setOpen(false), 150);
        }} onKeyDown={onKey} />
      <ul id={`${id}-list`} role="listbox" aria-label="Proposals" hidden={!open || list.length === 0}>
        {list.map((o, i) => (
          <li key={o.value + i} id={`${id}-${i}`} role="option" aria-selected={i === at} dir="auto" onMouseDown={e => e.preventDefault()} onClick={() => pick(o)}>
            {o.text}{o.detail ? <small>{o.detail}</small> : null}
          </li>
        ))}
      </ul>
      {hint ? <small>{hint}</small> : null}
    </div>
  );
}

export const findTitles = async text =>
  (await getJson(`/v1/titles?limit=12&q=${encodeURIComponent(text)}`)).titles.map(t => ({value: t.title, text: t.name, detail: [t.year, t.kind].filter(Boolean).join(', '), title: t}));

export const findPeople = async (text, role) =>
  (await getJson(`/v1/people?limit=${role ? 60 : 12}&q=${encodeURIComponent(text)}`)).people
    .filter(p => !role || p.roles.includes(role)).slice(0, 12)
    .map(p => ({value: p.name, text: p.name, detail: `${p.roles.join(', ')} · ${p.of} ${p.of === 1 ? 'title' : 'titles'}`}));

let genres = null;
export const findGenres = async text => {
  genres ??= (await getJson('/v1/genres')).genres;
  const t = text.trim().toLowerCase();
  return genres.filter(g => g.name.toLowerCase().includes(t)).sort((a, b) => b.titles - a.titles).slice(0, 14).map(g => ({value: g.name, text: g.name, detail: `${g.titles} titles`}));
};

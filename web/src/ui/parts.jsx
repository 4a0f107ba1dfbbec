// Small parts that every page uses.
import {useEffect, useId, useRef, useState} from 'preact/hooks';
import {ApiError, Offline, locked} from '../lib/api.js';
import {makeStore, useStore} from '../lib/store.js';

const ICONS = {
  play: 'M7 4v16l13-8z', pause: 'M6 4h4v16H6zM14 4h4v16h-4z', stop: 'M5 5h14v14H5z', back: 'M11 6L3 12l8 6zM20 6l-8 6 8 6z',
  forward: 'M13 6l8 6-8 6zM4 6l8 6-8 6z', left: 'M15 4l-8 8 8 8', right: 'M9 4l8 8-8 8', close: 'M5 5l14 14M19 5L5 19',
  up: 'M7 21V10l5-8c2 0 3 1 2 4l-1 4h6c2 0 2 2 2 3l-2 6c0 1-1 2-2 2zM3 10h3v11H3z', down: 'M17 3v11l-5 8c-2 0-3-1-2-4l1-4H5c-2 0-2-2-2-3l2-6c0-1 1-2 2-2zM21 14h-3V3h3z',
  hide: 'M3 12s4-7 9-7 9 7 9 7-4 7-9 7-9-7-9-7zM4 4l16 16', star: 'M12 3l2.7 5.7 6.3.8-4.6 4.3 1.2 6.2-5.6-3.1L6.400 20l1.2-6.200L3 9.500l6.300-.8z',
  save: 'M12 3v12M7 10l5 5 5-5M4 20h16', why: 'M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 17.500v.5', shuffle: 'M3 7h4l10 10h4M3 17h4l3-3M14 10l3-3h4M18 4l3 3-3 3M18 14l3 3-3 3',
};
const LINES = new Set(['left', 'right', 'close', 'hide', 'save', 'why', 'shuffle']);

export const Icon = ({name}) => (
  <svg class={LINES.has(name) ? 'icon line' : 'icon'} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={ICONS[name]} /></svg>
);

export const Button = ({icon, label, children, kind = '', ...rest}) => (
  <button type="button" class={`button ${kind}`} aria-label={label} title={label} {...rest}>
    {icon ? <Icon name={icon} /> : null}{children ? <span>{children}</span> : null}
  </button>
);

export function Field({label, hint, children}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {hint ? <small>{hint}</small> : null}
    </div>
  );
}

export const Select = ({label, value, options, onChange, hint}) => (
  <Field label={label} hint={hint}>
    {id => (
      <select id={id} value={value} onChange={e => onChange(e.currentTarget.value)}>
        {options.map(([v, text]) => <option key={v} value={v} selected={v === value}>{text}</option>)}
      </select>
    )}
  </Field>
);

export const Text = ({label, value, onChange, hint, ...rest}) => (
  <Field label={label} hint={hint}>
    {id => <input id={id} value={value} onInput={e => onChange(e.currentTarget.value)} autocomplete="off" spellcheck={false} {...rest} />}
  </Field>
);

export const Switch = ({label, checked, onChange, disabled}) => (
  <label class="switch">
    <input type="checkbox" role="switch" checked={checked} disabled={disabled} onChange={e => onChange(e.currentTarget.checked)} />
    <span aria-hidden="true" /> {label}
  </label>
);

// One of a few, as buttons.
export function Choice({label, value, options, onChange}) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div>
        {options.map(([v, text]) => (
          <label key={v}>
            <input type="radio" name={name} checked={v === value} onChange={() => onChange(v)} /><span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export const Busy = ({text = 'Asking the server'}) => <p class="busy" role="status"><span class="dots" aria-hidden="true" />{text}…</p>;
export const Empty = ({title, children}) => <div class="empty"><h3>{title}</h3>{children}</div>;

export function Problem({error, retry}) {
  if (!error || error instanceof Offline) return null;
  return (
    <div class="problem" role="alert">
      <p><b dir="auto">{error.message}</b></p>
      {error instanceof ApiError && error.remedy ? <p class="muted">{error.remedy}</p> : null}
      <p class="actions">
        {retry ? <Button onClick={retry}>Try again</Button> : null}
        {error.status === 401 || error.status === 403 ? <Button onClick={locked}>Use another key</Button> : null}
      </p>
    </div>
  );
}

// What a path answered, in each of its states.
export function Asked({of, empty, children, busy}) {
  if (of.error && !of.data) return of.error instanceof Offline ? <Busy text="Waiting for the server" /> : <Problem error={of.error} retry={of.reload} />;
  if (!of.data) return <Busy text={busy} />;
  return (empty && empty(of.data)) || <div class={of.loading ? 'is-asked' : ''} aria-busy={of.loading}>{children(of.data)}</div>;
}

export function Dialog({title, onClose, children, wide}) {
  const ref = useRef();
  const id = useId();
  useEffect(() => {
    ref.current.showModal();
  }, []);
  return (
    <dialog ref={ref} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby={id}
      onClose={onClose} onClick={e => e.target === ref.current && ref.current.close()}>
      <div class="dialog-body">
        <header>
          <h2 id={id} dir="auto">{title}</h2>
          <Button icon="close" label="Close" kind="quiet" onClick={() => ref.current.close()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

const notes = makeStore([]);
let noteNumber = 0;

// Said on the screen for a moment, and to screen readers.
export function say(text, kind = '') {
  const note = {id: ++noteNumber, text, kind};
  notes.set(n => [...n.slice(-2), note]);
  setTimeout(() => notes.set(n => n.filter(x => x !== note)), 7000);
}

export function Notes() {
  const list = useStore(notes);
  return (
    <div class="notes" role="status" aria-live="polite">
      {list.map(n => <p key={n.id} class={n.kind} dir="auto">{n.text}</p>)}
    </div>
  );
}

export function Tabs({label, tabs, value, onChange}) {
  const refs = useRef({});
  useEffect(() => {
    const tab = refs.current[value];
    tab?.parentElement.scrollTo({left: tab.offsetLeft - tab.parentElement.offsetLeft - 40});
  }, [value]);
  const move = (e, by) => {
    const at = tabs.findIndex(([v]) => v === value);
    const next = tabs[(at + by + tabs.length) % tabs.length][0];
    onChange(next);
    refs.current[next]?.focus();
    e.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={e => (e.key === 'ArrowRight' ? move(e, 1) : e.key === 'ArrowLeft' ? move(e, -1) : null)}>
      {tabs.map(([v, text]) => (
        <button key={v} ref={el => (refs.current[v] = el)} type="button" role="tab" aria-selected={v === value} tabIndex={v === value ? 0 : -1} onClick={() => onChange(v)}>{text}</button>
      ))}
    </div>
  );
}

export const Tile = ({label, value, detail, kind = ''}) => (
  <div class={`tile ${kind}`}><dt>{label}</dt><dd><b dir="auto" class={typeof value === 'string' && value.length > 10 ? 'long' : undefined}>{value}</b>{detail ? <small>{detail}</small> : null}</dd></div>
);

export function useLater(value, ms = 250) {
  const [later, set] = useState(value);
  useEffect(() => {
    const t = setTimeout(() => set(value), ms);
    return () => clearTimeout(t);
  }, [value, ms]);
  return later;
}

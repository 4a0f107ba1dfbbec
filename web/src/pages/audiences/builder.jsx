// An audience put together: who liked, finished, follows ... what; joined by and, or, but not.
import {useState} from 'preact/hooks';
import {Combobox, findGenres, findPeople, findTitles} from '../../ui/combobox.jsx';
import {Button, Select, Text} from '../../ui/parts.jsx';

const SIGNALS = ['liked', 'watched', 'finished', 'disliked', 'abandoned', 'rewatched', 'follows'].map(s => [s, s]);
const KINDS = ['director', 'actor', 'person', 'writer', 'producer', 'creator', 'title', 'genre', 'tag', 'country', 'device', 'daypart', 'community'].map(k => [k, k]);
const ROLES = new Set(['director', 'actor', 'writer', 'producer', 'creator']);
const JOINS = [['&', 'and'], ['|', 'or'], ['-', 'but not']];
const FIXED = {
  device: ['tv', 'phone', 'tablet', 'desktop', 'console', 'set_top', 'cast', 'other'],
  daypart: ['morning', 'daytime', 'evening', 'late'],
};

export const quote = v => (/[&|()"-]/.test(v) || v !== v.trim() ? `"${v.replace(/["\\]/g, '')}"` : v);

// A title goes by its exact name in quotes, as a reader would say it; its id would do too.
export const termText = t => `${t.signal}:${t.kind}=${t.kind === 'title' ? `"${t.value.replace(/["\\]/g, '')}"` : quote(t.value)}`;
export const textOf = terms => terms.filter(t => t.value.trim()).reduce((a, t) => (a ? `(${a}) ${t.join} ${termText(t)}` : termText(t)), '').replace(/^\(([^()]*)\)/, '$1');

function search(kind) {
  if (ROLES.has(kind)) return text => findPeople(text, kind);
  if (kind === 'person') return text => findPeople(text);
  if (kind === 'title') return async text => (await findTitles(text)).map(t => ({...t, value: t.text}));
  if (kind === 'genre') return findGenres;
  const words = FIXED[kind] || [];
  return async text => words.filter(w => w.includes(text.toLowerCase())).map(w => ({value: w, text: w}));
}

export function Builder({name, value, onChange, kind = 'director'}) {
  const [terms, setTerms] = useState(() => [{signal: 'liked', kind, value: '', join: '&', key: 0}]);
  const [typed, setTyped] = useState(Boolean(value));
  const change = next => {
    setTerms(next);
    onChange(textOf(next));
  };
  const set = (i, more) => change(terms.map((t, k) => (k === i ? {...t, ...more} : t)));
  return (
    <fieldset class="builder">
      <legend>{name}</legend>
      {typed ? <Text label={`${name} as an expression`} value={value} onChange={onChange} placeholder="liked:director=David Fincher" hint="Joined by & | - and parentheses" /> : terms.map((t, i) => (
        <div class="term" key={t.key}>
          {i > 0 ? <Select label="Joined by" value={t.join} options={JOINS} onChange={join => set(i, {join})} /> : null}
          <Select label="Who" value={t.signal} options={SIGNALS} onChange={signal => set(i, {signal})} />
          <Select label="What" value={t.kind} options={KINDS} onChange={k => set(i, {kind: k, value: ''})} />
          <Combobox label={`${name}: ${t.kind}`} value={t.value} search={search(t.kind)} onChange={v => set(i, {value: v})} />
          {terms.length > 1 ? <Button icon="close" kind="quiet" label="Leave this out" onClick={() => change(terms.filter((_, k) => k !== i))} /> : null}
        </div>
      ))}
      <p class="actions small">
        {typed ? null : <Button kind="quiet" onClick={() => change([...terms, {signal: 'liked', kind: 'genre', value: '', join: '&', key: Math.max(...terms.map(t => t.key)) + 1}])}>and, or, but not…</Button>}
        <Button kind="quiet" onClick={() => setTyped(!typed)}>{typed ? 'Put together' : 'Type it'}</Button>
      </p>
    </fieldset>
  );
}

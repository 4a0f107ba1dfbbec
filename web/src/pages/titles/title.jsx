// One title: what it is, whom it reaches, how long it holds them, what is like it, who follows its people.
import {path, useApi} from '../../lib/api.js';
import {href} from '../../lib/router.js';
import {Asked, Empty, Tabs} from '../../ui/parts.jsx';
import {Art, Poster} from '../../ui/poster.jsx';
import {useState} from 'preact/hooks';
import {Audience} from '../audiences/explore.jsx';
import {Choices} from './choices.jsx';
import {Retention} from './retention.jsx';

function Facts({t}) {
  const people = t.credits || [];
  return (
    <section class="card title-top">
      <div class="title-art"><Art id={t.id} genres={t.genres} /></div>
      <div class="stack tight">
        <h1 dir="auto">{t.name || t.id}</h1>
        <p class="muted">{[t.year, t.kind, t.runtime_min && `${t.runtime_min} min`, t.language, t.maturity, t.release_date].filter(Boolean).join(' · ')}</p>
        <p class="chips">{(t.genres || []).map(g => <span key={g} class="chip accent">{g}</span>)}{(t.tags || []).map(g => <span key={g} class="chip" dir="auto">{g}</span>)}</p>
        {t.description ? <p dir="auto">{t.description}</p> : null}
        <p class="muted small">Who follows its people:</p>
        <ul class="chips">{people.slice(0, 24).map(c => <li key={c.role + c.person} class="chip"><a href={href('audiences', ['people', c.person])} dir="auto">{c.person}</a> <small class="muted">{c.role}</small></li>)}</ul>
      </div>
    </section>
  );
}

function Similar({id}) {
  const asked = useApi(path`/v1/titles/${id}/similar` + '?n=18');
  return (
    <section class="card">
      <h2>Chosen by the same viewers</h2>
      <Asked of={asked} empty={d => d.items.length === 0 && <Empty title="Nothing is like it yet"><p>It takes a model, and viewers who chose it.</p></Empty>}>
        {d => <ul class="shelf">{d.items.map(i => <li key={i.title}><a href={href('titles', [i.title])} aria-label={i.name}><Poster title={i.title} name={i.name} year={i.year} /></a></li>)}</ul>}
      </Asked>
    </section>
  );
}

const SIGNALS = [['watched', 'watched it'], ['liked', 'liked it'], ['finished', 'finished it'], ['abandoned', 'gave it up'], ['rewatched', 'watched it again']];

function Reach({id}) {
  const [signal, setSignal] = useState('watched');
  const asked = useApi(path`/v1/titles/${id}/audience` + `?n=12&signal=${signal}`);
  return (
    <div class="stack">
      <Tabs label="Which viewers" tabs={SIGNALS} value={signal} onChange={setSignal} />
      <Asked of={asked} busy="Counting viewers">{a => <Audience a={a} file={`audience-${id}-${signal}`} />}</Asked>
    </div>
  );
}

export function Title({id}) {
  const asked = useApi(path`/v1/titles/${id}`);
  return (
    <Asked of={asked}>
      {t => (
        <div class="stack">
          <Facts t={t} />
          <Choices id={id} />
          <Retention id={id} />
          <Similar id={id} />
          <Reach id={id} />
        </div>
      )}
    </Asked>
  );
}

// People of the credits, and who follows them.
import {getJson, query, useApi} from '../../lib/api.js';
import {go, href} from '../../lib/router.js';
import {Combobox, findPeople} from '../../ui/combobox.jsx';
import {Asked, Empty} from '../../ui/parts.jsx';
import {Poster} from '../../ui/poster.jsx';
import {quote} from './builder.jsx';
import {Audience} from './explore.jsx';

function Person({name}) {
  const found = useApi(query('/v1/people', {q: name, limit: 5}));
  const followers = useApi(query('/v1/audiences/show', {expression: `follows:person=${quote(name)}`, n: 12}), {read: getJson});
  return (
    <div class="stack">
      <Asked of={found}>
        {d => {
          const p = d.people.find(x => x.name === name) || d.people[0];
          if (!p) return <Empty title={`Nobody called ${name}`} />;
          return (
            <section class="card">
              <h2 dir="auto">{p.name}</h2>
              <p class="muted">{p.roles.join(', ')} · {p.of} {p.of === 1 ? 'title' : 'titles'}</p>
              <ul class="shelf">{p.titles.map(t => <li key={t.title}><a href={href('titles', [t.title])} aria-label={t.name}><Poster title={t.title} name={t.name} year={t.year} /></a></li>)}</ul>
            </section>
          );
        }}
      </Asked>
      <Asked of={followers} busy="Counting followers">{a => <Audience a={a} file={`followers-of-${name}`} />}</Asked>
    </div>
  );
}

export function People({rest}) {
  const name = rest[0] || '';
  return (
    <div class="stack">
      <div class="picker"><Combobox label="Person" value={name} search={t => findPeople(t === name ? '' : t)} strict onPick={o => go(href('audiences', ['people', o.value]))} /></div>
      {name ? <Person key={name} name={name} /> : <Empty title="Look for a person"><p>Their titles, who follows them, and what followers like beside.</p></Empty>}
    </div>
  );
}

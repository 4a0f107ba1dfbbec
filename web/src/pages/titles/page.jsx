// Titles: a search, and a title from all sides.
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import {getJson, query} from '../../lib/api.js';
import {learn} from '../../lib/facts.js';
import {href} from '../../lib/router.js';
import {useApi} from '../../lib/api.js';
import {count} from '../../lib/format.js';
import {Asked, Empty, Text, useLater} from '../../ui/parts.jsx';
import {Table} from '../../ui/table.jsx';
import {Title} from './title.jsx';

const PAGE = 1000;

function List() {
  const [words, setWords] = useState('');
  const q = useLater(words);
  const first = useApi(query('/v1/titles', {q, limit: PAGE}));
  const [rest, setRest] = useState([]);
  const next = useRef(null);
  const shown = useRef(null);
  useEffect(() => {
    setRest([]);
    shown.current = first.data;
    next.current = first.data?.next ?? null;
    if (first.data) learn(first.data.titles);
  }, [first.data]);
  const more = async () => {
    if (next.current === null) return;
    const from = next.current;
    next.current = null;
    const of = first.data;
    const page = await getJson(query('/v1/titles', {q, limit: PAGE, from})).catch(() => null);
    if (!page || of !== shown.current) return; // of a list that is gone
    learn(page.titles);
    setRest(r => [...r, ...page.titles]);
    next.current = page.next;
  };
  const rows = useMemo(() => [...(first.data?.titles || []), ...rest], [first.data, rest]);
  return (
    <section class="card">
      <div class="picker"><Text label="Find a title" type="search" value={words} onChange={setWords} dir="auto" /></div>
      <Asked of={first} empty={d => d.of === 0 && <Empty title={q ? `No title has “${q}” in its name` : 'No titles yet'}><p>{q ? 'Case, accents and punctuation do not matter.' : <code>marquee import --format titles titles.csv</code>}</p></Empty>}>
        {d => (
          <>
            <p class="muted small">{count(d.of)} titles</p>
            <Table caption="Titles" file="titles" rows={rows} keyOf={t => t.title} onMore={more} columns={[
              {name: 'name', label: 'Title', show: t => <a href={href('titles', [t.title])} dir="auto">{t.name}</a>},
              {name: 'year', label: 'Year', number: true},
              {name: 'kind', label: 'Kind'},
              {name: 'runtime_min', label: 'Minutes', number: true},
              {name: 'genres', label: 'Genres', value: t => t.genres.join(', '), show: t => t.genres.join(', ')},
              {name: 'title', label: 'Id', show: t => <code>{t.title}</code>},
            ]} />
          </>
        )}
      </Asked>
    </section>
  );
}

export default function TitlesPage({route}) {
  const id = route.parts[0];
  return (
    <>
      {id ? <p><a href={href('titles')}>All titles</a></p> : <h1>Titles</h1>}
      {id ? <Title key={id} id={id} /> : <List />}
    </>
  );
}

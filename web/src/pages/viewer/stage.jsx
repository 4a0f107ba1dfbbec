// A page as a device shows it: rows that scroll sideways, each title with its reason.
import {useRef} from 'preact/hooks';
import {clock} from '../../lib/format.js';
import {Button} from '../../ui/parts.jsx';
import {Poster} from '../../ui/poster.jsx';
import {FRAMES} from './moments.js';

function Item({item, wide, fresh, onOpen}) {
  const what = `${item.name}${item.year ? `, ${item.year}` : ''}`;
  return (
    <li class={fresh ? 'is-fresh' : ''}>
      <button type="button" class="title" data-title={item.title} onClick={() => onOpen(item)} aria-label={`${what}. ${item.reason.text}`}>
        <Poster title={item.title} name={item.name} year={item.year} wide={wide} picture={item.picture}>
          {item.position_ms > 0 ? <span class="resume">{clock(item.position_ms)}</span> : null}
          {fresh ? <span class="fresh">new here</span> : null}
        </Poster>
        <span class="reason" dir="auto">{item.reason.text}</span>
      </button>
    </li>
  );
}

function Row({row, wide, fresh, onOpen}) {
  const strip = useRef();
  const scroll = by => strip.current.scrollBy({left: by * strip.current.clientWidth * 0.85, behavior: 'smooth'});
  return (
    <section class="row" aria-label={row.name}>
      <header>
        <div><h3 dir="auto">{row.name}</h3><p class="muted small" dir="auto">{row.reason}</p></div>
        <div class="actions row-buttons" aria-hidden="true">
          <Button icon="left" kind="quiet" tabIndex={-1} onClick={() => scroll(-1)} />
          <Button icon="right" kind="quiet" tabIndex={-1} onClick={() => scroll(1)} />
        </div>
      </header>
      <ul class="strip" ref={strip}>
        {row.items.map(i => <Item key={i.title} item={i} wide={wide} fresh={fresh?.has(`${row.name}\n${i.title}`)} onOpen={onOpen} />)}
      </ul>
    </section>
  );
}

// Arrows go from title to title, and to the row above and below.
function onArrow(e) {
  const step = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[e.key];
  const here = e.target.closest?.('.title');
  if (!step || !here) return;
  e.preventDefault();
  const rows = [...e.currentTarget.querySelectorAll('.strip')].map(s => [...s.querySelectorAll('.title')]);
  const y = rows.findIndex(r => r.includes(here));
  let to;
  if (step[0] === 0) {
    to = rows[y][rows[y].indexOf(here) + step[1]];
  } else {
    const x = here.getBoundingClientRect().left;
    to = rows[y + step[0]]?.reduce((a, b) => (Math.abs(b.getBoundingClientRect().left - x) < Math.abs(a.getBoundingClientRect().left - x) ? b : a));
  }
  to?.focus();
  to?.scrollIntoView({block: 'nearest', inline: 'nearest'});
}

export function Stage({page, device, fresh, onOpen}) {
  const frame = FRAMES[device || page.context.device] || 'desktop';
  return (
    <div class={`stage ${frame}`}>
      <div class="screen" onKeyDown={onArrow}>
        {page.rows.map(r => <Row key={r.name} row={r} wide={frame === 'tv'} fresh={fresh} onOpen={onOpen} />)}
      </div>
    </div>
  );
}

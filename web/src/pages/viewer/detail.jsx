// One title of a page: why it is there, and what the viewer may do about it.
import {useApi, path, query, send} from '../../lib/api.js';
import {decimal, percent, words} from '../../lib/format.js';
import {href} from '../../lib/router.js';
import {useFacts} from '../../lib/facts.js';
import {Art} from '../../ui/poster.jsx';
import {Asked, Button, Dialog, say} from '../../ui/parts.jsx';
import {Opinions} from './player.jsx';

function Why({viewer, title, moment}) {
  const asked = useApi(query(path`/v1/viewers/${viewer}/explain/${title}`, moment));
  return (
    <Asked of={asked}>
      {e => (
        <>
          <p class="words" dir="auto">{e.text}</p>
          {e.evidence.length ? (
            <div class="bars" role="list" aria-label="What carries it">
              {e.evidence.map(x => (
                <div class="bar" role="listitem" key={x.title}>
                  <span dir="auto">{x.name}</span><span aria-hidden="true"><i style={{width: `${Math.max(2, (x.share || 0) * 100)}%`}} /></span><span class="number">{percent(x.share)}</span>
                </div>
              ))}
            </div>
          ) : <p class="muted">Nothing in this viewer's history carries it.</p>}
          <p class="muted small">
            Place {e.place} of {e.of} in the order of this viewer's taste.
            {e.rating ? ` They would rate it ${decimal(e.rating.expected, 2)} of 5, nine times of ten between ${decimal(e.rating.low, 2)} and ${decimal(e.rating.high, 2)}.` : ''}
          </p>
        </>
      )}
    </Asked>
  );
}

export function Detail({item, viewer, moment, onPlay, onChanged, onClose}) {
  const facts = useFacts(item.title);
  const opinion = async (kind, value) => {
    try {
      const {rejected} = await send('POST', '/v1/events', [{viewer, kind, title: item.title, ...(value === undefined ? {} : {value})}]);
      if (rejected.length) throw new Error(rejected[0].error);
      say(kind === 'hide' ? `${item.name} is hidden from ${viewer}.` : `${words(kind)} sent.`);
      onChanged();
      if (kind === 'hide') onClose();
    } catch (e) {
      say(e.message, 'bad');
    }
  };
  return (
    <Dialog title={item.name} onClose={onClose}>
      <div class="detail-top">
        <div class="cinema"><Art id={item.title} genres={facts?.genres} wide /></div>
        <p class="muted">{[item.year, facts?.kind, facts?.runtime_min && `${facts.runtime_min} min`, facts?.genres?.join(', ')].filter(Boolean).join(' · ')}</p>
        <div class="actions">
          <Button icon="play" kind="main" onClick={() => onPlay(item)}>{item.position_ms > 0 ? 'Go on watching' : 'Play'}</Button>
          <a class="button" href={href('titles', [item.title])}>About this title</a>
          
        </div>
        <Opinions send={opinion} />
      </div>
      <section aria-label="Why am I seeing this">
        <h3>Why am I seeing this?</h3>
        <p class="muted" dir="auto">{item.reason?.text}</p>
        <Why viewer={viewer} title={item.title} moment={moment} />
      </section>
    </Dialog>
  );
}

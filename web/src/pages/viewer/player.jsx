// The simulated player beside a page.
import {useEffect, useRef, useState} from 'preact/hooks';
import {clock, words} from '../../lib/format.js';
import {useFacts} from '../../lib/facts.js';
import {Button, Choice, say} from '../../ui/parts.jsx';
import {Art} from '../../ui/poster.jsx';
import {Film} from './engine.js';

const SPEEDS = [['1', 'real'], ['60', '1 min/s'], ['600', '10 min/s']];

export function Opinions({send, done}) {
  return (
    <div class="actions" role="group" aria-label="Opinion">
      <span class="stars" role="group" aria-label="Rate">
        {[1, 2, 3, 4, 5].map(n => <Button key={n} icon="star" kind="quiet" label={`Rate ${n} of 5`} aria-pressed={done?.rating >= n} onClick={() => send('rating', n)} />)}
      </span>
      <Button icon="up" label="Thumb up" aria-pressed={done?.thumb === 1} onClick={() => send('thumb', 1)} />
      <Button icon="down" label="Thumb down" aria-pressed={done?.thumb === -1} onClick={() => send('thumb', -1)} />
      <Button icon="hide" onClick={() => send('hide')}>Hide</Button>
    </div>
  );
}

function Log({film}) {
  return (
    <ol class="log" aria-label="Events sent">
      {film.log.slice(0, 40).map(l => (
        <li key={l.id} class={l.state}><code>{l.kind}</code> {l.position === undefined ? '' : clock(l.position)} <small>{l.state}</small></li>
      ))}
    </ol>
  );
}

export function Player({item, viewer, context, recommendationId, clockNow, onSent, onClose}) {
  const facts = useFacts(item.title);
  const [film, setFilm] = useState(null);
  const [, redraw] = useState(0);
  const [done, setDone] = useState({});
  const holder = useRef();
  const seeking = useRef(null);
  useEffect(() => {
    if (!facts) return undefined;
    const f = new Film({
      viewer, title: item.title, runtimeMs: (facts.runtime_min || 0) * 60000, positionMs: item.position_ms || 0, context, recommendationId, clock: clockNow,
    }, () => redraw(n => n + 1), onSent);
    holder.current = f;
    setFilm(f);
    f.play();
    return () => {
      f.stop();
      f.halt();
      f.flush();
    };
  }, [item.title, viewer, Boolean(facts)]);
  const opinion = (kind, value) => {
    film.opinion(kind, value);
    setDone(d => ({...d, [kind]: value ?? true}));
    say(kind === 'hide' ? `${item.name} is hidden from ${viewer}.` : `${words(kind)} sent.`);
  };
  if (!film) return <section class="player card" aria-label="Player"><p class="busy">Opening…</p></section>;
  const playing = film.state === 'playing';
  return (
    <section class={playing ? 'player card is-playing' : 'player card'} aria-label="Player">
      <header>
        <h2 dir="auto">{item.name}</h2>
        <Button icon="close" label="Close the player" kind="quiet" onClick={onClose} />
      </header>
      <div class="cinema"><Art id={item.title} genres={facts?.genres} wide /><span>{film.state}</span></div>
      <div class="timeline">
        <span class="number">{clock(film.position)}</span>
        <input type="range" aria-label="Position in the film" min="0" max={film.runtimeMs} step="1000" value={seeking.current ?? film.position} aria-valuetext={`${clock(film.position)} of ${clock(film.runtimeMs)}`}
          onInput={e => (seeking.current = Number(e.currentTarget.value))}
          onChange={e => {
            seeking.current = null;
            film.seek(Number(e.currentTarget.value));
          }} />
        <span class="number">{clock(film.runtimeMs)}</span>
      </div>
      <div class="actions" role="group" aria-label="Playback">
        <Button icon="back" label="Rewind five minutes" onClick={() => film.seek(film.position - 300000)} />
        {playing ? <Button icon="pause" kind="main" label="Pause" onClick={() => film.pause()} /> : <Button icon="play" kind="main" label="Play" onClick={() => film.play()} />}
        <Button icon="forward" label="Skip ten minutes" onClick={() => film.seek(film.position + 600000)} />
        <Button icon="stop" label="Stop" disabled={film.state === 'ended' || film.state === 'ready'} onClick={() => film.stop()} />
      </div>
      <Choice label="Speed of the film" value={String(film.speed)} options={SPEEDS} onChange={v => {
        film.speed = Number(v);
        redraw(n => n + 1);
      }} />
      <Opinions send={opinion} done={done} />
      {film.error ? <p class="problem" role="alert">{film.error}</p> : null}
      <Log film={film} />
      <p class="muted small">There is no film: only its timeline, and the events that a player's SDK would send.</p>
    </section>
  );
}

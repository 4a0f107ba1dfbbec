// A drawing with what it says, and its files.
import {useRef} from 'preact/hooks';
import {saveJson, savePng, saveSvg} from '../lib/export.js';
import {Button} from './parts.jsx';

// There drawings keep a size that can be read, and scroll.
export const narrow = matchMedia('(max-width: 40rem)');
const SMALL = 480; // fits there as it is

export function Figure({words, file, data, box, children, legend}) {
  const svg = useRef();
  const small = Number(box.split(' ')[2]) <= SMALL;
  return (
    <figure class="figure">
      <div class="drawing" tabIndex={narrow.matches && !small ? 0 : undefined}><svg ref={svg} class={small ? 'chart is-small' : 'chart'} viewBox={box} role="img" aria-label={words}>{children}</svg></div>
      {legend ? <figcaption class="chips">{legend.map(([colour, text]) => <span key={text} class="key"><i style={{background: `var(${colour})`}} />{text}</span>)}</figcaption> : null}
      <p class="actions small">
        <Button icon="save" kind="quiet" onClick={() => saveSvg(file, svg.current)}>SVG</Button>
        <Button icon="save" kind="quiet" onClick={() => savePng(file, svg.current)}>PNG</Button>
        {data ? <Button icon="save" kind="quiet" onClick={() => saveJson(file, data)}>JSON</Button> : null}
      </p>
    </figure>
  );
}

// A scale from [a, b] to [x, y].
export const scale = (a, b, x, y) => v => x + ((v - a) / (b - a || 1)) * (y - x);

// Round steps between 0 and `high`.
export function steps(high, n = 5) {
  const raw = high / n;
  const ten = 10 ** Math.floor(Math.log10(raw || 1));
  const step = [1, 2, 5, 10].map(m => m * ten).find(s => s >= raw) || raw;
  return Array.from({length: Math.floor(high / step) + 1}, (_, i) => i * step);
}

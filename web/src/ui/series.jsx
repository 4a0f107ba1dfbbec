// Lines over time that grow each second: uPlot on a canvas, in the page's colours.
import {useEffect, useRef} from 'preact/hooks';
import uPlot from 'uplot';
import {saveCanvas, saveCsv} from '../lib/export.js';
import {Button} from './parts.jsx';
import 'uplot/dist/uPlot.min.css';

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// series: [{label, colour: "--c1"}]; data: [seconds[], values[]...]. `words` says to those who cannot see it what it shows.
export function Series({series, data, words, file, height = 180, format = v => v}) {
  const box = useRef();
  const plot = useRef();
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const make = () => {
      plot.current?.destroy();
      const axis = {stroke: colour('--muted'), grid: {stroke: colour('--line'), width: 1}, ticks: {stroke: colour('--line'), width: 1}, font: '12px system-ui, sans-serif'};
      plot.current = new uPlot({
        width: box.current.clientWidth, height, legend: {show: false}, cursor: {show: false}, padding: [8, 32, 0, 0],
        scales: {y: {range: (u, low, high) => [0, Math.max(1, high * 1.1)]}},
        axes: [{...axis, space: 80, values: (u, list) => list.map(s => new Date(s * 1000).toLocaleTimeString('en-GB'))}, {...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000], values: (u, list) => list.map(format)}],
        series: [{}, ...series.map(s => ({label: s.label, stroke: colour(s.colour), width: 2, points: {show: false}}))],
      }, latest.current, box.current);
    };
    make();
    const resized = new ResizeObserver(() => plot.current.setSize({width: box.current.clientWidth, height}));
    resized.observe(box.current);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', make);
    const theme = new MutationObserver(make);
    theme.observe(document.documentElement, {attributeFilter: ['data-theme']});
    return () => {
      resized.disconnect();
      theme.disconnect();
      dark.removeEventListener('change', make);
      plot.current.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <figure class="series">
      <div ref={box} role="img" aria-label={words} />
      <figcaption class="chips">{series.map(s => <span key={s.label} class="key"><i style={{background: `var(${s.colour})`}} />{s.label}</span>)}</figcaption>
      <p class="actions small">
        <Button icon="save" kind="quiet" onClick={() => saveCanvas(file, box.current.querySelector('canvas'))}>PNG</Button>
        <Button icon="save" kind="quiet" onClick={() => saveCsv(file, data[0].map((s, i) => Object.fromEntries([['at', new Date(s * 1000).toISOString()], ...series.map((x, k) => [x.label, data[k + 1][i]])])))}>CSV</Button>
      </p>
    </figure>
  );
}

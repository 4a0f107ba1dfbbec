// Artwork that follows from a title's id and genres alone: the same title looks the same everywhere and always.
import {useState} from 'preact/hooks';
import {useFacts, useImage} from '../lib/facts.js';

function hash(text) {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16777619);
  return h >>> 0;
}

// Mulberry32: numbers in [0, 1).
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Genre -> [hue, motif].
const GENRES = {
  horror: [350, 'moon'], scifi: [205, 'orbits'], sciencefiction: [205, 'orbits'], crime: [24, 'blinds'], thriller: [220, 'blinds'],
  mystery: [265, 'rings'], romance: [338, 'hearts'], comedy: [44, 'burst'], drama: [28, 'hills'], documentary: [160, 'contours'],
  biography: [38, 'contours'], history: [30, 'columns'], animation: [190, 'bubbles'], family: [150, 'bubbles'], children: [150, 'bubbles'],
  action: [12, 'rays'], war: [85, 'rays'], adventure: [170, 'peaks'], western: [22, 'desert'], music: [300, 'waves'], musical: [300, 'waves'],
  fantasy: [280, 'peaks'], sport: [110, 'columns'], filmnoir: [230, 'blinds'], noir: [230, 'blinds'],
};

const lookOf = genre => GENRES[genre.toLowerCase().replace(/[^a-z]/g, '')];
const tone = (h, s, l) => `hsl(${((h % 360) + 360) % 360} ${s}% ${l}%)`;
const between = (r, a, b) => a + r() * (b - a);
const list = (n, make) => Array.from({length: n}, (_, i) => make(i));

// All on a field of 200 x 200, of which the middle is seen in any shape.
const motifs = {
  moon: (r, c) => [
    <circle cx={between(r, 60, 140)} cy={between(r, 50, 80)} r={between(r, 22, 34)} fill={c.spark} />,
    ...list(7, i => {
      const x = i * 32 + between(r, -10, 10);
      const h = between(r, 50, 105);
      return <path d={`M${x} 200l${between(r, 8, 13)}-${h} ${between(r, 8, 13)} ${h}z`} fill={c.deep} />;
    }),
  ],
  orbits: (r, c) => {
    const x = between(r, 70, 130), y = between(r, 65, 110);
    return [
      ...list(14, () => <circle cx={between(r, 0, 200)} cy={between(r, 0, 200)} r={between(r, 0.6, 1.8)} fill={c.spark} />),
      ...list(3, i => <ellipse cx={x} cy={y} rx={58 + i * 26} ry={18 + i * 10} fill="none" stroke={c.bright} stroke-width="1.6" transform={`rotate(${between(r, -40, 40)} ${x} ${y})`} />),
      <circle cx={x} cy={y} r={between(r, 24, 36)} fill={c.bright} />,
      <circle cx={x - 8} cy={y - 8} r="12" fill={c.spark} opacity="0.5" />,
    ];
  },
  blinds: (r, c) => {
    const slope = between(r, -40, 40);
    return [
      <circle cx={between(r, 60, 140)} cy={between(r, 70, 110)} r={between(r, 40, 58)} fill={c.bright} />,
      ...list(9, i => <path d={`M-20 ${i * 26 - 30}L220 ${i * 26 - 30 + slope}v13L-20 ${i * 26 - 17}z`} fill={c.deep} opacity="0.85" />),
    ];
  },
  rings: (r, c) => {
    const x = between(r, 70, 130), y = between(r, 70, 110);
    return [
      ...list(6, i => <circle cx={x} cy={y} r={96 - i * 16} fill={i % 2 ? c.deep : c.bright} opacity={0.9 - i * 0.05} />),
      <path d={`M${x - 7} ${y + 34}l4-30a9 9 0 1 1 6 0l4 30z`} fill={c.spark} />,
    ];
  },
  hearts: (r, c) => [
    <circle cx={between(r, 60, 88)} cy={between(r, 75, 105)} r={between(r, 42, 56)} fill={c.bright} opacity="0.85" />,
    <circle cx={between(r, 112, 140)} cy={between(r, 75, 105)} r={between(r, 42, 56)} fill={c.spark} opacity="0.6" />,
  ],
  burst: (r, c) => [
    ...list(26, () => {
      const x = between(r, 0, 200), y = between(r, 0, 200);
      return <rect x={x} y={y} width={between(r, 6, 16)} height={between(r, 3, 7)} fill={r() < 0.5 ? c.spark : c.bright} transform={`rotate(${between(r, 0, 180)} ${x} ${y})`} />;
    }),
    <circle cx={between(r, 70, 130)} cy={between(r, 70, 110)} r={between(r, 30, 42)} fill={c.spark} />,
  ],
  hills: (r, c) => [
    <circle cx={between(r, 40, 160)} cy={between(r, 50, 80)} r={between(r, 16, 28)} fill={c.spark} />,
    ...list(4, i => {
      const y = 96 + i * 28;
      return <path d={`M0 ${y + between(r, -12, 12)}Q50 ${y - between(r, 10, 44)} 100 ${y}T200 ${y + between(r, -16, 16)}V200H0z`} fill={i % 2 ? c.deep : c.bright} opacity={0.62 + i * 0.12} />;
    }),
  ],
  contours: (r, c) => {
    const x = between(r, 50, 150), y = between(r, 50, 130);
    return list(9, i => <path d={list(25, k => {
      const a = (k / 24) * 2 * Math.PI;
      const d = 14 + i * 15 + Math.sin(a * 3 + i / 2) * (4 + i);
      return `${k ? 'L' : 'M'}${(x + Math.cos(a) * d).toFixed(1)} ${(y + Math.sin(a) * d).toFixed(1)}`;
    }).join('') + 'z'} fill="none" stroke={i === 0 ? c.spark : c.bright} stroke-width={i === 0 ? 4 : 2} />);
  },
  columns: (r, c) => [
    ...list(6, i => <rect x={i * 34 + 4} y={between(r, 40, 110)} width="22" height="170" fill={i % 2 ? c.bright : c.deep} />),
    <rect x="0" y={between(r, 150, 170)} width="200" height="6" fill={c.spark} />,
  ],
  bubbles: (r, c) => list(16, () => <circle cx={between(r, 0, 200)} cy={between(r, 0, 200)} r={between(r, 8, 34)} fill={[c.bright, c.spark, c.deep][Math.floor(r() * 3)]} opacity={between(r, 0.5, 0.95)} />),
  rays: (r, c) => {
    const x = between(r, 60, 140), y = between(r, 110, 170), turn = between(r, 0, 30);
    return [
      ...list(12, i => {
        const a = ((i * 30 + turn) * Math.PI) / 180, b = a + 0.26;
        return <path d={`M${x} ${y}L${x + 300 * Math.cos(a)} ${y + 300 * Math.sin(a)}L${x + 300 * Math.cos(b)} ${y + 300 * Math.sin(b)}z`} fill={i % 2 ? c.bright : c.deep} opacity="0.9" />;
      }),
      <circle cx={x} cy={y} r={between(r, 20, 32)} fill={c.spark} />,
    ];
  },
  peaks: (r, c) => [
    <circle cx={between(r, 30, 170)} cy={between(r, 30, 60)} r={between(r, 10, 18)} fill={c.spark} />,
    ...list(4, i => {
      const x = i * 52 + between(r, -20, 20), h = between(r, 70, 130), w = between(r, 44, 64);
      return [
        <path d={`M${x - w} 200L${x} ${200 - h}L${x + w} 200z`} fill={i % 2 ? c.deep : c.bright} opacity="0.92" />,
        <path d={`M${x - w * 0.22} ${200 - h * 0.78}L${x} ${200 - h}L${x + w * 0.22} ${200 - h * 0.78}z`} fill={c.spark} opacity="0.75" />,
      ];
    }),
  ],
  desert: (r, c) => [
    <circle cx={between(r, 60, 140)} cy={between(r, 80, 110)} r={between(r, 34, 50)} fill={c.spark} />,
    <path d={`M0 140h${between(r, 20, 50)}v-34h${between(r, 28, 44)}v34h40v-${between(r, 18, 44)}h30v44h80v60H0z`} fill={c.deep} />,
    <rect x="0" y="150" width="200" height="50" fill={c.bright} opacity="0.7" />,
  ],
  waves: (r, c) => list(7, i => {
    const y = 40 + i * 24, a = between(r, 10, 26);
    return <path d={`M-10 ${y}q30 ${-a} 55 0t55 0 55 0 55 0`} fill="none" stroke={i % 2 ? c.spark : c.bright} stroke-width={between(r, 3, 8)} />;
  }),
};
const NAMES = Object.keys(motifs);

// The catalogue's picture lies over the drawing, which stays where it cannot be had. Decoration: what it shows is said in text beside it.
export function Art({id, genres, wide, picture}) {
  const image = useImage(id, picture);
  const [failed, fail] = useState(null);
  return (
    <>
      <Drawing id={id} genres={genres} wide={wide} />
      {image && failed !== image ? <img class="art" src={image} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" onError={() => fail(image)} /> : null}
    </>
  );
}

function Drawing({id, genres = [], wide}) {
  const seed = hash(id);
  const r = numbers(seed);
  const looks = genres.map(lookOf).filter(Boolean);
  const [hue, motif] = looks[0] || [seed % 360, NAMES[seed % NAMES.length]];
  const h = hue + between(r, -16, 16);
  const other = looks[1] ? looks[1][0] : h + between(r, 30, 70);
  const dark = between(r, 12, 20);
  const c = {ground: tone(h, 42, dark), deep: tone(h - 8, 46, dark * 0.55), bright: tone(h, between(r, 45, 66), between(r, 34, 46)), spark: tone(other, between(r, 62, 84), between(r, 58, 72))};
  const box = wide ? '0 34 200 112.5' : '33 0 134 200';
  return (
    <svg class="art" viewBox={box} preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
      <rect x="0" y="0" width="200" height="200" fill={c.ground} />
      {motifs[motif](r, c)}
    </svg>
  );
}

export function Poster({title, name, year, wide, picture, children}) {
  const facts = useFacts(title);
  return (
    <span class={wide ? 'poster wide' : 'poster'}>
      <Art id={title} genres={facts?.genres} wide={wide} picture={picture} />
      <span class="poster-text">
        <b dir="auto">{name}</b>
        {year ? <i>{year}</i> : null}
      </span>
      {children}
    </span>
  );
}

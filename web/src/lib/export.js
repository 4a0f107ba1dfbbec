// What is seen, as a file: CSV, JSON, SVG, PNG. Nothing leaves the browser but into its downloads.
function download(name, blob) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

// A spreadsheet takes a cell that begins with one of these for a formula.
const cell = v => {
  let s = v === null || v === undefined ? '' : String(v);
  if (typeof v === 'string' && /^[=+\-@\t\r]/.test(s)) s = `'${s}`;
  return /[",\n\r]/.test(s) ? `"${s.replace(/"/g, '""')}"` : s;
};

export function csv(rows) {
  const names = [...new Set(rows.flatMap(r => Object.keys(r)))];
  return [names, ...rows.map(r => names.map(n => r[n]))].map(r => r.map(cell).join(',')).join('\r\n') + '\r\n';
}

export const saveText = (name, text, type = 'text/plain') => download(name, new Blob([text], {type: `${type};charset=utf-8`}));
export const saveCsv = (name, rows) => saveText(`${name}.csv`, csv(rows), 'text/csv');
export const saveJson = (name, value) => saveText(`${name}.json`, JSON.stringify(value, null, 1), 'application/json');

const LOOKS = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor'];

// A copy that looks the same without the page's style sheet.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll('*')];
  const to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((e, i) => {
    const style = getComputedStyle(e);
    for (const name of LOOKS) to[i].setAttribute(name, style.getPropertyValue(name));
    to[i].removeAttribute('class');
  });
  const box = svg.viewBox.baseVal;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', box.width);
  copy.setAttribute('height', box.height);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('x', box.x);
  ground.setAttribute('y', box.y);
  ground.setAttribute('width', box.width);
  ground.setAttribute('height', box.height);
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(ground);
  return {text: new XMLSerializer().serializeToString(copy), width: box.width, height: box.height};
}

export const saveSvg = (name, svg) => saveText(`${name}.svg`, standalone(svg).text, 'image/svg+xml');

// A chart that is drawn on a canvas, on the page's ground.
export function saveCanvas(name, canvas) {
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  const c = copy.getContext('2d');
  c.fillStyle = getComputedStyle(document.body).backgroundColor;
  c.fillRect(0, 0, copy.width, copy.height);
  c.drawImage(canvas, 0, 0);
  copy.toBlob(blob => download(`${name}.png`, blob), 'image/png');
}

export async function savePng(name, svg) {
  const {text, width, height} = standalone(svg);
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], {type: 'image/svg+xml'}));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  canvas.toBlob(blob => download(`${name}.png`, blob), 'image/png');
}

// usage: node build.mjs SRC NODE_MODULES OUT    bundles SRC/main.jsx, compresses, and lists all in OUT/manifest.json
import {createHash} from 'node:crypto';
import {createRequire} from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import zlib from 'node:zlib';

const [src, modules, out] = process.argv.slice(2).map(p => path.resolve(p));
const require = createRequire(pathToFileURL(path.join(modules, 'x.js')));
const esbuild = require('esbuild');

const result = await esbuild.build({
  entryPoints: {app: path.join(src, 'main.jsx')},
  bundle: true, splitting: true, format: 'esm', minify: true, write: false, outdir: out,
  target: ['es2020'], jsx: 'automatic', jsxImportSource: 'preact', nodePaths: [modules], charset: 'utf8',
  entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]', legalComments: 'none', logLevel: 'warning',
});

const types = {'.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml'};
const files = result.outputFiles.map(f => ({name: path.basename(f.path), bytes: Buffer.from(f.contents)}));

const icon = fs.readFileSync(path.join(src, 'icon.svg'));
files.push({name: `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`, bytes: icon});

const find = (start, end) => files.find(f => f.name.startsWith(start) && f.name.endsWith(end)).name;
const page = fs.readFileSync(path.join(src, 'index.html'), 'utf8')
  .replace('{{script}}', find('app-', '.js')).replace('{{style}}', find('app-', '.css')).replace('{{icon}}', find('icon-', '.svg'));
files.push({name: 'index.html', bytes: Buffer.from(page), type: 'text/html; charset=utf-8'});

fs.mkdirSync(out, {recursive: true});
const manifest = files.map(f => {
  const brotli = zlib.brotliCompressSync(f.bytes, {params: {[zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: f.bytes.length}});
  const gzip = zlib.gzipSync(f.bytes, {level: 9});
  fs.writeFileSync(path.join(out, f.name), f.bytes);
  fs.writeFileSync(path.join(out, f.name + '.br'), brotli);
  fs.writeFileSync(path.join(out, f.name + '.gz'), gzip);
  return {name: f.name, type: f.type || types[path.extname(f.name)], bytes: f.bytes.length, gzip: gzip.length, brotli: brotli.length};
});
fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify(manifest, null, 1));

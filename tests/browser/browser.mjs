// What the tests of the dashboard share: a browser that must not complain, clicks that are counted, the command line's answers.
import {execFile, spawn} from 'node:child_process';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {promisify} from 'node:util';
import {chromium} from 'playwright-core';

export const settings = JSON.parse(process.argv[2]);
const run = promisify(execFile);
const require = createRequire(import.meta.url);
const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const browser = await chromium.launch({executablePath: settings.chromium, args: ['--no-sandbox', '--disable-dev-shm-usage']});

// The one JSON object that a command prints.
export async function cli(...args) {
  const [command, ...rest] = args;
  const words = ['audience', 'strategy', 'keys', 'evaluate'].includes(command) ? [command, rest.shift()] : [command];
  const {stdout} = await run(settings.marquee, [...words, '--data', cli.data || settings.data, '--json', ...rest.map(String)], {maxBuffer: 64 << 20});
  return JSON.parse(stdout);
}

export function is(have, want, what) {
  if (JSON.stringify(have) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(have)} is not ${JSON.stringify(want)}`);
}

export function holds(truth, what) {
  if (!truth) throw new Error(what);
}

export async function until(ask, what, ms = 180000) {
  const end = Date.now() + ms;
  let last;
  do {
    try {
      last = await ask();
      if (last) return last;
    } catch (e) {
      last = e.message;
    }
    await new Promise(r => setTimeout(r, 60));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${ms} ms: ${last}`);
}

// A page of its own. `forgiven`: patterns of console messages that this test causes on purpose; `elsewhere`: where it may ask too.
export async function open(hash, {url = settings.url, dark, narrow, forgiven = [], elsewhere = [], before} = {}) {
  const context = await browser.newContext({
    viewport: narrow ? {width: 390, height: 844} : {width: 1360, height: 850}, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', acceptDownloads: true,
  });
  const page = await context.newPage();
  page.complaints = [];
  page.clicks = 0;
  const complain = text => forgiven.some(f => f.test(text)) || page.complaints.push(text);
  page.on('console', m => ['error', 'warning'].includes(m.type()) && complain(m.text()));
  page.on('pageerror', e => complain(e.stack || e.message));
  page.on('dialog', d => {
    complain(`a dialog: ${d.message()}`);
    d.dismiss();
  });
  page.on('request', r => r.url().startsWith(url) || r.url().startsWith('blob:') || r.url().startsWith('data:') || elsewhere.some(e => r.url().startsWith(e)) || complain(`a request elsewhere: ${r.url()}`));
  page.setDefaultTimeout(180000);
  if (before) await before(page);
  await page.goto(url + '/' + hash);
  page.click_ = async locator => {
    page.clicks++;
    await locator.click();
  };
  page.done = async () => {
    is(page.complaints, [], 'complaints');
    await context.close();
  };
  return page;
}

// At rest: nothing is busy, and is not in the frames that follow either (what a page asks for once it stands begins only then).
export const settled = page => until(() => page.evaluate(async () => {
  for (let look = 0; look < 3; look++) {
    if (document.querySelector('.busy, [aria-busy="true"]')) return false;
    await new Promise(r => requestAnimationFrame(() => setTimeout(r, 20)));
  }
  return true;
}), 'the page comes to rest');

// All rules there are. Posters are decoration, hidden from screen readers, and of many parts.
export async function axe(page, what) {
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(axeSource);
  const {violations} = await page.evaluate(() => window.axe.run({exclude: ['.art']}, {resultTypes: ['violations'], elementRef: false}));
  const serious = violations.filter(v => ['serious', 'critical'].includes(v.impact));
  is(serious.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message || '')).join(' | ')}`), [], `axe on ${what}`);
}

// Nothing is wider than the window.
export async function fits(page, what) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  holds(wide <= window, `${what}: ${wide} pixels wide in a window of ${window}`);
}

export async function serve(data, port = 0, ...options) {
  const child = spawn(settings.marquee, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, ...options], {stdio: ['ignore', 'ignore', 'pipe']});
  let text = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', part => {
      text += part;
      if (/^marquee: ready$/m.test(text)) resolve();
    });
    child.on('exit', code => reject(new Error(`serve ended with ${code}: ${text}`)));
  });
  return {
    url: `http://127.0.0.1:${text.match(/listening on .*:(\d+)/)[1]}`,
    stop: () => new Promise(resolve => {
      child.on('exit', resolve);
      child.kill('SIGTERM');
    }),
  };
}

export const file = (name, text) => {
  const p = path.join(settings.place, name);
  fs.writeFileSync(p, text);
  return p;
};

const tests = [];
export const test = (name, body) => tests.push([name, body]);

export async function runAll() {
  let failed = 0;
  for (const [name, body] of tests) {
    if (settings.wanted.length && !settings.wanted.some(w => name.includes(w))) continue;
    const start = Date.now();
    try {
      await body();
      console.log(`ok ${name} (${Date.now() - start} ms)`);
    } catch (e) {
      failed++;
      console.log(`FAILED ${name}: ${e.stack}`);
    }
  }
  await browser.close();
  process.exit(failed ? 1 : 0);
}

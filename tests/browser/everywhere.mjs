// On every page: nothing on the console, no serious finding of axe in light and dark, nothing too wide, and a size that stays small.
import {axe, fits, holds, is, open, settings, settled, test} from './browser.mjs';

const OVERLAP = `#/audiences/overlap?a=${encodeURIComponent('liked:director=David Fincher')}&b=${encodeURIComponent('liked:actor=Kevin Spacey')}&go=1`;
const THREE = `#/audiences/overlap?${['Drama', 'Comedy', 'Crime'].map((g, i) => `${'abc'[i]}=${encodeURIComponent(`liked:genre=${g}`)}`).join('&')}&go=1`;
const PAGES = ['#/viewer/v-781?device=tv', '#/viewer/v-763?device=phone&hour=8&compare=1&device2=tablet', '#/viewer/v-781/history', '#/viewer/v-781/privacy', '#/strategy', '#/strategy/opportunities', '#/strategy/record', '#/strategy/slate', '#/strategy/campaigns', OVERLAP, THREE, '#/audiences', `#/audiences/explore?a=${encodeURIComponent('liked:director=David Fincher')}`, '#/audiences/communities', '#/audiences/people/Kevin%20Spacey', '#/titles', '#/titles/t-2', '#/operations', '#/operations/refused', '#/operations/sources', '#/operations/models', '#/operations/keys', '#/operations/audit', '#/models'];

for (const [dark, narrow] of [[false, false], [true, false], [false, true], [true, true]]) {
  test(`every page, ${dark ? 'dark' : 'light'} and ${narrow ? 'narrow' : 'wide'}`, async () => {
    const page = await open('#/titles', {dark, narrow});
    for (const hash of PAGES) {
      await page.goto(`${settings.url}/${hash}`);
      await settled(page);
      await fits(page, hash);
      await axe(page, hash);
      holds((await page.title()).endsWith('Marquee'), 'a title');
      holds(!/undefined|NaN|Infinity/.test(await page.locator('main').innerText()), `${hash} has no undefined, NaN or Infinity`);
    }
    await page.done();
  });
}

// What Tab does not reach. Each stop shows that it has the focus and says what it is.
async function unreached(page, hash) {
  await page.evaluate(() => {
    document.activeElement.blur();
    window.stops = new Set();
  });
  // Tab goes on from where the focus was, and begins again at the top; where what had the focus is drawn anew, nothing has it for a moment.
  let around = 0;
  for (let i = 0; i < 1000; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return 'around';
      if (window.stops.has(e)) return null;
      window.stops.add(e);
      const shown = e.matches('input[type="radio"], input[type="checkbox"]') ? e.nextElementSibling : e;
      const look = getComputedStyle(shown);
      const name = e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.title;
      return {name: (name || '').trim(), ring: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0, what: e.outerHTML.slice(0, 120)};
    });
    if (!stop || (stop === 'around' && around++ > 3)) break;
    if (stop === 'around') continue;
    holds(stop.name, `${hash}: a stop without a name: ${stop.what}`);
    holds(stop.ring, `${hash}: a stop without a ring: ${stop.what}`);
  }
  return page.evaluate(() => {
    const wanted = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility());
    const sameGroup = e => e.type === 'radio' && [...window.stops].some(s => s.type === 'radio' && s.name === e.name);
    return wanted.filter(e => !window.stops.has(e) && !sameGroup(e)).map(e => e.outerHTML.slice(0, 120));
  });
}

test('every page by keyboard alone', async () => {
  const page = await open('#/titles');
  for (const hash of PAGES.filter(h => !h.includes('compare'))) { // twice the posters of the first
    await page.goto(`${settings.url}/${hash}`);
    await settled(page);
    is(await unreached(page, hash), [], `${hash}: what Tab does not reach`);
  }
  await page.goto(`${settings.url}/#/operations`);
  await settled(page);
  await page.getByRole('tab', {name: 'Now'}).focus();
  for (const name of ['Refused events', 'Sources', 'Model versions', 'Keys', 'Privacy audit']) {
    await page.keyboard.press('ArrowRight');
    holds(await page.getByRole('tab', {name}).evaluate(e => e === document.activeElement && e.getAttribute('aria-selected') === 'true'), `the tab ${name}`);
  }
  await page.done();
});

test('a dialog and the player stand before axe', async () => {
  const page = await open('#/viewer/v-781');
  await settled(page);
  await page.locator('.title').first().click();
  await page.getByRole('dialog').getByText(/Place \d+/).first().waitFor();
  await axe(page, 'the dialog of a title');
  await page.getByRole('dialog').getByRole('button', {name: /^(Play|Go on watching)$/}).click();
  await page.getByRole('region', {name: 'Player'}).getByText('progress', {exact: true}).first().waitFor();
  await page.getByRole('region', {name: 'Player'}).getByRole('button', {name: 'Stop'}).click();
  await axe(page, 'the player');
  await page.done();
});

test('everything together is small, and the first paint is soon', async () => {
  const seen = new Set();
  let bytes = 0;
  const get = async name => {
    if (seen.has(name)) return;
    seen.add(name);
    const answer = await fetch(settings.url + name, {headers: {'Accept-Encoding': 'br'}});
    is([answer.status, answer.headers.get('content-encoding')], [200, 'br'], name);
    bytes += Number(answer.headers.get('content-length'));
    for (const m of (await answer.text()).matchAll(/["'(](?:\.?\/)?(?:assets\/)?([\w-]+-[A-Z0-9a-f]{8}\.(?:js|css|svg))/g)) await get(`/assets/${m[1]}`);
  };
  await get('/');
  holds(seen.size > 8, `scripts of pages are found: ${[...seen]}`);
  holds(bytes <= 400000, `${bytes} bytes`);
  const page = await open('#/viewer/v-781');
  await page.locator('.title').first().waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  console.log(`   ${seen.size} files, ${bytes} bytes compressed; first contentful paint after ${paint?.toFixed(0)} ms`);
  await page.done();
});

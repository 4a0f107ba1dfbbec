// On every page: nothing on the console, no serious finding of axe in light and dark, nothing too wide, and a size that stays small.
import {axe, fits, holds, is, open, settings, settled, test} from './browser.mjs';

const OVERLAP = `#/audiences/overlap?a=${encodeURIComponent('liked:director=David Fincher')}&b=${encodeURIComponent('liked:actor=Kevin Spacey')}&go=1`;
const PAGES = ['#/viewer/v-781?device=tv', '#/viewer/v-763?device=phone&hour=8&compare=1&device2=tablet', '#/viewer/v-781/history', '#/viewer/v-781/privacy', '#/strategy', '#/strategy/opportunities', '#/strategy/record', '#/strategy/slate', OVERLAP, '#/audiences/communities', '#/audiences/people/Kevin%20Spacey', '#/titles', '#/titles/t-2', '#/operations', '#/operations/refused', '#/operations/models', '#/operations/keys', '#/operations/audit', '#/models'];

for (const dark of [false, true]) {
  test(`every page, ${dark ? 'dark and narrow' : 'light and wide'}`, async () => {
    const page = await open('#/titles', {dark, narrow: dark});
    for (const hash of PAGES) {
      await page.goto(`${settings.url}/${hash}`);
      await settled(page);
      await fits(page, hash);
      await axe(page, hash, dark ? {type: 'rule', values: ['color-contrast', 'target-size']} : undefined);
      holds((await page.title()).endsWith('Marquee'), 'a title');
    }
    await page.done();
  });
}

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

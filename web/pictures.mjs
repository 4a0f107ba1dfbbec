// usage: node web/pictures.mjs URL FOLDER [PART-OF-A-NAME...]
// Every page of a running dashboard as PNG files, light and dark, wide and narrow, for somebody to look at. Says what the pages complain of.
// Chromium is driven by what tests/browser installed: run `meson test -C build dashboard` once before. MARQUEE_BUILD names another build folder, CHROMIUM another browser.
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

const [url, folder, ...wanted] = process.argv.slice(2);
if (!url || !folder) {
  console.error('usage: node web/pictures.mjs URL FOLDER [PART-OF-A-NAME...]');
  process.exit(2);
}
const tree = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const {chromium} = createRequire(path.resolve(tree, process.env.MARQUEE_BUILD || 'build', 'tests/browser/installed/x.js'))('playwright-core');

const ask = async where => (await fetch(url + where)).json();
const busiest = async ids => {
  let best = ids[0], most = -1;
  for (const id of ids.slice(0, 20)) {
    const n = (await ask(`/v1/viewers/${encodeURIComponent(id)}`)).events ?? 0;
    if (n > most) [best, most] = [id, n];
  }
  return encodeURIComponent(best ?? 'guest');
};
const {viewers = []} = await ask('/v1/viewers?limit=1000');
const viewer = process.env.VIEWER || await busiest(viewers);
const {titles = []} = await ask(`/v1/titles?limit=1&q=${encodeURIComponent(process.env.TITLE || '')}`);
const title = encodeURIComponent(titles[0]?.title ?? 'none');
const {experiments = []} = await ask('/v1/experiments');
const [a, b] = ['liked:director=David Fincher', 'liked:actor=Kevin Spacey'].map(encodeURIComponent);
const three = ['Drama', 'Comedy', 'Crime'].map((g, i) => `${'abc'[i]}=${encodeURIComponent(`liked:genre=${g}`)}`).join('&');

const fill = async (page, role, name, words) => {
  await page.getByRole(role, {name}).fill(words);
  await page.locator('.combobox [role="option"]:visible').first().click();
};
const concept = async page => {
  await fill(page, 'combobox', 'Add a genre', 'crime');
  await fill(page, 'combobox', 'Add a director', 'david fincher');
  await fill(page, 'combobox', 'Add an actor', 'kevin spacey');
};

// name: [address, what is done there]
const PAGES = {
  'viewer-tv': [`#/viewer/${viewer}?device=tv`],
  'viewer-two': [`#/viewer/${viewer}?device=phone&hour=8&compare=1&device2=desktop`],
  'viewer-why': [`#/viewer/${viewer}?device=desktop`, async page => {
    await page.locator('.title').nth(3).click();
    await page.getByRole('dialog').getByText(/Place \d+/).first().waitFor();
  }],
  'viewer-player': [`#/viewer/${viewer}?device=desktop`, async page => {
    await page.locator('.title').nth(5).click();
    await page.getByRole('button', {name: /^(Play|Go on watching)$/}).first().click();
    await page.waitForTimeout(3000);
    await page.getByRole('button', {name: 'Stop', exact: true}).click();
  }],
  'viewer-history': [`#/viewer/${viewer}/history`],
  'viewer-privacy': [`#/viewer/${viewer}/privacy`],
  'viewer-new': ['#/viewer/never-seen-before'],
  'strategy-empty': ['#/strategy'],
  'strategy-concept': ['#/strategy', async page => {
    await concept(page);
    await page.getByText('More: length').click();
    await page.getByLabel('Cost', {exact: true}).fill('20000000');
    await page.getByLabel('Worth of an hour watched').fill('0.5');
    await page.getByRole('button', {name: 'Forecast', exact: true}).click();
  }],
  'strategy-opportunities': ['#/strategy/opportunities', async page => {
    const find = page.getByRole('button', {name: /^(Look|Find)/}).first();
    if (await find.count()) await find.click();
  }],
  'strategy-slate-empty': ['#/strategy/slate'],
  'strategy-slate': ['#/strategy', async page => {
    await page.getByLabel('Working title').fill('First');
    await concept(page);
    await page.getByRole('button', {name: 'Put on the slate'}).click();
    await page.getByRole('button', {name: 'Clear'}).click();
    await page.getByLabel('Working title').fill('A second one, whose working title is rather long for a list');
    await fill(page, 'combobox', 'Add a genre', 'comedy');
    await page.getByRole('button', {name: 'Put on the slate'}).click();
    await page.getByRole('button', {name: 'Clear'}).click();
    await page.getByLabel('Working title').fill('Third');
    await fill(page, 'combobox', 'Add a genre', 'drama');
    await page.getByRole('button', {name: 'Put on the slate'}).click();
    await page.getByRole('tab', {name: 'Slate'}).click();
    for (const [i, cost] of [[0, 40], [1, 25], [2, 12]]) await page.getByRole('spinbutton', {name: /^Cost of/}).nth(i).fill(String(cost));
    await page.getByLabel('Budget').fill('55');
    await page.getByRole('button', {name: 'Choose', exact: true}).click();
  }],
  'strategy-campaigns': ['#/strategy/campaigns'],
  'strategy-campaign-plan': ['#/strategy/campaigns', async page => {
    await fill(page, 'combobox', 'Title', process.env.TITLE || 'zodiac');
    await page.getByRole('button', {name: 'Plan it'}).click();
  }],
  'strategy-record': ['#/strategy/record'],
  'audiences-empty': ['#/audiences'],
  'audiences-overlap': [`#/audiences/overlap?a=${a}&b=${b}&go=1`],
  'audiences-three': [`#/audiences/overlap?${three}&go=1`],
  'audiences-withheld': [`#/audiences/overlap?a=${a}&b=${b}&c=${encodeURIComponent('liked:actor=Brad Pitt')}&go=1`],
  'audiences-explore': [`#/audiences/explore?a=${a}`],
  'audiences-communities': ['#/audiences/communities', async page => {
    const first = page.getByRole('region', {name: 'Communities'}).locator('button.link').first();
    if (await first.count()) await first.click();
  }],
  'audiences-people': ['#/audiences/people/Kevin%20Spacey'],
  'audiences-pairs': ['#/audiences/pairs'],
  titles: ['#/titles'],
  title: [`#/titles/${title}`],
  'operations-now': ['#/operations', page => page.waitForTimeout(6000)],
  'operations-refused': ['#/operations/refused'],
  'operations-sources': ['#/operations/sources'],
  'operations-models': ['#/operations/models'],
  ...Object.fromEntries(experiments.map(x => [`models-experiment-${x.name}`, ['#/models', page => page.getByRole('button', {name: x.name, exact: true}).click()]])),
  'operations-keys': ['#/operations/keys'],
  'operations-audit': ['#/operations/audit'],
  models: ['#/models', async page => {
    await page.getByRole('button', {name: 'Check now'}).click();
  }],
};

async function rest(page) {
  const end = Date.now() + 120000;
  await page.waitForTimeout(300);
  while (Date.now() < end && await page.locator('.busy, main [aria-busy="true"]').count()) await page.waitForTimeout(200);
  await page.waitForTimeout(400);
}

const browser = await chromium.launch({executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage']});
fs.mkdirSync(folder, {recursive: true});
for (const [name, [hash, act]] of Object.entries(PAGES)) {
  for (const [look, options] of Object.entries({
    'light-wide': {viewport: {width: 1360, height: 850}, colorScheme: 'light'}, 'dark-wide': {viewport: {width: 1360, height: 850}, colorScheme: 'dark'},
    'light-narrow': {viewport: {width: 390, height: 844}, colorScheme: 'light'}, 'dark-narrow': {viewport: {width: 390, height: 844}, colorScheme: 'dark'},
  })) {
    const file = `${name}.${look}`;
    if (wanted.length && !wanted.some(w => file.includes(w))) continue;
    const context = await browser.newContext({...options, reducedMotion: 'reduce'});
    const page = await context.newPage();
    page.on('console', m => ['error', 'warning'].includes(m.type()) && console.log(`${file}: ${m.text()}`));
    page.on('pageerror', e => console.log(`${file}: ${e.message}`));
    try {
      await page.goto(`${url}/${hash}`);
      await rest(page);
      if (act) await act(page);
      await rest(page);
      await page.evaluate(() => document.querySelectorAll('.row').forEach(e => (e.style.contentVisibility = 'visible'))); // out of sight they are not drawn
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${file}: ${wide} pixels too wide`);
    } catch (e) {
      console.log(`${file}: ${e.message.split('\n')[0]}`);
    }
    await page.screenshot({path: path.join(folder, `${file}.png`), fullPage: true});
    await context.close();
  }
}
await browser.close();

// The page follows what is watched and when it is asked for; all of it without a mouse.
import {cli, holds, is, open, settings, settled, test, until} from './browser.mjs';

test('the page changes after watching', async () => {
  const viewer = 'v-882';
  const page = await open(`#/viewer/${viewer}?device=tv`);
  await settled(page);
  const first = page.locator('.row').filter({hasNotText: 'Continue watching'}).locator('.title').first();
  const id = await first.getAttribute('data-title');
  await first.click();
  await page.getByRole('dialog').getByRole('button', {name: /^(Play|Go on watching)$/}).click();
  const player = page.getByRole('region', {name: 'Player'});
  await player.getByRole('button', {name: 'Skip ten minutes'}).click();
  await player.getByRole('button', {name: 'Rewind five minutes'}).click();
  await player.getByRole('button', {name: 'Pause'}).click();
  await player.getByRole('button', {name: 'Play', exact: true}).click();
  await player.getByText('progress', {exact: true}).first().waitFor();
  await player.getByRole('button', {name: 'Stop'}).click();
  await until(async () => (await player.locator('.log li:not(.acknowledged)').count()) === 0, 'all events are acknowledged');
  const log = await player.locator('.log code').allInnerTexts();
  for (const kind of ['start', 'play', 'seek', 'pause', 'progress', 'stop']) holds(log.includes(kind), `${kind} was sent: ${log}`);
  await until(() => page.locator('.row', {hasText: 'Continue watching'}).locator(`[data-title="${id}"]`).count(), 'the title stands in Continue watching');
  await until(async () => (await page.locator('.moment p.change').innerText()).startsWith('Changed:'), 'the change is said');
  const answer = await (await fetch(`${settings.url}/v1/viewers/${viewer}/viewings`)).text();
  const viewing = answer.trim().split('\n').map(JSON.parse).find(v => v.title === id);
  const session = viewing.sessions[viewing.sessions.length - 1];
  is([session.rewinds, session.skips, session.ended], [1, 1, 'stop'], 'what the service makes of it');
  // Once more from the beginning, after most of it was seen: where it is is told again minute by minute.
  await player.getByRole('button', {name: 'Play', exact: true}).click();
  for (let i = 0; i < 6; i++) await player.getByRole('button', {name: 'Skip ten minutes'}).click();
  const stop = player.getByRole('button', {name: 'Stop'});
  if (await stop.isEnabled()) await stop.click();
  await player.getByRole('button', {name: 'Play', exact: true}).click();
  await until(async () => {
    const now = await player.locator('.log code').allInnerTexts();
    return now.includes('progress') && now.indexOf('progress') < now.indexOf('start');
  }, 'progress of what is played again');
  await page.done();
});

test('time and device change the page, and two moments stand side by side', async () => {
  const viewer = 'v-763';
  const page = await open(`#/viewer/${viewer}?device=tv`);
  await settled(page);
  const chips = () => page.locator('.about .chip').allInnerTexts();
  holds((await chips()).includes('tv'), 'the device is taken');
  await page.getByRole('slider', {name: /Local hour/}).focus();
  await page.keyboard.press('Home');
  await page.getByText('Local hour: 00:00').waitFor();
  await until(async () => (await chips()).some(c => ['late', 'night'].includes(c)), 'the hour is taken');
  const url = await page.evaluate(() => performance.getEntriesByType('resource').map(r => r.name).filter(n => n.includes('/home?')).pop());
  const want = (await (await fetch(url)).json()).rows;
  is(await page.locator('.row h3').allTextContents(), want.map(r => r.name), 'the rows are the answer\'s');
  const mood = page.getByLabel('Mood');
  if (await mood.count()) { // a model that knows moods
    const names = await mood.locator('option').evaluateAll(o => o.map(x => x.value).filter(v => v && v !== 'off'));
    for (const name of names.slice(0, 2)) {
      await mood.selectOption(name);
      await until(async () => (await chips()).includes(`mood: ${name.replace(/_/g, ' ')}`), `the mood ${name} is taken`);
    }
    await mood.selectOption('off');
    await until(async () => !(await chips()).some(c => c.startsWith('mood:')), 'no mood');
  }
  await page.getByText('Two moments side by side').click();
  await until(async () => (await page.locator('.moment').count()) === 2 && (await page.locator('.stage').count()) === 2, 'two moments');
  await page.locator('.moment').nth(1).getByLabel('Device').selectOption('phone');
  await page.locator('.moment').nth(1).locator('.stage.phone').waitFor();
  holds(await page.locator('.moment').nth(0).locator('.stage.tv').count(), 'the first moment stays');
  await page.done();
});

test('reasons show on focus, and everything goes by keyboard', async () => {
  const page = await open('#/viewer/v-781?device=desktop');
  await settled(page);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') || document.activeElement.innerText);
  await page.keyboard.press('Tab');
  is(await focused(), 'Skip to the content', 'the first stop');
  await page.keyboard.press('Enter');
  is(await page.evaluate(() => document.activeElement.id), 'main', 'the content has the focus');
  for (let i = 0; i < 30 && !(await page.evaluate(() => document.activeElement.classList.contains('title'))); i++) await page.keyboard.press('Tab');
  const first = await focused();
  holds(first.includes('.'), `a title says its reason: ${first}`);
  is(await page.evaluate(() => getComputedStyle(document.activeElement.querySelector('.reason')).opacity), '1', 'the reason is seen');
  await page.keyboard.press('ArrowDown');
  holds((await focused()) !== first, 'the next row');
  await page.keyboard.press('ArrowRight');
  const there = await focused();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Why am I seeing this?').waitFor();
  await page.keyboard.press('Escape');
  await until(async () => (await page.getByRole('dialog').count()) === 0, 'Escape closes');
  is(await focused(), there, 'the focus is back');
  await page.getByRole('tab', {name: 'Page'}).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText('What was watched').waitFor();
  await page.getByRole('combobox', {name: 'Viewer'}).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('v-88');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await until(async () => /#\/viewer\/v-88/.test(page.url()), 'a viewer is chosen by keys');
  await page.done();
});

test('a viewer nobody knows gets a page', async () => {
  const page = await open('#/viewer/nobody-yet');
  await settled(page);
  await page.getByText('never seen before').waitFor();
  is(await page.locator('.row h3').allTextContents(), (await cli('home', '--viewer', 'nobody-yet', '--rows', 12, '--columns', 30)).rows.map(r => r.name), 'its rows');
  await page.done();
});

// What goes wrong: hostile and odd titles, an empty service, a server that goes away, a key that no longer counts, very many titles.
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {fits, holds, is, open, serve, settings, settled, test, until} from './browser.mjs';

const put = async (url, titles) => {
  const answer = await (await fetch(`${url}/v1/titles:batch`, {method: 'POST', body: JSON.stringify(titles)})).json();
  is(answer.rejected, [], 'titles');
};
const watch = (url, viewer, title, value = 5) => fetch(`${url}/v1/events`, {method: 'POST', body: JSON.stringify({viewer, title, kind: 'rating', value})});
const PAGES = ['#/viewer', '#/viewer/guest/history', '#/viewer/guest/privacy', '#/strategy', '#/strategy/opportunities', '#/strategy/slate', '#/strategy/record', '#/audiences', '#/audiences/pairs', '#/audiences/explore', '#/audiences/communities', '#/audiences/people', '#/titles', '#/operations', '#/operations/refused', '#/operations/sources', '#/operations/models', '#/operations/keys', '#/operations/audit', '#/models'];

test('an empty service', async () => {
  const page = await open('#/titles', {url: settings.empty, forgiven: [/status of (404|400|409|503)/]});
  for (const hash of PAGES) {
    await page.goto(`${settings.empty}/${hash}`);
    await settled(page);
    holds((await page.locator('main').innerText()).trim().length > 10, `${hash} says something`);
    holds((await page.getByText('undefined').count()) + (await page.getByText('NaN').count()) === 0, `${hash} has no undefined or NaN`);
  }
  await page.done();
});

test('hostile titles, right to left, very long, huge numbers', async () => {
  const script = '<script>alert(1)</script><img src=x onerror=alert(2)>';
  const titles = [
    {id: 'x"><script>alert(3)</script>', name: script, year: 1999, genres: ['<b>Crime</b>'], runtime_min: 65535, budget: 1e300, credits: [{role: 'director', billing: 1, person: '"><svg onload=alert(4)>'}]},
    {id: 'rtl', name: 'ليلة في القاهرة الطويلة', year: 2020, genres: ['Drama'], credits: [{role: 'actor', billing: 1, person: 'عمر الشريف'}]},
    {id: 'long', name: 'Word '.repeat(200), genres: ['Comedy'], description: 'x'.repeat(4000)},
    {id: 'wide', name: 'W'.repeat(900), genres: ['Horror']},
  ];
  await put(settings.empty, titles);
  const viewer = '<i>v</i>&"\'';
  for (const t of titles) for (const v of [viewer, 'second', 'third']) await watch(settings.empty, v, t.id);
  await watch(settings.empty, '\u202eevil', 'rtl');
  for (const [hash, narrow] of [[`#/viewer/${encodeURIComponent('fresh <b>')}`, true], [`#/viewer/${encodeURIComponent(viewer)}/history`, true], [`#/viewer/${encodeURIComponent(viewer)}/privacy`, true], ['#/titles', true], [`#/titles/${encodeURIComponent(titles[0].id)}`, true], ['#/titles/rtl', false], ['#/titles/wide', true], [`#/audiences/people/${encodeURIComponent('"><svg onload=alert(4)>')}`, true]]) {
    const page = await open(hash, {url: settings.empty, narrow, forgiven: [/status of (404|400|409|503)/]});
    await settled(page);
    await fits(page, hash);
    is(await page.locator('main script, main img, main svg[onload], main i:not(.poster-text i):not(.bar i):not(.key i)').count(), 0, `${hash}: markup stays text`);
    await page.done();
  }
  const list = await open('#/titles', {url: settings.empty});
  await settled(list);
  for (const want of [['2020', '1999', '–', '–'], ['1999', '2020', '–', '–']]) {
    await list.getByRole('button', {name: /^Year/}).click();
    is(await list.getByRole('region', {name: 'Titles'}).locator('tbody td:nth-child(2)').allInnerTexts(), want, 'titles by year; without one they come last');
  }
  await list.done();
  const page = await open('#/viewer/fresh', {url: settings.empty});
  await settled(page);
  await page.getByText(script, {exact: true}).first().waitFor();
  const rtl = page.locator('.poster-text b', {hasText: 'القاهرة'}).first();
  is(await rtl.evaluate(e => getComputedStyle(e).direction), 'rtl', 'direction');
  await page.locator('.title', {hasText: script}).first().click();
  await page.getByRole('dialog').getByText(script).first().waitFor();
  await page.done();
});

test('pictures of allowed hosts are shown, others are not', async () => {
  const data = path.join(settings.place, 'pictured');
  const server = await serve(data, 0, '--image-hosts', 'images.example.com');
  const good = 'https://images.example.com/p/1.png';
  const films = {'t-1': good, 't-2': 'https://evil.example.com/2.png', 't-3': 'javascript:alert(1)', 't-4': 'https://images.example.com@evil.example.com/4.png', 't-5': 'https://images.example.com/gone.png'};
  // What a page chose of a title's pictures comes before its own, and is judged alike.
  const chosen = 'https://images.example.com/chosen.png';
  await put(server.url, Object.entries(films).map(([id, image]) => ({id, name: `Film ${id}`, genres: ['Drama'], image, ...(id === 't-2' ? {pictures: [chosen, chosen]} : id === 't-3' ? {pictures: ['https://evil.example.com/a.png', 'b']} : {})})));
  for (const id of Object.keys(films)) await watch(server.url, 'anna', id);
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
  const page = await open('#/viewer/never-seen', {
    url: server.url, forgiven: [/status of 404/, /Content Security Policy/], elsewhere: ['https://images.example.com/', 'https://evil.example.com/x.png'], // the latter is what the policy is tried with
    before: p => p.route('https://images.example.com/**', r => ([good, chosen].includes(r.request().url()) ? r.fulfill({contentType: 'image/png', body: pixel}) : r.fulfill({status: 404}))),
  });
  await settled(page);
  const shown = await until(async () => {
    const list = await page.locator('img.art').evaluateAll(l => l.map(i => [i.getAttribute('src'), i.naturalWidth]));
    return [good, chosen].every(url => list.some(([src, width]) => src === url && width === 1)) && list.every(([src]) => [good, chosen].includes(src)) && list;
  }, 'the allowed picture, and no other', 15000);
  holds((await page.locator('svg.art').count()) > shown.length, 'the others are drawn');
  await page.getByText('Pictures come from images.example.com', {exact: false}).waitFor();
  const blocked = await page.evaluate(() => new Promise(resolve => {
    document.addEventListener('securitypolicyviolation', e => resolve(e.effectiveDirective), {once: true});
    new Image().src = 'https://evil.example.com/x.png';
  }));
  is(blocked, 'img-src', 'the policy lets no other host in');
  await page.done();
  await server.stop();
});

test('huge numbers and a hostile title in a concept', async () => {
  const page = await open('#/strategy', {forgiven: [/status of (400|409|422)/]});
  const title = '<script>alert(1)</script> ' + 'Ω'.repeat(100);
  const sound = async where => {
    holds(!/undefined|NaN|Infinity/.test(await page.locator('main').innerText()), `${where}: numbers are numbers`);
    await fits(page, where);
  };
  await page.getByLabel('Working title').fill(title);
  await page.getByRole('combobox', {name: 'Add a genre'}).fill('crime');
  await page.getByRole('option', {name: /^Crime/}).click();
  await page.getByRole('combobox', {name: 'Add a director'}).fill('fincher');
  await page.getByRole('option', {name: /^David Fincher/}).click();
  await page.getByText('More: length').click();
  await page.getByLabel('Cost', {exact: true}).fill('1e300');
  await page.getByLabel('Worth of an hour watched').fill('1e-300');
  await page.getByRole('button', {name: 'Forecast', exact: true}).click();
  await page.locator('.tile', {hasText: 'Viewers in 28 days'}).or(page.locator('.problem')).first().waitFor({timeout: 180000});
  await sound('a huge cost');
  await page.getByLabel('Cost', {exact: true}).fill('1000');
  await page.getByLabel('Worth of an hour watched').fill('2');
  await page.getByRole('button', {name: 'Forecast', exact: true}).click();
  await page.getByRole('heading', {name: title}).waitFor({timeout: 180000});
  await sound('a long and hostile title');
  const [report] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Report'}).click()]);
  const text = fs.readFileSync(await report.path(), 'utf8');
  holds(!text.includes('<script') && text.includes('&#60;script&#62;'), 'the report keeps the title as text');
  await page.getByRole('button', {name: 'Put on the slate'}).click();
  await page.getByRole('tab', {name: 'Slate'}).click();
  await page.getByRole('spinbutton', {name: /^Cost of/}).fill('1e308');
  await page.getByLabel('Budget').fill('1e308');
  await page.getByRole('button', {name: 'Choose', exact: true}).click();
  await page.getByRole('region', {name: 'Concepts of the slate'}).or(page.locator('.problem')).first().waitFor({timeout: 180000});
  await sound('a huge budget');
  await page.done();
});

test('twenty thousand titles', async () => {
  for (let i = 0; i < 2; i++) await put(settings.empty, Array.from({length: 10000}, (_, k) => ({id: `many-${i * 10000 + k}`, name: `Title number ${i * 10000 + k}`, year: 1950 + (k % 70), genres: ['Drama']})));
  const page = await open('#/titles', {url: settings.empty});
  const table = page.getByRole('region', {name: 'Titles'});
  await table.locator('tbody tr').nth(20).waitFor();
  await until(async () => {
    await table.evaluate(e => (e.scrollTop = e.scrollHeight));
    return (await table.getByText('Title number 19999').count()) > 0;
  }, 'the end is reached by scrolling');
  const rows = await table.locator('tbody tr').count();
  holds(rows < 120, `${rows} rows are there at once`);
  const slowest = await table.evaluate(async e => {
    let worst = 0, last = performance.now();
    for (let i = 0; i < 40; i++) {
      e.scrollTop = ((i * 7919) % 97) / 97 * e.scrollHeight;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      worst = Math.max(worst, now - last);
      last = now;
    }
    return worst;
  });
  console.log(`   20,000 titles: ${rows} rows at once, the slowest of 40 jumps took ${slowest.toFixed(0)} ms`);
  await page.getByLabel('Find a title').fill('number 12345');
  await page.getByText('1 titles').waitFor();
  await page.done();
});

test('the server is restarted under an open page', async () => {
  const data = path.join(settings.place, 'restarted');
  let server = await serve(data);
  const port = new URL(server.url).port;
  await put(server.url, [{id: 't-1', name: 'The Long Shift', genres: ['Drama']}]);
  await watch(server.url, 'anna', 't-1');
  const page = await open('#/operations', {url: server.url, forgiven: [/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|status of 503|Failed to fetch/]});
  await page.getByText('Events a second').waitFor();
  await server.stop();
  await page.getByText('The server cannot be reached. Asking again').waitFor();
  server = await serve(data, port);
  await until(async () => (await page.locator('.offline').count()) === 0, 'the page finds the server again');
  await watch(server.url, 'bert', 't-1');
  await until(async () => /1 since the start/.test(await page.locator('.tile').first().innerText()), 'the stream goes on');
  await page.getByRole('link', {name: 'Titles'}).click();
  await page.getByText('The Long Shift').first().waitFor();
  await server.stop();
  await page.done();
});

test('a key that is missing, expired, without the role, then revoked', async () => {
  const data = path.join(settings.place, 'locked');
  const key = (...args) => JSON.parse(execFileSync(settings.marquee, ['keys', ...args, '--data', data, '--json']));
  const admin = key('create', '--role', 'admin', '--label', 'dashboard');
  const read = key('create', '--role', 'read', '--label', 'reader');
  const over = key('create', '--role', 'admin', '--label', 'of last year', '--days', '0.000000001');
  const server = await serve(data);
  await fetch(`${server.url}/v1/events`, {method: 'POST', headers: {Authorization: `Bearer ${admin.key}`}, body: JSON.stringify({viewer: 'anna', title: 't-1', kind: 'rating', value: 5})});
  const page = await open('#/operations/keys', {url: server.url, forgiven: [/status of (401|403|404)/, /ERR_INCOMPLETE/]});
  const enter = async k => {
    await page.getByRole('dialog', {name: 'This server wants a key'}).waitFor();
    await page.getByLabel('Key', {exact: true}).fill(k);
    await page.getByRole('button', {name: 'Use this key'}).click();
  };
  await enter(over.key);
  await page.getByText('The key in use was refused').waitFor();
  await enter(read.key);
  await page.getByText(/role: read: this takes admin/).first().waitFor();
  await page.getByRole('button', {name: 'Use another key'}).first().click();
  await enter(admin.key);
  await page.getByRole('cell', {name: 'dashboard', exact: true}).waitFor();
  await page.getByRole('row', {name: /of last year/}).getByText('expired').waitFor();
  await page.getByRole('button', {name: 'Revoke dashboard'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Revoke', exact: true}).click();
  await page.getByText('The key in use was refused').waitFor();
  await server.stop();
  await page.done();
});

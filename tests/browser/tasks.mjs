// Tasks with a stated answer, at most four clicks each, checked against the command line's.
import {cli, file, holds, is, open, settings, settled, test, until} from './browser.mjs';

const link = (page, name) => page.getByRole('navigation').getByRole('link', {name});

async function whetherReal(url) {
  const want = await cli('audience', 'overlap', 'liked:director=David Fincher', 'liked:actor=Kevin Spacey');
  holds(want.odds_ratio_low !== null && want.without_one?.odds_ratio, `the figure is given: ${want.words}`);
  const page = await open('#/viewer', {url});
  await page.click_(link(page, 'Audiences'));
  await page.getByRole('combobox', {name: 'First audience: director'}).fill('fincher');
  await page.click_(page.getByRole('option', {name: /^David Fincher/}));
  await page.getByRole('combobox', {name: 'Second audience: actor'}).fill('spacey');
  await page.click_(page.getByRole('option', {name: /^Kevin Spacey/}));
  await page.click_(page.getByRole('button', {name: 'Compare'}));
  await page.getByText(want.words, {exact: false}).waitFor({timeout: 180000});
  const text = await page.locator('main').innerText();
  const figure = v => Number(v.toPrecision(3)).toLocaleString('en-GB', {maximumFractionDigits: 6});
  holds(text.includes(want.odds_ratio_low > 1 ? 'Real:' : want.odds_ratio_high < 1 ? 'The other way round' : 'Not shown'), 'the verdict follows from the interval');
  holds(text.includes(`${figure(want.odds_ratio)} (${figure(want.odds_ratio_low)} to ${figure(want.odds_ratio_high)})`), 'the odds ratio and its interval');
  holds(text.includes(`Most on ${want.without_one.name}: without it the odds ratio is ${figure(want.without_one.odds_ratio)}`), `it rests on ${want.without_one.name}`);
  for (const s of want.shared.slice(0, 5)) holds(text.includes(s.name), `${s.name} is shared`);
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
}

test('an editor finds whether Fincher x Spacey is real, and what it rests on', () => whetherReal(settings.url));

test('an editor finds the same in real ratings', async () => {
  if (!settings.real) return console.log('   skipped: no real ratings here');
  cli.data = settings.realData;
  try {
    await whetherReal(settings.real);
  } finally {
    cli.data = null;
  }
});

test('an editor gets the interval of a concept and its three nearest comparables', async () => {
  const concept = {title: 'Untitled', kind: 'film', genres: ['Crime'], comparables: [], credits: [{role: 'director', person: 'David Fincher', billing: 1}]};
  const want = await cli('strategy', 'forecast', file('concept.json', JSON.stringify(concept)));
  const page = await open('#/viewer');
  await page.click_(link(page, 'Strategy'));
  await page.getByRole('combobox', {name: 'Add a genre'}).fill('crime');
  await page.click_(page.getByRole('option', {name: /^Crime/}));
  await page.getByRole('combobox', {name: 'Add a director'}).fill('fincher');
  await page.click_(page.getByRole('option', {name: /^David Fincher/}));
  await page.click_(page.getByRole('button', {name: 'Forecast', exact: true}));
  const tile = page.locator('.tile', {hasText: 'Viewers in 28 days'});
  await tile.waitFor({timeout: 180000});
  const whole = v => Math.round(v).toLocaleString('en-GB');
  is((await tile.locator('small').innerText()).trim(), `${whole(want.viewers_28d.p10)} to ${whole(want.viewers_28d.p90)}`, 'the interval');
  const rows = page.getByRole('region', {name: 'Comparables'}).locator('tbody tr td:first-child');
  is((await rows.allInnerTexts()).slice(0, 3), want.comparables.slice(0, 3).map(c => c.name), 'the three nearest');
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
});

test('a concept that is hardly put forward, by keyboard', async () => {
  const concept = {title: 'Untitled', kind: 'film', genres: ['Crime'], comparables: [], credits: [{role: 'director', person: 'David Fincher', billing: 1}], launch: {promotion: 0.25}};
  const want = await cli('strategy', 'forecast', file('concept.json', JSON.stringify(concept)));
  const page = await open('#/strategy');
  const genre = page.getByRole('combobox', {name: 'Add a genre'});
  await genre.fill('crim');
  await genre.press('Enter'); // the first that is proposed; the form waits
  await page.getByRole('button', {name: 'Remove Crime'}).waitFor();
  is(await page.getByText('Forecasting').count(), 0, 'nothing was asked yet');
  await page.getByRole('combobox', {name: 'Add a director'}).fill('fincher');
  await page.getByRole('option', {name: /^David Fincher/}).click();
  await page.getByText('More: length').click();
  await page.getByLabel('Place on pages').fill('0.25');
  await page.getByRole('button', {name: 'Forecast', exact: true}).click();
  const tile = page.locator('.tile', {hasText: 'Viewers in 28 days'});
  await tile.waitFor({timeout: 180000});
  const whole = v => Math.round(v).toLocaleString('en-GB');
  is((await tile.locator('small').innerText()).trim(), `${whole(want.viewers_28d.p10)} to ${whole(want.viewers_28d.p90)}`, 'the interval');
  holds(want.launch, 'the log has launches');
  await page.getByText("With 0.25 of a usual launch's place on pages", {exact: false}).waitFor();
  await page.done();
});

test('what was typed and not chosen does not stand as if it were', async () => {
  const page = await open('#/strategy/campaigns');
  const title = page.getByRole('combobox', {name: 'Title'});
  await title.fill('zodiac');
  await page.getByRole('option', {name: /^Zodiac/}).click();
  await title.fill('seven');
  await page.getByLabel('Days ahead').focus();
  is(await title.inputValue(), 'Zodiac', 'the title that would be planned');
  await page.done();
});

test('a marketing manager plans a campaign and sees whom not to target', async () => {
  const {titles} = await (await fetch(`${settings.url}/v1/titles?limit=5&q=zodiac`)).json();
  const title = titles.find(t => t.name === 'Zodiac');
  const want = await cli('campaign', 'plan', '--title', title.title);
  const page = await open('#/viewer');
  await page.click_(link(page, 'Strategy'));
  await page.click_(page.getByRole('tab', {name: 'Campaigns'}));
  await page.getByRole('combobox', {name: 'Title'}).fill('zodiac');
  await page.click_(page.getByRole('option', {name: /^Zodiac/}));
  await page.click_(page.getByRole('button', {name: 'Plan it'}));
  const cells = async (name, column) => page.getByRole('region', {name, exact: true}).locator(`tbody tr td:nth-child(${column})`).allInnerTexts();
  await page.getByRole('region', {name: 'Whom not to target', exact: true}).waitFor({timeout: 180000});
  holds(want.segments.length >= 3, `${want.segments.length} segments`);
  is(await cells('Segments', 1), want.segments.map(s => s.words), 'the segments');
  is(await cells('Segments', 2), want.segments.map(s => s.verdict), 'what to do with each');
  is(await cells('Segments', 7), want.segments.map(s => s.lead_text), 'what to lead with');
  is(await cells('Whom not to target', 1), want.not_target.map(s => s.words), 'whom not to target');
  is(await cells('Whom not to target', 3), want.not_target.map(s => s.why), 'and why');
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
  const audit = await open('#/operations/audit');
  await audit.getByRole('cell', {name: 'campaign plan', exact: true}).first().waitFor();
  await audit.done();
});

test('a campaign is launched, leads, is read and stopped', async () => {
  const page = await open('#/strategy/campaigns');
  await page.getByRole('combobox', {name: 'Title'}).fill('zodiac');
  await page.getByRole('option', {name: /^Zodiac/}).click();
  await page.getByRole('button', {name: 'Plan it'}).click();
  const launch = page.getByLabel('Name of the campaign');
  await page.getByRole('region', {name: 'Whom not to target', exact: true}).waitFor({timeout: 180000});
  is(await page.getByRole('region', {name: 'Segments', exact: true}).evaluate(e => e.scrollWidth - e.clientWidth), 0, 'the table of segments fits');
  await launch.fill('browser-1');
  await page.getByRole('button', {name: 'Launch', exact: true}).click();
  await page.getByRole('heading', {name: 'browser-1'}).waitFor();
  const want = await cli('campaign', 'read', 'browser-1');
  await page.getByText(want.words, {exact: false}).first().waitFor();
  await page.getByRole('button', {name: 'Stop it'}).click();
  await page.getByText(/^Ran from/).waitFor();
  is((await cli('campaign', 'list')).campaigns.find(c => c.name === 'browser-1').state, 'stopped', 'the list');
  await page.done();
});

test('a viewer makes a title leave the page and switches profiling off', async () => {
  const viewer = 'v-781';
  const before = await cli('home', '--viewer', viewer);
  const page = await open(`#/viewer/${viewer}`);
  await settled(page);
  const first = page.locator('.row', {hasText: 'Top picks'}).locator('.title').first();
  const id = await first.getAttribute('data-title');
  holds(before.rows.some(r => r.items.some(i => i.title === id)), 'the page shows what the command shows');
  await page.click_(first);
  await page.click_(page.getByRole('dialog').getByRole('button', {name: 'Hide'}));
  await until(async () => !(await page.locator(`[data-title="${id}"]`).count()), 'the title leaves the page');
  holds(!(await cli('home', '--viewer', viewer)).rows.some(r => r.items.some(i => i.title === id)), 'and the command knows it');
  await page.click_(page.getByRole('tab', {name: 'Privacy'}));
  await page.click_(page.getByText('Profiling', {exact: true}));
  await until(async () => (await cli('settings', '--viewer', viewer)).profiling !== 'on' && (await cli('settings', '--viewer', viewer)).profiling !== true, 'profiling is off');
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
});

test('an operator finds why events were refused and rolls a model back', async () => {
  await fetch(`${settings.url}/v1/events`, {method: 'POST', body: JSON.stringify([{kind: 'start', title: 't-1'}, {viewer: 'v-1', kind: 'rating', title: 't-1', value: 99}])});
  const {models} = await cli('models');
  const live = models.find(m => m.live).version;
  const page = await open('#/operations');
  await page.click_(page.getByRole('tab', {name: 'Refused events'}));
  const why = page.getByRole('region', {name: 'Reasons'});
  await why.getByText('viewer: missing: give one').waitFor();
  await why.getByText(/value: 99: a rating must lie/).waitFor();
  await page.click_(page.getByRole('tab', {name: 'Model versions'}));
  await page.getByText(`Version ${live} serves`).waitFor();
  await page.click_(page.getByRole('button', {name: 'Roll back'}));
  await page.click_(page.getByRole('button', {name: 'Do it'}));
  await page.getByText(`Version ${live - 1} serves`, {exact: true}).waitFor();
  is((await cli('models')).models.find(m => m.live).version, live - 1, 'the live version');
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
});

test('a privacy officer erases a viewer and reads the receipt', async () => {
  const viewer = 'v-1100';
  const {viewers} = await cli('stats');
  const page = await open(`#/viewer/${viewer}`);
  await page.click_(page.getByRole('tab', {name: 'Privacy'}));
  await page.click_(page.getByRole('button', {name: `Erase ${viewer}`}));
  await page.getByLabel(`Type ${viewer} to go on`).fill(viewer);
  await page.click_(page.getByRole('button', {name: 'Erase', exact: true}));
  await page.getByRole('dialog', {name: `${viewer} is forgotten`}).waitFor({timeout: 180000});
  await page.getByText('A scan found nothing left.').waitFor();
  const receipt = await page.locator('dl.facts[aria-label="Receipt"]').innerText();
  holds(/events/i.test(receipt) && /\d/.test(receipt), `the receipt has figures: ${receipt}`);
  is((await cli('stats')).viewers, viewers - 1, 'viewers');
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
});

test('a budget chooses from a slate', async () => {
  const page = await open('#/strategy');
  for (const [title, person, role] of [['First', 'David Fincher', 'director'], ['Second', 'Kevin Spacey', 'actor']]) {
    await page.getByRole('button', {name: 'Clear'}).click();
    await page.getByLabel('Working title').fill(title);
    await page.getByRole('combobox', {name: `Add ${role === 'actor' ? 'an' : 'a'} ${role}`}).fill(person);
    await page.getByRole('option', {name: new RegExp(`^${person}`)}).click();
    await page.getByRole('button', {name: 'Put on the slate'}).click();
  }
  await page.getByRole('tab', {name: 'Slate'}).click();
  await page.getByLabel('Cost of First').fill('10');
  await page.getByLabel('Cost of Second').fill('10');
  await page.getByLabel('Budget').fill('15');
  await page.getByRole('button', {name: 'Choose', exact: true}).click();
  const table = page.getByRole('region', {name: 'Concepts of the slate'});
  await table.waitFor({timeout: 180000});
  const concept = (title, role, person) => ({title, kind: 'film', genres: [], tags: [], comparables: [], credits: [{role, person, billing: 1}], cost: 10});
  const want = await cli('strategy', 'slate', file('slate.json', JSON.stringify({budget: 15, concepts: [concept('First', 'director', 'David Fincher'), concept('Second', 'actor', 'Kevin Spacey')]})));
  is(await table.locator('tbody tr', {has: page.getByText('chosen', {exact: true})}).locator('td').first().innerText(), want.concepts.find(c => c.chosen).title, 'the chosen one');
  await page.done();
});

test('an operator reads what the model rests on', async () => {
  const get = async (where, body) => (await fetch(settings.url + where, body ? {method: 'POST', body: JSON.stringify(body)} : {})).json();
  const signals = await get('/v1/signals');
  const {features, trees} = await get('/v1/models/features');
  const page = await open('#/operations');
  await page.click_(link(page, 'Models'));
  holds(signals.signals.filter(s => s.weight !== null).length > 3, 'signals are measured');
  await page.getByRole('img', {name: /Finished it: \+/}).waitFor();
  await page.getByText(`${Math.round(signals.pairs_right.fitted * 100)} % of the time by these weights`, {exact: false}).waitFor();
  if (trees) {
    const first = features.sort((a, b) => b.share - a.share)[0];
    const row = page.getByRole('region', {name: 'Features'}).locator('tbody tr').first();
    is((await row.locator('td').first().innerText()).replace('score: ', ''), first.name, 'the feature that moves most');
  } else {
    await page.getByText('No second stage serves').waitFor();
  }
  await page.click_(page.getByRole('button', {name: 'Check now'}));
  await page.getByRole('img', {name: /^Mean rating by prediction/}).waitFor({timeout: 180000});
  const check = await get('/v1/models:check-ratings', {seed: 1});
  const tile = page.locator('.tile', {hasText: 'Inside the interval'});
  is(await tile.locator('b').innerText(), `${Math.round(check.inside * 100)} %`, 'the share inside');
  holds(page.clicks <= 4, `${page.clicks} clicks`);
  await page.done();
});

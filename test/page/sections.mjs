// Each section, and what it says when it has nothing to show.
import { bare, big, failedNight, noProject, noRuns, reader, wellKept } from './fixtures.mjs';
import { assert, said, show, test } from './harness.mjs';

const places = ['#/state', '#/lineage', '#/lineage?all=1', '#/relations', '#/node/model.ppel_geo', '#/node/stream.tap_csv_easiware.easiware_requests', '#/node/nothing', '#/runs', '#/runs/811', '#/runs/1', '#/tests', '#/server', '#/elsewhere', '#/node/%E0%A4%A', '#'];
const texts = async (page, selector) => (await page.locator(selector).allInnerTexts()).map((text) => text.trim());

for (const [name, data] of Object.entries({ bare: bare(), 'no project': noProject(), 'no runs': noRuns(), 'a reader': reader() })) {
  test(`sections: ${name}: each says what it has not, and nothing is an empty box`, async () => {
    const page = await show(data);
    for (const place of places) {
      await page.go(place);
      const empty = await page.evaluate(() => [...document.querySelectorAll('main :is(section, table, ul, dl, dd, p, h1, h2, article)')]
        .filter((element) => element.checkVisibility() && element.textContent.trim() === '').map((element) => element.outerHTML.slice(0, 100)));
      assert.deepEqual(empty, [], place);
      assert.doesNotMatch(await page.innerText('main'), /undefined|NaN|null,|\[object|Invalid/, place);
      assert.ok((await page.innerText('main')).length > 15, place);
    }
  });
}

test('sections: what is not there yet is said in a sentence, with what to do where there is something', async () => {
  const sentences = {
    '#/state': [/No project was read yet[^]*SELECT \* FROM baro_load_project\(\);/, /All|Nothing/], '#/lineage': [/There is nothing to show/, /18 of 18/], '#/relations': [/There is nothing to show/, /never done/],
    '#/runs': [/No run is known yet/, /No run is known yet/], '#/tests': [/No test is declared/, /never run/], '#/server': [/Every table in the project’s schemas[^]*pg_cron is not there/, /pg_cron is not there/],
    '#/node/stream.tap_csv_ppel.ppel_logs': [/This page knows nothing of “stream\.tap_csv_ppel\.ppel_logs”/, /The table is not there[^]*No file was loaded yet/],
  };
  for (const [column, data] of [noProject(), noRuns()].entries()) {
    const page = await show(data);
    for (const [place, of] of Object.entries(sentences)) {
      await page.go(place);
      assert.match(await said(page), of[column], place);
    }
  }
});

test('relation: all that is known of it', async () => {
  const page = await show(failedNight(), { hash: '#/node/model.ppel_geo' });
  assert.deepEqual(await texts(page, 'main h1:visible'), ['ppel_geo']);
  assert.deepEqual(await texts(page, 'main h2:visible'), ['transform *', 'Neighbours', 'Comes from these files', 'Columns', 'Rows over time', 'Tests', 'SQL', 'Show rows', 'Builds and loads']);
  const text = await said(page, 'main > div:last-child');
  for (const part of ['division by zero', 'models/ppel/ppel_geo.sql', 'ppel/ppel-2026-11-29.csv', '4 Jan 2021 – 26 Nov 2026', '< 0.1 %', 'How many reports were made on that day', 'WITH source AS']) assert.ok(text.includes(part), part);
  assert.equal(await page.locator('.plot canvas').count(), 1);
  await page.getByRole('tab', { name: 'As written' }).press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'As compiled');
  assert.match(await page.innerText('[role=tabpanel]'), /FROM analytics\.ppel_clean_logs/);
});

test('relation: SQL has its colours, and no letter is lost', async () => {
  const sql = "SELECT 'it''s', $x$ -- no comment $x$, \"From\" /* a\nb */ FROM {{ ref('x') }} WHERE a #>> '{b}' = E'\\\\' -- ' open\n  AND b > 1.5e3";
  const data = wellKept();
  data.nodes[8].written = sql;
  const page = await show(data, { hash: `#/node/${data.nodes[8].id}` });
  assert.equal((await page.textContent('[role=tabpanel] pre')).trim(), sql);
  const of = (kind) => page.locator(`[role=tabpanel] .t-${kind}`).allTextContents();
  assert.deepEqual(await of('template'), ["{{ ref('x') }}"]);
  assert.ok((await of('string')).includes("'it''s'") && (await of('string')).includes('$x$ -- no comment $x$'));
  assert.ok((await of('keyword')).includes('WHERE') && !(await of('keyword')).some((word) => word.includes('From')));
});

test('relation: a stream has its files, those left out, what was set aside, and the way from a row to its line', async () => {
  const page = await show(failedNight(), { hash: '#/node/stream.tap_csv_easiware.easiware_requests' });
  assert.match(await said(page, '.files tbody tr'), /left out .* the file ends within quotes, in record 702, line 1911/);
  const text = await said(page, 'main > div:last-child');
  for (const part of ['38 files', 'SQLSTATE 22008', 'easiware/easiware-2026-11-26.csv:88', 'JOIN barometre.lineage f', 'hashed']) assert.ok(text.includes(part), part);
});

test('relations: filtered by name and kind, those in trouble first', async () => {
  const page = await show(failedNight(), { hash: '#/relations' });
  assert.match((await texts(page, 'main tbody tr:visible'))[2], /failed|fails|Failure/);
  await page.getByLabel('Filter').fill('PPEL geo');
  assert.deepEqual(await texts(page, 'main > div:last-child tbody th a'), ['ppel_geo']);
  assert.match(page.url(), /#\/relations\?q=PPEL\+geo$/);
  await page.getByLabel('Kind').selectOption('stream');
  assert.match(await page.innerText('main'), /No relation matches/);
});

test('runs: a time line, the steps of one, and older ones by day', async () => {
  const page = await show(failedNight(), { hash: '#/runs' });
  assert.equal(await page.locator('.timeline .run').count(), 24);
  await page.moved(() => page.getByRole('link', { name: 'Sun 29 Nov, 05:01', exact: true }).click());
  assert.match(page.url(), /#\/runs\/811$/);
  assert.match(await page.innerText('h1:visible'), /^Run 811: transform \*/);
  const text = await page.innerText('.detail');
  for (const part of ['ppel_geo: division by zero', 'failed', 'inserted']) assert.ok(text.includes(part), part);
  await page.moved(() => page.goBack());
  assert.match(await page.innerText('h1:visible'), /^Runs$/);
  assert.match(await said(page), /job nightly done 5 min 14 s, usually 5 min 5 s 3 steps, 23 tests passed/);
  assert.equal(await page.locator('.older .strip').count(), 3);
});

test('tests: those in trouble first, each with its days, since when and its SQL', async () => {
  const page = await show(failedNight(), { hash: '#/tests' });
  const first = page.locator('.tests details').first();
  assert.match(await said(page, '.tests details'), /failed: 3 rows unique exp_count_day\.date · since Fri 27 Nov, 05:05/);
  assert.match(await first.locator('.strip').first().getAttribute('aria-label'), /passed 22×, failed 3×$/);
  await first.locator('summary').press('Enter');
  await first.locator('pre').waitFor();
  assert.match(await first.innerText(), /SELECT \*\nFROM analytics\.exp_count_day/);
  await page.getByLabel('Only those in trouble').check();
  assert.equal(await page.locator('.tests details').count(), 2);
});

test('server: sizes, tables that nobody owns, and pg_cron', async () => {
  const page = await show(wellKept(), { hash: '#/server' });
  const text = await said(page);
  for (const part of ['analytics.ppel_daily_old', '40,211', '4.7 GB', 'barometre mydb nightly']) assert.ok(text.includes(part), part);
});

test('sections: a link can be sent, the back button goes back, and the title says where one is', async () => {
  const page = await show(wellKept(), { hash: '#/tests' });
  assert.equal(await page.title(), 'Tests · barometre_numerique');
  for (const name of ['Server', 'Runs']) await page.moved(() => page.getByRole('link', { name, exact: true }).click());
  assert.equal(await page.title(), 'Runs · barometre_numerique');
  await page.moved(() => page.goBack());
  assert.equal(await page.title(), 'Server · barometre_numerique');
  assert.equal(await page.getByRole('link', { name: 'Server', exact: true }).getAttribute('aria-current'), 'page');
});

test('sections: 1,000 models are opened, listed and searched', async () => {
  const page = await show(big(1000));
  for (const place of ['#/relations', '#/tests', '#/runs/8999', '#/lineage', '#/node/model.model_123_of_reports']) await page.go(place);
  assert.match(await page.innerText('h1:visible'), /model_123_of_reports/);
  await page.keyboard.press('/');
  await page.keyboard.type('model_777');
  assert.match(await page.innerText('#found li'), /model_777_of_people/);
});

test('languages: French has French numbers, dates and words', async () => {
  const page = await show(failedNight({ lang: 'fr' }), { hash: '#/node/model.ppel_geo' });
  assert.equal(await page.getAttribute('html', 'lang'), 'fr');
  const text = await said(page, 'main > div:last-child');
  for (const part of ['en échec depuis le dim. 29 nov.', '4 janv. 2021 – 26 nov. 2026', 'Lignes au fil du temps', 'Tel qu’écrit']) assert.ok(text.includes(part), part);
  assert.match(text, /\d\u202f\d{3} lignes au début/);
});

test('tests: values are shown where the data has them, and the page says that it does', async () => {
  const data = failedNight();
  data.audience = { role: 'etat', sees: 'all', samples: true };
  const failed = data.tests.find((one) => one.status === 'fail');
  Object.assign(failed, { arguments: { values: ['a', 'b'] }, sample: [{ date: '2026-11-27', n: 2 }, { date: '</pre>', n: 3 }] });
  const page = await show(data, { hash: '#/tests' });
  assert.match(await page.innerText('footer'), /Shows sample values/);
  await page.locator('.tests summary').first().click();
  await page.getByText('Sample of failing rows').waitFor();
  const text = await said(page, '.tests details');
  for (const part of ['{"values":["a","b"]}', '{"date":"2026-11-27","n":2}', '{"date":"</pre>","n":3}']) assert.ok(text.includes(part), part);
});

// The first section: what a head of service reads in the morning.
import { createServer } from 'node:http';
import { failedNight, makePage, wellKept } from './fixtures.mjs';
import { assert, show, test, visit } from './harness.mjs';

test('state: the sentence, and what failed with why, since when and what to do', async () => {
  const page = await show(failedNight());
  assert.match(await page.textContent('h1'), /^Last night 3 steps failed/);
  const card = page.locator('.card').first();
  const text = await card.innerText();
  for (const part of ['ppel_geo', 'division by zero', 'Sun 29 Nov, 05:02', 'CALL baro_transform(\'ppel_geo+\');']) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.equal(await page.locator('.card.error').count(), 4);
  assert.equal(await page.locator('.card.warning').count(), 1);
  await card.getByRole('link', { name: 'ppel_geo' }).click();
  assert.match(page.url(), /#\/node\/model\.ppel_geo$/);
});

test('state: all is well, without an empty box', async () => {
  const page = await show(wellKept());
  assert.match(await page.textContent('h1'), /^All is well/);
  assert.equal(await page.locator('.card').count(), 0);
  assert.deepEqual(await page.locator('main h2:visible').allTextContents(), ['Jobs']);
});

test('state: a page that is older than it was good for says so in its first line, also when it stays open', async () => {
  const page = await show(wellKept());
  assert.equal(await page.locator('.outdated').count(), 0);
  await page.clock.setFixedTime(Date.parse('2026-11-30T07:00:00+00:00'));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.locator('.outdated').waitFor();
  const later = await show(wellKept(), { now: Date.parse('2026-12-01T07:00:00+00:00'), hash: '#/runs' });
  assert.match(await later.locator('body').innerText().then((text) => text.trim()), /^(Skip[^\n]*\s+)?This page is out of date: it was valid until Monday,? 30 November 2026/);
});

test('state: readable without JavaScript', async () => {
  const page = await show(failedNight(), { javaScript: false });
  const text = await page.innerText('body');
  for (const part of ['Last night 3 steps failed', 'division by zero', 'CALL baro_transform']) assert.ok(text.includes(part), part);
});

test('shell: one file with a policy that allows nothing else, and nothing is asked of a server that gives it, not even an icon', async () => {
  const html = makePage(failedNight());
  assert.match(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[A-Za-z0-9+/=]{44}'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; form-action 'none'">/);
  assert.doesNotMatch(html, /<(?:link|img|iframe|object|base)\b|<[^>]+\sstyle=|<[^>]+\son[a-z]+=|<script[^>]+src=/i);
  const asked = [];
  const server = createServer((request, answer) => {
    asked.push(request.url);
    answer.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    const page = await visit(`http://127.0.0.1:${server.address().port}/`);
    await page.locator('h1').first().waitFor();
    for (const place of ['#/lineage', '#/node/model.ppel_geo', '#/runs']) await page.go(place);
    await page.waitForTimeout(300);
    assert.deepEqual(asked, ['/']);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('shell: a file that is not whole says so', async () => {
  const page = await show(makePage(failedNight()).replace('"format":1', '"format":'));
  assert.match(await page.innerText('.outdated'), /cannot be read/);
  assert.match(await page.innerText('body'), /division by zero/);
});

test('state: in French ages are French, what just failed did so just now, and a relation is named once', async () => {
  const data = failedNight();
  data.lang = 'fr';
  const node = data.nodes[data.failures[0].node];
  Object.assign(data.failures[0], { at: data.made_at, place: `${node.kind} ${node.name}` });
  node.freshness = { status: 'late', age: '5 d 2 h', expected: '1 mon 2 days', newest: data.made_at };
  const page = await show(data);
  const card = await page.locator('.card').first().innerText();
  assert.match(card, /à l’instant/);
  assert.ok(!(await page.locator('.card .place').first().innerText()).includes(node.name), card);
  const text = (await page.locator('main').innerText()).replaceAll('\u00a0', ' ');
  for (const part of ['5 j 2 h', '1 mois 2 jours']) assert.ok(text.includes(part), `${part} in ${text}`);
});

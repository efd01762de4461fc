// How it looks: light and dark, on a phone and on paper; what axe-core says; names that mean harm.
import { failedNight, hostile, hostileNames, noProject, reader, wellKept } from './fixtures.mjs';
import { assert, show, test, tooWide, violations } from './harness.mjs';

const places = ['#/state', '#/lineage/model.ppel_geo', '#/relations', '#/node/model.ppel_geo', '#/node/stream.tap_csv_easiware.easiware_requests', '#/runs/811', '#/tests', '#/server'];

for (const scheme of ['light', 'dark']) {
  test(`axe-core: nothing wrong in any section, ${scheme}`, async () => {
    const page = await show(failedNight({ lang: scheme === 'dark' ? 'fr' : 'en' }), { scheme, now: Date.parse('2026-12-01T07:00:00Z') });
    const found = [];
    for (const place of places) {
      await page.go(place);
      await page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
      await page.waitForTimeout(50);
      found.push(...(await violations(page)).map((line) => `${place} ${line}`));
    }
    await page.keyboard.press('/');
    await page.keyboard.type('ppel');
    found.push(...(await violations(page)).map((line) => `search ${line}`));
    assert.deepEqual(found, []);
  });
}

test('axe-core: nothing wrong where there is no project, for a reader, and without JavaScript', async () => {
  for (const data of [noProject(), reader(), wellKept()]) assert.deepEqual(await violations(await show(data)), []);
});

test('dark: the ground is dark, and the plot is drawn anew', async () => {
  const page = await show(failedNight(), { scheme: 'dark', hash: '#/node/model.ppel_geo' });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(await ground(), 'rgb(20, 25, 30)');
  const canvas = () => page.evaluate(() => document.querySelector('.plot canvas').toDataURL());
  const dark = await canvas();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForTimeout(50);
  assert.equal(await ground(), 'rgb(251, 250, 247)');
  assert.notEqual(await canvas(), dark);
});

test('phone: 360 pixels wide, nothing is wider than the window', async () => {
  for (const data of [failedNight({ lang: 'fr' }), hostileNames()]) {
    const page = await show(data, { width: 360, height: 740 });
    for (const place of [...places, `#/node/${encodeURIComponent(data.nodes[8].id)}`, `#/node/${encodeURIComponent(data.nodes[4].id)}`]) {
      await page.go(place);
      await page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
      await page.waitForTimeout(50);
      assert.equal(await tooWide(page), 0, place);
    }
  }
});

test('paper: the state and what is open, no navigation', async () => {
  const page = await show(failedNight(), { hash: '#/node/model.ppel_daily' });
  await page.emulateMedia({ media: 'print' });
  const text = await page.innerText('body');
  for (const part of ['Last night 3 steps failed', 'What failed', 'ppel_daily', 'Columns']) assert.ok(text.includes(part), part);
  for (const selector of ['nav', '.search', 'button', '.skip']) assert.equal(await page.locator(`${selector}:visible`).count(), 0, selector);
  assert.ok((await page.pdf({ format: 'A4' })).length > 20000);
});

test('hostile names: are shown as they are, wherever they stand, and nothing of them is run', async () => {
  const data = hostileNames();
  const page = await show(data, { title: hostile[0] });
  page.on('dialog', (dialog) => page.trouble.push(`dialog: ${dialog.message()}`));
  assert.equal(await page.locator('script').count(), 2);
  for (const place of ['#/state', '#/lineage?all=1', '#/relations', '#/runs', `#/runs/${data.runs[0].id}`, '#/tests', '#/server', ...data.nodes.slice(0, hostile.length + 2).map((node) => `#/node/${encodeURIComponent(node.id)}`)]) {
    await page.go(place);
    await page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
    assert.equal(await page.locator('#app img, #app script, #app [onerror]').count(), 0, place);
    assert.doesNotMatch(await page.innerText('main'), /\[object|undefined|function Object|native code/, place);
    if (place.startsWith('#/node/')) assert.equal(await page.locator('h1:visible').textContent(), decodeURIComponent(place).split('.').slice(1).join('.'), place);
  }
  await page.go('#/relations');
  const names = await page.locator('main tbody th a').allTextContents();
  for (const name of hostile) assert.ok(names.includes(name), name);
  for (const wanted of ['__proto__', '</script>', 'constructor']) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(wanted);
    assert.ok((await page.innerText('#found')).includes(wanted), wanted);
  }
});

test('motion: nothing moves for those who want it still', async () => {
  const page = await show(failedNight());
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  assert.ok(await page.evaluate(() => document.getAnimations().length) > 0);
});

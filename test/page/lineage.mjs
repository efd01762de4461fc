// The picture of what reads what, and the list that says the same.
import { big, failedNight } from './fixtures.mjs';
import { assert, said, show, test } from './harness.mjs';

const boxes = async (page) => (await page.locator('.box a').allInnerTexts()).sort();

test('lineage: opens at a relation with its neighbours, and is widened by a click and by the keyboard', async () => {
  const page = await show(failedNight(), { hash: '#/lineage/model.ppel_geo' });
  assert.deepEqual(await boxes(page), ['departements', 'ppel_clean_logs', 'ppel_geo']);
  await page.getByRole('button', { name: 'Show 1 more relation that ppel_clean_logs reads' }).click();
  assert.deepEqual(await boxes(page), ['departements', 'ppel_clean_logs', 'ppel_geo', 'ppel_logs']);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'ppel_clean_logs');
  await page.getByRole('button', { name: 'Show 3 more relations that read departements' }).press('Enter');
  assert.equal((await boxes(page)).length, 7);
  // The address has all of it.
  const again = await show(failedNight(), { hash: new URL(page.url()).hash });
  assert.deepEqual(await boxes(again), await boxes(page));
});

test('lineage: layers go from left to right, boxes do not lie on each other', async () => {
  for (const [data, hash] of [[failedNight(), '#/lineage?all=1'], [big(300), '#/lineage/stream.tap_0.stream_0']]) {
    const page = await show(data, { hash });
    const wrong = await page.evaluate(() => {
      const all = [...document.querySelectorAll('.box')].map((box) => box.getBoundingClientRect());
      return all.filter((a, at) => all.some((b, other) => other > at && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
    });
    assert.equal(wrong, 0, hash);
  }
  const page = await show(failedNight(), { hash: '#/lineage/model.ppel_geo' });
  const left = (name) => page.locator('.box', { hasText: name }).evaluate((box) => box.getBoundingClientRect().left);
  assert.ok((await left('ppel_clean_logs')) < (await left('ppel_geo')));
});

test('lineage: state and kind are words and shapes, tests are badges', async () => {
  const page = await show(failedNight(), { hash: '#/lineage?all=1' });
  const text = await said(page, '.box:has-text("exp_count_day")');
  for (const word of ['model', 'done', '1 test fails']) assert.ok(text.includes(word), `${word} in ${text}`);
  assert.match(await page.locator('.box', { hasText: /^experiences/ }).innerText(), /stream[^]*late/);
});

test('lineage: the list says what the picture shows', async () => {
  const page = await show(failedNight(), { hash: '#/lineage/model.ppel_geo' });
  const rows = await page.locator('.lineage-list li').allInnerTexts();
  assert.equal(rows.length, 3);
  assert.match(rows[2], /model\s+ppel_geo\s+failed\s+2\stests\s+reads: ppel_clean_logs, departements\s+read by: nothing/);
});

test('lineage: with nothing asked for it opens at what is wrong, and goes where one says', async () => {
  const page = await show(big(1000), { hash: '#/lineage' });
  assert.match(await page.innerText('h1:visible'), /model_123_of_reports/);
  await page.getByLabel('Open at').fill('model_500_of_sales');
  await page.moved(() => page.keyboard.press('Enter'));
  assert.match(await page.innerText('h1:visible'), /model_500_of_sales/);
  await page.moved(() => page.goBack());
  assert.match(await page.innerText('h1:visible'), /model_123_of_reports/);
});

test('lineage: the whole of 1,000 models is shown, of which only what is seen is drawn', async () => {
  const page = await show(big(1000), { hash: '#/lineage?all=1' });
  await page.locator('.box').first().waitFor();
  assert.match(await said(page), /1,050 of 1,050 relations shown/);
  assert.ok((await page.locator('.box').count()) < 200);
  const first = await boxes(page);
  await page.locator('.picture').evaluate((picture) => picture.scrollTo(picture.scrollWidth / 2, picture.scrollHeight / 2));
  await page.waitForTimeout(80);
  assert.notDeepEqual(await boxes(page), first);
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await page.getByRole('button', { name: 'Fit' }).click();
});

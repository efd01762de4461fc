// The search, by the keyboard alone; and the rest of what the keyboard does.
import { failedNight, wellKept } from './fixtures.mjs';
import { assert, show, test } from './harness.mjs';

const focused = (page) => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim());

test('search: / finds names, columns, descriptions and tests, arrows choose and Enter opens', async () => {
  const page = await show(wellKept(), { hash: '#/tests' });
  await page.keyboard.press('/');
  assert.match(await focused(page), /^Search names/);
  await page.keyboard.type('geo');
  const options = page.locator('#found li');
  assert.match(await options.first().innerText(), /^(exp|ppel)_geo/);
  assert.equal(await page.getAttribute('[role=combobox]', 'aria-expanded'), 'true');
  assert.equal(await page.getAttribute('[role=combobox]', 'aria-activedescendant'), 'found-0');
  const second = (await options.nth(1).locator('bdi').first().innerText()).trim();
  await page.keyboard.press('ArrowDown');
  await page.moved(() => page.keyboard.press('Enter'));
  assert.ok(decodeURIComponent(page.url()).endsWith(second), `${page.url()} ${second}`);
  assert.equal(await options.count(), 0);
  for (const [wanted, found] of [['motif', /motif\s+column tap_csv_easiware/], ['how many', /How many reports/], ['accepted', /accepted_values\s+test tap_csv_easiware/], ['Departements', /departements\s+seed/], ['département', /departements\s+seed/], ['nightly', /nightly\s+job/], ['unique ppel_geo', /unique\s+test ppel_geo\.date/]]) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(wanted);
    assert.match(await page.innerText('#found'), found, wanted);
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('no such thing');
  assert.match(await page.innerText('[role=status]:visible'), /Nothing found/);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.found:visible').count(), 0);
});

test('search: / within a field is a letter', async () => {
  const page = await show(wellKept(), { hash: '#/relations' });
  await page.getByLabel('Filter').click();
  await page.keyboard.type('a/b');
  assert.equal(await page.getByLabel('Filter').inputValue(), 'a/b');
});

test('keyboard: the skip link, each section, and a copy', async () => {
  const page = await show(failedNight());
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.equal(new URL(page.url()).hash, '');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'ppel_geo');
  for (const section of ['Lineage', 'Relations', 'Runs', 'Tests', 'Server', 'State']) {
    await page.moved(() => page.getByRole('navigation').getByRole('link', { name: section }).press('Enter'));
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', section);
  }
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: /^Copy/ }).first().press('Enter');
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "CALL baro_transform('ppel_geo+');");
});

test('keyboard: whatever has the focus shows it', async () => {
  const page = await show(failedNight(), { hash: '#/tests' });
  for (let count = 0; count < 16; count++) {
    await page.keyboard.press('Tab');
    const style = await page.evaluate(() => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement); return `${outlineStyle} ${outlineWidth} ${document.activeElement.outerHTML.slice(0, 80)}`; });
    assert.match(style, /^(solid|auto) [1-9]/);
  }
});

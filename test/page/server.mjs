// Pages that a server made (pages.sh): the shell and the data fit together, names of any kind are names and nothing else, and no value is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, show, test, tooWide, violations } from './harness.mjs';

const folder = process.env.BARO_PAGES ?? '';
const read = (name) => readFileSync(join(folder, `${name}.html`), 'utf8');
const dataOf = (html) => JSON.parse(html.match(/<script type="application\/json" id="data">(.*?)<\/script>/s)[1]);
const open = (name, how = {}) => {
  const html = read(name);
  return show(html, { now: Date.parse(dataOf(html).made_at) + 60e3, ...how });
};
const places = ['', '#/lineage', '#/relations', '#/runs', '#/tests', '#/server'];

if (folder && existsSync(folder)) {
  for (const name of ['demo', 'reader', 'failed', 'etat', 'hostile', 'unread', 'new'])
    test(`server: ${name}: each section, and a node's page, without a violation`, async () => {
      const nodes = dataOf(read(name)).nodes;
      const page = await open(name, { width: 400 });
      for (const place of [...places, ...nodes.slice(0, 3).map((node) => `#/node/${encodeURIComponent(node.id)}`)]) {
        await page.go(place || '#/');
        assert.ok((await page.locator('h1').first().innerText()).length > 0, `a heading at ${place}`);
        assert.deepEqual(await violations(page), [], place);
        assert.ok(await tooWide(page) <= 0, `${place} is wider than a phone`);
      }
    });

  test('server: what failed, why and since when is on the first screen', async () => {
    const page = await open('failed');
    const text = await page.locator('main').innerText();
    for (const part of ['share', 'division by zero', 'more/2.csv', '"…" is not of type integer', 'CALL baro_transform(\'share\');']) assert.ok(text.includes(part), `${part} in ${text}`);
    assert.match(await page.textContent('h1'), /1 load failed, 1 table could not be renewed/);
  });

  test('server: in French', async () => {
    const page = await open('etat');
    assert.equal(await page.getAttribute('html', 'lang'), 'fr');
    assert.match(await page.textContent('h1'), /1 chargement a échoué, 1 table n'a pas pu être mise à jour/);
  });

  test('server: without JavaScript the state, failures and jobs are read', async () => {
    const page = await open('failed', { javaScript: false });
    const text = await page.innerText('body');
    for (const part of ['1 load failed', 'division by zero', 'nightly', 'What to do:']) assert.ok(text.includes(part), `${part} in ${text}`);
  });

  test('server: no value is on a page that was not asked for them', async () => {
    for (const name of ['failed', 'etat', 'unread']) assert.doesNotMatch(read(name), /SECRET|4567891|061234567/, name);
  });

  test('server: names are texts', async () => {
    const page = await open('hostile');
    await page.go('#/node/model.constructor');
    const text = await page.locator('main').innerText();
    for (const part of ['</script><b> "q" \'', '😀'.repeat(15), '<style>*{display:none}</style>', '</script><script>alert(1)</script>']) assert.ok(text.includes(part), `${part} in ${text}`);
    assert.equal(await page.locator('main img, main textarea, main script').count(), 0);
  });

  test('server: a project that can\'t be read says so', async () => {
    const page = await open('unread');
    assert.match(await page.locator('main').innerText(), /unknown key "nonsense"/);
  });

  test('server: 1,000 models are found and opened', async () => {
    const page = await open('models');
    await page.keyboard.press('/');
    await page.keyboard.type('m0777');
    await page.getByRole('option').filter({ hasText: 'm0777' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash.includes('m0777'));
    await page.locator('h1', { hasText: 'm0777' }).waitFor();
    await page.go('#/lineage/model.m0777');
    assert.ok((await page.locator('main').innerText()).includes('m0777'));
  });
}

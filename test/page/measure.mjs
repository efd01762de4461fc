// node test/page/measure.mjs: sizes of pages, and how long a click in the graph of 1,000 models takes until it is painted.
import { statSync } from 'node:fs';
import { big, makePage, wellKept } from './fixtures.mjs';
import { measured, show } from './harness.mjs';

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
console.log(`shell                         ${kilobytes(statSync(new URL('../../page/barometre.html', import.meta.url)).size)}`);
console.log(`page of a small project       ${kilobytes(Buffer.byteLength(makePage(wellKept())))}`);
console.log(`page of 300 models, 90 days   ${kilobytes(Buffer.byteLength(makePage(big(300))))}`);
console.log(`page of 1,000 models, 90 days ${kilobytes(Buffer.byteLength(makePage(big(1000))))}`);

await measured(async () => {
  const page = await show(big(1000), { hash: '#/lineage/model.model_500_of_sales', now: null });
  await page.locator('.box').first().waitFor();
  const loaded = await page.evaluate(() => { const [entry] = performance.getEntriesByType('navigation'); return entry.domComplete; });
  console.log(`1,000 models: opened in        ${Math.round(loaded)} ms`);
  // What the page's thread worked in all, whatever else the machine does.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => 1000 * (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  // Until the frame after the click was painted.
  const click = async (selector) => {
    const before = await worked();
    const found = await page.evaluate((wanted) => new Promise((done) => {
      const began = performance.now();
      document.querySelector(wanted).click();
      requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => done([performance.now() - began, document.querySelectorAll('.box').length]);
        painted.port2.postMessage(0);
      });
    }), selector);
    return [...found, (await worked()) - before];
  };
  const tell = (what, [wall, boxes, work]) => console.log(`${what.padEnd(31)}${Math.round(work)} ms of work, ${Math.round(wall)} ms to the paint, ${boxes} boxes drawn`);
  for (let count = 0; count < 8; count++) tell(`widened, click ${count + 1}`, await click(count % 2 ? '.plus.up' : '.plus.down'));
  await page.go('#/lineage/stream.tap_0.stream_0');
  tell('widened, of what 200 read', await click('.plus.down'));
  await page.go('#/lineage/model.model_500_of_sales');
  tell('the whole graph', await click('a.button'));
  for (const label of ['Zoom out', 'Zoom out', 'Fit']) {
    await page.getByRole('button', { name: label }).click();
    await page.waitForTimeout(100);
  }
  tell('zoomed in, of the whole', await click('.zoom button:nth-child(2)'));
});

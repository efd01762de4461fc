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
  // Until the frame after the click was painted.
  const click = (selector) => page.evaluate((wanted) => new Promise((done) => {
    const element = document.querySelector(wanted);
    if (!element) { done(undefined); return; }
    const began = performance.now();
    element.click();
    const worked = performance.now();
    requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => done([worked - began, performance.now() - began, document.querySelectorAll('.box').length]); channel.port2.postMessage(0); });
  }), selector);
  const tell = (what, found) => console.log(`${what.padEnd(31)}${found ? `${Math.round(found[1])} ms to the paint, ${found[2]} boxes drawn` : 'nothing to click'}`);
  for (let count = 0; count < 8; count++) tell(`widened, click ${count + 1}`, await click(count % 2 ? '.plus.up' : '.plus.down'));
  await page.go('#/lineage/stream.tap_0.stream_0');
  tell('widened, of what 200 read', await click('.plus.down'));
  const whole = await page.evaluate(() => new Promise((done) => {
    const began = performance.now();
    location.hash = '#/lineage?all=1';
    addEventListener('hashchange', () => requestAnimationFrame(() => setTimeout(() => done([0, performance.now() - began, document.querySelectorAll('.box').length]))), { once: true });
  }));
  tell('the whole graph', whole);
  for (const label of ['Zoom out', 'Zoom out', 'Fit']) {
    await page.getByRole('button', { name: label }).click();
    await page.waitForTimeout(100);
  }
  tell('zoomed in, of the whole', await click('.zoom button:nth-child(2)'));
});

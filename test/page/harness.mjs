// A browser, pages in it that may ask the network for nothing, and tests told a line each.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { made, makePage } from './fixtures.mjs';

const require = createRequire(new URL('../../page/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = require('axe-core').source;

const tests = [];
export const test = (name, body) => tests.push([name, body]);
export { assert };

const folder = mkdtempSync(join(tmpdir(), 'barometre-page-'));
let browser, pages = 0;
/** The pages of the test that is running: several run at once. */
const opened = new AsyncLocalStorage();

/** A page of these data, opened at `hash` half an hour after it was made. What it says to the console, asks of the network or throws fails the test. */
export async function show(data, { hash = '', title, state, ...how } = {}) {
  const file = join(folder, `${++pages}.html`);
  writeFileSync(file, typeof data === 'string' ? data : makePage(data, { title, state }));
  return visit(pathToFileURL(file).href, { hash, ...how });
}

/** The same of a page that somebody else gives. */
export async function visit(address, { hash = '', width = 1280, height = 900, scheme = 'light', now = Date.parse(made) + 1800e3, javaScript = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce', javaScriptEnabled: javaScript, locale: 'de-DE', timezoneId: 'Asia/Tokyo' });
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => { if (message.type() !== 'log') trouble.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('request', (request) => { if (request.url().split('#')[0] !== address) trouble.push(`request: ${request.url().slice(0, 200)}`); });
  if (javaScript && now !== null) await page.clock.setFixedTime(now); // null: the clock runs, and is the real one
  await page.goto(address + hash);
  page.setDefaultTimeout(4000);
  page.trouble = trouble;
  // What was asked for is drawn: two frames later, also on a machine that is busy.
  const drawn = () => page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  page.go = async (place) => {
    await page.evaluate((to) => { location.hash = to; }, place);
    await drawn();
    await drawn();
  };
  /** Does what opens another place, and waits until it is shown. */
  page.moved = async (act) => {
    const before = page.url();
    await act();
    await page.waitForURL((now) => now.href !== before);
    await drawn();
  };
  if (javaScript) await drawn();
  opened.getStore().push(page);
  return page;
}

async function result(body) {
  const pages = [];
  let wrong;
  try { await opened.run(pages, body); } catch (error) { wrong = error.message; }
  const trouble = pages.flatMap((page) => page.trouble);
  for (const page of pages) await page.context().close();
  return trouble.length ? [wrong, ...new Set(trouble)].filter(Boolean).slice(0, 6).join('\n') : wrong;
}

/** What axe-core finds wrong, a line each. */
export async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? rule.help}`));
}

/** What is to be read in the first element that is seen of these, with plain spaces. */
export const said = async (page, selector = 'main') => (await page.locator(`${selector} >> visible=true`).first().innerText()).replace(/[^\S\u202f]+/g, ' ').trim();

/** Whether the page is wider than its window. */
export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function launch() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

async function leave() {
  await browser.close();
  rmSync(folder, { recursive: true });
}

/** Runs what is no test. */
export async function measured(body) {
  await launch();
  const wrong = await result(body);
  if (wrong) console.log(wrong);
  await leave();
}

export async function run() {
  const wanted = process.argv.slice(2);
  await launch();
  let passed = 0, failed = 0;
  const waiting = tests.filter(([name]) => !wanted.length || wanted.some((part) => name.includes(part)));
  const work = async () => {
    for (let next; (next = waiting.shift());) {
      const [name, body] = next;
      const began = performance.now();
      const wrong = await result(body);
      if (wrong === undefined) passed++;
      else failed++;
      if (process.env.TIMES) console.log(Math.round(performance.now() - began));
      console.log(wrong === undefined ? `ok      ${name}` : `FAILED  ${name}\n${wrong.split('\n').slice(0, 30).map((line) => `        ${line.slice(0, 400)}`).join('\n')}`);
    }
  };
  await Promise.all(Array.from({ length: 3 }, work));
  await leave();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed || !passed ? 1 : 0;
}

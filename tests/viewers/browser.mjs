// browser.mjs - headless Chromium for the tests of pictures: pages from disk only, and every word of theirs heard.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const npm = createRequire(path.join(process.env.PF_NPM, 'x.js'));
const { chromium } = npm('playwright-core');
export const axe = fs.readFileSync(npm.resolve('axe-core/axe.min.js'), 'utf8');

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'profpipe-'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });

let failed = 0, passed = 0;
export function ok(good, what) {
  if (good) passed++; else failed++;
  if (!good) console.log('FAILED: ' + what);
  return good;
}
export const near = (a, b, by, what) => ok(Math.abs(a - b) <= by, `${what}: ${a} instead of ${b}`);
export const file = name => path.join(scratch, name);

// A page of its own. `heard` gathers what went wrong in it and what it asked for that lies elsewhere.
export async function open(name, { scheme = 'light', bypassCSP = false } = {}) {
  const context = await browser.newContext({ viewport: { width: 1240, height: 900 }, colorScheme: scheme, bypassCSP });
  const page = await context.newPage(), heard = [];
  page.on('console', m => heard.push(m.text()));
  page.on('pageerror', e => heard.push(e.message));
  page.on('dialog', d => { heard.push('dialog'); d.dismiss(); });
  page.on('request', r => { if (!/^(file|blob|data):/.test(r.url()) || (r.url().startsWith('file:') && !r.url().endsWith(path.basename(name)))) heard.push('asks for ' + r.url()); });
  page.setDefaultTimeout(120000);
  await page.goto('file://' + name);
  await page.waitForFunction('document.documentElement.dataset.ready');
  return { page, heard, close: () => context.close() };
}

export async function shot(page, name) {
  const folder = process.env.PF_SHOTS;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, name + '.png') });
}

export async function finish() {
  await browser.close();
  fs.rmSync(scratch, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

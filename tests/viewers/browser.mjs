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

// What axe-core has against a page; an SVG is put into one first, as axe knows HTML only.
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(() => window.axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 80)))));
}
export function inPage(svg) {
  const name = svg.replace(/svg$/, 'inside.html'), text = fs.readFileSync(svg, 'utf8');
  fs.writeFileSync(name, '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A picture</title></head><body><main><h1>A picture</h1>' + text.slice(text.indexOf('<svg')) + '</main></body></html>');
  return name;
}

// Texts that reach over the picture's edge.
export const clipped = page => page.$$eval('svg text', all => {
  const w = +all[0].ownerSVGElement.getBoundingClientRect().width, h = +all[0].ownerSVGElement.getBoundingClientRect().height;
  return all.filter(t => getComputedStyle(t.parentNode).display !== 'none' && t.getBoundingClientRect().width).filter(t => {
    const b = t.getBoundingClientRect();
    return b.left < -0.5 || b.right > w + 0.5 || b.top < -0.5 || b.bottom > h + 0.5;
  }).map(t => t.textContent);
});

// A page of its own. `still`: it has no script that says when it is ready. `heard` gathers what went wrong in it and what it asked for that lies elsewhere.
export async function open(name, { scheme = 'light', bypassCSP = false, still = false } = {}) {
  const context = await browser.newContext({ viewport: { width: 1240, height: 900 }, colorScheme: scheme, bypassCSP });
  const page = await context.newPage(), heard = [];
  page.on('console', m => heard.push(m.text()));
  page.on('pageerror', e => heard.push(e.message));
  page.on('dialog', d => { heard.push('dialog'); d.dismiss(); });
  page.on('request', r => { if (!/^(file|blob|data):/.test(r.url()) || (r.url().startsWith('file:') && !r.url().endsWith(path.basename(name)))) heard.push('asks for ' + r.url()); });
  page.setDefaultTimeout(120000);
  await page.goto('file://' + name);
  if (!still) await page.waitForFunction('document.documentElement.dataset.ready');
  return { page, heard, close: () => context.close() };
}

export async function shot(page, name, fullPage = false) {
  const folder = process.env.PF_SHOTS;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, name + '.png'), fullPage });
}

export async function finish() {
  await browser.close();
  fs.rmSync(scratch, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

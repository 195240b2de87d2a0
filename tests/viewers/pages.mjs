// pages.mjs SAMPLES FORMATS - plots, annotated source and call graphs in a browser, from disk, light, dark and printed.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { clipped, file, finish, inPage, near, ok, open, shot, violations } from './browser.mjs';

const [samples, formats] = process.argv.slice(2);
const run = (tool, ...args) => execFileSync(tool, args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
const axed = async (name, options) => {
  const { page, close } = await open(name, { bypassCSP: true, still: true, ...options });
  const found = await violations(page);
  ok(found.length === 0, `${name}: axe-core: ${found.join('; ')}`);
  await close();
};

// ---- plots: what is drawn is what the CSV says
const plots = { children: 'v0.61-children', calls: 'v0.61-func', runs: 'two-runs' };
for (const [name, from] of Object.entries(plots)) {
  const input = `${formats}/mprof/${from}/input.dat`, svg = file(`plot-${name}.svg`);
  run('profplot', '-o', svg, input);
  const csv = run('profplot', '--to', 'csv', input).toString().trim().split('\n').map(l => l.split(','));
  const heads = csv.shift(), rows = csv.map(r => Object.fromEntries(heads.map((h, i) => [h, r[i]])));
  for (const scheme of ['light', 'dark', 'print']) {
    const { page, heard, close } = await open(svg, { scheme: scheme === 'print' ? 'dark' : scheme, still: true });
    if (scheme === 'print') await page.emulateMedia({ media: 'print' });
    const points = rows.filter(r => !r.call), peak = Math.max(...points.map(r => +r.value));
    const seen = await page.evaluate(() => {
      const ticks = [...document.querySelectorAll('.tick[text-anchor=end]')].filter(t => /^-?[\d.]+ \wiB$/.test(t.textContent)).map(t => ({ y: +t.getAttribute('y') - 4, text: t.textContent }));
      return { ticks, peaks: [...document.querySelectorAll('.peak')].map(c => ({ x: +c.getAttribute('cx'), y: +c.getAttribute('cy') })), calls: document.querySelectorAll('.call').length,
        lines: document.querySelectorAll('g > .line').length, slopes: [...document.querySelectorAll('.slope')].map(p => p.getAttribute('d').match(/[\d.-]+/g).map(Number)),
        back: getComputedStyle(document.querySelector('.bg')).fill, words: getComputedStyle(document.querySelector('.title')).fill };
    });
    const value = t => parseFloat(t.text) * { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[t.text.match(/(\w)iB/)[1]];
    const [a, b] = [seen.ticks[0], seen.ticks.at(-1)], at = y => value(a) + (y - a.y) * (value(b) - value(a)) / (b.y - a.y);
    near(Math.max(...seen.peaks.map(p => at(p.y))) / peak, 1, 0.01, `${name}: the highest mark stands where its value is`);
    ok(seen.lines === seen.peaks.length && seen.slopes.length === seen.lines, `${name}: each line has a peak and a slope`);
    ok(seen.slopes.every(s => s.every((v, i) => v >= 0 && v <= (i % 2 ? 381 : 1000))), `${name}: slopes stay in the picture: ${seen.slopes}`);
    ok(name === 'children' ? seen.lines === 3 && seen.calls === 0 : seen.calls > 4, `${name}: ${seen.lines} lines, ${seen.calls} calls`);
    ok((seen.back === 'rgb(255, 255, 255)') === (scheme !== 'dark') && seen.back !== seen.words, `${name}: ${scheme}: ${seen.back} behind ${seen.words}`);
    const cut = await clipped(page);
    ok(cut.length === 0, `${name}: no text is cut off: ${cut}`);
    await shot(page, `plot-${name}-${scheme}`);
    ok(heard.length === 0, `${name}: ${heard}`);
    await close();
  }
  await axed(inPage(svg));
}

// ---- annotated source: three inputs side by side, their values those of proftop by line
{
  const dir = file('src'), page_of = file('list.html');
  fs.mkdirSync(dir);
  fs.writeFileSync(dir + '/app.py', 'def work(n):\n    total = 0\n    for i in range(n):\n        total += i * i  # <b>not bold</b> & "quoted"\n    return total\n\n\ndef main():\n    return work(10) + work(20)\n');
  fs.writeFileSync(file('cpu.folded'), 'main (app.py:9);work (app.py:4) 70\nmain (app.py:9);work (app.py:3) 20\nmain (app.py:9) 10\n');
  fs.writeFileSync(file('more.folded'), 'main (app.py:9);work (app.py:2) 5\nother (b.py:1) 95\n');
  run('proflist', '--source-root', dir, '-o', page_of, 'app.py', file('cpu.folded'), file('more.folded'));
  const lines = JSON.parse(run('proftop', '--json', '-n', '0', '--by', 'line', file('cpu.folded'))).rows;
  for (const scheme of ['light', 'dark', 'print']) {
    const { page, heard, close } = await open(page_of, { scheme: scheme === 'print' ? 'light' : scheme, still: true });
    if (scheme === 'print') await page.emulateMedia({ media: 'print' });
    const cells = await page.$$eval('tbody tr', all => all.map(r => [...r.cells].map(c => c.textContent)));
    for (const l of lines) {
      const row = cells.find(c => +c.at(-2) === l.line);
      ok(+row[0] === l.flat && +row[1] === l.cum && row[2] === (100 * l.cum / 100).toFixed(1) + '%', `list: line ${l.line}: ${row}`);
    }
    ok(cells.some(c => c.at(-1).includes('<b>not bold</b> & "quoted"')), 'list: source is text');
    const heats = await page.$$eval('tbody td[class^=h]', all => all.map(c => [c.className, getComputedStyle(c).backgroundColor]));
    ok(new Set(heats.map(h => h[1])).size >= 4 && heats.every(h => h[0] !== 'h5' || /0\.58/.test(h[1])), `list: shares are heat: ${[...new Set(heats.map(String))]}`);
    await shot(page, 'list-' + scheme);
    ok(heard.length === 0, `list: ${heard}`);
    await close();
    if (scheme !== 'print') await axed(page_of, { scheme });
  }
}

// ---- call graphs: Graphviz draws them, and every function that was kept is in the picture
{
  const svg = file('dot.svg');
  execFileSync('dot', ['-Tsvg', '-o', svg], { input: run('profdot', samples + '/new.folded') });
  const { page, heard, close } = await open(svg, { still: true });
  const titles = await page.$$eval('text', all => all.map(t => t.textContent)), rows = JSON.parse(run('proftop', '--json', samples + '/new.folded')).rows;
  for (const r of rows.filter(r => r.cum * 20 > 342)) ok(titles.some(t => t.includes(r.name)), 'dot: ' + r.name);
  ok(await page.$$eval('.edge', all => all.length) > 5, 'dot: edges');
  const cut = await clipped(page);
  ok(cut.length === 0, `dot: no text is cut off: ${cut}`);
  await shot(page, 'dot');
  ok(heard.length === 0, `dot: ${heard}`);
  await close();
  await axed(inPage(svg));
}

// ---- flame graphs as SVG are read by axe-core inside of a page
run('profflame', '-o', file('flame.svg'), samples + '/new.prof');
await axed(inPage(file('flame.svg')));
await axed(inPage(file('flame.svg')), { scheme: 'dark' });

// ---- whatever the width, no text is cut off or lies over another; inferred frames are hatched, what matches is not
for (const [name, ...base] of [['plain'], ['diff', '-b', samples + '/old.prof']]) {
  for (const width of [300, 420, 1200]) {
    const svg = file(`${name}-${width}.svg`);
    run('profflame', '--width', width, '--title', 'A title that is too long for a narrow picture of its own', '-o', svg, ...base, samples + '/new.prof');
    const { page, heard, close } = await open(svg), what = `${name}, ${width} wide`;
    const texts = () => page.$$eval('.title, .sub, .key, .ui > *', all => all.filter(t => t.tagName !== 'text' || t.textContent).map(t => ({ text: t.textContent, ...t.getBoundingClientRect().toJSON() })));
    const overlaps = (all = []) => all.flatMap((a, i) => all.slice(i + 1).filter(b => a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1).map(b => `${a.text} / ${b.text}`));
    for (const key of ['', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'Enter', 'Escape']) {
      if (key) await page.locator('#boxes').press(key);
      const cut = await clipped(page), over = overlaps(await texts());
      ok(cut.length === 0 && over.length === 0, `${what}, ${key}: nothing is cut off: ${cut}; or over another: ${over}`);
      if (key) ok(/: .*\d ms/.test(await page.textContent('#status')), `${what}, ${key}: numbers are told: ${await page.textContent('#status')}`);
    }
    const fills = () => page.$$eval('.f', all => all.map(g => getComputedStyle(g.querySelector('rect')).fill));
    const [root, ...others] = await fills();
    ok(/^rgb/.test(root) && others.every(f => /^url/.test(f)), `${what}: hatched: ${root}, ${others.slice(0, 3)}`);
    ok((await page.$$eval('.key', all => all.map(t => t.textContent))).includes('hatched: inferred'), `${what}: the legend says so`);
    await page.fill('#search', 'find');
    ok((await fills()).includes('rgb(176, 0, 200)'), `${what}: what matches is marked`);
    const share = await page.textContent('#status');
    await page.hover('.title');
    await page.locator('.f.hit').last().dispatchEvent('mouseover');
    await page.locator('.f.hit').last().dispatchEvent('mouseout');
    ok(await page.textContent('#status') === share && /matches/.test(share), `${what}: the share of what matches comes back: ${await page.textContent('#status')}`);
    await shot(page, `flame-svg-${name}-${width}`);
    ok(heard.length === 0, `${what}: ${heard}`);
    await close();
  }
}

// ---- alone in a window, a picture that is higher shows its root first, where it stands below
fs.writeFileSync(file('high.folded'), [...Array(100).keys()].map(i => 'f' + i).join(';') + ' 1\n');
for (const [name, ...option] of [['high'], ['icicle', '--icicle']]) {
  run('profflame', '-o', file(name + '.svg'), ...option, file('high.folded'));
  const { page, close } = await open(file(name + '.svg'));
  await page.waitForFunction(() => document.readyState === 'complete');
  const root = await page.locator('.f').first().evaluate(g => g.getBoundingClientRect().top);
  ok(root > 0 && root < 900, `${name}: the root is in sight: ${root}`);
  await close();
}
await finish();

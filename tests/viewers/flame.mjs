// flame.mjs SAMPLES - flame graphs in a browser: what is seen must be what proftop says.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { axe, file, finish, near, ok, open, shot } from './browser.mjs';

const samples = process.argv[2];
const run = (tool, ...args) => execFileSync(tool, args, { maxBuffer: 1 << 28 });
const top = name => JSON.parse(run('proftop', '--json', name));
const folded = samples + '/new.folded', before = samples + '/old.folded';
const rows = top(folded).rows, total = top(folded).total;
const spelled = r => r.name + (r.file && r.file !== '~' ? ` (${r.file}${r.line ? ':' + r.line : ''})` : '');

// In preorder, what follows a box and is deeper lies below it.
function endOf(boxes, i) {
  let end = i + 1;
  while (end < boxes.length && boxes[end].depth > boxes[i].depth) end++;
  return end;
}

// Cumulative values by name from boxes in preorder: a box within one of its own name counts once.
function cumulative(boxes) {
  const sum = new Map(), until = new Map();
  boxes.forEach((b, i) => {
    if (i >= (until.get(b.name) || 0)) {
      sum.set(b.name, (sum.get(b.name) || 0) + b.value);
      until.set(b.name, endOf(boxes, i));
    }
  });
  return sum;
}

// ---- SVG
run('profflame', '--min-width', '0', '-o', file('plain.svg'), folded);
for (const scheme of ['light', 'dark']) {
  const { page, heard, close } = await open(file('plain.svg'), { scheme });
  const boxes = await page.$$eval('.f', all => all.map(g => ({
    name: g.querySelector('title').textContent.split('\n')[0], value: +g.dataset.w, depth: +g.dataset.d,
    x: +g.querySelector('rect').getAttribute('x'), width: +g.querySelector('rect').getAttribute('width') })));
  const cum = cumulative(boxes);
  for (const r of rows.filter(r => r.cum)) ok(cum.get(spelled(r)) === r.cum, `svg: ${spelled(r)}: ${cum.get(spelled(r))} instead of ${r.cum}`);
  for (const b of boxes) near(b.width, 1180 * b.value / total, 0.02, 'svg: width of ' + b.name);
  await shot(page, 'flame-svg-' + scheme);

  const find = rows.find(r => r.name === 'find');
  await page.fill('#search', '^find ');
  ok((await page.textContent('#status')).startsWith((100 * find.cum / total).toFixed(2) + '%'), 'svg: share of the matches');
  await shot(page, 'flame-svg-search-' + scheme);
  await page.fill('#search', '');
  const report = page.locator('.f', { hasText: 'report (shop.py)' }).first();
  await report.locator('rect').click();
  near(await report.locator('rect').evaluate(r => +r.getAttribute('width')), 1180, 0.01, 'svg: a box that was clicked is as wide as all');
  ok(await page.locator('.f.out').count() > 0, 'svg: others are out of sight');
  await shot(page, 'flame-svg-zoom-' + scheme);
  await page.keyboard.press('0');
  ok(await page.locator('.f.out').count() === 0, 'svg: 0 shows the whole');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  ok((await page.textContent('#status')).startsWith('main (shop.py)'), 'svg: arrows go up: ' + await page.textContent('#status'));
  await page.keyboard.press('Enter');
  near(await page.locator('.f.sel rect').evaluate(r => +r.getAttribute('width')), 1180, 0.01, 'svg: Enter zooms');
  await page.keyboard.press('Escape');
  const clipped = await page.$$eval('svg text', all => all.filter(t => { const b = t.getBBox(); return b.x < 0 || b.x + b.width > 1201; }).map(t => t.textContent));
  ok(clipped.length === 0, 'svg: no text is cut off: ' + clipped);
  ok(heard.length === 0, 'svg: ' + heard);
  await close();
}

// ---- a page
run('profflame', '-o', file('plain.html'), folded);
const backgrounds = [];
for (const scheme of ['light', 'dark']) {
  const { page, heard, close } = await open(file('plain.html'), { scheme, bypassCSP: true });
  const boxes = () => page.$eval('#canvas', c => c.boxes.map(b => ({ ...b, name: c.nameOf(b) })));
  const wide = await page.$eval('#view', v => v.clientWidth);
  backgrounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  for (const b of await boxes()) near(b.w, wide * b.value / total, 0.01, 'html: width of ' + b.name);
  const cum = cumulative((await boxes()).sort((a, b) => a.node - b.node));
  for (const r of rows.filter(r => r.cum)) ok(cum.get(spelled(r)) === r.cum, `html: ${spelled(r)}: ${cum.get(spelled(r))} instead of ${r.cum}`);
  await shot(page, 'flame-html-' + scheme);
  const cells = await page.$$eval('#table tbody tr', all => all.map(r => [...r.cells].map(c => c.textContent)));
  const byFlat = new Map(cells.map(c => [c[4], c]));
  for (const r of rows) ok(byFlat.get(spelled(r))[0] === r.flat.toLocaleString('en') && byFlat.get(spelled(r))[2] === r.cum.toLocaleString('en'), 'html: table: ' + byFlat.get(spelled(r)));

  const find = rows.find(r => r.name === 'find');
  await page.fill('#search', '^find ');
  ok(await page.$eval('#matched', o => o.value) === (100 * find.cum / total).toFixed(2) + '% matched', 'html: share of the matches');
  await shot(page, 'flame-html-search-' + scheme);
  await page.fill('#search', '');

  const report = (await boxes()).find(b => b.name === 'report (shop.py)');
  await page.mouse.click(...await page.$eval('#canvas', (c, b) => { const r = c.getBoundingClientRect(); return [r.x + b.x + 5, r.y + b.y + 5]; }, report));
  near((await boxes()).find(b => b.name === 'report (shop.py)').w, wide, 0.01, 'html: a box that was clicked is as wide as all');
  await shot(page, 'flame-html-zoom-' + scheme);
  await page.focus('#view');
  await page.keyboard.press('s');
  const both = await boxes(), middle = both.filter(b => b.name === 'report (shop.py)' && b.w > wide - 1);
  ok(middle.length >= 1 && middle[0].value === rows.find(r => r.name === 'report').cum, 'html: callers and callees of one function');
  ok(both.some(b => b.layer === 0 && b.name === 'main (shop.py)') && both.some(b => b.layer === 1 && b.name === 'check (shop.py)'), 'html: main calls report, which calls check');
  await shot(page, 'flame-html-sandwich-' + scheme);
  await page.keyboard.press('0');
  await page.selectOption('#order', 'heavy');
  const heavy = (await boxes()).filter(b => b.name === 'report (shop.py)');
  ok(heavy.length === 1 && heavy[0].x <= 1, 'html: the heaviest stands left');
  await page.keyboard.press('Tab');
  await page.focus('#view');
  await page.keyboard.press('i');
  ok((await boxes())[0].y === 0, 'html: i puts the root on top');
  await page.keyboard.press('ArrowDown');
  ok((await page.textContent('#status')).startsWith('<module> (shop.py): 342 (100.00%)'), 'html: arrows: ' + await page.textContent('#status'));
  await page.evaluate(axe);
  const violations = await page.evaluate(() => window.axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 80)))));
  ok(violations.length === 0, 'html: axe-core: ' + violations.join('; '));
  await page.emulateMedia({ media: 'print', colorScheme: scheme });
  await page.setViewportSize({ width: 700, height: 900 }); // paper is narrower
  const edges = await page.evaluate(() => Object.fromEntries(['view', 'canvas', 'legend', 'table'].map(id => [id, (r => ({ left: r.left, right: r.right, top: r.top, bottom: r.bottom }))(document.getElementById(id).getBoundingClientRect())])));
  const inside = edges.canvas.left >= edges.view.left && edges.canvas.right <= edges.view.right && edges.canvas.bottom <= edges.view.bottom;
  ok(inside && edges.view.bottom <= edges.legend.top && edges.legend.bottom <= edges.table.top, 'html: printed, nothing overlaps: ' + JSON.stringify(edges));
  ok(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === 'rgb(255, 255, 255)', 'html: paper is white');
  await shot(page, 'flame-html-print-' + scheme);
  ok(heard.length === 0, 'html: ' + heard);
  await close();
}
ok(backgrounds[0] !== backgrounds[1], 'html: dark is dark');

// ---- differences: both totals, the change of whole subtrees, what is new and gone
run('profflame', '--min-width', '0', '-o', file('diff.svg'), '-b', before, folded);
run('profflame', '-o', file('diff.html'), '-b', before, folded);
for (const scheme of ['light', 'dark']) {
  const svg = await open(file('diff.svg'), { scheme });
  const sides = await svg.page.$$eval('.f', all => all.map(g => ({ name: g.querySelector('title').textContent.split('\n')[0], depth: +g.dataset.d, base: +g.dataset.base, now: +g.dataset.new, class: g.getAttribute('class'), units: +g.dataset.w, width: +g.querySelector('rect').getAttribute('width') })));
  sides.forEach((b, i) => {
    const kids = sides.slice(i + 1, endOf(sides, i)).filter(k => k.depth === b.depth + 1);
    b.ownNow = b.now - kids.reduce((a, k) => a + k.now, 0);
    b.ownBase = b.base - kids.reduce((a, k) => a + k.base, 0);
  });
  for (const [side, name] of [['base', before], ['now', folded]]) {
    const cum = cumulative(sides.map(b => ({ ...b, value: b[side] }))), t = top(name);
    for (const r of t.rows.filter(r => r.cum)) ok(cum.get(spelled(r)) === r.cum, `diff.svg: ${side} of ${spelled(r)}`);
    ok(sides[0][side] === t.total, 'diff.svg: total of ' + side);
  }
  // A box is as wide as the larger side of each place, its own and those above it.
  sides.forEach((b, i) => {
    const width = sides.slice(i, endOf(sides, i)).reduce((a, k) => a + Math.max(k.ownNow, k.ownBase), 0);
    ok(b.units === width, `diff.svg: ${b.name} is ${b.units} wide instead of ${width}`);
    near(b.width, 1180 * width / sides[0].units, 0.02, 'diff.svg: width of ' + b.name);
  });
  for (const b of sides) ok(/\bnew\b/.test(b.class) === (!b.base && b.now > 0) && /\bgone\b/.test(b.class) === (b.base > 0 && !b.now), 'diff.svg: new and gone: ' + b.name);
  await shot(svg.page, 'flame-diff-svg-' + scheme);
  ok(svg.heard.length === 0, 'diff.svg: ' + svg.heard);
  await svg.close();
  const html = await open(file('diff.html'), { scheme, bypassCSP: true });
  await shot(html.page, 'flame-diff-html-' + scheme);
  const drawn = (await html.page.$eval('#canvas', c => c.boxes.map(b => ({ ...b, name: c.nameOf(b) })))).sort((a, b) => a.node - b.node);
  const wide = await html.page.$eval('#view', v => v.clientWidth);
  for (const [side, name] of [['base', before], ['value', folded]]) {
    const cum = cumulative(drawn.map(b => ({ ...b, value: b[side] })));
    for (const r of top(name).rows.filter(r => r.cum)) ok(cum.get(spelled(r)) === r.cum, `diff.html: ${side} of ${spelled(r)}: ${cum.get(spelled(r))} instead of ${r.cum}`);
  }
  for (const b of drawn) {
    near(b.w, wide * b.width / drawn[0].width, 0.01, 'diff.html: width of ' + b.name);
    ok(b.width === sides.find(s => s.name === b.name && s.depth === b.depth && s.base === b.base && s.now === b.value)?.units, 'diff.html: as wide as in the SVG: ' + b.name);
  }
  ok(/base 175 → 342/.test(await html.page.textContent('#sub')), 'diff.html: both totals stand in the header');
  await html.page.evaluate(axe);
  const violations = await html.page.evaluate(() => window.axe.run().then(r => r.violations.map(v => v.id)));
  ok(violations.length === 0, 'diff.html: axe-core: ' + violations);
  ok(html.heard.length === 0, 'diff.html: ' + html.heard);
  await html.close();
}

// ---- several runs a side: grey is what is no more than noise, in both drawings
let state = 7;
const noise = size => size * ((state = (state * 16807) % 2147483647) / 2147483647);
for (const side of ['base', 'now']) {
  for (let i = 0; i < 8; i++) {
    const slow = Math.round((100000 + noise(1000)) * (side === 'now' ? 1.4 : 1));
    fs.writeFileSync(file(side + i), `main;slow;inner ${slow}\nmain;steady 200000\nmain;wild ${Math.round(20000 + noise(20000))}\n` + (side === 'now' ? 'main;fresh 20000\n' : 'main;dropped 20000\n'));
  }
}
const all = side => [...Array(8).keys()].map(i => file(side + i));
const wanted = { slow: true, inner: true, fresh: true, dropped: true, wild: false, steady: false };
for (const kind of ['svg', 'html']) {
  run('profflame', '-o', file('runs.' + kind), ...all('base').flatMap(b => ['-b', b]), ...all('now'));
  for (const scheme of ['light', 'dark']) {
    const { page, heard, close } = await open(file('runs.' + kind), { scheme });
    const seen = kind === 'svg' ?
      await page.$$eval('.f', all => all.map(g => ({ name: g.querySelector('title').textContent.split('\n')[0], fill: getComputedStyle(g.querySelector('rect')).fill }))) :
      await page.$eval('#canvas', c => c.boxes.map(b => {
        const [x, y, dpr] = [b.x + b.w - 8, b.y + 3, devicePixelRatio];
        const copy = new OffscreenCanvas(c.width, c.height).getContext('2d', { willReadFrequently: true });
        copy.drawImage(c, 0, 0);
        return { name: c.nameOf(b), fill: `rgb(${[...copy.getImageData(x * dpr, y * dpr, 1, 1).data.slice(0, 3)].join(', ')})` };
      }));
    for (const [name, sure] of Object.entries(wanted)) ok((seen.find(b => b.name === name).fill !== 'rgb(220, 220, 220)') === sure, `runs.${kind}: ${name} is ${sure ? 'not ' : ''}grey: ${JSON.stringify(seen)}`);
    const words = await page.textContent(kind === 'svg' ? '.sub' : '#sub');
    ok(/means of 8 and 8 runs; grey: no significant change/.test(words), `runs.${kind}: ${words}`);
    if (kind === 'html') {
      const last = Object.fromEntries(await page.$$eval('#table tbody tr', all => all.map(r => [r.cells[4].textContent, r.cells[3].textContent])));
      ok(last.fresh === 'new' && last.dropped === 'gone', `runs.html: the table, too, marks what is new and gone: ${JSON.stringify(last)}`);
    }
    await shot(page, `flame-runs-${kind}-${scheme}`);
    ok(heard.length === 0, `runs.${kind}: ${heard}`);
    await close();
  }
}

// ---- names that would be more than names
const names = ['<script>document.title="PWNED"</script>', '"><svg onload=document.title="PWNED">', '</title></text></g></svg><script>document.title="PWNED"</script>',
  ']]><script>document.title="PWNED"</script>', '--><img src=x onerror=document.title="PWNED">', '\u202egpj.exe', '\u001b[31mred', 'wide 日本語 e\u0301 \u{1f600}', '{{data}}', ' ', '__proto__', 'constructor'];
// Of a name that is too long both ends are shown, however often it stands there.
const long = 'B'.repeat(699) + 'é' + 'A'.repeat(1 << 20) + 'é'.repeat(101), both = 'B'.repeat(699) + 'é… 1048578 bytes …' + 'é'.repeat(100);
fs.writeFileSync(file('names.folded'), [...names, long, `${long};${long}`].map((n, i) => `root;${n};leaf ${i + 1}\n`).join(''));
for (const kind of ['svg', 'html']) {
  run('profflame', '-o', file('names.' + kind), '--title', names[0], file('names.folded'));
  const { page, heard, close } = await open(file('names.' + kind));
  ok(!/^PWNED/.test(await page.title()) && heard.length === 0, `names.${kind}: nothing runs: ${heard}`);
  const text = fs.readFileSync(file('names.' + kind), 'utf8');
  ok(!/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(text), `names.${kind}: no raw control characters`);
  ok(text.length < 60000, `names.${kind}: a name of a megabyte makes no page of ${text.length}`);
  ok((await page.evaluate(() => document.documentElement.textContent)).includes(both), `names.${kind}: both ends of a long name`);
  if (kind === 'html') {
    const seen = await page.$$eval('#table tbody td:last-child', all => all.map(c => c.textContent));
    for (const n of [...names, both].filter(n => n.trim() && !/[\u202e\u001b]/.test(n))) ok(seen.includes(n), 'names.html: in the table: ' + n.slice(0, 40));
    ok(/sha256-/.test(await page.$eval('meta[http-equiv]', m => m.content)), 'names.html: a content security policy');
  }
  await shot(page, 'flame-names-' + kind);
  await close();
}
await finish();

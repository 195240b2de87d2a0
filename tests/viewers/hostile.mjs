// hostile.mjs - names that try every syntax, through everything that draws or prints: nothing runs, nothing breaks the
// file, no raw control character reaches a terminal. tests/viewers/names.py has the names.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { file, finish, ok, open, shot, violations } from './browser.mjs';

const python = '/usr/bin/python3', here = fileURLToPath(new URL('names.py', import.meta.url));
const prof = file('hostile.prof'), folded = file('folded.pb.zst'), dat = file('plot.pb.zst');
execFileSync(python, [here, prof, file('hostile.folded'), file('hostile.dat')]);
const names = JSON.parse(execFileSync(python, [here, '--json'])); // as UTF-8 text; bytes that are none are left out
const run = (tool, ...args) => {
  const done = spawnSync(tool, args, { maxBuffer: 1 << 28 });
  ok(done.status === 0, `${tool} ${args.map(a => path.basename(a)).join(' ')}: ${done.status}: ${done.stderr}`);
  ok(!RAW.test(done.stderr.toString('latin1').replace(/\n/g, '')), `${tool}: what it tells has no raw control character`);
  return done.stdout;
};
// C0 but tab and newline, DEL; as UTF-8: C1, bidi, line and paragraph separators. Bytes that are no UTF-8 fail on their own.
const RAW = /[\0-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]/;
const clean = (what, bytes) => {
  let text = '';
  try { text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); } catch (e) { ok(false, what + ': no UTF-8'); }
  const raw = RAW.exec(bytes.toString('latin1'));
  ok(!raw, `${what}: raw control character ${raw && JSON.stringify(bytes.subarray(raw.index - 20, raw.index + 20).toString('latin1'))}`);
  return text;
};

run('folded2pb', '-o', folded, file('hostile.folded'));
run('mprof2pb', '-o', dat, file('hostile.dat'));

// ---- what is printed, as to a terminal with colours
const inputs = { pstats: prof, folded };
for (const [kind, input] of Object.entries(inputs)) {
  for (const color of ['never', 'always']) {
    const plain = s => Buffer.from(color === 'always' ? s.toString('latin1').replace(/\x1b\[[0-9;]*m/g, '') : s.toString('latin1'), 'latin1');
    for (const [tool, ...args] of [['proftop', '-n', '0'], ['proftop', '-n', '0', '--by', 'file'], ['proftree', '--min', '0'], ['proftree', '--peek', 'N'], ['profinfo'],
      ['profdiff', '--all', input], ['proflist', 'root.py']]) {
      if (tool === 'proflist' && kind === 'folded') continue;
      clean(`${tool} ${args[0] || ''} of ${kind}, colours ${color}`, plain(run(tool, '--color', color, ...args, input)));
    }
  }
  for (const format of ['json', 'csv', 'markdown']) clean(`proftop --${format} of ${kind}`, run('proftop', '-n', '0', '--format', format, input));
  ok(JSON.parse(run('proftop', '-n', '0', '--json', input)).rows.length > 40, `proftop --json of ${kind}: it is JSON`);
}
for (const text of ['text', 'csv']) clean('profplot --to ' + text, run('profplot', '--to', text, dat));

// ---- call graphs: one function, one node, whatever it is called
for (const [kind, input] of Object.entries(inputs)) {
  const dot = run('profdot', '--nodecount', '1000', '--nodefraction', '0', '--edgefraction', '0', '--title', names[0], input);
  clean('profdot of ' + kind, dot);
  const json = JSON.parse(execFileSync('dot', ['-Tjson'], { input: dot, maxBuffer: 1 << 28 })), rows = JSON.parse(run('proftop', '-n', '0', '--json', input)).rows;
  ok(json.objects.filter(o => /^f\d+$|^N\d+$|^n\d+$/.test(o.name)).length === rows.length, `profdot of ${kind}: ${json.objects.map(o => o.name).slice(0, 5)}: ${json.objects.length} nodes of ${rows.length} functions`);
  execFileSync('dot', ['-Tsvg', '-o', file(kind + '.dot.svg')], { input: dot, stdio: ['pipe', 'ignore', 'ignore'] });
}

// ---- pictures and pages
for (const [kind, input] of Object.entries(inputs)) {
  run('profflame', '--min-width', '0', '--title', names[0], '-o', file(kind + '.svg'), input);
  run('profflame', '--min-width', '0', '--title', names[0], '-o', file(kind + '.html'), input);
  run('profflame', '--min-width', '0', '--title', names[1], '-o', file(kind + '.diff.svg'), '-b', input, input);
  run('profflame', '--title', names[1], '-o', file(kind + '.diff.html'), '-b', input, input);
}
run('profplot', '--title', names[0], '-o', file('plot.svg'), dat);
for (const n of names.filter(n => n.length < 1000 && !n.includes('\0') && n.trim())) { // what a command line can hold
  const done = spawnSync('proflist', ['--to', 'html', '--', n, prof], { maxBuffer: 1 << 28 });
  ok(done.status === 0 || /no function and no file/.test(done.stderr), `proflist ${n}: ${done.stderr}`);
  if (done.status === 0) clean('proflist ' + n, done.stdout);
}
run('proflist', '-o', file('list.html'), names[0], prof);
run('proflist', '-o', file('list2.html'), names[1], prof);

const well = "import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); print(sum(1 for e in d.getElementsByTagName('*') if e.localName in ('script', 'foreignObject', 'iframe', 'image', 'a')), len(d.getElementsByTagName('title')))";
const seen = ['plot.svg', 'list.html', 'list2.html', ...Object.keys(inputs).flatMap(k => ['.svg', '.html', '.diff.svg', '.diff.html', '.dot.svg'].map(s => k + s))];
for (const name of seen) {
  const still = /plot|list|dot/.test(name), bytes = fs.readFileSync(file(name));
  if (!/dot/.test(name)) clean(name, bytes);
  if (/svg$/.test(name)) {
    const [active] = execFileSync(python, ['-c', well, file(name)]).toString().trim().split(' ').map(Number);
    ok(active === (still ? 0 : 1), `${name}: ${active} elements that could do something`);
  }
  const { page, heard, close } = await open(file(name), { still, bypassCSP: /html$/.test(name) });
  ok(!(await page.evaluate(() => window.PWNED || Object.keys(window).some(k => /^N\d/.test(k)))), name + ': nothing ran');
  if (/html$/.test(name)) ok((await violations(page)).length === 0, name + ': axe-core: ' + await violations(page));
  const odd = await page.evaluate(() => [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name) || /javascript:/i.test(a.value))).map(e => e.outerHTML.slice(0, 100)));
  ok(odd.length === 0, `${name}: no handler: ${odd}`);
  ok(heard.length === 0, `${name}: ${heard}`);
  if (/^(pstats|folded)\.html$/.test(name)) {
    const table = await page.$$eval('#table tbody td:last-child', all => all.map(c => c.textContent));
    const plain = names.filter(n => n.trim() && n.length < 1000 && !/[^\x20-\x7e\u00a0-\u024f\u3000-\u9fff]/.test(n) && !/[;\\:]/.test(n) && !/\d$/.test(n));
    for (const n of plain) ok(table.some(t => t.includes(n)), `${name}: in the table: ${n}`);
  }
  await shot(page, 'hostile-' + name.replace(/\.(svg|html)$/, '-$1'));
  await close();
}
await finish();

// exports.mjs SAMPLES - what the real readers of our exports make of them: speedscope in a browser, DuckDB, pprof-format.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const npm = createRequire(path.join(process.env.PF_NPM, 'x.js'));
const samples = process.argv[2];
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'profpipe-'));
const hostile = path.join(scratch, 'hostile.prof');
execFileSync('/usr/bin/python3', [fileURLToPath(new URL('names.py', import.meta.url)), hostile]);
const run = (tool, ...args) => execFileSync(tool, args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
const top = (name, ...args) => JSON.parse(run('proftop', '--json', '-n', '0', ...args, name));
let failed = 0, passed = 0;
const ok = (good, what) => { if (good) passed++; else { failed++; console.log('FAILED: ' + what); } };
const inputs = [samples + '/new.folded', samples + '/old.prof', hostile];

// ---- pprof-format: every sample is there, in every type
const { Profile } = npm('pprof-format');
for (const input of inputs) {
  const p = Profile.decode(zlib.gunzipSync(run('pb2pprof', '-q', input)));
  const word = i => p.stringTable.strings[Number(i)];
  const types = p.sampleType.map(t => word(t.type));
  ok(word(p.defaultSampleType) === types.at(-1), `${input}: the default type is the last one`);
  ok(p.mapping.length === 1, `${input}: one mapping`);
  ok(p.location.every((l, i) => Number(l.id) === i + 1) && p.function.every((f, i) => Number(f.id) === i + 1), `${input}: dense ids`);
  types.forEach((type, k) => {
    const sum = p.sample.reduce((a, s) => a + BigInt(s.value[k]), 0n);
    ok(sum === BigInt(top(input, '-s', type).total), `${input}: total of ${type}: ${sum}`);
  });
  const names = p.function.map(f => word(f.name)).filter(n => n);
  ok(new Set(names).size === names.length, `${input}: unique names`);
}

// ---- DuckDB: JSON lines and CSV are one table, and its sums are ours
const { DuckDBInstance } = npm('@duckdb/node-api');
const db = await (await DuckDBInstance.create(':memory:')).connect();
const ask = async sql => (await db.runAndReadAll(sql)).getRowsJson();
const jsonl = path.join(scratch, 'rows.jsonl'), csv = path.join(scratch, 'rows.csv');
fs.writeFileSync(jsonl, run('pb2rows', '-q', ...inputs));
fs.writeFileSync(csv, run('pb2rows', '-q', '--csv', ...inputs));
const numbers = 'count(*), sum(self), sum(cum), sum(line), max(total)';
for (const source of [`read_json('${jsonl}', format='newline_delimited')`, `read_csv('${csv}', header=true)`]) {
  const columns = (await ask(`describe select * from ${source}`)).map(r => r[0]).join();
  ok(columns === 'profile,service,release,host,ts,metric,unit,function,file,line,self,cum,total', `${source}: ${columns}`);
  for (const input of inputs)
    for (const row of await ask(`select metric, sum(self)::varchar, any_value(total)::varchar from ${source} where profile = '${input}' group by 1`))
      ok(row[1] === row[2] && row[2] === String(top(input, '-s', row[0]).total), `${source}: ${input}: ${row}`);
}
const [a] = await ask(`select ${numbers} from read_json('${jsonl}', format='newline_delimited')`);
const [b] = await ask(`select ${numbers} from read_csv('${csv}', header=true)`);
ok(String(a) === String(b), `JSON and CSV differ: ${a}; ${b}`);

// ---- speedscope: the sandwich view is a table of names with what each took
const { chromium } = npm('playwright-core');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--allow-file-access-from-files'] });
const release = path.join(path.dirname(npm.resolve('speedscope/package.json')), 'dist/release/index.html');
async function sandwich(name, bytes) {
  const js = path.join(scratch, name + '.js'), page = await browser.newPage(), heard = [];
  page.on('pageerror', e => heard.push(e.message));
  page.on('request', r => { if (!/^(file|blob|data):/.test(r.url())) heard.push('asks for ' + r.url()); });
  fs.writeFileSync(js, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(bytes.toString('base64'))})`);
  await page.goto(`file://${release}#localProfilePath=${js}&view=sandwich`);
  await page.waitForFunction(() => document.querySelectorAll('table tr').length > 1, undefined, { timeout: 120000 });
  const rows = await page.evaluate(() => [...document.querySelectorAll('table tr')].map(r => [...r.children].map(c => c.innerText.trim())));
  const text = await page.evaluate(() => document.body.innerText);
  await page.close();
  return { rows: rows.filter(r => r.length === 3), heard, text };
}
{
  const input = samples + '/new.folded', { rows, heard } = await sandwich('new.speedscope.json', run('pb2speedscope', '-q', input));
  const ours = top(input).rows, total = top(input).total;
  ok(heard.length === 0, `speedscope: ${heard}`);
  const flat = rows => rows.reduce((a, r) => a + parseInt(r[1].replace(/,/g, '')), 0); // a row for each line of a function
  for (const row of ours.filter(r => r.name === 'find' || r.name === 'roll_up'))
    ok(flat(rows.filter(r => r[2] === row.name)) === row.flat, `${row.name} took ${row.flat}: ${JSON.stringify(rows.slice(0, 9))}`);
  ok(flat(rows.filter(r => /^\d/.test(r[1]))) === total, `the total is ${total}`);
}
{
  const { rows, heard } = await sandwich('hostile.speedscope.json', run('pb2speedscope', '-q', hostile));
  ok(heard.length === 0 && rows.length > 1, `hostile names: ${heard}`);
}
{
  const signed = path.join(scratch, 'signed.pb.zst');
  run('profdiff', '--pb', '-o', signed, '-b', samples + '/old.folded', samples + '/new.folded');
  const { text } = await sandwich('signed.speedscope.json', run('pb2speedscope', '-q', signed));
  ok(/grew/.test(text), `a difference shows what grew: ${text.slice(0, 200)}`);
}
await browser.close();
fs.rmSync(scratch, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

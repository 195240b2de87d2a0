// duck.mjs - the table of a fleet in DuckDB, which needs no server:
//
//     pb2rows ... | node duck.mjs table TABLE.parquet             rows to a Parquet file
//     node duck.mjs ask QUERY.sql TABLE.parquet... [KEY=VALUE]... what the query says of them, as lines of JSON
//
// DuckDB is npm's @duckdb/node-api, here or in the folder that PF_NPM names.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(process.env.PF_NPM ?? here, 'x.js'));
const { DuckDBInstance } = require('@duckdb/node-api');

/** A row as JSON; integers of 64 bits as such, which JSON.stringify refuses. */
const json = row => '{' + Object.entries(row).map(([key, value]) =>
  `${JSON.stringify(key)}:${typeof value === 'bigint' ? value : JSON.stringify(value)}`).join() + '}';

const quoted = text => `'${text.replaceAll("'", "''")}'`;

/** Runs the statements of a file one by one; the rows of the last one. */
async function runFile(db, file) {
  const statements = await db.extractStatements(fs.readFileSync(file, 'utf8'));
  let answer;
  for (let i = 0; i < statements.count; i++)
    answer = await (await statements.prepare(i)).runAndReadAll();
  return answer;
}

const set = (db, key, value) => db.run(`SET VARIABLE ${key} = ${value}`);

/** The rows of standard input as a Parquet file, which is replaced when all is written. What comes through a pipe goes
 * to disk first: DuckDB holds all of a pipe in memory, and little of a file. */
async function makeTable(db, parquet) {
  const part = `${parquet}.part.${process.pid}`, spool = part + '.jsonl', isFile = fs.fstatSync(0).isFile();
  try {
    if (!isFile)
      await pipeline(process.stdin, fs.createWriteStream(spool));
    await set(db, 'rows', quoted(isFile ? '/dev/stdin' : spool));
    await set(db, 'parquet', quoted(part));
    const [[count]] = (await runFile(db, path.join(here, 'sql/duckdb/table.sql'))).getRowsJS();
    if (count === 0n)
      throw new Error('standard input: no rows');
    fs.renameSync(part, parquet);
  } finally {
    fs.rmSync(part, { force: true });
    fs.rmSync(spool, { force: true });
  }
}

async function main([command, ...args]) {
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  if (command === 'table' && args.length === 1) {
    await makeTable(db, args[0]);
  } else if (command === 'ask' && args.length > 1) {
    const [query, ...rest] = args, given = rest.filter(a => a.includes('='));
    const tables = rest.filter(a => !a.includes('='));
    await db.run(`CREATE VIEW samples AS SELECT * FROM read_parquet([${tables.map(quoted)}])`);
    const known = { service: '', metric: 'time', base: 'r1', new: 'r2', top: '20', normalize: 'none' };
    for (const pair of given) {
      const [, key, value] = pair.match(/^([^=]*)=(.*)$/s);
      if (!Object.hasOwn(known, key))
        throw new Error(`${key}: known are ${Object.keys(known)}`);
      known[key] = value;
    }
    for (const [key, value] of Object.entries(known))
      await set(db, key, key === 'top' ? `${BigInt(value)}` : quoted(value));
    for (const row of (await runFile(db, query)).getRowObjectsJS())
      process.stdout.write(json(row) + '\n');
  } else {
    throw new Error('usage: duck.mjs table TABLE.parquet <ROWS, or duck.mjs ask QUERY.sql TABLE.parquet... [KEY=VALUE]...');
  }
}

main(process.argv.slice(2)).catch(e => {
  console.error(`duck.mjs: ${e.message}`);
  process.exitCode = 2;
});

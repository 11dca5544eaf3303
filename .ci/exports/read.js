// Reads an export with DuckDB, which nobody here wrote: read.js LAKE LEDGER MANUAL. LEDGER has what the database says, a line
// a figure. Every file has the rows and the sums of the manifest, every column its type, and every query of the manual runs.
const fs = require('fs');
const { DuckDBInstance } = require('@duckdb/node-api');
const [lake, ledger, manual] = process.argv.slice(2);

const types = { _at: 'TIMESTAMP WITH TIME ZONE', _amount: 'DECIMAL(38,12)', _price: 'DECIMAL(38,12)', _id: 'BIGINT' };
const special = { amount: 'DECIMAL(38,12)', score: 'DOUBLE', calls: 'BIGINT', transaction_id: 'VARCHAR', database_id: 'VARCHAR',
  answered_on: 'DATE', valid_from: 'DATE', simulated: 'BOOLEAN', attempts: 'INTEGER', threshold: 'DOUBLE' };
const wrong = [];
const expect = (what, got, want) => { if (String(got) !== String(want)) wrong.push(`${what}: ${got}, want ${want}`); };

// exact writes a decimal without trailing zeros.
const exact = (text) => String(text).includes('.') ? String(text).replace(/0+$/, '').replace(/\.$/, '') : String(text);

(async () => {
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = async (sql) => (await db.runAndReadAll(sql)).getRowObjectsJson();
  const manifest = JSON.parse(fs.readFileSync(`${lake}/_manifest.json`));
  const totals = {};
  let files = 0;
  for (const month of Object.values(manifest.months)) {
    for (const f of month.files) {
      files++;
      const name = `${lake}/${f.path}`;
      expect(`rows of ${f.path}`, (await rows(`SELECT count(*) AS n FROM read_parquet('${name}')`))[0].n, f.rows);
      totals[f.table] = (totals[f.table] || 0) + f.rows;
      for (const [column, by] of Object.entries(f.sums || {})) {
        for (const [currency, sum] of Object.entries(by)) {
          const where = currency ? ` WHERE currency = '${currency}'` : '';
          const got = (await rows(`SELECT CAST(sum(${column}) AS VARCHAR) AS n FROM read_parquet('${name}')${where}`))[0].n;
          expect(`sum of ${column} of ${f.path}`, exact(got), sum);
        }
      }
      for (const c of await rows(`DESCRIBE SELECT * FROM read_parquet('${name}')`)) {
        const suffix = Object.keys(types).find((s) => c.column_name.endsWith(s));
        const want = special[c.column_name] || types[suffix];
        if (want) expect(`type of ${c.column_name} of ${f.path}`, c.column_type, want);
      }
    }
  }
  for (const line of fs.readFileSync(ledger, 'utf8').trim().split('\n')) {
    const [table, n] = line.split(" ");
    if (table === "done" || table === "paid") continue;
    expect(`rows of ${table}`, totals[table], n);
  }
  await db.run(`SET VARIABLE lake = '${lake}'`);
  const text = fs.readFileSync(manual, 'utf8').split('## Questions')[1];
  const queries = text.split('\n').filter((l) => l.startsWith('    ')).join('\n').split(';').filter((q) => q.includes('SELECT'));
  const answers = [];
  for (const q of queries) answers.push(await rows(q));
  const checks = answers[0].reduce((n, r) => n + Number(r.checks), 0);
  expect('checks by month and region, added up', checks, fs.readFileSync(ledger, 'utf8').match(/^done (\d+)$/m)[1]);
  const paid = answers[2].reduce((n, r) => n + Number(r.paid_calls), 0);
  expect('paid calls by campaign, added up', paid, fs.readFileSync(ledger, 'utf8').match(/^paid (\d+)$/m)[1]);
  if (!answers[1].length) wrong.push('nothing is billed');
  for (const w of wrong.slice(0, 20)) console.log(w);
  console.log(`${files} files, ${Object.keys(totals).length} tables, ${queries.length} queries`);
  process.exit(wrong.length ? 1 : 0);
})().catch((e) => { console.log(e.message); process.exit(1); });

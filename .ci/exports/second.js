// Reads an export with hyparquet, a second reader that nobody here wrote: second.js LAKE. Every file has the rows, the sums and
// the kinds of values of the manifest and the manual, exactly.
const fs = require('fs');
const lake = process.argv[2];
const modules = process.env.NODE_PATH; // import does not look there

(async () => {
  const { parquetReadObjects, parquetMetadata, asyncBufferFromFile } = await import(`${modules}/hyparquet/src/node.js`);
  const { compressors } = await import(`${modules}/hyparquet-compressors/src/index.js`);
  const manifest = JSON.parse(fs.readFileSync(`${lake}/_manifest.json`));
  const wrong = [];
  let files = 0, amounts = 0;
  const expect = (what, got, want) => { if (String(got) !== String(want)) wrong.push(`${what}: ${got}, want ${want}`); };

  // whole returns an amount as a whole number of 10^-12, from the text that the manifest has.
  const whole = (text) => {
    const [, sign, front, , behind] = /^(-?)(\d+)(\.(\d+))?$/.exec(text);
    return BigInt(`${sign}${front}${(behind || '').padEnd(12, '0')}`);
  };
  // signed reads two's complement, the highest byte first.
  const signed = (bytes) => BigInt.asIntN(8 * bytes.length, BigInt('0x' + Buffer.from(bytes).toString('hex')));

  for (const f of Object.values(manifest.months).flatMap((m) => m.files)) {
    files++;
    const file = await asyncBufferFromFile(`${lake}/${f.path}`);
    const metadata = parquetMetadata(await file.slice(0, file.byteLength));
    const money = metadata.schema.filter((c) => c.type === 'FIXED_LEN_BYTE_ARRAY');
    for (const c of money) {
      expect(`type of ${c.name} of ${f.path}`, `${c.converted_type} ${c.precision} ${c.scale}`, 'DECIMAL 38 12');
      delete c.converted_type; // as bytes: the reader's own decimals are floating point
      delete c.logical_type;
    }
    for (const c of metadata.schema.filter((c) => c.name.endsWith('_at'))) {
      expect(`unit of ${c.name} of ${f.path}`, `${c.logical_type?.unit} ${c.logical_type?.isAdjustedToUTC}`, 'MILLIS true');
    }
    const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false });
    expect(`rows of ${f.path}`, rows.length, f.rows);
    for (const [column, by] of Object.entries(f.sums || {})) {
      const isMoney = money.some((c) => c.name === column);
      for (const [currency, want] of Object.entries(by)) {
        let sum = 0n;
        for (const row of rows) {
          if (isMoney && row[column] != null && Buffer.from(row.currency).toString() === currency) sum += signed(row[column]);
          if (!isMoney) sum += BigInt(row[column] ?? 0);
        }
        amounts++;
        expect(`sum of ${column} ${currency} of ${f.path}`, sum, isMoney ? whole(want) : want);
      }
    }
  }
  for (const w of wrong.slice(0, 20)) console.log(w);
  console.log(`${files} files and ${amounts} sums read a second time`);
  process.exit(wrong.length || !amounts ? 1 : 0);
})().catch((e) => { console.log(e.stack); process.exit(1); });

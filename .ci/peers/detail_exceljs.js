// The list of every check, as CSV, written by ExcelJS's streaming writer: detail_exceljs.js IN.csv OUT.xlsx
const fs = require("fs");
const readline = require("readline");
const ExcelJS = require("exceljs");

const formats = { 5: "yyyy-mm-dd hh:mm:ss", 6: "0.0", 15: "#,##0" };

async function main() {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: process.argv[3], useStyles: true, useSharedStrings: false });
  const sheet = book.addWorksheet("Detail", { views: [{ state: "frozen", ySplit: 5 }] });
  for (let column = 1; column <= 16; column++) sheet.getColumn(column).numFmt = formats[column - 1] || "@";
  for (let i = 0; i < 4; i++) sheet.addRow([]).commit();
  let last = 4;
  for await (const line of readline.createInterface({ input: fs.createReadStream(process.argv[2]) })) {
    const head = last++ === 4;
    sheet.addRow(line.split(",").map((field, column) => {
      if (head || field === "") return field || null;
      if (column === 5) return new Date(field.replace(" ", "T") + "Z");
      return column === 6 || column === 15 ? Number(field) : field;
    })).commit();
  }
  sheet.autoFilter = { from: { row: 5, column: 1 }, to: { row: last, column: 16 } };
  await book.commit();
}

main();

// read.js sheetjs|exceljs FILE: what a JavaScript library reads of a workbook, as JSON.
const figures = ['A1', 'B6', 'B9', 'D9', 'F9', 'H9', 'J9', 'L9'] // verdict, headline, tiles
const [program, path] = process.argv.slice(2)
const orNull = value => value ?? null

function sheetjs() {
  const { readFile, utils } = require('xlsx')
  const book = readFile(path)
  const first = book.Sheets[book.SheetNames[0]]
  let rows = 0
  for (const name of book.SheetNames) {
    rows += utils.sheet_to_json(book.Sheets[name], { header: 1, blankrows: false }).length
  }
  return { sheets: book.SheetNames, figures: figures.map(at => orNull(first[at]?.v)), rows }
}

async function exceljs() {
  const { Workbook } = require('exceljs')
  const book = new Workbook()
  await book.xlsx.readFile(path)
  let rows = 0
  book.eachSheet(sheet => sheet.eachRow(row => {
    let filled = false
    row.eachCell(cell => { filled ||= orNull(cell.isMerged && cell.master !== cell ? null : cell.value) !== null })
    rows += filled ? 1 : 0
  }))
  const value = at => { const v = book.worksheets[0].getCell(at).value; return orNull(v?.formula ? v.result ?? 0 : v) } // a result of 0 is left out
  return { sheets: book.worksheets.map(sheet => sheet.name), figures: figures.map(value), rows }
}

Promise.resolve(program === 'sheetjs' ? sheetjs() : exceljs()).then(all => console.log(JSON.stringify(all)))

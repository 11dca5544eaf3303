"""read.py normal|read-only FILE: what openpyxl reads of a workbook, as JSON."""

import json
import sys

import openpyxl

FIGURES = ["A1", "B6", "B9", "D9", "F9", "H9", "J9", "L9"]  # verdict, headline, tiles

mode, path = sys.argv[1:]
book = openpyxl.load_workbook(path, data_only=True, read_only=mode == "read-only")
first = book[book.sheetnames[0]]
rows = 0
for sheet in book:
    for row in sheet.iter_rows():
        rows += any(cell.value is not None for cell in row)
print(json.dumps({"sheets": book.sheetnames, "figures": [first[at].value for at in FIGURES], "rows": rows}))

"""The list of every check, as CSV, written by openpyxl in its write-only mode: detail_openpyxl.py IN.csv OUT.xlsx"""
import csv
import datetime
import sys

import openpyxl
from openpyxl.cell import WriteOnlyCell

MOMENT, SCORE, LINE = 5, 6, 15
FORMATS = {MOMENT: "yyyy-mm-dd hh:mm:ss", SCORE: "0.0", LINE: "#,##0"}


def cell(sheet, column, field):
    if not field:
        return None
    value = field
    if column == MOMENT:
        value = datetime.datetime.fromisoformat(field)
    elif column in FORMATS:
        value = float(field)
    made = WriteOnlyCell(sheet, value)
    made.number_format = FORMATS.get(column, "@")
    return made


book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet("Detail")
sheet.freeze_panes = "A6"
with open(sys.argv[1], newline="") as source:
    rows = csv.reader(source)
    for _ in range(4):
        sheet.append([])
    sheet.append(next(rows))
    last = 5
    for last, fields in enumerate(rows, 6):
        sheet.append([cell(sheet, column, field) for column, field in enumerate(fields)])
sheet.auto_filter.ref = f"A5:P{last}"
book.save(sys.argv[2])

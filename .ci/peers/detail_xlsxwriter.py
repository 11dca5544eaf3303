"""The list of every check, as CSV, written by XlsxWriter in its constant memory mode: detail_xlsxwriter.py IN.csv OUT.xlsx"""
import csv
import datetime
import sys

import xlsxwriter

FIRST, MOMENT, SCORE, LINE = 4, 5, 6, 15

with open(sys.argv[1], newline="") as source, xlsxwriter.Workbook(sys.argv[2], {"constant_memory": True}) as book:
    sheet = book.add_worksheet("Detail")
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    moment, score, count = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd hh:mm:ss", "0.0", "#,##0"))
    sheet.set_column(0, 15, 16)
    sheet.freeze_panes(FIRST + 1, 0)
    for row, fields in enumerate(csv.reader(source), FIRST):
        for column, field in enumerate(fields):
            if row == FIRST:
                sheet.write_string(row, column, field, bold)
            elif not field:
                continue
            elif column == MOMENT:
                sheet.write_datetime(row, column, datetime.datetime.fromisoformat(field), moment)
            elif column in (SCORE, LINE):
                sheet.write_number(row, column, float(field), score if column == SCORE else count)
            else:
                sheet.write_string(row, column, field, text)
    sheet.autofilter(FIRST, 0, row, 15)

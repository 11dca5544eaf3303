#!/usr/bin/env python3
"""Fills in a workbook's queue as people do, and saves it with the programs that they have.

    make.py BLANK.xlsx

BLANK.xlsx is the risk workbook of the second night of the tests' fixture.reviewed. Needs openpyxl and LibreOffice.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import openpyxl
from openpyxl.styles import PatternFill

HERE = os.path.dirname(os.path.abspath(__file__))
DECISION, REVIEWER, AT, COMMENT, KEY = "JKLMN"


def fresh():
    """Returns the queue, the workbook's other sheets left out to keep it small."""
    book = openpyxl.load_workbook(sys.argv[1])
    for name in book.sheetnames:
        if name != "Manual queue":
            del book[name]
    book.defined_names = type(book.defined_names)()
    return book, book["Manual queue"]


def decide(sheet, row, word, who, at=None, comment=None):
    for column, value in ((DECISION, word), (REVIEWER, who), (AT, at), (COMMENT, comment)):
        if value is not None:
            sheet[f"{column}{row}"] = value


def plain(sheet):
    decide(sheet, 6, "attack", "Ana Lim", "2026-11-02 14:30", "mask, frame 2; \"seen\"")
    decide(sheet, 7, "genuine", "Ana Lim", "2026-11-02 14:31:10")
    decide(sheet, 9, "unclear", "Ben Ong", "2026-11-02")


def save(book, name):
    book.save(os.path.join(HERE, name))


book, sheet = fresh()
plain(sheet)
save(book, "openpyxl.xlsx")

book, sheet = fresh()
sheet["P5"] = "Decision"
sheet["Q5"] = "Reviewer"
plain(sheet)
for row in (6, 8, 10):
    sheet[f"P{row}"], sheet[f"Q{row}"] = "escalated", "Cy"
save(book, "second-column.xlsx")

book, sheet = fresh()
sheet.insert_cols(1)
sheet["A5"] = "Decision"
sheet["A6"] = "check with Cy"
for column, value in (("K", "attack"), ("L", "Ana Lim"), ("M", "2026-11-02 14:30")):
    sheet[f"{column}6"] = value
save(book, "column-before.xlsx")

book, sheet = fresh()
decide(sheet, 6, "attack", "Ana Lim", "2026-11-02 14:30", "one gang")
for column in (DECISION, REVIEWER, AT, COMMENT):
    sheet.merge_cells(f"{column}6:{column}8")
save(book, "merged.xlsx")

book, sheet = fresh()
decide(sheet, 6, "Attack ", " Ana Lim\u00a0", "2/11")
decide(sheet, 7, "\u00a0genuine", "Ana Lim", "02.11.2026 17:30", "  ")
decide(sheet, 8, "ATTACK", "Ana Lim", "2-Nov-2026")
decide(sheet, 9, "attack", "Ana Lim", "11/2/2026 5:30 PM")
decide(sheet, 10, "Angriff", "Ana Lim")
for row in range(14, 40):
    sheet[f"{DECISION}{row}"] = " "
    sheet[f"{KEY}{row}"].fill = PatternFill("solid", "FFF9E5")
save(book, "as-typed.xlsx")

book, sheet = fresh()
plain(sheet)
with tempfile.TemporaryDirectory() as place:
    source = os.path.join(place, "libreoffice.xlsx")
    book.save(source)
    for kind, name in (("xlsx:Calc MS Excel 2007 XML", "libreoffice.xlsx"), ("ods", "libreoffice.ods"),
                       ("xls:MS Excel 97", "libreoffice.xls"),
                       ("csv:Text - txt - csv (StarCalc):44,34,76,1", "comma.csv"),
                       ("csv:Text - txt - csv (StarCalc):59,34,76,1,,1031", "german.csv")):
        out = os.path.join(place, "out")
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{place}/profile", "--convert-to", kind,
                        "--outdir", out, source], check=True, stdout=subprocess.DEVNULL)
        made = os.path.join(out, "libreoffice." + kind.split(":")[0])
        shutil.move(made, os.path.join(HERE, name))

"""edited.py plant FILE OUT: a copy of a finance workbook with one more call in the first line of its ledger.
edited.py opposite FILE OUT: one with 1 more and 1 less in two amounts of the vendor's, of one class and one place.
edited.py check FILE EDITED: whether, recalculated, all checks of FILE tie and some of EDITED do not."""

import re
import sys
import zipfile

import openpyxl


def write(path, out, sheet, values):
    """A copy of a workbook with other numbers in some cells of a sheet."""
    sheets = openpyxl.load_workbook(path, read_only=True).sheetnames
    part = f"xl/worksheets/sheet{sheets.index(sheet) + 1}.xml"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            for cell, value in values.items() if name == part else ():
                data, changed = re.subn(rb'(<c r="%s"[^>]*><v>)[^<]+(</v>)' % cell.encode(),
                                        lambda m: m[1] + str(value).encode() + m[2], data)
                if changed != 1:
                    sys.exit(f"{changed} cells {cell} of {sheet} hold a number")
            new.writestr(name, data)


def plant(path, out):
    ledger = openpyxl.load_workbook(path)["Ledger"]
    write(path, out, "Ledger", {"H6": ledger["H6"].value + 1})


def opposite(path, out):
    lines = openpyxl.load_workbook(path)["Lines"]
    heads = {cell.value: cell.column for cell in lines[5]}
    same = {}
    for row in range(6, lines.max_row + 1):
        text = {head: lines.cell(row, heads[head]).value for head in heads}
        if isinstance(text["Theirs"], (int, float)) and text["Theirs"]:
            place = tuple(text[head] for head in ("Class", "Stmt", "Endpoint", "Region", "Code", "Currency"))
            same.setdefault(place, []).append(lines.cell(row, heads["Theirs"]))
    first, second = next(cells for cells in same.values() if len(cells) > 1)[:2]
    write(path, out, "Lines", {first.coordinate: first.value + 1, second.coordinate: second.value - 1})


def results(path):
    """The results of the checks on the first sheet, the one over all of them last."""
    rows = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
    found, within = [], False
    for row in rows:
        texts = [cell for cell in row if isinstance(cell, str)]
        within = within or texts == ["Check", "First route", "Second route", "Difference", "Result"]
        if within and texts and texts[-1][0] in "✓✗":
            found.append(texts[-1])
            if texts[0] == "All checks":
                return found
    sys.exit(f"{path}: no verdict over all checks")


def check(path, edited):
    before, after = results(path), results(edited)
    wrong = [text for text in before if text[0] != "✓"]
    if wrong:
        sys.exit(f"{path}: {wrong}")
    if after[-1][0] != "✗" or not any(text == "✗ differs" for text in after):
        sys.exit(f"{edited}: every check ties: {after[-1]}")
    print(f"{sum(text[0] == '✗' for text in after) - 1} of {len(after) - 1} checks turned red")


{"plant": plant, "opposite": opposite, "check": check}[sys.argv[1]](*sys.argv[2:])

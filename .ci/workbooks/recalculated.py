"""recalculated.py FILE RECALCULATED: whether every cell holds the same after all formulas were calculated anew."""

import sys

import openpyxl


def same(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-9 * max(1, abs(a))
    return (a or "") == (b or "")


def main(path, again):
    formulas = openpyxl.load_workbook(path, read_only=True)
    before = openpyxl.load_workbook(path, read_only=True, data_only=True)
    after = openpyxl.load_workbook(again, read_only=True, data_only=True)
    if before.sheetnames != after.sheetnames:
        sys.exit(f"sheets {before.sheetnames} became {after.sheetnames}")
    count, differing = 0, 0
    for name in before.sheetnames:
        new = {}
        for row in after[name].iter_rows():
            new.update({(cell.row, cell.column): cell.value for cell in row if cell.value is not None})
        for written, cached in zip(formulas[name].iter_rows(), before[name].iter_rows()):
            for cell, value in zip(written, cached):
                if cell.value is None:
                    continue
                formula = cell.data_type == "f"
                count += formula
                got = new.get((cell.row, cell.column))
                # An empty text reads as none: a figure that does not exist is one, here and in LibreOffice.
                if formula and value.value is None and got not in (None, ""):
                    print(f"{name}!{cell.coordinate}: {cell.value} has no value")
                elif same(value.value, got) or not formula and str(value.value) == str(got):
                    continue
                else:
                    print(f"{name}!{cell.coordinate}: file has {value.value!r}, LibreOffice {got!r}: {cell.value}")
                differing += 1
    if count == 0:
        sys.exit("the file has no formula")
    sys.exit(1 if differing else 0)


main(*sys.argv[1:])

"""plant.py FILE DIR: copies of a workbook with a fault each: value.xlsx, element.xlsx and blank.xlsx."""

import os
import re
import sys
import zipfile

FIRST = "xl/worksheets/sheet1.xml"


def value(part):
    """Another value beside a formula."""
    return re.sub(rb"(<f>[^<]*</f><v>)([^<]*)(</v>)", rb"\g<1>\g<2>7\g<3>", part, count=1)


def element(part):
    """An element that no schema knows."""
    return part.replace(b"<sheetData>", b"<planted/><sheetData>", 1)


def blank(part):
    """A sheet without cells and charts."""
    part = re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", part, flags=re.S)
    for name in (b"conditionalFormatting", b"mergeCells", b"hyperlinks", b"extLst", b"ignoredErrors"):
        part = re.sub(rb"<" + name + rb"[ >].*</" + name + rb">", b"", part, flags=re.S)
    return re.sub(rb"<drawing [^>]*?(/>|></drawing>)", b"", part)


def plant(path, out, fault):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == FIRST:
                changed = fault(part)
                if changed == part:
                    sys.exit(f"{fault.__name__}: nothing to change")
                part = changed
            new.writestr(name, part)


path, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
for fault in (value, element, blank):
    plant(path, os.path.join(out, fault.__name__ + ".xlsx"), fault)

"""drawn.py FILE PDF DIR: whether every sheet of a workbook has a page with something on it. Draws the first page of each
sheet into DIR. The footer of a page names its sheet."""

import os
import re
import subprocess
import sys

import openpyxl
from PIL import Image

FOOTER = re.compile(r"· Confidential\s+(\S.*?)\s+Page \d+ of \d+")
# What a cell shows whose number is too wide for it, or whose formula has no value.
BROKEN = re.compile(r"###|#REF!|#NAME\?|#VALUE!|#DIV/0!|#N/A|Err:\d")
DARK, LEAST = 240, 0.002  # of 255; the least share of dark pixels on a page


def ink(picture):
    """The share of a page that is not white, without its footer."""
    image = Image.open(picture).convert("L")
    width, height = image.size
    histogram = image.crop((0, 0, width, height * 92 // 100)).histogram()
    return sum(histogram[:DARK]) / sum(histogram)


def main(path, pdf, out):
    faults = []
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    first = {}
    for number, page in enumerate(text.split("\f"), 1):
        footer = FOOTER.search(page)
        if footer:
            first.setdefault(footer.group(1), number)
        broken = BROKEN.search(page)
        if broken:
            faults.append(f"page {number} ({footer and footer.group(1)}) shows {broken.group()}")
    os.makedirs(out, exist_ok=True)
    stem = os.path.join(out, os.path.splitext(os.path.basename(path))[0])
    for sheet in openpyxl.load_workbook(path, read_only=True).sheetnames:
        if sheet not in first:
            faults.append(f"no page of {sheet}")
            continue
        number = str(first[sheet])
        picture = f"{stem}_{sheet.replace(' ', '_')}"
        subprocess.run(["pdftoppm", "-png", "-r", "70", "-f", number, "-l", number, "-singlefile", pdf, picture], check=True)
        share = ink(picture + ".png")
        if share < LEAST:
            faults.append(f"{sheet} is all but empty: {share:.2%} of the page")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main(*sys.argv[1:])

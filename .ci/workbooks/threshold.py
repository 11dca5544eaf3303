"""threshold.py type FILE DIR: copies of a risk workbook with other thresholds typed into the sheet Threshold.
threshold.py check DIR DATABASE: whether these, recalculated, say what the database says of every region and of all."""

import datetime
import os
import sqlite3
import sys

import openpyxl

SHEET, THRESHOLD, INCLUSIVE = "Threshold", "C8", "C9"
TYPED = [(60, "yes"), (60, "no"), (35, "yes"), (50.5, "yes"), (50.5, "no"), (50, "no"), (92.5, "yes"), (99, "no"), (0, "yes"), (100, "no")]
DAYS = 2  # of the workbook's period: yesterday and today, in Singapore; the database has months before them


def name(threshold, inclusive):
    return f"threshold_{threshold}_{inclusive}.xlsx"


def type_into(path, out):
    os.makedirs(out, exist_ok=True)
    for threshold, inclusive in TYPED:
        book = openpyxl.load_workbook(path)
        if book[SHEET]["B8"].value != "Threshold" or book[SHEET]["B9"].value != "Equal passes":
            sys.exit("the input cells are elsewhere")
        book[SHEET][THRESHOLD], book[SHEET][INCLUSIVE] = threshold, inclusive
        book.save(os.path.join(out, name(threshold, inclusive)))


def counted(database, threshold, inclusive):
    """[scored, flagged] of every region, and of all."""
    flagged = f"score < {threshold}" + (f" OR score = {threshold}" if inclusive == "no" else "")
    zone = datetime.timezone(datetime.timedelta(hours=8))
    first = datetime.datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(days=DAYS - 1)
    since = first.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    query = f"SELECT count(*), sum({flagged}) FROM v_checks WHERE score IS NOT NULL AND answered_at >= '{since}'"
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    regions = connection.execute(query + " GROUP BY region").fetchall()
    return sorted(regions), connection.execute(query).fetchone()


def shown(path):
    """What the sheet says: the rows of the regions, the row of all."""
    sheet = openpyxl.load_workbook(path, data_only=True)[SHEET]
    rows = [[cell.value for cell in row[1:11]] for row in sheet.iter_rows(min_row=10)]
    head = next(i for i, row in enumerate(rows) if row[0] == "Region")
    total = next(i for i, row in enumerate(rows) if row[0] == "All regions")
    return rows[head + 1 : total], rows[total]


def agrees(row, today, scored, flagged):
    """Whether a row's cells follow from the two counts: flagged, change, rate between its bounds, pass rate, reviews a day."""
    want = [scored, today, flagged, flagged - today, flagged / scored, 1 - flagged / scored, flagged / DAYS]
    got = [row[1], row[2], row[3], row[4], row[5], row[8], row[9]]
    return all(abs(a - b) < 1e-9 for a, b in zip(want, got)) and row[6] <= row[5] <= row[7]


def check(directory, database):
    faults = []
    for threshold, inclusive in TYPED:
        regions, total = shown(os.path.join(directory, name(threshold, inclusive)))
        by_region, in_all = counted(database, threshold, inclusive)
        if sorted((row[1], row[3]) for row in regions) != by_region or not agrees(total, counted(database, 50, "yes")[1][1], *in_all):
            faults.append(f"{threshold}, equal passes {inclusive}: the sheet says {total}, the database {in_all}")
        faults += [f"{threshold}: {row}" for row in regions if not agrees(row, row[2], row[1], row[3])]
    if len({counted(database, *typed)[1] for typed in TYPED}) < 4:
        faults.append("the thresholds make no difference here")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


{"type": type_into, "check": check}[sys.argv[1]](*sys.argv[2:])

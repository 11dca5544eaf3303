"""statement.py FILE OUT: the simulated vendor's statement with mistakes in it: a higher price, a line twice, a line less, a
line too many, a credit and a tax. A statement of fewer than a hundred lines stays as it is, but for the credit."""

import csv
import sys

path, out = sys.argv[1:]
with open(path, newline="") as file:
    head, *lines = list(csv.reader(file))
column = {name: i for i, name in enumerate(head)}


def changed(line, **values):
    copy = list(line)
    for name, value in values.items():
        copy[column[name]] = value
    return copy


lines = [line + ["usage"] for line in lines]
column["kind"] = len(head)
last = changed(lines[-1], transactionId="", endpoint="", region="", code="", pricing="", quantity="0")
column["unit"] = column["unit price"]
if len(lines) >= 100:
    lines[10] = changed(lines[10], amount="0.09", unit="0.09")
    lines.append(lines[20])
    lines.append(changed(lines[40], transactionId="00000000000000ff"))
    del lines[30]
    lines.append(changed(last, amount="4.20", unit="", kind="tax"))
lines.append(changed(last, amount="-1.50", unit="", kind="credit"))
with open(out, "w", newline="") as file:
    csv.writer(file).writerows([head + ["kind"]] + lines)

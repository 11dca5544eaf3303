#!/usr/bin/env python3
"""Plants a fault into copies of a database, one each: plant.py DATABASE DIRECTORY."""
import os
import shutil
import sqlite3
import sys

FAULTS = {
    "call counted twice": ["UPDATE usage SET calls = calls + 1 WHERE tag = 'pay'"],
    "call without an outcome": ["DELETE FROM outcomes WHERE call_id = (SELECT max(call_id) FROM calls)"],
    # one more than the requests that may have come in besides, of those whose answers were lost
    "answers that nobody gave": [
        "INSERT INTO calls (check_id, attempt, run_id, reason, endpoint, region, intended_at) "
        "WITH RECURSIVE extra (n) AS (SELECT (SELECT count(*) FROM outcomes WHERE outcome = 'unanswered') UNION ALL "
        "SELECT n - 1 FROM extra WHERE n > 0) SELECT check_id, 900 + n, run_id, 'forced', endpoint, region, intended_at FROM extra, (SELECT * FROM calls LIMIT 1)",
        "INSERT INTO outcomes (call_id, outcome, tag, code, transaction_id, ended_at) "
        "SELECT call_id, 'answered', 'free', 'ERROR', 'planted ' || call_id, 1 FROM calls WHERE attempt >= 900",
        "INSERT INTO usage (quarter, endpoint, region, outcome, code, pricing, tag, calls) "
        "SELECT -1, '', '', 'answered', '', '', 'free', count(*) FROM calls WHERE attempt >= 900",
    ],
    "requests that are in no book": [
        "UPDATE outcomes SET outcome = 'unsent', tag = 'none' WHERE call_id IN (SELECT call_id FROM outcomes WHERE outcome = 'answered' "
        "LIMIT 1 + (SELECT count(*) FROM outcomes WHERE outcome = 'unanswered'))",
    ],
    "transaction on two calls": [
        "UPDATE outcomes SET transaction_id = (SELECT min(transaction_id) FROM outcomes WHERE transaction_id <> '') "
        "WHERE call_id = (SELECT max(call_id) FROM outcomes WHERE outcome = 'answered')",
    ],
    "result less": ["UPDATE answers SET standing = 0 WHERE call_id = (SELECT max(call_id) FROM answers WHERE standing = 1)"],
    "tag changed": ["UPDATE outcomes SET tag = 'free' WHERE call_id = (SELECT min(call_id) FROM outcomes WHERE tag = 'pay')"],
}

database, directory = sys.argv[1:]
os.makedirs(directory)
for name, statements in FAULTS.items():
    path = os.path.join(directory, name.replace(" ", "_") + ".db")
    shutil.copy(database, path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA ignore_check_constraints = 1")
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")  # the schema itself would refuse most of this
    for (index,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%transaction_id%'").fetchall():
        db.execute(f"DROP INDEX {index}")
    for statement in statements:
        if db.execute(statement).rowcount < 1:
            sys.exit(f"nothing to plant: {name}")
    db.commit()
    db.close()

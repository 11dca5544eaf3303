#!/usr/bin/env python3
"""Holds the books of a night against what the other side logged, with nothing of the program but its database.

books.py DATABASE EXIT_CODE REQUESTS: requests that the other side received for results. Prints what is wrong, and one
line of figures.
"""
import sqlite3
import sys

database, code, requests = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def one(query):
    return db.execute(query).fetchone()[0]


wrong = []


def law(what, holds, *figures):
    if not holds:
        wrong.append(f"{what}: {', '.join(map(str, figures))}")


calls, outcomes = one("SELECT count(*) FROM calls"), one("SELECT count(*) FROM outcomes")
law("every intent has one outcome", calls == outcomes, calls, outcomes)
outcome = dict(db.execute("SELECT outcome, count(*) FROM outcomes GROUP BY outcome"))
answered, lost = outcome.get("answered", 0), outcome.get("unanswered", 0)
# A request whose answer did not come in time may have come in or not: on a busy machine the other side never reads some.
law("what was answered was received, and nothing but what was sent", answered <= requests <= answered + lost, outcome, requests)
tags = dict(db.execute("SELECT tag, count(*) FROM outcomes GROUP BY tag"))
used = dict(db.execute("SELECT tag, sum(calls) FROM usage GROUP BY tag"))
law("calls by tag are what they are counted as", tags == used, tags, used)
as_received = one("SELECT count(*) FROM outcomes WHERE outcome = 'answered' AND pricing = 'PAY'")
law("PAY is what was received as PAY", tags.get("pay", 0) == as_received, tags, as_received)
different = one("SELECT count(DISTINCT transaction_id) FROM outcomes WHERE outcome = 'answered'")
law("one transaction is one call", answered == different, answered, different)
done, results = one("SELECT count(*) FROM checks WHERE state = 'done'"), one("SELECT count(*) FROM answers WHERE standing = 1")
law("every check that is done has one result", done == results, done, results)
stranded = one("SELECT count(*) FROM answers a JOIN outcomes o USING (call_id) WHERE standing = 1 AND o.code <> 'SUCCESS'")
law("results come from SUCCESS", stranded == 0, stranded)
again = one(
    """SELECT count(*) FROM calls k JOIN calls l ON l.check_id = k.check_id AND l.attempt < k.attempt JOIN outcomes o ON o.call_id = l.call_id
    WHERE o.outcome = 'answered' AND (o.code IN ('SUCCESS', 'LIVENESS_ID_NOT_EXISTED', 'RESULT_NOT_FOUND', 'PARAMETER_ERROR') OR o.tag = 'pay')"""
)
law("nothing is asked again after a final answer", again == 0, again)
states = dict(db.execute("SELECT state, count(*) FROM checks GROUP BY state"))
open_ids = states.get("pending", 0) + states.get("in_doubt", 0)
doubts = one("SELECT count(*) FROM outcomes WHERE tag = 'unknown'")
expected = 3 if open_ids or doubts else 0
law("the exit code is the documented one", code == expected or code == 0 and not open_ids, code, states, doubts)
run = one("SELECT exit_code FROM runs ORDER BY run_id DESC LIMIT 1")
law("the run's row has it too", run == code, run, code)

print("\n".join(wrong) if wrong else f"{calls} calls, {outcome}, {tags}, checks {states}, exit code {code}")
sys.exit(bool(wrong) or not calls)

-- Whose answer an answer is, and whether it is one. A transaction ID stands for one call; an answer without a score may come
-- again with one; a settled ID can be asked once more while it keeps what it has.

-- +goose Up

-- why says in words what the state alone does not: 'no score yet', 'empty result'. no_score counts the answers without a
-- score that a pending check has had. again is the reason for which a settled check is to be asked once more, '' for none.
ALTER TABLE checks ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE checks ADD COLUMN no_score INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checks ADD COLUMN again TEXT NOT NULL DEFAULT '';
CREATE INDEX checks_without_score ON checks (endpoint, region, changed_at) WHERE no_score > 0 AND state = 'pending';
CREATE INDEX checks_asked_again ON checks (endpoint, region, check_id) WHERE again <> '';

-- Under which call a transaction ID stands, for the calls up to the mark transactions_to in settings; of an ID that stands
-- on two calls the first one indexed. key: the ID as a number where it is 16 hexadecimal digits, else the first 8 bytes of
-- its SHA-256. It is written in sorted batches, and not with the outcomes: a key at a random place of a large table costs
-- a page.
CREATE TABLE transactions (
    key     INTEGER PRIMARY KEY,
    call_id INTEGER NOT NULL
) STRICT;

-- Answers that were not believed because their transaction ID stands on another call. Their calls are unanswered, with the
-- cause 'repeated'.
CREATE TABLE repeated_answers (
    call_id        INTEGER PRIMARY KEY REFERENCES calls,
    transaction_id TEXT    NOT NULL,
    first_call     INTEGER NOT NULL
) STRICT;

-- Answered calls whose answer may be another ID's. why: 'connection', it was found to be one response ahead afterwards;
-- 'transaction', the transaction ID of the answer stands on a call of another check, too.
CREATE TABLE suspects (
    call_id  INTEGER PRIMARY KEY REFERENCES calls,
    run_id   INTEGER NOT NULL REFERENCES runs,
    found_at INTEGER NOT NULL,
    why      TEXT    NOT NULL CHECK (why IN ('connection', 'transaction'))
) STRICT;
CREATE INDEX suspects_by_run ON suspects (run_id);

-- open: the check still stands as this answer left it.
CREATE VIEW v_suspects AS
SELECT s.call_id, k.check_id, s.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', s.found_at / 1000.0, 'unixepoch') AS found_at, s.why,
       c.state NOT IN ('pending', 'in_doubt') AND NOT EXISTS (SELECT 1 FROM calls l JOIN outcomes o USING (call_id)
           WHERE l.check_id = k.check_id AND l.attempt > k.attempt AND o.outcome = 'answered') AS open
FROM suspects s JOIN calls k USING (call_id) JOIN checks c USING (check_id);

DROP VIEW v_checks;
CREATE VIEW v_checks AS
SELECT c.check_id, c.kind, c.id, c.other_id, c.reference, c.region, c.endpoint, c.state, c.attempts,
       a.score,
       CASE WHEN a.score IS NULL THEN NULL
            WHEN a.score > t.threshold OR (a.score = t.threshold AND t.inclusive) THEN 'pass'
            ELSE 'manual_check' END AS verdict,
       CASE WHEN a.call_id IS NULL THEN NULL
            WHEN a.attack_type = '1' THEN 'presentation'
            WHEN a.attack_type = '2' THEN 'injection'
            WHEN a.attack_type = '3' THEN 'unsure'
            WHEN a.attack_type <> '' THEN 'other'
            WHEN a.score IS NULL THEN NULL
            WHEN a.score > t.threshold OR (a.score = t.threshold AND t.inclusive) THEN 'none'
            ELSE 'unclassified' END AS attack_type,
       a.attack_sub_type,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.answered_at / 1000.0, 'unixepoch') AS answered_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.captured_at / 1000.0, 'unixepoch') AS captured_at,
       c.list_id, c.line, c.why
FROM checks c
CROSS JOIN (SELECT CAST((SELECT value FROM settings WHERE key = 'threshold') AS REAL) AS threshold,
                   (SELECT value FROM settings WHERE key = 'threshold_inclusive') = '1' AS inclusive) t
LEFT JOIN answers a ON a.check_id = c.check_id AND a.standing = 1;

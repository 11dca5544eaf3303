-- The first schema. Times are INTEGER milliseconds since the Unix epoch, UTC; the views show them as text.
-- Money rows (calls, outcomes) are append-only: the triggers at the end refuse UPDATE and DELETE.

-- +goose Up

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO settings (key, value) VALUES ('threshold', '50'), ('threshold_inclusive', '1');

CREATE TABLE runs (
    run_id      INTEGER PRIMARY KEY,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    version     TEXT    NOT NULL,
    host        TEXT    NOT NULL,
    pid         INTEGER NOT NULL,
    simulated   INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    exit_code   INTEGER,
    verdict     TEXT,
    error       TEXT
) STRICT;

CREATE TABLE lists (
    list_id     INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    path        TEXT    NOT NULL,
    sha256      BLOB    NOT NULL,
    fingerprint TEXT    NOT NULL UNIQUE,
    bytes       INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    rows        INTEGER NOT NULL,
    rejected    INTEGER NOT NULL,
    duplicate   INTEGER NOT NULL,
    known       INTEGER NOT NULL,
    new         INTEGER NOT NULL,
    CHECK (rows = rejected + duplicate + known + new)
) STRICT;

CREATE TABLE list_regions (
    list_id   INTEGER NOT NULL REFERENCES lists,
    region    TEXT    NOT NULL,
    duplicate INTEGER NOT NULL,
    known     INTEGER NOT NULL,
    new       INTEGER NOT NULL,
    PRIMARY KEY (list_id, region)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejects (
    list_id INTEGER NOT NULL REFERENCES lists,
    line    INTEGER NOT NULL,
    "column" TEXT   NOT NULL,
    reason  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    value   TEXT    NOT NULL
) STRICT;
CREATE INDEX rejects_by_list ON rejects (list_id, line);

-- One row an ID ever listed. id, other_id and reference are personal data: they can be set to NULL without touching
-- anything else; id_hash (the first 16 bytes of SHA-256 over kind, NUL, ID) stays, so that an erased ID is not bought again.
CREATE TABLE checks (
    check_id    INTEGER PRIMARY KEY,
    id_hash     BLOB    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('signatureId', 'livenessId')),
    id          TEXT,
    other_id    TEXT,
    reference   TEXT,
    region      TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    list_id     INTEGER NOT NULL REFERENCES lists,
    line        INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'absent', 'refused', 'in_doubt', 'given_up')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    doubts      INTEGER NOT NULL DEFAULT 0,
    rechecks    INTEGER NOT NULL DEFAULT 0,
    not_found   INTEGER NOT NULL DEFAULT 0,
    forced      INTEGER NOT NULL DEFAULT 0,
    changed_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX checks_by_hash ON checks (id_hash);
CREATE INDEX checks_open ON checks (endpoint, state, check_id, region) WHERE state IN ('pending', 'in_doubt');
CREATE INDEX checks_not_found ON checks (check_id) WHERE not_found = 1;

-- Where an ID stood again: in the same list (duplicate) or in a later one (known). Its first place is in checks.
CREATE TABLE list_repeats (
    check_id INTEGER NOT NULL REFERENCES checks,
    list_id  INTEGER NOT NULL REFERENCES lists,
    line     INTEGER NOT NULL,
    region   TEXT    NOT NULL,
    PRIMARY KEY (check_id, list_id, line)
) STRICT, WITHOUT ROWID;

-- The intent: durable before the first byte of the request may leave.
CREATE TABLE calls (
    call_id     INTEGER PRIMARY KEY,
    check_id    INTEGER NOT NULL REFERENCES checks,
    attempt     INTEGER NOT NULL CHECK (attempt >= 1),
    run_id      INTEGER NOT NULL REFERENCES runs,
    reason      TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    region      TEXT    NOT NULL,
    intended_at INTEGER NOT NULL,
    UNIQUE (check_id, attempt)
) STRICT;
CREATE INDEX calls_by_run ON calls (run_id, call_id);

-- What became of it. Exactly one a call, in the end.
CREATE TABLE outcomes (
    call_id        INTEGER PRIMARY KEY REFERENCES calls,
    outcome        TEXT    NOT NULL CHECK (outcome IN ('answered', 'unsent', 'unanswered')),
    cause          TEXT    NOT NULL DEFAULT '',
    sent_at        INTEGER,
    ended_at       INTEGER NOT NULL,
    http_status    INTEGER,
    code           TEXT    NOT NULL DEFAULT '',
    class          TEXT    NOT NULL DEFAULT '',
    pricing        TEXT    NOT NULL DEFAULT '',
    tag            TEXT    NOT NULL CHECK (tag IN ('pay', 'free', 'unknown', 'none')),
    transaction_id TEXT    NOT NULL DEFAULT '',
    body_sha256    BLOB,
    CHECK ((outcome = 'unsent') = (tag = 'none')),
    CHECK (outcome <> 'unanswered' OR tag = 'unknown'),
    CHECK (outcome = 'answered' OR code = '')
) STRICT;
CREATE INDEX outcomes_in_doubt ON outcomes (call_id) WHERE outcome = 'unanswered' OR tag = 'unknown';

-- What an answer said, apart from money. body and message may be erased. standing = 1 marks the answer that is the
-- check's result: at most one a check.
CREATE TABLE answers (
    call_id         INTEGER PRIMARY KEY REFERENCES calls,
    check_id        INTEGER NOT NULL REFERENCES checks,
    answered_at     INTEGER NOT NULL,
    captured_at     INTEGER,
    region          TEXT    NOT NULL,
    endpoint        TEXT    NOT NULL,
    standing        INTEGER NOT NULL CHECK (standing IN (0, 1)),
    score           REAL,
    score_text      TEXT    NOT NULL DEFAULT '',
    attack_type     TEXT    NOT NULL DEFAULT '',
    attack_sub_type TEXT    NOT NULL DEFAULT '',
    oddities        TEXT    NOT NULL DEFAULT '',
    message         TEXT,
    body            TEXT
) STRICT;
CREATE UNIQUE INDEX answers_standing ON answers (check_id) WHERE standing = 1;
CREATE INDEX answers_by_time ON answers (answered_at, region, endpoint, attack_type, score) WHERE standing = 1;

-- Calls counted by the quarter hour (UTC) they were sent in, kept in the transaction that stores the outcome. Every
-- time zone in use is a whole number of quarter hours from UTC, so a day or month of any zone is a range of quarters.
CREATE TABLE usage (
    quarter  INTEGER NOT NULL,
    endpoint TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    code     TEXT    NOT NULL,
    pricing  TEXT    NOT NULL,
    tag      TEXT    NOT NULL,
    calls    INTEGER NOT NULL,
    PRIMARY KEY (quarter, endpoint, region, outcome, code, pricing, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoint_memory (
    endpoint      TEXT PRIMARY KEY,
    rate          REAL NOT NULL,
    parked_until  INTEGER,
    parked_reason TEXT NOT NULL DEFAULT '',
    updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE statements (
    statement_id  INTEGER PRIMARY KEY,
    path          TEXT    NOT NULL,
    sha256        BLOB    NOT NULL UNIQUE,
    month         TEXT    NOT NULL,
    imported_at   INTEGER NOT NULL,
    superseded_by INTEGER REFERENCES statements
) STRICT;

CREATE TABLE statement_lines (
    statement_id   INTEGER NOT NULL REFERENCES statements,
    line           INTEGER NOT NULL,
    transaction_id TEXT    NOT NULL DEFAULT '',
    charged_at     INTEGER,
    endpoint       TEXT    NOT NULL DEFAULT '',
    region         TEXT    NOT NULL DEFAULT '',
    pricing        TEXT    NOT NULL DEFAULT '',
    quantity       INTEGER NOT NULL,
    unit_price     TEXT,
    amount         TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    PRIMARY KEY (statement_id, line)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER calls_no_update BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, 'calls are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER calls_no_delete BEFORE DELETE ON calls BEGIN SELECT RAISE(ABORT, 'calls are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
-- +goose StatementEnd

-- The stable views for people with SQL tools.

CREATE VIEW v_runs AS
SELECT run_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', started_at / 1000.0, 'unixepoch') AS started_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', ended_at / 1000.0, 'unixepoch')   AS ended_at,
       version, host, pid, simulated, exit_code, verdict, error,
       (SELECT count(*) FROM calls c WHERE c.run_id = r.run_id) AS calls
FROM runs r;

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
       c.list_id, c.line
FROM checks c
CROSS JOIN (SELECT CAST((SELECT value FROM settings WHERE key = 'threshold') AS REAL) AS threshold,
                   (SELECT value FROM settings WHERE key = 'threshold_inclusive') = '1' AS inclusive) t
LEFT JOIN answers a ON a.check_id = c.check_id AND a.standing = 1;

CREATE VIEW v_calls AS
SELECT k.call_id, k.run_id AS run, k.check_id AS "check", k.attempt, k.reason,
       strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(o.sent_at, k.intended_at) / 1000.0, 'unixepoch') AS sent_at,
       o.outcome, o.cause, o.http_status, o.code, o.pricing, o.tag, o.transaction_id,
       o.ended_at - o.sent_at AS latency_ms, k.endpoint, k.region
FROM calls k LEFT JOIN outcomes o USING (call_id);

CREATE VIEW v_lists AS
SELECT list_id, run_id AS run, path, lower(hex(sha256)) AS sha256, bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', read_at / 1000.0, 'unixepoch') AS read_at,
       rows, rejected, duplicate, known, new
FROM lists;

CREATE VIEW v_rejects AS
SELECT r.list_id, l.path, r.line, r."column", r.reason, r.detail, r.value
FROM rejects r JOIN lists l USING (list_id);

CREATE VIEW v_statement_lines AS
SELECT s.month, s.path, l.statement_id, l.line, l.transaction_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', l.charged_at / 1000.0, 'unixepoch') AS charged_at,
       l.endpoint, l.region, l.pricing, l.quantity, l.unit_price, l.amount, l.currency,
       s.superseded_by IS NOT NULL AS superseded
FROM statement_lines l JOIN statements s USING (statement_id);

PRAGMA application_id = 1279874642;

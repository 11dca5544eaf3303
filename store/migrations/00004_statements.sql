-- The vendor's statements, what reconciling found, and months that are closed. Times are INTEGER milliseconds since the
-- Unix epoch, UTC; months are TEXT YYYY-MM of the billing zone; money is decimal TEXT.
--
--   statements ──< statement_scopes ──< statement_amounts    which months and endpoints a statement is about
--       └──< statement_lines
--   reconciliations ──< reconciled                           every row of either side, in exactly one class
--       ├──< reconciled_classes, bridge, verdicts, readings, reading_gaps, reconciled_scopes
--       └──< resolutions                                     calls in doubt that were settled: billed or not
--   closures ──< closed_usage, closed_files                  a month as it was when it was closed
--       └──< corrections                                     what came to light afterwards, and the month that bears it

-- +goose Up

-- The tables of 00001 were never written.
DROP VIEW v_statement_lines;
DROP TABLE statement_lines;
DROP TABLE statements;

-- One file as it was read. fingerprint covers the settings that decided the reading: the same content read otherwise is
-- another statement, which takes the first one's place.
CREATE TABLE statements (
    statement_id INTEGER PRIMARY KEY,
    path         TEXT    NOT NULL,
    sha256       BLOB    NOT NULL,
    fingerprint  BLOB    NOT NULL,
    imported_at  INTEGER NOT NULL,
    additional   INTEGER NOT NULL CHECK (additional IN (0, 1)),
    lines        INTEGER NOT NULL,
    ignored      INTEGER NOT NULL,
    UNIQUE (sha256, fingerprint)
) STRICT;

-- What a statement is about. endpoint '' is a statement that names none. A scope without usage (a tax or credit line for
-- all endpoints) stands as long as another of its statement and month does.
CREATE TABLE statement_scopes (
    statement_id  INTEGER NOT NULL REFERENCES statements,
    month         TEXT    NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]'),
    endpoint      TEXT    NOT NULL,
    lines         INTEGER NOT NULL,
    usage_lines   INTEGER NOT NULL,
    itemised      INTEGER NOT NULL CHECK (itemised IN (0, 1)),
    superseded_by INTEGER REFERENCES statements,
    PRIMARY KEY (statement_id, month, endpoint)
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_scopes_standing ON statement_scopes (month, endpoint, statement_id) WHERE superseded_by IS NULL;

CREATE TABLE statement_amounts (
    statement_id INTEGER NOT NULL REFERENCES statements,
    month        TEXT    NOT NULL,
    endpoint     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    currency     TEXT    NOT NULL,
    quantity     INTEGER NOT NULL,
    amount       TEXT    NOT NULL,
    PRIMARY KEY (statement_id, month, endpoint, kind, currency)
) STRICT, WITHOUT ROWID;

-- month '' stands on a total over several months alone.
CREATE TABLE statement_lines (
    statement_id   INTEGER NOT NULL REFERENCES statements,
    line           INTEGER NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('usage', 'credit', 'tax', 'total')),
    transaction_id TEXT    NOT NULL DEFAULT '',
    charged_at     INTEGER,
    date_only      INTEGER NOT NULL DEFAULT 0 CHECK (date_only IN (0, 1)),
    month          TEXT    NOT NULL,
    endpoint       TEXT    NOT NULL DEFAULT '',
    region         TEXT    NOT NULL DEFAULT '',
    pricing        TEXT    NOT NULL DEFAULT '',
    quantity       INTEGER NOT NULL,
    unit_price     TEXT,
    amount         TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    PRIMARY KEY (statement_id, line)
) STRICT, WITHOUT ROWID;

-- One month reconciled. settings is what it was done with, as JSON; digest covers all it found, so that doing it again
-- with nothing new is recognised. The newest of a month stands.
CREATE TABLE reconciliations (
    reconciliation_id INTEGER PRIMARY KEY,
    month             TEXT    NOT NULL,
    made_at           INTEGER NOT NULL,
    version           TEXT    NOT NULL,
    reading           TEXT    NOT NULL,
    tolerance_abs     TEXT    NOT NULL,
    tolerance_rel     TEXT    NOT NULL,
    settings          TEXT    NOT NULL,
    last_call         INTEGER NOT NULL,
    itemised          INTEGER NOT NULL CHECK (itemised IN (0, 1)),
    within            INTEGER NOT NULL CHECK (within IN (0, 1)),
    verdict           TEXT    NOT NULL,
    reproduces        TEXT    NOT NULL,
    nearest           TEXT    NOT NULL,
    calls             INTEGER NOT NULL,
    charges           INTEGER NOT NULL,
    doubts            INTEGER NOT NULL,
    free              INTEGER NOT NULL,
    elsewhere         INTEGER NOT NULL,
    digest            BLOB    NOT NULL,
    superseded_by     INTEGER REFERENCES reconciliations
) STRICT;
CREATE UNIQUE INDEX reconciliations_standing ON reconciliations (month) WHERE superseded_by IS NULL;

CREATE TABLE reconciled_scopes (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    statement_id      INTEGER NOT NULL REFERENCES statements,
    endpoint          TEXT    NOT NULL,
    PRIMARY KEY (reconciliation_id, statement_id, endpoint)
) STRICT, WITHOUT ROWID;

-- call_id, statement_id and line are NULL on a row that one side alone has, our_amount where no price is set. What calls, outcomes and statement_lines say of
-- a row is not repeated here.
CREATE TABLE reconciled (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    row               INTEGER NOT NULL,
    class             TEXT    NOT NULL,
    call_id           INTEGER REFERENCES calls,
    statement_id      INTEGER,
    line              INTEGER,
    at                INTEGER,
    endpoint          TEXT    NOT NULL,
    region            TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    transaction_id    TEXT    NOT NULL,
    our_quantity      INTEGER NOT NULL,
    their_quantity    INTEGER NOT NULL,
    our_amount        TEXT,
    their_amount      TEXT    NOT NULL,
    note              TEXT    NOT NULL,
    PRIMARY KEY (reconciliation_id, row),
    FOREIGN KEY (statement_id, line) REFERENCES statement_lines
) STRICT, WITHOUT ROWID;
CREATE INDEX reconciled_by_call ON reconciled (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX reconciled_exceptions ON reconciled (reconciliation_id, row) WHERE class <> 'matched';

CREATE TABLE reconciled_classes (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    class             TEXT    NOT NULL,
    endpoint          TEXT    NOT NULL,
    region            TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    rows              INTEGER NOT NULL,
    our_quantity      INTEGER NOT NULL,
    their_quantity    INTEGER NOT NULL,
    our_amount        TEXT    NOT NULL,
    their_amount      TEXT    NOT NULL,
    unpriced          INTEGER NOT NULL,
    PRIMARY KEY (reconciliation_id, class, endpoint, region, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE bridge (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    row               INTEGER NOT NULL,
    currency          TEXT    NOT NULL,
    step              TEXT    NOT NULL,
    quantity          INTEGER NOT NULL,
    amount            TEXT    NOT NULL,
    priced            INTEGER NOT NULL CHECK (priced IN (0, 1)),
    PRIMARY KEY (reconciliation_id, row)
) STRICT, WITHOUT ROWID;

-- Whether one currency's open differences are tolerable; over and under are not set off against each other.
CREATE TABLE verdicts (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    currency          TEXT    NOT NULL,
    ours              TEXT    NOT NULL,
    over_amount       TEXT    NOT NULL,
    under_amount      TEXT    NOT NULL,
    over_quantity     INTEGER NOT NULL,
    under_quantity    INTEGER NOT NULL,
    priced            INTEGER NOT NULL CHECK (priced IN (0, 1)),
    within            INTEGER NOT NULL CHECK (within IN (0, 1)),
    PRIMARY KEY (reconciliation_id, currency)
) STRICT, WITHOUT ROWID;

-- amount NULL: no price is set.
CREATE TABLE readings (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    row               INTEGER NOT NULL,
    reading           TEXT    NOT NULL,
    endpoint          TEXT    NOT NULL,
    region            TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    quantity          INTEGER NOT NULL,
    amount            TEXT,
    PRIMARY KEY (reconciliation_id, row)
) STRICT, WITHOUT ROWID;

-- Each reading beside the statement; our_amount NULL: no price is set. least_amount and most_amount are what it may be with
-- some of the doubts.
CREATE TABLE reading_gaps (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    row               INTEGER NOT NULL,
    reading           TEXT    NOT NULL,
    endpoint          TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    our_quantity      INTEGER NOT NULL,
    doubts            INTEGER NOT NULL,
    our_amount        TEXT,
    minimum           TEXT    NOT NULL,
    least_amount      TEXT    NOT NULL,
    most_amount       TEXT    NOT NULL,
    their_quantity    INTEGER NOT NULL,
    their_amount      TEXT    NOT NULL,
    fits              INTEGER NOT NULL CHECK (fits IN (0, 1)),
    PRIMARY KEY (reconciliation_id, row)
) STRICT, WITHOUT ROWID;

-- A call in doubt is billed when a standing reconciliation found it billed, not billed when one found that and none the
-- contrary.
CREATE TABLE resolutions (
    call_id           INTEGER NOT NULL REFERENCES calls,
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    billed            INTEGER NOT NULL CHECK (billed IN (0, 1)),
    PRIMARY KEY (call_id, reconciliation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX resolutions_by_reconciliation ON resolutions (reconciliation_id, call_id);

-- sealed_at is set together with the files; a closure without it was cut short and closes nothing.
CREATE TABLE closures (
    closure_id        INTEGER PRIMARY KEY,
    month             TEXT    NOT NULL,
    closed_at         INTEGER NOT NULL,
    closed_by         TEXT    NOT NULL,
    version           TEXT    NOT NULL,
    last_call         INTEGER NOT NULL,
    reconciliation_id INTEGER REFERENCES reconciliations,
    settings          TEXT    NOT NULL,
    content_sha256    BLOB    NOT NULL,
    sealed_at         INTEGER,
    reopened_at       INTEGER,
    reopened_by       TEXT,
    reason            TEXT,
    CHECK ((reopened_at IS NULL) = (reopened_by IS NULL) AND (reopened_at IS NULL) = (reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX closures_standing ON closures (month) WHERE reopened_at IS NULL;

CREATE TABLE closed_usage (
    closure_id INTEGER NOT NULL REFERENCES closures,
    quarter    INTEGER NOT NULL,
    endpoint   TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    pricing    TEXT    NOT NULL,
    tag        TEXT    NOT NULL,
    calls      INTEGER NOT NULL,
    PRIMARY KEY (closure_id, quarter, endpoint, region, outcome, code, pricing, tag)
) STRICT, WITHOUT ROWID;

-- content is compressed by gzip; sha256 and bytes are those of the file itself. content is NULL once it was taken out
-- because the file named somebody who was erased.
CREATE TABLE closed_files (
    closure_id INTEGER NOT NULL REFERENCES closures,
    kind       TEXT    NOT NULL CHECK (kind IN ('finance', 'risk')),
    name       TEXT    NOT NULL,
    sha256     BLOB    NOT NULL,
    bytes      INTEGER NOT NULL,
    content    BLOB,
    PRIMARY KEY (closure_id, kind)
) STRICT;

-- currency '' and amount NULL: no price is set.
CREATE TABLE corrections (
    correction_id INTEGER PRIMARY KEY,
    closure_id    INTEGER NOT NULL REFERENCES closures,
    borne_by      TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('late call', 'doubt billed', 'doubt not billed')),
    call_id       INTEGER NOT NULL REFERENCES calls,
    endpoint      TEXT    NOT NULL,
    region        TEXT    NOT NULL,
    currency      TEXT    NOT NULL,
    quantity      INTEGER NOT NULL,
    amount        TEXT,
    found_at      INTEGER NOT NULL,
    UNIQUE (closure_id, call_id, kind)
) STRICT;
CREATE INDEX corrections_by_month ON corrections (borne_by);

-- +goose StatementBegin
CREATE TRIGGER statement_lines_no_update BEFORE UPDATE ON statement_lines BEGIN SELECT RAISE(ABORT, 'statement_lines are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_lines_no_delete BEFORE DELETE ON statement_lines BEGIN SELECT RAISE(ABORT, 'statement_lines are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reconciled_no_update BEFORE UPDATE ON reconciled BEGIN SELECT RAISE(ABORT, 'reconciled are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reconciled_no_delete BEFORE DELETE ON reconciled BEGIN SELECT RAISE(ABORT, 'reconciled are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER resolutions_no_update BEFORE UPDATE ON resolutions BEGIN SELECT RAISE(ABORT, 'resolutions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER resolutions_no_delete BEFORE DELETE ON resolutions BEGIN SELECT RAISE(ABORT, 'resolutions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closures_no_update BEFORE UPDATE OF closure_id, month, closed_at, closed_by, version, last_call, reconciliation_id, settings, content_sha256 ON closures
BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closures_end_once BEFORE UPDATE ON closures WHEN OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS NOT OLD.sealed_at OR OLD.reopened_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closures_no_delete BEFORE DELETE ON closures WHEN OLD.sealed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closed_usage_no_update BEFORE UPDATE ON closed_usage BEGIN SELECT RAISE(ABORT, 'closed_usage is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closed_usage_no_delete BEFORE DELETE ON closed_usage WHEN (SELECT sealed_at FROM closures c WHERE c.closure_id = OLD.closure_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'closed_usage is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closed_files_no_update BEFORE UPDATE ON closed_files WHEN NEW.content IS NOT NULL OR NEW.sha256 <> OLD.sha256
BEGIN SELECT RAISE(ABORT, 'closed_files are append-only'); END;
-- +goose StatementEnd

CREATE VIEW v_statement_lines AS
SELECT l.month, s.path, l.statement_id, l.line, l.transaction_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', l.charged_at / 1000.0, 'unixepoch') AS charged_at,
       l.endpoint, l.region, l.pricing, l.quantity, l.unit_price, l.amount, l.currency,
       EXISTS (SELECT 1 FROM statement_scopes c WHERE c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
               AND c.superseded_by IS NOT NULL) AS superseded,
       l.kind
FROM statement_lines l JOIN statements s USING (statement_id);

-- What standing reconciliations say of every row of either side.
CREATE VIEW v_reconciled AS
SELECT c.month, r.reconciliation_id, r.class, r.call_id AS call, r.transaction_id, s.path AS statement, r.line,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000.0, 'unixepoch') AS at,
       r.endpoint, r.region, r.currency, r.our_quantity, r.their_quantity, r.our_amount, r.their_amount, r.note
FROM reconciliations c JOIN reconciled r USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
WHERE c.superseded_by IS NULL;

DROP VIEW v_calls;
CREATE VIEW v_calls AS
SELECT k.call_id, k.run_id AS run, k.check_id AS "check", k.attempt, k.reason,
       strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(o.sent_at, k.intended_at) / 1000.0, 'unixepoch') AS sent_at,
       o.outcome, o.cause, o.http_status, o.code, o.pricing, o.tag, o.transaction_id,
       o.ended_at - o.sent_at AS latency_ms, k.endpoint, k.region,
       CASE (SELECT max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
             WHERE r.call_id = k.call_id AND c.superseded_by IS NULL)
            WHEN 1 THEN 'billed' WHEN 0 THEN 'not billed' ELSE '' END AS resolution
FROM calls k LEFT JOIN outcomes o USING (call_id);

-- What all migrations together make, made at once for a new database. Written by
-- go test ./store -run TestSchemaIsWhole -args -update-schema, and compared with them by the same test.

PRAGMA application_id = 1279874642;

CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
, publish_ms INTEGER, nonce TEXT NOT NULL DEFAULT '') STRICT;

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
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'absent', 'refused', 'in_doubt', 'given_up', 'held')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    doubts      INTEGER NOT NULL DEFAULT 0,
    rechecks    INTEGER NOT NULL DEFAULT 0,
    not_found   INTEGER NOT NULL DEFAULT 0,
    forced      INTEGER NOT NULL DEFAULT 0,
    changed_at  INTEGER NOT NULL
, why TEXT NOT NULL DEFAULT '', no_score INTEGER NOT NULL DEFAULT 0, again TEXT NOT NULL DEFAULT '', unfound INTEGER NOT NULL DEFAULT 0, stood TEXT NOT NULL DEFAULT '', guessed INTEGER NOT NULL DEFAULT 0 CHECK (guessed IN (0, 1))) STRICT;

CREATE UNIQUE INDEX checks_by_hash ON checks (id_hash);

CREATE INDEX checks_not_found ON checks (check_id) WHERE not_found = 1;

CREATE TABLE list_repeats (
    check_id INTEGER NOT NULL REFERENCES checks,
    list_id  INTEGER NOT NULL REFERENCES lists,
    line     INTEGER NOT NULL,
    region   TEXT    NOT NULL,
    PRIMARY KEY (check_id, list_id, line)
) STRICT, WITHOUT ROWID;

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
, sdk_version TEXT NOT NULL DEFAULT '', platform TEXT NOT NULL DEFAULT '', gap_ms INTEGER) STRICT;

CREATE UNIQUE INDEX answers_standing ON answers (check_id) WHERE standing = 1;

CREATE INDEX answers_by_time ON answers (answered_at, region, endpoint, attack_type, score) WHERE standing = 1;

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

CREATE TRIGGER calls_no_update BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, 'calls are append-only'); END;

CREATE TRIGGER calls_no_delete BEFORE DELETE ON calls BEGIN SELECT RAISE(ABORT, 'calls are append-only'); END;

CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;

CREATE VIEW v_runs AS
SELECT run_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', started_at / 1000.0, 'unixepoch') AS started_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', ended_at / 1000.0, 'unixepoch')   AS ended_at,
       version, host, pid, simulated, exit_code, verdict, error,
       (SELECT count(*) FROM calls c WHERE c.run_id = r.run_id) AS calls
FROM runs r;

CREATE VIEW v_rejects AS
SELECT r.list_id, l.path, r.line, r."column", r.reason, r.detail, r.value
FROM rejects r JOIN lists l USING (list_id);

CREATE TABLE rollups (
    name     TEXT PRIMARY KEY CHECK (name IN ('scores', 'calls')),
    up_to    INTEGER NOT NULL,
    made_for TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE score_counts (
    day         INTEGER NOT NULL,
    ends        INTEGER NOT NULL,
    region      TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    attack_type TEXT    NOT NULL,
    answers     INTEGER NOT NULL,
    scores      BLOB    NOT NULL,
    CHECK (day < ends)
) STRICT;

CREATE UNIQUE INDEX score_counts_by_day ON score_counts (day, region, endpoint, attack_type);

CREATE TABLE call_counts (
    run_id   INTEGER NOT NULL REFERENCES runs,
    outcome  TEXT    NOT NULL,
    tag      TEXT    NOT NULL,
    calls    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    PRIMARY KEY (run_id, outcome, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE paid_transactions (
    part      INTEGER NOT NULL CHECK (part BETWEEN 0 AND 15),
    from_call INTEGER NOT NULL,
    to_call   INTEGER NOT NULL,
    first_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    ids       BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX paid_transactions_by_part ON paid_transactions (part, from_call);

CREATE INDEX answers_suspected ON answers (answered_at, score, attack_type, region, check_id)
    WHERE standing = 1 AND (score < 60 OR score IS NULL OR attack_type <> '');

CREATE INDEX checks_unanswered ON checks (list_id, region, state) WHERE state IN ('absent', 'refused', 'given_up');

CREATE INDEX calls_repeated ON calls (call_id) WHERE attempt > 1;

CREATE INDEX outcomes_strange ON outcomes (call_id) WHERE outcome = 'answered' AND (tag = 'unknown' OR (tag = 'pay') <> (code = 'SUCCESS'));

CREATE TABLE decision_files (
    file_id     INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    sha256      BLOB    NOT NULL UNIQUE,
    imported_at INTEGER NOT NULL
) STRICT;

CREATE TABLE decisions (
    decision_id INTEGER PRIMARY KEY,
    call_id     INTEGER NOT NULL REFERENCES answers,
    answered_at INTEGER NOT NULL,
    decision    TEXT    NOT NULL CHECK (decision IN ('genuine', 'attack', 'unclear', 'escalated')),
    reviewer    TEXT    NOT NULL CHECK (reviewer <> ''),
    decided_at  INTEGER NOT NULL,
    undated     INTEGER NOT NULL CHECK (undated IN (0, 1)),
    comment     TEXT,
    file_id     INTEGER NOT NULL REFERENCES decision_files,
    sheet       TEXT    NOT NULL,
    row         INTEGER NOT NULL CHECK (row >= 1)
) STRICT;

CREATE INDEX decisions_by_answer ON decisions (call_id, decision_id);

CREATE INDEX decisions_by_time ON decisions (answered_at, call_id, decision_id);

CREATE TRIGGER decisions_no_comment BEFORE UPDATE OF comment ON decisions WHEN NEW.comment IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE statements (
    statement_id INTEGER PRIMARY KEY,
    path         TEXT    NOT NULL,
    sha256       BLOB    NOT NULL,
    fingerprint  BLOB    NOT NULL,
    imported_at  INTEGER NOT NULL,
    additional   INTEGER NOT NULL CHECK (additional IN (0, 1)),
    lines        INTEGER NOT NULL,
    ignored      INTEGER NOT NULL, month TEXT NOT NULL DEFAULT '', invoice TEXT NOT NULL DEFAULT '', issued TEXT NOT NULL DEFAULT '' CHECK (issued = '' OR date(issued) IS issued), due TEXT NOT NULL DEFAULT '' CHECK (due = '' OR date(due) IS due),
    UNIQUE (sha256, fingerprint)
) STRICT;

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
    currency       TEXT    NOT NULL, product TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (statement_id, line)
) STRICT, WITHOUT ROWID;

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
, rows_sha256 BLOB) STRICT;

CREATE UNIQUE INDEX reconciliations_standing ON reconciliations (month) WHERE superseded_by IS NULL;

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
    note              TEXT    NOT NULL, explained TEXT NOT NULL DEFAULT '0', doubt TEXT NOT NULL DEFAULT '0', other TEXT NOT NULL DEFAULT '0', shift TEXT NOT NULL DEFAULT '0', minimum TEXT NOT NULL DEFAULT '0', rounding TEXT NOT NULL DEFAULT '0', prior TEXT NOT NULL DEFAULT '0', tax TEXT NOT NULL DEFAULT '0',
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
    fits              INTEGER NOT NULL CHECK (fits IN (0, 1)), lines INTEGER NOT NULL DEFAULT 0, calls INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (reconciliation_id, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE resolutions (
    call_id           INTEGER NOT NULL REFERENCES calls,
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    billed            INTEGER NOT NULL CHECK (billed IN (0, 1)), short TEXT NOT NULL DEFAULT 'unknown',
    PRIMARY KEY (call_id, reconciliation_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX resolutions_by_reconciliation ON resolutions (reconciliation_id, call_id);

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
    reason            TEXT, worked BLOB, last_work INTEGER NOT NULL DEFAULT 0, last_signature INTEGER NOT NULL DEFAULT 0, in_spite TEXT NOT NULL DEFAULT '',
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

CREATE TABLE closed_files (
    closure_id INTEGER NOT NULL REFERENCES closures,
    kind       TEXT    NOT NULL CHECK (kind IN ('finance', 'risk')),
    name       TEXT    NOT NULL,
    sha256     BLOB    NOT NULL,
    bytes      INTEGER NOT NULL,
    content    BLOB,
    PRIMARY KEY (closure_id, kind)
) STRICT;

CREATE TRIGGER statement_lines_no_update BEFORE UPDATE ON statement_lines BEGIN SELECT RAISE(ABORT, 'statement_lines are append-only'); END;

CREATE TRIGGER statement_lines_no_delete BEFORE DELETE ON statement_lines BEGIN SELECT RAISE(ABORT, 'statement_lines are append-only'); END;

CREATE TRIGGER reconciled_no_update BEFORE UPDATE ON reconciled BEGIN SELECT RAISE(ABORT, 'reconciled are append-only'); END;

CREATE TRIGGER reconciled_no_delete BEFORE DELETE ON reconciled BEGIN SELECT RAISE(ABORT, 'reconciled are append-only'); END;

CREATE TRIGGER resolutions_no_update BEFORE UPDATE ON resolutions BEGIN SELECT RAISE(ABORT, 'resolutions are append-only'); END;

CREATE TRIGGER resolutions_no_delete BEFORE DELETE ON resolutions BEGIN SELECT RAISE(ABORT, 'resolutions are append-only'); END;

CREATE TRIGGER closures_end_once BEFORE UPDATE ON closures WHEN OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS NOT OLD.sealed_at OR OLD.reopened_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;

CREATE TRIGGER closures_no_delete BEFORE DELETE ON closures WHEN OLD.sealed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;

CREATE TRIGGER closed_usage_no_update BEFORE UPDATE ON closed_usage BEGIN SELECT RAISE(ABORT, 'closed_usage is append-only'); END;

CREATE TRIGGER closed_usage_no_delete BEFORE DELETE ON closed_usage WHEN (SELECT sealed_at FROM closures c WHERE c.closure_id = OLD.closure_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'closed_usage is append-only'); END;

CREATE TRIGGER closed_files_no_update BEFORE UPDATE ON closed_files WHEN NEW.content IS NOT NULL OR NEW.sha256 <> OLD.sha256
BEGIN SELECT RAISE(ABORT, 'closed_files are append-only'); END;

CREATE TABLE evidence (
    evidence_id INTEGER PRIMARY KEY,
    call_id     INTEGER NOT NULL REFERENCES calls,
    check_id    INTEGER NOT NULL REFERENCES checks,
    kind        TEXT    NOT NULL CHECK (kind IN ('result', 'audit', 'far', 'near')),
    folder      TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'stored', 'expired', 'refused', 'erased')),
    reason      TEXT    NOT NULL DEFAULT '',
    queued_at   INTEGER NOT NULL,
    settled_at  INTEGER,
    path        TEXT    NOT NULL DEFAULT '',
    sha256      BLOB,
    bytes       INTEGER,
    UNIQUE (call_id, kind),
    CHECK ((state = 'queued') = (settled_at IS NULL)),
    CHECK ((state = 'stored') = (path <> '')),
    CHECK ((state = 'stored') = (sha256 IS NOT NULL AND bytes IS NOT NULL))
) STRICT;

CREATE INDEX evidence_by_check ON evidence (check_id);

CREATE INDEX evidence_by_age ON evidence (settled_at) WHERE state = 'stored';

CREATE TABLE evidence_queue (
    evidence_id INTEGER PRIMARY KEY REFERENCES evidence,
    url         TEXT,
    image       BLOB,
    expires_at  INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    not_before  INTEGER NOT NULL DEFAULT 0,
    CHECK ((url IS NULL) <> (image IS NULL))
) STRICT;

CREATE INDEX evidence_queue_by_expiry ON evidence_queue (expires_at, not_before);

CREATE TABLE novelties (
    kind       TEXT    NOT NULL CHECK (kind IN ('code', 'pricing', 'attack_type', 'attack_sub_type', 'field', 'type', 'shape')),
    value      TEXT    NOT NULL,
    endpoint   TEXT    NOT NULL,
    first_run  INTEGER NOT NULL REFERENCES runs,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    answers    INTEGER NOT NULL CHECK (answers >= 1),
    example    INTEGER NOT NULL REFERENCES calls,
    PRIMARY KEY (kind, value, endpoint)
) STRICT, WITHOUT ROWID;

CREATE VIEW v_novelties AS
SELECT kind, value, endpoint, first_run, answers, example AS example_call,
       strftime('%Y-%m-%dT%H:%M:%fZ', first_seen / 1000.0, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', last_seen / 1000.0, 'unixepoch')  AS last_seen
FROM novelties;

CREATE TABLE erasures (
    erasure_id INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN ('erase', 'purge')),
    id_hash    BLOB,
    cutoff     INTEGER,
    erased_at  INTEGER NOT NULL,
    checks     INTEGER NOT NULL,
    answers    INTEGER NOT NULL,
    rejects    INTEGER NOT NULL,
    CHECK ((kind = 'erase') = (id_hash IS NOT NULL)),
    CHECK ((kind = 'purge') = (cutoff IS NOT NULL))
) STRICT;

CREATE TABLE purged_lists (
    list_id   INTEGER PRIMARY KEY REFERENCES lists,
    purged_at INTEGER NOT NULL
) STRICT;

CREATE INDEX checks_open ON checks (endpoint, state, region, check_id) WHERE state IN ('pending', 'in_doubt');

CREATE TABLE restorations (
    restoration_id INTEGER PRIMARY KEY,
    run_id         INTEGER NOT NULL REFERENCES runs,
    restored_at    INTEGER NOT NULL,
    restored_by    TEXT    NOT NULL,
    epoch          TEXT    NOT NULL UNIQUE,
    left_epoch     TEXT    NOT NULL,
    record         TEXT    NOT NULL,
    lost_from      INTEGER NOT NULL,
    lost_until     INTEGER NOT NULL,
    lag_ms         INTEGER NOT NULL CHECK (lag_ms >= 0),
    lists_before   INTEGER NOT NULL,
    all_lists      INTEGER NOT NULL CHECK (all_lists IN (0, 1)),
    lists_read_by  INTEGER REFERENCES runs, lost_calls INTEGER NOT NULL DEFAULT 0 CHECK (lost_calls >= 0), lost_runs INTEGER CHECK (lost_runs >= 0),
    CHECK (lost_from <= lost_until)
) STRICT;

CREATE TABLE releases (
    release_id  INTEGER PRIMARY KEY,
    released_at INTEGER NOT NULL,
    released_by TEXT    NOT NULL,
    what        TEXT    NOT NULL,
    checks      INTEGER NOT NULL
) STRICT;

CREATE TABLE holds (
    check_id       INTEGER NOT NULL REFERENCES checks,
    restoration_id INTEGER NOT NULL REFERENCES restorations,
    was            TEXT    NOT NULL CHECK (was IN ('pending', 'in_doubt', 'absent')),
    release_id     INTEGER REFERENCES releases,
    PRIMARY KEY (check_id, restoration_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX checks_held ON checks (list_id, region, endpoint, check_id) WHERE state = 'held';

CREATE INDEX checks_without_score ON checks (endpoint, region, changed_at) WHERE no_score > 0 AND state = 'pending';

CREATE INDEX checks_asked_again ON checks (endpoint, region, check_id) WHERE again <> '';

CREATE TABLE transactions (
    key     INTEGER PRIMARY KEY,
    call_id INTEGER NOT NULL
) STRICT;

CREATE TABLE repeated_answers (
    call_id        INTEGER PRIMARY KEY REFERENCES calls,
    transaction_id TEXT    NOT NULL,
    first_call     INTEGER NOT NULL
) STRICT;

CREATE TABLE suspects (
    call_id  INTEGER PRIMARY KEY REFERENCES calls,
    run_id   INTEGER NOT NULL REFERENCES runs,
    found_at INTEGER NOT NULL,
    why      TEXT    NOT NULL CHECK (why IN ('connection', 'transaction'))
) STRICT;

CREATE INDEX suspects_by_run ON suspects (run_id);

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

CREATE TABLE price_books (
    book_id INTEGER PRIMARY KEY,
    sha256  BLOB    NOT NULL UNIQUE,
    prices  TEXT    NOT NULL
) STRICT;

CREATE TABLE price_uses (
    use_id   INTEGER PRIMARY KEY,
    book_id  INTEGER NOT NULL REFERENCES price_books,
    run_id   INTEGER NOT NULL REFERENCES runs,
    since    INTEGER NOT NULL,
    reprices INTEGER NOT NULL CHECK (reprices IN (0, 1))
, reading TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE price_changes (
    use_id     INTEGER NOT NULL REFERENCES price_uses,
    month      TEXT    NOT NULL,
    was        TEXT    NOT NULL,
    became     TEXT    NOT NULL,
    difference TEXT    NOT NULL,
    PRIMARY KEY (use_id, month)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER price_books_no_update BEFORE UPDATE ON price_books BEGIN SELECT RAISE(ABORT, 'price_books are append-only'); END;

CREATE TRIGGER price_books_no_delete BEFORE DELETE ON price_books BEGIN SELECT RAISE(ABORT, 'price_books are append-only'); END;

CREATE TRIGGER price_uses_no_update BEFORE UPDATE ON price_uses BEGIN SELECT RAISE(ABORT, 'price_uses are append-only'); END;

CREATE TRIGGER price_uses_no_delete BEFORE DELETE ON price_uses BEGIN SELECT RAISE(ABORT, 'price_uses are append-only'); END;

CREATE TRIGGER price_changes_no_update BEFORE UPDATE ON price_changes BEGIN SELECT RAISE(ABORT, 'price_changes are append-only'); END;

CREATE TRIGGER price_changes_no_delete BEFORE DELETE ON price_changes BEGIN SELECT RAISE(ABORT, 'price_changes are append-only'); END;

CREATE TABLE endpoint_nights (
    endpoint TEXT    NOT NULL,
    run_id   INTEGER NOT NULL REFERENCES runs,
    found    INTEGER NOT NULL CHECK (found >= 0),
    absent   INTEGER NOT NULL CHECK (absent >= 0),
    scores   INTEGER NOT NULL CHECK (scores >= 0),
    lowest   REAL,
    highest  REAL,
    finding  TEXT    NOT NULL CHECK (finding IN ('', 'nobody', 'believed')),
    PRIMARY KEY (endpoint, run_id),
    CHECK ((scores > 0) = (lowest IS NOT NULL) AND (scores > 0) = (highest IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX checks_given_up ON checks (endpoint, check_id) WHERE state = 'given_up';

CREATE TABLE unconfirmed (
    endpoint TEXT    NOT NULL,
    check_id INTEGER NOT NULL REFERENCES checks,
    run_id   INTEGER NOT NULL REFERENCES runs,
    PRIMARY KEY (endpoint, check_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX calls_asked_again ON calls (call_id) WHERE reason NOT IN ('first', 'resume', 'retry');

CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes
WHEN NOT (OLD.outcome = 'answered' AND OLD.tag IN ('pay', 'free') AND NEW.tag = 'unknown'
    AND EXISTS (SELECT 1 FROM suspects s WHERE s.call_id = OLD.call_id)
    AND (NEW.call_id, NEW.outcome, NEW.cause, NEW.sent_at, NEW.ended_at, NEW.http_status, NEW.code, NEW.class, NEW.pricing, NEW.transaction_id, NEW.body_sha256)
     IS (OLD.call_id, OLD.outcome, OLD.cause, OLD.sent_at, OLD.ended_at, OLD.http_status, OLD.code, OLD.class, OLD.pricing, OLD.transaction_id, OLD.body_sha256))
BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;

CREATE VIEW v_suspects AS
SELECT s.call_id, k.check_id, s.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', s.found_at / 1000.0, 'unixepoch') AS found_at, s.why,
       c.state NOT IN ('pending', 'in_doubt') AND NOT EXISTS (SELECT 1 FROM calls l JOIN outcomes o USING (call_id)
           WHERE l.check_id = k.check_id AND l.attempt > k.attempt AND o.class IN ('done', 'absent', 'not_found', 'refused')) AS open
FROM suspects s JOIN calls k USING (call_id) JOIN checks c USING (check_id);

CREATE TABLE lost_doubts (
    restoration_id INTEGER NOT NULL REFERENCES restorations,
    endpoint       TEXT    NOT NULL,
    region         TEXT    NOT NULL,
    checks         INTEGER NOT NULL CHECK (checks > 0),
    PRIMARY KEY (restoration_id, endpoint, region)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement_parts (
    statement_id  INTEGER NOT NULL REFERENCES statements,
    month         TEXT    NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]'),
    endpoint      TEXT    NOT NULL,
    currency      TEXT    NOT NULL,
    usage         INTEGER NOT NULL CHECK (usage IN (0, 1)),
    lines         INTEGER NOT NULL,
    itemised      INTEGER NOT NULL CHECK (itemised IN (0, 1)),
    superseded_by INTEGER REFERENCES statements,
    PRIMARY KEY (statement_id, month, endpoint, currency, usage)
) STRICT, WITHOUT ROWID;

CREATE INDEX statement_parts_standing ON statement_parts (month, statement_id) WHERE superseded_by IS NULL;

CREATE TABLE reconciled_parts (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    statement_id      INTEGER NOT NULL REFERENCES statements,
    endpoint          TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    usage             INTEGER NOT NULL CHECK (usage IN (0, 1)),
    PRIMARY KEY (reconciliation_id, statement_id, endpoint, currency, usage)
) STRICT, WITHOUT ROWID;

CREATE TABLE "corrections" (
    correction_id  INTEGER PRIMARY KEY,
    closure_id     INTEGER NOT NULL REFERENCES closures,
    borne_by       TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('late call', 'late doubt', 'doubt billed', 'doubt not billed', 'late line', 'line withdrawn')),
    call_id        INTEGER REFERENCES calls,
    statement_id   INTEGER,
    line           INTEGER,
    endpoint       TEXT    NOT NULL,
    region         TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    quantity       INTEGER NOT NULL,
    amount         TEXT,
    most           TEXT    NOT NULL DEFAULT '0',
    right_amount   TEXT    NOT NULL DEFAULT '0',
    their_quantity INTEGER NOT NULL DEFAULT 0,
    their_amount   TEXT    NOT NULL DEFAULT '0',
    class          TEXT    NOT NULL DEFAULT '',
    note           TEXT    NOT NULL DEFAULT '',
    own            INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1)),
    found_at       INTEGER NOT NULL,
    CHECK (call_id IS NOT NULL OR line IS NOT NULL),
    FOREIGN KEY (statement_id, line) REFERENCES statement_lines
) STRICT;

CREATE INDEX corrections_by_month ON corrections (borne_by);

CREATE INDEX corrections_by_closure ON corrections (closure_id);

CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;

CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections
WHEN EXISTS (SELECT 1 FROM closures c WHERE c.month = OLD.borne_by AND c.sealed_at IS NOT NULL AND c.reopened_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'corrections that a closed month bears stay'); END;

CREATE INDEX statement_lines_by_transaction ON statement_lines (transaction_id) WHERE transaction_id <> '';

CREATE TABLE reconciliation_gates (
    reconciliation_id INTEGER PRIMARY KEY REFERENCES reconciliations,
    state             TEXT    NOT NULL CHECK (state IN ('', 'shut', 'forced')),
    ours              INTEGER NOT NULL,
    folded            INTEGER NOT NULL,
    lines             INTEGER NOT NULL,
    offset_ms         INTEGER
) STRICT;

CREATE TABLE probes (
    probe_id       INTEGER PRIMARY KEY,
    endpoint       TEXT    NOT NULL,
    asked_at       INTEGER NOT NULL,
    ended_at       INTEGER,
    outcome        TEXT    NOT NULL DEFAULT 'unanswered' CHECK (outcome IN ('answered', 'unsent', 'unanswered')),
    cause          TEXT    NOT NULL DEFAULT '',
    http_status    INTEGER NOT NULL DEFAULT 0,
    code           TEXT    NOT NULL DEFAULT '',
    tag            TEXT    NOT NULL DEFAULT 'unknown' CHECK (tag IN ('pay', 'free', 'unknown', 'none')),
    transaction_id TEXT    NOT NULL DEFAULT '',
    CHECK ((outcome = 'unsent') = (tag = 'none'))
) STRICT;

CREATE VIEW v_probes AS
SELECT probe_id, endpoint, strftime('%Y-%m-%dT%H:%M:%fZ', asked_at / 1000.0, 'unixepoch') AS asked_at, outcome, cause,
       http_status, code, tag, transaction_id, tag IN ('pay', 'unknown') AS in_doubt
FROM probes;

CREATE TRIGGER decisions_no_update BEFORE UPDATE OF decision_id, call_id, answered_at, decision, decided_at, undated, file_id, sheet, row ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_no_reviewer BEFORE UPDATE OF reviewer ON decisions WHEN NEW.reviewer <> '(erased)'
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE "priced_usage" (
    use_id   INTEGER NOT NULL REFERENCES price_uses,
    quarter  INTEGER NOT NULL,
    endpoint TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    tag      TEXT    NOT NULL CHECK (tag IN ('pay', 'unknown', 'free', 'success')),
    calls    INTEGER NOT NULL CHECK (calls > 0),
    PRIMARY KEY (use_id, quarter, endpoint, region, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX priced_usage_by_quarter ON priced_usage (quarter);

CREATE TRIGGER priced_usage_no_update BEFORE UPDATE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;

CREATE TRIGGER priced_usage_no_delete BEFORE DELETE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;

CREATE TRIGGER runs_nonce AFTER INSERT ON runs BEGIN UPDATE runs SET nonce = lower(hex(randomblob(4))) WHERE run_id = NEW.run_id; END;

CREATE TABLE other_ids (
    id_hash  BLOB PRIMARY KEY,
    check_id INTEGER NOT NULL REFERENCES checks
) STRICT, WITHOUT ROWID;

CREATE VIEW v_statement_lines AS
SELECT l.month, s.path, l.statement_id, l.line, l.transaction_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', l.charged_at / 1000.0, 'unixepoch') AS charged_at,
       l.endpoint, l.region, l.pricing, l.quantity, l.unit_price, l.amount, l.currency,
       EXISTS (SELECT 1 FROM statement_parts c WHERE c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
               AND c.currency = l.currency AND c.usage = (l.kind = 'usage' AND l.product = '') AND c.superseded_by IS NOT NULL) AS superseded,
       l.kind, l.product
FROM statement_lines l JOIN statements s USING (statement_id);

CREATE TABLE deliveries (
    delivery_id INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    recipient   TEXT    NOT NULL,
    page        TEXT    NOT NULL,
    period      TEXT    NOT NULL,
    owed_at     INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    tried_at    INTEGER,
    sent_at     INTEGER,
    given_up_at INTEGER,
    error       TEXT    NOT NULL DEFAULT '',
    UNIQUE (run_id, recipient, page, period)
) STRICT;

CREATE INDEX deliveries_owed ON deliveries (delivery_id) WHERE sent_at IS NULL AND given_up_at IS NULL;

CREATE VIEW v_calls AS
SELECT k.call_id, k.run_id AS run, k.check_id AS "check", k.attempt, k.reason,
       strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(o.sent_at, k.intended_at) / 1000.0, 'unixepoch') AS sent_at,
       o.outcome, o.cause, o.http_status, o.code, o.pricing, o.tag, o.transaction_id,
       o.ended_at - o.sent_at AS latency_ms, k.endpoint, k.region,
       CASE (SELECT max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
             WHERE r.call_id = k.call_id AND c.superseded_by IS NULL)
            WHEN 1 THEN 'billed' WHEN 0 THEN 'not billed' ELSE '' END AS resolution,
       k.run_id, k.check_id
FROM calls k LEFT JOIN outcomes o USING (call_id);

CREATE VIEW v_lists AS
SELECT list_id, run_id AS run, path, lower(hex(sha256)) AS sha256, bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', read_at / 1000.0, 'unixepoch') AS read_at,
       rows, rejected, duplicate, known, new,
       run_id
FROM lists;

CREATE VIEW v_evidence AS
SELECT e.evidence_id, e.check_id AS "check", e.call_id AS call, e.kind, e.state, e.reason, e.path,
       lower(hex(e.sha256)) AS sha256, e.bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.queued_at / 1000.0, 'unixepoch')  AS queued_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.settled_at / 1000.0, 'unixepoch') AS settled_at,
       e.check_id, e.call_id
FROM evidence e;

CREATE VIEW v_reconciled AS
SELECT c.month, r.reconciliation_id, r.class, r.call_id AS call, r.transaction_id, s.path AS statement, r.line,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000.0, 'unixepoch') AS at,
       r.endpoint, r.region, r.currency, r.our_quantity, r.their_quantity, r.our_amount, r.their_amount,
       r.note, r.explained,
       r.call_id
FROM reconciliations c JOIN reconciled r USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
WHERE c.superseded_by IS NULL;

CREATE VIEW v_api_changes AS
SELECT kind, value, endpoint, first_run AS first_run_id, answers, example AS example_call_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', first_seen / 1000.0, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', last_seen / 1000.0, 'unixepoch')  AS last_seen
FROM novelties;

CREATE TABLE lost_histories (
    restoration_id INTEGER PRIMARY KEY REFERENCES restorations,
    runs           TEXT    NOT NULL,
    lists          TEXT    NOT NULL,
    calls          INTEGER NOT NULL CHECK (calls >= 0),
    held           INTEGER NOT NULL CHECK (held >= 0)
) STRICT;

CREATE VIEW v_decisions AS
SELECT d.decision_id, a.check_id AS "check", d.call_id AS call, d.decision, d.reviewer,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at,
       d.comment,
       NOT EXISTS (SELECT 1 FROM decisions later WHERE later.call_id = d.call_id
                   AND (later.decided_at, later.decision_id) > (d.decided_at, d.decision_id)) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, d.sheet, d.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at,
       a.check_id, d.call_id
FROM decisions d JOIN answers a USING (call_id) JOIN decision_files f USING (file_id);

CREATE TABLE exception_work (
    work_id        INTEGER PRIMARY KEY,
    month          TEXT    NOT NULL,
    exception      TEXT    NOT NULL,
    class          TEXT    NOT NULL,
    issue          TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    statement_id   INTEGER REFERENCES statements,
    line           INTEGER,
    call_id        INTEGER REFERENCES calls,
    transaction_id TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('open', 'disputed', 'accepted', 'credited', 'explained', 'within tolerance')),
    disputed       TEXT,
    accepted       TEXT,
    owner          TEXT    NOT NULL,
    comment        TEXT    NOT NULL,
    decided_at     INTEGER NOT NULL,
    undated        INTEGER NOT NULL CHECK (undated IN (0, 1)),
    contradicts    INTEGER REFERENCES exception_work,
    file_id        INTEGER NOT NULL REFERENCES decision_files,
    sheet          TEXT    NOT NULL,
    row            INTEGER NOT NULL
) STRICT;

CREATE INDEX exception_work_by_month ON exception_work (month, exception, decided_at, work_id);

CREATE TABLE signatures (
    signature_id INTEGER PRIMARY KEY,
    month        TEXT    NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('prepared', 'reviewed', 'approved')),
    name         TEXT    NOT NULL CHECK (name <> ''),
    signed_at    INTEGER NOT NULL,
    decision     TEXT    NOT NULL,
    comment      TEXT    NOT NULL,
    figures      BLOB    NOT NULL,
    worked       BLOB    NOT NULL,
    to_dispute   TEXT    NOT NULL,
    file_id      INTEGER NOT NULL REFERENCES decision_files
) STRICT;

CREATE INDEX signatures_by_month ON signatures (month, role, signature_id);

CREATE TRIGGER closures_no_update BEFORE UPDATE OF closure_id, month, closed_at, closed_by, version, last_call, reconciliation_id, settings, content_sha256,
    worked, last_work, last_signature, in_spite ON closures
BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;

CREATE TRIGGER exception_work_no_update BEFORE UPDATE OF work_id, month, exception, class, issue, currency, statement_id, line, call_id, transaction_id, status,
    disputed, accepted, decided_at, undated, contradicts, file_id, sheet, row ON exception_work
BEGIN SELECT RAISE(ABORT, 'exception_work is append-only'); END;

CREATE TRIGGER exception_work_no_delete BEFORE DELETE ON exception_work BEGIN SELECT RAISE(ABORT, 'exception_work is append-only'); END;

CREATE TRIGGER signatures_no_update BEFORE UPDATE OF signature_id, month, role, name, signed_at, decision, figures, worked, to_dispute, file_id ON signatures
BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;

CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;

CREATE TABLE folds (small BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE dispute_notes (
    note_id     INTEGER PRIMARY KEY,
    number      TEXT    NOT NULL,
    month       TEXT    NOT NULL,
    invoice     TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    currency    TEXT    NOT NULL,
    claimed     TEXT    NOT NULL,
    sent_on     TEXT    NOT NULL,
    answered_on TEXT    NOT NULL,
    answer      TEXT    NOT NULL CHECK (answer IN ('', 'agreed', 'agreed in part', 'rejected')),
    credited    TEXT,
    reference   TEXT    NOT NULL,
    comment     TEXT    NOT NULL,
    file_id     INTEGER NOT NULL REFERENCES decision_files,
    sheet       TEXT    NOT NULL,
    row         INTEGER NOT NULL
) STRICT;

CREATE INDEX dispute_notes_by_number ON dispute_notes (number, note_id);

CREATE TABLE credit_texts (
    statement_id INTEGER NOT NULL,
    line         INTEGER NOT NULL,
    text         TEXT    NOT NULL,
    PRIMARY KEY (statement_id, line),
    FOREIGN KEY (statement_id, line) REFERENCES statement_lines
) STRICT, WITHOUT ROWID;

CREATE TRIGGER dispute_notes_no_update BEFORE UPDATE OF note_id, number, month, invoice, reason, endpoint, currency, claimed, sent_on, answered_on, answer,
    credited, file_id, sheet, row ON dispute_notes
BEGIN SELECT RAISE(ABORT, 'dispute_notes are append-only'); END;

CREATE TRIGGER dispute_notes_no_delete BEFORE DELETE ON dispute_notes BEGIN SELECT RAISE(ABORT, 'dispute_notes are append-only'); END;

CREATE TRIGGER credit_texts_no_delete BEFORE DELETE ON credit_texts BEGIN SELECT RAISE(ABORT, 'credit_texts are append-only'); END;

CREATE TABLE labels (
    label_id INTEGER PRIMARY KEY,
    check_id INTEGER NOT NULL REFERENCES checks,
    label    TEXT    NOT NULL CHECK (label IN ('bona fide', 'attack')),
    species  TEXT    NOT NULL CHECK (label = 'attack' OR species = ''),
    file_id  INTEGER NOT NULL REFERENCES decision_files,
    row      INTEGER NOT NULL CHECK (row >= 1)
) STRICT;

CREATE INDEX labels_by_check ON labels (check_id, label_id);

CREATE TRIGGER labels_no_update BEFORE UPDATE OF label_id, check_id, label, file_id, row ON labels
BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END;

CREATE TRIGGER labels_no_species BEFORE UPDATE OF species ON labels WHEN instr(NEW.species, '(erased)') = 0
BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END;

CREATE TRIGGER labels_no_delete BEFORE DELETE ON labels BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END;

CREATE VIEW v_labels AS
SELECT l.label_id, l.check_id, l.label, l.species,
       NOT EXISTS (SELECT 1 FROM labels later WHERE later.check_id = l.check_id AND later.label_id > l.label_id) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, l.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at
FROM labels l JOIN decision_files f USING (file_id);

CREATE TABLE payables (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    statement_id      INTEGER NOT NULL REFERENCES statements,
    currency          TEXT    NOT NULL,
    theirs            TEXT    NOT NULL,
    to_dispute        TEXT    NOT NULL,
    tax_disputed      TEXT    NOT NULL,
    unexplained       TEXT    NOT NULL,
    theirs_beside     TEXT    NOT NULL,
    dispute_beside    TEXT    NOT NULL,
    elsewhere         TEXT    NOT NULL,
    paid_elsewhere    TEXT    NOT NULL,
    PRIMARY KEY (reconciliation_id, currency, statement_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX payables_by_statement ON payables (statement_id);

CREATE TABLE list_notes (
    list_id INTEGER NOT NULL REFERENCES lists,
    number  INTEGER NOT NULL,
    note    TEXT    NOT NULL,
    PRIMARY KEY (list_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement_notes (
    statement_id INTEGER NOT NULL REFERENCES statements,
    number       INTEGER NOT NULL,
    note         TEXT    NOT NULL,
    PRIMARY KEY (statement_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE origin_days (
    day      INTEGER PRIMARY KEY,
    ends     INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    answers  INTEGER NOT NULL,
    calls    INTEGER NOT NULL,
    origins  BLOB    NOT NULL,
    CHECK (day < ends)
) STRICT;

INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES
  (1, 0, 1, datetime('now')),
  (2, 1, 1, datetime('now')),
  (3, 2, 1, datetime('now')),
  (4, 3, 1, datetime('now')),
  (5, 4, 1, datetime('now')),
  (6, 5, 1, datetime('now')),
  (7, 6, 1, datetime('now')),
  (8, 7, 1, datetime('now')),
  (9, 8, 1, datetime('now')),
  (10, 9, 1, datetime('now')),
  (11, 10, 1, datetime('now')),
  (12, 11, 1, datetime('now')),
  (13, 12, 1, datetime('now')),
  (14, 13, 1, datetime('now')),
  (15, 14, 1, datetime('now')),
  (16, 15, 1, datetime('now')),
  (17, 16, 1, datetime('now')),
  (18, 17, 1, datetime('now')),
  (19, 18, 1, datetime('now')),
  (20, 19, 1, datetime('now')),
  (21, 20, 1, datetime('now')),
  (22, 21, 1, datetime('now')),
  (23, 22, 1, datetime('now')),
  (24, 23, 1, datetime('now')),
  (25, 24, 1, datetime('now')),
  (26, 25, 1, datetime('now')),
  (27, 26, 1, datetime('now')),
  (28, 27, 1, datetime('now')),
  (29, 28, 1, datetime('now')),
  (30, 29, 1, datetime('now')),
  (31, 30, 1, datetime('now')),
  (32, 31, 1, datetime('now')),
  (33, 33, 1, datetime('now')),
  (34, 36, 1, datetime('now')),
  (35, 40, 1, datetime('now')),
  (36, 42, 1, datetime('now')),
  (37, 43, 1, datetime('now')),
  (38, 44, 1, datetime('now')),
  (39, 45, 1, datetime('now')),
  (40, 46, 1, datetime('now')),
  (41, 47, 1, datetime('now')),
  (42, 48, 1, datetime('now')),
  (43, 49, 1, datetime('now')),
  (44, 50, 1, datetime('now')),
  (45, 51, 1, datetime('now')),
  (46, 52, 1, datetime('now')),
  (47, 53, 1, datetime('now')),
  (48, 54, 1, datetime('now')),
  (49, 55, 1, datetime('now'));

INSERT INTO settings (key, value) VALUES
  ('capitals_listed', '0'),
  ('epoch', ''),
  ('identity', lower(hex(randomblob(16)))),
  ('lists_told', '0'),
  ('livenessId_listed', '0'),
  ('signatureId_listed', '0'),
  ('threshold', '50'),
  ('threshold_inclusive', '1');

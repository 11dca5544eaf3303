-- Images that answers offered, and what the vendor had not shown before. Times are INTEGER milliseconds since the Unix
-- epoch, UTC.

-- +goose Up

-- One row an image that was wanted. path is below the archive's directory; region, day, call and kind make it, nothing
-- of the vendor's. sha256 and bytes are those of the file, which may be encrypted. reason is one of our own words.
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

-- Where a queued image is to be had: a link, or the image itself where the answer brought it. The row goes as soon as the
-- image is stored, expired or refused.
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

-- What an answer showed that the vendor's page does not document: kept in the transaction that stores the outcome.
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

CREATE VIEW v_evidence AS
SELECT e.evidence_id, e.check_id AS "check", e.call_id AS call, e.kind, e.state, e.reason, e.path, lower(hex(e.sha256)) AS sha256, e.bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.queued_at / 1000.0, 'unixepoch')  AS queued_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.settled_at / 1000.0, 'unixepoch') AS settled_at
FROM evidence e;

CREATE VIEW v_novelties AS
SELECT kind, value, endpoint, first_run, answers, example AS example_call,
       strftime('%Y-%m-%dT%H:%M:%fZ', first_seen / 1000.0, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', last_seen / 1000.0, 'unixepoch')  AS last_seen
FROM novelties;

-- +goose Down

DROP VIEW v_novelties;
DROP VIEW v_evidence;
DROP TABLE novelties;
DROP TABLE evidence_queue;
DROP TABLE evidence;

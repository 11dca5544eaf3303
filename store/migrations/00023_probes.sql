-- Calls of a result URL without an ID, which `doctor --ask` makes to see that the URL is right. Such a call is a request that
-- the vendor refuses for free; the row is on the disk before the first byte is sent, and one whose answer is not tagged FREE,
-- or was lost, may be charged: it is in doubt. It counts in no cap and in no workbook.

-- +goose Up

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

-- +goose Down

DROP VIEW v_probes;
DROP TABLE probes;

-- Personal data that was taken out, and by which rule: the proof that a request was carried out, without the ID itself.
-- A list is in purged_lists once nothing of it is left to take out.

-- +goose Up

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

-- +goose Down

DROP TABLE purged_lists;
DROP TABLE erasures;

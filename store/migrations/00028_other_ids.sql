-- Under which IDs a check is known besides its own: rows of lists gave both. The hash is the one of checks.id_hash.
-- other_ids_due: those that rows gave before there was this table are still to be indexed.

-- +goose Up

CREATE TABLE other_ids (
    id_hash  BLOB PRIMARY KEY,
    check_id INTEGER NOT NULL REFERENCES checks
) STRICT, WITHOUT ROWID;

INSERT INTO settings (key, value) VALUES ('other_ids_due', '1');

-- +goose Down

DELETE FROM settings WHERE key = 'other_ids_due';
DROP TABLE other_ids;

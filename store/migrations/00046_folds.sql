-- IDs that were listed in mixed case, by the hash of what they are in small letters: two of them can differ in case and
-- neither be in small letters nor in capitals. store/alias fills it for lists that were read before.

-- +goose Up

CREATE TABLE folds (small BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- +goose Down

DROP TABLE folds;

-- What was said of a list, or of a statement, when it was read: a sentence each. Of what was read before nothing is kept.

-- +goose Up

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

-- +goose Down

DROP TABLE statement_notes;
DROP TABLE list_notes;

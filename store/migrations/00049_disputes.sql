-- What becomes of a dispute with the vendor after it was sent: read back from the finance workbook, append-only, the note
-- read last stands. number follows from month, invoice, reason, endpoint and currency, which say what it is about; claimed
-- is what it came to then. Days are YYYY-MM-DD, '' where nobody said. credited is what was paid back otherwise than by a
-- line of a statement, NULL where nobody said. A note is of no month that is closed: it goes on after that.
-- credit_texts is what a statement's credits say in words, where the vendor names what they are for.

-- +goose Up

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

-- +goose StatementBegin
CREATE TRIGGER dispute_notes_no_update BEFORE UPDATE OF note_id, number, month, invoice, reason, endpoint, currency, claimed, sent_on, answered_on, answer,
    credited, file_id, sheet, row ON dispute_notes
BEGIN SELECT RAISE(ABORT, 'dispute_notes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dispute_notes_no_delete BEFORE DELETE ON dispute_notes BEGIN SELECT RAISE(ABORT, 'dispute_notes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credit_texts_no_delete BEFORE DELETE ON credit_texts BEGIN SELECT RAISE(ABORT, 'credit_texts are append-only'); END;
-- +goose StatementEnd

-- +goose Down

DROP TABLE credit_texts;
DROP TABLE dispute_notes;

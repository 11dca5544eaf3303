-- What people work out of a month's exceptions and sign, read back from the finance workbook. Both are append-only: of an
-- exception what was decided last stands, of a role the last signature. exception names a row across reconciliations: its
-- line and call by what they are, not by where they stand in a file. class and issue are what it was worked at: where a
-- later reconciliation finds others it is open again. disputed and accepted NULL: not said. contradicts is what somebody
-- else had decided meanwhile, whose file this one did not show. comment and owner can be changed, to take a person out.
-- A signature is for a digest of the figures and of what was worked (worked); figures is that of the figures alone, and
-- to_dispute what was left to dispute then, in words.
-- rows_sha256 is the digest of a reconciliation's rows in an order of their own, NULL where an earlier version made it.

-- +goose Up

ALTER TABLE reconciliations ADD COLUMN rows_sha256 BLOB;

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

-- What a month was closed with: up to which decision and signature, their digest, and why it was closed in spite of what
-- was open or not signed.
ALTER TABLE closures ADD COLUMN worked BLOB;
ALTER TABLE closures ADD COLUMN last_work INTEGER NOT NULL DEFAULT 0;
ALTER TABLE closures ADD COLUMN last_signature INTEGER NOT NULL DEFAULT 0;
ALTER TABLE closures ADD COLUMN in_spite TEXT NOT NULL DEFAULT '';

DROP TRIGGER closures_no_update;
-- +goose StatementBegin
CREATE TRIGGER closures_no_update BEFORE UPDATE OF closure_id, month, closed_at, closed_by, version, last_call, reconciliation_id, settings, content_sha256,
    worked, last_work, last_signature, in_spite ON closures
BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exception_work_no_update BEFORE UPDATE OF work_id, month, exception, class, issue, currency, statement_id, line, call_id, transaction_id, status,
    disputed, accepted, decided_at, undated, contradicts, file_id, sheet, row ON exception_work
BEGIN SELECT RAISE(ABORT, 'exception_work is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exception_work_no_delete BEFORE DELETE ON exception_work BEGIN SELECT RAISE(ABORT, 'exception_work is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signatures_no_update BEFORE UPDATE OF signature_id, month, role, name, signed_at, decision, figures, worked, to_dispute, file_id ON signatures
BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;
-- +goose StatementEnd

-- +goose Down

DROP TABLE signatures;
DROP TABLE exception_work;
DROP TRIGGER closures_no_update;
ALTER TABLE closures DROP COLUMN in_spite;
ALTER TABLE closures DROP COLUMN last_signature;
ALTER TABLE closures DROP COLUMN last_work;
ALTER TABLE closures DROP COLUMN worked;
-- +goose StatementBegin
CREATE TRIGGER closures_no_update BEFORE UPDATE OF closure_id, month, closed_at, closed_by, version, last_call, reconciliation_id, settings, content_sha256 ON closures
BEGIN SELECT RAISE(ABORT, 'closures are append-only'); END;
-- +goose StatementEnd
ALTER TABLE reconciliations DROP COLUMN rows_sha256;

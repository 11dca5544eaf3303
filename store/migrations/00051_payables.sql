-- What is proposed for payment of each invoice of a month that has several, or one with lines of other months: each is
-- rounded for itself.

-- +goose Up

-- Money is decimal TEXT. theirs_beside and dispute_beside are what of theirs and to_dispute is not in rows of the statement;
-- elsewhere is what other months propose of the invoice that is paid in this one, paid_elsewhere the same rounded.
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

-- +goose Down

DROP TABLE payables;

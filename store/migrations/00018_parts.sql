-- Late lines: a later file may add to a month, and a month that is closed. What stands is no longer a statement's month and
-- endpoint but a part: its lines of one month, endpoint and currency, those about calls apart from credits, taxes and
-- totals. month of a statement is that of the invoice, invoice its number, "" where nobody said.

-- +goose Up

ALTER TABLE statements ADD COLUMN month TEXT NOT NULL DEFAULT '';
ALTER TABLE statements ADD COLUMN invoice TEXT NOT NULL DEFAULT '';
UPDATE statements SET month = coalesce((SELECT max(c.month) FROM statement_scopes c WHERE c.statement_id = statements.statement_id
    AND (c.usage_lines > 0 OR NOT EXISTS (SELECT 1 FROM statement_scopes u WHERE u.statement_id = c.statement_id AND u.usage_lines > 0))), '');

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

INSERT INTO statement_parts (statement_id, month, endpoint, currency, usage, lines, itemised, superseded_by)
SELECT l.statement_id, l.month, l.endpoint, l.currency, l.kind = 'usage', count(*), max(l.kind = 'usage' AND l.transaction_id <> ''), c.superseded_by
FROM statement_lines l JOIN statement_scopes c USING (statement_id, month, endpoint) GROUP BY 1, 2, 3, 4, 5;

DROP VIEW v_statement_lines;
DROP TABLE statement_scopes;

CREATE TABLE reconciled_parts (
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations,
    statement_id      INTEGER NOT NULL REFERENCES statements,
    endpoint          TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    usage             INTEGER NOT NULL CHECK (usage IN (0, 1)),
    PRIMARY KEY (reconciliation_id, statement_id, endpoint, currency, usage)
) STRICT, WITHOUT ROWID;
INSERT INTO reconciled_parts SELECT r.reconciliation_id, r.statement_id, r.endpoint, p.currency, p.usage FROM reconciled_scopes r
    JOIN reconciliations m USING (reconciliation_id) JOIN statement_parts p ON p.statement_id = r.statement_id AND p.month = m.month AND p.endpoint = r.endpoint;
DROP TABLE reconciled_scopes;

-- What came to light about a closed month: one row an item, be it a call, a line of a statement, or a pair of them. amount is
-- the cost that borne_by newly has, most how far the closed month's ceiling moves, right_amount what of their_amount is owed,
-- be it newly or accrued in the closed month. own is 1 where the line is one of the bearing month's own reconciliation.
-- The rows of a month that is still open are made anew; those of one that is closed stay for ever. currency '' and amount
-- NULL: no price is set.
CREATE TABLE new_corrections (
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
INSERT INTO new_corrections (correction_id, closure_id, borne_by, kind, call_id, endpoint, region, currency, quantity, amount, most, right_amount, their_quantity, their_amount, own, found_at)
    SELECT correction_id, closure_id, borne_by, kind, call_id, endpoint, region, currency, quantity, amount, CASE kind WHEN 'late call' THEN coalesce(amount, '0') ELSE '0' END,
    coalesce(amount, '0'), CASE kind WHEN 'doubt billed' THEN quantity ELSE 0 END, CASE kind WHEN 'doubt billed' THEN coalesce(amount, '0') ELSE '0' END, kind = 'doubt billed', found_at FROM corrections;
DROP TABLE corrections;
ALTER TABLE new_corrections RENAME TO corrections;
CREATE INDEX corrections_by_month ON corrections (borne_by);
CREATE INDEX corrections_by_closure ON corrections (closure_id);
-- +goose StatementBegin
CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections
WHEN EXISTS (SELECT 1 FROM closures c WHERE c.month = OLD.borne_by AND c.sealed_at IS NOT NULL AND c.reopened_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'corrections that a closed month bears stay'); END;
-- +goose StatementEnd

-- Where a transaction was billed first.
CREATE INDEX statement_lines_by_transaction ON statement_lines (transaction_id) WHERE transaction_id <> '';

CREATE VIEW v_statement_lines AS
SELECT l.month, s.path, l.statement_id, l.line, l.transaction_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', l.charged_at / 1000.0, 'unixepoch') AS charged_at,
       l.endpoint, l.region, l.pricing, l.quantity, l.unit_price, l.amount, l.currency,
       EXISTS (SELECT 1 FROM statement_parts c WHERE c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
               AND c.currency = l.currency AND c.usage = (l.kind = 'usage') AND c.superseded_by IS NOT NULL) AS superseded,
       l.kind
FROM statement_lines l JOIN statements s USING (statement_id);

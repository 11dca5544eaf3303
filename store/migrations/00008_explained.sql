-- explained is the part of an open row's difference that nobody has to settle, decimal: the price of a call in doubt that
-- was billed at another one, a monthly minimum beside a quantity that differs.

-- +goose Up

ALTER TABLE reconciled ADD COLUMN explained TEXT NOT NULL DEFAULT '0';

DROP VIEW v_reconciled;
CREATE VIEW v_reconciled AS
SELECT c.month, r.reconciliation_id, r.class, r.call_id AS call, r.transaction_id, s.path AS statement, r.line,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000.0, 'unixepoch') AS at,
       r.endpoint, r.region, r.currency, r.our_quantity, r.their_quantity, r.our_amount, r.their_amount, r.note, r.explained
FROM reconciliations c JOIN reconciled r USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
WHERE c.superseded_by IS NULL;

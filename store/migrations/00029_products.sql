-- Lines of other products of the vendor's on the same bill: product names them, '' is ours. They are no calls, whatever
-- their kind, and stand in the month of the invoice.

-- +goose Up

-- What a row's amount includes of a tax, decimal. It is part of explained.
ALTER TABLE reconciled ADD COLUMN tax TEXT NOT NULL DEFAULT '0';

ALTER TABLE statement_lines ADD COLUMN product TEXT NOT NULL DEFAULT '';

DROP VIEW v_statement_lines;
CREATE VIEW v_statement_lines AS
SELECT l.month, s.path, l.statement_id, l.line, l.transaction_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', l.charged_at / 1000.0, 'unixepoch') AS charged_at,
       l.endpoint, l.region, l.pricing, l.quantity, l.unit_price, l.amount, l.currency,
       EXISTS (SELECT 1 FROM statement_parts c WHERE c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
               AND c.currency = l.currency AND c.usage = (l.kind = 'usage' AND l.product = '') AND c.superseded_by IS NOT NULL) AS superseded,
       l.kind, l.product
FROM statement_lines l JOIN statements s USING (statement_id);

-- +goose Down

ALTER TABLE reconciled DROP COLUMN tax;

DROP VIEW v_statement_lines;
CREATE VIEW v_statement_lines AS
SELECT l.month, s.path, l.statement_id, l.line, l.transaction_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', l.charged_at / 1000.0, 'unixepoch') AS charged_at,
       l.endpoint, l.region, l.pricing, l.quantity, l.unit_price, l.amount, l.currency,
       EXISTS (SELECT 1 FROM statement_parts c WHERE c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
               AND c.currency = l.currency AND c.usage = (l.kind = 'usage') AND c.superseded_by IS NOT NULL) AS superseded,
       l.kind
FROM statement_lines l JOIN statements s USING (statement_id);
ALTER TABLE statement_lines DROP COLUMN product;

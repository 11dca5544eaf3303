-- Calls for IDs that were asked for again although their answer was known, or may be charged for a second time: the finance
-- workbook says of them what they cost, by reason.

-- +goose Up

CREATE INDEX calls_asked_again ON calls (call_id) WHERE reason NOT IN ('first', 'resume', 'retry');

-- +goose Down

DROP INDEX calls_asked_again;

-- What a suspect answer said of money is taken back: its tag becomes unknown, and the call one in doubt. Nothing else of an
-- outcome ever changes. What was found suspect before stays as it was.
-- +goose Up
DROP TRIGGER outcomes_no_update;
-- +goose StatementBegin
CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes
WHEN NOT (OLD.outcome = 'answered' AND OLD.tag IN ('pay', 'free') AND NEW.tag = 'unknown'
    AND EXISTS (SELECT 1 FROM suspects s WHERE s.call_id = OLD.call_id)
    AND (NEW.call_id, NEW.outcome, NEW.cause, NEW.sent_at, NEW.ended_at, NEW.http_status, NEW.code, NEW.class, NEW.pricing, NEW.transaction_id, NEW.body_sha256)
     IS (OLD.call_id, OLD.outcome, OLD.cause, OLD.sent_at, OLD.ended_at, OLD.http_status, OLD.code, OLD.class, OLD.pricing, OLD.transaction_id, OLD.body_sha256))
BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
-- +goose StatementEnd

-- A reviewer's name is personal data, too: it can be taken out, and changed in no other way.

-- +goose Up

DROP TRIGGER decisions_no_update;
-- +goose StatementBegin
CREATE TRIGGER decisions_no_update BEFORE UPDATE OF decision_id, call_id, answered_at, decision, decided_at, undated, file_id, sheet, row ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_no_reviewer BEFORE UPDATE OF reviewer ON decisions WHEN NEW.reviewer <> '(erased)'
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd

-- +goose Down

DROP TRIGGER decisions_no_reviewer;
DROP TRIGGER decisions_no_update;
-- +goose StatementBegin
CREATE TRIGGER decisions_no_update BEFORE UPDATE OF decision_id, call_id, answered_at, decision, reviewer, decided_at, undated, file_id, sheet, row ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd

-- What analysts decided about answers that wait for a manual check, read back from the risk workbook. Append-only: a
-- decision that is changed is a further row, and the last one about an answer stands. comment is personal data: it can
-- be set to NULL without touching anything else.

-- +goose Up

CREATE TABLE decision_files (
    file_id     INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    sha256      BLOB    NOT NULL UNIQUE,
    imported_at INTEGER NOT NULL
) STRICT;

-- answered_at is the answer's own, which never changes: by it a report finds the decisions of its period.
CREATE TABLE decisions (
    decision_id INTEGER PRIMARY KEY,
    call_id     INTEGER NOT NULL REFERENCES answers,
    answered_at INTEGER NOT NULL,
    decision    TEXT    NOT NULL CHECK (decision IN ('genuine', 'attack', 'unclear', 'escalated')),
    reviewer    TEXT    NOT NULL CHECK (reviewer <> ''),
    decided_at  INTEGER NOT NULL,
    undated     INTEGER NOT NULL CHECK (undated IN (0, 1)),
    comment     TEXT,
    file_id     INTEGER NOT NULL REFERENCES decision_files,
    sheet       TEXT    NOT NULL,
    row         INTEGER NOT NULL CHECK (row >= 1)
) STRICT;
CREATE INDEX decisions_by_answer ON decisions (call_id, decision_id);
CREATE INDEX decisions_by_time ON decisions (answered_at, call_id, decision_id);

-- +goose StatementBegin
CREATE TRIGGER decisions_no_update BEFORE UPDATE OF decision_id, call_id, answered_at, decision, reviewer, decided_at, undated, file_id, sheet, row ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_no_comment BEFORE UPDATE OF comment ON decisions WHEN NEW.comment IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd

CREATE VIEW v_decisions AS
SELECT d.decision_id, a.check_id AS "check", d.call_id AS call, d.decision, d.reviewer,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at,
       d.comment,
       NOT EXISTS (SELECT 1 FROM decisions later WHERE later.call_id = d.call_id AND later.decision_id > d.decision_id) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, d.sheet, d.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at
FROM decisions d JOIN answers a USING (call_id) JOIN decision_files f USING (file_id);

-- +goose Down

DROP VIEW v_decisions;
DROP TABLE decisions;
DROP TABLE decision_files;

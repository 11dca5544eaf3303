-- Ground truth: what is known of an ID from elsewhere, read from files of labels, apart from what reviewers decided about its
-- answers. Append-only: of a check the label read last stands. species is the attack type of a label, free text of the file, ''
-- for none; it can be replaced by (erased). The files stand in decision_files.

-- +goose Up

CREATE TABLE labels (
    label_id INTEGER PRIMARY KEY,
    check_id INTEGER NOT NULL REFERENCES checks,
    label    TEXT    NOT NULL CHECK (label IN ('bona fide', 'attack')),
    species  TEXT    NOT NULL CHECK (label = 'attack' OR species = ''),
    file_id  INTEGER NOT NULL REFERENCES decision_files,
    row      INTEGER NOT NULL CHECK (row >= 1)
) STRICT;
CREATE INDEX labels_by_check ON labels (check_id, label_id);

-- +goose StatementBegin
CREATE TRIGGER labels_no_update BEFORE UPDATE OF label_id, check_id, label, file_id, row ON labels
BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER labels_no_species BEFORE UPDATE OF species ON labels WHEN instr(NEW.species, '(erased)') = 0
BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER labels_no_delete BEFORE DELETE ON labels BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END;
-- +goose StatementEnd

CREATE VIEW v_labels AS
SELECT l.label_id, l.check_id, l.label, l.species,
       NOT EXISTS (SELECT 1 FROM labels later WHERE later.check_id = l.check_id AND later.label_id > l.label_id) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, l.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at
FROM labels l JOIN decision_files f USING (file_id);

-- +goose Down

DROP VIEW v_labels;
DROP TABLE labels;

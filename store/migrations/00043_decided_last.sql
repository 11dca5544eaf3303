-- Of an answer's decisions the one that was decided last stands, whenever its file was read: of two of the same moment the one
-- read later.

-- +goose Up

DROP VIEW v_decisions;
CREATE VIEW v_decisions AS
SELECT d.decision_id, a.check_id AS "check", d.call_id AS call, d.decision, d.reviewer,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at,
       d.comment,
       NOT EXISTS (SELECT 1 FROM decisions later WHERE later.call_id = d.call_id
                   AND (later.decided_at, later.decision_id) > (d.decided_at, d.decision_id)) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, d.sheet, d.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at,
       a.check_id, d.call_id
FROM decisions d JOIN answers a USING (call_id) JOIN decision_files f USING (file_id);

-- +goose Down

DROP VIEW v_decisions;
CREATE VIEW v_decisions AS
SELECT d.decision_id, a.check_id AS "check", d.call_id AS call, d.decision, d.reviewer,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at,
       d.comment,
       NOT EXISTS (SELECT 1 FROM decisions later WHERE later.call_id = d.call_id
                   AND later.decision_id > d.decision_id) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, d.sheet, d.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at,
       a.check_id, d.call_id
FROM decisions d JOIN answers a USING (call_id) JOIN decision_files f USING (file_id);

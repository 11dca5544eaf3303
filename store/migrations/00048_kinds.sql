-- Of which kinds IDs were ever listed: while they are of one kind, no ID can be known as one of the other, and nobody
-- looks for it.

-- +goose Up

INSERT INTO settings (key, value)
    SELECT 'signatureId_listed', CAST(EXISTS (SELECT 1 FROM checks WHERE kind = 'signatureId') AS TEXT)
    UNION ALL SELECT 'livenessId_listed', CAST(EXISTS (SELECT 1 FROM other_ids)
        OR EXISTS (SELECT 1 FROM checks WHERE kind = 'livenessId' OR other_id IS NOT NULL) AS TEXT);

-- +goose Down

DELETE FROM settings WHERE key IN ('signatureId_listed', 'livenessId_listed');

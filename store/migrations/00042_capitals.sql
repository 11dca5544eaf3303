-- Whether an ID with a capital letter was ever listed: while none was, no ID can differ from a known one in nothing but
-- case, and nobody looks for it.

-- +goose Up

INSERT INTO settings (key, value) SELECT 'capitals_listed', CAST(EXISTS (SELECT 1 FROM checks
    WHERE id <> lower(id) OR other_id <> lower(other_id)) AS TEXT);

-- +goose Down

DELETE FROM settings WHERE key = 'capitals_listed';

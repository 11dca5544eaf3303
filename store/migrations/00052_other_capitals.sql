-- The other IDs of checks count among those with capital letters from now on: those of databases of earlier versions are
-- noted by store/alias, which finds them by the setting.

-- +goose Up

UPDATE settings SET value = '1' WHERE key = 'capitals_listed'
    AND EXISTS (SELECT 1 FROM checks WHERE other_id <> lower(other_id));

-- +goose Down

SELECT 1;

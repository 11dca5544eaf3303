-- Why a statement that does not show a call in doubt proves nothing about it: it is not whole for that call. '' where it is, and
-- where the call is billed. Who must not pay twice asks again by itself only where it is ''. Earlier versions did not look.

-- +goose Up

ALTER TABLE resolutions ADD COLUMN short TEXT NOT NULL DEFAULT 'unknown';

-- +goose Down

ALTER TABLE resolutions DROP COLUMN short;

-- Where a check stood when a person wanted it asked again, so that it can be taken back: a JSON array of its state, why,
-- doubts and not_found. It says something of a pending check alone; empty: not known.

-- +goose Up

ALTER TABLE checks ADD COLUMN stood TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE checks DROP COLUMN stood;

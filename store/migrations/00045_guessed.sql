-- Whether the place where an ID is asked is a guess: input.default_region, or a word in a list's name. A row that gives a
-- place itself takes it over while the ID was never asked. What was listed before is taken to have been given.

-- +goose Up

ALTER TABLE checks ADD COLUMN guessed INTEGER NOT NULL DEFAULT 0 CHECK (guessed IN (0, 1));

-- +goose Down

ALTER TABLE checks DROP COLUMN guessed;

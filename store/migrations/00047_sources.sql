-- What an answer says of how a picture was taken, kept apart from the answer as received, which is taken out when it is old:
-- the vendor's sdkVersion and platform as they came, '' where it said nothing, and the milliseconds from the far image to the
-- near one. Answers from before have none.

-- +goose Up

ALTER TABLE answers ADD COLUMN sdk_version TEXT NOT NULL DEFAULT '';
ALTER TABLE answers ADD COLUMN platform TEXT NOT NULL DEFAULT '';
ALTER TABLE answers ADD COLUMN gap_ms INTEGER;

-- +goose Down

ALTER TABLE answers DROP COLUMN gap_ms;
ALTER TABLE answers DROP COLUMN platform;
ALTER TABLE answers DROP COLUMN sdk_version;

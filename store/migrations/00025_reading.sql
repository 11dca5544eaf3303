-- How the contract was read when calls were made. The reading lives in the configuration, as prices do, and may be edited
-- there; what was called before counts against caps at least as it did then. A use of prices has it, and keeps the calls that
-- were free by their tag, too: some readings charge them.

-- +goose Up

-- reading: as in billing.reading; '' of uses from before it was kept.
ALTER TABLE price_uses ADD COLUMN reading TEXT NOT NULL DEFAULT '';

-- The calls of the month then under way that were made in a use, counted when it ended: those that were sent. quarter as in
-- usage, tag too, but success: tagged FREE, with the code SUCCESS. What usage has beyond them was made in the last use.
CREATE TABLE priced_usage_read (
    use_id   INTEGER NOT NULL REFERENCES price_uses,
    quarter  INTEGER NOT NULL,
    endpoint TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    tag      TEXT    NOT NULL CHECK (tag IN ('pay', 'unknown', 'free', 'success')),
    calls    INTEGER NOT NULL CHECK (calls > 0),
    PRIMARY KEY (use_id, quarter, endpoint, region, tag)
) STRICT, WITHOUT ROWID;
INSERT INTO priced_usage_read SELECT use_id, quarter, endpoint, region, tag, calls FROM priced_usage;
DROP TABLE priced_usage;
ALTER TABLE priced_usage_read RENAME TO priced_usage;
CREATE INDEX priced_usage_by_quarter ON priced_usage (quarter);
-- +goose StatementBegin
CREATE TRIGGER priced_usage_no_update BEFORE UPDATE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER priced_usage_no_delete BEFORE DELETE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;
-- +goose StatementEnd

-- +goose Down

CREATE TABLE priced_usage_tagged (
    use_id   INTEGER NOT NULL REFERENCES price_uses,
    quarter  INTEGER NOT NULL,
    endpoint TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    tag      TEXT    NOT NULL CHECK (tag IN ('pay', 'unknown')),
    calls    INTEGER NOT NULL CHECK (calls > 0),
    PRIMARY KEY (use_id, quarter, endpoint, region, tag)
) STRICT, WITHOUT ROWID;
INSERT INTO priced_usage_tagged SELECT use_id, quarter, endpoint, region, tag, calls FROM priced_usage
    WHERE tag IN ('pay', 'unknown');
DROP TABLE priced_usage;
ALTER TABLE priced_usage_tagged RENAME TO priced_usage;
CREATE INDEX priced_usage_by_quarter ON priced_usage (quarter);
-- +goose StatementBegin
CREATE TRIGGER priced_usage_no_update BEFORE UPDATE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER priced_usage_no_delete BEFORE DELETE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;
-- +goose StatementEnd
ALTER TABLE price_uses DROP COLUMN reading;

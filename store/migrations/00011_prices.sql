-- The price books that calls were made under. Prices live in the configuration and may be changed there at any time; what
-- was called before counts against caps at least as it did then, so how that was is kept here. Append-only.
--
--   price_books ──< price_uses ──< priced_usage
--                       └──< price_changes

-- +goose Up

-- prices: JSON, the billing time zone and the rows in an order of their own. Books with the same text are one.
CREATE TABLE price_books (
    book_id INTEGER PRIMARY KEY,
    sha256  BLOB    NOT NULL UNIQUE,
    prices  TEXT    NOT NULL
) STRICT;

-- From which run on a book was used: until the next use. reprices = 1: what was called before counts at these prices, too,
-- because a person said so.
CREATE TABLE price_uses (
    use_id   INTEGER PRIMARY KEY,
    book_id  INTEGER NOT NULL REFERENCES price_books,
    run_id   INTEGER NOT NULL REFERENCES runs,
    since    INTEGER NOT NULL,
    reprices INTEGER NOT NULL CHECK (reprices IN (0, 1))
) STRICT;

-- By how much the open months changed with a use, as it was said: amounts as texts, at least and at most.
CREATE TABLE price_changes (
    use_id     INTEGER NOT NULL REFERENCES price_uses,
    month      TEXT    NOT NULL,
    was        TEXT    NOT NULL,
    became     TEXT    NOT NULL,
    difference TEXT    NOT NULL,
    PRIMARY KEY (use_id, month)
) STRICT, WITHOUT ROWID;

-- The calls of the month then under way that were made in a use, counted when it ended; quarter and tag as in usage, of
-- calls that may be charged alone. What usage has beyond them was made in the last use.
CREATE TABLE priced_usage (
    use_id   INTEGER NOT NULL REFERENCES price_uses,
    quarter  INTEGER NOT NULL,
    endpoint TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    tag      TEXT    NOT NULL CHECK (tag IN ('pay', 'unknown')),
    calls    INTEGER NOT NULL CHECK (calls > 0),
    PRIMARY KEY (use_id, quarter, endpoint, region, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX priced_usage_by_quarter ON priced_usage (quarter);

-- +goose StatementBegin
CREATE TRIGGER price_books_no_update BEFORE UPDATE ON price_books BEGIN SELECT RAISE(ABORT, 'price_books are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_books_no_delete BEFORE DELETE ON price_books BEGIN SELECT RAISE(ABORT, 'price_books are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_uses_no_update BEFORE UPDATE ON price_uses BEGIN SELECT RAISE(ABORT, 'price_uses are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_uses_no_delete BEFORE DELETE ON price_uses BEGIN SELECT RAISE(ABORT, 'price_uses are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_changes_no_update BEFORE UPDATE ON price_changes BEGIN SELECT RAISE(ABORT, 'price_changes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_changes_no_delete BEFORE DELETE ON price_changes BEGIN SELECT RAISE(ABORT, 'price_changes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER priced_usage_no_update BEFORE UPDATE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER priced_usage_no_delete BEFORE DELETE ON priced_usage BEGIN SELECT RAISE(ABORT, 'priced_usage are append-only'); END;
-- +goose StatementEnd

-- +goose Down

DROP TABLE priced_usage;
DROP TABLE price_changes;
DROP TABLE price_uses;
DROP TABLE price_books;

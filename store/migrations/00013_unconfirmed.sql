-- IDs that were called absent while an endpoint knew nobody, too few of them to tell why; and how far what lists brought was
-- told.

-- +goose Up

-- Checks that an endpoint called absent since it last knew an ID; fewer than tell that it knows nobody. They are asked once
-- more when it knows one, or enough of them have come together; a person may say that they are right.
CREATE TABLE unconfirmed (
    endpoint TEXT    NOT NULL,
    check_id INTEGER NOT NULL REFERENCES checks,
    run_id   INTEGER NOT NULL REFERENCES runs,
    PRIMARY KEY (endpoint, check_id)
) STRICT, WITHOUT ROWID;

-- lists_told: the last run whose verdict said what its lists brought. Runs after it ended without a word.
INSERT INTO settings (key, value) SELECT 'lists_told', CAST(coalesce(max(run_id), 0) AS TEXT) FROM runs;

-- +goose Down

DELETE FROM settings WHERE key = 'lists_told';
DROP TABLE unconfirmed;

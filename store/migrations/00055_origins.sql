-- Where the answers of a day come from, read once instead of by every report. A cache, like score_counts: a report uses a
-- day's row only while it tells as many answers, with as large a sum of call numbers, as there are.

-- +goose Up

-- The scored standing answers of a day, from its first moment up to but not including the next day's. standing: the standing
-- answers with and without a score when the row was made. calls: the sum of the call numbers of the answers. origins: see
-- rollup/origins.go.
CREATE TABLE origin_days (
    day      INTEGER PRIMARY KEY,
    ends     INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    answers  INTEGER NOT NULL,
    calls    INTEGER NOT NULL,
    origins  BLOB    NOT NULL,
    CHECK (day < ends)
) STRICT;

-- +goose Down

DROP TABLE origin_days;

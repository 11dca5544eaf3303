-- Which runs of other histories of the database a restoration has counted as lost, so that none is counted twice and none is
-- forgotten, whichever copy is put back next. runs: JSON, as the record's lines have them (store/record). lists: marks of
-- lists that they have read and the copy had not. calls: how many of the restoration's lost_calls these runs made. held: how
-- many IDs of the copy were held for them. A restoration from before has no row.

-- +goose Up

CREATE TABLE lost_histories (
    restoration_id INTEGER PRIMARY KEY REFERENCES restorations,
    runs           TEXT    NOT NULL,
    lists          TEXT    NOT NULL,
    calls          INTEGER NOT NULL CHECK (calls >= 0),
    held           INTEGER NOT NULL CHECK (held >= 0)
) STRICT;

-- +goose Down

DROP TABLE lost_histories;

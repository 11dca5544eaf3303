-- What was to be sent to whom after a run, and whether it was.

-- +goose Up

-- recipient is the name that the configuration gives; page is what of the run is sent, period the days or month that it is
-- about ('' for the verdict). A row without sent_at and given_up_at is owed: the next run, or `deliver`, tries again.
CREATE TABLE deliveries (
    delivery_id INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    recipient   TEXT    NOT NULL,
    page        TEXT    NOT NULL,
    period      TEXT    NOT NULL,
    owed_at     INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    tried_at    INTEGER,
    sent_at     INTEGER,
    given_up_at INTEGER,
    error       TEXT    NOT NULL DEFAULT '',
    UNIQUE (run_id, recipient, page, period)
) STRICT;

CREATE INDEX deliveries_owed ON deliveries (delivery_id) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- +goose Down

DROP TABLE deliveries;

-- What one night of an endpoint is compared with, and IDs that are pending because an answer was not believed.

-- +goose Up

-- One row for each endpoint and run with answers that tell whether the vendor knows the ID: found and absent count them,
-- without those to IDs that were asked again although their answer was known. scores, lowest and highest: of the results. finding:
-- nobody, when so many were absent that keys, account or environment must be wrong; believed, when somebody said that they
-- are not. Neither is a night to compare with.
CREATE TABLE endpoint_nights (
    endpoint TEXT    NOT NULL,
    run_id   INTEGER NOT NULL REFERENCES runs,
    found    INTEGER NOT NULL CHECK (found >= 0),
    absent   INTEGER NOT NULL CHECK (absent >= 0),
    scores   INTEGER NOT NULL CHECK (scores >= 0),
    lowest   REAL,
    highest  REAL,
    finding  TEXT    NOT NULL CHECK (finding IN ('', 'nobody', 'believed')),
    PRIMARY KEY (endpoint, run_id),
    CHECK ((scores > 0) = (lowest IS NOT NULL) AND (scores > 0) = (highest IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- unfound = 1: the last answer said that the vendor has nothing under this ID, in a night in which it seemed to know nobody.
ALTER TABLE checks ADD COLUMN unfound INTEGER NOT NULL DEFAULT 0;

-- For the count of IDs that were paid for and given up.
CREATE INDEX checks_given_up ON checks (endpoint, check_id) WHERE state = 'given_up';

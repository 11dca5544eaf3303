-- What IDs may have cost in what an older copy of the database lost, once they are held no longer: they were released, or
-- erased. Each may still have been paid for once then, beside what asking for it again costs.

-- +goose Up

CREATE TABLE lost_doubts (
    restoration_id INTEGER NOT NULL REFERENCES restorations,
    endpoint       TEXT    NOT NULL,
    region         TEXT    NOT NULL,
    checks         INTEGER NOT NULL CHECK (checks > 0),
    PRIMARY KEY (restoration_id, endpoint, region)
) STRICT, WITHOUT ROWID;

INSERT INTO lost_doubts (restoration_id, endpoint, region, checks)
SELECT h.restoration_id, c.endpoint, c.region, count(*) FROM holds h JOIN checks c USING (check_id)
WHERE h.release_id IS NOT NULL OR c.state <> 'held' GROUP BY 1, 2, 3;

-- +goose Down

DROP TABLE lost_doubts;

-- Two copies of a database that both go on have as many runs and calls, perhaps, and are not the same: each run has a random
-- number, by which records tell histories apart. '' is a run from before.

-- +goose Up

ALTER TABLE runs ADD COLUMN nonce TEXT NOT NULL DEFAULT '';
-- +goose StatementBegin
CREATE TRIGGER runs_nonce AFTER INSERT ON runs BEGIN UPDATE runs SET nonce = lower(hex(randomblob(4))) WHERE run_id = NEW.run_id; END;
-- +goose StatementEnd

-- How many runs may have made the lost_calls; NULL: nobody knows how many calls were lost but for that there were lost_calls.
ALTER TABLE restorations ADD COLUMN lost_runs INTEGER CHECK (lost_runs >= 0);

-- +goose Down

ALTER TABLE restorations DROP COLUMN lost_runs;
DROP TRIGGER runs_nonce;
ALTER TABLE runs DROP COLUMN nonce;

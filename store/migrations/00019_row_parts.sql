-- What the difference of a reconciled row is made of beside what is at issue, decimal: the calls in doubt that it bills, a
-- call of another month here or of this one elsewhere, calls in another tier than by their times among ours, a monthly
-- minimum, and rounding. explained is their sum.
-- lines and calls are what contradicts a reading: lines that bill what it does not charge, and calls that it charges and no
-- line bills. Since then fits says that nothing contradicts it.

-- +goose Up

ALTER TABLE reconciled ADD COLUMN doubt TEXT NOT NULL DEFAULT '0';
ALTER TABLE reconciled ADD COLUMN other TEXT NOT NULL DEFAULT '0';
ALTER TABLE reconciled ADD COLUMN shift TEXT NOT NULL DEFAULT '0';
ALTER TABLE reconciled ADD COLUMN minimum TEXT NOT NULL DEFAULT '0';
ALTER TABLE reconciled ADD COLUMN rounding TEXT NOT NULL DEFAULT '0';
ALTER TABLE reading_gaps ADD COLUMN lines INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reading_gaps ADD COLUMN calls INTEGER NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE reconciled DROP COLUMN doubt;
ALTER TABLE reconciled DROP COLUMN other;
ALTER TABLE reconciled DROP COLUMN shift;
ALTER TABLE reconciled DROP COLUMN minimum;
ALTER TABLE reconciled DROP COLUMN rounding;
ALTER TABLE reading_gaps DROP COLUMN lines;
ALTER TABLE reading_gaps DROP COLUMN calls;

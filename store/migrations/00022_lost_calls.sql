-- How many calls of the lost time records knew of that the copy lacks: nobody has their outcomes. Those for which no ID is
-- held, or was, count as paid for at most once each.

-- +goose Up

ALTER TABLE restorations ADD COLUMN lost_calls INTEGER NOT NULL DEFAULT 0 CHECK (lost_calls >= 0);

-- What the records knew of the history that a copy left is kept with it; the copy's own calls are those before its restoration.
UPDATE restorations AS r SET lost_calls = max(0, coalesce((SELECT j.value ->> 'call' FROM json_each(r.record) j
        WHERE j.key = r.left_epoch), 0)
    - (SELECT coalesce(max(call_id), 0) FROM calls k WHERE k.run_id < r.run_id))
WHERE record <> '';

-- +goose Down

ALTER TABLE restorations DROP COLUMN lost_calls;

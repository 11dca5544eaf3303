-- What of a reconciled row's amount is owed for a closed month, decimal: newly, or accrued there. It is part of explained.

-- +goose Up

ALTER TABLE reconciled ADD COLUMN prior TEXT NOT NULL DEFAULT '0';

-- +goose Down

ALTER TABLE reconciled DROP COLUMN prior;

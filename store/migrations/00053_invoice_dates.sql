-- When the invoice of a statement was issued and when it is due: dates as YYYY-MM-DD, '' where nobody said.

-- +goose Up

ALTER TABLE statements ADD COLUMN issued TEXT NOT NULL DEFAULT '' CHECK (issued = '' OR date(issued) IS issued);
ALTER TABLE statements ADD COLUMN due TEXT NOT NULL DEFAULT '' CHECK (due = '' OR date(due) IS due);

-- +goose Down

ALTER TABLE statements DROP COLUMN due;
ALTER TABLE statements DROP COLUMN issued;

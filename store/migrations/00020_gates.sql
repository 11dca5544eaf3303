-- Whether a statement is about our calls at all, as it was found when it was reconciled.

-- +goose Up

-- state is '' (open), 'shut' or 'forced' (shut, and opened by somebody's word); ours of lines are about calls of ours, folded
-- of them but for case, quotes, blanks or leading zeros. offset_ms is by how much all lines stand later than their calls, NULL
-- where they do not.
CREATE TABLE reconciliation_gates (
    reconciliation_id INTEGER PRIMARY KEY REFERENCES reconciliations,
    state             TEXT    NOT NULL CHECK (state IN ('', 'shut', 'forced')),
    ours              INTEGER NOT NULL,
    folded            INTEGER NOT NULL,
    lines             INTEGER NOT NULL,
    offset_ms         INTEGER
) STRICT;

-- Counts that spare reports the reading of what is long settled. They are a cache: every report can be made without them,
-- and the books prove them against what they count.

-- +goose Up

-- up_to: every call up to this number is in the counts, none after it. Without its row a rollup holds nothing. made_for: the
-- days it counts by.
CREATE TABLE rollups (
    name     TEXT PRIMARY KEY CHECK (name IN ('scores', 'calls')),
    up_to    INTEGER NOT NULL,
    made_for TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The standing answers of a day, from its first moment up to but not including the next day's. scores: each score as
-- received, ascending (8 bytes, IEEE 754, big-endian), and how many answers had it (unsigned varint, as in protocol
-- buffers); an answer without a score is in answers alone.
CREATE TABLE score_counts (
    day         INTEGER NOT NULL,
    ends        INTEGER NOT NULL,
    region      TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    attack_type TEXT    NOT NULL,
    answers     INTEGER NOT NULL,
    scores      BLOB    NOT NULL,
    CHECK (day < ends)
) STRICT;
CREATE UNIQUE INDEX score_counts_by_day ON score_counts (day, region, endpoint, attack_type);

-- The calls of a run, counted from the journal once nothing can change them any more. first_at and last_at: when they were
-- sent, or intended.
CREATE TABLE call_counts (
    run_id   INTEGER NOT NULL REFERENCES runs,
    outcome  TEXT    NOT NULL,
    tag      TEXT    NOT NULL,
    calls    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    PRIMARY KEY (run_id, outcome, tag)
) STRICT, WITHOUT ROWID;

-- Which of these calls were tagged PAY under which transaction ID, to find those that bear one twice: for each, the first
-- 8 bytes of the ID's SHA-256 and the call's number less from_call (4 bytes), both big-endian, ascending. part: the highest
-- four bits of the hash.
CREATE TABLE paid_transactions (
    part      INTEGER NOT NULL CHECK (part BETWEEN 0 AND 15),
    from_call INTEGER NOT NULL,
    to_call   INTEGER NOT NULL,
    first_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    ids       BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX paid_transactions_by_part ON paid_transactions (part, from_call);

-- What is rare is found without reading what is not: answers that may be suspicious or are odd, checks settled without an
-- answer, calls that repeat another, answers with a price the vendor's page does not foresee. A query must repeat the
-- condition word for word.
CREATE INDEX answers_suspected ON answers (answered_at, score, attack_type, region, check_id)
    WHERE standing = 1 AND (score < 60 OR score IS NULL OR attack_type <> '');
CREATE INDEX checks_unanswered ON checks (list_id, region, state) WHERE state IN ('absent', 'refused', 'given_up');
CREATE INDEX calls_repeated ON calls (call_id) WHERE attempt > 1;
CREATE INDEX outcomes_strange ON outcomes (call_id) WHERE outcome = 'answered' AND (tag = 'unknown' OR (tag = 'pay') <> (code = 'SUCCESS'));

-- +goose Down

DROP INDEX outcomes_strange;
DROP INDEX calls_repeated;
DROP INDEX checks_unanswered;
DROP INDEX answers_suspected;
DROP TABLE paid_transactions;
DROP TABLE call_counts;
DROP TABLE score_counts;
DROP TABLE rollups;

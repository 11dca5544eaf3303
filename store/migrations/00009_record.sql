-- What a database needs to be recognised by the records outside of it (store/record), and to go on as an older copy of
-- itself: an identity, and IDs that are held because the lost hours may have asked for them already.

-- +goose Up

-- identity: random, of this database and of its copies. epoch: changes whenever an older copy goes on in the database's
-- place, since what was written after the copy was made belongs to another history from then on.
INSERT INTO settings (key, value) VALUES ('identity', lower(hex(randomblob(16)))), ('epoch', '');

-- A copy that was taken into use: when, by whom, and how much may be missing. What was lost was sent in [lost_from,
-- lost_until], within lag_ms of work. record: how far the records had come, by epoch, JSON. The lost hours may have read
-- every list whose content is from before lists_before; any list where all_lists is 1, until a run has read them all:
-- lists_read_by.
CREATE TABLE restorations (
    restoration_id INTEGER PRIMARY KEY,
    run_id         INTEGER NOT NULL REFERENCES runs,
    restored_at    INTEGER NOT NULL,
    restored_by    TEXT    NOT NULL,
    epoch          TEXT    NOT NULL UNIQUE,
    left_epoch     TEXT    NOT NULL,
    record         TEXT    NOT NULL,
    lost_from      INTEGER NOT NULL,
    lost_until     INTEGER NOT NULL,
    lag_ms         INTEGER NOT NULL CHECK (lag_ms >= 0),
    lists_before   INTEGER NOT NULL,
    all_lists      INTEGER NOT NULL CHECK (all_lists IN (0, 1)),
    lists_read_by  INTEGER REFERENCES runs,
    CHECK (lost_from <= lost_until)
) STRICT;

-- Who ended the holding of IDs. what: all, a list's path, or one ID, which holds names by its check.
CREATE TABLE releases (
    release_id  INTEGER PRIMARY KEY,
    released_at INTEGER NOT NULL,
    released_by TEXT    NOT NULL,
    what        TEXT    NOT NULL,
    checks      INTEGER NOT NULL
) STRICT;

-- was: the check's state before; release_id NULL: it is held still, unless it was erased.
CREATE TABLE holds (
    check_id       INTEGER NOT NULL REFERENCES checks,
    restoration_id INTEGER NOT NULL REFERENCES restorations,
    was            TEXT    NOT NULL CHECK (was IN ('pending', 'in_doubt', 'absent')),
    release_id     INTEGER REFERENCES releases,
    PRIMARY KEY (check_id, restoration_id)
) STRICT, WITHOUT ROWID;

-- checks learns the state 'held'. Its rows may be many millions, and none of them changes: the table's text is edited in
-- place (https://sqlite.org/lang_altertable.html, "other kinds of table schema changes"), and proven to be what was meant.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''in_doubt'', ''given_up'')', '''in_doubt'', ''given_up'', ''held'')')
WHERE type = 'table' AND name = 'checks';
PRAGMA writable_schema = RESET;

CREATE TABLE proof (holds INTEGER NOT NULL CHECK (holds = 1)) STRICT;
INSERT INTO proof SELECT count(*) FROM sqlite_schema
WHERE type = 'table' AND name = 'checks' AND sql LIKE '%CHECK (state IN (''pending'', ''done'', ''absent'', ''refused'', ''in_doubt'', ''given_up'', ''held''))%';
INSERT INTO proof SELECT count(*) = 1 AND min(quick_check) = 'ok' FROM pragma_quick_check('checks');
DROP TABLE proof;

CREATE INDEX checks_held ON checks (list_id, region, endpoint, check_id) WHERE state = 'held';

// Package alias knows which IDs are one check. A row that gives both IDs of a check says that they are one. The check
// is asked for by the one that it was listed under first, and known under both: a list with the other one alone buys
// nothing twice. What other_ids keeps is the hash, which outlives the texts.
//
// Three cases are left as they are, since a guess would leave an ID unasked: a second ID that claims the same other ID,
// an other ID that is a check of its own already, and an other ID of a check that is absent where it was asked.
//
// Rows are staged in a table staged (hash, other, line and more), other being the hash of a row's other ID. What is
// here works on one connection, which holds that table and the temporary ones of ForIntake or ForPreview.
package alias

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"liverecon/store/internal/sqlrow"
)

// made holds what find fills. The views of ForIntake and ForPreview give it checks, what other_ids knows, and the rows
// of one list.
var made = []string{
	"CREATE TEMP TABLE same (hash BLOB PRIMARY KEY, own BLOB) WITHOUT ROWID",
	"CREATE TEMP TABLE pairs (l BLOB PRIMARY KEY, s BLOB, at INTEGER) WITHOUT ROWID",
}

// Drop lists the statements that take away what ForIntake has made on a connection.
var Drop = []string{"DROP TABLE IF EXISTS temp.pairs", "DROP TABLE IF EXISTS temp.same"}

// ForIntake lists the statements that make what Resolve needs for a list that is taken.
var ForIntake = append(slices.Clone(made),
	"CREATE TEMP VIEW IF NOT EXISTS seen_checks AS SELECT id_hash, other_id, state FROM main.checks",
	`CREATE TEMP VIEW IF NOT EXISTS seen_others AS SELECT o.id_hash, c.id_hash AS own, c.state
		FROM main.other_ids o CROSS JOIN main.checks c USING (check_id)`,
	"CREATE TEMP VIEW IF NOT EXISTS list_rows AS SELECT hash, other, line FROM temp.staged",
)

// ForPreview lists those that make what ResolveListed needs: lists are staged together there, and looked at one by one.
var ForPreview = append(slices.Clone(made),
	"CREATE TEMP TABLE present (list INTEGER)",
	"INSERT INTO present VALUES (0)",
	"CREATE TEMP TABLE fore (hash BLOB PRIMARY KEY, other INTEGER) WITHOUT ROWID",
	"CREATE TEMP TABLE fore_others (hash BLOB PRIMARY KEY, own BLOB) WITHOUT ROWID",
	`CREATE TEMP VIEW seen_checks AS
		SELECT c.id_hash, coalesce(c.other_id, f.other) AS other_id, c.state
		FROM book.checks c LEFT JOIN fore f ON f.hash = c.id_hash
		UNION ALL SELECT hash, other, 'pending' FROM fore
		WHERE NOT EXISTS (SELECT 1 FROM book.checks c WHERE c.id_hash = hash)`,
	`CREATE TEMP VIEW seen_others AS
		SELECT o.id_hash, c.id_hash AS own, c.state FROM book.other_ids o CROSS JOIN book.checks c USING (check_id)
		UNION ALL SELECT hash, own, 'pending' FROM fore_others`,
	"CREATE TEMP VIEW list_rows AS SELECT hash, other, line FROM staged WHERE list = (SELECT list FROM present)",
)

const (
	// pair finds which of two IDs that a row gives together is the check, if it is one.
	pair = `INSERT OR IGNORE INTO same
		WITH p AS MATERIALIZED (SELECT l, s, (SELECT own FROM same WHERE hash = s) AS s_own,
			EXISTS (SELECT 1 FROM seen_checks WHERE id_hash = s) AS s_known,
			EXISTS (SELECT 1 FROM seen_checks WHERE id_hash = l) AS l_known,
			EXISTS (SELECT 1 FROM seen_checks WHERE id_hash = l AND other_id IS NULL AND state <> 'absent') AS l_takes,
			EXISTS (SELECT 1 FROM seen_others WHERE id_hash = l) AS l_other,
			(SELECT min(line) FROM list_rows WHERE hash = s) AS s_at,
			(SELECT min(line) FROM list_rows WHERE hash = l) AS l_at FROM pairs)
		SELECT l, coalesce(s_own, s) FROM p WHERE NOT l_known AND NOT l_other
			AND (s_known OR s_own IS NOT NULL OR l_at IS NULL OR s_at < l_at)
		UNION ALL SELECT s, l FROM p WHERE NOT s_known AND s_own IS NULL
			AND (l_takes OR NOT l_known AND NOT l_other AND l_at < s_at)
		ORDER BY 1, 2`
	take = "UPDATE staged SET hash = same.own FROM same WHERE staged.hash = same.hash"
)

// find fills the table same with the IDs of a list that are another check's.
func find(ctx context.Context, conn *sql.Conn) error {
	var others, pairs bool
	err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM seen_others), EXISTS (SELECT 1 FROM list_rows "+
		"WHERE other IS NOT NULL)").Scan(&others, &pairs)
	var steps []string
	if others {
		steps = append(steps, `INSERT INTO same SELECT DISTINCT r.hash, o.own
			FROM list_rows r CROSS JOIN seen_others o ON o.id_hash = r.hash
			WHERE o.state <> 'absent' AND NOT EXISTS (SELECT 1 FROM seen_checks k WHERE k.id_hash = r.hash)`)
	}
	if pairs {
		steps = append(steps, "CREATE INDEX IF NOT EXISTS staged_by_hash ON staged (hash)",
			"INSERT INTO pairs SELECT other, hash, min(line) FROM list_rows WHERE other IS NOT NULL GROUP BY other",
			pair,
			// An ID that turned out to be another's is no check for others to be.
			`UPDATE same SET own = t.own FROM same t WHERE t.hash = same.own`)
	}
	for _, text := range steps {
		if err == nil {
			_, err = conn.ExecContext(ctx, text)
		}
	}
	if err != nil {
		return fmt.Errorf("find IDs of one check: %w", err)
	}
	return nil
}

// Resolve gives staged rows the hash of the check that they are about, and counts those that had another.
func Resolve(ctx context.Context, conn *sql.Conn) (rows int64, err error) {
	if err := find(ctx, conn); err != nil {
		return 0, err
	}
	err = sqlrow.ExecCount(ctx, conn, &rows, take)
	return rows, err
}

// ResolveListed does for a number of staged lists, one after the other, what taking them does, and tells each one's
// count.
func ResolveListed(ctx context.Context, conn *sql.Conn, lists int, tell func(list int, rows int64)) error {
	var needed bool
	err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM seen_others) OR EXISTS (SELECT 1 FROM staged "+
		"WHERE other IS NOT NULL)").Scan(&needed)
	if err != nil || !needed {
		return err
	}
	if _, err := conn.ExecContext(ctx, "CREATE INDEX staged_by_list ON staged (list)"); err != nil {
		return err
	}
	for list := 1; list <= lists; list++ {
		_, err := conn.ExecContext(ctx, "DELETE FROM same; DELETE FROM pairs; UPDATE present SET list = ?", list)
		if err != nil {
			return err
		}
		if err := find(ctx, conn); err != nil {
			return err
		}
		var rows int64
		err = sqlrow.ExecCount(ctx, conn, &rows, take+" AND list = (SELECT list FROM present)")
		if err != nil {
			return err
		}
		tell(list, rows)
		if _, err := conn.ExecContext(ctx, `INSERT OR IGNORE INTO fore_others SELECT hash, own FROM same
			WHERE NOT EXISTS (SELECT 1 FROM seen_checks k WHERE k.id_hash = hash);
			INSERT INTO fore SELECT hash, max(iif(other IS NULL, NULL, 1)) FROM list_rows WHERE true GROUP BY hash
			ON CONFLICT DO UPDATE SET other = coalesce(other, excluded.other)`); err != nil {
			return err
		}
	}
	return nil
}

// Keep notes, for a list that was taken, under which IDs checks are known besides their own, and the text of one of
// them while the check has its own.
func Keep(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `INSERT OR IGNORE INTO main.other_ids
		SELECT same.hash, c.check_id FROM temp.same CROSS JOIN main.checks c ON c.id_hash = same.own
		WHERE NOT EXISTS (SELECT 1 FROM main.checks k WHERE k.id_hash = same.hash) ORDER BY same.hash`)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `UPDATE main.checks SET other_id = t.text
		FROM (SELECT c.check_id AS found, iif(c.kind = s.kind, s.other_id, s.id) AS text, min(s.line)
			FROM temp.staged s CROSS JOIN main.checks c ON c.id_hash = s.hash
			WHERE s.other_id IS NOT NULL AND c.other_id IS NULL AND c.id IS NOT NULL GROUP BY c.check_id) t
		WHERE check_id = t.found`)
	return err
}

// Index fills other_ids from the checks of a database that had none, once; hash is that of a livenessId.
func Index(ctx context.Context, db *sql.DB, hash func(id string) []byte) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	var due int64
	err = sqlrow.ExecCount(ctx, tx, &due, "DELETE FROM settings WHERE key = 'other_ids_due'")
	if err != nil || due == 0 {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT check_id, other_id FROM checks WHERE other_id IS NOT NULL "+
		"ORDER BY check_id")
	type other struct {
		check int64
		id    string
	}
	others, err := sqlrow.Collect(rows, err, "read other IDs", func(o *other) error {
		return rows.Scan(&o.check, &o.id)
	})
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT OR IGNORE INTO other_ids SELECT ?1, ?2
		WHERE NOT EXISTS (SELECT 1 FROM checks WHERE id_hash = ?1)`)
	if err != nil {
		return err
	}
	defer insert.Close() //nolint:errcheck // it was only executed
	for _, o := range others {
		if _, err := insert.ExecContext(ctx, hash(o.id), o.check); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Package alias knows which IDs are one check. A row that gives both IDs of a check says that they are one. The check
// is asked for by the one that it was listed under first, and known under both: a list with the other one alone buys
// nothing twice. What other_ids keeps is the hash, which outlives the texts.
//
// Where both IDs were listed before any row gave them together, each is a check of its own. When a row does, one of the
// two is asked for no longer: the one without an answer; of two without one, the one that was never asked, else the one
// that was listed last. It is given up, and why says that it is known by its other ID; what both were asked for stays.
// Where the two were listed for different endpoints, the check is asked where that ID of it was listed that stands, as
// an ID is that stands in lists for both.
//
// Two cases are left as they are, since a guess would leave an ID unasked: an other ID of a check that is absent where
// it was asked, and a row that contradicts one before it, which gave one of its IDs with another one. Which of the two
// rows is right nobody knows: the first one holds, the other's IDs are two, each asked for by itself if it is listed by
// itself, and somebody is told.
//
// Rows are staged in a table staged (hash, other, line and more), other being the hash of a row's other ID. What is
// here works on one connection, which holds that table and the temporary ones of ForIntake or ForPreview.
package alias

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// made holds what find fills. The views of ForIntake and ForPreview give it checks, what other_ids knows, and the rows
// of one list.
var made = []string{
	"CREATE TEMP TABLE same (hash BLOB PRIMARY KEY, own BLOB) WITHOUT ROWID",
	"CREATE TEMP TABLE pairs (l BLOB PRIMARY KEY, s BLOB, at INTEGER) WITHOUT ROWID",
	"CREATE TEMP TABLE claims (l BLOB, s BLOB, at INTEGER, PRIMARY KEY (l, s)) WITHOUT ROWID",
	"CREATE INDEX temp.claims_by_s ON claims (s)",
	"CREATE TEMP TABLE contradicting (l BLOB, s BLOB, at INTEGER, PRIMARY KEY (l, s)) WITHOUT ROWID",
	"CREATE TEMP TABLE settled (hash BLOB PRIMARY KEY) WITHOUT ROWID",
	"CREATE TEMP TABLE bought_twice (l BLOB PRIMARY KEY) WITHOUT ROWID",
}

// ofForms lists the columns of a staged row that hold its IDs in other case and of the other kind.
const ofForms = "kind, small, capital, other_small, other_capital, twin, other_twin"

// anew empties them for the next list, but for settled and bought_twice, which are about checks of all lists.
const anew = "DELETE FROM same; DELETE FROM pairs; DELETE FROM claims; DELETE FROM contradicting; " +
	"DELETE FROM firsts; DELETE FROM cased; DELETE FROM placed; DELETE FROM crossed"

// Drop lists the statements that take away what ForIntake has made on a connection.
var Drop = []string{"DROP TABLE IF EXISTS temp.pairs", "DROP TABLE IF EXISTS temp.same",
	"DROP TABLE IF EXISTS temp.claims", "DROP TABLE IF EXISTS temp.contradicting", "DROP TABLE IF EXISTS temp.settled",
	"DROP TABLE IF EXISTS temp.bought_twice", "DROP TABLE IF EXISTS temp.firsts", "DROP TABLE IF EXISTS temp.cased",
	"DROP TABLE IF EXISTS temp.placed", "DROP TABLE IF EXISTS temp.crossed"}

// ForIntake lists the statements that make what Resolve needs for a list that is taken.
var ForIntake = append(slices.Concat(made, forCase, forKind),
	"CREATE TEMP VIEW IF NOT EXISTS seen_checks AS SELECT id_hash, other_id, state FROM main.checks",
	`CREATE TEMP VIEW IF NOT EXISTS seen_others AS SELECT o.id_hash, c.id_hash AS own, c.state
		FROM main.other_ids o CROSS JOIN main.checks c USING (check_id)`,
	"CREATE TEMP VIEW IF NOT EXISTS seen_settings AS SELECT key, value FROM main.settings",
	"CREATE TEMP VIEW IF NOT EXISTS seen_folds AS SELECT small FROM main.folds",
	"CREATE TEMP VIEW IF NOT EXISTS list_rows AS SELECT hash, other, line, "+ofForms+" FROM temp.staged",
	`CREATE TEMP VIEW IF NOT EXISTS twins AS SELECT c.l, kl.state AS l_state, kl.why AS l_why, kl.forced AS l_forced,
		c.s, ks.state AS s_state, ks.why AS s_why, ks.forced AS s_forced,
		(kl.attempts = 0, kl.attempts = 0 AND `+guessedStill("kl")+`, kl.list_id, kl.line) <
		(ks.attempts = 0, ks.attempts = 0 AND `+guessedStill("ks")+`, ks.list_id, ks.line) AS l_first,
		EXISTS (SELECT 1 FROM main.other_ids o WHERE o.id_hash = c.l AND o.check_id = ks.check_id) AS linked
		FROM temp.claims c CROSS JOIN main.checks kl ON kl.id_hash = c.l CROSS JOIN main.checks ks ON ks.id_hash = c.s
		WHERE NOT EXISTS (SELECT 1 FROM temp.contradicting x WHERE x.l = c.l AND x.s = c.s)`,
)

// ForPreview lists those that make what ResolveListed needs: lists are staged together there, and looked at one by one.
var ForPreview = append(slices.Concat(made, forCase, forKind),
	"CREATE TEMP TABLE present (list INTEGER)",
	"INSERT INTO present VALUES (0)",
	"CREATE TEMP TABLE fore (hash BLOB PRIMARY KEY, other BLOB, list INTEGER, line INTEGER, state TEXT, guessed) "+
		"WITHOUT ROWID",
	"CREATE TEMP TABLE fore_others (hash BLOB PRIMARY KEY, own BLOB) WITHOUT ROWID",
	`CREATE TEMP VIEW seen_checks AS
		SELECT c.id_hash, coalesce(c.other_id, f.other) AS other_id, c.state
		FROM book.checks c LEFT JOIN fore f ON f.hash = c.id_hash
		UNION ALL SELECT hash, other, 'pending' FROM fore
		WHERE NOT EXISTS (SELECT 1 FROM book.checks c WHERE c.id_hash = hash)`,
	`CREATE TEMP VIEW seen_others AS
		SELECT o.id_hash, c.id_hash AS own, c.state FROM book.other_ids o CROSS JOIN book.checks c USING (check_id)
		UNION ALL SELECT hash, own, coalesce((SELECT state FROM book.checks WHERE id_hash = own), 'pending')
			FROM fore_others`,
	"CREATE TEMP TABLE fore_folds (small BLOB PRIMARY KEY) WITHOUT ROWID",
	"CREATE TEMP VIEW seen_settings AS SELECT key, value FROM book.settings",
	"CREATE TEMP VIEW seen_folds AS SELECT small FROM book.folds UNION ALL SELECT small FROM fore_folds",
	"CREATE TEMP VIEW list_rows AS SELECT hash, other, line, held, guessed, "+ofForms+
		" FROM staged WHERE list = (SELECT list FROM present)",
	// A check that the database knows comes before every list that is staged.
	`CREATE TEMP VIEW twins AS SELECT c.l, iif(dl.hash IS NULL, coalesce(bl.state, fl.state), 'given_up') AS l_state,
		iif(dl.hash IS NULL, coalesce(bl.why, ''), '`+Why+`') AS l_why, coalesce(bl.forced, 0) AS l_forced,
		c.s, iif(ds.hash IS NULL, coalesce(bs.state, fs.state), 'given_up') AS s_state,
		iif(ds.hash IS NULL, coalesce(bs.why, ''), '`+Why+`') AS s_why, coalesce(bs.forced, 0) AS s_forced,
		(coalesce(bl.attempts, 0) = 0, `+guessedBy("l")+`, bl.id_hash IS NULL, coalesce(bl.list_id, fl.list),
			coalesce(bl.line, fl.line)) <
		(coalesce(bs.attempts, 0) = 0, `+guessedBy("s")+`, bs.id_hash IS NULL, coalesce(bs.list_id, fs.list),
			coalesce(bs.line, fs.line))
			AS l_first,
		EXISTS (SELECT 1 FROM book.other_ids o WHERE o.id_hash = c.l AND o.check_id = bs.check_id) AS linked
		FROM claims c LEFT JOIN book.checks bl ON bl.id_hash = c.l LEFT JOIN fore fl ON fl.hash = c.l
		LEFT JOIN settled dl ON dl.hash = c.l
		LEFT JOIN book.checks bs ON bs.id_hash = c.s LEFT JOIN fore fs ON fs.hash = c.s
		LEFT JOIN settled ds ON ds.hash = c.s
		WHERE coalesce(bl.state, fl.state) IS NOT NULL AND coalesce(bs.state, fs.state) IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM contradicting x WHERE x.l = c.l AND x.s = c.s)`,
)

// guessedStill returns the condition that the place of a check is a guess, and that no row of the list gives it one.
func guessedStill(check string) string {
	return check + ".guessed AND NOT EXISTS (SELECT 1 FROM temp.staged g WHERE g.hash = " + check +
		".id_hash AND g.guessed = 0)"
}

// guessedBy returns, for a preview, the condition that the place of one of two checks, l or s, is a guess, and that
// nobody was asked there.
func guessedBy(of string) string {
	return "(coalesce(b" + of + ".attempts, 0) = 0 AND min(coalesce(b" + of + ".guessed, 1), coalesce(f" + of +
		".guessed, 1)))"
}

// Why names the reason of a check that is given up since it is asked for by the other of its IDs, a check of its own.
const Why = "known by its other ID"

const (
	// settle chooses which of two checks that are one is asked for no longer. One that is absent, or is itself known by
	// its other ID, leaves the other to be asked, and so does one that waits and is behind it.
	settle = `INSERT OR IGNORE INTO settled
		SELECT iif(s_goes, s, l) FROM (SELECT l, s,
			s_state IN ('pending', 'in_doubt') AND s_forced = 0 AND l_state <> 'absent' AND l_why <> '` + Why + `'
				AND (l_state NOT IN ('pending', 'in_doubt', 'held') OR l_first) AS s_goes,
			l_state IN ('pending', 'in_doubt') AND l_forced = 0 AND s_state <> 'absent' AND s_why <> '` + Why + `'
				AND (s_state NOT IN ('pending', 'in_doubt', 'held') OR NOT l_first) AS l_goes
			FROM twins) WHERE s_goes OR l_goes`
	countTwice = `INSERT OR IGNORE INTO bought_twice SELECT l FROM twins
		WHERE l_state = 'done' AND s_state = 'done' AND NOT linked`
)

// Settled returns the condition that the lists of a preview have a check asked for no longer, since it is known by its
// other ID. hash is the expression of its own ID's.
func Settled(hash string) string { return hash + " IN (SELECT hash FROM settled)" }

// unite finds the checks that are one with another by a list, and those that were bought twice.
func (f *Found) unite(ctx context.Context, conn *sql.Conn) error {
	var claims bool
	err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM claims)").Scan(&claims)
	if err != nil || !claims {
		return err
	}
	err = sqlrow.ExecCount(ctx, conn, &f.Twice, countTwice)
	if err == nil {
		err = sqlrow.ExecCount(ctx, conn, &f.Settled, settle)
	}
	return err
}

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

// Contradictions counts the pairs of IDs of a list that contradict what a row before said, of it or of another list.
type Contradictions struct {
	Pairs int64
	Lines []int  // of the first of them
	List  string // that the first of several lists is called, where they were added up
}

// maxLines bounds how many lines are told of a list.
const maxLines = 100

// Found holds what a list says of IDs that are one check.
type Found struct {
	Rows           int64 // whose ID is another's
	Settled        int64 // IDs that are asked for no longer, since they are known by their other one
	Twice          int64 // checks that were bought by both IDs before a row gave them together
	Contradictions Contradictions
}

// contradictory selects claims that may contradict what is known of one of their IDs: what it is known under, or what
// was given with it, as text or as a hash.
const contradictory = `SELECT c.l, c.s, c.at, so.own, lo.own, sk.other_id, lk.other_id FROM claims c
	LEFT JOIN seen_others so ON so.id_hash = c.s LEFT JOIN seen_others lo ON lo.id_hash = c.l
	LEFT JOIN seen_checks sk ON sk.id_hash = c.s LEFT JOIN seen_checks lk ON lk.id_hash = c.l
	WHERE coalesce(so.own, lo.own, sk.other_id, lk.other_id) IS NOT NULL
		AND so.own IS NOT c.l AND lo.own IS NOT c.s`

// find fills the table same with the IDs of a list that are another check's. hash is that of an ID of a kind.
func find(ctx context.Context, conn *sql.Conn, hash Hash) (c Contradictions, err error) {
	var others, pairs bool
	err = conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM seen_others), EXISTS (SELECT 1 FROM list_rows "+
		"WHERE other IS NOT NULL)").Scan(&others, &pairs)
	if err == nil && others {
		_, err = conn.ExecContext(ctx, `INSERT INTO same SELECT DISTINCT r.hash, o.own
			FROM list_rows r CROSS JOIN seen_others o ON o.id_hash = r.hash
			WHERE o.state <> 'absent' AND NOT EXISTS (SELECT 1 FROM seen_checks k WHERE k.id_hash = r.hash)`)
	}
	if err == nil && pairs {
		if c, err = contradict(ctx, conn, hash); err == nil {
			_, err = conn.ExecContext(ctx, `CREATE INDEX IF NOT EXISTS staged_by_hash ON staged (hash);
				INSERT INTO pairs SELECT l, s, min(at) FROM claims c WHERE NOT EXISTS (SELECT 1 FROM contradicting x
					WHERE x.l = c.l AND x.s = c.s) GROUP BY l;`+pair+`;
				-- An ID that turned out to be another's is no check for others to be.
				UPDATE same SET own = t.own FROM same t WHERE t.hash = same.own`)
		}
	}
	if err != nil {
		return c, fmt.Errorf("find IDs of one check: %w", err)
	}
	return c, nil
}

// Hash returns the hash of an ID of a kind.
type Hash func(kind, id string) []byte

// contradict fills the tables claims and contradicting, by earlier lists first.
func contradict(ctx context.Context, conn *sql.Conn, hash Hash) (c Contradictions, err error) {
	_, err = conn.ExecContext(ctx, `INSERT INTO claims SELECT other, hash, min(line) FROM list_rows
			WHERE other IS NOT NULL GROUP BY other, hash`)
	if err != nil {
		return c, err
	}
	type claim struct {
		l, s               []byte
		at                 int
		sOwn, lOwn         []byte
		sPartner, lPartner any
	}
	rows, err := conn.QueryContext(ctx, contradictory)
	claims, err := sqlrow.Collect(rows, err, "look for contradictions", func(c *claim) error {
		return rows.Scan(&c.l, &c.s, &c.at, &c.sOwn, &c.lOwn, &c.sPartner, &c.lPartner)
	})
	if err != nil {
		return c, err
	}
	is := func(partner any, kind string, want []byte) bool {
		switch partner := partner.(type) {
		case string:
			return bytes.Equal(hash(kind, partner), want)
		case []byte:
			return bytes.Equal(partner, want)
		}
		return true
	}
	for _, k := range claims {
		if k.sOwn == nil && k.lOwn == nil && is(k.sPartner, "livenessId", k.l) && is(k.lPartner, "signatureId", k.s) {
			continue
		}
		_, err := conn.ExecContext(ctx, "INSERT OR IGNORE INTO contradicting VALUES (?, ?, ?)", k.l, k.s, k.at)
		if err != nil {
			return c, err
		}
	}
	// What contradicts earlier lists counts for nothing in this one.
	_, err = conn.ExecContext(ctx, `INSERT OR IGNORE INTO contradicting
		WITH sound AS NOT MATERIALIZED (SELECT * FROM claims d
			WHERE NOT EXISTS (SELECT 1 FROM contradicting x WHERE x.l = d.l AND x.s = d.s))
		SELECT * FROM claims c WHERE EXISTS (SELECT 1 FROM sound d WHERE d.l = c.l AND d.at < c.at)
			OR EXISTS (SELECT 1 FROM sound d WHERE d.s = c.s AND d.at < c.at)`)
	if err != nil {
		return c, err
	}
	err = conn.QueryRowContext(ctx, "SELECT count(*) FROM contradicting").Scan(&c.Pairs)
	if err != nil || c.Pairs == 0 {
		return c, err
	}
	rows, err = conn.QueryContext(ctx, "SELECT at FROM contradicting ORDER BY at LIMIT ?", maxLines)
	c.Lines, err = sqlrow.Collect(rows, err, "read contradictions", func(line *int) error { return rows.Scan(line) })
	return c, err
}

// disown takes the other ID from the rows that contradict, so that nothing keeps it as their check's. They are those of
// one list, or with a condition.
const disown = `UPDATE staged SET other = NULL WHERE other IS NOT NULL AND EXISTS (SELECT 1 FROM contradicting x
	WHERE x.l = staged.other AND x.s = staged.hash)`

// Resolve gives staged rows the hash of the check that they are about, and counts those that had another.
func Resolve(ctx context.Context, conn *sql.Conn, hash Hash) (f Found, err error) {
	if f.Contradictions, err = find(ctx, conn, hash); err != nil {
		return f, err
	}
	if f.Contradictions.Pairs > 0 {
		_, err := conn.ExecContext(ctx, disown+"; UPDATE staged SET other_id = NULL WHERE other IS NULL")
		if err != nil {
			return f, err
		}
	}
	err = sqlrow.ExecCount(ctx, conn, &f.Rows, take)
	return f, err
}

// foretell does for the present list of a preview what Resolve and Keep do, and notes which IDs are known after it.
// There are others where any ID has another one.
func (f *Found) foretell(ctx context.Context, conn *sql.Conn, others bool, hash Hash, scope string) (err error) {
	if others {
		f.Contradictions, err = find(ctx, conn, hash)
	}
	if err == nil && f.Contradictions.Pairs > 0 {
		_, err = conn.ExecContext(ctx, disown+scope)
	}
	if err == nil && others {
		err = sqlrow.ExecCount(ctx, conn, &f.Rows, take+scope)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, `INSERT OR IGNORE INTO fore_others SELECT hash, own FROM same
			WHERE NOT EXISTS (SELECT 1 FROM seen_checks k WHERE k.id_hash = hash);
			INSERT INTO fore SELECT r.hash, coalesce(min(iif(r.other <> r.hash, r.other, NULL)), p.hash),
				(SELECT list FROM present), min(r.line), iif(r.held, 'held', 'pending'), min(r.guessed)
				FROM list_rows r LEFT JOIN (SELECT own, min(hash) AS hash FROM same GROUP BY own) p ON p.own = r.hash
				WHERE true GROUP BY r.hash
			ON CONFLICT DO UPDATE SET other = coalesce(other, excluded.other),
				guessed = min(guessed, excluded.guessed)`)
	}
	if err == nil {
		err = f.unite(ctx, conn)
	}
	return err
}

// twoChecks notes of two IDs that are one check, and stand each for itself, each one's check under the other ID: rows
// of the list give both, or it asks by one of them as the other is absent.
const twoChecks = `INSERT OR IGNORE INTO main.other_ids
	WITH both AS MATERIALIZED (
		SELECT c.l AS a, c.s AS b FROM temp.claims c WHERE NOT EXISTS (SELECT 1 FROM temp.contradicting x
			WHERE x.l = c.l AND x.s = c.s)
		UNION SELECT DISTINCT s.hash, k.id_hash FROM temp.staged s CROSS JOIN main.other_ids o ON o.id_hash = s.hash
			CROSS JOIN main.checks k USING (check_id)
			WHERE EXISTS (SELECT 1 FROM main.other_ids) AND k.id_hash <> s.hash)
	SELECT a, kb.check_id FROM both JOIN main.checks ka ON ka.id_hash = a JOIN main.checks kb ON kb.id_hash = b
	UNION ALL
	SELECT b, ka.check_id FROM both JOIN main.checks ka ON ka.id_hash = a JOIN main.checks kb ON kb.id_hash = b`

// Answered returns the condition that a check has its result by the other of its IDs, which is a check of its own: one
// of the two was absent when the other was asked for. hash is the expression of its own ID's.
func Answered(hash string) string {
	return `EXISTS (SELECT 1 FROM other_ids o CROSS JOIN checks oc USING (check_id)
		WHERE o.id_hash = ` + hash + ` AND oc.id_hash <> o.id_hash AND oc.state = 'done')`
}

// Stands returns the condition that a check is, or was, asked for by the other of its IDs, which is a check of its own
// and was not absent. hash is the expression of its own ID's.
func Stands(hash string) string {
	return `EXISTS (SELECT 1 FROM other_ids o CROSS JOIN checks oc USING (check_id)
		WHERE o.id_hash = ` + hash + ` AND oc.id_hash <> o.id_hash AND oc.state <> 'absent')`
}

// GiveUpReleased gives up, of held checks that are about to be released, those that have their result by the other of
// their IDs, or are asked for by that; of two that are released together, the second. released selects check_id.
func GiveUpReleased(ctx context.Context, tx *sql.Tx, now time.Time, released string, args ...any) error {
	_, err := tx.ExecContext(ctx, `UPDATE checks AS c SET state = 'given_up', why = '`+Why+`', forced = 0, doubts = 0,
		not_found = 0, no_score = 0, changed_at = `+fmt.Sprint(sqlrow.Millis(now))+`
		WHERE state = 'held' AND check_id IN (`+released+`) AND EXISTS (SELECT 1 FROM other_ids o
			CROSS JOIN checks oc USING (check_id) WHERE o.id_hash = c.id_hash AND oc.id_hash <> o.id_hash
			AND (oc.state IN ('done', 'pending', 'in_doubt') OR oc.state = 'held' AND oc.check_id < c.check_id
				AND oc.check_id IN (`+released+`)))`, args...)
	return err
}

// Keep notes, for a list that was taken, under which IDs checks are known besides their own, and the text of one of
// them while the check has its own. Of two checks that are one by the list, it gives up the one that is asked for no
// longer; f counts them.
func Keep(ctx context.Context, conn *sql.Conn, f *Found, now time.Time) error {
	_, err := conn.ExecContext(ctx, `INSERT OR IGNORE INTO main.other_ids
		SELECT same.hash, c.check_id FROM temp.same CROSS JOIN main.checks c ON c.id_hash = same.own
		WHERE NOT EXISTS (SELECT 1 FROM main.checks k WHERE k.id_hash = same.hash) ORDER BY same.hash`)
	if err == nil {
		err = f.unite(ctx, conn)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, twoChecks)
	}
	if err == nil && f.Settled > 0 {
		_, err = conn.ExecContext(ctx, `UPDATE main.checks SET state = 'given_up', why = '`+Why+`', no_score = 0,
			unfound = 0, changed_at = ? WHERE id_hash IN (SELECT hash FROM temp.settled)`, sqlrow.Millis(now))
	}
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

// Package place decides where an ID is asked that rows of lists name several places for. A place that a row gives, by a
// column, a pattern or a firm name, goes before one that was guessed, from a default or a word, as long as nobody was
// asked; the order of rows and lists decides nothing then. Of two places that are given the first one holds, an ID that
// was asked keeps its place, and somebody is told.
//
// What is here works on one connection: that of an intake, which has the temporary table repeated, or that of a preview
// with its table staged.
package place

import (
	"context"
	"database/sql"

	"liverecon/store/internal/sqlrow"
)

// maxLines bounds how many lines are told of a list.
const maxLines = 100

// Found holds what rows of a list say of the places of IDs that have one.
type Found struct {
	Taken         int64 // IDs that had a guessed region, and have that of the list
	Contradicting int64 // rows with another region than that of their ID, which stays
	Lines         []int // of the first of these, at most 100
	Region        string
	Stands        string // of the first of these rows: its Region, and that of its ID
	Open          bool   // an ID of these is still to be asked: it may turn out to be where the list says
	List          string // that the first of several lists is called, where they were added up
}

// guess holds the condition that the place of a check c is a guess, and that nobody was asked there.
const guess = `c.guessed AND c.state IN ('pending', 'held') AND c.attempts = 0 AND c.forced = 0 AND c.again = ''
	AND c.id IS NOT NULL`

// Drop lists the statements that take away what Take has made on a connection.
var Drop = []string{"DROP TABLE IF EXISTS temp.taken"}

// Take gives the IDs of a list whose place is a guess, and that nobody was asked for, the place that a row of the list
// gives.
func Take(ctx context.Context, conn sqlrow.Execer, f *Found) error {
	var n int64
	err := sqlrow.ExecCount(ctx, conn, &n, `CREATE TEMP TABLE taken (check_id INTEGER PRIMARY KEY, list_id, was, region,
		endpoint, line)`)
	if err == nil {
		err = sqlrow.ExecCount(ctx, conn, &n, `INSERT INTO temp.taken
			SELECT r.check_id, c.list_id, c.region, r.region, r.endpoint, min(r.line)
			FROM temp.repeated r CROSS JOIN main.checks c USING (check_id)
			WHERE NOT r.guessed AND `+guess+` GROUP BY 1`)
	}
	if err != nil || n == 0 {
		return err
	}
	for _, text := range []string{
		// A list's regions count its new checks.
		`UPDATE main.list_regions SET new = new - n FROM (SELECT list_id AS of_list, was, count(*) AS n FROM temp.taken
			GROUP BY 1, 2) WHERE list_id = of_list AND region = was`,
		`INSERT INTO main.list_regions (list_id, region, duplicate, known, new)
			SELECT list_id, region, 0, 0, count(*) FROM temp.taken WHERE true GROUP BY 1, 2
			ON CONFLICT (list_id, region) DO UPDATE SET new = new + excluded.new`,
		`UPDATE main.checks SET region = t.region, endpoint = t.endpoint, guessed = 0 FROM temp.taken t
			WHERE checks.check_id = t.check_id`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return conn.QueryRowContext(ctx, "SELECT count(*) FROM temp.taken WHERE was <> region").Scan(&f.Taken)
}

// Contradict finds the rows of a list that give another region than that of their ID. A guess says nothing against a
// place that was given, nor against another guess of the same run. moving selects the check_id of those of whose rows
// the list says itself what becomes.
func Contradict(ctx context.Context, conn sqlrow.Execer, runID int64, moving string, f *Found) error {
	rows, err := conn.QueryContext(ctx, `SELECT r.line, r.region, c.region, c.state IN ('pending', 'in_doubt', 'held')
		FROM temp.repeated r CROSS JOIN main.checks c USING (check_id) CROSS JOIN main.lists l USING (list_id)
		WHERE r.region <> c.region AND (NOT r.guessed OR r.guessed = 1 AND c.guessed AND l.run_id <> ?)
			AND c.check_id NOT IN (`+moving+`) ORDER BY r.line`, runID)
	_, err = sqlrow.Collect(rows, err, "compare regions", func(*struct{}) error {
		var d difference
		err := rows.Scan(&d.line, &d.region, &d.stands, &d.open)
		f.count(d)
		return err
	})
	return err
}

// difference represents a row with another region than that of its ID.
type difference struct {
	list           int
	line           int
	region, stands string
	open           bool
}

func (f *Found) count(d difference) {
	if f.Contradicting++; f.Contradicting == 1 {
		f.Region, f.Stands = d.region, d.stands
	}
	if len(f.Lines) < maxLines {
		f.Lines = append(f.Lines, d.line)
	}
	f.Open = f.Open || d.open
}

// ForPreview lists the statements that make what TakeListed needs.
var ForPreview = []string{
	"CREATE TEMP TABLE divided (hash BLOB PRIMARY KEY) WITHOUT ROWID",
	`CREATE TEMP TABLE taken (hash BLOB PRIMARY KEY, list, region, endpoint, check_id, was, was_endpoint, state)
		WITHOUT ROWID`,
}

// at computes a staged row's place among all rows.
const at = "min(list * (1 << 32) + line)"

// takeListed fills taken with the IDs that have a guessed place before a row that gives one.
const takeListed = `CREATE INDEX IF NOT EXISTS staged_by_hash ON staged (hash);
	INSERT INTO taken
	WITH given AS MATERIALIZED (SELECT s.hash, list, region, endpoint, ` + at + `
			FROM divided CROSS JOIN staged s USING (hash) WHERE NOT guessed GROUP BY hash),
		head AS MATERIALIZED (SELECT s.hash, region, ` + at + `
			FROM divided CROSS JOIN staged s USING (hash) GROUP BY hash)
	SELECT g.hash, g.list, g.region, g.endpoint, c.check_id, coalesce(c.region, h.region), c.endpoint, c.state
	FROM given g CROSS JOIN head h USING (hash) LEFT JOIN book.checks c ON c.id_hash = g.hash
	WHERE c.check_id IS NULL OR ` + guess + `;
	UPDATE staged SET region = t.region, endpoint = t.endpoint FROM taken t
		WHERE t.hash = staged.hash AND staged.guessed AND t.check_id IS NULL`

// TakeListed does for a number of staged lists, all at once, what taking them does, and tells how many IDs of each had
// a guessed region before.
func TakeListed(ctx context.Context, conn *sql.Conn, tell func(list int, taken int64)) error {
	var divided int64
	err := sqlrow.ExecCount(ctx, conn, &divided, `INSERT INTO divided
		SELECT hash FROM staged GROUP BY hash HAVING min(region) <> max(region)
		UNION SELECT s.hash FROM staged s CROSS JOIN book.checks c ON c.id_hash = s.hash WHERE s.region <> c.region`)
	if err != nil || divided == 0 {
		return err
	}
	if _, err := conn.ExecContext(ctx, takeListed); err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT list, count(*) FROM taken WHERE was <> region GROUP BY list")
	_, err = sqlrow.Collect(rows, err, "preview places", func(*struct{}) error {
		var list int
		var taken int64
		err := rows.Scan(&list, &taken)
		tell(list, taken)
		return err
	})
	return err
}

// contradictListed selects the rows of staged lists that give another region than that of their ID when their list is
// taken.
const contradictListed = `SELECT s.list, s.line, s.region,
		CASE WHEN t.list <= s.list THEN t.region WHEN m.list <= s.list THEN m.region ELSE c.region END AS stands,
		coalesce(c.state, 'pending') IN ('pending', 'in_doubt', 'held') OR coalesce(m.list <= s.list, 0)
	FROM divided CROSS JOIN staged s USING (hash) LEFT JOIN taken t USING (hash)
	LEFT JOIN book.checks c ON c.id_hash = s.hash LEFT JOIN moved m ON m.check_id = c.check_id
	WHERE s.region <> stands
		AND (NOT s.guessed OR c.guessed AND NOT coalesce(t.list <= s.list, 0) AND NOT coalesce(m.list <= s.list, 0))
		AND coalesce(m.goes, 1) ORDER BY s.list, s.line`

// ContradictListed does for staged lists what Contradict does for one, after TakeListed and after the IDs that lists
// move are in the table moved; it tells what each list says.
func ContradictListed(ctx context.Context, conn *sql.Conn, found func(list int) *Found) error {
	rows, err := conn.QueryContext(ctx, contradictListed)
	_, err = sqlrow.Collect(rows, err, "preview regions", func(*struct{}) error {
		var d difference
		err := rows.Scan(&d.list, &d.line, &d.region, &d.stands, &d.open)
		if err == nil {
			found(d.list).count(d)
		}
		return err
	})
	return err
}

// Backlog selects what the taken places of known IDs change of the pending ones, by endpoint and region. asked is the
// condition that the ID of a hash is asked.
func Backlog(asked string) string {
	const from = " FROM taken WHERE state = 'pending' AND "
	return `SELECT endpoint, region, 'pending', count(*)` + from + asked + ` GROUP BY 1, 2
		UNION ALL SELECT was_endpoint, was, 'pending', -count(*)` + from + asked + ` GROUP BY 1, 2`
}

package alias

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// ReasonOtherCase is the reason of rejected rows whose ID differs from one that is known in nothing but case: the first
// list's form is asked for, and another one may be the same ID, bought twice.
const ReasonOtherCase = "other_case"

const otherCaseDetail = "differs in nothing but capitals from an ID that is listed already: not asked for, as it may " +
	"be the same one; if it is another, set input.case_matters = true"

// OtherCase counts rows whose ID differs from a known one in nothing but case.
type OtherCase struct {
	Rows int64
	Line int // of the first of them, 0 where there is none
}

// Cases returns the hashes of an ID in small letters and in capitals, nil for what it is itself.
func Cases(kind, id string, hash Hash) (small, capital any) {
	if s := strings.ToLower(id); s != id {
		small = hash(kind, s)
	}
	if s := strings.ToUpper(id); s != id {
		capital = hash(kind, s)
	}
	return small, capital
}

// forCase are the statements that make what otherCase needs.
var forCase = []string{
	"CREATE TEMP TABLE firsts (hash BLOB PRIMARY KEY, at INTEGER, small BLOB, capital BLOB, fold BLOB) WITHOUT ROWID",
	"CREATE INDEX temp.firsts_by_fold ON firsts (fold)",
	"CREATE TEMP TABLE cased (hash BLOB PRIMARY KEY) WITHOUT ROWID",
}

// findCased fills the table cased with the IDs of staged rows that no list gave before, and that a list gave before in
// other case: in small letters, in capitals, or in both. at is the expression of a row's place.
func findCased(ctx context.Context, conn *sql.Conn, book, at string) (some bool, err error) {
	var capitals bool
	err = conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM staged WHERE small IS NOT NULL) OR "+
		"EXISTS (SELECT 1 FROM "+book+".settings WHERE key = 'capitals_listed' AND value <> '0')").Scan(&capitals)
	if err != nil || !capitals {
		return false, err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO firsts SELECT hash, min(at), small, capital, coalesce(small, hash) FROM (
		SELECT hash, `+at+` AS at, small, capital FROM staged
		UNION ALL SELECT other, `+at+`, NULL, NULL FROM staged WHERE other IS NOT NULL) GROUP BY hash`)
	if err != nil {
		return false, err
	}
	known := func(hash string) string {
		return "(EXISTS (SELECT 1 FROM " + book + ".checks c WHERE c.id_hash = " + hash + ") OR EXISTS (SELECT 1 " +
			"FROM " + book + ".other_ids o WHERE o.id_hash = " + hash + "))"
	}
	before := func(hash string) string {
		return "(" + known(hash) + " OR EXISTS (SELECT 1 FROM firsts e WHERE e.hash = " + hash + " AND e.at < f.at))"
	}
	mixed := "EXISTS (SELECT 1 FROM " + book + ".folds m WHERE m.small = f.fold) OR " +
		"EXISTS (SELECT 1 FROM firsts e WHERE e.fold = f.fold AND e.at < f.at)"
	var n int64
	err = sqlrow.ExecCount(ctx, conn, &n, "INSERT INTO cased SELECT hash FROM firsts f WHERE ("+before("f.small")+
		" OR "+before("f.capital")+" OR "+mixed+") AND NOT "+known("f.hash"))
	return n > 0, err
}

// refuse takes the rows of a list whose ID differs from a known one in nothing but case from those that are staged, and
// makes them rejected ones.
func refuse(ctx context.Context, conn *sql.Conn) (c OtherCase, err error) {
	some, err := findCased(ctx, conn, "main", "line")
	if err != nil || !some {
		return c, err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO temp.refused
		SELECT line, kind, ?, ?, iif(length(id) > 12, substr(id, 1, 8) || '…', id), NULL, NULL, NULL, NULL
		FROM temp.staged WHERE hash IN (SELECT hash FROM cased) ORDER BY line`, ReasonOtherCase, otherCaseDetail)
	if err == nil {
		err = conn.QueryRowContext(ctx,
			"SELECT count(*), min(line) FROM temp.staged WHERE hash IN (SELECT hash FROM cased)").Scan(&c.Rows, &c.Line)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "DELETE FROM temp.staged WHERE hash IN (SELECT hash FROM cased)")
	}
	return c, err
}

// What the setting capitals_listed says.
const (
	listedUnfolded = "1" // an ID with a capital letter was listed, and folds lacks those in mixed case
	listedFolded   = "2" // folds has all of them
)

// rememberCapitals notes that a list has IDs with a capital letter, and which are in mixed case: those in capitals
// alone are found by their own hash.
func rememberCapitals(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `INSERT OR IGNORE INTO main.folds SELECT small FROM temp.staged
		WHERE small IS NOT NULL AND capital IS NOT NULL`)
	if err == nil {
		_, err = conn.ExecContext(ctx, `UPDATE main.settings SET value = ? WHERE key = 'capitals_listed'
			AND value = '0' AND EXISTS (SELECT 1 FROM temp.staged WHERE small IS NOT NULL)`, listedFolded)
	}
	return err
}

// foldEarlier notes the IDs in mixed case that earlier versions took, which did not; it does so once.
func foldEarlier(ctx context.Context, conn *sql.Conn, hash Hash) error {
	res, err := conn.ExecContext(ctx, "UPDATE main.settings SET value = ? WHERE key = 'capitals_listed' AND value = ?",
		listedFolded, listedUnfolded)
	if err != nil {
		return fmt.Errorf("note IDs in mixed case: %w", err)
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT kind, lower(id) FROM main.checks WHERE id <> lower(id) AND id <> upper(id)")
	all, err := sqlrow.Collect(rows, err, "read IDs in mixed case", func(small *[]byte) error {
		var kind, id string
		err := rows.Scan(&kind, &id)
		*small = hash(kind, id)
		return err
	})
	for _, small := range all {
		if err == nil {
			_, err = conn.ExecContext(ctx, "INSERT OR IGNORE INTO main.folds VALUES (?)", small)
		}
	}
	return err
}

// refuseListed does for staged lists, all at once, what refuse does for one after the other, and tells what each has.
func refuseListed(ctx context.Context, conn *sql.Conn, tell func(list int, c OtherCase)) error {
	some, err := findCased(ctx, conn, "book", "list * (1 << 32) + line")
	if err != nil || !some {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT list, count(*), min(line) FROM staged "+
		"WHERE hash IN (SELECT hash FROM cased) GROUP BY list")
	_, err = sqlrow.Collect(rows, err, "preview IDs in other case", func(*struct{}) error {
		var list int
		var c OtherCase
		err := rows.Scan(&list, &c.Rows, &c.Line)
		tell(list, c)
		return err
	})
	if err == nil {
		_, err = conn.ExecContext(ctx, "DELETE FROM staged WHERE hash IN (SELECT hash FROM cased)")
	}
	return err
}

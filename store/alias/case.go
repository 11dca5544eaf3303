package alias

import (
	"context"
	"database/sql"
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
	"CREATE TEMP TABLE firsts (hash BLOB PRIMARY KEY, at INTEGER, small BLOB, capital BLOB) WITHOUT ROWID",
	"CREATE TEMP TABLE cased (hash BLOB PRIMARY KEY) WITHOUT ROWID",
}

// findCased fills the table cased with the IDs of staged rows that no list gave before, and that a list gave before in
// small letters or in capitals. at is the expression of a row's place.
func findCased(ctx context.Context, conn *sql.Conn, book, at string) (some bool, err error) {
	var capitals bool
	err = conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM staged WHERE small IS NOT NULL) OR "+
		"EXISTS (SELECT 1 FROM "+book+".settings WHERE key = 'capitals_listed' AND value = '1')").Scan(&capitals)
	if err != nil || !capitals {
		return false, err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO firsts SELECT hash, min(at), small, capital FROM (
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
	var n int64
	err = sqlrow.ExecCount(ctx, conn, &n, "INSERT INTO cased SELECT hash FROM firsts f WHERE ("+before("f.small")+
		" OR "+before("f.capital")+") AND NOT "+known("f.hash"))
	return n > 0, err
}

// Refuse takes the rows of a list whose ID differs from a known one in nothing but case from those that are staged, and
// makes them rejected ones.
func Refuse(ctx context.Context, conn *sql.Conn) (c OtherCase, err error) {
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

// RememberCapitals notes that a list gave an ID with a capital letter.
func RememberCapitals(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `UPDATE main.settings SET value = '1' WHERE key = 'capitals_listed' AND value = '0'
		AND EXISTS (SELECT 1 FROM temp.staged WHERE small IS NOT NULL)`)
	return err
}

// RefuseListed does for staged lists, all at once, what Refuse does for one after the other, and tells what each has.
func RefuseListed(ctx context.Context, conn *sql.Conn, tell func(list int, c OtherCase)) error {
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

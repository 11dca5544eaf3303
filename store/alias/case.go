package alias

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// ReasonOtherCase names the reason of rejected rows whose ID differs from one that is known in nothing but case: the
// first list's form is asked for, and another one may be the same ID, bought twice.
const ReasonOtherCase = "other_case"

const otherCaseDetail = "differs in nothing but capitals from an ID that is listed already: not asked for, as it may " +
	"be the same one; if it is another, set input.case_matters = true"

// OtherCase counts rows whose ID differs from a known one in nothing but case.
type OtherCase struct {
	Rows int64
	Line int // of the first of them, 0 where there is none
}

// cases returns the hashes of an ID in small letters and in capitals, nil for what it is itself.
func cases(kind, id string, hash Hash) (small, capital any) {
	if s := strings.ToLower(id); s != id {
		small = hash(kind, s)
	}
	if s := strings.ToUpper(id); s != id {
		capital = hash(kind, s)
	}
	return small, capital
}

// forCase lists the statements that make what findCased needs, beside what is seen.
var forCase = []string{
	"CREATE TEMP TABLE firsts (hash BLOB PRIMARY KEY, at INTEGER, small BLOB, capital BLOB, fold BLOB) WITHOUT ROWID",
	"CREATE INDEX temp.firsts_by_fold ON firsts (fold)",
	"CREATE TEMP TABLE cased (hash BLOB PRIMARY KEY) WITHOUT ROWID",
}

// capitals tests whether any ID that is staged, or was ever listed, has a capital letter.
const capitals = "SELECT EXISTS (SELECT 1 FROM staged WHERE small IS NOT NULL OR other_small IS NOT NULL) OR " +
	"EXISTS (SELECT 1 FROM seen_settings WHERE key = 'capitals_listed' AND value <> '0')"

// findCased fills the table cased with the IDs of a list that no list gave before, and that a list gave before in other
// case: in small letters, in capitals, or in both.
func findCased(ctx context.Context, conn *sql.Conn) (some bool, err error) {
	_, err = conn.ExecContext(ctx, `INSERT INTO firsts
		SELECT hash, min(line), small, capital, coalesce(small, hash) FROM (SELECT hash, line, small, capital FROM list_rows
		UNION ALL SELECT other, line, other_small, other_capital FROM list_rows WHERE other IS NOT NULL) GROUP BY hash`)
	if err != nil {
		return false, err
	}
	before := func(hash string) string {
		return "(" + seen(hash) + " OR EXISTS (SELECT 1 FROM firsts e WHERE e.hash = " + hash + " AND e.at < f.at))"
	}
	mixed := "EXISTS (SELECT 1 FROM seen_folds m WHERE m.small = f.fold) OR " +
		"EXISTS (SELECT 1 FROM firsts e WHERE e.fold = f.fold AND e.at < f.at)"
	var n int64
	err = sqlrow.ExecCount(ctx, conn, &n, "INSERT INTO cased SELECT hash FROM firsts f WHERE ("+before("f.small")+
		" OR "+before("f.capital")+" OR "+mixed+") AND NOT "+seen("f.hash"))
	return n > 0, err
}

// wrongCase selects the rows that are not taken for the case of their IDs. One that gives both IDs of a check is not
// either where the other one is in another case, but where its own is known already.
var wrongCase = "(hash IN (SELECT hash FROM cased) OR other IN (SELECT hash FROM cased) AND NOT " + seen("hash") + ")"

// refuseCase takes the rows of a list whose ID differs from a known one in nothing but case from those that are staged,
// and makes them rejected ones.
func refuseCase(ctx context.Context, conn *sql.Conn) (c OtherCase, err error) {
	some, err := findCased(ctx, conn)
	if err != nil || !some {
		return c, err
	}
	const id = "iif(hash IN (SELECT hash FROM cased), id, other_id)"
	_, err = conn.ExecContext(ctx, `INSERT INTO temp.refused SELECT line, iif(hash IN (SELECT hash FROM cased), kind,
			iif(kind = 'signatureId', 'livenessId', 'signatureId')), ?, ?,
			iif(length(`+id+`) > 12, substr(`+id+`, 1, 8) || '…', `+id+`), NULL, NULL, NULL, NULL
		FROM temp.staged WHERE `+wrongCase+" ORDER BY line", ReasonOtherCase, otherCaseDetail)
	if err == nil {
		c, err = takeCase(ctx, conn, "")
	}
	return c, err
}

// takeCase counts those rows of a list, and takes them from the staged ones. scope limits these to the list.
func takeCase(ctx context.Context, conn *sql.Conn, scope string) (c OtherCase, err error) {
	err = conn.QueryRowContext(ctx, "SELECT count(*), coalesce(min(line), 0) FROM list_rows WHERE "+wrongCase).Scan(
		&c.Rows, &c.Line)
	if err == nil && c.Rows > 0 {
		_, err = conn.ExecContext(ctx, "DELETE FROM staged WHERE "+wrongCase+scope)
	}
	return c, err
}

// What the setting capitals_listed says.
const (
	listedUnfolded = "1" // an ID with a capital letter was listed, and folds lacks those in mixed case
	listedFolded   = "2" // folds has all of them
)

// mixedCase selects the rows, of staged ones or a view of them, whose IDs are in mixed case: those in capitals alone
// are found by their own hash.
const mixedCase = "(SELECT small FROM %[1]s WHERE small IS NOT NULL AND capital IS NOT NULL UNION ALL " +
	"SELECT other_small FROM %[1]s WHERE other_small IS NOT NULL AND other_capital IS NOT NULL)"

// rememberCapitals notes that a list has IDs with a capital letter, and which are in mixed case.
func rememberCapitals(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "INSERT OR IGNORE INTO main.folds SELECT small FROM "+
		fmt.Sprintf(mixedCase, "temp.staged"))
	if err == nil {
		_, err = conn.ExecContext(ctx, `UPDATE main.settings SET value = ? WHERE key = 'capitals_listed' AND value = '0'
			AND EXISTS (SELECT 1 FROM temp.staged WHERE small IS NOT NULL OR other_small IS NOT NULL)`, listedFolded)
	}
	return err
}

// foldEarlier notes the IDs in mixed case that earlier versions took, which did not; it does so once.
func foldEarlier(ctx context.Context, conn *sql.Conn, hash Hash) error {
	due, err := foldsDue(ctx, conn)
	if err == nil && due {
		err = foldChecks(ctx, conn, "main.checks", "main.folds", hash)
	}
	if err == nil && due {
		_, err = conn.ExecContext(ctx, "UPDATE main.settings SET value = ? WHERE key = 'capitals_listed'", listedFolded)
	}
	return err
}

func foldsDue(ctx context.Context, conn *sql.Conn) (due bool, err error) {
	err = conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM seen_settings "+
		"WHERE key = 'capitals_listed' AND value = ?)", listedUnfolded).Scan(&due)
	return due, err
}

// mixedChecks selects the IDs in mixed case of a table of checks.
const mixedChecks = `SELECT kind, id FROM %[1]s WHERE id <> lower(id) AND id <> upper(id)
	UNION ALL SELECT iif(kind = 'signatureId', 'livenessId', 'signatureId'), other_id FROM %[1]s
	WHERE other_id <> lower(other_id) AND other_id <> upper(other_id)`

// foldChecks notes in a table of folds the IDs in mixed case of a table of checks.
func foldChecks(ctx context.Context, conn *sql.Conn, checks, folds string, hash Hash) error {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(mixedChecks, checks))
	all, err := sqlrow.Collect(rows, err, "read IDs in mixed case", func(f *Form) error {
		return rows.Scan(&f.Kind, &f.ID)
	})
	for _, f := range all {
		if err == nil {
			_, err = conn.ExecContext(ctx, "INSERT OR IGNORE INTO "+folds+" VALUES (?)",
				hash(f.Kind, strings.ToLower(f.ID)))
		}
	}
	return err
}

package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// What stands. A statement is about scopes: a billing month and an endpoint each, "" where it names none. For every
// scope with lines of usage it takes the place of the statements that stood there, unless it is additional. The scopes
// of its other lines (a tax on everything, a credit) follow: they are superseded when the last of their statement's
// usage is. The same file read with other settings takes the place of its first reading, whatever both are about. The
// same file read in the same way is one statement; where others have taken its place meanwhile, it stands again.

// Imported says what an import came to.
type Imported struct {
	StatementID int64
	Known       bool    // the same content was imported before, read in the same way: nothing was added
	Again       bool    // it was superseded and stands again
	Superseded  []int64 // statements whose place it took, wholly or in part
	Months      []string
	Lines       int64
}

// ScopeConflict says that a statement which names no endpoint meets one that does, or the other way about: neither
// covers the other, and side by side they would count calls twice.
type ScopeConflict struct {
	Month    string
	Endpoint string // of the new statement, "" when it names none
	Other    StatementScope
}

// Error names both sides.
func (e *ScopeConflict) Error() string {
	named := func(endpoint string) string {
		if endpoint == "" {
			return "names no endpoint"
		}
		return "is about endpoint " + endpoint
	}
	return fmt.Sprintf("the statement %s in %s, but statement %d (%s) %s there", named(e.Endpoint), e.Month,
		e.Other.StatementID, e.Other.Path, named(e.Other.Endpoint))
}

// ClosedError says that a month is closed and was not changed.
type ClosedError struct{ Closure Closure }

// Error names the month, and who closed it when.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("%s was closed by %s on %s", e.Closure.Month, e.Closure.ClosedBy,
		e.Closure.ClosedAt.Format("2006-01-02 15:04 UTC"))
}

// Commit keeps the staged statement in one transaction. After an error, a *ScopeConflict or *ClosedError among them,
// nothing of it is kept.
func (in *StatementImport) Commit(ctx context.Context, st Statement) (got Imported, err error) {
	defer func() { err = errors.Join(err, in.close()) }()
	if _, err = in.conn.ExecContext(ctx, "COMMIT"); err == nil { // of the staging
		_, err = in.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	}
	if err == nil {
		got, err = in.keep(ctx, st)
	}
	if err == nil {
		_, err = in.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		return Imported{}, fmt.Errorf("import statement %s: %w", st.Path, err)
	}
	return got, nil
}

func (in *StatementImport) keep(ctx context.Context, st Statement) (Imported, error) {
	got := Imported{Lines: in.lines}
	err := in.conn.QueryRowContext(ctx, "SELECT statement_id FROM statements WHERE sha256 = ? AND fingerprint = ?",
		st.SHA256[:], st.Fingerprint[:]).Scan(&got.StatementID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if err := refuseClosed(ctx, in.conn, in.months()); err != nil {
			return got, err
		}
		got.StatementID, err = in.insertStatement(ctx, st)
	case err == nil:
		got.Known = true
	}
	if err != nil {
		return got, err
	}
	if got.Months, err = monthsOf(ctx, in.conn, got.StatementID); err != nil {
		return got, err
	}
	if got.Known {
		if got.Again, err = in.standAgain(ctx, got); err != nil || !got.Again {
			return got, err
		}
	}
	got.Superseded, err = in.takePlace(ctx, got.StatementID, st.Additional)
	return got, err
}

func (in *StatementImport) months() []string {
	var all []string
	for k := range in.scopes {
		all = append(all, k.month)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func monthsOf(ctx context.Context, db queryer, statement int64) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT month FROM statement_scopes WHERE statement_id = ? ORDER "+
		"BY month", statement)
	return collect(rows, err, "months of a statement", func(m *string) error { return rows.Scan(m) })
}

// refuseClosed returns a *ClosedError for the first of the months that is closed.
func refuseClosed(ctx context.Context, db queryer, months []string) error {
	for _, month := range months {
		found, err := closures(ctx, db, "WHERE month = ? AND reopened_at IS NULL AND sealed_at IS NOT NULL", month)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return &ClosedError{found[0]}
		}
	}
	return nil
}

func (in *StatementImport) insertStatement(ctx context.Context, st Statement) (int64, error) {
	res, err := in.conn.ExecContext(ctx, `INSERT INTO statements (path, sha256, fingerprint, imported_at, `+
		`additional, lines, ignored) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		st.Path, st.SHA256[:], st.Fingerprint[:], millis(st.ImportedAt), btoi(st.Additional), in.lines, st.Ignored)
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	_, err = in.conn.ExecContext(ctx, `INSERT INTO statement_lines (statement_id, line, kind, transaction_id, charged_at, date_only, month, endpoint, region, pricing,
		quantity, unit_price, amount, currency) SELECT ?, line, kind, transaction_id, charged_at, date_only, month, endpoint, region, pricing,
		quantity, unit_price, amount, currency FROM temp.staged_lines ORDER BY line`, id)
	if err != nil {
		return 0, err
	}
	for k, sum := range in.scopes {
		if err := in.insertScope(ctx, id, k, sum); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func (in *StatementImport) insertScope(ctx context.Context, id int64, k scopeKey, sum *scopeSum) error {
	_, err := in.conn.ExecContext(ctx, `INSERT INTO statement_scopes (statement_id, month, endpoint, lines, `+
		`usage_lines, itemised) VALUES (?, ?, ?, ?, ?, ?)`,
		id, k.month, k.endpoint, sum.lines, sum.usage, btoi(sum.itemised))
	if err != nil {
		return err
	}
	for a, line := range sum.amounts {
		_, err := in.conn.ExecContext(ctx, `INSERT INTO statement_amounts (statement_id, month, endpoint, kind, `+
			`currency, quantity, amount) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, k.month, k.endpoint, a.kind, a.currency, line.quantity, line.amount.String())
		if err != nil {
			return err
		}
	}
	return nil
}

// standAgain lifts a known statement's supersession, if it has one.
func (in *StatementImport) standAgain(ctx context.Context, got Imported) (bool, error) {
	var superseded int64
	err := in.conn.QueryRowContext(ctx, "SELECT count(*) FROM statement_scopes WHERE statement_id = ? AND "+
		"superseded_by IS NOT NULL", got.StatementID).Scan(&superseded)
	if err != nil || superseded == 0 {
		return false, err
	}
	if err := refuseClosed(ctx, in.conn, got.Months); err != nil {
		return false, err
	}
	_, err = in.conn.ExecContext(ctx, "UPDATE statement_scopes SET superseded_by = NULL WHERE statement_id = ?",
		got.StatementID)
	return true, err
}

// takePlace supersedes what the statement takes the place of, and returns whose that was.
func (in *StatementImport) takePlace(ctx context.Context, id int64, additional bool) ([]int64, error) {
	all, err := standingScopes(ctx, in.conn)
	if err != nil {
		return nil, err
	}
	place := placing{usage: map[int64]int64{}}
	for _, c := range all {
		place.usage[c.StatementID] += c.UsageLines
		if c.StatementID == id {
			place.own = append(place.own, c)
		}
	}
	var gone []StatementScope
	for _, c := range all {
		switch {
		case c.StatementID == id:
		case place.rereads(c), !additional && place.replaces(c):
			gone = append(gone, c)
		case !additional:
			if err := place.conflict(c); err != nil {
				return nil, err
			}
		}
	}
	return in.supersede(ctx, id, gone)
}

// standingScopes returns the scopes that are not superseded.
func standingScopes(ctx context.Context, db queryer) ([]StatementScope, error) {
	all, err := statementScopes(ctx, db, inMonth, "")
	return slices.DeleteFunc(all, func(c StatementScope) bool { return c.SupersededBy != 0 }), err
}

// placing is a new statement among those that stand.
type placing struct {
	own   []StatementScope
	usage map[int64]int64 // lines, by statement
}

// rereads says whether another statement is the same file, read otherwise.
func (p placing) rereads(other StatementScope) bool {
	return slices.ContainsFunc(p.own, func(c StatementScope) bool { return bytes.Equal(c.SHA256, other.SHA256) })
}

// replaces says whether the statement takes the place of another's scope: one with lines of usage that of one with such
// lines, and a statement without any (a credit note) that of another without any.
func (p placing) replaces(other StatementScope) bool {
	return slices.ContainsFunc(p.own, func(c StatementScope) bool {
		return c.Month == other.Month && c.Endpoint == other.Endpoint &&
			(c.UsageLines > 0 && other.UsageLines > 0 || p.usage[c.StatementID] == 0 && p.usage[other.StatementID] == 0)
	})
}

// conflict compares the statement with another's scope that it does not replace.
func (p placing) conflict(other StatementScope) error {
	for _, c := range p.own {
		if c.Month == other.Month && (c.Endpoint == "") != (other.Endpoint == "") && c.UsageLines > 0 &&
			other.UsageLines > 0 {
			return &ScopeConflict{c.Month, c.Endpoint, other}
		}
	}
	return nil
}

func (in *StatementImport) supersede(ctx context.Context, by int64, gone []StatementScope) ([]int64, error) {
	var ids []int64
	for _, c := range gone {
		if err := refuseClosed(ctx, in.conn, []string{c.Month}); err != nil {
			return nil, err
		}
		_, err := in.conn.ExecContext(ctx, "UPDATE statement_scopes SET superseded_by = ? WHERE statement_id = ? "+
			"AND month = ? AND endpoint = ?", by, c.StatementID, c.Month, c.Endpoint)
		if err != nil {
			return nil, err
		}
		ids = append(ids, c.StatementID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids {
		_, err := in.conn.ExecContext(ctx, `UPDATE statement_scopes SET superseded_by = ?1 WHERE statement_id = ?2 AND superseded_by IS NULL AND usage_lines = 0
			AND NOT EXISTS (SELECT 1 FROM statement_scopes u WHERE u.statement_id = ?2 AND u.usage_lines > 0 AND u.superseded_by IS NULL)`, by, id)
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// sortBy sorts by a key.
func sortBy[T any, K cmp.Ordered](all []T, key func(T) K) {
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// addDecimals adds two decimal texts; "" is none.
func addDecimals(a, b string) (string, error) {
	switch {
	case a == "":
		return b, nil
	case b == "":
		return a, nil
	}
	x, err := decimal.NewFromString(a)
	if err != nil {
		return "", fmt.Errorf("add amounts: %w", err)
	}
	y, err := decimal.NewFromString(b)
	if err != nil {
		return "", fmt.Errorf("add amounts: %w", err)
	}
	return x.Add(y).String(), nil
}

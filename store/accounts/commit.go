package accounts

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
	"liverecon/store/parts"
	"liverecon/store/remarks"
)

// What stands. A part of a statement adds to what stands of its subject, or takes its place: [parts.Decide] has the
// rules. Credits, taxes and totals follow the lines about calls: those of a statement are superseded when the last of
// its lines about calls is. The same file read with other settings takes the place of its first reading, whatever both
// are about. The same file read in the same way is one statement; where others have taken its place meanwhile, it
// stands again.
//
// A closed month's reconciliation stays as it is, whatever stands by then: what the statements say otherwise is a
// correction that an open month bears.

// Imported describes what an import came to.
type Imported struct {
	StatementID int64
	Known       bool    // the same content was imported before, read in the same way: nothing was added
	Again       bool    // it was superseded and stands again
	Superseded  []int64 // statements whose place it took, wholly or in part
	Additions   []int64 // statements about a subject of its own that it adds to
	Yields      []int64 // statements that say the same in more detail and stand in its place
	Months      []string
	Lines       int64
}

// ScopeConflict reports that a statement which names no endpoint meets one that does, or the other way about: neither
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

// RepeatError reports that a statement has what another one has as well, and that somebody has to say what it is.
type RepeatError struct {
	Month    string
	Endpoint string // "" when it names none
	Invoice  string // month of the new statement's invoice
	Shared   int64  // lines of the other that it has as well; 0 where one has totals and the other single calls
	Of       int64
	Other    StatementScope
}

// Error names both sides.
func (e *RepeatError) Error() string {
	about := e.Month
	if e.Endpoint != "" {
		about = e.Endpoint + " in " + about
	}
	if e.Shared == 0 {
		return fmt.Sprintf("statement %d (%s) speaks of the calls of %s already, in another detail and with other sums",
			e.Other.StatementID, e.Other.Path, about)
	}
	return fmt.Sprintf("%d of the %d lines of statement %d (%s) about %s are on this one as well, whose invoice is of %s",
		e.Shared, e.Of, e.Other.StatementID, e.Other.Path, about, e.Invoice)
}

// ClosedError reports that a month is closed and was not changed.
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
		st.Month = cmp.Or(st.Month, in.invoiceMonth())
		if err = in.moveProducts(ctx, st.Month); err == nil {
			got.StatementID, err = in.insertStatement(ctx, st)
		}
	case err == nil:
		got.Known = true
		_, err = in.conn.ExecContext(ctx, `UPDATE statements SET invoice = coalesce(nullif(?, ''), invoice),
			issued = coalesce(nullif(?, ''), issued), due = coalesce(nullif(?, ''), due) WHERE statement_id = ?`,
			in.erased.Clean(st.Invoice.Number, mention.Gone), st.Invoice.Issued, st.Invoice.Due, got.StatementID)
	}
	if err != nil {
		return got, err
	}
	if got.Months, err = monthsOf(ctx, in.conn, got.StatementID); err != nil {
		return got, err
	}
	if got.Known {
		if got.Again, err = in.standAgain(ctx, got); err != nil || !got.Again && st.Word != parts.Replace {
			return got, err
		}
	}
	err = in.supersede(ctx, &got, st)
	return got, err
}

// invoiceMonth returns the latest month that the staged lines of usage are about, or all lines where there are none.
func (in *StatementImport) invoiceMonth() string {
	var usage, any string
	for k := range in.parts {
		any = max(any, k.Month)
		if k.usage {
			usage = max(usage, k.Month)
		}
	}
	return cmp.Or(usage, any)
}

func monthsOf(ctx context.Context, db sqlrow.Queryer, statement int64) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT month FROM statement_parts WHERE statement_id = ? ORDER "+
		"BY month", statement)
	return sqlrow.Collect(rows, err, "months of a statement", func(m *string) error { return rows.Scan(m) })
}

// refuseClosed returns a *ClosedError for the first of the months that is closed.
func refuseClosed(ctx context.Context, db sqlrow.Queryer, months []string) error {
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
		`additional, lines, ignored, month, invoice, issued, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		in.erased.Clean(st.Path, mention.Gone), st.SHA256[:], st.Fingerprint[:], sqlrow.Millis(st.ImportedAt),
		sqlrow.Bool(st.Word == parts.Additional), in.lines,
		st.Ignored, st.Month, in.erased.Clean(st.Invoice.Number, mention.Gone), st.Invoice.Issued, st.Invoice.Due)
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	_, err = in.conn.ExecContext(ctx, `INSERT INTO statement_lines (statement_id, line, kind, transaction_id,
		charged_at, date_only, month, endpoint, region, pricing,
		quantity, unit_price, amount, currency, product) SELECT ?, line, kind, transaction_id, charged_at, date_only, month,
			endpoint, region, pricing,
		quantity, unit_price, amount, currency, product FROM temp.staged_lines ORDER BY line`, id)
	if err != nil {
		return 0, err
	}
	_, err = in.conn.ExecContext(ctx, `INSERT INTO credit_texts (statement_id, line, text) SELECT ?, line, text
		FROM temp.staged_lines WHERE kind = 'credit' AND text <> ''`, id)
	if err != nil {
		return 0, err
	}
	for k, sum := range in.parts {
		if err := in.insertPart(ctx, id, k, sum); err != nil {
			return 0, err
		}
	}
	return id, remarks.Keep(ctx, in.conn, remarks.Statement, id, st.Notes, in.erased)
}

func (in *StatementImport) insertPart(ctx context.Context, id int64, k partKey, sum *partSum) error {
	_, err := in.conn.ExecContext(ctx, `INSERT INTO statement_parts (statement_id, month, endpoint, currency, `+
		`usage, lines, itemised) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, k.Month, k.Endpoint, k.Currency, sqlrow.Bool(k.usage), sum.lines, sqlrow.Bool(sum.itemised))
	if err != nil {
		return err
	}
	for kind, line := range sum.kinds {
		_, err := in.conn.ExecContext(ctx, `INSERT INTO statement_amounts (statement_id, month, endpoint, kind, `+
			`currency, quantity, amount) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, k.Month, k.Endpoint, kind, k.Currency, line.quantity, line.amount.String())
		if err != nil {
			return err
		}
	}
	return nil
}

// standAgain lifts a known statement's supersession, if it has one.
func (in *StatementImport) standAgain(ctx context.Context, got Imported) (bool, error) {
	res, err := in.conn.ExecContext(ctx, "UPDATE statement_parts SET superseded_by = NULL WHERE statement_id = ? AND "+
		"superseded_by IS NOT NULL", got.StatementID)
	if err != nil {
		return false, err
	}
	lifted, err := res.RowsAffected()
	return lifted > 0, err
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

package accounts

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// CorrectionRow describes one item that changed what a closed month comes to: a call, a line, or a pair of them.
type CorrectionRow struct {
	ClosureID     int64
	Month         string // the closed one, YYYY-MM
	BorneBy       string // the open month that bears it
	Kind          string
	CallID        int64 // 0: none
	StatementID   int64 // 0: no line
	Line          int64
	Endpoint      string
	Region        string
	Currency      string // "" where no price is set
	Quantity      int64  // billable calls that the bearing month newly has
	Amount        string // decimal, their cost; "" where no price is set
	Most          string // decimal: how far the closed month's ceiling moves
	Right         string // decimal: what of Theirs is owed, newly or accrued in the closed month
	TheirQuantity int64
	Theirs        string // decimal: what the line bills
	Class         string // of what is at issue; "" where nothing is
	Note          string
	Own           bool // the line is one of the bearing month's own reconciliation
}

// The kinds of corrections.
const (
	LateCall       = "late call"
	LateDoubt      = "late doubt"
	DoubtBilled    = "doubt billed"
	DoubtNotBilled = "doubt not billed"
	LateLine       = "late line"
	LineWithdrawn  = "line withdrawn"
)

// Kept returns the corrections of a closure that closed months bear: they stay, whatever comes to light.
func (m MonthReader) Kept(ctx context.Context, closure int64) ([]CorrectionRow, error) {
	return correctionRows(ctx, m.tx, "WHERE c.closure_id = ? AND "+borneByClosed, closure)
}

// Borne returns the corrections that a month bears, item by item.
func (m MonthReader) Borne(ctx context.Context, month string) ([]CorrectionRow, error) {
	return correctionRows(ctx, m.tx, "WHERE c.borne_by = ? AND p.reopened_at IS NULL", month)
}

// Bearers returns the open months that bear corrections, in order.
func (m MonthReader) Bearers(ctx context.Context) ([]string, error) {
	rows, err := m.tx.QueryContext(ctx,
		"SELECT DISTINCT borne_by FROM corrections c WHERE NOT "+borneByClosed+" ORDER BY borne_by")
	return sqlrow.Collect(rows, err, "read corrections", func(month *string) error { return rows.Scan(month) })
}

const borneByClosed = `EXISTS (SELECT 1 FROM closures b WHERE b.month = c.borne_by AND b.sealed_at IS NOT NULL
	AND b.reopened_at IS NULL)`

func correctionRows(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]CorrectionRow, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.closure_id, p.month, c.borne_by, c.kind, coalesce(c.call_id, 0),
		coalesce(c.statement_id, 0), coalesce(c.line, 0),
		c.endpoint, c.region, c.currency, c.quantity, coalesce(c.amount, ''), c.most, c.right_amount,
			c.their_quantity, c.their_amount, c.class, c.note, c.own
		FROM corrections c JOIN closures p USING (closure_id) `+where+" ORDER BY c.correction_id", args...)
	return sqlrow.Collect(rows, err, "read corrections", func(r *CorrectionRow) error {
		return rows.Scan(&r.ClosureID, &r.Month, &r.BorneBy, &r.Kind, &r.CallID, &r.StatementID, &r.Line, &r.Endpoint, &r.Region,
			&r.Currency, &r.Quantity, &r.Amount, &r.Most, &r.Right, &r.TheirQuantity, &r.Theirs, &r.Class, &r.Note, &r.Own)
	})
}

// HasLateCalls reports whether calls sent in [from, to) reached the journal after a month was closed. It costs what the
// month's counts do.
func (m MonthReader) HasLateCalls(ctx context.Context, c Closure, from, to time.Time) (bool, error) {
	var now, then int64
	err := m.tx.QueryRowContext(ctx, `SELECT (SELECT coalesce(sum(calls), 0) FROM usage WHERE quarter >= ?1
		AND quarter < ?2),
		(SELECT coalesce(sum(calls), 0) FROM closed_usage
			WHERE closure_id = ?3)`, sqlrow.Quarter(from), sqlrow.Quarter(to), c.ID).Scan(&now, &then)
	if err != nil {
		return false, fmt.Errorf("compare usage of %s: %w", c.Month, err)
	}
	return now != then, nil
}

// EachLineSince gives the lines about a closed month that its reconciliation does not have, and with withdrawn those
// that it has and that stand no more. The line is valid during the call only.
func (s StatementReader) EachLineSince(
	ctx context.Context, c Closure, each func(statement int64, withdrawn bool, l *StatementLine) error,
) error {
	const lines = `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
		l.endpoint, l.region, l.pricing, l.quantity,
		coalesce(l.unit_price, ''), l.amount, l.currency, l.product FROM statement_parts p CROSS JOIN statement_lines l
			ON l.statement_id = p.statement_id AND l.month = p.month
		AND l.endpoint = p.endpoint AND l.currency = p.currency AND (l.kind = 'usage' AND l.product = '') = p.usage
		WHERE p.month = ?1
			AND p.superseded_by IS %s NULL
		AND %s EXISTS (SELECT 1 FROM reconciled_parts r WHERE r.reconciliation_id = ?2
			AND r.statement_id = p.statement_id AND r.endpoint = p.endpoint
			AND r.currency = p.currency AND r.usage = p.usage) ORDER BY l.statement_id, l.line`
	for _, side := range []struct {
		query     string
		withdrawn bool
	}{{fmt.Sprintf(lines, "", "NOT"), false}, {fmt.Sprintf(lines, "NOT", ""), true}} {
		err := s.lines(ctx, side.query, func(statement int64, l *StatementLine) error {
			return each(statement, side.withdrawn, l)
		}, c.Month, c.ReconciliationID)
		if err != nil {
			return err
		}
	}
	return nil
}

// BilledElsewhere represents a doubt of a closed month that a later reconciliation of another month found billed.
type BilledElsewhere struct {
	CallID        int64
	Month         string // the other one
	StatementID   int64  // 0: it has no row of its own
	Line          int64
	Currency      string
	TheirQuantity int64
	TheirAmount   string // decimal
}

// BilledElsewhere returns the doubts sent in [from, to) that standing reconciliations of other months than the closed
// one found billed since.
func (m MonthReader) BilledElsewhere(ctx context.Context, c Closure, from, to time.Time) ([]BilledElsewhere, error) {
	rows, err := m.tx.QueryContext(ctx, `SELECT s.call_id, n.month, coalesce(r.statement_id, 0), coalesce(r.line, 0),
		coalesce(r.currency, ''), coalesce(r.their_quantity, 1), coalesce(r.their_amount, '')
		FROM reconciliations n CROSS JOIN resolutions s USING (reconciliation_id) CROSS JOIN calls k USING (call_id)
			CROSS JOIN outcomes o USING (call_id)
		LEFT JOIN reconciled r ON r.call_id = s.call_id AND r.reconciliation_id = s.reconciliation_id
		WHERE n.superseded_by IS NULL AND n.made_at > ?1 AND n.month <> ?2 AND s.billed = 1
		AND coalesce(o.sent_at, k.intended_at) >= ?3 AND coalesce(o.sent_at, k.intended_at) < ?4 ORDER BY s.call_id,
			r.row`,
		sqlrow.Millis(c.ClosedAt), c.Month, sqlrow.Millis(from), sqlrow.Millis(to))
	return sqlrow.Collect(rows, err, "read doubts settled late", func(r *BilledElsewhere) error {
		return rows.Scan(&r.CallID, &r.Month, &r.StatementID, &r.Line, &r.Currency, &r.TheirQuantity, &r.TheirAmount)
	})
}

// ReplaceCorrections makes rows the corrections of a closure that open months bear; those that closed months bear stay.
// With nothing new nothing is written.
func (m Months) ReplaceCorrections(ctx context.Context, now time.Time, closure int64, all []CorrectionRow) error {
	kept, err := correctionRows(ctx, m.read, "WHERE c.closure_id = ? AND NOT "+borneByClosed, closure)
	if err != nil || slices.Equal(kept, all) {
		return err
	}
	err = sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM corrections AS c WHERE c.closure_id = ? AND NOT "+borneByClosed,
			closure); err != nil {
			return err
		}
		for i := range all {
			if err := insertCorrection(ctx, tx, now, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep corrections: %w", err)
	}
	return nil
}

func insertCorrection(ctx context.Context, tx *sql.Tx, now time.Time, r *CorrectionRow) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO corrections (closure_id, borne_by, kind, call_id, statement_id, line,
		endpoint, region, currency, quantity, amount,
		most, right_amount, their_quantity, their_amount, class, note, own, found_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ClosureID, r.BorneBy, r.Kind, sqlrow.NullID(r.CallID), sqlrow.NullID(r.StatementID), sqlrow.NullID(r.Line),
		r.Endpoint, r.Region,
		r.Currency, r.Quantity, sqlrow.NullText(r.Amount), r.Most, r.Right, r.TheirQuantity, r.Theirs, r.Class, r.Note,
		sqlrow.Bool(r.Own), sqlrow.Millis(now))
	if err != nil {
		return fmt.Errorf("call %d, line %d: %w", r.CallID, r.Line, err)
	}
	return nil
}

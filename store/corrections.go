package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// CorrectionRow is one call that changed what a closed month comes to.
type CorrectionRow struct {
	ClosureID int64
	Month     string // the closed one
	BorneBy   string // the first month after it that is open
	Kind      string // late call, doubt billed or doubt not billed
	CallID    int64
	SentAt    time.Time
	Endpoint  string
	Region    string
	Tag       Tag
	Currency  string // "" where no price is set
	Quantity  int64  // billable calls
	Amount    string // decimal; "" where no price is set
}

// The kinds of corrections.
const (
	LateCall       = "late call"
	DoubtBilled    = "doubt billed"
	DoubtNotBilled = "doubt not billed"
)

// NewCorrections returns what came to light about the closed months since, as far as it is not kept as a correction
// yet: the calls of [from, to) that reached the journal after the closure, and the doubts that reconciliations settled
// after it. Bounds gives a month's instants. Late calls have neither quantity nor amount: the caller prices them.
func (m MonthReader) NewCorrections(
	ctx context.Context, bounds func(month string) (from, to time.Time, err error),
) ([]CorrectionRow, error) {
	closed, err := closures(ctx, m.tx, "WHERE reopened_at IS NULL AND sealed_at IS NOT NULL")
	if err != nil {
		return nil, err
	}
	var all []CorrectionRow
	for _, c := range closed {
		from, to, err := bounds(c.Month)
		if err != nil {
			return nil, err
		}
		late, err := m.lateCalls(ctx, c, from, to)
		if err != nil {
			return nil, err
		}
		settled, err := m.settledSince(ctx, c, from, to)
		if err != nil {
			return nil, err
		}
		bearer := openMonthAfter(c.Month, closed)
		for _, r := range slices.Concat(late, settled) {
			r.ClosureID, r.Month, r.BorneBy = c.ID, c.Month, bearer
			all = append(all, r)
		}
	}
	return all, nil
}

// openMonthAfter is the first month after one that is not closed.
func openMonthAfter(month string, closed []Closure) string {
	for {
		first, err := time.Parse("2006-01", month)
		if err != nil {
			return ""
		}
		month = first.AddDate(0, 1, 0).Format("2006-01")
		if !slices.ContainsFunc(closed, func(c Closure) bool { return c.Month == month }) {
			return month
		}
	}
}

// lateCalls compares a month's usage with what was frozen, which costs what the month is; only where they differ are
// the calls themselves looked for.
func (m MonthReader) lateCalls(ctx context.Context, c Closure, from, to time.Time) ([]CorrectionRow, error) {
	var now, then int64
	err := m.tx.QueryRowContext(ctx, `SELECT (SELECT coalesce(sum(calls), 0) FROM usage WHERE quarter >= ?1 AND quarter < ?2),
		(SELECT coalesce(sum(calls), 0) FROM closed_usage WHERE closure_id = ?3)`, quarter(from), quarter(to), c.ID).Scan(&now, &then)
	if err != nil {
		return nil, fmt.Errorf("compare usage of %s: %w", c.Month, err)
	}
	if now == then {
		return nil, nil
	}
	rows, err := m.tx.QueryContext(ctx, `SELECT k.call_id, coalesce(o.sent_at, k.intended_at), k.endpoint, k.region, o.tag FROM calls k JOIN outcomes o USING (call_id)
		WHERE k.call_id > ?1 AND o.outcome <> 'unsent' AND coalesce(o.sent_at, k.intended_at) >= ?2 AND coalesce(o.sent_at, k.intended_at) < ?3
		AND NOT EXISTS (SELECT 1 FROM corrections e WHERE e.closure_id = ?4 AND e.call_id = k.call_id AND e.kind = 'late call') ORDER BY k.call_id`,
		c.LastCall, millis(from), millis(to), c.ID)
	return collect(rows, err, "read late calls", func(r *CorrectionRow) error {
		var at int64
		err := rows.Scan(&r.CallID, &at, &r.Endpoint, &r.Region, &r.Tag)
		r.Kind, r.SentAt = LateCall, fromMillis(at)
		return err
	})
}

// settledSince returns the doubts of a month that other months' reconciliations settled after it was closed.
func (m MonthReader) settledSince(ctx context.Context, c Closure, from, to time.Time) ([]CorrectionRow, error) {
	rows, err := m.tx.QueryContext(ctx, `SELECT s.call_id, s.billed, coalesce(o.sent_at, k.intended_at), k.endpoint, k.region, o.tag, coalesce(r.currency, ''), r.their_quantity, r.their_amount
		FROM reconciliations n CROSS JOIN resolutions s USING (reconciliation_id) CROSS JOIN calls k USING (call_id) CROSS JOIN outcomes o USING (call_id)
		LEFT JOIN reconciled r ON r.call_id = s.call_id AND r.reconciliation_id = s.reconciliation_id
		WHERE n.superseded_by IS NULL AND n.made_at > ?1 AND n.month <> ?2 AND coalesce(o.sent_at, k.intended_at) >= ?3 AND coalesce(o.sent_at, k.intended_at) < ?4
		AND NOT EXISTS (SELECT 1 FROM corrections e WHERE e.closure_id = ?5 AND e.call_id = s.call_id AND e.kind = CASE s.billed WHEN 1 THEN 'doubt billed' ELSE 'doubt not billed' END)
		ORDER BY s.call_id`, millis(c.ClosedAt), c.Month, millis(from), millis(to), c.ID)
	return collect(rows, err, "read doubts settled late", func(r *CorrectionRow) error {
		var at int64
		var billed bool
		var quantity sql.NullInt64
		var amount sql.NullString
		err := rows.Scan(&r.CallID, &billed, &at, &r.Endpoint, &r.Region, &r.Tag, &r.Currency, &quantity, &amount)
		r.SentAt, r.Kind = fromMillis(at), DoubtNotBilled
		if billed {
			r.Kind, r.Quantity, r.Amount = DoubtBilled, max(quantity.Int64, 1), amount.String
		}
		return err
	})
}

// AddCorrections keeps corrections, all or none.
func (m Months) AddCorrections(ctx context.Context, now time.Time, all []CorrectionRow) error {
	if len(all) == 0 {
		return nil
	}
	err := m.writing(ctx, func(tx *sql.Tx) error {
		for _, r := range all {
			_, err := tx.ExecContext(ctx, `INSERT INTO corrections (closure_id, borne_by, kind, call_id, endpoint, region, currency, quantity, amount, found_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.ClosureID, r.BorneBy, r.Kind, r.CallID, r.Endpoint, r.Region, r.Currency, r.Quantity, nullText(r.Amount), millis(now))
			if err != nil {
				return fmt.Errorf("call %d: %w", r.CallID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep corrections: %w", err)
	}
	return nil
}

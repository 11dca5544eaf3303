package accounts

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// StatementScope holds what one statement says about one billing month and endpoint.
type StatementScope struct {
	StatementID  int64
	Path         string
	SHA256       []byte // of the file
	ImportedAt   time.Time
	Additional   bool // it was added to what stood, in no other's place
	Invoice      Invoice
	InvoiceMonth string // YYYY-MM
	Month        string // YYYY-MM
	Endpoint     string // "" for a statement, or for lines of one, that name none
	Lines        int64
	UsageLines   int64 // of them, those about calls; the others are credits, taxes and totals
	Itemised     bool  // it has lines of usage with a transaction ID
	SupersededBy int64 // the statement that took its place; 0: it stands
	Amounts      []StatementAmount
}

// StatementAmount represents a sum over the lines of one kind of a scope.
type StatementAmount struct {
	Kind     string // usage, credit, tax or total
	Currency string // ISO 4217
	Quantity int64
	Amount   string // decimal
}

// ReconciliationReader reads what reconciling found.
type ReconciliationReader struct{ tx *sql.Tx }

// ReadReconciliations reads them in a transaction.
func ReadReconciliations(tx *sql.Tx) ReconciliationReader { return ReconciliationReader{tx} }

// Scopes returns what the statements say that a reconciliation was made with, also where others have taken their
// places since.
func (r ReconciliationReader) Scopes(ctx context.Context, reconciliation int64) ([]StatementScope, error) {
	return statementScopes(ctx, r.tx, `JOIN reconciled_parts r ON r.statement_id = c.statement_id
		AND r.endpoint = c.endpoint
		AND r.currency = c.currency AND r.usage = c.usage
		JOIN reconciliations m ON m.reconciliation_id = r.reconciliation_id AND m.month = c.month
		WHERE r.reconciliation_id = ?1`, reconciliation)
}

// Scopes returns what Snapshot.Statements does.
func (s Statements) Scopes(ctx context.Context, month string) ([]StatementScope, error) {
	return statementScopes(ctx, s.read, inMonth, month)
}

const inMonth = "WHERE ?1 = '' OR c.month = ?1"

// statementScopes brings the parts of one statement, month and endpoint together that stand or have one superseder.
func statementScopes(ctx context.Context, db sqlrow.Queryer, which string, arg any) ([]StatementScope, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.statement_id, s.path, s.sha256, s.imported_at, s.additional,
		s.invoice, s.issued, s.due, s.month, c.month, c.endpoint,
		sum(c.lines), sum(c.lines * c.usage), max(c.itemised), coalesce(c.superseded_by, 0)
		FROM statement_parts c JOIN statements s USING (statement_id)
		`+which+` GROUP BY c.statement_id, c.month, c.endpoint, c.superseded_by ORDER BY c.statement_id, c.month,
			c.endpoint, c.superseded_by`, arg)
	scopes, err := sqlrow.Collect(rows, err, "read statements", func(c *StatementScope) error {
		var at int64
		err := rows.Scan(&c.StatementID, &c.Path, &c.SHA256, &at, &c.Additional, &c.Invoice.Number, &c.Invoice.Issued,
			&c.Invoice.Due, &c.InvoiceMonth, &c.Month,
			&c.Endpoint, &c.Lines, &c.UsageLines, &c.Itemised, &c.SupersededBy)
		c.ImportedAt = sqlrow.FromMillis(at)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range scopes {
		c := &scopes[i]
		rows, err := db.QueryContext(ctx, `SELECT a.kind, a.currency, a.quantity, a.amount
			FROM statement_amounts a JOIN statement_parts p ON p.statement_id = a.statement_id AND p.month = a.month
			AND p.endpoint = a.endpoint AND p.currency = a.currency AND p.usage = (a.kind = 'usage')
			WHERE a.statement_id = ? AND a.month = ? AND a.endpoint = ? AND coalesce(p.superseded_by, 0) = ?
			ORDER BY a.kind DESC, a.currency`, c.StatementID, c.Month, c.Endpoint, c.SupersededBy)
		c.Amounts, err = sqlrow.Collect(rows, err, "read amounts of statements", func(a *StatementAmount) error {
			return rows.Scan(&a.Kind, &a.Currency, &a.Quantity, &a.Amount)
		})
		if err != nil {
			return nil, err
		}
	}
	return scopes, nil
}

// Reconciliation describes one reconciling of a billing month with the statements that stood.
type Reconciliation struct {
	ID           int64
	Month        string // YYYY-MM
	MadeAt       time.Time
	Version      string // of the program
	Basis        string `json:"Reading"` // the contract's, by which our side was counted
	ToleranceAbs string // decimal; "" for none
	ToleranceRel string // a share of the statement's amount, decimal: 0.001 is 0.1 %; "" for none
	Settings     string // all it was done with, as JSON
	LastCall     int64  // the newest call there was: later ones are not in it
	Itemised     bool   // it matched calls by their transaction IDs
	Within       bool   // the difference is within the tolerance
	Verdict      string // in one sentence
	Reproduces   string // the readings that give the statement's quantities and amounts, set apart by commas
	Nearest      string // the reading that comes closest
	Calls        int64  // of the month and the statements' endpoints that may have reached the vendor
	Charges      int64  // of them, those that are charges by the contract's reading: each is in a row
	Doubts       int64  // of them, those that were in doubt
	Free         int64  // of them, those that are neither and that no line bills: in no row
	Elsewhere    int64  // charges of the month at endpoints that no statement is about: in no row
	SupersededBy int64  // 0: it stands
	Statements   []int64
}

// ClassCount adds up the rows of one class, endpoint, region and currency.
type ClassCount struct {
	Class, Endpoint, Region, Currency string
	Rows, OurQuantity, TheirQuantity  int64
	OurAmount, TheirAmount            string // decimal
	Unpriced                          int64  // of Rows, those whose amount of ours is missing for want of a price
}

// BridgeLine describes one step on the way from our amount to theirs.
type BridgeLine struct {
	Currency string
	Step     string
	Quantity int64
	Amount   string // decimal
	Priced   bool   // false on "ours" where it lacks the amounts of calls without a price
}

// Verdict represents whether one currency's open differences are tolerable. Over and under are not set off against each
// other.
type Verdict struct {
	Currency                    string
	Ours, Over, Under           string // decimal, without a sign
	OverQuantity, UnderQuantity int64
	Priced                      bool // false: calls without a price, so quantities were judged
	Within                      bool
}

// BasisGap sets one reading beside the statement; the gap is theirs less ours.
type BasisGap struct {
	Basis                   string `json:"Reading"`
	Endpoint, Currency      string
	OurQuantity, Doubts     int64  // charges under the reading, and calls that may be as well
	OurAmount               string // decimal, of the calls alone; "" where no price is set
	Minimum                 string // what monthly minimums add to it
	LeastAmount, MostAmount string // what OurAmount may be with some of the doubts
	TheirQuantity           int64
	TheirAmount             string // of usage alone: no credit, no tax
	Fits                    bool   // nothing of the statement contradicts the reading
	Lines, Calls            int64  // what does: lines of calls that it does not charge, and calls on no line
}

// BasisCount holds what is billable under one reading of the contract.
type BasisCount struct {
	Basis                      string `json:"Reading"`
	Endpoint, Region, Currency string
	Quantity                   int64
	Amount                     string // decimal; "" where no price is set
}

// Resolution describes what became of a call in doubt.
type Resolution struct {
	CallID           int64
	Billed           bool
	Short            string // of one not billed: why that proves nothing, as billing.Shortfall; "" where it does
	ReconciliationID int64
}

// ReconciledRow describes one row of either side, or of both where they are matched.
type ReconciledRow struct {
	Class         string
	CallID        int64 // 0: none of ours, and CheckID, SentAt, Attempt, Code and OurPricing say nothing
	CheckID       int64
	StatementID   int64 // 0: no line of theirs, and Line, ChargedAt and TheirPricing say nothing
	Line          int64
	SentAt        time.Time
	ChargedAt     time.Time // zero when the line gives none
	DateOnly      bool      // ChargedAt is a day
	Attempt       int
	Endpoint      string
	Region        string
	Currency      string
	TransactionID string // our call's, if it has one, else the line's

	TheirTransactionID string // the line's

	Code          string // "" for a call without an answer
	OurPricing    string // as received
	TheirPricing  string
	OurQuantity   int64
	TheirQuantity int64
	OurAmount     string // decimal; "" where no price is set
	TheirAmount   string
	Explained     string // decimal, of the difference: what nobody has to settle, the sum of these six
	Doubt         string // the calls in doubt that it bills
	Other         string // a call of another month here, or of this month elsewhere
	Shift         string // calls of ours in another tier than by their times among ours alone
	Minimum       string // of a monthly minimum
	Rounding      string
	Prior         string // what is owed for a closed month
	Tax           string // that their amount includes
	BodySHA256    []byte // of the answer, nil without one
	Note          string
}

// Current returns the standing reconciliation of a month, nil when there is none.
func (r ReconciliationReader) Current(ctx context.Context, month string) (*Reconciliation, error) {
	all, err := reconciliations(ctx, r.tx, "WHERE month = ? AND superseded_by IS NULL", month)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// Late counts the calls sent in [from, to) that reached the journal after a reconciliation, at the endpoints that its
// statements are about.
func (r ReconciliationReader) Late(ctx context.Context, reconciliation int64, from, to time.Time) (int64, error) {
	return lateCalls(ctx, r.tx, reconciliation, from, to)
}

// FirstMonth returns the first month that has a standing reconciliation, "" where none has.
func (r ReconciliationReader) FirstMonth(ctx context.Context) (month string, err error) {
	err = r.tx.QueryRowContext(ctx, "SELECT coalesce(min(month), '') FROM reconciliations WHERE superseded_by IS NULL").
		Scan(&month)
	if err != nil {
		return "", fmt.Errorf("read the first reconciled month: %w", err)
	}
	return month, nil
}

// LatestReconciliations returns the standing reconciliations of the last n months that have one, oldest first.
func (s Statements) LatestReconciliations(ctx context.Context, n int) ([]Reconciliation, error) {
	return reconciliations(ctx, s.read, "WHERE reconciliation_id IN (SELECT reconciliation_id FROM "+
		"reconciliations WHERE superseded_by IS NULL ORDER BY month DESC LIMIT ?)", n)
}

func reconciliations(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]Reconciliation, error) {
	rows, err := db.QueryContext(ctx, `SELECT reconciliation_id, month, made_at, version, reading, tolerance_abs,
		tolerance_rel, settings, last_call, itemised, within,
		verdict, reproduces, nearest, calls, charges, doubts, free, elsewhere, coalesce(superseded_by, 0)
			FROM reconciliations `+where+` ORDER BY month, reconciliation_id`, args...)
	all, err := sqlrow.Collect(rows, err, "read reconciliations", func(r *Reconciliation) error {
		var at int64
		err := rows.Scan(&r.ID, &r.Month, &at, &r.Version, &r.Basis, &r.ToleranceAbs, &r.ToleranceRel, &r.Settings,
			&r.LastCall, &r.Itemised, &r.Within,
			&r.Verdict, &r.Reproduces, &r.Nearest, &r.Calls, &r.Charges, &r.Doubts, &r.Free, &r.Elsewhere,
			&r.SupersededBy)
		r.MadeAt = sqlrow.FromMillis(at)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		rows, err := db.QueryContext(ctx, "SELECT DISTINCT statement_id FROM reconciled_parts WHERE "+
			"reconciliation_id = ? ORDER BY statement_id", all[i].ID)
		all[i].Statements, err = sqlrow.Collect(rows, err, "read reconciled statements", func(id *int64) error {
			return rows.Scan(id)
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Classes returns the sums of a reconciliation's rows, in the order of their names.
func (r ReconciliationReader) Classes(ctx context.Context, reconciliation int64) ([]ClassCount, error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT class, endpoint, region, currency, rows, our_quantity,
		their_quantity, our_amount, their_amount, unpriced
		FROM reconciled_classes WHERE reconciliation_id = ? ORDER BY class, endpoint, region, currency`, reconciliation)
	return sqlrow.Collect(rows, err, "read classes", func(c *ClassCount) error {
		return rows.Scan(&c.Class, &c.Endpoint, &c.Region, &c.Currency, &c.Rows, &c.OurQuantity, &c.TheirQuantity,
			&c.OurAmount, &c.TheirAmount, &c.Unpriced)
	})
}

// RowSum counts rows of a reconciliation that agree in class, place and every amount.
type RowSum struct {
	Class, Endpoint, Region, Currency             string
	OurAmount                                     string // decimal; "" where no price is set
	TheirAmount                                   string
	Doubt, Other, Shift, Minimum, Rounding, Prior string // decimals, as those of ReconciledRow
	Tax                                           string
	OurQuantity, TheirQuantity                    int64 // of each
	Noted                                         bool
	Rows                                          int64
}

// RowSums counts the rows of a reconciliation, without the matched ones with exceptionsOnly; those whose note has a
// text in it are told apart.
func (r ReconciliationReader) RowSums(
	ctx context.Context, reconciliation int64, exceptionsOnly bool, noted string,
) ([]RowSum, error) {
	only := ""
	if exceptionsOnly {
		only = "AND class <> 'matched'"
	}
	rows, err := r.tx.QueryContext(ctx, `SELECT class, endpoint, region, currency, coalesce(our_amount, ''),
		their_amount, doubt, other, shift, minimum, rounding, prior, tax, our_quantity, their_quantity,
		instr(note, ?2) > 0, count(*) FROM reconciled WHERE reconciliation_id = ?1 `+only+`
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16`, reconciliation, noted)
	return sqlrow.Collect(rows, err, "add up reconciled rows", func(s *RowSum) error {
		return rows.Scan(&s.Class, &s.Endpoint, &s.Region, &s.Currency, &s.OurAmount, &s.TheirAmount, &s.Doubt, &s.Other,
			&s.Shift, &s.Minimum, &s.Rounding, &s.Prior, &s.Tax, &s.OurQuantity, &s.TheirQuantity, &s.Noted, &s.Rows)
	})
}

// Unpriced counts the calls of ours in a reconciliation's rows that have no amount, by currency.
func (r ReconciliationReader) Unpriced(ctx context.Context, reconciliation int64) (map[string]int64, error) {
	type count struct {
		currency string
		calls    int64
	}
	rows, err := r.tx.QueryContext(ctx, `SELECT currency, sum(our_quantity) FROM reconciled
		WHERE reconciliation_id = ? AND our_amount IS NULL GROUP BY currency ORDER BY currency`, reconciliation)
	all, err := sqlrow.Collect(rows, err, "count calls without a price", func(c *count) error {
		return rows.Scan(&c.currency, &c.calls)
	})
	calls := map[string]int64{}
	for _, c := range all {
		if c.calls > 0 {
			calls[c.currency] = c.calls
		}
	}
	return calls, err
}

// Extent returns the largest amount of a reconciliation's rows on either side, without its sign, and the sum of the
// squares of all, as near as floats come: for the width of a column, and for a check that rounds.
func (r ReconciliationReader) Extent(ctx context.Context, reconciliation int64) (largest, squares float64, err error) {
	err = r.tx.QueryRowContext(ctx, `SELECT coalesce(max(max(abs(ours), abs(theirs))), 0), coalesce(sum(ours * ours + theirs * theirs), 0)
		FROM (SELECT coalesce(our_amount, 0) + 0.0 AS ours, their_amount + 0.0 AS theirs FROM reconciled
		WHERE reconciliation_id = ?)`, reconciliation).Scan(&largest, &squares)
	if err != nil {
		return 0, 0, fmt.Errorf("read the extent of amounts: %w", err)
	}
	return largest, squares, nil
}

// Bridge returns the steps from our amount to theirs, in order, one currency after the other.
func (r ReconciliationReader) Bridge(ctx context.Context, reconciliation int64) ([]BridgeLine, error) {
	rows, err := r.tx.QueryContext(ctx, "SELECT currency, step, quantity, amount, priced FROM bridge WHERE "+
		"reconciliation_id = ? ORDER BY row", reconciliation)
	return sqlrow.Collect(rows, err, "read bridge", func(b *BridgeLine) error {
		return rows.Scan(&b.Currency, &b.Step, &b.Quantity, &b.Amount, &b.Priced)
	})
}

// Bases returns the month's calls counted under every reading.
func (r ReconciliationReader) Bases(ctx context.Context, reconciliation int64) ([]BasisCount, error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT reading, endpoint, region, currency, quantity, coalesce(amount, '')
		FROM readings
		WHERE reconciliation_id = ? ORDER BY row`, reconciliation)
	return sqlrow.Collect(rows, err, "read readings", func(r *BasisCount) error {
		return rows.Scan(&r.Basis, &r.Endpoint, &r.Region, &r.Currency, &r.Quantity, &r.Amount)
	})
}

// Verdicts returns what the tolerance says of each currency.
func (r ReconciliationReader) Verdicts(ctx context.Context, reconciliation int64) ([]Verdict, error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT currency, ours, over_amount, under_amount, over_quantity,
		under_quantity, priced, within FROM verdicts
		WHERE reconciliation_id = ? ORDER BY currency`, reconciliation)
	return sqlrow.Collect(rows, err, "read verdicts", func(v *Verdict) error {
		return rows.Scan(&v.Currency, &v.Ours, &v.Over, &v.Under, &v.OverQuantity, &v.UnderQuantity, &v.Priced,
			&v.Within)
	})
}

const payable = `SELECT p.statement_id, p.currency, p.theirs, p.to_dispute, p.tax_disputed, p.unexplained,
	p.theirs_beside, p.dispute_beside, p.elsewhere, p.paid_elsewhere FROM payables p `

// Payables returns what is proposed for payment of each invoice, by currency and statement; none where the bridge says
// it all.
func (r ReconciliationReader) Payables(ctx context.Context, reconciliation int64) ([]Payable, error) {
	return r.payables(ctx, payable+"WHERE p.reconciliation_id = ? ORDER BY p.currency, p.statement_id", reconciliation)
}

// PayablesElsewhere returns what other months than that of the invoice propose of invoices of a month.
func (r ReconciliationReader) PayablesElsewhere(ctx context.Context, month string) ([]Payable, error) {
	return r.payables(ctx, payable+`JOIN statements s USING (statement_id)
		JOIN reconciliations r ON r.reconciliation_id = p.reconciliation_id
		WHERE s.month = ?1 AND r.month <> ?1 AND r.superseded_by IS NULL
		ORDER BY p.currency, p.statement_id, r.month`, month)
}

func (r ReconciliationReader) payables(ctx context.Context, query string, arg any) ([]Payable, error) {
	rows, err := r.tx.QueryContext(ctx, query, arg)
	return sqlrow.Collect(rows, err, "read what is to pay", func(p *Payable) error {
		return rows.Scan(&p.StatementID, &p.Currency, &p.Theirs, &p.ToDispute, &p.TaxDisputed, &p.Unexplained,
			&p.TheirsBeside, &p.DisputeBeside, &p.Elsewhere, &p.PaidElsewhere)
	})
}

// BasisGaps returns every reading beside the statements, by reading, endpoint and currency.
func (r ReconciliationReader) BasisGaps(ctx context.Context, reconciliation int64) ([]BasisGap, error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT reading, endpoint, currency, our_quantity, doubts,
		coalesce(our_amount, ''), minimum, least_amount, most_amount, their_quantity, their_amount, fits, lines, calls
		FROM reading_gaps WHERE reconciliation_id = ? ORDER BY row`, reconciliation)
	return sqlrow.Collect(rows, err, "read gaps of readings", func(g *BasisGap) error {
		return rows.Scan(&g.Basis, &g.Endpoint, &g.Currency, &g.OurQuantity, &g.Doubts, &g.OurAmount, &g.Minimum,
			&g.LeastAmount, &g.MostAmount, &g.TheirQuantity, &g.TheirAmount, &g.Fits, &g.Lines, &g.Calls)
	})
}

// Resolutions returns the doubts that a reconciliation settled, in the order of the calls.
func (r ReconciliationReader) Resolutions(ctx context.Context, reconciliation int64) ([]Resolution, error) {
	rows, err := r.tx.QueryContext(ctx, "SELECT call_id, billed, short, reconciliation_id FROM resolutions WHERE "+
		"reconciliation_id = ? ORDER BY call_id", reconciliation)
	return sqlrow.Collect(rows, err, "read resolutions", func(r *Resolution) error {
		return rows.Scan(&r.CallID, &r.Billed, &r.Short, &r.ReconciliationID)
	})
}

// Each gives the rows of a reconciliation in its own order: at most limit of them, after the first skip; with
// exceptionsOnly those that are matched are left out. The row is valid during the call only.
func (r ReconciliationReader) Each(
	ctx context.Context, reconciliation int64, exceptionsOnly bool, skip, limit int, each func(*ReconciledRow) error,
) error {
	only := ""
	if exceptionsOnly {
		only = "AND r.class <> 'matched'"
	}
	rows, err := r.tx.QueryContext(ctx, `SELECT r.class, coalesce(r.call_id, 0), coalesce(k.check_id, 0),
		coalesce(r.statement_id, 0), coalesce(r.line, 0),
		coalesce(o.sent_at, k.intended_at), l.charged_at, coalesce(l.date_only, 0), coalesce(k.attempt, 0),
			r.endpoint, r.region, r.currency, r.transaction_id,
		coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(l.pricing, ''), coalesce(l.transaction_id, ''),
			r.our_quantity, r.their_quantity, coalesce(r.our_amount, ''), r.their_amount, r.explained, o.body_sha256,
			r.note, r.doubt, r.other, r.shift, r.minimum, r.rounding, r.prior, r.tax
		FROM reconciled r LEFT JOIN calls k USING (call_id) LEFT JOIN outcomes o USING (call_id)
		LEFT JOIN statement_lines l ON l.statement_id = r.statement_id AND l.line = r.line
		WHERE r.reconciliation_id = ?1 `+only+` ORDER BY r.row LIMIT ?3 OFFSET ?2`, reconciliation, skip, limit)
	if err != nil {
		return fmt.Errorf("read reconciled rows: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var row ReconciledRow
	var sent, charged sql.NullInt64
	for rows.Next() {
		row.BodySHA256 = nil
		err := rows.Scan(&row.Class, &row.CallID, &row.CheckID, &row.StatementID, &row.Line, &sent, &charged,
			&row.DateOnly, &row.Attempt, &row.Endpoint, &row.Region, &row.Currency,
			&row.TransactionID, &row.Code, &row.OurPricing, &row.TheirPricing, &row.TheirTransactionID,
			&row.OurQuantity, &row.TheirQuantity, &row.OurAmount, &row.TheirAmount, &row.Explained, &row.BodySHA256,
			&row.Note, &row.Doubt, &row.Other, &row.Shift, &row.Minimum, &row.Rounding, &row.Prior, &row.Tax)
		if err != nil {
			return fmt.Errorf("read reconciled rows: %w", err)
		}
		row.SentAt, row.ChargedAt = sqlrow.FromNullMillis(sent), sqlrow.FromNullMillis(charged)
		if err := each(&row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EachOfOtherPeriod gives the times of the calls of other months that a reconciliation has on lines of its own.
func (r ReconciliationReader) EachOfOtherPeriod(ctx context.Context, reconciliation int64, each func(time.Time)) error {
	rows, err := r.tx.QueryContext(ctx, `SELECT coalesce(o.sent_at, k.intended_at) FROM reconciled r
		JOIN calls k USING (call_id) LEFT JOIN outcomes o USING (call_id)
		WHERE r.reconciliation_id = ? AND r.class <> 'matched' AND r.class = 'other period' AND r.line > 0`,
		reconciliation)
	if err != nil {
		return fmt.Errorf("read rows of other periods: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var sent int64
	for rows.Next() {
		if err := rows.Scan(&sent); err != nil {
			return fmt.Errorf("read rows of other periods: %w", err)
		}
		each(sqlrow.FromMillis(sent))
	}
	return rows.Err()
}

// Count counts the rows that EachReconciled gives without a limit.
func (r ReconciliationReader) Count(ctx context.Context, reconciliation int64, exceptionsOnly bool) (int64, error) {
	query := "SELECT coalesce(sum(rows), 0) FROM reconciled_classes WHERE reconciliation_id = ?"
	if exceptionsOnly {
		query += " AND class <> 'matched'"
	}
	var n int64
	if err := r.tx.QueryRowContext(ctx, query, reconciliation).Scan(&n); err != nil {
		return 0, fmt.Errorf("count reconciled rows: %w", err)
	}
	return n, nil
}

// LostTime holds what a restored database had lost: no record of these calls is to be had.
type LostTime struct {
	From, Until time.Time
	Calls       int64 // at most: IDs that are or were held, and calls that a record knew of
}

// LostTimes returns those of all restorations. One that held more of the same lost time, and knew of no further calls,
// is of the one before.
func (r ReconciliationReader) LostTimes(ctx context.Context) (all []LostTime, err error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT lost_from, lost_until, lost_calls,
		(SELECT count(*) FROM checks c INDEXED BY checks_held CROSS JOIN holds h ON h.check_id = c.check_id
			AND h.release_id IS NULL WHERE c.state = 'held' AND h.restoration_id = r.restoration_id)
		+ coalesce((SELECT sum(d.checks) FROM lost_doubts d WHERE d.restoration_id = r.restoration_id), 0)
		FROM restorations r ORDER BY restoration_id`)
	var held, known []int64
	_, err = sqlrow.Collect(rows, err, "read restorations", func(*struct{}) error {
		var from, until, calls, ids int64
		if err := rows.Scan(&from, &until, &calls, &ids); err != nil {
			return err
		}
		l := LostTime{From: sqlrow.FromMillis(from), Until: sqlrow.FromMillis(until)}
		last := len(all) - 1
		if calls > 0 || last < 0 || l.From.After(all[last].Until) {
			all, held, known, last = append(all, l), append(held, 0), append(known, calls), last+1
		}
		held[last] += ids
		all[last].Calls = max(held[last], known[last])
		if l.Until.After(all[last].Until) {
			all[last].Until = l.Until
		}
		return nil
	})
	return all, err
}

// LostLines counts the calls that a reconciliation's lines bill beyond ours, and that may be of what a restored
// database had lost, as noted tells of a row's note and what it bills beyond ours. doubtful counts those that were
// given to calls in doubt in that time, and may just as well be of what was lost; a line that gives a day stands for
// all of it, and clocks may differ by a minute. Together they are the most that was paid for then.
func (r ReconciliationReader) LostLines(
	ctx context.Context, reconciliation int64, noted func(note string, beyond int64) int64,
) (n, doubtful int64, err error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT r.note, r.their_quantity - r.our_quantity,
		r.class = 'explained by doubt' AND EXISTS (SELECT 1 FROM restorations x JOIN statement_lines l
			ON l.statement_id = r.statement_id AND l.line = r.line
			WHERE l.charged_at <= x.lost_until + 60000
			AND l.charged_at + CASE l.date_only WHEN 1 THEN 86400000 ELSE 60000 END >= x.lost_from)
		FROM reconciled r INDEXED BY reconciled_exceptions WHERE r.reconciliation_id = ? AND r.class <> 'matched'
		AND EXISTS (SELECT 1 FROM restorations)`, reconciliation)
	_, err = sqlrow.Collect(rows, err, "count lines of lost time", func(*struct{}) error {
		var note string
		var beyond int64
		var doubt bool
		if err := rows.Scan(&note, &beyond, &doubt); err != nil {
			return err
		}
		lost := noted(note, beyond)
		if n += lost; lost == 0 && doubt {
			doubtful += beyond
		}
		return nil
	})
	return n, doubtful, err
}

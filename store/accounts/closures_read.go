package accounts

import (
	"context"
	"database/sql"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Closure represents a month that was closed, and perhaps opened again.
type Closure struct {
	ID               int64
	Month            string // YYYY-MM
	ClosedAt         time.Time
	ClosedBy         string
	Version          string // of the program
	LastCall         int64  // the newest call there was
	ReconciliationID int64  // 0: closed without a statement
	Settings         string // prices, reading and tolerance it was closed with, as JSON
	Worked           []byte // digest of the figures and of what was worked of them; nil without a statement
	LastWork         int64  // the newest decision about an exception of the month
	LastSignature    int64  // the newest signature below it
	InSpite          string // why it was closed though something was open or not signed; "" where nothing was
	ContentSHA256    []byte // over the usage, the last call, the reconciliation, the settings and what was worked
	SealedAt         time.Time
	ReopenedAt       time.Time // zero: the month is closed
	ReopenedBy       string
	Reason           string // why it was opened again
}

// MonthReader reads closed months and their corrections.
type MonthReader struct{ tx *sql.Tx }

// ReadMonths reads them in a transaction.
func ReadMonths(tx *sql.Tx) MonthReader { return MonthReader{tx} }

// Closure returns the closure of a month that is closed, nil when it is open. While its workbooks are being made,
// before they are kept, a closure has no SealedAt.
func (m MonthReader) Closure(ctx context.Context, month string) (*Closure, error) {
	all, err := closures(ctx, m.tx, "WHERE month = ? AND reopened_at IS NULL", month)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// Closures returns all closures of a month in order, those that were opened again too; month "" those of all months.
func (m MonthReader) Closures(ctx context.Context, month string) ([]Closure, error) {
	return closures(ctx, m.tx, "WHERE ?1 = '' OR month = ?1", month)
}

func closures(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]Closure, error) {
	rows, err := db.QueryContext(ctx, `SELECT closure_id, month, closed_at, closed_by, version, last_call,
		coalesce(reconciliation_id, 0), settings, worked, last_work, last_signature, in_spite, content_sha256,
		sealed_at, reopened_at, coalesce(reopened_by, ''), coalesce(reason, '') FROM closures `+where+`
			ORDER BY closure_id`, args...)
	return sqlrow.Collect(rows, err, "read closures", func(c *Closure) error {
		var at int64
		var sealed, reopened sql.NullInt64
		err := rows.Scan(&c.ID, &c.Month, &at, &c.ClosedBy, &c.Version, &c.LastCall, &c.ReconciliationID, &c.Settings,
			&c.Worked, &c.LastWork, &c.LastSignature, &c.InSpite, &c.ContentSHA256, &sealed, &reopened, &c.ReopenedBy, &c.Reason)
		c.ClosedAt, c.SealedAt, c.ReopenedAt = sqlrow.FromMillis(at), sqlrow.FromNullMillis(sealed),
			sqlrow.FromNullMillis(reopened)
		return err
	})
}

// Correction holds what came to light about a closed month, rows that agree in kind, endpoint, region and currency
// together.
type Correction struct {
	Month      string // the closed one, YYYY-MM
	Kind       string // one of the kinds of a CorrectionRow
	Endpoint   string
	Region     string
	Currency   string // "" where no price is set
	Calls      int64
	Quantity   int64  // billable calls that the bearing month newly has
	Amount     string // decimal, their cost; "" where no price is set
	Most       string // decimal: how far the closed month's ceiling moves
	Right      string // decimal: what of Theirs is owed, newly or accrued in the closed month
	TheirCalls int64
	Theirs     string // decimal: what lines bill
}

// Corrections returns the prior-period corrections that a month bears, by closed month, kind, endpoint and region.
func (m MonthReader) Corrections(ctx context.Context, month string) ([]Correction, error) {
	rows, err := m.tx.QueryContext(ctx, `SELECT p.month, c.kind, c.endpoint, c.region, c.currency, 1, c.quantity,
		coalesce(c.amount, ''), c.most,
		c.right_amount, c.their_quantity, c.their_amount FROM corrections c JOIN closures p USING (closure_id)
		WHERE c.borne_by = ? AND p.reopened_at IS NULL ORDER BY p.month, c.kind, c.endpoint, c.region, c.currency,
			c.correction_id`, month)
	single, err := sqlrow.Collect(rows, err, "read corrections", func(c *Correction) error {
		return rows.Scan(&c.Month, &c.Kind, &c.Endpoint, &c.Region, &c.Currency, &c.Calls, &c.Quantity, &c.Amount,
			&c.Most,
			&c.Right, &c.TheirCalls, &c.Theirs)
	})
	if err != nil {
		return nil, err
	}
	return addCorrections(single)
}

// addCorrections adds up neighbours that agree in everything but their figures.
func addCorrections(single []Correction) ([]Correction, error) {
	var sums []Correction
	for _, c := range single {
		last := len(sums) - 1
		if last < 0 || key(sums[last]) != key(c) {
			sums = append(sums, c)
			continue
		}
		sum := &sums[last]
		for _, amount := range []struct {
			to  *string
			add string
		}{{&sum.Amount, c.Amount}, {&sum.Most, c.Most}, {&sum.Right, c.Right}, {&sum.Theirs, c.Theirs}} {
			var err error
			if *amount.to, err = addDecimals(*amount.to, amount.add); err != nil {
				return nil, err
			}
		}
		sum.Calls, sum.Quantity, sum.TheirCalls = sum.Calls+c.Calls, sum.Quantity+c.Quantity, sum.TheirCalls+c.TheirCalls
	}
	return sums, nil
}

func key(c Correction) Correction {
	return Correction{Month: c.Month, Kind: c.Kind, Endpoint: c.Endpoint, Region: c.Region, Currency: c.Currency}
}

// Work returns everything that was decided about a month's exceptions, what was decided last behind what was decided
// before it. month "" returns that of all months.
func (m MonthReader) Work(ctx context.Context, month string) ([]Work, error) {
	rows, err := m.tx.QueryContext(ctx, `SELECT w.work_id, w.month, w.exception, w.class, w.issue, w.currency,
		coalesce(w.statement_id, 0), coalesce(w.line, 0), coalesce(w.call_id, 0), w.transaction_id, w.status,
		coalesce(w.disputed, ''), coalesce(w.accepted, ''), w.owner, w.comment, w.decided_at, w.undated,
		coalesce(w.contradicts, 0), f.name, w.sheet, w.row
		FROM exception_work w JOIN decision_files f USING (file_id) WHERE ?1 = '' OR w.month = ?1
		ORDER BY w.month, w.exception, w.decided_at, w.work_id`, month)
	return sqlrow.Collect(rows, err, "read worked exceptions", func(w *Work) error {
		var at int64
		err := rows.Scan(&w.WorkID, &w.Month, &w.Exception, &w.Class, &w.Issue, &w.Currency, &w.StatementID, &w.Line,
			&w.CallID, &w.TransactionID, &w.Status, &w.Disputed, &w.Accepted, &w.Owner, &w.Comment, &at, &w.Undated,
			&w.Contradicts, &w.File, &w.Sheet, &w.Row)
		w.DecidedAt = sqlrow.FromMillis(at)
		return err
	})
}

// Signatures returns a month's signatures in the order in which they were read, those that have fallen too.
func (m MonthReader) Signatures(ctx context.Context, month string) ([]Signature, error) {
	rows, err := m.tx.QueryContext(ctx, `SELECT s.signature_id, s.month, s.role, s.name, s.signed_at, s.decision,
		s.comment, s.figures, s.worked, s.to_dispute, f.name FROM signatures s JOIN decision_files f USING (file_id)
		WHERE s.month = ? ORDER BY s.signature_id`, month)
	return sqlrow.Collect(rows, err, "read signatures", func(s *Signature) error {
		var at int64
		err := rows.Scan(&s.SignatureID, &s.Month, &s.Role, &s.Name, &at, &s.Decision, &s.Comment, &s.Figures,
			&s.Worked,
			&s.ToDispute, &s.File)
		s.SignedAt = sqlrow.FromMillis(at)
		return err
	})
}

// Disputes returns all notes about disputes in the order in which they were stored.
func (m MonthReader) Disputes(ctx context.Context) ([]DisputeNote, error) {
	rows, err := m.tx.QueryContext(ctx, `SELECT n.note_id, n.number, n.month, n.invoice, n.reason, n.endpoint,
		n.currency,
		n.claimed, n.sent_on, n.answered_on, n.answer, coalesce(n.credited, ''), n.reference, n.comment, f.name,
		n.sheet,
		n.row FROM dispute_notes n JOIN decision_files f USING (file_id) ORDER BY n.note_id`)
	return sqlrow.Collect(rows, err, "read notes about disputes", func(n *DisputeNote) error {
		return rows.Scan(&n.NoteID, &n.Number, &n.Month, &n.Invoice, &n.Reason, &n.Endpoint, &n.Currency, &n.Claimed,
			&n.SentOn, &n.AnsweredOn, &n.Answer, &n.Credited, &n.Reference, &n.Comment, &n.File, &n.Sheet, &n.Row)
	})
}

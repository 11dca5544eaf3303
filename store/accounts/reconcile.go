package accounts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/store/internal/sqlrow"
)

// Findings holds what a reconciliation came to besides its rows.
type Findings struct {
	Bridge      []BridgeLine
	Verdicts    []Verdict
	Bases       []BasisCount `json:"Readings"` // the digest of a reconciliation is made of the names of before
	Gaps        []BasisGap
	Resolutions []Resolution // ReconciliationID is set when they are kept
}

// ReconciliationWriter keeps one reconciliation: all of it, or nothing.
type ReconciliationWriter struct {
	conn    *sql.Conn
	insert  *sql.Stmt
	id      int64
	rows    int64
	digest  hash.Hash
	figures rowsDigest
	classes map[ClassCount]*classSum // by class, endpoint, region and currency
	amounts map[string]decimal.Decimal
}

type classSum struct {
	rows, ours, theirs, unpriced int64
	ourAmount, theirAmount       decimal.Decimal
}

// Reconcile starts to write one. Commit or Abort ends it; until then nobody else can write.
func (s Statements) Reconcile(ctx context.Context) (*ReconciliationWriter, error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin reconciliation: %w", err)
	}
	w := &ReconciliationWriter{conn: conn, digest: sha256.New(), classes: map[ClassCount]*classSum{},
		amounts: map[string]decimal.Decimal{}}
	if err = w.begin(ctx); err == nil {
		w.figures.files, err = statementSums(ctx, w.conn)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin reconciliation: %w", err), w.Abort())
	}
	return w, nil
}

// begin inserts a row of no month, which rows can refer to; Commit fills it in.
func (w *ReconciliationWriter) begin(ctx context.Context) error {
	// The small cache will do: rows come in the order of their keys, and their calls nearly in that of theirs.
	if _, err := w.conn.ExecContext(ctx, sqlrow.SmallCache+"; BEGIN IMMEDIATE"); err != nil {
		return err
	}
	res, err := w.conn.ExecContext(ctx, `INSERT INTO reconciliations (month, made_at, version, reading, tolerance_abs,
		tolerance_rel, settings, last_call, itemised, within,
		verdict, reproduces, nearest, calls, charges, doubts, free, elsewhere, digest)
		VALUES ('', 0, '', '', '', '', '', 0, 0, 0, '', '', '', 0, 0, 0, 0, 0, x'')`)
	if err != nil {
		return err
	}
	if w.id, err = res.LastInsertId(); err != nil {
		return err
	}
	w.insert, err = w.conn.PrepareContext(ctx, `INSERT INTO reconciled (reconciliation_id, row, class, call_id,
		statement_id, line, at, endpoint, region, currency,
		transaction_id, our_quantity, their_quantity, our_amount, their_amount, explained, note, doubt, other, shift,
		minimum, rounding, prior, tax)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	return err
}

// Row keeps one row. Of it are taken the class, call, statement and line, times (SentAt, or else ChargedAt), endpoint,
// region, currency, transaction, quantities, amounts, what of their difference is explained ("": nothing) and by what,
// and note; what else a row shows is read from the call and the line.
func (w *ReconciliationWriter) Row(ctx context.Context, r *ReconciledRow) error {
	if err := w.count(r); err != nil {
		return fmt.Errorf("reconciled row %d: %w", w.rows+1, err)
	}
	at := r.SentAt
	if at.IsZero() {
		at = r.ChargedAt
	}
	w.rows++
	w.figures.add(r)
	// Not the caller's context: SQLite pays for one that can be cancelled with every row.
	_, err := w.insert.Exec(w.id, w.rows, r.Class, sqlrow.NullID(r.CallID), sqlrow.NullID(r.StatementID),
		sqlrow.NullID(r.Line),
		sqlrow.NullMillis(at), r.Endpoint, r.Region, r.Currency,
		r.TransactionID, r.OurQuantity, r.TheirQuantity, sqlrow.NullText(r.OurAmount), r.TheirAmount,
		cmp.Or(r.Explained, "0"),
		r.Note, cmp.Or(r.Doubt, "0"), cmp.Or(r.Other, "0"), cmp.Or(r.Shift, "0"), cmp.Or(r.Minimum, "0"),
		cmp.Or(r.Rounding, "0"), cmp.Or(r.Prior, "0"), cmp.Or(r.Tax, "0"))
	if err != nil {
		return fmt.Errorf("reconciled row %d: %w", w.rows, err)
	}
	_, err = fmt.Fprintf(w.digest, "%q %d %d %d %d %q %q %q %q %d %d %q %q %q %q %q\n", r.Class, r.CallID,
		r.StatementID,
		r.Line, at.UnixMilli(), r.Endpoint, r.Region, r.Currency,
		r.TransactionID, r.OurQuantity, r.TheirQuantity, r.OurAmount, r.TheirAmount, r.Explained, r.Note,
		r.parts())
	return errors.Join(err, ctx.Err())
}

// parts returns those of a row's difference. What is owed for closed months, and what is included of a tax, is named
// where there is some, so that the digest of what was found before there were such parts stays.
func (r *ReconciledRow) parts() []string {
	all := []string{r.Doubt, r.Other, r.Shift, r.Minimum, r.Rounding}
	if cmp.Or(r.Prior, "0") != "0" {
		all = append(all, r.Prior)
	}
	if cmp.Or(r.Tax, "0") != "0" {
		all = append(all, "tax", r.Tax)
	}
	return all
}

func (w *ReconciliationWriter) count(r *ReconciledRow) error {
	k := ClassCount{Class: r.Class, Endpoint: r.Endpoint, Region: r.Region, Currency: r.Currency}
	sum := w.classes[k]
	if sum == nil {
		sum = &classSum{}
		w.classes[k] = sum
	}
	theirs, err := w.amount(r.TheirAmount)
	if err != nil {
		return err
	}
	sum.rows++
	sum.ours, sum.theirs, sum.theirAmount = sum.ours+r.OurQuantity, sum.theirs+r.TheirQuantity,
		sum.theirAmount.Add(theirs)
	if r.OurAmount == "" {
		sum.unpriced++
		return nil
	}
	ours, err := w.amount(r.OurAmount)
	sum.ourAmount = sum.ourAmount.Add(ours)
	return err
}

// amount reads an amount; most rows of a month have one of few.
func (w *ReconciliationWriter) amount(text string) (decimal.Decimal, error) {
	if d, known := w.amounts[text]; known {
		return d, nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return d, fmt.Errorf("amount %q: %w", text, err)
	}
	if len(w.amounts) < 1000 {
		w.amounts[text] = d
	}
	return d, nil
}

// Commit makes the reconciliation the one that stands in its month; the earlier one stays in the database, superseded.
// Where the one that stands found the same in the same way, nothing is kept and changed is false. A *ClosedError
// refuses a month that is closed.
func (w *ReconciliationWriter) Commit(
	ctx context.Context, r Reconciliation, f Findings,
) (id int64, changed bool, err error) {
	defer func() { err = errors.Join(err, w.Abort()) }()
	if id, changed, err = w.commit(ctx, r, f); err != nil {
		return 0, false, fmt.Errorf("keep reconciliation of %s: %w", r.Month, err)
	}
	return id, changed, nil
}

func (w *ReconciliationWriter) commit(ctx context.Context, r Reconciliation, f Findings) (int64, bool, error) {
	if err := refuseClosed(ctx, w.conn, []string{r.Month}); err != nil {
		return 0, false, err
	}
	digest, err := w.sum(ctx, r, f)
	if err != nil {
		return 0, false, err
	}
	var standing int64
	var known []byte
	err = w.conn.QueryRowContext(ctx, "SELECT reconciliation_id, digest FROM reconciliations WHERE month = ? AND "+
		"superseded_by IS NULL", r.Month).Scan(&standing, &known)
	if err == nil && string(known) == string(digest) {
		return standing, false, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, err
	}
	if _, err := w.conn.ExecContext(ctx, "UPDATE reconciliations SET superseded_by = ? WHERE month = ? AND "+
		"superseded_by IS NULL", w.id, r.Month); err != nil {
		return 0, false, err
	}
	for _, keep := range []func() error{
		func() error { return w.keepHead(ctx, r, digest) },
		func() error { return w.keepClasses(ctx) },
		func() error { return w.keepBridge(ctx, f) },
		func() error { return w.keepBases(ctx, f) },
		func() error { return w.keepResolutions(ctx, f.Resolutions) },
	} {
		if err := keep(); err != nil {
			return 0, false, err
		}
	}
	_, err = w.conn.ExecContext(ctx, "COMMIT")
	return w.id, true, err
}

// sum returns the digest of the rows, the scopes that stand and everything else that was found.
func (w *ReconciliationWriter) sum(ctx context.Context, r Reconciliation, f Findings) ([]byte, error) {
	scopes, err := statementScopes(ctx, w.conn, inMonth, r.Month)
	if err != nil {
		return nil, err
	}
	for _, c := range scopes {
		if c.SupersededBy == 0 {
			r.Statements = append(r.Statements, c.StatementID)
			fmt.Fprintf(w.digest, "%d %q\n", c.StatementID, c.Endpoint) //nolint:errcheck // a hash takes everything
		}
	}
	r.MadeAt, r.Version = time.Time{}, ""
	if err := json.NewEncoder(w.digest).Encode(struct {
		Reconciliation
		Findings
	}{r, f}); err != nil {
		return nil, err
	}
	return w.digest.Sum(nil), nil
}

func (w *ReconciliationWriter) keepHead(ctx context.Context, r Reconciliation, digest []byte) error {
	_, err := w.conn.ExecContext(ctx, `UPDATE reconciliations
		SET month = ?, made_at = ?, version = ?, reading = ?, tolerance_abs = ?, tolerance_rel = ?, settings = ?,
		last_call = ?, itemised = ?, within = ?, verdict = ?, reproduces = ?, nearest = ?, calls = ?, charges = ?,
		doubts = ?, free = ?, elsewhere = ?, digest = ?, rows_sha256 = ?
		WHERE reconciliation_id = ?`, r.Month, sqlrow.Millis(r.MadeAt), r.Version, r.Basis, r.ToleranceAbs,
		r.ToleranceRel, r.Settings, r.LastCall, sqlrow.Bool(r.Itemised), sqlrow.Bool(r.Within),
		r.Verdict, r.Reproduces, r.Nearest, r.Calls, r.Charges, r.Doubts, r.Free, r.Elsewhere, digest,
		w.figures.sum(), w.id)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, `INSERT INTO reconciled_parts (reconciliation_id, statement_id, endpoint,
		currency, usage)
		SELECT ?, statement_id, endpoint, currency, usage FROM statement_parts WHERE month = ?
		AND superseded_by IS NULL`, w.id, r.Month)
	return err
}

func (w *ReconciliationWriter) keepClasses(ctx context.Context) error {
	for k, sum := range w.classes {
		_, err := w.conn.ExecContext(ctx, `INSERT INTO reconciled_classes (reconciliation_id, class, endpoint, region,
			currency, rows, our_quantity, their_quantity,
			our_amount, their_amount, unpriced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			w.id, k.Class, k.Endpoint, k.Region, k.Currency, sum.rows, sum.ours, sum.theirs, sum.ourAmount.String(),
			sum.theirAmount.String(), sum.unpriced)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *ReconciliationWriter) keepBridge(ctx context.Context, f Findings) error {
	for i, b := range f.Bridge {
		_, err := w.conn.ExecContext(ctx, "INSERT INTO bridge (reconciliation_id, row, currency, step, quantity, "+
			"amount, priced) VALUES (?, ?, ?, ?, ?, ?, ?)",
			w.id, i+1, b.Currency, b.Step, b.Quantity, b.Amount, sqlrow.Bool(b.Priced))
		if err != nil {
			return err
		}
	}
	for _, v := range f.Verdicts {
		_, err := w.conn.ExecContext(ctx, `INSERT INTO verdicts (reconciliation_id, currency, ours, over_amount,
			under_amount, over_quantity, under_quantity, priced, within)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, w.id, v.Currency, v.Ours, v.Over, v.Under, v.OverQuantity,
			v.UnderQuantity, sqlrow.Bool(v.Priced), sqlrow.Bool(v.Within))
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *ReconciliationWriter) keepBases(ctx context.Context, f Findings) error {
	for i, r := range f.Bases {
		_, err := w.conn.ExecContext(ctx, "INSERT INTO readings (reconciliation_id, row, reading, endpoint, "+
			"region, currency, quantity, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			w.id, i+1, r.Basis, r.Endpoint, r.Region, r.Currency, r.Quantity, sqlrow.NullText(r.Amount))
		if err != nil {
			return err
		}
	}
	for i, g := range f.Gaps {
		_, err := w.conn.ExecContext(ctx, `INSERT INTO reading_gaps (reconciliation_id, row, reading, endpoint,
			currency, our_quantity, doubts, our_amount, minimum,
			least_amount, most_amount, their_quantity, their_amount, fits, lines, calls)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, w.id, i+1, g.Basis, g.Endpoint, g.Currency,
			g.OurQuantity, g.Doubts,
			sqlrow.NullText(g.OurAmount), g.Minimum, g.LeastAmount, g.MostAmount, g.TheirQuantity, g.TheirAmount,
			sqlrow.Bool(g.Fits),
			g.Lines, g.Calls)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *ReconciliationWriter) keepResolutions(ctx context.Context, all []Resolution) error {
	for _, r := range all {
		if _, err := w.conn.ExecContext(ctx, "INSERT INTO resolutions (call_id, reconciliation_id, billed, "+
			"short) VALUES (?, ?, ?, ?)", r.CallID, w.id, sqlrow.Bool(r.Billed), r.Short); err != nil {
			return fmt.Errorf("resolution of call %d: %w", r.CallID, err)
		}
	}
	return nil
}

// Abort drops what was written and not committed.
func (w *ReconciliationWriter) Abort() error {
	var err error
	if w.insert != nil {
		err = w.insert.Close()
	}
	// After a commit there is nothing to roll back, and SQLite says so.
	_, rollback := w.conn.ExecContext(context.Background(), "ROLLBACK")
	_ = rollback
	return errors.Join(err, w.conn.Close())
}

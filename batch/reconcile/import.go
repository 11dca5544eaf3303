package reconcile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/statement"
	"liverecon/store/accounts"
)

// importStatement reads the file into the database: whole, or not at all. Its totals over several months are no
// month's, and are held against its lines here.
func (r *Task) importStatement(
	ctx context.Context,
) (got accounts.Imported, totals []statement.GrandTotal, notes []string, err error) {
	info, err := os.Stat(r.Statement) // opening a pipe would wait for its writer
	if err == nil && !info.Mode().IsRegular() {
		return got, nil, nil, fmt.Errorf("%w: %w", batch.ErrInput, fmt.Errorf("statement %s is not a file", r.Statement))
	}
	file, err := os.Open(r.Statement)
	if err != nil {
		return got, nil, nil, fmt.Errorf("%w: %w", batch.ErrInput, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if info == nil {
		info, err = file.Stat()
	}
	if err != nil {
		return got, nil, nil, fmt.Errorf("%w: %w", batch.ErrInput, err)
	}
	in, err := r.Store.Statements().Import(ctx)
	if err != nil {
		return got, nil, nil, err
	}
	options := r.Options
	options.Month = r.Month
	for _, p := range r.Prices.Rows() {
		for _, tier := range p.Tiers {
			options.Prices = append(options.Prices, tier.Unit)
		}
	}
	var grand statement.GrandTotals
	read, err := statement.Read(file, info.Size(), r.Statement, options, func(l statement.Line) error {
		grand.Add(&l)
		return in.Line(ctx, storedLine(&l))
	})
	if err == nil {
		err = unchanged(file, info)
	}
	if err != nil {
		return got, nil, nil, errors.Join(fmt.Errorf("%w: %w", batch.ErrInput, err), in.Abort())
	}
	if err := r.arrange(ctx, in); err != nil {
		return got, nil, nil, errors.Join(err, in.Abort())
	}
	st := accounts.Statement{Path: read.Path, SHA256: read.SHA256, Fingerprint: read.Fingerprint, ImportedAt: time.Now(),
		Word: r.Word, Invoice: r.Invoice, Ignored: read.Ignored,
		Notes: read.Notes}
	if r.Month != (billing.Period{}) {
		st.Month = r.Month.String()
	}
	got, err = in.Commit(ctx, st)
	var conflict *accounts.ScopeConflict
	var repeat *accounts.RepeatError
	if errors.As(err, &conflict) || errors.As(err, &repeat) {
		err = fmt.Errorf("%w: %w", batch.ErrInput, err)
	}
	return got, grand.Totals(), read.Notes, err
}

// unchanged refuses a file that was written to since it looked as it did before: its lines may be of two files.
func unchanged(file *os.File, before os.FileInfo) error {
	now, err := file.Stat()
	if err == nil && (now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime())) {
		err = &statement.Error{File: file.Name(), Problem: "it changed while it was read",
			Hint: "nothing of the statement was taken; read it again when it is whole"}
	}
	return err
}

// storedLine translates a line to the record it is kept as.
func storedLine(l *statement.Line) *accounts.StatementLine {
	s := &accounts.StatementLine{Line: int64(l.Number), Kind: string(l.Kind), TransactionID: l.TransactionID,
		ChargedAt: l.ChargedAt, DateOnly: l.DateOnly,
		Endpoint: l.Endpoint, Region: l.Region, Pricing: l.Pricing, Quantity: l.Quantity, Amount: l.Amount.String(),
		Currency: l.Currency, Text: l.Text}
	if l.Other {
		s.Product = l.Product
	}
	if l.Month != (billing.Period{}) {
		s.Month = l.Month.String()
	}
	if l.Unit.Valid {
		s.UnitPrice = l.Unit.Decimal.String()
	}
	return s
}

// arrange decides which month's statement the lines near a month's bounds are on. A vendor whose clock or cut-off
// differs puts a month's last calls on the next month's statement: taken for a statement of their own, these few lines
// would take the place of the real one. So lines of usage of a month that all lie within the edge band of a
// neighbouring month are that month's, if it reaches beyond the band itself and has more lines, or is the one that was
// asked for.
func (r *Task) arrange(ctx context.Context, in *accounts.StatementImport) error {
	months := in.Months()
	for _, m := range months {
		home, err := billing.ParsePeriod(m.Month)
		if err != nil {
			return err
		}
		for _, into := range []billing.Period{shift(home, -1), shift(home, 1)} {
			if r.belongs(m, home, into, months) {
				if err := in.Move(ctx, m.Month, into.String()); err != nil {
					return err
				}
				break
			}
		}
	}
	asked := func(m accounts.StatementMonth) bool { return m.Month == r.Month.String() }
	if r.Month != (billing.Period{}) && !slices.ContainsFunc(in.Months(), asked) {
		return fmt.Errorf("%w: %w", batch.ErrInput, fmt.Errorf("statement %s has no line of %s", r.Statement, r.Month))
	}
	return nil
}

// belongs reports whether a month's lines are on the statement of the month next to it.
func (r *Task) belongs(m accounts.StatementMonth, home, into billing.Period, months []accounts.StatementMonth) bool {
	switch {
	case home == r.Month || !r.spillsOver(m, home, into):
		return false
	case into == r.Month:
		return true
	}
	return slices.ContainsFunc(months, func(o accounts.StatementMonth) bool {
		return o.Month == into.String() && m.Usage < o.Usage && !r.spillsOver(o, into, home)
	})
}

// spillsOver reports whether all lines of usage of a month lie within the edge band of the one next to it.
func (r *Task) spillsOver(m accounts.StatementMonth, home, next billing.Period) bool {
	if m.Usage == 0 || m.Undated {
		return false
	}
	from, to := r.Prices.Months().Bounds(home)
	switch next {
	case shift(home, 1):
		return !m.First.Before(to.Add(-r.Edge))
	case shift(home, -1):
		return m.Last.Before(from.Add(r.Edge))
	}
	return false
}

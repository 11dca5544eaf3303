package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liverecon/report/digest"
	"liverecon/report/finance"
	"liverecon/store/calendar"
)

// financeOf writes the finance workbook of a business day's billing month to date: of two where the zones differ and
// the day lies in both.
func (p *Publisher) financeOf(ctx context.Context, day calendar.Period) error {
	first, last := p.billing().ToDate(day.From), p.billing().ToDate(day.To.Add(-time.Millisecond))
	if first.Label == last.Label {
		return p.Finance(ctx, last)
	}
	return errors.Join(p.Finance(ctx, first), p.Finance(ctx, last))
}

// Finance writes the finance workbook of a period, the one that is kept if it is a closed month; and beside it, as CSV,
// the reconciled lines when they are too many for it.
func (p *Publisher) Finance(ctx context.Context, period calendar.Period) error {
	if kept, err := p.folder.writeKept(ctx, "finance", period); err != nil || kept {
		return err
	}
	options, err := p.Settings.Finance(ctx, p.Store, period)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	options.Version, options.Verdict = p.Version, p.verdict
	w, err := finance.Build(ctx, p.Store, options)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	if err := errors.Join(p.writeLines(ctx, w), p.writeFinanceDigest(period, w)); err != nil {
		return errors.Join(err, w.Close())
	}
	return p.folder.write(ctx, w.Workbook, "finance_"+period.Label+".xlsx")
}

// financeAgain writes the finance workbook of a month, or of days, by its label: of the month that goes on, to date.
func (p *Publisher) financeAgain(ctx context.Context, label string, now time.Time) error {
	period, err := p.billing().Parse(label)
	if err != nil {
		return err
	}
	if today := p.billing().ToDate(now); today.Label == label {
		period = today
	}
	return p.Finance(ctx, period)
}

// writeLines writes the reconciled lines that a finance workbook has no room for.
func (p *Publisher) writeLines(ctx context.Context, w *finance.Workbook) error {
	if w.Beside == "" {
		return nil
	}
	return p.folder.add(w.Beside, func(file string) error { return finance.WriteLines(ctx, w, file) })
}

// Focus writes the ledger of a period's finance workbook for programs that add up costs.
func (p *Publisher) Focus(ctx context.Context, period calendar.Period) error {
	return p.asClosed(ctx, "focus", period, finance.WriteFocus)
}

// Journal writes the entries that book a month's accrual and disputes, and take back those of the month before.
func (p *Publisher) Journal(ctx context.Context, month calendar.Period) error {
	return p.asClosed(ctx, "journal", month, finance.WriteJournal)
}

// asClosed writes a CSV file of a finance workbook's figures: a closed month's as it was closed.
func (p *Publisher) asClosed(
	ctx context.Context, kind string, period calendar.Period, write func(*finance.Workbook, string) error,
) error {
	options, err := p.Settings.Finance(ctx, p.Store, period)
	if err != nil {
		return fmt.Errorf("%s %s: %w", kind, period.Label, err)
	}
	options.Version = p.Version
	options.AsClosed = true
	w, err := finance.Build(ctx, p.Store, options)
	if err != nil {
		return fmt.Errorf("%s %s: %w", kind, period.Label, err)
	}
	return errors.Join(p.folder.add(kind+"_"+period.Label+".csv", func(file string) error {
		return write(w, file)
	}), w.Close())
}

// FinanceDigest returns the first page of a finance workbook as a page for mail. A closed month has the counts and
// prices that it was closed with.
func (p *Publisher) FinanceDigest(ctx context.Context, period calendar.Period) (digest.Page, error) {
	options, err := p.Settings.Finance(ctx, p.Store, period)
	if err != nil {
		return digest.Page{}, fmt.Errorf("finance %s: %w", period.Label, err)
	}
	options.Version, options.Verdict, options.AsClosed = p.Version, p.verdict, true
	w, err := finance.Build(ctx, p.Store, options)
	if err != nil {
		return digest.Page{}, err
	}
	return w.Digest(), w.Close()
}

// writeFinanceDigest writes the page for mail beside a finance workbook, where that is set.
func (p *Publisher) writeFinanceDigest(period calendar.Period, w *finance.Workbook) error {
	if !p.Digest {
		return nil
	}
	return p.folder.digest("finance_"+period.Label, w.Digest())
}

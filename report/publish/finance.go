package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liverecon/report/finance"
	"liverecon/store/calendar"
)

// financeOf writes the finance workbook of a business day's billing month to date: of two where the zones differ and
// the day lies in both.
func (p *Publisher) financeOf(ctx context.Context, day calendar.Period) error {
	first, last := calendar.MonthToDate(day.From, p.BillingZone), calendar.MonthToDate(day.To.Add(-time.Millisecond),
		p.BillingZone)
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
	if err := p.writeLines(ctx, w); err != nil {
		return errors.Join(err, w.Close())
	}
	return p.folder.write(ctx, w.Workbook, "finance_"+period.Label+".xlsx")
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
	options, err := p.Settings.Finance(ctx, p.Store, period)
	if err != nil {
		return fmt.Errorf("focus %s: %w", period.Label, err)
	}
	options.Version = p.Version
	options.AsClosed = true
	w, err := finance.Build(ctx, p.Store, options)
	if err != nil {
		return fmt.Errorf("focus %s: %w", period.Label, err)
	}
	return errors.Join(p.folder.add("focus_"+period.Label+".csv", func(file string) error {
		return finance.WriteFocus(w, file)
	}), w.Close())
}

package publish

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"liverecon/report/finance"
	"liverecon/store/calendar"
)

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
	if err := MakeReportDirectory(p.Reports); err != nil {
		return errors.Join(err, w.Close())
	}
	file := filepath.Join(p.Reports, "focus_"+period.Label+".csv")
	if err := errors.Join(finance.WriteFocus(w, file), w.Close()); err != nil {
		return err
	}
	return p.done(file)
}

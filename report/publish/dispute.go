package publish

import (
	"context"
	"fmt"
	"path/filepath"

	"liverecon/report/dispute"
	"liverecon/store/calendar"
)

// Dispute writes the lines first: the covering sheet bears their hash.
func (p *Publisher) Dispute(ctx context.Context, period calendar.Period) error {
	if err := MakeReportDirectory(p.Reports); err != nil {
		return err
	}
	lines := DisputeLines(p.Reports, period.Label)
	w, err := dispute.Build(ctx, p.Store, dispute.Options{Period: period, Version: p.Version}, lines)
	if err != nil {
		return err
	}
	if err := p.done(lines); err != nil {
		return fmt.Errorf("dispute %s: %w", period.Label, err)
	}
	return p.write(ctx, w, "dispute_"+period.Label+".xlsx")
}

// DisputeLines is the file of a month's disputed lines.
func DisputeLines(dir, month string) string { return filepath.Join(dir, "dispute_"+month+".csv") }

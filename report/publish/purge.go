package publish

import (
	"context"
	"time"

	"liverecon/store"
)

// Purge takes personal data from before a time out of the database, and out of the reports whose period ended since the
// purge before and is now as old.
func Purge(ctx context.Context, p *Publisher, before, now time.Time) (store.Purged, error) {
	last, err := p.Store.Personal().LastCutoff(ctx)
	if err != nil {
		return store.Purged{}, err
	}
	reports, err := reportsOf(p.Reports, p.Zone)
	if err != nil {
		return store.Purged{}, err
	}
	var aged []ReportFile
	for _, f := range reports {
		if f.Period.To.After(last) && !f.Period.To.After(before) {
			aged = append(aged, f)
		}
	}
	if err := Owe(ctx, p, aged); err != nil {
		return store.Purged{}, err
	}
	taken, err := p.Store.Personal().Purge(ctx, before, now)
	if err != nil {
		return taken, err
	}
	return taken, WriteOwed(ctx, p, now)
}

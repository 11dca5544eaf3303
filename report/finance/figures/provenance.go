package figures

import (
	"context"

	"liverecon/report/page"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Provenance represents the runs of a period, and the database's first one.
type Provenance struct {
	first snapshot.RunSpan
	Runs  []snapshot.RunSpan
}

func loadProvenance(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period) (v Provenance, err error) {
	v.first, v.Runs, err = snap.Runs(ctx, p.From, p.To)
	return v, err
}

// Fingerprint tells two states of what a database says about a period's money apart.
func Fingerprint(d *Data) string {
	f := page.NewFingerprint(d.Provenance.first, d.Provenance.Runs)
	for _, l := range d.Ledger.Lines {
		f.Add("line", l.Day.Unix(), l.Region, l.Endpoint, l.Code, l.Pricing, l.Kind, l.Calls, l.Billable,
			d.Ledger.Currency(l), l.Amount)
	}
	if s := d.Reconciled; s != nil {
		f.Add("reconciliation", s.ID, s.MadeAt.UnixMilli())
		for _, c := range s.Classes {
			f.Add("class", c.Class, c.endpoint, c.Region, c.Currency, c.Rows, c.OurCalls, c.TheirCalls, c.Ours, c.Theirs)
		}
	}
	return f.String()
}

package figures

import (
	"context"
	"crypto/sha256"
	"fmt"

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

// Fingerprint tells two databases, and two states of what one says about a period's money, apart: 16 hexadecimal
// digits.
func Fingerprint(d *Data) string {
	h := sha256.New()
	add := func(values ...any) { h.Write(fmt.Appendf(nil, "%q\n", fmt.Sprintln(values...))) }
	add("first run", d.Provenance.first.ID, d.Provenance.first.StartedAt.UnixMilli())
	for _, run := range d.Provenance.Runs {
		add("run", run.ID, run.StartedAt.UnixMilli())
	}
	for _, l := range d.Ledger.Lines {
		add("line", l.Day.Unix(), l.Region, l.Endpoint, l.Code, l.Pricing, l.Kind, l.Calls, l.Billable,
			d.Ledger.Currency(l), l.Amount)
	}
	if s := d.Reconciled; s != nil {
		add("reconciliation", s.ID, s.MadeAt.UnixMilli())
		for _, c := range s.Classes {
			add("class", c.Class, c.endpoint, c.Region, c.Currency, c.Rows, c.OurCalls, c.TheirCalls, c.Ours, c.Theirs)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

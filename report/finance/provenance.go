package finance

import (
	"context"
	"crypto/sha256"
	"fmt"

	"liverecon/store"
	"liverecon/store/calendar"
)

// provenance is the runs of a period, and the database's first one.
type provenance struct {
	first store.RunSpan
	runs  []store.RunSpan
}

func loadProvenance(ctx context.Context, snap *store.Snapshot, p calendar.Period) (v provenance, err error) {
	v.first, v.runs, err = snap.Runs(ctx, p.From, p.To)
	return v, err
}

// fingerprint tells two databases, and two states of what one says about a period's money, apart: 16 hexadecimal digits.
func fingerprint(d *Data) string {
	h := sha256.New()
	add := func(values ...any) { h.Write(fmt.Appendf(nil, "%q\n", fmt.Sprintln(values...))) }
	add("first run", d.provenance.first.ID, d.provenance.first.StartedAt.UnixMilli())
	for _, run := range d.provenance.runs {
		add("run", run.ID, run.StartedAt.UnixMilli())
	}
	for _, l := range d.ledger.lines {
		add("line", l.day.Unix(), l.region, l.endpoint, l.code, l.pricing, l.kind, l.calls, l.billable,
			d.ledger.currency(l), l.amount)
	}
	if s := d.reconciled; s != nil {
		add("reconciliation", s.ID, s.MadeAt.UnixMilli())
		for _, c := range s.classes {
			add("class", c.class, c.endpoint, c.region, c.currency, c.rows, c.ourCalls, c.theirCalls, c.ours, c.theirs)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

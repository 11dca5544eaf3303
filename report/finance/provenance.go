package finance

import (
	"crypto/sha256"
	"fmt"
)

// fingerprint tells two databases, and two states of what one says about a period's money, apart: 16 hexadecimal digits.
func (f *finance) fingerprint() string {
	h := sha256.New()
	add := func(values ...any) { h.Write(fmt.Appendf(nil, "%q\n", fmt.Sprintln(values...))) }
	add("first run", f.first.ID, f.first.StartedAt.UnixMilli())
	for _, run := range f.runs {
		add("run", run.ID, run.StartedAt.UnixMilli())
	}
	for _, l := range f.ledger.lines {
		add("line", l.day.Unix(), l.region, l.endpoint, l.code, l.pricing, l.kind, l.calls, l.billable, f.ledger.currency(l), l.amount)
	}
	if s := f.settled; s != nil {
		add("reconciliation", s.ID, s.MadeAt.UnixMilli())
		for _, c := range s.classes {
			add("class", c.class, c.endpoint, c.region, c.currency, c.rows, c.ourCalls, c.theirCalls, c.ours, c.theirs)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

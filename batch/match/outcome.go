package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// outcome hands rows over as they are found, and sums them up.
type outcome struct {
	each     func(*billing.Row) error
	err      error // the first of each
	bridges  map[string]*bridge
	resolved map[int64]bool // whether a call in doubt was billed
	twice    twiceByMonth
	minimums minimums
	tiers    tierUses
}

func newOutcome(in *month, each func(*billing.Row) error) *outcome {
	return &outcome{
		each:     each,
		bridges:  map[string]*bridge{},
		resolved: map[int64]bool{},
		twice:    twiceByMonth{},
		minimums: in.journal.minimums(in.totals, in.coverage.isAbout),
		tiers:    newTierUses(in.journal.book.Prices),
	}
}

// resolve keeps what a statement showed about a call, if that was in doubt.
func (o *outcome) resolve(r *record, billed bool) {
	if r.isDoubtful() {
		o.resolved[r.id] = billed
	}
}

// emit counts a row and hands it over.
func (o *outcome) emit(f *finding) {
	switch f.Class {
	case billing.QuantityDiffers:
		f.Explained = f.tier
	case billing.PriceDiffers:
		f.Explained = f.doubt
	}
	if !f.Priced { // of some of its calls alone
		f.OurAmount = decimal.Decimal{}
	}
	b := o.bridges[f.Currency]
	if b == nil {
		b = &bridge{steps: map[string]BridgeLine{}}
		o.bridges[f.Currency] = b
	}
	b.add(f)
	if o.err == nil {
		o.err = o.each(&f.Row)
	}
}

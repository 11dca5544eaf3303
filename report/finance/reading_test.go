package finance

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// TestReadingsWithoutAStatement: what a reading may bill as well, and what minimums add to it, are by our records alone what
// reconciling finds before it has looked at a line.
func TestReadingsWithoutAStatement(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.settledMonth()
		w := f.settledBook(11, nil)
		ctx := context.Background()
		gaps, err := w.data.snap.ReadingGaps(ctx, w.data.reconciled.ID)
		f.must(err)
		usage, err := loadUsage(ctx, w.data.snap, w.data.Options)
		f.must(err)
		d := &doubts{may: map[readingKey]int64{}, once: map[int64]bool{}}
		f.must(w.data.snap.EachDoubt(ctx, w.data.Period.From, w.data.Period.To, func(c store.DoubtCall) error {
			price, _ := w.data.Prices.Lookup(c.Endpoint, c.Region, c.At)
			d.mayBill(c, doubtOpen, price)
			return nil
		}))
		var all int64
		for _, g := range gaps {
			k := readingKey{billing.Reading(g.Reading), g.Endpoint, g.Currency}
			own := usage.readings.at(k)
			if d.may[k] != g.Doubts || own.minimum.String() != decimal.RequireFromString(g.Minimum).String() {
				t.Errorf("%+v: %d in doubt, %s for minimums; reconciling found %d and %s", k, d.may[k], own.minimum, g.Doubts, g.Minimum)
			}
			all += g.Doubts
		}
		if all == 0 {
			t.Error("no doubt to compare")
		}
		october := f.settledBook(10, func(o *Options) { o.Amounts = nil })
		s := october.Sheet("Billing readings")
		if c := s.Cell(xlsx.Ref{Col: readingDoubts + 2, Row: writeReadings(&xlsx.Workbook{}, october.data, ledgerRefs{october.data.ledger, october.data.covered}).First}); c.Kind != xlsx.Number {
			t.Errorf("without a statement the readings say %+v about doubts", c)
		}
		f.must(w.Close())
		f.tied("october", october.Workbook)
	})
}

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
		gaps, err := w.finance.snap.ReadingGaps(ctx, w.finance.settled.ID)
		f.must(err)
		d := &doubts{may: map[readingKey]int64{}, once: map[int64]bool{}}
		f.must(w.finance.snap.EachDoubt(ctx, w.finance.Period.From, w.finance.Period.To, func(c store.DoubtCall) error {
			price, _ := w.finance.Prices.Lookup(c.Endpoint, c.Region, c.At)
			d.mayBill(c, doubtOpen, price)
			return nil
		}))
		var all int64
		for _, g := range gaps {
			k := readingKey{billing.Reading(g.Reading), g.Endpoint, g.Currency}
			own := w.finance.countedAt(k)
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
		if c := s.Cell(xlsx.Ref{Col: readingDoubts + 2, Row: october.finance.places.readings.First}); c.Kind != xlsx.Number {
			t.Errorf("without a statement the readings say %+v about doubts", c)
		}
		f.must(w.Close())
		f.tied("october", october.Workbook)
	})
}

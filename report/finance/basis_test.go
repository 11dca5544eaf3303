package finance

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/xlsx"
)

// TestReadingsWithoutAStatement: what each reading bills and may bill as well, and what minimums add to it, are by our
// records alone what reconciling finds, by another route, before it has looked at a line.
func TestReadingsWithoutAStatement(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.OpenMonth()
		alone := f.settledBook(11, func(o *figures.Options) { o.Amounts = nil })
		s := alone.Sheet("Billing readings")
		table := writeBases(&xlsx.Workbook{}, alone.data, ledgerRefs{alone.data.Ledger, alone.data.Covered})
		if c := s.Cell(xlsx.Ref{Col: basisDoubts + 2, Row: table.First}); c.Kind != xlsx.Number {
			t.Errorf("without a statement the readings say %+v about doubts", c)
		}
		f.tied("alone", alone.Workbook)
		f.Reconcile(f.Statement())
		w := f.settledBook(11, nil)
		gaps, err := w.data.Snap.Reconciliations().BasisGaps(context.Background(), w.data.Reconciled.ID)
		f.Must(err)
		var all int64
		for _, g := range gaps {
			for _, l := range alone.data.Bases {
				if l.Basis != billing.Basis(g.Basis) || l.Endpoint != g.Endpoint || l.Currency != g.Currency {
					continue
				}
				if l.InDoubt != g.Doubts || !l.Minimum.Equal(decimal.RequireFromString(g.Minimum)) {
					t.Errorf("%+v; reconciling found %d in doubt and %s for minimums", l, g.Doubts, g.Minimum)
				}
				if l.Calls != g.OurQuantity || !l.Amount.Equal(decimal.RequireFromString(g.OurAmount)) {
					t.Errorf("%+v; reconciling counted %d at %s", l, g.OurQuantity, g.OurAmount)
				}
				all += g.Doubts
			}
		}
		if all == 0 {
			t.Error("no doubt to compare")
		}
		f.Must(w.Close())
	})
}

package finance

import (
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/xlsx"
)

// TestMinimumWithoutCalls: a month without a call owes its monthly minimum, and the first sentence says so.
func TestMinimumWithoutCalls(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.Night("lists/ids_2026-11-01.csv", []reporttest.Check{reporttest.Scored("PH", 99, "")})
		for _, c := range []struct {
			amounts []billing.Amount
			want    string
		}{
			{[]billing.Amount{{Endpoint: "sg", Region: "*", Currency: "SGD", Floor: "5", Ceiling: "5"}}, "No call was sent in this period, and there is no statement: the monthly minimum of SGD 5.00 is owed"},
			{nil, "No call was sent in this period, and there is no statement: nothing is owed"},
		} {
			w := f.settledBook(12, func(o *figures.Options) { o.Amounts = c.amounts })
			var texts []string
			s := w.Sheet("Summary")
			for _, at := range s.Refs() {
				texts = append(texts, s.Cell(at).Text)
			}
			if !strings.Contains(strings.Join(texts, "\n"), c.want+"\n") {
				t.Errorf("the summary does not say %q:\n%s", c.want, strings.Join(texts, "\n"))
			}
			f.Must(w.Close())
		}
	})
}

// TestMinimumBesideAStatement: all places that say "our amount" beside a statement say the same, which is without minimums.
func TestMinimumBesideAStatement(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, func(o *figures.Options) { o.Prices.Prices[0].Minimum, o.Amounts = decimal.NewFromInt(100), nil })
		ours := w.data.Reconciled.Gross("USD").Ours
		var drawn decimal.Decimal
		book := &xlsx.Workbook{}
		for _, g := range writeRegions(book, w.data, writeLedger(book, w.data)).compared.all {
			drawn = drawn.Add(g.Amount)
		}
		if !drawn.Equal(ours) || w.data.Ledger.Minimums("USD").IsZero() {
			t.Errorf("the bars come to %s, our amount is %s", drawn, ours)
		}
		s := w.Sheet("Summary")
		for _, at := range s.Refs() {
			if name := s.Cell(at).Text; strings.HasPrefix(name, "Our amount, USD: ") {
				if first := s.Cell(xlsx.Ref{Col: at.Col + 6, Row: at.Row}); first.Number != ours.String() {
					t.Errorf("%s: %s, our amount is %s", name, first.Number, ours)
				}
			}
		}
		f.tied("a minimum", w.Workbook)
	})
}

package finance

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// settledBook is the finance workbook of a month, with the test's prices.
func (f *fixture) settledBook(month time.Month, change func(*figures.Options)) *Workbook {
	f.T.Helper()
	o := figures.Options{Period: calendar.Month(2026, month, reporttest.Singapore()), Prices: reporttest.Prices(f.T), Version: "0.1.0", Amounts: []billing.Amount{{Endpoint: "ph", Region: "PH", Currency: "USD", Floor: "7.74", Ceiling: "8.1"}}}
	if change != nil {
		change(&o)
	}
	w, err := Build(context.Background(), f.Store, o)
	f.Must(err)
	return w
}

// TestSettledGolden compares every cell of a reconciled month with the golden text, its formulas with what they come to,
// and makes sure that every class has a row.
func TestSettledGolden(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, nil)
		if len(w.FailedChecks) > 0 {
			t.Errorf("untied: %v", w.FailedChecks)
		}
		for _, class := range []billing.Class{billing.Matched, billing.PriceDiffers, billing.PricingDiffers, billing.OursOnly, billing.TheirsOnly, billing.ExplainedByDoubt, billing.Duplicate, billing.OtherPeriod, billing.Credits, billing.Taxes} {
			if w.data.Reconciled.Total(func(c figures.ClassSum) bool { return c.Class == class }).Rows == 0 {
				t.Errorf("no row of class %q", class)
			}
		}
		if g := w.data.Reconciled.Gross("USD"); !g.Doubts.Equal(decimal.RequireFromString("0.045")) || !g.Over.Equal(decimal.RequireFromString("1.1865")) {
			t.Errorf("explained by doubts %s, to dispute %s", g.Doubts, g.Over)
		}
		file := f.Write(w.Workbook)
		reporttest.CompareGolden(t, "finance_settled", file)
		if keep := os.Getenv("KEEP_WORKBOOK"); keep != "" {
			content, err := os.ReadFile(file)
			f.Must(err)
			f.Must(os.WriteFile(keep, content, 0o600))
		}
		compareAllFormulas(t, reporttest.Reopen(t, file))
	})
}

// compareAllFormulas calculates every formula of a file anew, those of lists too.
func compareAllFormulas(t *testing.T, x *excelize.File) {
	t.Helper()
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c, value := range row {
				at := xlsx.Ref{Col: c + 1, Row: r + 1}
				formula, err := x.GetCellFormula(sheet, at.String())
				if err != nil {
					t.Fatal(err)
				}
				if formula == "" || value == "" { // a merged cell repeats its first one's formula
					continue
				}
				cell := xlsx.T(value).WithFormula(formula)
				if _, err := decimal.NewFromString(value); err == nil {
					cell = xlsx.D(value, xlsx.General).WithFormula(formula)
				}
				reporttest.CompareFormula(t, x, sheet, at, cell)
			}
		}
	}
}

// TestDataStays makes the sheets twice from data that was read once: none of them changes what the others read.
func TestDataStays(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, nil)
		first, second := filepath.Join(t.TempDir(), "first.xlsx"), filepath.Join(t.TempDir(), "second.xlsx")
		f.Must(xlsx.Write(w.Workbook, first))
		f.Must(xlsx.Write(write(context.Background(), w.data).Workbook, second))
		f.Must(w.Close())
		a, err := os.ReadFile(first)
		f.Must(err)
		b, err := os.ReadFile(second)
		f.Must(err)
		if !bytes.Equal(a, b) {
			t.Errorf("two files of %d and %d bytes differ", len(a), len(b))
		}
	})
}

package finance

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Where no price is set the statement is judged by count, and its amounts are not said to be supported.
func TestSettledWithoutPrices(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		book, err := billing.NewBook(nil, reporttest.Singapore())
		f.Must(err)
		f.ReconcileWith(f.Statement(), book)
		w, err := Build(context.Background(), f.Store, figures.Options{Period: calendar.Month(2026, 11, reporttest.Singapore()), Version: "0.1.0"})
		f.Must(err)
		f.tied("no prices", w.Workbook)
		for _, currency := range w.data.Reconciled.Billed {
			text := w.data.Reconciled.CurrencySentence(currency)
			want := map[string]string{
				"USD": "USD 14.77 billed for 309 calls: 3 to dispute, 1 not yet billed, by count; 0.13 and 0.00 by amount; for want of prices 13.97 could not be compared",
				"SGD": "SGD 4.50 billed for 90 calls: 0 to dispute, 2 not yet billed, by count; for want of prices 4.50 could not be compared",
			}[currency]
			if text != want {
				t.Errorf("%s: %s", currency, text)
			}
		}
		sheets := &xlsx.Workbook{}
		refs := sheetRefs{regions: writeRegions(sheets, w.data, writeLedger(sheets, w.data))}
		if got := (summarySheet{w.data, refs}).regionFigure(1, 5); !strings.HasPrefix(got.Caption, "Billable calls by region") || len(got.Chart.Series) == 0 {
			t.Errorf("regions: %+v", got)
		}
	})
}

// TestSettledVariants makes the workbook of one reconciled month in other ways: its lists in several sheets, its lines
// beside it, under every reading, of parts of the month, of a month that is closed, without prices.
func TestSettledVariants(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		f.splitLists()
		f.linesBeside()
		f.everyReading()
		f.partOfAMonth()
		f.withoutPrices()
		f.closedMonth()
		f.newerCalls()
	})
}

func (f *fixture) tied(name string, w *xlsx.Workbook) {
	f.T.Helper()
	if len(w.FailedChecks) > 0 {
		f.T.Errorf("%s: untied %v", name, w.FailedChecks)
	}
	reporttest.CheckParts(f.T, f.Write(w))
}

// splitLists: totals are over all sheets of a list.
func (f *fixture) splitLists() {
	f.T.Helper()
	w := f.settledBook(11, func(o *figures.Options) { o.SheetRows = 4 })
	for name, want := range map[string]int{"Exceptions": 4, "Lines": 102} {
		n := 0
		for _, s := range w.Sheets {
			if s.Name == name || strings.HasPrefix(s.Name, name+" (") {
				n++
			}
		}
		if n != want {
			f.T.Errorf("%d sheets of %s, want %d", n, name, want)
		}
	}
	file := f.Write(f.settledBook(11, func(o *figures.Options) { o.SheetRows = 150 }).Workbook)
	compareAllFormulas(f.T, reporttest.Reopen(f.T, file))
	f.tied("split", w.Workbook)
}

// linesBeside: what the workbook has no room for stands in a CSV file, and harms nobody who opens it.
func (f *fixture) linesBeside() {
	f.T.Helper()
	w := f.settledBook(11, func(o *figures.Options) { o.LinesInside = 10 })
	if w.Sheet("Lines") != nil || w.Beside != "finance_2026-11_lines.csv" {
		f.T.Errorf("the lines stand in the workbook, or in %q", w.Beside)
	}
	path := filepath.Join(f.T.TempDir(), w.Beside)
	f.Must(WriteLines(context.Background(), w, path))
	file, err := os.Open(path)
	f.Must(err)
	rows, err := csv.NewReader(file).ReadAll()
	f.Must(err)
	f.Must(file.Close())
	if int64(len(rows)) != w.data.Reconciled.Rows+1 {
		f.T.Errorf("%d rows for %d lines", len(rows), w.data.Reconciled.Rows)
	}
	var difference decimal.Decimal
	for _, row := range rows[1:] {
		if strings.HasPrefix(row[rowTransaction], "=") {
			f.T.Errorf("a formula: %q", row)
		}
		difference = difference.Add(decimal.RequireFromString(row[rowDifference]))
	}
	all := w.data.Reconciled.Total(func(figures.ClassSum) bool { return true })
	if !difference.Equal(all.Theirs.Sub(all.Ours)) {
		f.T.Errorf("the differences of all lines are %s", difference)
	}
	f.tied("lines beside", w.Workbook)
}

// everyReading: a workbook under another reading than the reconciliation's says so.
func (f *fixture) everyReading() {
	f.T.Helper()
	for _, basis := range billing.Bases() {
		w := f.settledBook(11, func(o *figures.Options) { o.Basis = basis })
		if stale := w.data.Reconciled.Stale; (stale == "") != (basis == billing.PayTag) {
			f.T.Errorf("%s: %q", basis, stale)
		}
		f.tied(string(basis), w.Workbook)
	}
}

// partOfAMonth: our records alone; what came before in the month has used up tiers.
func (f *fixture) partOfAMonth() {
	f.T.Helper()
	for _, p := range []calendar.Period{calendar.Days(2026, 11, 12, 1, reporttest.Singapore()), calendar.Days(2026, 11, 12, 8, reporttest.Singapore()), calendar.Days(2026, 10, 28, 20, reporttest.Singapore()), calendar.Days(2026, 11, 20, 3, reporttest.Singapore())} {
		w := f.settledBook(11, func(o *figures.Options) { o.Period, o.Amounts = p, nil })
		if w.Sheet("Reconciliation") != nil {
			f.T.Errorf("%s was reconciled", p.Label)
		}
		f.tied(p.Label, w.Workbook)
	}
}

// withoutPrices: quantities are reported, amounts stay empty.
func (f *fixture) withoutPrices() {
	f.T.Helper()
	w := f.settledBook(11, func(o *figures.Options) {
		o.Period, o.Prices, o.Amounts = calendar.Days(2026, 11, 12, 8, reporttest.Singapore()), nil, nil
	})
	if got := w.Sheet("Rates").Cell(xlsx.Ref{Col: 2, Row: 6}).Text; !strings.HasPrefix(got, "No price is set") {
		f.T.Errorf("the sheet of rates says %q", got)
	}
	for _, l := range w.data.Ledger.Lines {
		if c := ledgerRow(w.data.Ledger, l, reporttest.Singapore(), 1)[ledgerAmount-1]; c.Kind == xlsx.Number {
			f.T.Fatalf("%+v has the amount %s", l, c.Number)
		}
	}
	f.tied("without prices", w.Workbook)
}

// closedMonth: the workbook says that the month is closed.
func (f *fixture) closedMonth() {
	f.T.Helper()
	w := f.settledBook(10, func(o *figures.Options) { o.Amounts = nil })
	if got := w.Sheet("Sign-off").Cell(xlsx.Ref{Col: 2, Row: 6}).Text; !strings.HasPrefix(got, "The month was closed at 2026-10-") {
		f.T.Errorf("the sign-off says %q", got)
	}
	f.tied("closed", w.Workbook)
}

// newerCalls: a workbook whose records have moved on since the reconciling says so, and does not fail for it.
func (f *fixture) newerCalls() {
	f.T.Helper()
	f.Late(4, time.Date(2026, 11, 13, 3, 0, 0, 0, time.UTC), reporttest.Scored("SG", 70, ""))
	w := f.settledBook(11, nil)
	lines := summarySheet{w.data, sheetRefs{}}.next()
	if !slices.ContainsFunc(lines, func(p page.Pointer) bool {
		return p.Text == "1 call has reached the journal since the statement was reconciled: reconcile again."
	}) {
		f.T.Errorf("nothing about newer calls in %v", lines)
	}
	f.tied("newer calls", w.Workbook)
}

// TestPaidOnce: an ID is paid once ever, a transaction once a period.
func TestPaidOnce(t *testing.T) {
	inFixture(t, "2026-10-31", func(f *fixture) {
		f.Night("first.csv", []reporttest.Check{reporttest.Scored("PH", 90, ""), reporttest.Scored("PH", 91, "")})
		snap, err := snapshot.Open(context.Background(), f.Store)
		f.Must(err)
		for _, c := range []struct {
			name string
			read func(context.Context, time.Time, time.Time) ([]store.Usage, error)
		}{{"checks", snap.Paid().Checks}, {"transactions", snap.Paid().Transactions}} {
			for _, days := range []int{1, 30} {
				p := calendar.Days(2026, 10, 31, days, reporttest.Singapore())
				all, err := c.read(context.Background(), p.From, p.To)
				f.Must(err)
				if len(all) != 1 || all[0].Calls != 2 || all[0].Tag != store.TagPay || all[0].Code != page.Success {
					t.Errorf("%s of %s: %+v", c.name, p.Label, all)
				}
			}
		}
		f.Must(snap.Close())
	})
}

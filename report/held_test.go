package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/spend"
	"liverecon/report/finance"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/record"
)

// TestHeld: IDs that are held since an older copy of the database goes on have a column of their own among the listed ones,
// and a sentence beside the calls in doubt; every sum ties. Without any there is neither.
func TestHeld(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.Night("a", []reporttest.Check{reporttest.Scored("PH", 99, ""), reporttest.Scored("PH", 20, "1"), reporttest.Scored("TH", 90, "")})
		run, _, err := f.Store.Runs().Open(context.Background(), "test", true)
		f.Must(err)
		f.List(run, "b", []reporttest.Check{reporttest.Scored("PH", 0, ""), reporttest.Scored("PH", 0, ""), reporttest.Scored("TH", 0, "")})
		day, month := calendar.Days(2026, 11, 1, 2, reporttest.Singapore()), calendar.Month(2026, 11, reporttest.Singapore())
		from, unit := time.Date(2026, 1, 1, 0, 0, 0, 0, reporttest.Singapore()), decimal.RequireFromString("0.05")
		endpoint := reporttest.Scored("PH", 0, "").Endpoint
		prices, err := billing.NewBook([]billing.Price{{Endpoint: endpoint, Region: "*", From: from, Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: unit}}}}, reporttest.Singapore())
		f.Must(err)
		look := func(column bool, inDoubt, headline string) {
			t.Helper()
			w := f.risk(day)
			if n := len(w.FailedChecks); n > 0 {
				t.Error(w.FailedChecks)
			}
			text := textOf(w.Workbook, "Coverage")
			if strings.Contains(text, "Held") != column || strings.Contains(text, "+ held") != column {
				t.Errorf("with a column for what is held %v: %s", !column, text)
			}
			if column && (ofAll(w.Workbook, "Coverage", "Listed") != "6" || ofAll(w.Workbook, "Coverage", "Held") != "2") ||
				!strings.Contains(text, "3 of 6 listed IDs are settled (50.00%); 3 missing") {
				t.Errorf("covered are %s", text)
			}
			f.Must(w.Close())
			amounts, err := spend.Contract{Prices: prices, Zone: reporttest.Singapore(), Basis: billing.PayTag}.Amounts(context.Background(), f.Store, month)
			f.Must(err)
			fin, err := finance.Build(context.Background(), f.Store, finance.Options{Period: month, Amounts: amounts, Prices: prices})
			f.Must(err)
			if len(fin.FailedChecks) > 0 {
				t.Error(fin.FailedChecks)
			}
			if text := textOf(fin.Workbook, "In doubt"); strings.Contains(text, ": may have been paid for, once") != (inDoubt != "") || !strings.Contains(text, inDoubt) {
				t.Errorf("of doubts it says %s", text)
			}
			if text := textOf(fin.Workbook, "Summary"); !strings.Contains(text, headline) {
				t.Errorf("it does not begin with %s: %s", headline, text)
			}
			f.Must(fin.Close())
		}
		look(false, "", "By our records alone 3 calls are to pay for: USD 0.15")
		now := time.Now()
		places := record.Paths{Database: f.Store.Path(), Reports: t.TempDir()}
		region := store.Route{Endpoint: reporttest.Scored("PH", 0, "").Endpoint, Region: "PH"}
		lost := []store.Lost{{Routes: []store.Route{region}, Pending: 2, FirstTurn: 1}}
		at := store.Restoration{RunID: run, At: now, By: "ann", LostFrom: now.Add(-time.Minute), LostUntil: now}
		_, _, _, err = f.Store.Restorations().Restore(context.Background(), at, lost, store.Lacking{}, places)
		f.Must(err)
		look(true, "▲ 2 IDs are held: may have been paid for, once each at most",
			"By our records alone 3 to 5 calls are to pay for (2 held): USD 0.15–0.25")
		_, err = f.Store.Restorations().Release(context.Background(), store.Releasing{By: "ann", At: now})
		f.Must(err)
		look(false, "▲ 2 IDs were held: may have been paid for, once each at most",
			"By our records alone 3 to 5 calls are to pay for (2 held or released): USD 0.15–0.25")
		at.Calls = 3
		_, _, _, err = f.Store.Restorations().Restore(context.Background(), at, nil, store.Lacking{}, places)
		f.Must(err)
		look(false, "▲ 2 IDs were held and 3 calls were lost: may have been paid for, once each at most",
			"By our records alone 3 to 8 calls are to pay for (2 held or released, 3 lost): USD 0.15–0.40")
	})
}

// ofAll returns what stands in the row of all regions, below a heading.
func ofAll(w *xlsx.Workbook, sheet, heading string) string {
	s := w.Sheet(sheet)
	at := func(text string) xlsx.Ref {
		refs := s.Refs() // from the top
		return refs[max(0, slices.IndexFunc(refs, func(at xlsx.Ref) bool { return s.Cell(at).Text == text }))]
	}
	return fmt.Sprint(s.Cell(xlsx.Ref{Row: at("All regions").Row, Col: at(heading).Col}).Value())
}

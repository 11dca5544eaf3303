package finance

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/report/finance/figures"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// testPrices are a price book with every kind of tiers, in two currencies.
func testPrices(t *testing.T) *billing.Book {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	unit := decimal.RequireFromString
	rows := []billing.Price{
		{Endpoint: "ph", Region: "*", From: from, Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: unit("0.045")}}},
		{Endpoint: "id", Region: "*", From: from, Currency: "USD", Kind: billing.Graduated, FreeQuota: 10, Tiers: []billing.Tier{{UpTo: 50, Unit: unit("0.043")}, {Unit: unit("0.0415")}}},
		{Endpoint: "sg", Region: "*", From: from, Currency: "SGD", Kind: billing.Volume, Tiers: []billing.Tier{{UpTo: 20, Unit: unit("0.06")}, {Unit: unit("0.05")}}, Minimum: unit("5")},
	}
	book, err := billing.NewBook(rows, singapore())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// settledMonth fills a database with a closed October, a November of three nights, two calls that reach the journal of
// October late, and a November statement with a row of every class.
func (f *fixture) settledMonth() {
	f.t.Helper()
	f.openMonth()
	f.reconcile(f.statement())
}

// openMonth is settledMonth without the statement.
func (f *fixture) openMonth() {
	f.t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	f.night("lists/ids_2026-10-30.csv", append(mixed(random, "PH", "ph", 12, 0.1, 0.3), scored("SG", 99, "")))
	f.close("2026-10")
	time.Sleep(time.Until(time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC)))
	for night := range 3 {
		if night == 1 {
			time.Sleep(10 * 24 * time.Hour) // away from the month's bounds
		}
		all := mixed(random, "PH", "ph", 60, 0.1, 0.5)
		all = append(all, mixed(random, "ID", "id", 45, 0.05, 0.2)...)
		all = append(all, mixed(random, "VN", "sg", 20, 0.1, 0.3)...)
		all = append(all, mixed(random, "SG", "sg", 9, 0.1, 0.3)...)
		lost := asked{region: "PH", endpoint: "ph", outcome: store.Unanswered, state: store.InDoubt, tag: store.TagUnknown, cause: "timeout"}
		all = append(all, lost, lost)
		if night == 1 {
			all = append(all, oddities()...)
		}
		f.night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
	f.late(1, time.Date(2026, 10, 30, 2, 0, 0, 0, time.UTC), scored("PH", 88, ""))
	time.Sleep(time.Until(time.Date(2026, 12, 3, 2, 0, 0, 0, time.UTC)))
}

// close closes a month without a statement.
func (f *fixture) close(month string) {
	f.t.Helper()
	p, err := calendar.ParseMonth(month, singapore())
	f.must(err)
	c, err := f.store.Months().Begin(context.Background(), accounts.Closure{Month: month, ClosedAt: time.Now(), ClosedBy: "test", Version: "0.1.0", Settings: "{}"}, p.From, p.To)
	f.must(err)
	f.must(f.store.Months().Seal(context.Background(), c.ID, time.Now(), nil))
}

// late makes a call of an earlier run, as a spill file brings them.
func (f *fixture) late(earlier int64, at time.Time, c asked) {
	f.t.Helper()
	ctx := context.Background()
	run, _, err := f.store.Runs().Open(ctx, "test", true)
	f.must(err)
	numbers := f.list(run, fmt.Sprintf("lists/late_%d.csv", f.lists), []asked{c})
	j, err := f.store.Journal().Open(ctx, admitAll{}, 1)
	f.must(err)
	in := store.Intent{CheckID: numbers[fmt.Sprintf("%d-0", f.lists)], Attempt: 1, RunID: earlier, Reason: store.ReasonFirst, Endpoint: c.endpoint, Region: c.region, At: at, From: store.Pending}
	id, err := j.Begin(in)
	f.must(err)
	f.must(j.Finish(id, in, store.Result{Outcome: c.outcome, SentAt: at, EndedAt: at.Add(time.Second), Code: c.code, Pricing: c.pricing, Tag: c.tag, State: c.state, HTTPStatus: 200,
		TransactionID: fmt.Sprintf("%016x", id), Answer: &store.Answer{Current: true, Score: c.score}})())
	f.must(j.Close())
	f.must(f.store.Runs().Close(ctx, run, 0, "DONE", nil))
}

// november are the calls that the statement is made from.
func (f *fixture) november() []snapshot.JournalCall {
	f.t.Helper()
	p := calendar.Month(2026, 11, singapore())
	snap, err := snapshot.Open(context.Background(), f.store)
	f.must(err)
	var calls []snapshot.JournalCall
	f.must(snap.Calls().EachOfMonth(context.Background(), p.Label, p.From, p.To, func(c *snapshot.JournalCall) error {
		if !c.SentAt.Before(p.From) {
			calls = append(calls, *c)
		}
		return nil
	}))
	f.must(snap.Close())
	return calls
}

// statement writes a statement of November that bills what we expect, but for one row of every kind of trouble.
func (f *fixture) statement() string {
	f.t.Helper()
	lines := []string{"transaction,time,month,endpoint,region,pricing,quantity,amount,currency,kind"}
	add := func(id string, at time.Time, c snapshot.JournalCall, pricing, amount, currency string) {
		lines = append(lines, fmt.Sprintf("%s,%s,2026-11,%s,%s,%s,1,%s,%s,usage", id, at.UTC().Format(time.RFC3339), c.Endpoint, c.Region, pricing, amount, currency))
	}
	price := map[string]string{"ph": "0.045", "id": "0.043", "sg": "0.05"}
	currencies := map[string]string{"ph": "USD", "id": "USD", "sg": "SGD"}
	billed, planted := map[string]int{}, map[string]bool{}
	once := func(name string) bool {
		first := !planted[name]
		planted[name] = true
		return first
	}
	middle := time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)
	for _, c := range f.november() {
		unit, currency := price[c.Endpoint], currencies[c.Endpoint]
		switch {
		case c.Tag == store.TagPay:
			billed[c.Endpoint]++
			if n := billed[c.Endpoint]; c.Endpoint == "id" && n <= 10 {
				unit = "0"
			} else if c.Endpoint == "id" && n > 60 {
				unit = "0.0415"
			}
			inside := c.SentAt.After(middle)
			switch {
			case !inside && c.Endpoint == "ph" && once("other period"), inside && c.Endpoint == "ph" && once("ours only"), inside && c.Endpoint == "sg" && once("ours only, SGD"):
				continue
			case inside && c.Endpoint == "ph" && once("price differs"):
				unit = "0.055"
			case inside && c.Endpoint == "ph" && once("duplicate"):
				add(c.TransactionID, c.SentAt, c, "PAY", unit, currency)
			}
			add(c.TransactionID, c.SentAt, c, "PAY", unit, currency)
		case c.Tag == store.TagFree && c.Endpoint == "ph" && once("pricing differs"):
			add(c.TransactionID, c.SentAt, c, "PAY", unit, currency)
		case c.Outcome == store.Unanswered && c.SentAt.After(middle) && c.Endpoint == "ph" && once("explained by doubt"):
			add("00000000d0ab7001", c.SentAt.Add(2*time.Second), c, "PAY", unit, currency)
		case c.Outcome == store.Unanswered && c.SentAt.After(middle) && c.Endpoint == "ph" && once("doubt at another price"):
			add("00000000d0ab7002", c.SentAt.Add(2*time.Second), c, "PAY", "1.045", currency)
		}
	}
	odd := snapshot.JournalCall{Endpoint: "id", Region: "ID"}
	add("=SUM(A1)", time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), odd, "PAY", "0.0415", "USD")
	lines = append(lines, ",2026-11-30T00:00:00Z,2026-11,,,,0,-0.25,USD,credit", ",2026-11-30T00:00:00Z,2026-11,,,,0,0.9137,USD,tax", "")
	path := filepath.Join(f.t.TempDir(), "statement_2026-11.csv")
	f.must(os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return path
}

// reconcile lays the journal beside a statement.
func (f *fixture) reconcile(path string) {
	f.t.Helper()
	book := testPrices(f.t)
	f.reconcileWith(path, book)
}

func (f *fixture) reconcileWith(path string, book *billing.Book) {
	f.t.Helper()
	done, err := reconcile.Run(context.Background(), &reconcile.Task{Store: f.store, Version: "0.1.0", Statement: path, Options: statement.Options{Zone: time.UTC, BillingZone: singapore()},
		Prices: book, Zone: singapore(), Basis: billing.PayTag, Edge: 24 * time.Hour, Window: 15 * time.Minute, Settings: func(*billing.Book) string { return "{}" }})
	f.must(err)
	if len(done.Months) != 1 || done.Months[0].Month.String() != "2026-11" {
		f.t.Fatalf("reconciled %+v", done.Months)
	}
}

// settledBook is the finance workbook of a month, with the test's prices.
func (f *fixture) settledBook(month time.Month, change func(*figures.Options)) *Workbook {
	f.t.Helper()
	o := figures.Options{Period: calendar.Month(2026, month, singapore()), Prices: testPrices(f.t), Version: "0.1.0", Amounts: []billing.Amount{{Endpoint: "ph", Region: "PH", Currency: "USD", Floor: "7.74", Ceiling: "8.1"}}}
	if change != nil {
		change(&o)
	}
	w, err := Build(context.Background(), f.store, o)
	f.must(err)
	return w
}

// TestSettledGolden compares every cell of a reconciled month with the golden text, its formulas with what they come to,
// and makes sure that every class has a row.
func TestSettledGolden(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.settledMonth()
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
		file := f.write(w.Workbook)
		compareGolden(t, "finance_settled", file)
		if keep := os.Getenv("KEEP_WORKBOOK"); keep != "" {
			content, err := os.ReadFile(file)
			f.must(err)
			f.must(os.WriteFile(keep, content, 0o600))
		}
		compareAllFormulas(t, reopen(t, file))
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
				cell := xlsx.T(value).By(formula)
				if _, err := decimal.NewFromString(value); err == nil {
					cell = xlsx.D(value, xlsx.General).By(formula)
				}
				compareFormula(t, x, sheet, at, cell)
			}
		}
	}
}

// TestDataStays makes the sheets twice from data that was read once: none of them changes what the others read.
func TestDataStays(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.settledMonth()
		w := f.settledBook(11, nil)
		first, second := filepath.Join(t.TempDir(), "first.xlsx"), filepath.Join(t.TempDir(), "second.xlsx")
		f.must(xlsx.Write(w.Workbook, first))
		f.must(xlsx.Write(write(context.Background(), w.data).Workbook, second))
		f.must(w.Close())
		a, err := os.ReadFile(first)
		f.must(err)
		b, err := os.ReadFile(second)
		f.must(err)
		if !bytes.Equal(a, b) {
			t.Errorf("two files of %d and %d bytes differ", len(a), len(b))
		}
	})
}

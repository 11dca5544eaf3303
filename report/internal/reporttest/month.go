package reporttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// Prices returns a price book with every kind of tiers, in two currencies.
func Prices(t *testing.T) *billing.Book {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	unit := decimal.RequireFromString
	rows := []billing.Price{
		{Endpoint: "ph", Region: "*", From: from, Currency: "USD", Kind: billing.Flat,
			Tiers: []billing.Tier{{Unit: unit("0.045")}}},
		{Endpoint: "id", Region: "*", From: from, Currency: "USD", Kind: billing.Graduated, FreeQuota: 10,
			Tiers: []billing.Tier{{UpTo: 50, Unit: unit("0.043")}, {Unit: unit("0.0415")}}},
		{Endpoint: "sg", Region: "*", From: from, Currency: "SGD", Kind: billing.Volume, Minimum: unit("5"),
			Tiers: []billing.Tier{{UpTo: 20, Unit: unit("0.06")}, {Unit: unit("0.05")}}},
	}
	book, err := billing.NewBook(rows, Singapore())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// ReconciledMonth fills a database with a closed October, a November of three nights, two calls that reach the journal
// of October late, and a November statement with a row of every class.
func (f *Database) ReconciledMonth() {
	f.T.Helper()
	f.OpenMonth()
	f.Reconcile(f.Statement())
}

// OpenMonth fills a database as ReconciledMonth does, but for the statement.
func (f *Database) OpenMonth() {
	f.T.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	f.Night("lists/ids_2026-10-30.csv", append(Mixed(random, "PH", "ph", 12, 0.1, 0.3), Scored("SG", 99, "")))
	f.Close("2026-10")
	time.Sleep(time.Until(time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC)))
	for night := range 3 {
		if night == 1 {
			time.Sleep(10 * 24 * time.Hour) // away from the month's bounds
		}
		all := Mixed(random, "PH", "ph", 60, 0.1, 0.5)
		all = append(all, Mixed(random, "ID", "id", 45, 0.05, 0.2)...)
		all = append(all, Mixed(random, "VN", "sg", 20, 0.1, 0.3)...)
		all = append(all, Mixed(random, "SG", "sg", 9, 0.1, 0.3)...)
		lost := Check{Region: "PH", Endpoint: "ph", Outcome: store.Unanswered, State: store.InDoubt,
			Tag: store.TagUnknown, Cause: "timeout"}
		all = append(all, lost, lost)
		if night == 1 {
			all = append(all, Oddities()...)
		}
		f.Night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
	f.Late(1, time.Date(2026, 10, 30, 2, 0, 0, 0, time.UTC), Scored("PH", 88, ""))
	time.Sleep(time.Until(time.Date(2026, 12, 3, 2, 0, 0, 0, time.UTC)))
}

// Close closes a month without a statement.
func (f *Database) Close(month string) {
	f.T.Helper()
	p, err := calendar.ParseMonth(month, Singapore())
	f.Must(err)
	c, err := f.Store.Months().Begin(context.Background(), accounts.Closure{Month: month, ClosedAt: time.Now(),
		ClosedBy: "test", Version: "0.1.0", Settings: "{}"}, p.From, p.To)
	f.Must(err)
	f.Must(f.Store.Months().Seal(context.Background(), c.ID, time.Now(), nil))
}

// Late makes a call of an earlier run, as a spill file brings them.
func (f *Database) Late(earlier int64, at time.Time, c Check) {
	f.T.Helper()
	ctx := context.Background()
	run, _, err := f.Store.Runs().Open(ctx, "test", true)
	f.Must(err)
	numbers := f.List(run, fmt.Sprintf("lists/late_%d.csv", f.Lists), []Check{c})
	j, err := f.Store.Journal().Open(ctx, storetest.AdmitAll{}, 1)
	f.Must(err)
	in := store.Intent{CheckID: numbers[fmt.Sprintf("%d-0", f.Lists)], Attempt: 1, RunID: earlier,
		Reason: store.ReasonFirst, Endpoint: c.Endpoint, Region: c.Region, At: at, From: store.Pending}
	id, err := j.Begin(in)
	f.Must(err)
	f.Must(j.Finish(id, in, store.Result{Outcome: c.Outcome, SentAt: at, EndedAt: at.Add(time.Second),
		Code: c.Code, Pricing: c.Pricing, Tag: c.Tag, State: c.State, HTTPStatus: 200,
		TransactionID: fmt.Sprintf("%016x", id), Answer: &store.Answer{Current: true, Score: c.Score}})())
	f.Must(j.Close())
	f.Must(f.Store.Runs().Close(ctx, run, 0, "DONE", nil))
}

// November returns the calls that the statement is made from.
func (f *Database) November() []snapshot.JournalCall {
	f.T.Helper()
	p := calendar.Month(2026, 11, Singapore())
	snap, err := snapshot.Open(context.Background(), f.Store)
	f.Must(err)
	var calls []snapshot.JournalCall
	f.Must(snap.Calls().EachOfMonth(context.Background(), p.Label, p.From, p.To, func(c *snapshot.JournalCall) error {
		if !c.SentAt.Before(p.From) {
			calls = append(calls, *c)
		}
		return nil
	}))
	f.Must(snap.Close())
	return calls
}

// Statement writes a statement of November that bills what we expect, but for one row of every kind of trouble.
func (f *Database) Statement() string {
	f.T.Helper()
	lines := []string{"transaction,time,month,endpoint,region,pricing,quantity,amount,currency,kind"}
	add := func(id string, at time.Time, c snapshot.JournalCall, pricing, amount, currency string) {
		lines = append(lines, fmt.Sprintf("%s,%s,2026-11,%s,%s,%s,1,%s,%s,usage", id, at.UTC().Format(time.RFC3339),
			c.Endpoint, c.Region, pricing, amount, currency))
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
	for _, c := range f.November() {
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
			case !inside && c.Endpoint == "ph" && once("other period"),
				inside && c.Endpoint == "ph" && once("ours only"),
				inside && c.Endpoint == "sg" && once("ours only, SGD"):
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
	lines = append(lines, ",2026-11-30T00:00:00Z,2026-11,,,,0,-0.25,USD,credit",
		",2026-11-30T00:00:00Z,2026-11,,,,0,0.9137,USD,tax", "")
	path := filepath.Join(f.T.TempDir(), "statement_2026-11.csv")
	f.Must(os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return path
}

// Reconcile lays the journal beside a statement.
func (f *Database) Reconcile(path string) {
	f.T.Helper()
	book := Prices(f.T)
	f.ReconcileWith(path, book)
}

// ReconcileWith lays the journal beside a statement at the prices of a book.
func (f *Database) ReconcileWith(path string, book *billing.Book) {
	f.T.Helper()
	done, err := reconcile.Run(context.Background(), &reconcile.Task{Store: f.Store, Version: "0.1.0", Statement: path,
		Options: statement.Options{Zone: time.UTC, BillingZone: Singapore()}, Prices: book, Zone: Singapore(),
		Basis: billing.PayTag, Edge: 24 * time.Hour, Window: 15 * time.Minute,
		Settings: func(*billing.Book) string { return "{}" }})
	f.Must(err)
	if len(done.Months) != 1 || done.Months[0].Month.String() != "2026-11" {
		f.T.Fatalf("reconciled %+v", done.Months)
	}
}

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/cmd/liverecon/reports"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Whatever the prices, the amounts of a month add up to what the meter of the caps says about it.
func TestAmountsAddUpToTheMeter(t *testing.T) {
	ctx := context.Background()
	c, s := configured(t, `
[endpoint.id]
[endpoint.sg]
regions = ["SG", "*"]
[[price]]
endpoint = "id"
from = "2020-01-01"
currency = "USD"
unit = "0.03"
[[price]]
endpoint = "sg"
from = "2020-01-01"
currency = "USD"
tier_kind = "volume"
free_quota = 2
tiers = [{ up_to = 4, unit = "0.05" }, { unit = "0.01" }]
[[price]]
endpoint = "sg"
region = "VN"
from = "2020-01-01"
currency = "EUR"
unit = "0.02"
`)
	calls := map[string]int{"id ID": 3, "sg SG": 4, "sg TH": 5, "sg VN": 2}
	now := time.Now()
	cmdtest.MakeCalls(t, s, calls)

	month := calendar.MonthToDate(now, c.Zone)
	priced, err := reports.Contract(c).Amounts(ctx, s, month)
	if err != nil {
		t.Fatal(err)
	}
	floor, ceiling := billing.Amounts{}, billing.Amounts{}
	for _, a := range priced {
		floor = floor.Add(billing.Amounts{a.Currency: decimal.RequireFromString(a.Floor)})
		ceiling = ceiling.Add(billing.Amounts{a.Currency: decimal.RequireFromString(a.Ceiling)})
	}
	spent, err := spentSoFar(ctx, c, s, now)
	if err != nil {
		t.Fatal(err)
	}
	got := billing.Range{Floor: floor, Ceiling: ceiling}.String()
	if want := spent[1].Spent; got != want || got == "" {
		t.Errorf("amounts %s, the meter says %s: %+v", got, want, priced)
	}
	if len(priced) != 3 || priced[1].Region != "SG, TH" {
		t.Errorf("amounts %+v, want one each for id, sg with its pooled regions, and sg VN", priced)
	}

	// Calls before the period have used up quota and tiers, and are not in its amounts.
	tomorrow := calendar.BusinessDay(month.To, c.Zone)
	if later, err := reports.Contract(c).Amounts(ctx, s, tomorrow); err != nil || len(later) != 0 {
		t.Errorf("amounts of tomorrow %+v, %v", later, err)
	}
}

// configured is a configuration and an empty database.
func configured(t *testing.T, text string) (*config.Config, *store.Store) {
	t.Helper()
	c, err := config.Parse("t", ".", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // its directory goes with it
	return c, s
}

// A month that is closed keeps its prices, whatever the configuration says of it by then: a late call costs what it would
// have cost, and nothing is said to have changed.
func TestClosedMonthKeepsItsPrices(t *testing.T) {
	ctx := context.Background()
	const text = "[endpoint.id]\n[[price]]\nendpoint = \"id\"\nfrom = \"2020-01-01\"\ncurrency = \"USD\"\ntier_kind = \"graduated\"\ntiers = [{ up_to = 2, unit = \"0.05\" }, { unit = \"0.03\" }]\n"
	c, s := configured(t, text)
	now := time.Now()
	cmdtest.MakeCalls(t, s, map[string]int{"id ID": 2})
	month := c.Prices.PeriodOf(now)
	from, to := month.Bounds(c.BillingZone)
	run := int64(1)
	if err := s.Prices().Use(ctx, accounts.PriceUse{RunID: run, Since: now, Book: c.Prices.String()}, from, to); err != nil {
		t.Fatal(err)
	}
	if err := s.Runs().Close(ctx, run, 0, "DONE", nil); err != nil {
		t.Fatal(err)
	}
	closure, err := s.Months().Begin(ctx, accounts.Closure{Month: month.String(), ClosedAt: now, ClosedBy: "test", Settings: c.BillingSettings(c.Prices)}, from, to)
	if err == nil {
		err = s.Months().Seal(ctx, closure.ID, now, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	edited, err := config.Parse("t", ".", []byte(strings.ReplaceAll(text, "0.03", "7")))
	if err != nil {
		t.Fatal(err)
	}
	changed, same, err := usage.ComparePrices(ctx, s, edited.Prices, billing.PayTag)
	if err != nil || same || changed.String() != "" {
		t.Errorf("of a closed month it is said: %q, same: %v, %v", changed, same, err)
	}
	cmdtest.ListCalls(t, s, "late", map[string]int{"id ID": 1})
	if err := reconcile.BookCorrections(ctx, reconcileTask(edited, s)); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close() //nolint:errcheck // read only
	next := c.Prices.PeriodOf(to)
	late, err := snap.Months().Corrections(ctx, next.String())
	if err != nil || len(late) != 1 || late[0].Amount != "0.03" || late[0].Currency != "USD" {
		t.Errorf("corrections %+v, %v: want the late call at 0.03", late, err)
	}

	// Opened again, it is a month as any.
	if _, err := s.Months().Reopen(ctx, month.String(), "test", "why", now); err != nil {
		t.Fatal(err)
	}
	changed, _, err = usage.ComparePrices(ctx, s, edited.Prices, billing.PayTag)
	want := fmt.Sprintf("prices changed for %s: USD 7.10 was USD 0.13 (USD +6.97)", month)
	if err != nil || changed.String() != want {
		t.Errorf("of the month opened again it is said: %q, %v; want %q", changed, err, want)
	}
}

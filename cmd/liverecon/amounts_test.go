package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report"
	"liverecon/store"
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
	makeCalls(t, s, calls)

	month := report.MonthToDate(now, c.zone)
	amounts, err := c.amounts(ctx, s, month)
	if err != nil {
		t.Fatal(err)
	}
	floor, ceiling := billing.Amounts{}, billing.Amounts{}
	for _, a := range amounts {
		floor = floor.Add(billing.Amounts{a.Currency: decimal.RequireFromString(a.Floor)})
		ceiling = ceiling.Add(billing.Amounts{a.Currency: decimal.RequireFromString(a.Ceiling)})
	}
	spent, err := spend(ctx, c, s, now)
	if err != nil {
		t.Fatal(err)
	}
	got := billing.Range{Floor: floor, Ceiling: ceiling}.String()
	if want := spent[1].Spent; got != want || got == "" {
		t.Errorf("amounts %s, the meter says %s: %+v", got, want, amounts)
	}
	if len(amounts) != 3 || amounts[1].Region != "SG, TH" {
		t.Errorf("amounts %+v, want one each for id, sg with its pooled regions, and sg VN", amounts)
	}

	// Calls before the period have used up quota and tiers, and are not in its amounts.
	tomorrow := report.BusinessDay(month.To, c.zone)
	if later, err := c.amounts(ctx, s, tomorrow); err != nil || len(later) != 0 {
		t.Errorf("amounts of tomorrow %+v, %v", later, err)
	}
}

// configured is a configuration and an empty database.
func configured(t *testing.T, text string) (*config, *store.Store) {
	t.Helper()
	c, err := parseConfig("t", ".", []byte(text))
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

// makeCalls stores calls by endpoint and region; every third answer is lost, the others are tagged PAY.
func makeCalls(t *testing.T, s *store.Store, calls map[string]int) {
	t.Helper()
	ctx := context.Background()
	run, _, err := s.OpenRun(ctx, "test", true)
	if err != nil {
		t.Fatal(err)
	}
	intake, err := s.BeginIntake(ctx)
	if err != nil {
		t.Fatal(err)
	}
	line := 1
	for place, n := range calls {
		for range n {
			line++
			if err := intake.Row(store.ListedRow{Line: line, Kind: "signatureId", ID: string(rune('a' + line)), Region: place[3:], Endpoint: place[:2]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := intake.Commit(ctx, run, store.List{Path: "t", Fingerprint: "t", ReadAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	journal, err := s.OpenJournal(ctx, admitAll{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for place := range calls {
		checks, err := s.OpenChecks(ctx, place[:2], place[3:], store.Pending, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range checks {
			makeCall(t, journal, run, c, i%3 == 2)
		}
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
}

func makeCall(t *testing.T, journal *store.Journal, run int64, c store.Check, lost bool) {
	t.Helper()
	now := time.Now()
	in := store.Intent{CheckID: c.ID, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: c.Endpoint, Region: c.Region, At: now, From: store.Pending}
	id, err := journal.Begin(in)
	if err != nil {
		t.Fatal(err)
	}
	result := store.Result{Outcome: store.Answered, SentAt: now, EndedAt: now, Code: "SUCCESS", Pricing: "PAY", Tag: store.TagPay, State: store.Done, Answer: &store.Answer{Standing: true}}
	if lost {
		result = store.Result{Outcome: store.Unanswered, Cause: "reset", SentAt: now, EndedAt: now, Tag: store.TagUnknown, State: store.InDoubt, Doubtful: true}
	}
	if err := journal.Finish(id, in, result)(); err != nil {
		t.Fatal(err)
	}
}

// admitAll is an admission without limits.
type admitAll struct{}

func (admitAll) Admit(store.Intent) error                { return nil }
func (admitAll) Settle(store.Intent, store.Result, bool) {}

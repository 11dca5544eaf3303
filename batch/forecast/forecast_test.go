package forecast_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/forecast"
	"liverecon/store"
)

var singapore = time.FixedZone("Asia/Singapore", 8*3600)

// book has one price, of USD 0.10 a call, 0.05 from the 1,000th of a month on where it has tiers.
func book(t *testing.T, tiers bool) *billing.Book {
	t.Helper()
	d := decimal.RequireFromString
	p := billing.Price{Endpoint: "sg", Region: "*", From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: d("0.1")}}}
	if tiers {
		p.Kind, p.Tiers = billing.Graduated, []billing.Tier{{UpTo: 1000, Unit: d("0.1")}, {Unit: d("0.05")}}
	}
	b, err := billing.NewBook([]billing.Price{p}, singapore)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// nights makes paid calls, one a day at two in the morning, from a day on; calls tells how many.
func nights(from time.Time, days int, calls func(day time.Time) int64) (all []store.Usage) {
	for n := range days {
		day := from.AddDate(0, 0, n)
		all = append(all, store.Usage{Quarter: day.Add(2 * time.Hour), Endpoint: "sg", Region: "SG", Outcome: store.Answered, Tag: store.TagPay,
			Code: "SUCCESS", Calls: calls(day)})
	}
	return all
}

// TestWarnings: what a cap of the month is said to be near to, and that nothing is said where it is not.
func TestWarnings(t *testing.T) {
	first := time.Date(2026, 10, 20, 0, 0, 0, 0, singapore) // a Tuesday
	day := func(n int) time.Time { return time.Date(2026, 11, n, 3, 0, 0, 0, singapore) }
	always := func(n int64) func(time.Time) int64 { return func(time.Time) int64 { return n } }
	weekdays := func(at time.Time) int64 {
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			return 0
		}
		return 100
	}
	uneven := func(at time.Time) int64 { return 60 + 80*int64(at.Day()%2) }
	for _, c := range []struct {
		name  string
		calls func(time.Time) int64
		now   time.Time
		cap   string
		tiers bool
		want  string
	}{
		// 100 calls of USD 0.10 a day: USD 10 a day, 120 by the 12th, 300 by the 30th
		{"above the month", always(100), day(12), "300", false, ""},
		{"a cent below the month", always(100), day(12), "299.99", false, "spend_per_month of USD 299.99 is likely to be reached about 30 November"},
		{"the next night", always(100), day(12), "129.99", false, "spend_per_month of USD 129.99 is likely to be reached about 13 November"},
		{"used up", always(100), day(12), "120", false, ""},
		{"on the last day nothing is to come", always(100), day(30), "299", false, ""},
		{"too few days to go by", always(100), time.Date(2026, 11, 1, 3, 0, 0, 0, singapore), "200", false, ""},
		{"weekends are none", weekdays, day(13), "105", false, "spend_per_month of USD 105.00 is likely to be reached about 16 November"},
		{"the level varies, and the cap is within the interval", uneven, day(12), "297", false, "spend_per_month of USD 297.00 may be reached about 30 November"},
		{"and below it", uneven, day(12), "200", false, "spend_per_month of USD 200.00 is likely to be reached about 20 November"},
		{"and above what is expected", uneven, day(12), "310", false, ""},
		// further calls are cheaper: USD 100 by the 10th, 110 by the 12th
		{"tiers", always(100), day(12), "115", true, "spend_per_month of USD 115.00 is likely to be reached about 13 November"},
	} {
		limit, err := billing.ParseCap("spend_per_month", "USD "+c.cap)
		if err != nil {
			t.Fatal(err)
		}
		calls := nights(first, 60, c.calls)
		for i, u := range calls {
			if u.Quarter.After(c.now) {
				calls = calls[:i]
				break
			}
		}
		m := forecast.Month{Prices: book(t, c.tiers), Basis: billing.PayTag, Now: c.now}
		spent := spentIn(m, calls)
		if got := strings.Join(m.Warnings(calls, limit, spent), "; "); got != c.want {
			t.Errorf("%s: %q, want %q (spent %s)", c.name, got, c.want, spent)
		}
	}
}

// spentIn adds up what the month's calls cost.
func spentIn(m forecast.Month, calls []store.Usage) billing.Amounts {
	meter := billing.NewMeter(m.Prices, billing.Caps{}, m.Now)
	for _, u := range calls {
		meter.Seed(u.Endpoint, u.Region, u.Quarter, u.Calls, 0)
	}
	return meter.Month().Capped()
}

// TestWarningsComeTrue plays months of nights that vary, with caps around what they come to: of those called likely to be
// reached at least 19 of 20 are, and of those that are reached none was without a word on the evening before it was,
// but where nights vary so much that it was less likely than not.
func TestWarningsComeTrue(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 29))
	first := time.Date(2026, 10, 1, 0, 0, 0, 0, singapore)
	var likely, likelyReached, reached, silent int
	for range 120 {
		level, spread := 50+r.Int64N(200), 1+r.Int64N(60)
		all := nights(first, 61, func(time.Time) int64 { return max(0, level+r.Int64N(2*spread+1)-spread) })
		limit, err := billing.ParseCap("spend_per_month", fmt.Sprintf("USD %d", max(1, level*(24+r.Int64N(12))/10)))
		if err != nil {
			t.Fatal(err)
		}
		cap := limit.Limit["USD"]
		whole := forecast.Month{Prices: book(t, false), Basis: billing.PayTag, Now: first.AddDate(0, 0, 60).Add(3 * time.Hour)}
		over := spentIn(whole, all).Money()[0].Amount.GreaterThan(cap)
		last := ""
		for n := 42; n < 60; n++ {
			m := whole
			m.Now = first.AddDate(0, 0, n).Add(3 * time.Hour)
			spent := spentIn(m, all[:n+1])
			if spent["USD"].GreaterThanOrEqual(cap) {
				break
			}
			last = strings.Join(m.Warnings(all[:n+1], limit, spent), "")
			if n == 42 && strings.Contains(last, "likely") {
				likely++
				if over {
					likelyReached++
				}
			}
		}
		if over {
			reached++
			if last == "" {
				silent++
			}
		}
	}
	t.Logf("%d of %d called likely were reached; %d of %d reached without a word", likelyReached, likely, silent, reached)
	if likely < 30 || 20*likelyReached < 19*likely {
		t.Errorf("%d of %d called likely were reached", likelyReached, likely)
	}
	if reached < 40 || 20*silent > reached {
		t.Errorf("%d of %d were reached without a word", silent, reached)
	}
}

package main

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/cmd/liverecon/reports"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// The least that a whole month costs is what reconciling counts for us under the contract's reading, monthly minimums
// included, whatever the reading.
func TestAmountsAreWhatReconcilingCounts(t *testing.T) {
	for _, basis := range billing.Bases() {
		t.Run(string(basis), func(t *testing.T) {
			ctx := context.Background()
			c, s := configured(t, `
[endpoint.id]
[endpoint.sg]
regions = ["SG", "*"]
[endpoint.th]
[billing]
reading = "`+string(basis)+`"
[[price]]
endpoint = "id"
from = "2020-01-01"
currency = "USD"
unit = "0.03"
minimum = "0.10"
[[price]]
endpoint = "sg"
from = "2020-01-01"
currency = "USD"
tier_kind = "graduated"
free_quota = 1
tiers = [{ up_to = 2, unit = "0.05" }, { unit = "0.01" }]
[[price]]
endpoint = "th"
from = "2020-01-01"
currency = "THB"
unit = "1"
minimum = "500"
`)
			cmdtest.MakeCalls(t, s, map[string]int{"id ID": 4, "sg SG": 5, "sg VN": 2})
			now := time.Now()
			month := c.Prices.PeriodOf(now)
			period, err := calendar.ParseMonth(month.String(), c.BillingZone)
			if err != nil {
				t.Fatal(err)
			}
			priced, err := reports.Contract(c).Amounts(ctx, s, period)
			if err != nil {
				t.Fatal(err)
			}
			got := billing.Amounts{}
			for _, a := range priced {
				got = got.Add(billing.Amounts{a.Currency: decimal.RequireFromString(a.Floor)})
			}
			snap, err := snapshot.Open(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			defer snap.Close() //nolint:errcheck // only read from
			counted, err := reconcile.CountMonth(ctx, snap, c.Prices, c.BillingZone, month, basis)
			if err != nil {
				t.Fatal(err)
			}
			want := counted.Minimum
			for _, n := range counted.Bases {
				if n.Basis == basis {
					want = want.Add(billing.Amounts{n.Currency: n.Amount})
				}
			}
			if got.String() != want.String() || got["THB"].String() != "500" {
				t.Errorf("%s, reconciling counts %s: %+v", got, want, priced)
			}
			if day, err := reports.Contract(c).Amounts(ctx, s, calendar.BusinessDay(now, c.BillingZone)); err != nil || len(day) == 0 || len(day) > 2 {
				t.Errorf("a day owes no minimum: %+v, %v", day, err)
			}
		})
	}
}

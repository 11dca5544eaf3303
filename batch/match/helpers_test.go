package match

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func tiers(list ...billing.Tier) []billing.Tier { return list }

func upTo(n int64, unit string) billing.Tier { return billing.Tier{UpTo: n, Unit: dec(unit)} }

func beyond(unit string) billing.Tier { return billing.Tier{Unit: dec(unit)} }

// flat is a valid row to build others from.
func flat(endpoint, region, from, unit string) billing.Price {
	return billing.Price{Endpoint: endpoint, Region: region, From: date(from), Currency: "USD", Kind: billing.Flat, Tiers: tiers(beyond(unit))}
}

func mustBook(t testing.TB, z *time.Location, prices ...billing.Price) *billing.Book {
	t.Helper()
	for i := range prices {
		prices[i].Line = i + 1
	}
	b, err := billing.NewBook(prices, z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// randomPrice has short tiers, falling, rising or both, so that small counts cross them.
func randomPrice(r *rand.Rand, kind billing.TierKind) billing.Price {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers = kind, nil
	p.FreeQuota = max(0, r.Int64N(12)-6)
	if kind != billing.Flat {
		limit := int64(0)
		for range r.IntN(4) {
			limit += 1 + r.Int64N(6)
			p.Tiers = append(p.Tiers, billing.Tier{UpTo: limit, Unit: decimal.New(r.Int64N(100), -2)})
		}
	}
	p.Tiers = append(p.Tiers, billing.Tier{UpTo: 0, Unit: decimal.New(r.Int64N(100), -2)})
	return p
}

var kinds = []billing.TierKind{billing.Flat, billing.Graduated, billing.Volume}

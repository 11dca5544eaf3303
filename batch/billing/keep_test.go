package billing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// A month stays at the prices that it was priced with: an edit of one is said and not taken, a price for what had none is,
// and an edit that begins in another month is none of this one.
func TestKeep(t *testing.T) {
	row := func(endpoint, region, from, to, unit string) billing.Price {
		p := billing.Price{Endpoint: endpoint, Region: region, Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: decimal.RequireFromString(unit)}}}
		for text, at := range map[string]*time.Time{from: &p.From, to: &p.To} {
			if text != "" {
				*at, _ = time.Parse(time.DateOnly, text)
			}
		}
		return p
	}
	book := func(rows ...billing.Price) *billing.Book {
		for i := range rows {
			rows[i].Line = i + 1
		}
		b, err := billing.NewBook(rows, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	month := billing.Period{Year: 2026, Month: time.November}
	for name, tt := range map[string]struct {
		was, is *billing.Book
		differs bool
		prices  string // of id SG and id PH and sg SG on 10 November
	}{
		"the same":                    {book(row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "", "3")), false, "3 3 -"},
		"an edit":                     {book(row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "", "4")), true, "3 3 -"},
		"a price taken out":           {book(row("id", "*", "2026-01-01", "", "3")), book(), true, "3 3 -"},
		"a region's of its own":       {book(row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "", "3"), row("id", "PH", "2026-01-01", "", "4")), true, "3 3 -"},
		"from another month on":       {book(row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "2026-12-01", "3"), row("id", "*", "2026-12-01", "", "4")), false, "3 3 -"},
		"within the month":            {book(row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "2026-11-05", "3"), row("id", "*", "2026-11-05", "", "4")), true, "3 3 -"},
		"the first price":             {book(), book(row("id", "*", "2026-01-01", "", "3")), false, "3 3 -"},
		"another endpoint's":          {book(row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "", "3"), row("sg", "*", "2026-01-01", "", "5")), false, "3 3 5"},
		"an edit and a first price":   {book(row("id", "SG", "2026-01-01", "", "3")), book(row("id", "SG", "2026-01-01", "", "4"), row("id", "*", "2026-01-01", "", "5"), row("sg", "*", "2026-01-01", "", "6")), true, "3 5 6"},
		"an edit of a month long ago": {book(row("id", "*", "2025-01-01", "2026-01-01", "2"), row("id", "*", "2026-01-01", "", "3")), book(row("id", "*", "2026-01-01", "", "3")), false, "3 3 -"},
	} {
		got, differs, err := tt.is.Keep(month, tt.was)
		if err != nil || differs != tt.differs {
			t.Errorf("%s: differs %v: %v", name, differs, err)
			continue
		}
		var prices []string
		for _, at := range []billing.Route{{Endpoint: "id", Region: "SG"}, {Endpoint: "id", Region: "PH"}, {Endpoint: "sg", Region: "SG"}} {
			text := "-"
			if p, ok := got.Lookup(at.Endpoint, at.Region, time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)); ok {
				text = p.Unit(1).String()
			}
			prices = append(prices, text)
		}
		if all := strings.Join(prices, " "); all != tt.prices {
			t.Errorf("%s: %s, want %s", name, all, tt.prices)
		}
	}
}

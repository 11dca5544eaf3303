package finance

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Price is one row of the price book, as plain data: what the calls of one endpoint and region cost between two moments.
type Price struct {
	Endpoint  string
	Region    string    // ISO 3166 alpha-2, or "*" for those without a row of their own
	From      time.Time // inclusive
	To        time.Time // exclusive; zero: open
	Currency  string    // ISO 4217
	Kind      string    // flat, graduated or volume
	Tiers     []Tier
	FreeQuota int64  // calls a month that cost nothing
	Minimum   string // least amount a month, decimal text; "" or "0" for none
}

// Tier is a unit price, decimal text, up to and including the UpTo-th call of the month beyond the free quota; UpTo 0 is
// without limit.
type Tier struct {
	UpTo int64
	Unit string
}

// volume is the kind of tiers in which the tier reached prices all calls of the month.
const volume = "volume"

// priceRow is a Price that was read.
type priceRow struct {
	Price
	units   []decimal.Decimal // of the tiers
	minimum decimal.Decimal
}

// readPrices refuses a row whose amounts are no decimals: nothing unreadable becomes zero.
func readPrices(prices []Price) ([]*priceRow, error) {
	var rows []*priceRow
	for _, p := range prices {
		row := &priceRow{Price: p}
		if p.Minimum != "" {
			d, err := decimal.NewFromString(p.Minimum)
			if err != nil {
				return nil, fmt.Errorf("minimum %q of %s %s: %w", p.Minimum, p.Endpoint, p.Region, err)
			}
			row.minimum = d
		}
		if len(p.Tiers) == 0 {
			return nil, fmt.Errorf("price of %s %s: no tier", p.Endpoint, p.Region)
		}
		for _, t := range p.Tiers {
			d, err := decimal.NewFromString(t.Unit)
			if err != nil {
				return nil, fmt.Errorf("unit price %q of %s %s: %w", t.Unit, p.Endpoint, p.Region, err)
			}
			row.units = append(row.units, d)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// lookup finds the row in force at a moment, one for exactly the region before one for "*"; nil when there is none.
func lookup(rows []*priceRow, endpoint, region string, at time.Time) *priceRow {
	for _, r := range []string{region, "*"} {
		for _, p := range rows {
			if p.Endpoint == endpoint && p.Region == r && !at.Before(p.From) && (p.To.IsZero() || at.Before(p.To)) {
				return p
			}
		}
	}
	return nil
}

// slice is a number of calls at one unit price.
type slice struct {
	calls int64
	unit  decimal.Decimal
}

// slices prices n calls after the first before ones of a month that has total ones: the free quota first, then tier after
// tier; where the tier reached prices all calls, every call at its price.
func (p *priceRow) slices(before, n, total int64) []slice {
	var all []slice
	at, end := before, before+n
	take := func(upTo int64, unit decimal.Decimal) {
		if upTo = min(upTo, end); upTo > at {
			all = append(all, slice{upTo - at, unit})
			at = upTo
		}
	}
	take(p.FreeQuota, decimal.Decimal{})
	if p.Kind == volume {
		take(end, p.reached(total))
		return all
	}
	for i, t := range p.Tiers {
		upTo := end
		if t.UpTo != 0 {
			upTo = p.FreeQuota + t.UpTo
		}
		take(upTo, p.units[i])
	}
	return all
}

// reached is the unit price of the tier that holds the last of total calls.
func (p *priceRow) reached(total int64) decimal.Decimal {
	for i, t := range p.Tiers {
		if t.UpTo == 0 || total-p.FreeQuota <= t.UpTo {
			return p.units[i]
		}
	}
	return p.units[len(p.units)-1]
}

// cost is what the first n calls of a month cost together, without the minimum.
func (p *priceRow) cost(n int64) decimal.Decimal {
	var sum decimal.Decimal
	for _, s := range p.slices(0, n, n) {
		sum = sum.Add(s.unit.Mul(decimal.NewFromInt(s.calls)))
	}
	return sum
}

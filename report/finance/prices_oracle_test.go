package finance

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
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

// tolerance is the difference that is not worth a question. The zero tolerance takes equality alone.
type tolerance struct{ abs, rel *decimal.Decimal }

// readTolerance reads an amount and a share, each decimal text or "" for none.
func readTolerance(abs, rel string) (t tolerance, err error) {
	read := func(name, text string) (*decimal.Decimal, error) {
		if text == "" {
			return nil, nil
		}
		d, err := decimal.NewFromString(text)
		if err != nil {
			return nil, fmt.Errorf("%s tolerance %q: %w", name, text, err)
		}
		return &d, nil
	}
	if t.abs, err = read("absolute", abs); err != nil {
		return t, err
	}
	t.rel, err = read("relative", rel)
	return t, err
}

// holds says whether a difference is within the tolerance: every limit holds that is set, and without one the difference
// is zero.
func (t tolerance) holds(difference, ours decimal.Decimal) bool {
	if t == (tolerance{}) {
		return difference.IsZero()
	}
	d := difference.Abs()
	return (t.abs == nil || d.LessThanOrEqual(*t.abs)) && (t.rel == nil || d.LessThanOrEqual(t.rel.Mul(ours.Abs())))
}

func (t tolerance) String() string {
	switch {
	case t == tolerance{}:
		return "none: any difference counts"
	case t.rel == nil:
		return t.abs.String() + " in each currency"
	case t.abs == nil:
		return t.rel.Shift(2).String() + "% of our amount"
	}
	return t.abs.String() + " in each currency, and " + t.rel.Shift(2).String() + "% of our amount"
}

// randomPlain is a row with short tiers, falling, rising or both, so that small counts cross them.
func randomPlain(r *rand.Rand, endpoint, region string, from time.Time) Price {
	p := Price{Endpoint: endpoint, Region: region, From: from, Currency: "USD", Kind: []string{"flat", "graduated", "volume"}[r.IntN(3)]}
	p.FreeQuota = max(0, r.Int64N(12)-6)
	if r.IntN(2) == 0 {
		p.Minimum = decimal.New(r.Int64N(300), -2).String()
	}
	limit := int64(0)
	for range r.IntN(4) {
		if p.Kind == "flat" {
			break
		}
		limit += 1 + r.Int64N(6)
		p.Tiers = append(p.Tiers, Tier{limit, decimal.New(r.Int64N(100), -2).String()})
	}
	p.Tiers = append(p.Tiers, Tier{0, decimal.New(r.Int64N(100), -2).String()})
	return p
}

// TestOnePriceBook prices random usage of random books by the price book and by the workbook's former copy of it.
func TestOnePriceBook(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 11))
		var plain []Price
		var rows []billing.Price
		for _, endpoint := range []string{"ph", "sg"} {
			for _, region := range []string{"*", "PH", "SG"}[:1+r.IntN(3)] {
				p := randomPlain(r, endpoint, region, time.Date(2026, 1, 1, 0, 0, 0, 0, singapore()))
				if r.IntN(3) == 0 {
					p.To = time.Date(2026, 11, 1+r.IntN(28), 0, 0, 0, 0, singapore())
				}
				plain = append(plain, p)
				row := billing.Price{Endpoint: endpoint, Region: region, From: p.From, To: p.To, Currency: p.Currency, Kind: billing.TierKind(p.Kind), FreeQuota: p.FreeQuota}
				if p.Minimum != "" {
					row.Minimum = decimal.RequireFromString(p.Minimum)
				}
				for _, tier := range p.Tiers {
					row.Tiers = append(row.Tiers, billing.Tier{UpTo: tier.UpTo, Unit: decimal.RequireFromString(tier.Unit)})
				}
				rows = append(rows, row)
			}
		}
		book, err := billing.NewBook(rows, singapore())
		if err != nil {
			t.Fatal(err)
		}
		old, err := readPrices(plain)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			endpoint, region := []string{"ph", "sg", "th"}[r.IntN(3)], []string{"PH", "SG", "TH"}[r.IntN(3)]
			at := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(40*24*60)) * time.Minute)
			want := lookup(old, endpoint, region, at)
			got, priced := book.Lookup(endpoint, region, at)
			if priced != (want != nil) || priced && (got.Region != want.Region || !got.Minimum.Equal(want.minimum)) {
				t.Fatalf("seed %d: %s %s at %s: %+v, the copy had %+v", seed, endpoint, region, at, got, want)
			}
			if !priced {
				continue
			}
			before, n := r.Int64N(20), r.Int64N(20)
			total := before + n + r.Int64N(20)
			if !got.Cost(total).Equal(want.cost(total)) {
				t.Fatalf("seed %d: %+v: %d calls cost %s, %s by the copy", seed, got, total, got.Cost(total), want.cost(total))
			}
			a, b := got.Slices(before, n, total), want.slices(before, n, total)
			if len(a) != len(b) {
				t.Fatalf("seed %d: %+v: slices %v, %v by the copy", seed, got, a, b)
			}
			for i := range a {
				if a[i].Calls != b[i].calls || a[i].Unit.String() != b[i].unit.String() {
					t.Fatalf("seed %d: %+v: slices %v, %v by the copy", seed, got, a, b)
				}
			}
		}
	}
}

// TestOneTolerance compares with the workbook's former copy.
func TestOneTolerance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 12))
	for range 5000 {
		abs, rel := []string{"", "0", "0.5", "1.25"}[r.IntN(4)], []string{"", "0", "0.001", "0.0125"}[r.IntN(4)]
		old, err := readTolerance(abs, rel)
		if err != nil {
			t.Fatal(err)
		}
		limits, err := billing.ParseTolerance(abs, rel)
		if err != nil {
			t.Fatal(err)
		}
		d, ours := decimal.New(r.Int64N(400)-200, -2), decimal.New(r.Int64N(20000)-10000, -2)
		if got, want := limits.Allows(d.Abs(), ours), old.holds(d, ours); got != want || limits.String() != old.String() {
			t.Fatalf("%s, %s: %s of %s: %t, %t by the copy; %q, %q", abs, rel, d, ours, got, want, limits, old)
		}
	}
}

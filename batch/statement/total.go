package statement

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// GrandTotal represents a vendor's own total over several months, which is no month's own
// to be matched, beside the lines it is about.
type GrandTotal struct {
	Line       int
	Currency   string
	Stated     decimal.Decimal
	Lines      decimal.Decimal // with or without tax, whichever is nearer to what is stated
	Difference decimal.Decimal // Stated less Lines
	Calls      int64           // what it says beyond its lines; 0 where it gives no quantity
}

// Ties reports whether the total is what its lines add up to.
func (t GrandTotal) Ties() bool { return t.Difference.IsZero() && t.Calls == 0 }

// Within reports whether the difference is tolerable.
func (t GrandTotal) Within(limits billing.Tolerance) bool {
	return limits.Allows(t.Difference.Abs(), t.Lines) && (t.Calls == 0 || limits.Abs.Valid || limits.Rel.Valid)
}

// GrandTotals adds up a statement's lines for its totals over several months.
type GrandTotals struct {
	sums   map[sumKey]LineSum
	totals []Line
}

type sumKey struct {
	route    billing.Route
	currency string
}

// LineSum represents the sum of the lines of one endpoint, region and currency.
type LineSum struct {
	Net, Tax decimal.Decimal
	Quantity int64 // of usage
	Credited int64 // less than 0: calls that credits take back
	Others   int64 // units of other products
	Listed   int64 // calls of lines that bill nothing
}

// AddUsage adds a line of usage.
func (s *LineSum) AddUsage(amount decimal.Decimal, quantity int64, bills bool) {
	s.Net = s.Net.Add(amount)
	if bills {
		s.Quantity += quantity
	} else {
		s.Listed += quantity
	}
}

// AddOther adds a line of another product.
func (s *LineSum) AddOther(amount decimal.Decimal, quantity int64) {
	s.Net, s.Others = s.Net.Add(amount), s.Others+quantity
}

// CallsBeside returns by how much a stated number of calls differs from the lines. Vendors add up the calls of their
// credits, take them off, or leave them out, and add the units of other products and the calls that are only listed, or
// leave them out: what comes nearest is meant.
func (s LineSum) CallsBeside(stated int64) int64 {
	nearest := stated - s.Quantity
	for _, others := range []int64{0, s.Others, s.Listed, s.Others + s.Listed} {
		for _, credited := range []int64{0, s.Credited, -s.Credited} {
			if n := stated - s.Quantity - others - credited; max(n, -n) < max(nearest, -nearest) {
				nearest = n
			}
		}
	}
	return nearest
}

// Add takes one line of a statement, in any order.
func (g *GrandTotals) Add(l *Line) {
	k := sumKey{billing.Route{Endpoint: l.Endpoint, Region: l.Region}, l.Currency}
	s := g.sums[k]
	switch {
	case l.Kind == Total && l.Month == billing.Period{} && !l.Other:
		g.totals = append(g.totals, *l)
		return
	case l.Kind == Total:
		return
	case l.Other:
		s.AddOther(l.Amount, l.Quantity)
	case l.Kind == Tax:
		s.Tax = s.Tax.Add(l.Amount)
	case l.Kind == Credit:
		s.Net, s.Credited = s.Net.Add(l.Amount), s.Credited+l.Quantity
	default:
		s.AddUsage(l.Amount, l.Quantity, IsBill(l.Amount, l.Quantity, l.Pricing))
	}
	if g.sums == nil {
		g.sums = map[sumKey]LineSum{}
	}
	g.sums[k] = s
}

// Totals returns the totals over several months, in the order they were added.
func (g *GrandTotals) Totals() []GrandTotal {
	var all []GrandTotal
	for i := range g.totals {
		l := &g.totals[i]
		s := g.under(l)
		t := GrandTotal{Line: l.Number, Currency: l.Currency, Stated: l.Amount, Lines: s.Net}
		if gross := s.Net.Add(s.Tax); l.Amount.Sub(gross).Abs().LessThan(l.Amount.Sub(s.Net).Abs()) {
			t.Lines = gross
		}
		t.Difference = t.Stated.Sub(t.Lines)
		if l.Quantity != 0 {
			t.Calls = s.CallsBeside(l.Quantity)
		}
		all = append(all, t)
	}
	return all
}

// under adds up the lines that a total is about.
func (g *GrandTotals) under(t *Line) LineSum {
	var all LineSum
	at := billing.Route{Endpoint: t.Endpoint, Region: t.Region}
	for k, s := range g.sums {
		if k.currency == t.Currency && at.Suits(k.route) {
			all = LineSum{all.Net.Add(s.Net), all.Tax.Add(s.Tax), all.Quantity + s.Quantity, all.Credited + s.Credited,
				all.Others + s.Others, all.Listed + s.Listed}
		}
	}
	return all
}

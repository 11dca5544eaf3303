package billing

import "github.com/shopspring/decimal"

// GrandTotal is a vendor's own total over several months, which is no month's own
// to be matched, beside the lines it is about.
type GrandTotal struct {
	Line       int
	Currency   string
	Stated     decimal.Decimal
	Lines      decimal.Decimal // with or without tax, whichever is nearer to what is stated
	Difference decimal.Decimal // Stated less Lines
	Calls      int64           // what it says beyond its lines; 0 where it gives no quantity
}

// Ties says whether the total is what its lines add up to.
func (t GrandTotal) Ties() bool { return t.Difference.IsZero() && t.Calls == 0 }

// Within says whether the difference is tolerable.
func (t GrandTotal) Within(limits Tolerance) bool {
	return limits.allows(t.Difference.Abs(), t.Lines) && (t.Calls == 0 || limits.Abs.Valid || limits.Rel.Valid)
}

// GrandTotals adds up a statement's lines for its totals over several months.
type GrandTotals struct {
	sums   map[sumKey]lineSum
	totals []StatementLine
}

type sumKey struct {
	place    place
	currency string
}

type lineSum struct {
	net, tax decimal.Decimal
	quantity int64 // of usage
	credited int64 // less than 0: calls that credits take back
}

// callsBeside is by how much a stated number of calls differs from the lines. Vendors
// add up the calls of their credits, take them off, or leave them out: what comes
// nearest is meant.
func (s lineSum) callsBeside(stated int64) int64 {
	without := stated - s.quantity
	nearest := without
	for _, credited := range []int64{s.credited, -s.credited} {
		if n := without - credited; max(n, -n) < max(nearest, -nearest) {
			nearest = n
		}
	}
	return nearest
}

// Add takes one line of a statement, in any order.
func (g *GrandTotals) Add(l *StatementLine) {
	k := sumKey{place{l.Endpoint, l.Region}, l.Currency}
	s := g.sums[k]
	switch {
	case l.Kind == Total && l.Month == Period{}:
		g.totals = append(g.totals, *l)
		return
	case l.Kind == Total:
		return
	case l.Kind == Tax:
		s.tax = s.tax.Add(l.Amount)
	default:
		s.net = s.net.Add(l.Amount)
		if l.Kind == Credit {
			s.credited += l.Quantity
		} else if isBill(l.Amount, l.Quantity, l.Pricing) {
			s.quantity += l.Quantity
		}
	}
	if g.sums == nil {
		g.sums = map[sumKey]lineSum{}
	}
	g.sums[k] = s
}

// Totals are the totals over several months, in the order they were added.
func (g *GrandTotals) Totals() []GrandTotal {
	var all []GrandTotal
	for i := range g.totals {
		l := &g.totals[i]
		s := g.under(l)
		t := GrandTotal{Line: l.Line, Currency: l.Currency, Stated: l.Amount, Lines: s.net}
		if gross := s.net.Add(s.tax); l.Amount.Sub(gross).Abs().LessThan(l.Amount.Sub(s.net).Abs()) {
			t.Lines = gross
		}
		t.Difference = t.Stated.Sub(t.Lines)
		if l.Quantity != 0 {
			t.Calls = s.callsBeside(l.Quantity)
		}
		all = append(all, t)
	}
	return all
}

// under adds up the lines that a total is about.
func (g *GrandTotals) under(t *StatementLine) lineSum {
	var all lineSum
	at := place{t.Endpoint, t.Region}
	for k, s := range g.sums {
		if k.currency == t.Currency && at.suits(k.place) {
			all = lineSum{all.net.Add(s.net), all.tax.Add(s.tax), all.quantity + s.quantity, all.credited + s.credited}
		}
	}
	return all
}

package match

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// BasisGap sets one reading beside the statement. The gap is theirs less ours.
type BasisGap struct {
	Basis          billing.Basis
	Endpoint       string // "" where the statement names none
	Currency       string // "" without a price, and on statements in several currencies
	OurQuantity    int64
	OurAmount      decimal.Decimal // of the calls
	Minimum        decimal.Decimal // what monthly minimums add to it
	InDoubt        int64           // calls that the reading may count as well
	LeastWithDoubt decimal.Decimal // OurAmount, or with all doubts where that is less
	MostWithDoubt  decimal.Decimal // OurAmount, or with all doubts where that is more
	TheirQuantity  int64
	TheirAmount    decimal.Decimal // usage alone: no credits, no tax, neither beside it nor included
	Priced         bool
	Contradictions
	Fits bool // nothing of the statement contradicts the reading
}

// Contradictions holds what a reading cannot explain: lines that bill calls which it does not charge, and calls that it
// charges and no line bills. Lines that are about no call of ours, that bill one twice or at another price say nothing
// about readings.
type Contradictions struct {
	Lines, Calls int64
	amounts      bool // a total is of no price of the calls that the reading charges
}

func (c Contradictions) none() bool { return c == Contradictions{} }

// gapKey represents the granularity at which a statement and a reading are compared.
type gapKey struct{ endpoint, currency string }

// compareBases finds out which readings the statement does not contradict. refuted has the contradictions of each,
// by endpoint.
func compareBases(
	in *month, result *Result, bases map[billing.Basis]total, refuted map[billing.Basis]contradicted,
) {
	theirs := theirUsage(in)
	distance := map[billing.Basis]int64{}
	money := map[billing.Basis]decimal.Decimal{}
	fits := map[billing.Basis]bool{}
	for _, basis := range billing.Bases() {
		t := bases[basis]
		result.Bases = append(result.Bases, t.counts...)
		fits[basis] = true
		shown := map[string]bool{}
		for _, gap := range gaps(in, basis, t, theirs) {
			c := refuted[basis][gap.Endpoint]
			gap.Fits = c.none()
			if !shown[gap.Endpoint] { // an endpoint in two currencies has them once
				gap.Contradictions = c
				distance[basis] += c.Lines + c.Calls
			}
			shown[gap.Endpoint] = true
			result.Gaps = append(result.Gaps, gap)
			if len(in.cells) > 0 {
				money[basis] = money[basis].Add(gap.amountBeyond())
			}
			fits[basis] = fits[basis] && gap.Fits
		}
	}
	order := contractFirst(in)
	result.Reproduces = slices.DeleteFunc(slices.Clone(order), func(r billing.Basis) bool { return !fits[r] })
	if len(result.Reproduces) > 0 {
		order = result.Reproduces
	}
	result.Nearest = slices.MinFunc(order, func(a, b billing.Basis) int {
		return cmp.Or(cmp.Compare(distance[a], distance[b]), money[a].Cmp(money[b]))
	})
}

// contractFirst lists the readings with the contract's first, which wins a tie.
func contractFirst(in *month) []billing.Basis {
	rest := slices.DeleteFunc(billing.Bases(), func(r billing.Basis) bool { return r == in.Basis })
	return append([]billing.Basis{in.Basis}, rest...)
}

// amountBeyond returns how far the statement's amount is from the range of ours with some or all of the doubts, without
// a sign. A statement may have the monthly minimum in its usage or not.
func (g *BasisGap) amountBeyond() decimal.Decimal {
	if !g.Priced {
		return decimal.Decimal{}
	}
	gap := g.TheirAmount.Sub(g.OurAmount)
	beyond := decimal.Max(decimal.Decimal{}, g.LeastWithDoubt.Sub(g.TheirAmount), g.TheirAmount.Sub(g.MostWithDoubt))
	return decimal.Min(gap.Abs(), gap.Sub(g.Minimum).Abs(), beyond)
}

// theirUsage adds up what the statement charges for calls.
func theirUsage(in *month) map[gapKey]BasisGap {
	sums := map[gapKey]BasisGap{}
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.kind != usageLine {
			continue
		}
		key := gapKey{in.coverage.EndpointOf(in.lines.routeOf(e).Endpoint), in.lines.currencyOf(e)}
		sum := sums[key]
		sum.TheirQuantity += in.lines.charged(e)
		sum.TheirAmount = sum.TheirAmount.Add(in.lines.netAt(e))
		sums[key] = sum
	}
	return sums
}

// gaps compares one reading with the statement, in the order of endpoints and currencies.
func gaps(in *month, basis billing.Basis, t total, theirs map[gapKey]BasisGap) []BasisGap {
	sums := map[gapKey]*BasisGap{}
	at := func(key gapKey) *BasisGap {
		if sums[key] == nil {
			gap := theirs[key]
			gap.Basis, gap.Endpoint, gap.Currency, gap.Priced = basis, key.endpoint, key.currency, true
			sums[key] = &gap
		}
		return sums[key]
	}
	for key := range theirs {
		at(key)
	}
	for _, c := range t.counts {
		if !in.coverage.IsAbout(c.Endpoint) {
			continue
		}
		currency := c.Currency
		if !c.Priced {
			currency = in.coverage.CurrencyAt(c.Endpoint)
		}
		gap := at(gapKey{in.coverage.EndpointOf(c.Endpoint), currency})
		gap.OurQuantity += c.Quantity
		gap.OurAmount = gap.OurAmount.Add(c.Amount)
		gap.Priced = gap.Priced && c.Priced
	}
	addInDoubt(in, basis, t, at)
	list := make([]BasisGap, 0, len(sums))
	for _, gap := range sums {
		gap.LeastWithDoubt = gap.LeastWithDoubt.Add(gap.OurAmount)
		gap.MostWithDoubt = gap.MostWithDoubt.Add(gap.OurAmount)
		list = append(list, *gap)
	}
	slices.SortFunc(list, func(a, b BasisGap) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

// addInDoubt adds what a reading may count as well, and the monthly minimums.
func addInDoubt(in *month, basis billing.Basis, t total, at func(gapKey) *BasisGap) {
	doubts := make([]int64, len(t.totals))
	in.journal.each(func(_ uint32, r *record) {
		endpoint := in.journal.routeOf(r).Endpoint
		if !in.journal.inMonth(r) || !r.raisesCeiling(basis) || !in.coverage.IsAbout(endpoint) {
			return
		}
		doubts[r.price]++
		at(gapKey{in.coverage.EndpointOf(endpoint), in.currencyOf(r)}).InDoubt++
	})
	for i, p := range in.journal.book.Prices {
		n := t.totals[i+1]
		owed := decimal.Decimal{}
		if in.pools[i+1].scope {
			owed = p.MonthlyCost(n).Sub(p.Cost(n))
		}
		if owed.IsZero() && doubts[i+1] == 0 {
			continue
		}
		gap := at(gapKey{in.coverage.EndpointOf(p.Endpoint), p.Currency})
		gap.Minimum = gap.Minimum.Add(owed)
		least, most := p.Range(n, doubts[i+1])
		gap.LeastWithDoubt = gap.LeastWithDoubt.Add(least)
		gap.MostWithDoubt = gap.MostWithDoubt.Add(most)
	}
}

package match

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// ReadingGap sets one reading beside the statement. The gap is theirs less ours.
type ReadingGap struct {
	Reading        billing.Reading
	Endpoint       string // "" where the statement names none
	Currency       string // "" without a price, and on statements in several currencies
	OurQuantity    int64
	OurAmount      decimal.Decimal // of the calls
	Minimum        decimal.Decimal // what monthly minimums add to it
	Doubts         int64           // calls that the reading may count as well
	LeastWithDoubt decimal.Decimal // OurAmount, or with all doubts where that is less
	MostWithDoubt  decimal.Decimal // OurAmount, or with all doubts where that is more
	TheirQuantity  int64
	TheirAmount    decimal.Decimal // usage alone: no credits, no tax
	Priced         bool
	Fits           bool // quantity and amount are within the tolerance of ours, or of ours with some of the doubts
}

// gapKey is the granularity at which a statement and a reading are compared.
type gapKey struct{ endpoint, currency string }

// compareReadings finds out which readings give the statement.
func compareReadings(in *month, result *Result, readings map[billing.Reading]total) {
	theirs := theirUsage(in)
	distance := map[billing.Reading]int64{}
	money := map[billing.Reading]decimal.Decimal{}
	fits, exact := map[billing.Reading]bool{}, map[billing.Reading]bool{}
	for _, reading := range billing.Readings() {
		t := readings[reading]
		result.Readings = append(result.Readings, t.counts...)
		fits[reading], exact[reading] = true, true
		for _, gap := range gaps(in, reading, t, theirs) {
			result.Gaps = append(result.Gaps, gap)
			distance[reading] += gap.callsBeyond()
			money[reading] = money[reading].Add(gap.amountBeyond())
			fits[reading] = fits[reading] && gap.Fits
			exact[reading] = exact[reading] && gap.TheirQuantity == gap.OurQuantity && gap.amount().IsZero()
		}
	}
	order := contractFirst(in)
	result.Reproduces = slices.DeleteFunc(slices.Clone(order), func(r billing.Reading) bool { return !exact[r] })
	if len(result.Reproduces) == 0 {
		result.Reproduces = slices.DeleteFunc(slices.Clone(order), func(r billing.Reading) bool { return !fits[r] })
	}
	if len(result.Reproduces) > 0 {
		order = result.Reproduces
	}
	result.Nearest = slices.MinFunc(order, func(a, b billing.Reading) int {
		return cmp.Or(cmp.Compare(distance[a], distance[b]), money[a].Cmp(money[b]))
	})
}

// contractFirst lists the readings with the contract's first, which wins a tie.
func contractFirst(in *month) []billing.Reading {
	rest := slices.DeleteFunc(billing.Readings(), func(r billing.Reading) bool { return r == in.Reading })
	return append([]billing.Reading{in.Reading}, rest...)
}

// amount returns how far the amounts are apart, without a sign. A statement may have the monthly minimum in its usage
// or not.
func (g *ReadingGap) amount() decimal.Decimal {
	if !g.Priced {
		return decimal.Decimal{}
	}
	gap := g.TheirAmount.Sub(g.OurAmount)
	return decimal.Min(gap.Abs(), gap.Sub(g.Minimum).Abs())
}

// callsBeyond returns how many calls the statement has less than ours, or more than ours and all doubts.
func (g *ReadingGap) callsBeyond() int64 {
	return max(0, g.OurQuantity-g.TheirQuantity, g.TheirQuantity-g.OurQuantity-g.Doubts)
}

// amountBeyond returns how far the statement's amount is from the range of ours with some or all of the doubts, without
// a sign.
func (g *ReadingGap) amountBeyond() decimal.Decimal {
	beyond := decimal.Max(decimal.Decimal{}, g.LeastWithDoubt.Sub(g.TheirAmount), g.TheirAmount.Sub(g.MostWithDoubt))
	return decimal.Min(g.amount(), beyond)
}

// theirUsage adds up what the statement charges for calls.
func theirUsage(in *month) map[gapKey]ReadingGap {
	sums := map[gapKey]ReadingGap{}
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.kind != statement.Usage {
			continue
		}
		key := gapKey{in.coverage.endpointOf(in.lines.routeOf(e).Endpoint), in.lines.currencyOf(e)}
		sum := sums[key]
		sum.TheirQuantity += in.lines.charged(e)
		sum.TheirAmount = sum.TheirAmount.Add(in.lines.amountAt(e))
		sums[key] = sum
	}
	return sums
}

// gaps compares one reading with the statement, in the order of endpoints and currencies.
func gaps(in *month, reading billing.Reading, t total, theirs map[gapKey]ReadingGap) []ReadingGap {
	sums := map[gapKey]*ReadingGap{}
	at := func(key gapKey) *ReadingGap {
		if sums[key] == nil {
			gap := theirs[key]
			gap.Reading, gap.Endpoint, gap.Currency, gap.Priced = reading, key.endpoint, key.currency, true
			sums[key] = &gap
		}
		return sums[key]
	}
	for key := range theirs {
		at(key)
	}
	for _, c := range t.counts {
		if !in.coverage.isAbout(c.Endpoint) {
			continue
		}
		currency := c.Currency
		if !c.Priced {
			currency = in.coverage.currencyAt(c.Endpoint)
		}
		gap := at(gapKey{in.coverage.endpointOf(c.Endpoint), currency})
		gap.OurQuantity += c.Quantity
		gap.OurAmount = gap.OurAmount.Add(c.Amount)
		gap.Priced = gap.Priced && c.Priced
	}
	addDoubts(in, reading, t, at)
	list := make([]ReadingGap, 0, len(sums))
	for _, gap := range sums {
		gap.Fits = fits(in, gap)
		list = append(list, *gap)
	}
	slices.SortFunc(list, func(a, b ReadingGap) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

// addDoubts adds what a reading may count as well, and the monthly minimums.
func addDoubts(in *month, reading billing.Reading, t total, at func(gapKey) *ReadingGap) {
	doubts := make([]int64, len(t.totals))
	in.journal.each(func(_ uint32, r *record) {
		endpoint := in.journal.routeOf(r).Endpoint
		if !in.journal.inMonth(r) || !r.raisesCeiling(reading) || !in.coverage.isAbout(endpoint) {
			return
		}
		doubts[r.price]++
		at(gapKey{in.coverage.endpointOf(endpoint), in.currencyOf(r)}).Doubts++
	})
	minimums := in.journal.minimums(t.totals, in.coverage.isAbout)
	for i, p := range in.journal.book.Prices {
		owed, n := minimums[i+1], t.totals[i+1]
		more := p.Marginal(n, doubts[i+1])
		if owed.IsZero() && doubts[i+1] == 0 {
			continue
		}
		gap := at(gapKey{in.coverage.endpointOf(p.Endpoint), p.Currency})
		gap.Minimum = gap.Minimum.Add(owed)
		gap.LeastWithDoubt = gap.LeastWithDoubt.Add(decimal.Min(more, decimal.Decimal{}))
		gap.MostWithDoubt = gap.MostWithDoubt.Add(decimal.Max(more, decimal.Decimal{}))
	}
}

// fits reports whether a reading reproduces the statement within its doubts and the tolerance.
func fits(in *month, g *ReadingGap) bool {
	g.LeastWithDoubt = g.LeastWithDoubt.Add(g.OurAmount)
	g.MostWithDoubt = g.MostWithDoubt.Add(g.OurAmount)
	counts := in.Tolerance.AllowsCount(g.callsBeyond(), g.OurQuantity)
	if !g.Priced {
		return counts
	}
	onlyMoney := in.Tolerance.Abs.Valid && !in.Tolerance.Rel.Valid
	return in.Tolerance.Allows(g.amountBeyond(), g.OurAmount) && (counts || onlyMoney)
}

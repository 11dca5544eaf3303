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

// sheetKey is what a statement and a reading are compared by.
type sheetKey struct{ endpoint, currency string }

// compareReadings finds out which readings give the statement.
func (m *Matcher) compareReadings(result *Result, readings map[billing.Reading]total) {
	theirs := m.theirUsage()
	distance := map[billing.Reading]int64{}
	money := map[billing.Reading]decimal.Decimal{}
	fits, exact := map[billing.Reading]bool{}, map[billing.Reading]bool{}
	for _, reading := range Readings() {
		t := readings[reading]
		result.Readings = append(result.Readings, t.counts...)
		fits[reading], exact[reading] = true, true
		for _, gap := range m.gaps(reading, t, theirs) {
			result.Gaps = append(result.Gaps, gap)
			distance[reading] += gap.callsBeyond()
			money[reading] = money[reading].Add(gap.amountBeyond())
			fits[reading] = fits[reading] && gap.Fits
			exact[reading] = exact[reading] && gap.TheirQuantity == gap.OurQuantity && gap.amount().IsZero()
		}
	}
	order := m.contractFirst()
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
func (m *Matcher) contractFirst() []billing.Reading {
	rest := slices.DeleteFunc(Readings(), func(r billing.Reading) bool { return r == m.Reading })
	return append([]billing.Reading{m.Reading}, rest...)
}

// amount is how far the amounts are apart, without a sign. A statement may have
// the monthly minimum in its usage or not.
func (g *ReadingGap) amount() decimal.Decimal {
	if !g.Priced {
		return decimal.Decimal{}
	}
	gap := g.TheirAmount.Sub(g.OurAmount)
	return decimal.Min(gap.Abs(), gap.Sub(g.Minimum).Abs())
}

// callsBeyond is how many calls the statement has less than ours, or more than ours
// and all doubts.
func (g *ReadingGap) callsBeyond() int64 {
	return max(0, g.OurQuantity-g.TheirQuantity, g.TheirQuantity-g.OurQuantity-g.Doubts)
}

// amountBeyond is how far the statement's amount is from what ours may come to with
// any of the doubts, without a sign.
func (g *ReadingGap) amountBeyond() decimal.Decimal {
	beyond := decimal.Max(decimal.Decimal{}, g.LeastWithDoubt.Sub(g.TheirAmount), g.TheirAmount.Sub(g.MostWithDoubt))
	return decimal.Min(g.amount(), beyond)
}

// theirUsage adds up what the statement charges for calls.
func (m *Matcher) theirUsage() map[sheetKey]ReadingGap {
	sums := map[sheetKey]ReadingGap{}
	for i := range m.lines.list {
		e := &m.lines.list[i]
		if e.kind != statement.Usage {
			continue
		}
		key := sheetKey{m.endpointOf(m.lines.placeOf(e).Endpoint), m.lines.currencyOf(e)}
		sum := sums[key]
		sum.TheirQuantity += m.lines.charged(e)
		sum.TheirAmount = sum.TheirAmount.Add(m.lines.amountAt(e))
		sums[key] = sum
	}
	return sums
}

// endpointOf is an endpoint as far as all of the statement tells it apart.
func (m *Matcher) endpointOf(endpoint string) string {
	if _, unnamed := m.coverage[""]; unnamed {
		return ""
	}
	return endpoint
}

// gaps compares one reading with the statement, in the order of endpoints and
// currencies.
func (m *Matcher) gaps(reading billing.Reading, t total, theirs map[sheetKey]ReadingGap) []ReadingGap {
	sums := map[sheetKey]*ReadingGap{}
	at := func(key sheetKey) *ReadingGap {
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
		if !m.coverage.isAbout(c.Endpoint) {
			continue
		}
		currency := c.Currency
		if !c.Priced {
			currency = m.coverage.currencyAt(c.Endpoint)
		}
		gap := at(sheetKey{m.endpointOf(c.Endpoint), currency})
		gap.OurQuantity += c.Quantity
		gap.OurAmount = gap.OurAmount.Add(c.Amount)
		gap.Priced = gap.Priced && c.Priced
	}
	m.addDoubts(reading, t, at)
	list := make([]ReadingGap, 0, len(sums))
	for _, gap := range sums {
		gap.Fits = m.fits(gap)
		list = append(list, *gap)
	}
	slices.SortFunc(list, func(a, b ReadingGap) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

// addDoubts adds what a reading may count as well, and the monthly minimums.
func (m *Matcher) addDoubts(reading billing.Reading, t total, at func(sheetKey) *ReadingGap) {
	doubts := make([]int64, len(t.totals))
	m.journal.each(func(_ uint32, r *record) {
		endpoint := m.journal.placeOf(r).Endpoint
		if !m.journal.inMonth(r) || !r.raisesCeiling(reading) || !m.coverage.isAbout(endpoint) {
			return
		}
		doubts[r.price]++
		at(sheetKey{m.endpointOf(endpoint), m.currencyOf(r)}).Doubts++
	})
	minimums := m.journal.minimums(t.totals, m.coverage.isAbout)
	for i, p := range m.journal.book.Prices {
		owed, n := minimums[i+1], t.totals[i+1]
		more := p.Marginal(n, doubts[i+1])
		if owed.IsZero() && doubts[i+1] == 0 {
			continue
		}
		gap := at(sheetKey{m.endpointOf(p.Endpoint), p.Currency})
		gap.Minimum = gap.Minimum.Add(owed)
		gap.LeastWithDoubt = gap.LeastWithDoubt.Add(decimal.Min(more, decimal.Decimal{}))
		gap.MostWithDoubt = gap.MostWithDoubt.Add(decimal.Max(more, decimal.Decimal{}))
	}
}

// fits says whether the statement is what a reading makes, give or take its
// doubts and the tolerance.
func (m *Matcher) fits(g *ReadingGap) bool {
	g.LeastWithDoubt = g.LeastWithDoubt.Add(g.OurAmount)
	g.MostWithDoubt = g.MostWithDoubt.Add(g.OurAmount)
	counts := m.Tolerance.AllowsCount(g.callsBeyond(), g.OurQuantity)
	if !g.Priced {
		return counts
	}
	onlyMoney := m.Tolerance.Abs.Valid && !m.Tolerance.Rel.Valid
	return m.Tolerance.Allows(g.amountBeyond(), g.OurAmount) && (counts || onlyMoney)
}

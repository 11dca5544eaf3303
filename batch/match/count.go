package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// group is lines without a transaction that can't be told apart: of the same day, or of the month where they give none,
// endpoint, region and currency, as far as they name these.
type group struct {
	day      int64 // its first instant; 0: the month
	route    billing.Route
	currency string
	lines    []*line
}

// matchCounts accounts for the lines without a transaction. Groups that name more of their calls choose before those
// that name less.
func matchCounts(in *month, out *outcome) {
	groups := groups(in, out)
	if len(groups) == 0 {
		return
	}
	charges := newPool(in.journal, func(r *record) bool { return in.charged(r) && in.isNear(r) })
	doubts := newPool(in.journal, func(r *record) bool { return r.raisesCeiling(in.Reading) && in.isNear(r) })
	for _, g := range groups {
		if slices.ContainsFunc(g.lines, func(e *line) bool { return e.quantity != 1 }) {
			matchTotal(in, out, g, charges, doubts)
			continue
		}
		matchSingles(in, out, g, charges, doubts)
	}
}

// groups sorts out the lines that are about no calls, and arranges the others.
func groups(in *month, out *outcome) []*group {
	type key struct {
		day      int64
		route    billing.Route
		currency string
	}
	groups := map[key]*group{}
	var list []*group
	for i := range in.lines.list {
		e := &in.lines.list[i]
		switch {
		case e.kind != statement.Usage || e.transaction != transaction{}:
			continue
		case !in.lines.bills(e):
			out.emit(in.find(billing.Matched, nil, e, "listed, not billed"))
			continue
		case e.quantity == 0:
			matchFee(in, out, e)
			continue
		}
		k := key{0, in.lines.routeOf(e), in.lines.currencyOf(e)}
		if e.when != monthOnly {
			k.day, _ = in.spanOf(e)
		}
		g := groups[k]
		if g == nil {
			g = &group{day: k.day, route: k.route, currency: k.currency}
			groups[k] = g
			list = append(list, g)
		}
		g.lines = append(g.lines, e)
	}
	slices.SortStableFunc(list, func(a, b *group) int { return cmp.Compare(b.detail(), a.detail()) })
	return list
}

// detail counts what a group names of its calls.
func (g *group) detail() int {
	n := 0
	for _, said := range []bool{g.day != 0, g.route.Region != "", g.route.Endpoint != ""} {
		if said {
			n++
		}
	}
	return n
}

// free lists up to limit calls in the pool that a group can be about, by time.
func free(in *month, g *group, unused pool, limit int) []candidate {
	from, to := in.spanOf(g.lines[0])
	var list []candidate
	for _, p := range unused {
		if !g.route.Suits(p.route) {
			continue
		}
		n := 0
		for i, found := p.within(from, to); found && n < limit; n++ {
			if price := in.journal.priceOf(p.calls[i]); price == nil || price.Currency == g.currency {
				list = append(list, candidate{pool: p, call: i})
			}
			i = p.freeFrom(i + 1)
			found = i < len(p.calls) && p.calls[i].at < to
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.record().at, b.record().at) })
	return list[:min(len(list), limit)]
}

// matchSingles accounts for lines over one call each: by number, in the order of their times. Which of several calls of
// a day is missing can't be known.
func matchSingles(in *month, out *outcome, g *group, charges, doubts pool) {
	slices.SortStableFunc(g.lines, func(a, b *line) int { return cmp.Compare(a.at, b.at) })
	found := free(in, g, charges, len(g.lines))
	for i, e := range g.lines {
		if i < len(found) {
			r := found[i].take()
			out.resolve(r, true)
			if in.journal.inMonth(r) {
				pair(in, out, e, "by count", r)
			} else {
				billOther(in, out, e, r)
			}
			continue
		}
		if doubt := takeWithin(in, e, doubts); doubt != nil {
			explain(in, out, e, doubt, "by count")
			continue
		}
		out.emit(in.find(billing.TheirsOnly, nil, e, ""))
	}
}

// matchTotal accounts for lines over several calls in one row. Where the statement names other calls of the endpoint
// one by one, a total takes no more of what is left than its quantity; otherwise it takes all that is left.
func matchTotal(in *month, out *outcome, g *group, charges, doubts pool) {
	f := in.find(billing.Matched, nil, g.lines[0], "")
	for _, e := range g.lines[1:] {
		f.TheirQuantity += in.lines.charged(e)
		f.TheirAmount = f.TheirAmount.Add(in.lines.amountAt(e))
	}
	if len(g.lines) > 1 {
		f.note(numbersOf(g.lines))
	}
	limit := in.journal.len()
	if in.coverage.isItemised(g.route.Endpoint) {
		limit = int(f.TheirQuantity)
	}
	var ours []*record
	for _, o := range free(in, g, charges, limit) {
		r := o.take()
		r.facts |= isUsed
		ours = append(ours, r)
	}
	if from, _ := in.spanOf(g.lines[0]); from < in.journal.from || from >= in.journal.to {
		judgeOther(in, f, ours)
	} else {
		for _, r := range ours {
			f.addCharge(in, r)
			out.tiers.count(r)
		}
		judgeTotal(in, out, f, g, ours, free(in, g, doubts, in.journal.len()))
	}
	out.emit(f)
}

// judgeOther judges a total over a day outside the month.
func judgeOther(in *month, f *finding, others []*record) {
	f.Class = billing.TheirsOnly
	if n := int64(len(others)); n > 0 {
		f.note(fmt.Sprintf("%d sent in %s", n, in.periodOf(others[0])))
		if n >= f.TheirQuantity {
			f.Class = billing.OtherPeriod
		}
	}
}

func numbersOf(lines []*line) string {
	var list []string
	for _, e := range lines {
		list = append(list, fmt.Sprint(e.number))
	}
	const most = 20
	if len(list) > most {
		list = append(list[:most], "...")
	}
	return "lines " + strings.Join(list, ", ")
}

// judgeTotal compares quantities and amounts of a row about many calls. Calls in doubt may be among theirs: from ours
// to ours and the doubts is as it should be.
func judgeTotal(in *month, out *outcome, f *finding, g *group, ours []*record, doubts []candidate) {
	more := f.TheirQuantity - f.OurQuantity
	price, known := priceOfAll(in, g, ours)
	f.extra = costOf(in, more, f, price)
	if possible := 0 < more && more <= int64(len(doubts)); possible && !underOnePrice(price, doubts) {
		if least, most, priced := costOfSome(in, doubts, more); priced {
			f.extra, known = decimal.Max(least, decimal.Min(most, f.TheirAmount.Sub(f.OurAmount))), true
		}
	}
	rest := f.TheirAmount.Sub(f.OurAmount).Sub(f.extra)
	if f.Priced && rest.IsPositive() && out.minimums.take(in.journal.book, g.route,
		billing.Money{Amount: rest, Currency: g.currency}) {
		f.tier, rest = rest, decimal.Decimal{}
		f.note("with the monthly minimum")
	}
	if len(doubts) > 0 {
		f.note(fmt.Sprintf("floor %d, ceiling %d", f.OurQuantity, f.OurQuantity+int64(len(doubts))))
	}
	agreed := rest.IsZero() || !f.Priced || !known && f.OurQuantity == 0
	switch {
	case more == 0 && agreed && f.tier.IsZero():
	case more == 0 && agreed:
		f.Class = billing.MonthlyMinimum
	case more == 0:
		f.Class = billing.PriceDiffers
	case 0 < more && more <= int64(len(doubts)) && (agreed || known):
		f.Class = billing.ExplainedByDoubt
		if !agreed {
			f.Class, f.calls, f.doubt = billing.PriceDiffers, more, f.extra
		}
		if underOnePrice(price, doubts) {
			out.tiers.countDoubts(in, price, more)
		}
		for _, o := range doubts {
			r := o.take()
			if more == int64(len(doubts)) {
				out.resolve(r, true)
			}
		}
	case f.OurQuantity == 0:
		f.Class = billing.TheirsOnly
	default:
		f.Class = billing.QuantityDiffers
	}
}

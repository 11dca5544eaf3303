package oracle

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// matchTransactions decides all lines with a transaction that is known or billed before (2.1).
func (b *book) matchTransactions() {
	byX := map[string][]*line{}
	for _, l := range b.lines {
		if l.Transaction != "" && !l.OtherProduct && (l.form == itemised || l.Kind == Credit) {
			byX[l.Transaction] = append(byX[l.Transaction], l)
		}
	}
	for _, x := range sortedKeys(byX) {
		lines := takeOutReversed(byX[x])
		slices.SortStableFunc(lines, func(p, q *line) int {
			return cmp.Or(cmp.Compare(p.file.invoice, q.file.invoice), cmp.Compare(p.file.order, q.file.order))
		})
		var twins []*line
		for _, l := range lines {
			if l.file != lines[0].file {
				l.class = BilledAgain
				if calls := b.byX[x]; len(calls) > 0 {
					l.about = calls[0]
				}
				continue
			}
			twins = append(twins, l)
		}
		if len(b.byX[x]) > 0 {
			b.matchTwins(twins, b.byX[x])
			continue
		}
		for n, l := range twins { // one transaction is one charge, though nobody knows it
			if n > 0 {
				l.class = Duplicate
			}
		}
	}
}

// takeOutReversed marks each negative line and its positive twin, and returns the usage lines that are left.
func takeOutReversed(lines []*line) []*line {
	for _, negative := range lines {
		if !negative.Amount.IsNegative() {
			continue
		}
		for _, twin := range lines {
			if twin.class == unpaired && twin.form == itemised && twin.side == negative.side &&
				twin.Currency == negative.Currency && twin.Amount.Equal(negative.Amount.Neg()) {
				twin.class, negative.class, twin.twin = Reversed, Reversed, negative
				break
			}
		}
	}
	var left []*line
	for _, l := range lines {
		if l.class == unpaired && l.form == itemised {
			left = append(left, l)
		}
	}
	return left
}

// matchTwins gives the calls of one transaction to its lines of one file. Where there are more lines, those nearest to
// a price of the row stand.
func (b *book) matchTwins(lines []*line, calls []int) {
	off := map[*line]decimal.Decimal{}
	for _, l := range lines {
		for n, i := range calls {
			if d := nearest(l.net(), b.prices[b.calls[i].row].table()); n == 0 || d.LessThan(off[l]) {
				off[l] = d
			}
		}
	}
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(p, q *line) int { return off[p].Cmp(off[q]) })
	for _, l := range lines {
		best, rank := -1, 0
		foreign := true
		for _, i := range calls {
			if b.currency(i) != l.Currency {
				continue
			}
			foreign = false
			if r := b.rank(i, l.side); b.calls[i].line == nil && (best < 0 || r < rank) {
				best, rank = i, r
			}
		}
		switch {
		case best >= 0:
			b.use(l, best)
		case foreign:
			l.class = TheirsOnly
		default:
			l.class, l.about = Duplicate, calls[0]
		}
	}
}

// rank orders the calls of one transaction for a line of a month's side.
func (b *book) rank(i int, side string) int {
	c := b.calls[i]
	rank := map[charge]int{charged: 0, inDoubt: 1, free: 4}[c.state]
	if c.month != side {
		rank += map[charge]int{charged: 2, inDoubt: 2, free: 1}[c.state]
	}
	return rank
}

// matchMonth opens or shuts the gate of a month's side and matches its lines by time (7, 2.2).
func (b *book) matchMonth(month string) {
	lines := b.on(month, itemised)
	gate := b.gateByTransaction(lines)
	b.gates[month] = gate
	b.clock(gate, lines)
	unknown := func(l *line) bool { return l.class == unpaired && l.Transaction != "" && !l.Time.IsZero() }
	without := func(l *line) bool { return l.class == unpaired && l.Transaction == "" }
	if !gate.Shifted {
		for _, second := range []bool{false, true} {
			b.pairByTime(month, lines, unknown, true, second)
			b.pairByTime(month, lines, without, false, second)
		}
	}
	b.pairByDay(month, lines)
	timed := 0
	for _, l := range lines {
		if l.Transaction == "" {
			timed++
			if l.call >= 0 && gate.ByTime {
				gate.Known++
			}
		}
		if l.class == unpaired {
			l.class = TheirsOnly
			if gate.Shifted && !l.Time.IsZero() {
				l.class = Withheld
			}
		}
	}
	if gate.ByTime {
		gate.Of = timed
		gate.Normal = gate.Known
	}
	gate.decide(b.set.Force)
}

// pairByDay gives each line with an unknown transaction and no time of day the first call without one of its day, or of
// the month, that it can bill: nobody can say that the vendor has no such charge.
func (b *book) pairByDay(month string, lines []*line) {
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(x, y *line) int {
		return cmp.Or(x.Amount.Cmp(y.Amount), cmp.Compare(x.Transaction, y.Transaction))
	})
	for _, l := range lines {
		if l.class != unpaired || l.Transaction == "" || !l.Time.IsZero() {
			continue
		}
		at := b.set.month(month)
		if l.Day != "" {
			at = b.set.day(l.Day)
		}
		for i := range b.calls {
			c := &b.calls[i]
			if c.used() || c.state == free || c.Transaction != "" || !at.has(c.Sent) || !b.suits(l, i) {
				continue
			}
			if b.isPrice(month, l, i) {
				b.use(l, i)
				l.byTime = true
				break
			}
		}
	}
}

// suits reports whether a call is where a line names, and priced in its currency.
func (b *book) suits(l *line, i int) bool {
	c := b.calls[i]
	return b.currency(i) == l.Currency && (l.Endpoint == "" || l.Endpoint == c.Endpoint) &&
		(l.Region == "" || l.Region == c.Region)
}

// isPrice reports whether an amount is a price that a doubt can have: one of another month is in the pool of the month
// whose statement bills it (3.1), with all that may be billed there like it.
func (b *book) isPrice(month string, l *line, i int) bool {
	row := b.calls[i].row
	n, doubts := b.count(month, row)
	if b.calls[i].month != month {
		for _, c := range b.calls {
			if c.row == row && c.month != month && c.state == inDoubt && b.near(month).has(c.Sent) {
				doubts++
			}
		}
	}
	return slices.ContainsFunc(b.prices[row].possible(n, n+doubts), func(p decimal.Decimal) bool {
		return l.tiesOf().toLine(l.Amount, p)
	})
}

// pairByTime pairs lines and calls by their times; the second pass is for doubts at the vendor's own price.
func (b *book) pairByTime(month string, lines []*line, which func(*line) bool, noX, second bool) {
	var left []*line
	for _, l := range lines {
		if which(l) {
			left = append(left, l)
		}
	}
	var edges []edge
	for li, l := range left {
		for i := range b.calls {
			if c := &b.calls[i]; !c.used() && c.state != free && !b.spent[i] && (!noX || c.Transaction == "") &&
				b.eligible(month, l, i, second) {
				away := l.Time.Sub(c.Sent).Abs().Milliseconds()
				edges = append(edges, edge{line: li, call: i, away: away,
					gain:    (b.set.Window + time.Millisecond).Milliseconds() - away,
					charged: c.state == charged})
			}
		}
	}
	var later []edge
	for _, e := range bestPairs(edges) {
		if _, moved := b.instead[e.call]; moved {
			later = append(later, e)
			continue
		}
		b.use(left[e.line], e.call)
		left[e.line].byTime = true
	}
	slices.SortFunc(later, func(x, y edge) int { return cmp.Compare(x.line, y.line) })
	again := false
	for _, e := range later {
		again = !b.carry(month, left[e.line], e.call) || again
	}
	if again {
		b.pairByTime(month, lines, which, noX, second)
	}
}

// carry gives a line at a doubt the one charge of its ID, unless another line has it: the charge itself in its own
// month, and on that month's statement, else the doubt. It reports false where another line has it: then the doubt has
// none.
func (b *book) carry(month string, l *line, doubt int) bool {
	charge := b.instead[doubt]
	if b.calls[charge].used() {
		b.spent[doubt] = true
		return false
	}
	if m := b.calls[charge].month; m == month || m == b.calls[doubt].month {
		b.use(l, charge)
		b.calls[doubt].line = l
	} else {
		b.use(l, doubt)
		b.calls[charge].line = l
	}
	l.byTime = true
	return true
}

// eligible reports whether a line may bill a call by its time and price.
func (b *book) eligible(month string, l *line, i int, second bool) bool {
	c, near := b.calls[i], b.near(month)
	off := l.Time.Sub(c.Sent)
	switch {
	case !near.has(l.Time), !near.has(c.Sent), !b.suits(l, i),
		off <= -b.set.Skew-l.Resolution, off > b.set.Window:
		return false
	case second:
		return c.state == inDoubt && b.vendorsOwn(l, c.row)
	case c.state == charged:
		return true
	}
	return b.isPrice(month, l, i)
}

// vendorsOwn reports whether the statement bills the amount of a line on a call of the row that is paired by ID.
func (b *book) vendorsOwn(l *line, row int) bool {
	return slices.ContainsFunc(l.file.lines, func(other *line) bool {
		return other.call >= 0 && !other.byTime && other.side == l.side && b.calls[other.call].row == row &&
			other.Amount.Equal(l.Amount) && other.Currency == l.Currency
	})
}

// count returns the charges and the doubts of a month's pool.
func (b *book) count(month string, row int) (charges, doubts int) {
	for _, c := range b.calls {
		if c.month != month || c.row != row {
			continue
		}
		switch c.state {
		case charged:
			charges++
		case inDoubt:
			doubts++
		}
	}
	return charges, doubts
}

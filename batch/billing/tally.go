package billing

import "time"

// tally counts calls by price row, billing period and day.
type tally struct {
	lines []*line
	index map[lineKey]*line
	rows  map[string]*Price // by terms, one row for all with them; nil while one book prices all calls
}

// lineKey names what accumulates in the tiers together. Calls without a price
// are kept apart by where they went.
type lineKey struct {
	price  *Price
	period Period
	route  Route // where there is no price
}

type line struct {
	lineKey
	since  time.Time // when the first of seeded was made
	seeded counts    // of days, those from before the run
	days   [32]counts
}

// spot is where a tally counts a call.
type spot struct {
	*line
	day int // of the month
}

func newTally() *tally { return &tally{index: map[lineKey]*line{}} }

// row returns the row that counts the calls of p. Rows of two books that differ in
// nothing but their dates are one: an end that was set later begins no new month.
func (t *tally) row(p *Price) *Price {
	if t.rows == nil {
		return p
	}
	terms := p.terms()
	if t.rows[terms] == nil {
		t.rows[terms] = p
	}
	return t.rows[terms]
}

// line finds the line of a call made under a book, or begins it.
func (t *tally) line(book *Book, where Route, at time.Time, period Period) *line {
	key := lineKey{period: period}
	if price, ok := book.Lookup(where.Endpoint, where.Region, at); ok {
		key.price = t.row(price)
	} else {
		key.route = where
	}
	l := t.index[key]
	if l == nil {
		l = &line{lineKey: key}
		t.index[key] = l
		t.lines = append(t.lines, l)
	}
	return l
}

// measure adds up what a scope holds of every line. The lines don't depend on
// one another, so neither do their extremes.
func (t *tally) measure(s scope) Range {
	r := Range{Floor: Amounts{}, Ceiling: Amounts{}}
	for _, l := range t.lines {
		before, own := s(l)
		if own == (counts{}) {
			continue
		}
		r.FloorCalls += own.paid
		r.CeilingCalls += own.most()
		if l.price == nil {
			r.Unpriced += own.most()
			continue
		}
		least, most := l.price.spread(before, own)
		r.Floor.AddAmount(l.price.Currency, least)
		r.Ceiling.AddAmount(l.price.Currency, most)
	}
	return r
}

// A scope picks from a line the calls it is about, and those that came before
// them in the same period.
type scope func(*line) (before, own counts)

func inRun(l *line) (before, own counts) {
	return l.seeded, l.sum(31).minus(l.seeded)
}

func inMonth(p Period) scope {
	return func(l *line) (before, own counts) {
		if l.period == p {
			own = l.sum(31)
		}
		return before, own
	}
}

func onDay(p Period, n int) scope {
	return func(l *line) (before, own counts) {
		if l.period == p {
			before, own = l.sum(n-1), l.days[n]
		}
		return before, own
	}
}

// sum counts the days up to and including the n-th.
func (l *line) sum(n int) counts {
	var c counts
	for _, day := range l.days[:n+1] {
		c = c.plus(day)
	}
	return c
}

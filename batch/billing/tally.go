package billing

import (
	"slices"
	"time"
)

// tally counts calls by price row, billing period and day.
type tally struct {
	lines []*line
	index map[lineKey]*line
	made  *madeRows // nil while one book prices all calls
}

// madeRows holds the price rows of several books.
type madeRows struct {
	now     *Book             // that further calls are made under
	current map[*Price]bool   // the rows that it has
	byTerms map[string]*Price // one row for all with the same terms
	rows    map[*Price]*Price // the same, by each of them
	seeds   []seed
}

// seed holds calls of earlier runs, as they were counted.
type seed struct {
	line  *line
	route Route
	at    time.Time
	calls int64 // at most
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
	until  time.Time // and the last
	seeded counts    // of days, those from before the run
	days   [32]counts

	again     bool    // its calls are counted on another line: here is what they may cost in another currency
	books     []*Book // that have the row; kept where prices were changed
	elsewhere *counts // what tally.elsewhere found; nil until it is asked for
}

// spot describes where a tally counts a call.
type spot struct {
	*line
	day int // of the month
}

func newTally() *tally { return &tally{index: map[lineKey]*line{}} }

// newMadeTally returns a tally of calls made under several books, the further ones under now.
func newMadeTally(now *Book) *tally {
	t := newTally()
	t.made = &madeRows{now: now, current: map[*Price]bool{}, byTerms: map[string]*Price{}, rows: map[*Price]*Price{}}
	for _, p := range now.Prices {
		t.made.current[t.row(p)] = true
	}
	return t
}

// row returns the row that counts the calls of p. Rows of two books that differ in
// nothing but their dates are one: an end that was set later begins no new month.
func (t *tally) row(p *Price) *Price {
	if t.made == nil {
		return p
	}
	row := t.made.rows[p]
	if row == nil {
		terms := p.terms()
		if row = t.made.byTerms[terms]; row == nil {
			row = p
			t.made.byTerms[terms] = p
		}
		t.made.rows[p] = row
	}
	return row
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
	t.has(l, book)
	if t.made != nil && t.made.current[l.price] {
		t.has(l, t.made.now) // from the first on: no later call may raise what was counted
	}
	return l
}

// has notes that a book has a line's row.
func (t *tally) has(l *line, book *Book) {
	if t.made != nil && !slices.Contains(l.books, book) {
		l.books, l.elsewhere = append(l.books, book), nil
	}
}

// seed counts calls of earlier runs on a line.
func (t *tally) seed(l *line, where Route, at time.Time, day int, c counts) {
	if l.since.IsZero() || at.Before(l.since) {
		l.since = at
	}
	if at.After(l.until) {
		l.until = at
	}
	l.seeded = l.seeded.plus(c)
	l.days[day] = l.days[day].plus(c)
	if t.made != nil {
		t.made.seeds = append(t.made.seeds, seed{l, where, at, c.most()})
		for _, other := range t.lines {
			other.elsewhere = nil
		}
	}
}

// seedLost counts calls of which nobody knows where they went, on lines of their own: they use up no quota or tier of
// others, and cost the most instead.
func (t *tally) seedLost(book *Book, at time.Time, c counts) {
	rows := book.Dearest(at)
	if rows == nil {
		rows = []*Price{nil}
	}
	d := book.Months().dayAt(at)
	for i, p := range rows {
		l := &line{lineKey: lineKey{price: p, period: d.Period}, again: i > 0}
		t.lines = append(t.lines, l)
		t.seed(l, Route{}, at, d.index, c)
	}
}

// elsewhere counts the calls that a line's row would have priced and that were made at other prices, no later than the
// line's last. How many of them the vendor counts in its quota and tiers nobody can say: none, where the row began
// anew, or all, where it was meant from the first of the month. So they are doubtful ones.
func (t *tally) elsewhere(l *line) counts {
	if l.elsewhere != nil {
		return *l.elsewhere
	}
	l.elsewhere = &counts{}
	if t.made == nil || l.price == nil {
		return *l.elsewhere
	}
	goesOn := t.made.current[l.price]
	for _, s := range t.made.seeds {
		if s.line != l && (goesOn || !s.at.After(l.until)) && t.wouldPrice(l, s) {
			l.elsewhere.doubtful += s.calls
		}
	}
	return *l.elsewhere
}

// wouldPrice reports that one of the books that have a line's row would have counted calls on that line.
func (t *tally) wouldPrice(l *line, s seed) bool {
	return slices.ContainsFunc(l.books, func(b *Book) bool {
		p, ok := b.Lookup(s.route.Endpoint, s.route.Region, s.at)
		return ok && t.row(p) == l.price && b.PeriodOf(s.at) == l.period
	})
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
		if !l.again {
			r.FloorCalls += own.paid
			r.CeilingCalls += own.most()
		}
		if l.price == nil {
			r.Unpriced += own.most()
			continue
		}
		least, most := l.price.spread(before.plus(t.elsewhere(l)), own)
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

package billing

import (
	"fmt"
	"time"
)

// Meter counts what a run, its day and its month have spent, and refuses the
// call that could take one of them over its cap, counting every doubt as paid.
//
// Calls are counted by price row, billing period and day; money is computed from
// the counts. That is too slow for every call, so whenever it is done, the meter
// also works out how many further calls are sure to stay under all caps, and lets
// these pass uncomputed. Near a cap each call is computed.
//
// A call that is settled never raises a ceiling, whatever came of it, so a
// ceiling that was under its cap when the call was reserved stays there.
//
// A Meter is for the one goroutine that commits calls; it does no locking.
type Meter struct {
	book     *Book
	caps     Caps
	steepest Amounts // by currency, the most that one more call can add

	today  day             // the newest day of a reservation
	recent map[place]*line // where today's calls are counted
	lines  []*line
	index  map[lineKey]*line
	sure   int64 // calls of today that need no computing
}

// lineKey names what accumulates in the tiers together. Calls without a price
// share the line without a row.
type lineKey struct {
	price  *Price
	period Period
}

type line struct {
	lineKey
	seeded counts // of days, those from before the run
	days   [32]counts
}

// mostSure bounds how long the meter goes without computing.
const mostSure = 1 << 16

// NewMeter starts a run at an instant, which also says what today and this month
// are until a later call is reserved. Caps should have passed Check.
func NewMeter(book *Book, caps Caps, now time.Time) *Meter {
	m := &Meter{
		book:     book,
		caps:     caps,
		steepest: Amounts{},
		today:    dayAt(now, book.zone),
		recent:   map[place]*line{},
		index:    map[lineKey]*line{},
	}
	for _, p := range book.rows {
		if step := p.steepest(); step.GreaterThan(m.steepest[p.Currency]) {
			m.steepest[p.Currency] = step
		}
	}
	return m
}

// Seed counts calls of earlier runs, on the billing day of at: paid ones, and
// doubtful ones (unanswered, or answered without a tag that says PAY or FREE).
// All of the current month's are needed before the first Reserve.
func (m *Meter) Seed(endpoint, region string, at time.Time, paid, doubtful int64) {
	c := counts{paid: paid, doubtful: doubtful}
	l, n := m.find(endpoint, region, at)
	l.seeded = l.seeded.plus(c)
	l.days[n] = l.days[n].plus(c)
	m.sure = 0
}

// Reserve counts a call about to be made at an instant as in flight. A *CapError
// refuses it, and nothing is counted, when it could take a scope over its cap;
// spending exactly the cap is allowed. A call without a price counts for caps on
// calls only.
func (m *Meter) Reserve(endpoint, region string, at time.Time) error {
	if !at.Before(m.today.to) {
		m.today = dayAt(at, m.book.zone)
		clear(m.recent)
		m.sure = 0
	}
	l, n := m.find(endpoint, region, at)
	l.days[n].reserved++
	if m.sure > 0 && m.today.holds(at) {
		m.sure--
		return nil
	}
	if refusal := m.compute(l, n); refusal != nil {
		l.days[n].reserved--
		return refusal
	}
	if !m.today.holds(at) {
		m.sure = 0 // an older day's caps were looked at, today's month's perhaps not
	}
	return nil
}

// Settle says what came of a call: Pay keeps it as paid, Free (which an unsent
// one is as well) releases it, anything else keeps it as doubtful. The endpoint,
// region and instant must be those given to Reserve, or at least fall in the same
// price row and billing day; settling what was not reserved is an impossible
// state and panics.
func (m *Meter) Settle(endpoint, region string, at time.Time, tag Tag) {
	l, n := m.find(endpoint, region, at)
	c := &l.days[n]
	if c.reserved == 0 {
		panic(fmt.Sprintf("billing: settle %s %s at %s: nothing reserved", endpoint, region, at.Format(time.RFC3339)))
	}
	c.reserved--
	switch tag {
	case Pay:
		c.paid++
	case Free:
	default:
		c.doubtful++
	}
}

// Run is what was spent since the meter was made.
func (m *Meter) Run() Range { return m.measure(inRun) }

// Day is what was spent on the newest billing day.
func (m *Meter) Day() Range { return m.measure(onDay(m.today.period, m.today.index)) }

// Month is what was spent in the newest billing period.
func (m *Meter) Month() Range { return m.measure(inMonth(m.today.period)) }

// find returns the line a call is counted in, and the day of the month.
func (m *Meter) find(endpoint, region string, at time.Time) (*line, int) {
	if !m.today.holds(at) {
		d := dayAt(at, m.book.zone)
		return m.line(endpoint, region, at, d.period), d.index
	}
	key := place{endpoint, region}
	l := m.recent[key]
	if l == nil { // prices change at midnight only, so this holds for the day
		l = m.line(endpoint, region, at, m.today.period)
		m.recent[key] = l
	}
	return l, m.today.index
}

func (m *Meter) line(endpoint, region string, at time.Time, period Period) *line {
	price, _ := m.book.Lookup(endpoint, region, at)
	key := lineKey{price, period}
	l := m.index[key]
	if l == nil {
		l = &line{lineKey: key}
		m.index[key] = l
		m.lines = append(m.lines, l)
	}
	return l
}

// compute looks at every scope that a call just counted in a line can have
// raised. That takes in the days after the call's own: their money begins where
// the days before end.
func (m *Meter) compute(l *line, index int) error {
	last := 31
	if l.period == m.today.period {
		last = max(index, m.today.index)
	}
	m.sure = mostSure
	if err := m.admit(m.caps.Run, inRun, l, index); err != nil {
		return err
	}
	if err := m.admit(m.caps.Month, inMonth(l.period), l, index); err != nil {
		return err
	}
	for n := index; n <= last; n++ {
		if err := m.admit(m.caps.Day, onDay(l.period, n), l, index); err != nil {
			return err
		}
	}
	return nil
}

func (m *Meter) admit(c Cap, s scope, l *line, index int) error {
	r := m.measure(s)
	before := func() Range {
		l.days[index].reserved--
		defer func() { l.days[index].reserved++ }()
		return m.measure(s)
	}
	if refusal := c.passed(r, before); refusal != nil {
		m.sure = 0
		return refusal
	}
	m.sure = c.room(r, m.steepest, m.sure)
	return nil
}

// measure adds up what a scope holds of every line. The lines don't depend on
// one another, so neither do their extremes.
func (m *Meter) measure(s scope) Range {
	r := Range{Floor: Amounts{}, Ceiling: Amounts{}}
	for _, l := range m.lines {
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
		r.Floor.add(l.price.Currency, least)
		r.Ceiling.add(l.price.Currency, most)
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

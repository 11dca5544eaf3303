package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
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
// Where prices were changed while the month was under way, its calls are counted
// twice: at the prices of the book, and at those that they were made under, on the
// day that it was by the zone of then, and at the most that these make of them:
// whatever part of a quota or of tiers the calls made at other prices have used up.
// A cap holds for either, so that no edit of a price or of the zone makes room that
// was used up.
//
// What is printed is what the contract bills. Caps count a call that the vendor tagged PAY as well where the contract's
// reading does not, since nobody knows yet how the vendor reads it: then there is a tally for either.
//
// A Meter is for the one goroutine that commits calls; it does no locking.
type Meter struct {
	book     *Book
	caps     Caps
	steepest Amounts // by currency, the most that one more call can add

	today   day              // the newest day of a reservation
	recent  map[Route][]spot // where today's calls are counted
	tallies []*tally         // of the caps, at the book's prices, and, where they differ, at those that calls were made under
	read    *tally           // as the contract reads, at the book's prices; nil where the caps count the same
	sure    int64            // calls of today that need no computing
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
		today:    book.Months().dayAt(now),
		recent:   map[Route][]spot{},
		tallies:  []*tally{newTally()},
	}
	if caps.Basis.goesByCode() {
		m.read = newTally()
	}
	for _, p := range book.Prices {
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
	c := Charged{Paid: paid, Doubtful: doubtful}
	m.SeedAs(endpoint, region, at, c, c)
}

// SeedAs counts calls as Seed does, where the contract bills others than caps count.
func (m *Meter) SeedAs(endpoint, region string, at time.Time, contract, caps Charged) {
	m.seed(m.tallies[0], m.book, endpoint, region, at, counts{paid: caps.Paid, doubtful: caps.Doubtful})
	if m.read != nil {
		m.seed(m.read, m.book, endpoint, region, at, counts{paid: contract.Paid, doubtful: contract.Doubtful})
	}
}

// SeedMade counts calls of earlier runs as Seed does, at the prices of the book
// that they were made under. Once one call of the month is counted so, all of its
// others have to be, those made under the meter's own book as well; and each of
// them by Seed besides.
func (m *Meter) SeedMade(book *Book, endpoint, region string, at time.Time, paid, doubtful int64) {
	if len(m.tallies) == 1 {
		m.tallies = append(m.tallies, newMadeTally(m.book))
		clear(m.recent)
	}
	m.seed(m.tallies[1], book, endpoint, region, at, counts{paid: paid, doubtful: doubtful})
}

// SeedLost counts calls of earlier runs of which nothing is known but that they were
// made, at or before an instant: as doubtful ones of its billing day, at the highest
// price there is. With prices in several currencies each one counts them, since any
// may be the one that they cost. It comes after every Seed and SeedMade.
func (m *Meter) SeedLost(at time.Time, calls int64) {
	for _, t := range m.all() {
		t.seedLost(m.book, at, counts{doubtful: calls})
	}
	m.sure = 0
}

// seed counts calls made under a book on the day that it was by that book's zone.
func (m *Meter) seed(t *tally, book *Book, endpoint, region string, at time.Time, c counts) {
	d, where := book.Months().dayAt(at), Route{endpoint, region}
	t.seed(t.line(book, where, at, d.Period), where, at, d.index, c)
	m.sure = 0
}

// Reserve counts a call about to be made at an instant as in flight. A *CapError
// refuses it, and nothing is counted, when it could take a scope over its cap;
// spending exactly the cap is allowed. Under a cap on money an *UnpricedError
// refuses a call that has no price; under caps on calls alone it counts as any.
func (m *Meter) Reserve(endpoint, region string, at time.Time) error {
	if !at.Before(m.today.To) {
		m.today = m.book.Months().dayAt(at)
		clear(m.recent)
		m.sure = 0
	}
	spots := m.find(endpoint, region, at)
	if name := m.caps.onMoney(); name != "" && spots[0].price == nil {
		return &UnpricedError{Cap: name, Endpoint: endpoint, Region: region, At: at}
	}
	addInFlight(spots, 1)
	if m.sure > 0 && m.today.holds(at) {
		m.sure--
		return nil
	}
	if refusal := m.compute(spots); refusal != nil {
		addInFlight(spots, -1)
		return refusal
	}
	if !m.today.holds(at) {
		m.sure = 0 // an older day's caps were looked at, today's month's perhaps not
	}
	return nil
}

func addInFlight(spots []spot, n int64) {
	for _, s := range spots {
		s.days[s.day].reserved += n
	}
}

// Confirm books what came of a call: Pay keeps it as paid, Free (which an unsent
// one is as well) releases it, anything else keeps it as doubtful. The endpoint,
// region and instant must be those given to Reserve, or at least fall in the same
// price row and billing day; settling what was not reserved is an impossible
// state and panics.
func (m *Meter) Confirm(endpoint, region string, at time.Time, tag Tag) {
	m.ConfirmAs(endpoint, region, at, tag, tag)
}

// ConfirmAs books a call as Confirm does, where the contract may bill another thing than caps count.
func (m *Meter) ConfirmAs(endpoint, region string, at time.Time, contract, caps Tag) {
	for i, s := range m.find(endpoint, region, at) {
		tag := caps
		if i == len(m.tallies) {
			tag = contract
		}
		c := &s.days[s.day]
		if c.reserved == 0 {
			panic(fmt.Sprintf("billing: settle %s %s at %s: nothing reserved", endpoint, region,
				at.Format(time.RFC3339)))
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
}

// Doubt makes a call that was settled doubtful: what came of it is not believed
// any more. Unlike settling, that can raise a ceiling over its cap; no call passes
// then. was is the tag that it was settled with. A call of an earlier run is no
// part of what this one spends.
func (m *Meter) Doubt(endpoint, region string, at time.Time, was Tag, earlierRun bool) {
	m.DoubtAs(endpoint, region, at, was, was, earlierRun)
}

// DoubtAs makes a call doubtful as Doubt does, where the contract billed another thing than caps counted.
func (m *Meter) DoubtAs(endpoint, region string, at time.Time, contract, caps Tag, earlierRun bool) {
	for i, s := range m.find(endpoint, region, at) {
		was := caps
		if i == len(m.tallies) {
			was = contract
		}
		s.days[s.day].doubt(was)
		if earlierRun {
			s.seeded.doubt(was)
		}
	}
	m.sure = 0
}

// Basis returns the contract's reading, which the caps have.
func (m *Meter) Basis() Basis { return m.caps.Basis }

// Run returns what was spent since the meter was made.
func (m *Meter) Run() Range { return m.measure(inRun) }

// Day returns what was spent on the newest billing day.
func (m *Meter) Day() Range { return m.measure(onDay(m.today.Period, m.today.index)) }

// Month returns what was spent in the newest billing period.
func (m *Meter) Month() Range { return m.measure(inMonth(m.today.Period)) }

// all returns every tally, that of the contract's reading last.
func (m *Meter) all() []*tally {
	if m.read == nil {
		return m.tallies
	}
	return append(slices.Clone(m.tallies), m.read)
}

// measure returns a scope's range at the book's prices as the contract reads, with what the caps count.
func (m *Meter) measure(s scope) Range {
	unlimited := func(currency string, _ decimal.Decimal) bool { return !m.caps.limits(currency) }
	counted := m.tallies[0].measure(s)
	r := counted
	if m.read != nil {
		r = m.read.measure(s)
		r.Tagged = counted.Ceiling.above(r.Ceiling)
		maps.DeleteFunc(r.Tagged, unlimited)
	}
	if len(m.tallies) > 1 {
		r.Counted = m.tallies[1].measure(s).Ceiling.above(counted.Ceiling)
		maps.DeleteFunc(r.Counted, unlimited)
	}
	return r
}

// Unpriced lists the calls of earlier runs that a cap on money is about and
// cannot count, as the book has no price for them: those of the day under a cap
// on the day, all of the month's under one on the month. They stand in the order
// in which they were counted first.
func (m *Meter) Unpriced() []UnpricedCalls {
	var all []UnpricedCalls
	for _, l := range m.tallies[0].lines {
		if l.price != nil || l.period != m.today.Period {
			continue
		}
		month, day := l.seeded.most(), l.days[m.today.index].most()
		calls := UnpricedCalls{Endpoint: l.route.Endpoint, Region: l.route.Region, Since: l.since}
		switch {
		case len(m.caps.Month.Limit) > 0 && month > 0:
			calls.Cap, calls.Calls = m.caps.Month.Name, month
		case len(m.caps.Day.Limit) > 0 && day > 0:
			calls.Cap, calls.Calls = m.caps.Day.Name, day
		default:
			continue
		}
		all = append(all, calls)
	}
	return all
}

// find returns where a call is counted.
func (m *Meter) find(endpoint, region string, at time.Time) []spot {
	where := Route{endpoint, region}
	if !m.today.holds(at) {
		return m.spots(where, at, m.book.Months().dayAt(at))
	}
	found := m.recent[where]
	if found == nil { // prices change at midnight only, so this holds for the day
		found = m.spots(where, at, m.today)
		m.recent[where] = found
	}
	return found
}

func (m *Meter) spots(where Route, at time.Time, d day) []spot {
	tallies := m.all()
	all := make([]spot, len(tallies))
	for i, t := range tallies {
		all[i] = spot{t.line(m.book, where, at, d.Period), d.index}
	}
	return all
}

// compute looks at every scope that a call just counted can have raised. That
// takes in the days after the call's own: their money begins where the days
// before end.
func (m *Meter) compute(spots []spot) *CapError {
	m.sure = mostSure
	for i, t := range m.tallies {
		if err := m.computeIn(t, spots[i]); err != nil {
			err.Made = i > 0
			err.Tagged = i == 0 && m.read != nil && m.computeIn(m.read, spots[len(spots)-1]) == nil
			return err
		}
	}
	return nil
}

func (m *Meter) computeIn(t *tally, call spot) *CapError {
	last := 31 // also where calls were made on what was tomorrow in another zone
	if call.period == m.today.Period && (t == m.tallies[0] || t == m.read) {
		last = max(call.day, m.today.index)
	}
	if err := m.admit(m.caps.Run, inRun, t, call); err != nil {
		return err
	}
	if err := m.admit(m.caps.Month, inMonth(call.period), t, call); err != nil {
		return err
	}
	for n := call.day; n <= last; n++ {
		if err := m.admit(m.caps.Day, onDay(call.period, n), t, call); err != nil {
			return err
		}
	}
	return nil
}

func (m *Meter) admit(c Cap, s scope, t *tally, call spot) *CapError {
	r := t.measure(s)
	before := func() Range {
		call.days[call.day].reserved--
		defer func() { call.days[call.day].reserved++ }()
		return t.measure(s)
	}
	if refusal := c.passed(r, before); refusal != nil {
		m.sure = 0
		return refusal
	}
	m.sure = c.room(r, m.steepest, m.sure)
	return nil
}

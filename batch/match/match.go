// Package match lays a month's calls beside the vendor's statement lines: every call and every line ends in one class. It is pure.
package match

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// Answered and Unanswered are the outcomes of calls that may have reached the
// vendor.
const (
	Answered   = "answered"
	Unanswered = "unanswered"
)

// Call is one call of the journal that may have reached the vendor.
type Call struct {
	ID            int64
	CheckID       int64 // the ID that was asked about
	SentAt        time.Time
	Endpoint      string
	Region        string
	Outcome       string // Answered or Unanswered
	Tag           billing.Tag
	Pricing       string // as received
	TransactionID string // "" when there was no answer, or none in it
	Success       bool   // the answer's code is SUCCESS
	Billed        bool   // in doubt, but another month's statement was found to bill it
}

// Scope is what a statement is about: an endpoint's month, or a whole month.
type Scope struct {
	Month    billing.Period
	Endpoint string // "": all endpoints
}

// Options are the settings of a reconciliation.
type Options struct {
	Month     billing.Period
	Reading   billing.Reading // the contract's
	Edge      time.Duration   // how far from the month's bounds a charge may be on the neighbouring month's statement
	Window    time.Duration   // how far from a call in doubt a line may be that it explains, either way
	Tolerance billing.Tolerance
	Imported  []Scope // standing statements of the neighbouring months
}

// Resolution says what a statement showed about a call in doubt.
type Resolution struct {
	CallID int64
	Billed bool
}

// Result is what a reconciliation found besides its rows.
type Result struct {
	Bridge      []BridgeLine      // by currency, in the order of the steps
	Readings    []ReadingCount    // of the month, by reading, endpoint, region and currency
	Gaps        []ReadingGap      // by reading, endpoint and currency
	Reproduces  []billing.Reading // the readings that give the statement's quantities and amounts
	Nearest     billing.Reading   // of these the one that comes closest, or of all where there is none
	Verdicts    []Verdict         // by currency
	Within      bool              // every verdict is
	Itemised    bool              // the statement names transactions
	Resolutions []Resolution      // by call
	Minimum     billing.Amounts   // what the price book's monthly minimums add to our calls' cost
	Calls       int64             // of the month at the statement's endpoints, or in a row all the same
	Charges     int64             // of Calls, those that are charges by the contract's reading: all of them are in a row
	Doubts      int64             // of Calls, those in doubt
	Free        int64             // of Calls, those that are neither, and that no line bills: they are in no row
	Twice       []Twice           // by the other month
	Elsewhere   int64             // charges of the month at endpoints that the statement is not about: they are in no row
}

// Matcher lays the journal of a month beside what the vendor's statements say
// about it. Fill it with calls, lines and neighbouring lines in any order, then
// call Match once.
//
// Every line and every charge of ours is used up by the first of these that
// finds it a partner:
//
//  1. the same transaction ID: with a charge of ours, else with a call in doubt,
//     else with a charge of the neighbouring month, else with a call that we
//     believe to be free;
//  2. lines with a transaction we have never seen: the nearest call in doubt, or
//     charge without a transaction ID, within the window;
//  3. lines without a transaction: counts by day, region and endpoint, as far as
//     the lines tell them apart, with what is left of ours;
//  4. what is left of ours near the month's bounds: the neighbouring months.
//
// What is still left is theirs only, or ours only. Which tier a line should be in
// is judged last, when it is known how many calls the statement counts.
type Matcher struct {
	Options
	journal       *journal
	lines         entries
	coverage      coverage
	byTransaction map[transaction]span
	neighbours    map[transaction]billing.Period
	again         map[uint32][]uint32 // further calls with the transaction of a line, by the first line's index

	minimum  []decimal.Decimal // still to be seen on the statement, by price
	totals   []int64           // charges, by price
	slots    []*slotUse        // by price
	resolved map[int64]bool
	twice    map[billing.Period]*Twice
	together map[[2]string]bool // endpoints on one statement; nil until asked for
	bridges  map[string]*bridge
	each     func(*billing.Row) error
	err      error // the first of each
}

// NewMatcher starts the reconciliation of a month.
func NewMatcher(book *billing.Book, o Options) *Matcher {
	return &Matcher{
		Options:       o,
		journal:       newJournal(book, o.Month),
		coverage:      coverage{},
		byTransaction: map[transaction]span{},
		neighbours:    map[transaction]billing.Period{},
		again:         map[uint32][]uint32{},
		resolved:      map[int64]bool{},
		twice:         map[billing.Period]*Twice{},
		bridges:       map[string]*bridge{},
	}
}

// Call adds a call. Those of the month and its edge bands are needed, and the
// earlier calls to the same IDs: they tell what was charged before. Later ones are
// left out.
func (m *Matcher) Call(c *Call) {
	if c.SentAt.UnixMilli() < m.journal.to+m.Edge.Milliseconds() {
		m.journal.add(c)
	}
}

// Match hands over the rows, in no particular but always the same order, and sums
// them up. A row is valid only until each returns; its first error ends the
// matching and is returned.
func (m *Matcher) Match(each func(*billing.Row) error) (*Result, error) {
	m.each = each
	m.journal.mark()
	readings := map[billing.Reading]total{}
	for _, reading := range Readings() {
		readings[reading] = m.journal.count(reading)
	}
	m.totals = m.journal.attribute(m.Reading, func(r *record, slot int) { r.slot = uint16(slot) })
	m.minimum = m.journal.minimums(m.totals, m.coverage.isAbout)
	m.slots = newSlotUses(m.journal.book.Prices)
	owed := m.minimumOwed()

	strangers := m.matchTransactions()
	m.matchTimes(strangers)
	m.matchCounts()
	m.matchRest()
	m.matchTiers()
	m.matchTotals()
	if m.err != nil {
		return nil, m.err
	}
	result := &Result{Minimum: owed, Itemised: m.coverage.anyItemised()}
	m.sumUp(result)
	m.compareReadings(result, readings)
	return result, nil
}

// minimumOwed adds up the minimums by currency.
func (m *Matcher) minimumOwed() billing.Amounts {
	owed := billing.Amounts{}
	for i, p := range m.journal.book.Prices {
		owed.AddAmount(p.Currency, m.minimum[i+1])
	}
	return owed
}

func (m *Matcher) sumUp(result *Result) {
	for _, currency := range slices.Sorted(maps.Keys(m.bridges)) {
		b := m.bridges[currency]
		result.Bridge = append(result.Bridge, b.lines(currency)...)
		result.Verdicts = append(result.Verdicts, b.verdict(currency, m.Tolerance))
	}
	result.Within = !slices.ContainsFunc(result.Verdicts, func(v Verdict) bool { return !v.Within })
	for _, id := range slices.Sorted(maps.Keys(m.resolved)) {
		result.Resolutions = append(result.Resolutions, Resolution{id, m.resolved[id]})
	}
	result.Twice = m.twiceByMonth()
	m.journal.each(func(_ uint32, r *record) {
		charge := r.isCharge(m.Reading)
		switch {
		case !m.journal.inMonth(r):
		case !r.is(isUsed) && !m.coverage.isAbout(m.journal.placeOf(r).Endpoint):
			if charge {
				result.Elsewhere++
			}
		default:
			result.Calls++
			switch {
			case charge:
				result.Charges++
			case r.mayBeCharged(m.Reading):
				result.Doubts++
			case !r.is(isUsed):
				result.Free++
			}
		}
	})
}

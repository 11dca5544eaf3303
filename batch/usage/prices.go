// Package usage holds what the calls of a billing month have used so far, and what that lets caps and tiers expect: the
// prices and the reading of the contract that calls were made under, those that are counted as charged, and IDs that may
// have been paid for.
package usage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/held"
)

// Month holds the calls of a billing month so far, as much as a cap has to know of them.
type Month struct {
	prices *billing.Book
	usage  []store.Usage
	made   []madeUsage     // all of it again, as it was made
	held   []held.IDs      // each may have been paid for once
	freed  []held.IDs      // the same, before they were released or erased: what is called for them comes on top
	lost   []held.Lost     // for which nothing is held
	from   time.Time       // the month's first moment ...
	to     time.Time       // ... and the first behind it
	books  []*billing.Book // that this month's calls were made under, the newest last
}

// Around returns the bounds of the billing month of now, with the time by which other zones' months may begin earlier
// or end later.
func Around(prices *billing.Book, zone *time.Location, now time.Time) (from, to time.Time) {
	from, to = (billing.Months{Zone: zone, Starts: prices.Starts}).Bounds(prices.PeriodOf(now))
	return from.Add(-otherZones), to.Add(otherZones)
}

// madeUsage counts calls at the prices, and by the reading of the contract, they were made under.
type madeUsage struct {
	store.Usage
	book  *billing.Book
	basis billing.Basis // "": nobody knows, so the one of now
}

// otherZones sets how far from the bounds of a month calls may be that were in it by another time zone.
const otherZones = 48 * time.Hour

// Read reads what the billing month of now has used. s is nil before the first run.
func Read(
	ctx context.Context, s *store.Store, prices *billing.Book, zone *time.Location, now time.Time,
) (*Month, error) {
	spent := &Month{prices: prices}
	if s == nil {
		return spent, nil
	}
	from, to := (billing.Months{Zone: zone, Starts: prices.Starts}).Bounds(prices.PeriodOf(now))
	spent.from, spent.to = from, to
	around, err := s.Calls().Usage(ctx, from.Add(-otherZones), to.Add(otherZones))
	if err != nil {
		return nil, err
	}
	for _, u := range around {
		if !u.Quarter.Before(from) && u.Quarter.Before(to) {
			spent.usage = append(spent.usage, u)
		}
	}
	if spent.held, err = s.Checks().Held(ctx); err != nil {
		return nil, err
	}
	if spent.freed, err = s.Checks().Released(ctx); err != nil {
		return nil, err
	}
	if spent.lost, err = s.Checks().LostCalls(ctx); err != nil {
		return nil, err
	}
	last, err := s.Prices().Last(ctx)
	if err != nil || last == nil {
		return spent, err
	}
	ended, err := s.Prices().Made(ctx, from.Add(-otherZones), to.Add(otherZones))
	if err == nil {
		err = spent.readMade(around, ended, last)
	}
	return spent, err
}

// readMade gives calls the books and readings that they were made under: those of uses that have ended theirs, the
// others the last one.
func (s *Month) readMade(around []store.Usage, ended []accounts.MadeUsage, last *accounts.PriceUse) error {
	read := map[string]*billing.Book{s.prices.String(): s.prices}
	book := func(text string) (*billing.Book, error) {
		if read[text] == nil {
			b, err := billing.ParseBook(text, time.LoadLocation)
			if err != nil {
				return nil, fmt.Errorf("prices that calls were made under: %w", err)
			}
			read[text] = b
		}
		if !slices.Contains(s.books, read[text]) {
			s.books = append(s.books, read[text])
		}
		return read[text], nil
	}
	earlier := map[store.Usage]int64{}
	for _, u := range ended {
		of, err := book(u.Book)
		if err != nil {
			return err
		}
		usage := store.Usage{Quarter: u.Quarter, Endpoint: u.Endpoint, Region: u.Region, Tag: store.Tag(u.Tag), Calls: u.Calls}
		if u.Success {
			usage.Outcome, usage.Code = store.Answered, billing.CodeSuccess
		}
		s.made = append(s.made, madeUsage{usage, of, billing.Basis(u.Basis)})
		earlier[keyOf(usage)] += u.Calls
	}
	of, err := book(last.Book)
	if err != nil {
		return err
	}
	for _, u := range around {
		if u.Outcome == store.Unsent {
			continue
		}
		n := min(u.Calls, earlier[keyOf(u)])
		earlier[keyOf(u)] -= n
		if u.Calls -= n; u.Calls > 0 {
			s.made = append(s.made, madeUsage{u, of, billing.Basis(last.Basis)})
		}
	}
	return nil
}

// keyOf keeps of a usage what calls agree in that may be charged alike.
func keyOf(u store.Usage) store.Usage {
	key := store.Usage{Quarter: u.Quarter, Endpoint: u.Endpoint, Region: u.Region, Tag: u.Tag}
	if u.Tag == store.TagFree && u.Code == billing.CodeSuccess {
		key.Code = u.Code // some readings charge it
	}
	return key
}

// otherwise reports that calls of the month were made at other prices, or counted by another reading, than now. Where
// they were not, nothing is counted twice.
func (s *Month) otherwise(now billing.Basis) bool {
	return slices.ContainsFunc(s.made, func(u madeUsage) bool {
		return u.book != s.prices || cmp.Or(u.basis, now) != now
	})
}

// Meter counts on from here under caps. at says which day it is.
func (s *Month) Meter(caps billing.Caps, at time.Time) *billing.Meter {
	m := billing.NewMeter(s.prices, caps, at)
	for _, u := range s.usage {
		if counted := charged(CountedAs(caps.Basis, u), u); counted != (billing.Charged{}) { // the dearer of the two
			m.SeedAs(u.Endpoint, u.Region, u.Quarter, charged(Charge(caps.Basis, u), u), counted)
		}
	}
	now := cmp.Or(caps.Basis, billing.PayTag)
	otherwise := s.otherwise(now)
	for _, u := range s.made {
		counted := charged(CountedAs(cmp.Or(u.basis, now), u.Usage), u.Usage)
		if otherwise && counted != (billing.Charged{}) {
			m.SeedMade(u.book, u.Endpoint, u.Region, u.Quarter, counted.Paid, counted.Doubtful)
		}
	}
	s.seedHeld(m, otherwise, at)
	return m
}

// seedHeld counts each held ID as one doubtful call of this month, on the last day on which it may have been asked. One
// that was released, and a lost call, counts in the month of that day alone.
func (s *Month) seedHeld(m *billing.Meter, otherwise bool, now time.Time) {
	for _, h := range s.held {
		at := h.LostUntil
		if at.After(now) {
			at = now
		}
		if at.Before(s.from) {
			at = s.from
		}
		s.seedInDoubt(m, otherwise, h, at)
	}
	for _, h := range s.freed {
		if at, ok := h.Within(s.from, s.to); ok {
			if at.After(now) {
				at = now
			}
			s.seedInDoubt(m, otherwise, h, at)
		}
	}
	for _, l := range s.lost {
		if at, ok := l.Within(s.from, s.to); ok {
			if at.After(now) {
				at = now
			}
			m.SeedLost(at, l.Calls)
		}
	}
}

// seedInDoubt counts a doubtful call for each of some IDs, at the prices of now.
func (s *Month) seedInDoubt(m *billing.Meter, otherwise bool, h held.IDs, at time.Time) {
	m.Seed(h.Endpoint, h.Region, at, 0, h.Checks)
	if otherwise {
		m.SeedMade(s.prices, h.Endpoint, h.Region, at, 0, h.Checks)
	}
}

// PricesChanged tells of prices, or a reading of the contract, that are others than those of the last run, and by how
// much open months change.
type PricesChanged struct {
	What    string // that changed: "prices" or "billing.time_zone", "billing.reading", or one of those and the last
	Changes []accounts.PriceChange
}

// shownChanges sets how many months a sentence names.
const shownChanges = 3

// String returns a clause of the verdict, "" where no open month changes.
func (p PricesChanged) String() string {
	var months []string
	for _, c := range p.Changes[:min(len(p.Changes), shownChanges)] {
		months = append(months, "for "+c.String())
	}
	if len(months) == 0 {
		return ""
	}
	text := p.What + " changed " + strings.Join(months, ", ")
	if more := len(p.Changes) - len(months); more > 0 {
		text += fmt.Sprintf(", and %d more months", more)
	}
	return text
}

// ComparePrices compares a price book and a reading with those of the last run; same says that they are the same. s is
// nil before the first run.
func ComparePrices(
	ctx context.Context, s *store.Store, prices *billing.Book, basis billing.Basis,
) (changed PricesChanged, same bool, err error) {
	if s == nil {
		return changed, false, nil
	}
	last, err := s.Prices().Last(ctx)
	if err != nil || last == nil {
		return changed, false, err
	}
	basis = cmp.Or(basis, billing.PayTag)
	before := cmp.Or(billing.Basis(last.Basis), basis)
	if last.Book == prices.String() && last.Basis == string(basis) {
		return changed, true, nil
	}
	was, err := billing.ParseBook(last.Book, time.LoadLocation)
	if err != nil {
		return changed, false, fmt.Errorf("prices of the last run: %w", err)
	}
	closed, err := s.Months().Closures(ctx)
	if err != nil {
		return changed, false, err
	}
	found, err := prices.Changes(was, before != basis, eachChargeable(ctx, s, before, basis))
	for _, c := range found {
		month := c.Period.String()
		if !slices.ContainsFunc(closed, func(c accounts.Closure) bool {
			return c.Month == month && c.ReopenedAt.IsZero()
		}) {
			change := accounts.PriceChange{Month: month, Was: c.Was.Amount(), Became: c.Is.Amount(),
				Difference: c.Difference()}
			changed.Changes = append(changed.Changes, change)
		}
	}
	var what []string
	switch {
	case max(1, was.Starts) != max(1, prices.Starts):
		what = append(what, "billing.month_starts")
	case was.Zone() != prices.Zone():
		what = append(what, "billing.time_zone")
	case last.Book != prices.String():
		what = append(what, "prices")
	}
	if before != basis {
		what = append(what, "billing.reading")
	}
	changed.What = strings.Join(what, " and ")
	return changed, false, err
}

// eachChargeable visits the calls between two instants that may have been charged, by an earlier reading or that of
// now.
func eachChargeable(ctx context.Context, s *store.Store, before, now billing.Basis) billing.EachCall {
	return func(from, to time.Time, visit billing.Visit) error {
		if to.IsZero() {
			to = time.Now().AddDate(1, 0, 0) // later than any call
		}
		usage, err := s.Calls().Usage(ctx, from, to)
		for _, u := range usage {
			was, is := charged(Charge(before, u), u), charged(Charge(now, u), u)
			if was != is || is != (billing.Charged{}) {
				visit(u.Endpoint, u.Region, u.Quarter, was, is)
			}
		}
		return err
	}
}

// MadeAt returns the newest price that was used for calls of an instant.
func (s *Month) MadeAt(endpoint, region string, at time.Time) (found *billing.Price, ok bool) {
	for _, book := range s.books {
		if p, had := book.Lookup(endpoint, region, at); had {
			found, ok = p, true
		}
	}
	return found, ok
}

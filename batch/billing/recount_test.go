package billing

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// recount is the meter as one would write it first: a list of all calls,
// counted again from its beginning at every question, each combination of
// doubts tried.
type recount struct {
	book  *Book
	caps  Caps
	calls []metered
	now   string // newest day, 2006-01-02 in Singapore

	several bool     // books that calls were made under
	made    *recount // the same calls at the prices they were made under; nil where prices were not changed
}

type metered struct {
	price    *Price
	book     *Book // that it was made under
	where    Route
	at       time.Time
	day      string
	seeded   bool
	state    Tag // "" in flight
	released bool
}

func singaporeDay(at time.Time) string { return at.UTC().Add(8 * time.Hour).Format(time.DateOnly) }

func (rc *recount) call(endpoint, region string, at time.Time) metered {
	p, _ := rc.book.Lookup(endpoint, region, at)
	return metered{price: p, book: rc.book, where: Route{endpoint, region}, at: at, day: singaporeDay(at)}
}

// measure counts the calls of a scope; those before it in the same month and
// under the same price decide where its tiers begin.
func (rc *recount) measure(own, before func(metered) bool) Range {
	type key struct {
		price *Price
		month string
	}
	counted := map[key]*[2]counts{}
	for _, c := range rc.calls {
		which := 0
		switch {
		case c.released:
			continue
		case own(c):
			which = 1
		case !before(c):
			continue
		}
		k := key{c.price, c.day[:7]}
		if counted[k] == nil {
			counted[k] = &[2]counts{}
		}
		n := &counted[k][which]
		switch c.state {
		case Pay:
			n.paid++
		case Unknown:
			n.doubtful++
		default:
			n.reserved++
		}
	}
	r := Range{Floor: Amounts{}, Ceiling: Amounts{}}
	for k, n := range counted {
		r.FloorCalls += n[1].paid
		r.CeilingCalls += n[1].most()
		if k.price == nil {
			r.Unpriced += n[1].most()
			continue
		}
		if rc.several {
			n[0].doubtful += rc.elsewhere(k.price, k.month)
		}
		least, most := everyCombination(k.price, n[0], n[1])
		r.Floor = r.Floor.Add(Amounts{k.price.Currency: least})
		r.Ceiling = r.Ceiling.Add(Amounts{k.price.Currency: most})
	}
	return r
}

// elsewhere counts the earlier runs' calls of a month that were made at other prices, no later than those of a row, and
// that the row would have priced: nobody can say how much of its quota and tiers they have used.
func (rc *recount) elsewhere(row *Price, month string) int64 {
	books, last := map[*Book]bool{}, time.Time{}
	for _, c := range rc.calls {
		if c.price != row || c.day[:7] != month {
			continue
		}
		if books[c.book] = true; c.at.After(last) {
			last = c.at
		}
	}
	for _, p := range rc.book.Prices {
		if row != nil && p.terms() == row.terms() { // its calls go on
			books[rc.book], last = true, time.Now().AddDate(100, 0, 0)
		}
	}
	var n int64
	for _, c := range rc.calls {
		if row == nil || !c.seeded || c.price == row || c.day[:7] != month || c.at.After(last) {
			continue
		}
		for book := range books {
			if p, ok := book.Lookup(c.where.Endpoint, c.where.Region, c.at); ok && p.terms() == row.terms() {
				n++
				break
			}
		}
	}
	return n
}

// lawful returns two bills of a month that nobody could object to: each call at the price it was made under, in the
// place that it has among all calls of the month which that row prices, or among those made under that row. Of the
// calls that may be charged some are.
func (rc *recount) lawful(r *rand.Rand, month string) [2]Amounts {
	type use struct {
		quantity, calls int64
		bill            decimal.Decimal
	}
	uses := [2]map[*Price]*use{{}, {}}
	charged := func(c metered) bool {
		return c.price != nil && !c.released && c.day[:7] == month && (c.state == Pay || r.IntN(3) > 0)
	}
	count := func(which int, p *Price, own bool) {
		u := uses[which][p]
		if u == nil {
			u = &use{}
			uses[which][p] = u
		}
		u.quantity++
		if !own {
			return
		}
		u.bill = u.bill.Add(p.Unit(p.Slot(u.quantity, u.quantity)))
		if u.calls += min(1, p.billable(u.quantity)); p.Kind == Volume {
			u.bill = p.reached(p.billable(u.quantity)).Mul(decimal.NewFromInt(u.calls))
		}
	}
	rows := map[string]*Price{} // by terms
	for _, c := range rc.calls {
		if c.price != nil {
			rows[c.price.terms()] = c.price
		}
	}
	for _, c := range rc.calls {
		if !charged(c) {
			continue
		}
		count(1, c.price, true)
		seen := map[*Price]bool{}
		for _, book := range rc.books() {
			p, _ := book.Lookup(c.where.Endpoint, c.where.Region, c.at)
			if p == nil {
				continue
			}
			if row := rows[p.terms()]; row != nil && !seen[row] {
				seen[row] = true
				count(0, row, row == c.price)
			}
		}
	}
	var bills [2]Amounts
	for i := range bills {
		bills[i] = Amounts{}
		for p, u := range uses[i] {
			bills[i] = bills[i].Add(Amounts{p.Currency: u.bill})
		}
	}
	return bills
}

// books lists those that calls were made under.
func (rc *recount) books() []*Book {
	var list []*Book
	for _, c := range rc.calls {
		if !slices.Contains(list, c.book) {
			list = append(list, c.book)
		}
	}
	return list
}

func (rc *recount) run() Range {
	return rc.measure(func(c metered) bool { return !c.seeded }, func(c metered) bool { return c.seeded })
}

func (rc *recount) day(day string) Range {
	return rc.measure(
		func(c metered) bool { return c.day == day },
		func(c metered) bool { return c.day[:7] == day[:7] && c.day < day })
}

func (rc *recount) month(month string) Range {
	return rc.measure(func(c metered) bool { return c.day[:7] == month }, func(metered) bool { return false })
}

// over names the caps that are passed by the run or on one of the days.
func (rc *recount) over(days map[string]bool) map[string]bool {
	list := map[string]bool{}
	look := func(c Cap, r Range) {
		_, money := r.Ceiling.Over(c.Limit)
		if money || c.Calls > 0 && r.CeilingCalls > c.Calls {
			list[c.Name] = true
		}
	}
	if rc.made != nil {
		list = rc.made.over(days)
	}
	look(rc.caps.Run, rc.run())
	for day := range days {
		look(rc.caps.Day, rc.day(day))
		look(rc.caps.Month, rc.month(day[:7]))
	}
	return list
}

// add counts a call made under a book.
func (rc *recount) add(c metered, book *Book, endpoint, region string, at time.Time) {
	rc.calls = append(rc.calls, c)
	if rc.made == nil {
		return
	}
	p, _ := book.Lookup(endpoint, region, at)
	for _, other := range rc.made.calls { // rows that differ in their dates alone are one
		if p != nil && other.price != nil && p.terms() == other.price.terms() {
			p = other.price
		}
	}
	c.price, c.book = p, book
	rc.made.calls = append(rc.made.calls, c)
}

// settle returns what came of the i-th call.
func (rc *recount) settle(i int, tag Tag) {
	for r := rc; r != nil; r = r.made {
		r.calls[i].state, r.calls[i].released = tag, tag == Free
	}
}

// touched are the days with calls of this run; seeds alone may be over a cap.
func (rc *recount) touched() map[string]bool {
	days := map[string]bool{}
	for _, c := range rc.calls {
		if !c.seeded && !c.released {
			days[c.day] = true
		}
	}
	return days
}

// raised are the days whose money a call on the given one can raise.
func (rc *recount) raised(day string) map[string]bool {
	days := map[string]bool{}
	for _, c := range rc.calls {
		if !c.released && c.day >= day && c.day[:7] == day[:7] {
			days[c.day] = true
		}
	}
	return days
}

func randomCaps(r *rand.Rand) Caps {
	random := func(name string) Cap {
		c := Cap{Name: name}
		if r.IntN(4) > 0 {
			c.Limit = Amounts{"USD": decimal.New(1+r.Int64N(900), -2), "EUR": decimal.New(1+r.Int64N(900), -2)}
		}
		if r.IntN(4) == 0 {
			c.Calls = 1 + r.Int64N(20)
		}
		return c
	}
	return Caps{Run: random("run"), Day: random("day"), Month: random("month")}
}

// randomBook has a pooled row, a region of its own, a price that changes in the
// middle of the month, and nothing for "xx".
func randomBook(t *testing.T, r *rand.Rand) *Book {
	kind := kinds[r.IntN(3)]
	pooled, own, old, changed := randomPrice(r, kind), randomPrice(r, kind), randomPrice(r, kind), randomPrice(r, kind)
	own.Region, own.Currency = "VN", "EUR"
	old.Endpoint, changed.Endpoint = "id", "id"
	old.Kind, old.Tiers, old.FreeQuota, old.Minimum = Flat, old.Tiers[len(old.Tiers)-1:], 0, decimal.Decimal{}
	old.To, changed.From = date("2026-11-30"), date("2026-11-30")
	return mustBook(t, zone(t, "Asia/Singapore"), pooled, own, old, changed)
}

func equalRanges(a, b Range) bool {
	return a.String() == b.String() && a.FloorCalls == b.FloorCalls && a.CeilingCalls == b.CeilingCalls && a.Unpriced == b.Unpriced
}

// The meter must refuse exactly the calls that recounting everything refuses,
// show the same ranges, and never let a ceiling pass its cap, over random
// sequences that cross midnights, a price change and the end of a month, with
// earlier calls made under other books than the present one.
func TestMeterAgainstRecount(t *testing.T) {
	refused, passed := 0, 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 3))
		at := instant("2026-11-28T04:00:00Z")
		rc := &recount{book: randomBook(t, r), caps: randomCaps(r), now: singaporeDay(at)}
		m := NewMeter(rc.book, rc.caps, at)
		if seed%2 == 1 {
			rc.made = &recount{book: rc.book, caps: rc.caps, several: true}
		}
		seedBoth(t, r, m, rc, at)
		var flying []func()
		for step := range 70 {
			at = at.Add(time.Duration(r.Int64N(int64(3 * time.Hour))))
			if len(flying) > 0 && r.IntN(5) < 2 {
				i := r.IntN(len(flying))
				flying[i]()
				flying = append(flying[:i], flying[i+1:]...)
			} else if settle, err := reserveBoth(r, m, rc, at); err != nil {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			} else if settle != nil {
				flying = append(flying, settle)
				passed++
			} else {
				refused++
			}
			compareScopes(t, r, seed, step, m, rc)
		}
	}
	if refused < 1000 || passed < 1000 {
		t.Errorf("%d refused, %d passed: the sequences prove little", refused, passed)
	}
}

// seedBoth gives both some earlier calls. Where prices were changed, some of them were made under the present book, the
// others under two earlier ones.
func seedBoth(t *testing.T, r *rand.Rand, m *Meter, rc *recount, at time.Time) {
	books := []*Book{rc.book, randomBook(t, r), randomBook(t, r)}
	uses := make([]int, r.IntN(12))
	for i := range uses {
		uses[i] = r.IntN(3)
	}
	slices.Sort(uses) // one book after another; the present one the last
	for i, use := range uses {
		seededAt := at.Add(-time.Duration(len(uses)-i) * time.Duration(r.Int64N(int64(6*time.Hour))))
		if i > 0 && seededAt.Before(rc.calls[i-1].at) {
			seededAt = rc.calls[i-1].at
		}
		p := randomRoute(r)
		book := books[2-use]
		c := rc.call(p.Endpoint, p.Region, seededAt)
		c.seeded, c.state = true, []Tag{Pay, Unknown}[r.IntN(2)]
		rc.add(c, book, p.Endpoint, p.Region, seededAt)
		paid := int64(0)
		if c.state == Pay {
			paid = 1
		}
		m.Seed(p.Endpoint, p.Region, seededAt, paid, 1-paid)
		if rc.made != nil {
			m.SeedMade(book, p.Endpoint, p.Region, seededAt, paid, 1-paid)
		}
	}
}

func randomRoute(r *rand.Rand) Route {
	return []Route{{"sg", "SG"}, {"sg", "PH"}, {"sg", "VN"}, {"id", "ID"}, {"xx", "XX"}}[r.IntN(5)]
}

// reserveBoth asks both for a call, at times a little in the past, and returns
// how to settle it, or nil when both refused it.
func reserveBoth(r *rand.Rand, m *Meter, rc *recount, at time.Time) (settle func(), err error) {
	if r.IntN(8) == 0 {
		at = at.Add(-time.Duration(r.Int64N(int64(30 * time.Hour))))
	}
	p := randomRoute(r)
	rc.add(rc.call(p.Endpoint, p.Region, at), rc.book, p.Endpoint, p.Region, at)
	rc.now = max(rc.now, singaporeDay(at))
	index := len(rc.calls) - 1
	over := rc.over(rc.raised(singaporeDay(at)))
	uncounted := rc.calls[index].price == nil && rc.caps.onMoney() != ""
	var refusal *CapError
	var unpriced *UnpricedError
	switch got := m.Reserve(p.Endpoint, p.Region, at); {
	case got == nil && (len(over) > 0 || uncounted):
		return nil, errors.New("passed a call over its cap")
	case got == nil:
		return func() {
			tag := []Tag{Pay, Free, Unknown, "?"}[r.IntN(4)]
			m.Confirm(p.Endpoint, p.Region, at, tag)
			if tag == "?" {
				tag = Unknown
			}
			rc.settle(index, tag)
		}, nil
	case errors.As(got, &unpriced) && uncounted:
	case !errors.As(got, &refusal) || !over[refusal.Cap]:
		return nil, got
	}
	rc.settle(index, Free)
	return nil, nil
}

func compareScopes(t *testing.T, r *rand.Rand, seed uint64, step int, m *Meter, rc *recount) {
	t.Helper()
	if rc.made != nil { // what the caps count is the greater of the two, currency by currency
		want := rc.made.month(rc.now[:7]).Ceiling.above(rc.month(rc.now[:7]).Ceiling)
		if rc.caps.onMoney() == "" {
			want = Amounts{}
		}
		if got := m.Month().Counted; got.String() != want.String() {
			t.Fatalf("seed %d, step %d: caps count %v, recounted %v", seed, step, got, want)
		}
	}
	if rc.made != nil && step%8 == 0 {
		counted := m.tallies[0].measure(inMonth(m.today.Period)).Ceiling
		if len(m.tallies) > 1 {
			counted = m.tallies[1].measure(inMonth(m.today.Period)).Ceiling
		}
		for i, bill := range rc.made.lawful(r, rc.now[:7]) {
			if over := bill.above(counted); len(over) > 0 {
				t.Fatalf("seed %d, step %d: caps count %v, a lawful bill (%d) is %v", seed, step, counted, i, bill)
			}
		}
	}
	for name, pair := range map[string][2]Range{
		"run":   {m.Run(), rc.run()},
		"day":   {m.Day(), rc.day(rc.now)},
		"month": {m.Month(), rc.month(rc.now[:7])},
	} {
		if !equalRanges(pair[0], pair[1]) {
			t.Fatalf("seed %d, step %d: %s %+v, recounted %+v", seed, step, name, pair[0], pair[1])
		}
	}
	if over := rc.over(rc.touched()); len(over) > 0 {
		t.Fatalf("seed %d, step %d: over %v", seed, step, over)
	}
}

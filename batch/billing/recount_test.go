package billing

import (
	"errors"
	"math/rand/v2"
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

	made *recount // the same calls at the prices they were made under; nil where prices were not changed
}

type metered struct {
	price    *Price
	day      string
	seeded   bool
	state    Tag // "" in flight
	released bool
}

func singaporeDay(at time.Time) string { return at.UTC().Add(8 * time.Hour).Format(time.DateOnly) }

func (rc *recount) call(endpoint, region string, at time.Time) metered {
	p, _ := rc.book.Lookup(endpoint, region, at)
	return metered{price: p, day: singaporeDay(at)}
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
		least, most := everyCombination(k.price, n[0], n[1])
		r.Floor = r.Floor.Add(Amounts{k.price.Currency: least})
		r.Ceiling = r.Ceiling.Add(Amounts{k.price.Currency: most})
	}
	return r
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
	c.price = p
	rc.made.calls = append(rc.made.calls, c)
}

// settle says what came of the i-th call.
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
			rc.made = &recount{caps: rc.caps}
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
			compareScopes(t, seed, step, m, rc)
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
	for range r.IntN(6) {
		seededAt := at.AddDate(0, 0, -r.IntN(3))
		p := randomRoute(r)
		book := books[r.IntN(3)]
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
			m.Settle(p.Endpoint, p.Region, at, tag)
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

func compareScopes(t *testing.T, seed uint64, step int, m *Meter, rc *recount) {
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

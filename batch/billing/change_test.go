package billing

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// usedCall is a call of the tests.
type usedCall struct {
	Route
	at   time.Time
	paid bool
}

func each(calls []usedCall) EachCall {
	return func(from, to time.Time, visit Visit) error {
		for _, c := range calls {
			if c.at.Before(from) || !to.IsZero() && !c.at.Before(to) {
				continue
			}
			one := Charged{Doubtful: 1}
			if c.paid {
				one = Charged{Paid: 1}
			}
			visit(c.Endpoint, c.Region, c.at, one, one)
		}
		return nil
	}
}

func TestChangesOfAMonth(t *testing.T) {
	z := zone(t, "Asia/Singapore")
	november, october := instant("2026-11-21T04:00:00Z"), instant("2026-10-21T04:00:00Z")
	sg, id := Route{"sg", "SG"}, Route{"id", "ID"}
	calls := []usedCall{
		{sg, october, true},
		{sg, november, true},
		{sg, november, true},
		{sg, november, false},
		{id, november, true},
	}
	both := []Price{flat("sg", "*", "2026-01-01", "1"), flat("id", "*", "2026-01-01", "0.5")}
	edit := func(change func(rows []Price) []Price) *Book {
		return mustBook(t, z, change(append([]Price(nil), both...))...)
	}
	for name, c := range map[string]struct {
		book *Book
		want []string
	}{
		"nothing":                           {edit(func(rows []Price) []Price { return rows }), nil},
		"in another order":                  {edit(func(rows []Price) []Price { return []Price{rows[1], rows[0]} }), nil},
		"a price for what was never called": {edit(func(rows []Price) []Price { return append(rows, flat("th", "*", "2026-01-01", "9")) }), nil},
		"an end that is to come":            {edit(func(rows []Price) []Price { rows[0].To = date("2026-12-01"); return rows }), nil},
		"from November on": {edit(func(rows []Price) []Price {
			rows[0].To = date("2026-11-01")
			return append(rows, flat("sg", "*", "2026-11-01", "2"))
		}), []string{"2026-11: USD 4.50-6.50 was USD 2.50-3.50 (USD +2.00 to +3.00)"}},
		"in place": {edit(func(rows []Price) []Price { rows[0].Tiers = tiers(beyond("2")); return rows }),
			[]string{"2026-10: USD 2.00 was USD 1.00 (USD +1.00)", "2026-11: USD 4.50-6.50 was USD 2.50-3.50 (USD +2.00 to +3.00)"}},
		"another currency": {edit(func(rows []Price) []Price { rows[1].Currency = "IDR"; return rows }),
			[]string{"2026-11: IDR 0.50, USD 2.00-3.00 was USD 2.50-3.50 (IDR +0.50, USD -0.50)"}},
		"a price less": {edit(func(rows []Price) []Price { return rows[:1] }), []string{"2026-11: USD 2.00-3.00 and 1 call without a price was USD 2.50-3.50 (USD -0.50)"}},
		"no price": {edit(func([]Price) []Price { return nil }),
			[]string{"2026-10: 1 call without a price was USD 1.00 (USD -1.00)", "2026-11: 4 calls without a price was USD 2.50-3.50 (USD -2.50 to -3.50)"}},
		"another zone": {mustBook(t, zone(t, "America/New_York"), both...), nil}, // these calls are far from midnight
	} {
		changes, err := c.book.Changes(mustBook(t, z, both...), false, each(calls))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range changes {
			got = append(got, one.Period.String()+": "+one.Is.Amount()+" was "+one.Was.Amount()+" ("+one.Difference()+")")
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %q, want %q", name, got[i], c.want[i])
			}
		}
	}
	broken := errors.New("broken")
	_, err := mustBook(t, z).Changes(mustBook(t, z, both...), false, func(_, _ time.Time, _ Visit) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("an error of the calls: %v", err)
	}
}

// A month is named if and only if it comes to something else, whatever the books and the calls are.
func TestChangesNameEveryMonthThatChanges(t *testing.T) {
	named := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 9))
		was, is := randomBook(t, r), randomBook(t, r)
		if seed%2 == 0 { // alike but for one row
			is = mustBook(t, zone(t, "Asia/Singapore"), alike(was, r)...)
		}
		var calls []usedCall
		for range r.IntN(60) {
			calls = append(
				calls,
				usedCall{
					randomRoute(r),
					instant("2026-09-15T04:00:00Z").Add(time.Duration(r.Int64N(int64(100 * 24 * time.Hour)))),
					r.IntN(3) > 0,
				},
			)
		}
		changes, err := is.Changes(was, false, each(calls))
		if err != nil {
			t.Fatal(err)
		}
		found := map[Period]Change{}
		for _, c := range changes {
			found[c.Period] = c
			named++
		}
		for _, month := range []Period{{2026, time.September}, {2026, time.October}, {2026, time.November}, {2026, time.December}} {
			before, after := monthUnder(was, month, calls), monthUnder(is, month, calls)
			c, ok := found[month]
			if ok != (before.Amount() != after.Amount()) || ok && (!equalRanges(c.Was, before) || !equalRanges(c.Is, after)) {
				t.Fatalf("seed %d: %v is %s, was %s; said %v: %+v", seed, month, after.Amount(), before.Amount(), ok, c)
			}
		}
	}
	if named < 50 {
		t.Errorf("%d months changed: little was tried", named)
	}
}

// alike are a book's rows, one of them with another price.
func alike(b *Book, r *rand.Rand) []Price {
	var rows []Price
	for _, p := range b.Rows() {
		rows = append(rows, *p)
	}
	p := &rows[r.IntN(len(rows))]
	p.Tiers = append([]Tier(nil), p.Tiers...)
	p.Tiers[r.IntN(len(p.Tiers))].Unit = dec("0.77")
	return rows
}

func monthUnder(book *Book, month Period, calls []usedCall) Range {
	from, to := month.Bounds(book.Location)
	m := NewMeter(book, Caps{}, from)
	for _, c := range calls {
		if !c.at.Before(from) && c.at.Before(to) {
			paid := int64(0)
			if c.paid {
				paid = 1
			}
			m.Seed(c.Endpoint, c.Region, c.at, paid, 1-paid)
		}
	}
	return m.Month()
}

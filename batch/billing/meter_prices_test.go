package billing

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// Calls of the period that have no price any more are named, those of the day under a cap on the day, all of the month's
// under one on the month; caps on calls count them as any.
func TestUnpricedCallsOfThePeriod(t *testing.T) {
	later := flat("sg", "*", "2026-11-20", "0.03")
	book := mustBook(t, zone(t, "Asia/Singapore"), later)
	early, yesterday := instant("2026-11-03T04:00:00Z"), noon.AddDate(0, 0, -1)
	for name, c := range map[string]struct {
		caps Caps
		want []UnpricedCalls
	}{
		"no cap":         {Caps{}, nil},
		"cap on calls":   {Caps{Month: Cap{Name: "calls_per_month", Calls: 99}}, nil},
		"cap on the run": {Caps{Run: usdCap("spend_per_run", "1")}, nil},
		"cap on the day": {Caps{Day: usdCap("spend_per_day", "1")}, []UnpricedCalls{{"spend_per_day", "old", "ID", 2, yesterday}}},
		"cap on the month": {Caps{Day: usdCap("spend_per_day", "1"), Month: usdCap("spend_per_month", "1")},
			[]UnpricedCalls{{"spend_per_month", "old", "ID", 5, yesterday}, {"spend_per_month", "sg", "SG", 7, early}}},
	} {
		m := NewMeter(book, c.caps, noon)
		m.Seed("old", "ID", noon, 1, 1)
		m.Seed("old", "ID", yesterday, 3, 0)
		m.Seed("sg", "SG", early.Add(time.Hour), 2, 0)
		m.Seed("sg", "SG", early, 2, 3)
		m.Seed("sg", "SG", noon, 4, 0)                    // has its price
		m.Seed("old", "ID", noon.AddDate(0, -1, 0), 9, 0) // another month's
		if got := m.Unpriced(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if month := m.Month(); month.CeilingCalls != 16 || month.Unpriced != 12 ||
			month.String() != "USD 0.12 and 12 calls without a price" {
			t.Errorf("%s: %d calls at most, %d unpriced, %s", name, month.CeilingCalls, month.Unpriced, month)
		}
	}
	m := NewMeter(book, Caps{Month: Cap{Name: "calls_per_month", Calls: 17}}, noon)
	m.Seed("old", "ID", noon, 16, 0)
	reserve(t, m, noon, 1)
	if err := m.Reserve("sg", "SG", noon); err == nil {
		t.Error("a cap on calls forgot those of an endpoint that is not priced any more")
	}
}

// A night that runs into a day without a price makes no call there, if a cap is on money.
func TestMeterRefusesWhatItCannotCount(t *testing.T) {
	ends := flat("sg", "*", "2026-01-01", "0.03")
	ends.To = date("2026-11-22")
	book := mustBook(t, zone(t, "Asia/Singapore"), ends)
	m := NewMeter(book, Caps{Run: usdCap("spend_per_run", "1")}, noon)
	reserve(t, m, noon, 2)
	var unpriced *UnpricedError
	after := instant("2026-11-21T16:00:00Z")
	if err := m.Reserve("sg", "SG", after); !errors.As(err, &unpriced) || unpriced.Cap != "spend_per_run" ||
		unpriced.Endpoint != "sg" {
		t.Errorf("after the price ended: %v", err)
	}
	if r := m.Run(); r.CeilingCalls != 2 || r.Unpriced != 0 {
		t.Errorf("a refused call was counted: %+v", r)
	}
}

// No edit of a price makes room under a cap: what was called counts at least as it did when it was called.
func TestEditsOfPricesMakeNoRoom(t *testing.T) {
	z := zone(t, "Asia/Singapore")
	made := mustBook(t, z, flat("sg", "*", "2026-01-01", "0.03"), flat("sg", "VN", "2026-01-01", "0.09"))
	quota := flat("sg", "*", "2026-01-01", "0.03")
	quota.FreeQuota = 100
	other := flat("sg", "*", "2026-01-01", "450")
	other.Currency = "IDR"
	short := flat("sg", "*", "2026-01-01", "0.03")
	short.To = date("2026-12-01")
	limit := Cap{Name: "spend_per_month", Limit: Amounts{"USD": dec("1.80"), "IDR": dec("1000000")}}
	for name, c := range map[string]struct {
		rows    []Price
		month   string
		counted string
		room    int  // calls of SG
		made    bool // the earlier prices alone refuse the next one
	}{
		"as it was":           {[]Price{flat("sg", "*", "2026-01-01", "0.03"), flat("sg", "VN", "2026-01-01", "0.09")}, "USD 1.20", "", 20, false},
		"an end is set":       {[]Price{short, flat("sg", "VN", "2026-01-01", "0.09")}, "USD 1.20", "", 20, false},
		"lowered":             {[]Price{flat("sg", "*", "2026-01-01", "0.01"), flat("sg", "VN", "2026-01-01", "0.09")}, "USD 1.00", "USD 1.20", 60, true},
		"raised":              {[]Price{flat("sg", "*", "2026-01-01", "0.06"), flat("sg", "VN", "2026-01-01", "0.09")}, "USD 1.50", "", 5, false},
		"region's price gone": {[]Price{flat("sg", "*", "2026-01-01", "0.03")}, "USD 0.60", "USD 1.20", 20, true},
		"a quota":             {[]Price{quota, flat("sg", "VN", "2026-01-01", "0.09")}, "USD 0.90", "USD 1.20", 110, true},
		"another currency":    {[]Price{other}, "IDR 9,000.00", "USD 1.20", 2202, false},
	} {
		m := NewMeter(mustBook(t, z, c.rows...), Caps{Month: limit}, noon)
		m.Seed("sg", "SG", noon, 8, 2)
		m.Seed("sg", "VN", noon, 10, 0)
		m.SeedMade(made, "sg", "SG", noon, 8, 2)
		m.SeedMade(made, "sg", "VN", noon, 10, 0)
		r := m.Month()
		if got := r.Ceiling.String(); got != c.month || r.Counted.String() != c.counted {
			t.Errorf("%s: %s, caps count %s; want %s, %s", name, got, r.Counted, c.month, c.counted)
		}
		room := 0
		for m.Reserve("sg", "SG", noon) == nil && room < 5000 {
			room++
		}
		if room != c.room {
			t.Errorf("%s: %d calls more, want %d", name, room, c.room)
		}
		var refused *CapError
		if err := m.Reserve("sg", "SG", noon); !errors.As(err, &refused) || refused.Made != c.made {
			t.Errorf("%s: then %v, by the earlier prices alone: %v", name, err, c.made)
		}
	}
}

// A month has one quota, however often its size or the price beyond it was changed: what was made under an earlier price
// may have used it up. Nor does a change of tiers begin them anew.
func TestEditsOfPricesMakeNoQuota(t *testing.T) {
	z := zone(t, "Asia/Singapore")
	with := func(unit string, change func(*Price)) *Book {
		row := flat("sg", "*", "2026-01-01", unit)
		change(&row)
		return mustBook(t, z, row)
	}
	quota := func(p *Price) { p.FreeQuota = 50 }
	tiers := func(p *Price) {
		p.Kind, p.Tiers = Graduated, []Tier{{50, dec("0")}, {0, dec("0.01")}}
	}
	for name, c := range map[string]struct {
		earlier []*Book // 50 calls were made under each
		now     *Book
		counted string
		room    int // calls, where a dollar is the cap
	}{
		"one quota":                     {nil, with("0.01", quota), "", 150},
		"the same, used":                {[]*Book{with("0.01", quota)}, with("0.01", quota), "", 100},
		"another price behind it":       {[]*Book{with("0.02", quota)}, with("0.01", quota), "", 100},
		"another price, twice":          {[]*Book{with("0.03", quota), with("0.02", quota)}, with("0.01", quota), "USD 1.00", 0},
		"tiers for a quota":             {[]*Book{with("0.03", quota), with("0.01", quota)}, with("0.01", tiers), "", 50},
		"the first one's price is back": {[]*Book{with("0.01", quota), with("0.02", quota)}, with("0.01", quota), "USD 1.50", 0},
	} {
		m := NewMeter(c.now, Caps{Month: usdCap("month", "1.00")}, noon)
		for n, book := range c.earlier {
			at := noon.Add(time.Duration(n-5) * time.Hour)
			m.Seed("sg", "SG", at, 50, 0)
			m.SeedMade(book, "sg", "SG", at, 50, 0)
		}
		if got := m.Month().Counted.String(); got != c.counted {
			t.Errorf("%s: caps count %q, want %q", name, got, c.counted)
		}
		room := 0
		for room < 500 && m.Reserve("sg", "SG", noon) == nil {
			room++
		}
		if room != c.room {
			t.Errorf("%s: %d calls more, want %d", name, room, c.room)
		}
	}
}

// Nor does an edit of the time zone: a call made on what was the first of the month, or today, stays in that month and day.
func TestAnotherZoneMakesNoRoom(t *testing.T) {
	row := flat("sg", "*", "2026-01-01", "1")
	then, now := mustBook(t, zone(t, "Asia/Singapore"), row), mustBook(t, time.UTC, row)
	first, sixth := instant("2026-10-31T17:00:00Z"), instant("2026-11-05T17:00:00Z") // of November, in Singapore
	noon := instant("2026-11-06T12:00:00Z")
	m := NewMeter(now, Caps{Day: usdCap("day", "3"), Month: usdCap("month", "6")}, noon)
	for at, n := range map[time.Time]int64{first: 2, sixth: 1} {
		m.Seed("sg", "SG", at, n, 0)
		m.SeedMade(then, "sg", "SG", at, n, 0)
	}
	if month, day := m.Month(), m.Day(); month.String() != "USD 1.00" || month.Counted.String() != "USD 3.00" ||
		day.String() != "" || day.Counted.String() != "USD 1.00" {
		t.Errorf("month %s, counted %s; day %s, counted %s", month, month.Counted, day, day.Counted)
	}
	reserve(t, m, noon, 2)
	var refusal *CapError
	if err := m.Reserve("sg", "SG", noon); !errors.As(err, &refusal) || refusal.Cap != "day" {
		t.Errorf("the day's third call and one of before: %v", err)
	}
	next := instant("2026-11-07T12:00:00Z")
	reserve(t, m, next, 1)
	if err := m.Reserve("sg", "SG", next); !errors.As(err, &refusal) || refusal.Cap != "month" {
		t.Errorf("the month's seventh call: %v", err)
	}
}

func TestBookText(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 5))
		book := randomBook(t, r)
		if seed%2 == 0 {
			book.Prices[0].Minimum = dec("12.50")
		}
		again, err := ParseBook(book.String(), time.LoadLocation)
		if err != nil {
			t.Fatal(err)
		}
		rows := book.Rows()
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		shuffled := &Book{Location: book.Location, Prices: rows}
		if again.String() != book.String() || shuffled.String() != book.String() {
			t.Fatalf("seed %d: %s\nread back %s\nshuffled %s", seed, book, again, shuffled)
		}
		for range 20 {
			p, at := randomRoute(r), noon.AddDate(0, 0, r.IntN(20))
			was, had := book.Lookup(p.Endpoint, p.Region, at)
			is, has := again.Lookup(p.Endpoint, p.Region, at)
			if had != has || had && (was.terms() != is.terms() || !was.From.Equal(is.From) || !was.To.Equal(is.To)) {
				t.Fatalf("seed %d: %v at %v: %+v, read back %+v", seed, p, at, was, is)
			}
		}
	}
	for _, text := range []string{"", "{", `{"time_zone":"Nowhere/City"}`, `{"time_zone":"UTC","prices":[{"endpoint":"sg","region":"*","from":"soon"}]}`} {
		if _, err := ParseBook(text, time.LoadLocation); err == nil {
			t.Errorf("%q was read as a price book", text)
		}
	}
}

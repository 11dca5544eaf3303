package billing

import (
	"strings"
	"testing"
	"time"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func tiers(list ...Tier) []Tier { return list }

func upTo(n int64, unit string) Tier { return Tier{UpTo: n, Unit: dec(unit)} }

func beyond(unit string) Tier { return Tier{Unit: dec(unit)} }

// flat is a valid row to build others from.
func flat(endpoint, region, from, unit string) Price {
	return Price{Endpoint: endpoint, Region: region, From: date(from), Currency: "USD", Kind: Flat, Tiers: tiers(beyond(unit))}
}

func mustBook(t testing.TB, z *time.Location, prices ...Price) *Book {
	t.Helper()
	for i := range prices {
		prices[i].Line = i + 1
	}
	b, err := NewBook(prices, z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLookup(t *testing.T) {
	old := flat("sg", "*", "2026-01-01", "0.04")
	old.To = date("2026-07-15")
	vn := flat("sg", "VN", "2026-03-01", "0.03")
	vn.To = date("2026-04-01")
	// Given out of order on purpose.
	b := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-07-15", "0.035"), vn, old, flat("id", "ID", "2026-01-01", "0.02"))
	for _, tt := range []struct{ endpoint, region, at, unit string }{
		{"sg", "SG", "2025-12-31T15:59:59.999999999Z", ""},
		{"sg", "SG", "2025-12-31T16:00:00Z", "0.04"},
		{"sg", "SG", "2026-07-14T15:59:59.999999999Z", "0.04"},
		{"sg", "SG", "2026-07-14T16:00:00Z", "0.035"},
		{"sg", "VN", "2026-02-28T15:59:59Z", "0.04"},
		{"sg", "VN", "2026-02-28T16:00:00Z", "0.03"},
		{"sg", "VN", "2026-03-31T16:00:00Z", "0.04"},
		{"sg", "", "2030-01-01T00:00:00Z", "0.035"},
		{"id", "ID", "2026-06-01T00:00:00Z", "0.02"},
		{"id", "SG", "2026-06-01T00:00:00Z", ""},
		{"th", "TH", "2026-06-01T00:00:00Z", ""},
	} {
		at, err := time.Parse(time.RFC3339Nano, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := b.Lookup(tt.endpoint, tt.region, at)
		if ok != (tt.unit != "") || ok && !p.Tiers[0].Unit.Equal(dec(tt.unit)) {
			t.Errorf("Lookup(%s, %s, %s) = %v, %v; want unit %q", tt.endpoint, tt.region, tt.at, p, ok, tt.unit)
		}
	}
}

// Dates count as the zone's, whatever zone the reader of the configuration put
// them in.
func TestDatesAreOfTheBillingZone(t *testing.T) {
	z := zone(t, "America/New_York")
	p := flat("mx", "*", "2026-03-01", "1")
	p.To = time.Date(2026, 4, 1, 0, 0, 0, 0, z)
	got, ok := mustBook(t, z, p).Lookup("mx", "MX", time.Date(2026, 3, 15, 0, 0, 0, 0, z))
	if !ok {
		t.Fatal("no price")
	}
	from, to := Period{2026, time.March}.Bounds(z)
	if !got.From.Equal(from) || !got.To.Equal(to) {
		t.Errorf("in force %v to %v, want %v to %v", got.From, got.To, from, to)
	}
}

func TestNewBookRefuses(t *testing.T) {
	one := func(change func(*Price)) []Price {
		p := flat("sg", "*", "2026-01-01", "0.03")
		p.Line = 7
		change(&p)
		return []Price{p}
	}
	series := func(currency2, from1, to1, from2, to2 string) []Price {
		p, q := flat("sg", "VN", from1, "1"), flat("sg", "VN", from2, "1")
		p.Line, q.Line, q.Currency = 7, 12, currency2
		if to1 != "" {
			p.To = date(to1)
		}
		if to2 != "" {
			q.To = date(to2)
		}
		return []Price{p, q}
	}
	for name, tt := range map[string]struct {
		prices []Price
		want   string
	}{
		"endpoint":         {one(func(p *Price) { p.Endpoint = "" }), "line 7: price of  *: no endpoint"},
		"region":           {one(func(p *Price) { p.Region = "SGP" }), `line 7: price of sg SGP: region "SGP": want "*" or a code of two capital letters`},
		"lower region":     {one(func(p *Price) { p.Region = "sg" }), `region "sg"`},
		"currency":         {one(func(p *Price) { p.Currency = "usd" }), `currency "usd"`},
		"no from":          {one(func(p *Price) { p.From = time.Time{} }), "no date it is valid from"},
		"from has a clock": {one(func(p *Price) { p.From = p.From.Add(time.Hour) }), "2026-01-01T01:00:00Z is not a date"},
		"backwards":        {one(func(p *Price) { p.To = date("2026-01-01") }), "ends on 2026-01-01, not after 2026-01-01"},
		"kind":             {one(func(p *Price) { p.Kind = "stepped" }), `tier kind "stepped": want flat, graduated or volume`},
		"no kind":          {one(func(p *Price) { p.Kind = "" }), `tier kind ""`},
		"no tiers":         {one(func(p *Price) { p.Tiers = nil }), "no tiers"},
		"flat tiers":       {one(func(p *Price) { p.Tiers = tiers(upTo(5, "1"), beyond("1")) }), "a flat price has one tier, not 2"},
		"last limited":     {one(func(p *Price) { p.Tiers = tiers(upTo(5, "1")) }), "tier 1 is the last and must have no limit, not 5"},
		"not ascending": {one(func(p *Price) {
			p.Kind, p.Tiers = Volume, tiers(upTo(5, "1"), upTo(5, "1"), beyond("1"))
		}), "tier 2: limit 5: want 6 to 1000000000000"},
		"unlimited inside": {one(func(p *Price) {
			p.Kind, p.Tiers = Graduated, tiers(upTo(5, "1"), beyond("1"), beyond("1"))
		}), "tier 2: limit 0: want 6"},
		"negative unit":    {one(func(p *Price) { p.Tiers = tiers(beyond("-0.01")) }), "tier 1: unit price: -0.01: want 0 to 1000000"},
		"absurd unit":      {one(func(p *Price) { p.Tiers = tiers(beyond("1000000.01")) }), "tier 1: unit price: 1000000.01"},
		"endless unit":     {one(func(p *Price) { p.Tiers = tiers(beyond("0.0000000000001")) }), "more than 12 decimals"},
		"negative quota":   {one(func(p *Price) { p.FreeQuota = -1 }), "free quota -1"},
		"negative minimum": {one(func(p *Price) { p.Minimum = dec("-1") }), "monthly minimum: -1"},
		"overlap":          {series("USD", "2026-01-01", "2026-07-02", "2026-07-01", ""), "line 12: price of sg VN: from 2026-07-01 overlaps line 7, which ends on 2026-07-02"},
		"overlap, open":    {series("USD", "2026-01-01", "", "2026-07-01", ""), "line 12: price of sg VN: from 2026-07-01 overlaps line 7, which has no end"},
		"same date":        {series("USD", "2026-01-01", "2026-02-01", "2026-01-01", "2026-03-01"), "line 12: price of sg VN: from 2026-01-01 overlaps line 7"},
		"gap":              {series("USD", "2026-01-01", "2026-07-01", "2026-07-02", ""), "line 12: price of sg VN: no price from 2026-07-01, where line 7 ends, to 2026-07-02"},
		"mixed currencies": {series("SGD", "2026-01-01", "2026-07-02", "2026-07-02", ""), "line 12: price of sg VN: SGD follows USD of line 7 within one month"},
	} {
		b, err := NewBook(tt.prices, time.UTC)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
			continue
		}
		if b != nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: book %v beside %d lines of error", name, b, 1+strings.Count(err.Error(), "\n"))
		}
	}
	if _, err := NewBook(nil, nil); err == nil {
		t.Error("no zone: want an error")
	}
}

func TestNewBookReportsAllProblems(t *testing.T) {
	long := flat("sg", "*", "2026-01-01", "1")
	inside := flat("sg", "*", "2026-02-01", "-1")
	inside.To = date("2026-03-01")
	after := flat("sg", "*", "2026-03-01", "1")
	after.Currency, after.FreeQuota, after.Tiers = "", -1, nil
	other := flat("id", "ID", "2026-01-01", "1")
	prices := []Price{long, inside, after, other}
	for i := range prices {
		prices[i].Line = 10 * (i + 1)
	}
	_, err := NewBook(prices, time.UTC)
	want := []string{
		"line 20: price of sg *: tier 1: unit price: -1: want 0 to 1000000",
		`line 30: price of sg *: currency "": want a code of three capital letters`,
		"line 30: price of sg *: no tiers",
		"line 30: price of sg *: free quota -1: want 0 to 1000000000000",
		"line 20: price of sg *: from 2026-02-01 overlaps line 10, which has no end",
		"line 30: price of sg *: from 2026-03-01 overlaps line 10, which has no end",
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got:\n%v\nwant:\n%s", err, strings.Join(want, "\n"))
	}
}

func TestOverlapWithARowBeforeTheLast(t *testing.T) {
	long, short, third := flat("sg", "*", "2026-01-01", "1"), flat("sg", "*", "2026-02-01", "1"), flat("sg", "*", "2026-03-01", "1")
	long.To, short.To = date("2026-12-01"), date("2026-03-01")
	long.Line, short.Line, third.Line = 1, 2, 3
	_, err := NewBook([]Price{long, short, third}, time.UTC)
	if err == nil || !strings.Contains(err.Error(), "line 3: price of sg *: from 2026-03-01 overlaps line 1, which ends on 2026-12-01") {
		t.Errorf("error: %v", err)
	}
}

// A minimum, a free quota and tiers are a month's: of two prices that share a month
// only one may have them, since either would count the month anew.
func TestMonthlyTermsMayChangeWithTheMonth(t *testing.T) {
	least := func(p *Price) { p.Minimum = dec("100") }
	quota := func(p *Price) { p.FreeQuota = 9 }
	graduated := func(p *Price) { p.Kind, p.Tiers = Graduated, tiers(upTo(5, "1"), beyond("0.5")) }
	plain := func(*Price) {}
	for name, c := range map[string]struct {
		first, last func(*Price)
		from        string
		refused     bool
	}{
		"minimums":                      {least, least, "2026-07-10", true},
		"a quota before tiers":          {quota, graduated, "2026-07-02", true},
		"from the first on":             {least, least, "2026-07-01", false},
		"only the first has a minimum":  {least, plain, "2026-07-10", false},
		"only the second has a minimum": {plain, least, "2026-07-10", false},
	} {
		p, q := flat("sg", "*", "2026-01-01", "1"), flat("sg", "*", c.from, "2")
		p.To, p.Line, q.Line = date(c.from), 7, 12
		c.first(&p)
		c.last(&q)
		_, err := NewBook([]Price{p, q}, zone(t, "Asia/Singapore"))
		want := "line 12: price of sg *: from " + c.from + ", within a month of line 7: a minimum, a free quota and tiers are a whole month's, so only one of the two may have any; let this price begin on the 1st"
		if c.refused && (err == nil || err.Error() != want) || !c.refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, q, r := flat("sg", "*", "2026-01-01", "1"), flat("sg", "*", "2026-07-10", "1"), flat("sg", "*", "2026-07-20", "1")
	p.To, q.To, p.Line, r.Line = q.From, r.From, 7, 17
	least(&p)
	least(&r)
	if _, err := NewBook([]Price{p, q, r}, time.UTC); err == nil || !strings.Contains(err.Error(), "from 2026-07-20, within a month of line 7") {
		t.Errorf("with a price between them: %v", err)
	}
}

func TestCurrencyMayChangeWithTheMonth(t *testing.T) {
	usd := flat("sg", "*", "2026-01-01", "1")
	usd.To = date("2026-07-01")
	sgd := flat("sg", "*", "2026-07-01", "1")
	sgd.Currency = "SGD"
	if _, err := NewBook([]Price{usd, sgd}, zone(t, "Asia/Singapore")); err != nil {
		t.Error(err)
	}
}

// Months that begin on the 1st are calendar months, and kept as these always were: no price has changed by saying so.
func TestMonthsFromTheFirst(t *testing.T) {
	rows := []Price{{Endpoint: "id", Region: "*", From: date("2026-01-01"), Currency: "USD",
		Kind: Flat, Tiers: []Tier{{Unit: dec("0.035")}}}}
	plain, err := NewBook(rows, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	said, err := NewMonthlyBook(rows, Months{Zone: time.UTC, Starts: 1})
	if err != nil || said.String() != plain.String() {
		t.Errorf("%v, %v, want %v", said, err, plain)
	}
}

// A month owes the minimums of all rows that hold in it, by currency.
func TestMinimums(t *testing.T) {
	was, is, other, none := flat("id", "*", "2026-01-01", "1"), flat("id", "*", "2026-12-01", "1"),
		flat("sg", "*", "2026-01-01", "1"), flat("th", "*", "2026-01-01", "1")
	was.To, was.Minimum, is.Minimum = is.From, dec("5"), dec("7.5")
	other.Currency, other.Minimum = "SGD", dec("3")
	b := mustBook(t, time.UTC, was, is, other, none)
	for month, want := range map[string]string{"2026-10": "SGD 3.00, USD 5.00", "2026-11": "SGD 3.00, USD 5.00",
		"2026-12": "SGD 3.00, USD 7.50", "2025-12": ""} {
		period, err := ParsePeriod(month)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Minimums(period).String(); got != want {
			t.Errorf("%s: %s, want %s", month, got, want)
		}
	}
}

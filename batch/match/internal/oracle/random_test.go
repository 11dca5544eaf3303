package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Case represents a month to judge.
type Case struct {
	Month      string
	Calls      []Call
	Prices     []PriceRow
	Statements []Statement
	Settings   Settings
	Faults     []string // what the vendor did wrong, and how the statement is written
}

// Judge reconciles the case.
func (c Case) Judge() Result {
	return Reconcile(c.Month, c.Calls, c.Prices, c.Statements, c.Settings)
}

// Random makes a month of a seed: most are mostly right, each fault is often there.
func Random(seed uint64) Case { return generate(seed, false) }

// RandomRight makes a month of a seed in which the vendor bills by the contract and the statement tells enough.
func RandomRight(seed uint64) Case { return generate(seed, true) }

// style names how a statement is written.
type style string

const (
	byID        style = "IDs"
	byIDAndTime style = "IDs and times"
	onlyTimes   style = "times"
	dayCells    style = "days"
	monthCells  style = "months"
)

// generator represents a month in the making.
type generator struct {
	*rand.Rand
	right  bool
	c      Case
	at     span
	style  style
	named  bool // lines name endpoint and region
	cells  Rounding
	lines  Rounding
	billed []*charging
	until  map[int]time.Time // of rows: doubts before are billed
}

// charging represents a charge of the vendor before it is written.
type charging struct {
	call     int // -1 is none
	x        string
	at       time.Time // by the vendor's clock
	endpoint string
	region   string
	row      int
	amount   decimal.Decimal
	tag      string
	month    string // of the invoice
	fault    string
}

func generate(seed uint64, right bool) Case {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 14)), right: right}
	zones := []*time.Location{time.UTC, time.FixedZone("SGT", 8*3600), time.FixedZone("EST", -5*3600)}
	g.c = Case{Month: "2026-09", Settings: DefaultSettings(oneOf(g, zones...))}
	g.settings()
	g.at = g.c.Settings.month(g.c.Month)
	g.priceBook()
	g.journal()
	g.style = oneOf(g, byID, byIDAndTime, byIDAndTime, byIDAndTime, onlyTimes, onlyTimes, dayCells, monthCells)
	if right && g.style == byID && g.c.Settings.Reading == EveryCall {
		g.style = byIDAndTime // a charge without an answer has no ID to be found by
	}
	g.named = g.chance(0.7)
	g.note(string(g.style))
	g.roundings()
	g.vendor()
	g.price()
	if !right {
		for range oneOf(g, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3) {
			g.fault()
		}
	}
	g.write()
	return g.c
}

func (g *generator) chance(p float64) bool { return g.Float64() < p }

func (g *generator) note(s string) { g.c.Faults = append(g.c.Faults, s) }

func oneOf[T any](g *generator, all ...T) T { return all[g.IntN(len(all))] }

func (g *generator) settings() {
	set := &g.c.Settings
	if g.chance(0.2) {
		set.Reading = oneOf(g, Readings()...)
	}
	if g.chance(0.05) {
		set.MonthStarts = 15
	}
	if g.chance(0.04) {
		rate := oneOf(g, decimal.New(7, -2), decimal.New(11, -2), decimal.New(20, -2))
		set.TaxIncluded = &rate
		g.note("tax included")
	}
	set.GrossTaxBase = g.chance(0.1)
}

// priceBook makes one to three endpoints of one or two currencies.
func (g *generator) priceBook() {
	currencies := []string{"USD"}
	if g.chance(0.3) {
		currencies = append(currencies, oneOf(g, "IDR", "JPY", "KWD"))
	}
	for _, endpoint := range []string{"sg", "th", "id"}[:1+g.IntN(3)] {
		currency := oneOf(g, currencies...)
		rows := []PriceRow{g.priceRow(endpoint, "*", currency)}
		if g.chance(0.25) {
			rows = append(rows, g.priceRow(endpoint, "VN", currency))
		}
		if g.chance(0.08) {
			next := g.priceRow(endpoint, "*", currency)
			middle := g.at.from.AddDate(0, 0, 14)
			rows[0].To, next.From = middle, middle
			rows = append(rows, next)
		}
		g.c.Prices = append(g.c.Prices, rows...)
	}
}

func (g *generator) priceRow(endpoint, region, currency string) PriceRow {
	factor := map[string]int64{"USD": 1, "IDR": 15_000, "JPY": 150, "KWD": 1}[currency]
	units := []string{"0.035", "0.032", "0.03", "0.0312", "0.031237", "0.05", "1.1"}
	unit := decimal.RequireFromString(oneOf(g, units...)).Mul(decimal.NewFromInt(factor))
	r := PriceRow{Endpoint: endpoint, Region: region, Currency: currency, Kind: Flat, Tiers: []Tier{{Unit: unit}}}
	if g.chance(0.45) {
		r.Kind = oneOf(g, Graduated, Graduated, Volume)
		r.Tiers = nil
		end := 0
		for range 1 + g.IntN(2) {
			end += 3 + g.IntN(12)
			r.Tiers = append(r.Tiers, Tier{UpTo: end, Unit: unit})
			unit = unit.Mul(oneOf(g, decimal.New(8, -1), decimal.New(9, -1), decimal.New(75, -2)))
		}
		r.Tiers = append(r.Tiers, Tier{Unit: unit})
	}
	if g.chance(0.2) {
		r.Quota = 1 + g.IntN(6)
	}
	if g.chance(0.2) {
		r.Minimum = r.Tiers[0].Unit.Mul(decimal.NewFromInt(int64(2 + g.IntN(30)))).RoundCeil(minorUnit(currency))
	}
	return r
}

// journal makes calls of the month, and some of its neighbours near the bounds.
func (g *generator) journal() {
	length := g.at.to.Sub(g.at.from)
	for range 3 + g.IntN(oneOf(g, 8, 20, 40)) {
		g.call(g.at.from.Add(time.Duration(g.Int64N(int64(length)))))
	}
	for range g.IntN(4) {
		g.call(g.at.from.Add(-time.Duration(g.Int64N(int64(30 * time.Hour)))))
		g.call(g.at.to.Add(time.Duration(g.Int64N(int64(30 * time.Hour)))))
	}
	if g.chance(0.3) { // around a bound
		bound := oneOf(g, g.at.from, g.at.to)
		for range 3 {
			g.call(bound.Add(time.Duration(g.IntN(8000)-4000) * time.Millisecond))
		}
	}
	slices.SortFunc(g.c.Calls, func(x, y Call) int { return x.Sent.Compare(y.Sent) })
	for i := range g.c.Calls {
		g.c.Calls[i].ID = fmt.Sprintf("c%03d", i)
	}
}

// call adds a call, sometimes a burst of calls.
func (g *generator) call(sent time.Time) {
	endpoints := map[string]bool{}
	for _, r := range g.c.Prices {
		endpoints[r.Endpoint] = true
	}
	for n := 1; ; n++ {
		c := Call{Sent: sent.Truncate(time.Millisecond), Endpoint: oneOf(g, sortedKeys(endpoints)...),
			Region: oneOf(g, "SG", "SG", "VN"), Outcome: Answered, Code: "SUCCESS", Tag: "PAY",
			Subject: fmt.Sprintf("s%d", g.IntN(60)), Transaction: fmt.Sprintf("x%06d", g.IntN(1_000_000))}
		switch p := g.Float64(); {
		case p < 0.08:
			c.Outcome, c.Code, c.Tag, c.Transaction = Unanswered, "", "", ""
		case p < 0.10:
			c.Outcome, c.Code, c.Tag, c.Transaction = Unsent, "", "", ""
		case p < 0.15:
			c.Tag, c.Code = "FREE", oneOf(g, "NO_FACE", "SUCCESS")
		case p < 0.19:
			c.Tag = oneOf(g, "", "TRIAL")
		case p < 0.23:
			c.Code = "NO_FACE"
		case p < 0.25 && len(g.c.Calls) > 0 && !g.right: // twins near a bound may be on two invoices
			if same := g.c.Calls[len(g.c.Calls)-1]; same.Transaction != "" {
				c.Transaction, c.Endpoint, c.Region = same.Transaction, same.Endpoint, same.Region
				c.Sent = same.Sent.Add(time.Millisecond)
			}
		}
		g.c.Calls = append(g.c.Calls, c)
		if n > 4 || g.chance(0.7) {
			return
		}
		sent = sent.Add(time.Duration(1+g.IntN(oneOf(g, 5_000, 60_000, 600_000))) * time.Millisecond)
	}
}

package figures

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store"
	"liverecon/store/calendar"
)

// Term represents a row of the price book in one billing month: what uses up its quota and tiers together.
type Term struct {
	Row           *billing.Price
	Month         string
	Number        int             // on the sheet Rates, from 1
	Before, Calls int64           // billed in the month before the period, and in the period
	repriced      decimal.Decimal // what the period's calls have changed about the price of those before
	topUp         decimal.Decimal // what the month lacks of the monthly minimum
}

// charge represents a count of calls with what the billable ones cost.
type charge struct {
	usage    store.Usage
	billable int64
	term     *Term // nil: no price is set
	slices   []billing.Slice
}

func (c charge) amount() decimal.Decimal {
	var sum decimal.Decimal
	for _, s := range c.slices {
		sum = sum.Add(s.Unit.Mul(decimal.NewFromInt(s.Calls)))
	}
	return sum
}

// pricing prices counts of calls.
type pricing struct {
	book   *billing.Book
	months calendar.Months
	period calendar.Period
}

type termKey struct {
	row   *billing.Price
	month string
}

// charges prices the billable calls in the order of time. The usage begins with the billing month, for calls before the
// period have used up quota and tiers; only those of the period are returned.
func (p pricing) charges(usage []store.Usage, billable func(store.Usage) int64) ([]charge, []*Term) {
	terms := p.terms()
	find := map[termKey]*Term{}
	for _, t := range terms {
		find[termKey{t.Row, t.Month}] = t
	}
	var all []charge
	for _, u := range usage {
		c := charge{usage: u, billable: billable(u)}
		if row, priced := p.book.Lookup(u.Endpoint, u.Region, u.Quarter); priced {
			c.term = find[termKey{row, p.month(u.Quarter)}]
		}
		within := !u.Quarter.Before(p.period.From)
		if within {
			all = append(all, c)
		}
		switch {
		case c.term == nil:
		case within:
			c.term.Calls += c.billable
		default:
			c.term.Before += c.billable
		}
	}
	p.slice(all, terms)
	return all, terms
}

func (p pricing) month(at time.Time) string { return p.months.Of(at).Label }

// terms returns the rows in force in the period, one for every billing month, by endpoint and region.
func (p pricing) terms() []*Term {
	var all []*Term
	for at := p.period.From; at.Before(p.period.To); {
		m := p.months.Of(at)
		end := m.To
		if p.period.To.Before(end) {
			end = p.period.To
		}
		for _, row := range p.book.Prices {
			if row.From.Before(end) && (row.To.IsZero() || row.To.After(at)) {
				all = append(all, &Term{Row: row, Month: m.Label})
			}
		}
		at = m.To
	}
	slices.SortStableFunc(all, func(a, b *Term) int {
		return strings.Compare(a.Row.Endpoint+"\x00"+a.Row.Region, b.Row.Endpoint+"\x00"+b.Row.Region)
	})
	for i, t := range all {
		t.Number = i + 1
	}
	return all
}

// slice gives every charge its calls at their unit prices, and every term what they leave over.
func (p pricing) slice(all []charge, terms []*Term) {
	done, sums := map[*Term]int64{}, map[*Term]decimal.Decimal{}
	for i := range all {
		c := &all[i]
		if t := c.term; t != nil && c.billable > 0 {
			c.slices = t.Row.Slices(t.Before+done[t], c.billable, t.Before+t.Calls)
			done[t] += c.billable
			sums[t] = sums[t].Add(c.amount())
		}
	}
	for _, t := range terms {
		due := t.Row.Cost(t.Before + t.Calls)
		t.repriced = due.Sub(t.Row.Cost(t.Before)).Sub(sums[t])
		if m, err := p.months.Parse(t.Month); err == nil && !p.period.From.After(m.From) &&
			!p.period.To.Before(m.To) {
			t.topUp = decimal.Max(decimal.Decimal{}, t.Row.Minimum.Sub(due))
		}
	}
}

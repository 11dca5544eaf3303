package billing

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// TierKind names how the tiers of a price work together.
type TierKind string

// The kinds of tiers.
const (
	Flat      TierKind = "flat"      // one unit price
	Graduated TierKind = "graduated" // each slice of the month's calls at its own tier's price
	Volume    TierKind = "volume"    // all of the month's calls at the price of the tier reached
)

// Tier represents a unit price up to and including the UpTo-th billable call of the
// month, counted beyond the free quota. UpTo 0 is without limit and stands in
// the last tier, and only there.
type Tier struct {
	UpTo int64
	Unit decimal.Decimal
}

// Price describes one row of the price book: what the calls of one endpoint and region
// cost between two dates of the billing zone.
//
// What accumulates together in the tiers is the row in one billing period: a row
// for region "*" pools the calls of all regions that have no row of their own. Where
// a price changes within a month, one of the two rows may have a free quota, tiers or
// a minimum, which see only the calls of its own days; on both, a month would have
// them twice, and NewBook refuses that.
type Price struct {
	Endpoint  string
	Region    string    // ISO 3166 alpha-2, or "*"
	From      time.Time // a date, inclusive
	To        time.Time // a date, exclusive; zero: open
	Currency  string    // ISO 4217, upper case
	Tiers     []Tier
	Kind      TierKind
	FreeQuota int64           // calls a month that cost nothing
	Minimum   decimal.Decimal // least amount a month
	Line      int             // line of the configuration, for errors
}

// Cost returns the exact price of quantity paid calls in one period under this row of
// a Book: the free quota first, then the tiers, without the monthly minimum.
// Fewer than one call cost nothing.
func (p *Price) Cost(quantity int64) decimal.Decimal {
	billable := p.billable(quantity)
	if p.Kind == Volume {
		return p.reached(billable).Mul(decimal.NewFromInt(billable))
	}
	var sum decimal.Decimal
	var below int64
	for _, t := range p.Tiers {
		upTo := billable
		if t.UpTo != 0 {
			upTo = min(billable, t.UpTo)
		}
		sum = sum.Add(t.Unit.Mul(decimal.NewFromInt(upTo - below)))
		below = upTo
	}
	return sum
}

// MonthlyCost returns Cost, raised to the row's monthly minimum, which is owed even
// for no calls at all.
func (p *Price) MonthlyCost(quantity int64) decimal.Decimal {
	return decimal.Max(p.Cost(quantity), p.Minimum)
}

// Marginal returns what n more calls add after quantity: Cost(quantity+n) less
// Cost(quantity). With volume tiers it can be negative, where the n calls reach
// a cheaper tier and make all the calls before them cheaper too.
func (p *Price) Marginal(quantity, n int64) decimal.Decimal {
	return p.Cost(quantity + n).Sub(p.Cost(quantity))
}

func (p *Price) billable(quantity int64) int64 { return max(0, quantity-p.FreeQuota) }

// reached returns the unit price of the tier that holds the billable-th call.
func (p *Price) reached(billable int64) decimal.Decimal {
	for _, t := range p.Tiers {
		if t.UpTo == 0 || billable <= t.UpTo {
			return t.Unit
		}
	}
	return decimal.Decimal{}
}

// holds reports whether the row is in force at an instant.
func (p *Price) holds(at time.Time) bool {
	return !at.Before(p.From) && (p.To.IsZero() || at.Before(p.To))
}

// label begins every complaint about a row.
func (p *Price) label() string {
	return fmt.Sprintf("line %d: price of %s %s", p.Line, p.Endpoint, p.Region)
}

// Slot returns the one of the n-th (from 1) of total charges in a month.
func (p *Price) Slot(n, total int64) int {
	beyond := p.billable(n)
	if beyond == 0 {
		return 0
	}
	if p.Kind == Volume {
		beyond = p.billable(total)
	}
	for i, t := range p.Tiers {
		if t.UpTo == 0 || beyond <= t.UpTo {
			return i + 1
		}
	}
	return len(p.Tiers)
}

// Unit returns what a charge in a slot costs.
func (p *Price) Unit(slot int) decimal.Decimal {
	if slot == 0 {
		return decimal.Decimal{}
	}
	return p.Tiers[slot-1].Unit
}

// SlotAt finds the first slot with an amount as its unit price.
func (p *Price) SlotAt(amount decimal.Decimal) (slot int, found bool) {
	first := 1
	if p.FreeQuota > 0 {
		first = 0
	}
	for s := first; s <= len(p.Tiers); s++ {
		if p.Unit(s).Equal(amount) {
			return s, true
		}
	}
	return 0, false
}

// Take finds a line of an amount a place in the slot whose price it has.
func (p *Price) Take(free []int64, amount decimal.Decimal) bool {
	slot, found := p.SlotAt(amount)
	if !found || free[slot] <= 0 {
		return false
	}
	free[slot]--
	return true
}

// Fill returns how many of a month's charges are in each slot, by the slot.
func (p *Price) Fill(total int64) []int64 {
	list := make([]int64, len(p.Tiers)+1)
	var at int64
	for _, s := range p.Slices(0, total, total) {
		list[p.Slot(at+1, total)] += s.Calls
		at += s.Calls
	}
	return list
}

// Fold adds slots of one unit price up in the first of them.
func (p *Price) Fold(list []int64) []int64 {
	folded := make([]int64, len(list))
	for slot, n := range list {
		first, found := p.SlotAt(p.Unit(slot))
		if !found {
			first = slot
		}
		folded[first] += n
	}
	return folded
}

// Slice represents a number of calls at one unit price.
type Slice struct {
	Calls int64
	Unit  decimal.Decimal
}

// Slices prices n charges after the first before ones of a month that has total
// ones: how many are at which unit price, in the order of time. The free quota comes
// first, then tier after tier; with volume tiers the one that total reaches prices
// all beyond the quota.
func (p *Price) Slices(before, n, total int64) []Slice {
	var all []Slice
	for at, end := before, before+n; at < end; {
		upTo := end
		for _, edge := range p.edges() {
			if at < edge && (p.Kind != Volume || edge == p.FreeQuota) {
				upTo = min(upTo, edge)
			}
		}
		all = append(all, Slice{upTo - at, p.Unit(p.Slot(at+1, total))})
		at = upTo
	}
	return all
}

func (p *Price) text(zone *time.Location) PriceText {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return isoDate(t.In(zone))
	}
	text := PriceText{
		Endpoint: p.Endpoint, Region: p.Region, From: day(p.From), To: day(p.To),
		Currency: p.Currency, Kind: string(p.Kind), FreeQuota: p.FreeQuota,
	}
	for _, t := range p.Tiers {
		text.Tiers = append(text.Tiers, TierText{t.UpTo, t.Unit.String()})
	}
	if p.Minimum.IsPositive() {
		text.Minimum = p.Minimum.String()
	}
	return text
}

// terms writes down what a row asks for, whenever.
func (p *Price) terms() string {
	text := p.text(time.UTC)
	text.From, text.To = "", ""
	return string(asJSON(text))
}

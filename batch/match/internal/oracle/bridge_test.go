package oracle

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// The names of the bridge's lines, beside the classes of over and of under.
const (
	StepOurs          = "ours"
	StepOtherPeriod   = "other period"
	StepDoubt         = "explained by doubt"
	StepShift         = "tier shift"
	StepMinimum       = "minimum owed"
	StepOwed          = "owed"
	StepOver          = "over: " // and a class
	StepNettedOver    = "netted of over"
	StepDispute       = "to dispute"
	StepUnder         = "under: " // and a class
	StepNettedUnder   = "netted of under"
	StepNotYetBilled  = "not yet billed"
	StepPrior         = "prior periods"
	StepRounding      = "rounding"
	StepCredits       = "credits"
	StepOtherProducts = "other products"
	StepTaxOwed       = "tax on what is owed"
	StepTaxDisputed   = "tax on what is disputed"
	StepUnexplained   = "unexplained"
	StepTheirs        = "theirs"
)

// overClasses and underClasses are the lines of over and of under, in order.
var (
	overClasses = []Class{PriceDiffers, WrongTier, QuantityDiffers, PricingDiffers, TheirsOnly, Duplicate, BilledAgain,
		MinimumNotOwed}
	underClasses = []Class{PriceDiffers, WrongTier, QuantityDiffers, OursOnly, MinimumNotBilled}
)

// bridge leads from ours to theirs, of one solution.
type bridge struct {
	*solution
	steps []Step
	money *Money
}

func (b *bridge) add(name string, quantity int, amount decimal.Decimal) {
	b.steps = append(b.steps, Step{name, quantity, amount})
}

// bridge writes the lines from ours to theirs (3.6). Sums of over are added and those of under taken off: the line of a
// class of under is negative.
func (a *accounts) bridge(v *solution) *Money {
	m := &Money{Theirs: a.theirs(v)}
	b := bridge{solution: v, money: m}
	charges := 0
	for _, r := range v.order {
		charges += v.pools[r].Charges
	}
	_, ours := v.of(func(r *row) decimal.Decimal { return r.Ours })
	b.add(StepOurs, charges, ours)
	owed := ours
	for _, s := range []struct {
		name string
		part func(*row) decimal.Decimal
	}{
		{StepOtherPeriod, func(r *row) decimal.Decimal { return r.Other }},
		{StepDoubt, func(r *row) decimal.Decimal { return r.Doubt }},
		{StepShift, func(r *row) decimal.Decimal { return r.Shift }},
		{StepMinimum, func(r *row) decimal.Decimal { return r.Minimum }},
	} {
		n, amount := v.of(s.part)
		b.add(s.name, n, amount)
		owed = owed.Add(amount)
	}
	b.add(StepOwed, 0, owed)
	b.issues()
	n, rounding := v.of(func(r *row) decimal.Decimal { return r.Rounding })
	total, untied := a.totals(v)
	b.add(StepPrior, 0, decimal.Zero)
	b.add(StepRounding, n, rounding.Add(total))
	credits, products := a.aside(v)
	b.add(StepCredits, len(credits), sum(credits))
	b.add(StepOtherProducts, len(products), sum(products))
	tax, disputed := a.taxes(v)
	b.add(StepTaxOwed, 0, tax.Sub(disputed))
	b.add(StepTaxDisputed, 0, disputed)
	n, held := v.of(func(r *row) decimal.Decimal { return r.Held })
	m.Unexplained = untied.Add(held)
	b.add(StepUnexplained, n, m.Unexplained)
	b.add(StepTheirs, 0, m.Theirs)
	m.Bridge = b.steps
	m.Right = m.ToDispute.IsZero() && m.NotYetBilled.IsZero() && m.Unexplained.IsZero()
	set := v.s.b.set
	within := decimal.Max(set.ToleranceAbs, set.ToleranceRel.Mul(owed.Abs()))
	m.Tolerable = m.ToDispute.LessThanOrEqual(within) && m.NotYetBilled.LessThanOrEqual(within)
	b.bounds()
	return m
}

// issues writes over and under by class, and what of them is netted.
func (b *bridge) issues() {
	v, m := b.solution, b.money
	netted, pools := decimal.Zero, 0
	for _, r := range v.order {
		if n := v.pools[r].Net; n.IsPositive() {
			netted, pools = netted.Add(n), pools+1
		}
	}
	for _, c := range overClasses {
		n, amount := v.of(func(r *row) decimal.Decimal {
			if r.overClass() != c {
				return decimal.Zero
			}
			return r.over()
		})
		b.add(StepOver+string(c), n, amount)
		m.ToDispute = m.ToDispute.Add(amount)
	}
	b.add(StepNettedOver, pools, netted.Neg())
	m.ToDispute = m.ToDispute.Sub(netted)
	b.add(StepDispute, 0, m.ToDispute)
	for _, c := range underClasses {
		n, amount := v.of(func(r *row) decimal.Decimal {
			if r.underClass() != c {
				return decimal.Zero
			}
			return r.under()
		})
		b.add(StepUnder+string(c), n, amount.Neg())
		m.NotYetBilled = m.NotYetBilled.Add(amount)
	}
	b.add(StepNettedUnder, pools, netted)
	m.NotYetBilled = m.NotYetBilled.Sub(netted)
	b.add(StepNotYetBilled, 0, m.NotYetBilled.Neg())
}

// overClass and underClass returns the lines of the bridge that a row's issue is on. A class that has no line there is
// a matter of price.
func (r *Row) overClass() Class {
	if r.Class == OursOnly || r.Class == MinimumNotBilled {
		return PriceDiffers
	}
	return r.Class
}

func (r *Row) underClass() Class {
	switch r.Class {
	case PricingDiffers, TheirsOnly, Duplicate, BilledAgain, MinimumNotOwed:
		return PriceDiffers
	}
	return r.Class
}

// bounds finds what the month costs at least and at most before a statement.
func (b *bridge) bounds() {
	v, m := b.solution, b.money
	at := v.s.b.set.month(v.s.month)
	for _, r := range v.order {
		p := v.pools[r]
		charges, doubts := v.s.b.count(v.s.month, r)
		minimum := decimal.Zero
		if p.row.inForce(at.from, at.to) {
			minimum = p.row.Minimum
		}
		least := decimal.Max(p.row.cost(charges), minimum)
		most := least
		for j := range doubts + 1 {
			cost := decimal.Max(p.row.cost(charges+j), minimum)
			least, most = decimal.Min(least, cost), decimal.Max(most, cost)
		}
		m.AtLeast, m.AtMost = m.AtLeast.Add(least), m.AtMost.Add(most)
	}
}

func ratio(a, b, c decimal.Decimal) *big.Rat {
	if c.IsZero() {
		return new(big.Rat)
	}
	r := new(big.Rat).Mul(a.Rat(), b.Rat())
	return r.Quo(r, c.Rat())
}

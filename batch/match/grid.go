package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// grids describes how many decimals a vendor prints, by statement and currency: an amount that has fewer than the price
// may be the price rounded.
type grids struct {
	set   billing.Rounding
	minor func(currency string) int32
	lines *lines
	of    map[gridKey]grid
	ties  map[tieKey]bool
}

type gridKey struct{ statement, currency uint32 }

type grid struct{ line, cell int32 }

type tieKey struct {
	gridKey
	amount uint32
	price  string
}

func newGrids(s *lines, o *Options) grids {
	g := grids{set: o.Rounding, minor: o.MinorUnit, lines: s, of: map[gridKey]grid{}, ties: map[tieKey]bool{}}
	if g.minor == nil {
		g.minor = billing.MinorUnit
	}
	decimals := make([]int32, len(s.amounts))
	for i, d := range s.amounts {
		decimals[i] = billing.Decimals(d)
	}
	for i := range s.list {
		e := &s.list[i]
		if e.kind != usageLine || e.quantity == 0 && e.transaction == (transaction{}) {
			continue
		}
		g.print(e.gridKey(), e.isItemised(), decimals[e.amount])
	}
	for _, p := range s.printed {
		g.print(p.gridKey, p.itemised, p.decimals)
	}
	return g
}

// isItemised reports a line over one call, which its transaction or its time tells from others.
func (e *line) isItemised() bool {
	return e.transaction != (transaction{}) || e.when == exactTime && e.quantity == 1
}

// print notes that a statement prints an amount with so many decimals.
func (g *grids) print(k gridKey, itemised bool, decimals int32) {
	found := g.at(k)
	if itemised {
		found.line = max(found.line, decimals)
	} else {
		found.cell = max(found.cell, decimals)
	}
	g.of[k] = found
}

// printed describes how many decimals the amount of a line has that is on another month's side.
type printed struct {
	gridKey
	itemised bool
	decimals int32
}

func (g *grids) at(k gridKey) grid {
	found, known := g.of[k]
	if !known {
		least := g.minor(g.lines.texts.Values[k.currency])
		found = grid{least, least}
	}
	return found
}

// line reports whether an itemised line's amount is a price, or is it rounded.
func (g *grids) line(e *line, price decimal.Decimal) bool {
	a := g.lines.amounts[e.amount]
	price = g.lines.withTax(price)
	if a.Equal(price) {
		return true
	}
	k := tieKey{gridKey{e.statement, e.currency}, e.amount, price.String()}
	tied, known := g.ties[k]
	if !known {
		if g.set.Level == billing.LineLevel {
			tied = billing.IsRounded(a, price, g.set.Decimals, g.set.Mode)
		} else {
			tied = billing.IsRounded(a, price, billing.LineDecimals(price, g.at(k.gridKey).line), billing.EitherHalf)
		}
		g.ties[k] = tied
	}
	return tied
}

// sum reports whether the amount of a cell, a fee or a total is a sum, or is it rounded.
func (g *grids) sum(level billing.Level, k gridKey, a, v decimal.Decimal) bool {
	if level != billing.TotalLevel {
		v = g.lines.withTax(v)
	}
	if g.set.Level == level {
		return billing.IsRounded(a, v, g.set.Decimals, g.set.Mode)
	}
	if level == billing.TotalLevel &&
		billing.IsRounded(a, v, g.minor(g.lines.texts.Values[k.currency]), billing.EitherHalf) {
		return true
	}
	return billing.IsRounded(a, v, g.at(k).cell, billing.EitherHalf)
}

// isProduct reports whether a line's amount is a product of quantity and unit price, or is it rounded.
func (g *grids) isProduct(e *line, a, product decimal.Decimal) bool {
	k := g.at(e.gridKey()).line
	if e.quantity != 1 {
		k = g.at(e.gridKey()).cell
	}
	return !a.Sub(product).Abs().GreaterThan(decimal.New(5, -k-1))
}

func (e *line) gridKey() gridKey { return gridKey{e.statement, e.currency} }

// tierOf finds another slot of the row that the amount of a line is the price of.
func (g *grids) tierOf(e *line, p *billing.Price, right decimal.Decimal) (slot int, found bool) {
	for slot := range len(p.Tiers) + 1 {
		unit := p.Unit(slot)
		if (slot > 0 || p.FreeQuota > 0) && !unit.Equal(right) && g.line(e, unit) {
			return slot, true
		}
	}
	return 0, false
}

package oracle

import (
	"slices"

	"github.com/shopspring/decimal"
)

var half = decimal.New(5, -1)

// minorUnit returns the decimals of a currency by ISO 4217.
func minorUnit(currency string) int32 {
	switch currency {
	case "JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "PYG", "RWF":
		return 0
	case "KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD":
		return 3
	}
	return 2
}

// decimals returns how many decimals a value has, trailing zeros not counted.
func decimals(v decimal.Decimal) int32 {
	k := max(0, -v.Exponent())
	for k > 0 && v.Equal(v.Truncate(k-1)) {
		k--
	}
	return k
}

// grid returns the numbers of k decimals that are nearest to v: two where v is half way.
func grid(v decimal.Decimal, k int32) []decimal.Decimal {
	if decimals(v) <= k {
		return []decimal.Decimal{v}
	}
	low := v.RoundFloor(k)
	high := low.Add(decimal.New(1, -k))
	var near []decimal.Decimal
	for _, g := range []decimal.Decimal{low, high} {
		if g.Sub(v).Abs().LessThanOrEqual(half.Shift(-k)) {
			near = append(near, g)
		}
	}
	return near
}

func onGrid(a, v decimal.Decimal, k int32) bool {
	return slices.ContainsFunc(grid(v, k), a.Equal)
}

// round applies the rule to a value.
func (r Rounding) round(v decimal.Decimal) decimal.Decimal {
	if r.HalfEven {
		return v.RoundBank(r.Decimals)
	}
	return v.Round(r.Decimals)
}

// ties judges the amounts of one file and currency.
type ties struct {
	minor, line, cell int32 // decimals
	rule              *Rounding
	gross             decimal.Decimal // 1 + the rate of the tax included
}

// newTies reads the decimals off what is printed.
func newTies(currency string, lines []*line, set Settings) ties {
	t := ties{minor: minorUnit(currency), rule: set.Rounding, gross: decimal.New(1, 0)}
	t.line, t.cell = t.minor, t.minor
	if set.TaxIncluded != nil {
		t.gross = t.gross.Add(*set.TaxIncluded)
	}
	for _, l := range lines {
		switch {
		case l.Currency != currency || l.OtherProduct:
		case l.form == itemised:
			t.line = max(t.line, decimals(l.Amount))
		case l.form == inCell:
			t.cell = max(t.cell, decimals(l.Amount))
		}
	}
	return t
}

// toLine reports whether the amount of an itemised line is right for a net price.
func (t ties) toLine(a, price decimal.Decimal) bool {
	v := price.Mul(t.gross)
	switch {
	case a.Equal(v):
		return true
	case t.rule != nil:
		return t.rule.Level == LineLevel && a.Equal(t.rule.round(v))
	}
	k := t.line
	for k < decimals(v) && half.Shift(-k).GreaterThan(v.Abs().Mul(decimal.New(5, -3))) {
		k++
	}
	return onGrid(a, v, k)
}

// toCell reports whether the amount of a cell is right for the net prices of its calls and a net top-up.
func (t ties) toCell(a decimal.Decimal, prices []decimal.Decimal, topUp decimal.Decimal) bool {
	v, rounded := topUp.Mul(t.gross), topUp.Mul(t.gross)
	for _, p := range prices {
		v = v.Add(p.Mul(t.gross))
		if t.rule != nil && t.rule.Level == LineLevel {
			rounded = rounded.Add(t.rule.round(p.Mul(t.gross)))
		}
	}
	switch {
	case a.Equal(v):
		return true
	case t.rule == nil:
		return onGrid(a, v, t.cell)
	case t.rule.Level == CellLevel:
		return a.Equal(t.rule.round(v))
	}
	return t.rule.Level == LineLevel && a.Equal(rounded)
}

// toSum reports whether a fee or a total is right for a sum.
func (t ties) toSum(a, v decimal.Decimal) bool {
	return a.Equal(v) || onGrid(a, v, t.cell) || onGrid(a, v, t.minor)
}

// net takes the tax that is included out of an amount, half up to 12 decimals.
func (t ties) net(a decimal.Decimal) decimal.Decimal {
	if t.gross.Equal(decimal.New(1, 0)) {
		return a
	}
	return a.DivRound(t.gross, 12)
}

func sum(values []decimal.Decimal) decimal.Decimal {
	total := decimal.Zero
	for _, v := range values {
		total = total.Add(v)
	}
	return total
}

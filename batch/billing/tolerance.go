package billing

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Tolerance represents the difference from the vendor that is not worth a question. Where
// both limits are set both must hold; where none is, only equality will do.
type Tolerance struct {
	Abs decimal.NullDecimal // an amount, in each currency
	Rel decimal.NullDecimal // a share of ours: 0.001 is 0.1 %
}

// ParseTolerance reads an amount and a share, each decimal text or "" for none.
func ParseTolerance(abs, rel string) (t Tolerance, err error) {
	read := func(name, text string) (limit decimal.NullDecimal, err error) {
		if text == "" {
			return limit, nil
		}
		d, err := decimal.NewFromString(text)
		if err != nil {
			return limit, fmt.Errorf("%s tolerance %q: %w", name, text, err)
		}
		return decimal.NewNullDecimal(d), nil
	}
	if t.Abs, err = read("absolute", abs); err != nil {
		return t, err
	}
	t.Rel, err = read("relative", rel)
	return t, err
}

// String returns a sentence's end: "5 in each currency, and 0.1% of our amount".
func (t Tolerance) String() string {
	abs, rel := t.Abs.Decimal.String()+" in each currency", t.Rel.Decimal.Shift(2).String()+"% of our amount"
	switch {
	case t.Abs.Valid && t.Rel.Valid:
		return abs + ", and " + rel
	case t.Abs.Valid:
		return abs
	case t.Rel.Valid:
		return rel
	}
	return "none: any difference counts"
}

// Allows reports whether an amount without a sign is within the limits.
func (t Tolerance) Allows(difference, ours decimal.Decimal) bool {
	if !t.Abs.Valid && !t.Rel.Valid {
		return difference.IsZero()
	}
	return (!t.Abs.Valid || !difference.GreaterThan(t.Abs.Decimal)) &&
		(!t.Rel.Valid || !difference.GreaterThan(t.Rel.Decimal.Mul(ours.Abs())))
}

// AllowsCount reports whether a difference of quantities is allowed, which only the relative limit is about.
func (t Tolerance) AllowsCount(difference, ours int64) bool {
	return Tolerance{Rel: t.Rel}.Allows(decimal.NewFromInt(difference), decimal.NewFromInt(ours))
}

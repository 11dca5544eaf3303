package finance

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// tolerance is the difference that is not worth a question. The zero tolerance takes equality alone.
type tolerance struct{ abs, rel *decimal.Decimal }

// readTolerance reads an amount and a share, each decimal text or "" for none.
func readTolerance(abs, rel string) (t tolerance, err error) {
	read := func(name, text string) (*decimal.Decimal, error) {
		if text == "" {
			return nil, nil
		}
		d, err := decimal.NewFromString(text)
		if err != nil {
			return nil, fmt.Errorf("%s tolerance %q: %w", name, text, err)
		}
		return &d, nil
	}
	if t.abs, err = read("absolute", abs); err != nil {
		return t, err
	}
	t.rel, err = read("relative", rel)
	return t, err
}

// holds says whether a difference is within the tolerance: every limit holds that is set, and without one the difference
// is zero.
func (t tolerance) holds(difference, ours decimal.Decimal) bool {
	if t == (tolerance{}) {
		return difference.IsZero()
	}
	d := difference.Abs()
	return (t.abs == nil || d.LessThanOrEqual(*t.abs)) && (t.rel == nil || d.LessThanOrEqual(t.rel.Mul(ours.Abs())))
}

func (t tolerance) String() string {
	switch {
	case t == tolerance{}:
		return "none: any difference counts"
	case t.rel == nil:
		return t.abs.String() + " in each currency"
	case t.abs == nil:
		return t.rel.Shift(2).String() + "% of our amount"
	}
	return t.abs.String() + " in each currency, and " + t.rel.Shift(2).String() + "% of our amount"
}

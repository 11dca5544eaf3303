package billing

import "github.com/shopspring/decimal"

// Tolerance is the difference from the vendor that is not worth a question. Where
// both limits are set both must hold; where none is, only equality will do.
type Tolerance struct {
	Abs decimal.NullDecimal // an amount, in each currency
	Rel decimal.NullDecimal // a share of ours: 0.001 is 0.1 %
}

// Allows says whether an amount without a sign is within the limits.
func (t Tolerance) Allows(difference, ours decimal.Decimal) bool {
	if !t.Abs.Valid && !t.Rel.Valid {
		return difference.IsZero()
	}
	return (!t.Abs.Valid || !difference.GreaterThan(t.Abs.Decimal)) &&
		(!t.Rel.Valid || !difference.GreaterThan(t.Rel.Decimal.Mul(ours.Abs())))
}

// AllowsCount is allows for quantities, which only the relative limit is about.
func (t Tolerance) AllowsCount(difference, ours int64) bool {
	return Tolerance{Rel: t.Rel}.Allows(decimal.NewFromInt(difference), decimal.NewFromInt(ours))
}

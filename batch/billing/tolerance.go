package billing

import "github.com/shopspring/decimal"

// Tolerance is the difference from the vendor that is not worth a question. Where
// both limits are set both must hold; where none is, only equality will do.
type Tolerance struct {
	Abs decimal.NullDecimal // an amount, in each currency
	Rel decimal.NullDecimal // a share of ours: 0.001 is 0.1 %
}

// allows says whether an amount without a sign is within the limits.
func (t Tolerance) allows(difference, ours decimal.Decimal) bool {
	if !t.Abs.Valid && !t.Rel.Valid {
		return difference.IsZero()
	}
	return (!t.Abs.Valid || !difference.GreaterThan(t.Abs.Decimal)) &&
		(!t.Rel.Valid || !difference.GreaterThan(t.Rel.Decimal.Mul(ours.Abs())))
}

// allowsCount is allows for quantities, which only the relative limit is about.
func (t Tolerance) allowsCount(difference, ours int64) bool {
	return Tolerance{Rel: t.Rel}.allows(decimal.NewFromInt(difference), decimal.NewFromInt(ours))
}

// Verdict is whether one currency's open differences are tolerable. Over and
// Under are not netted: a call billed wrongly does not make up for another one
// that was forgotten. Tax, credits, minimums, other periods and doubts are not in
// them.
type Verdict struct {
	Currency                    string
	Ours                        decimal.Decimal
	Over, Under                 decimal.Decimal // open differences above and below ours, both without a sign
	OverQuantity, UnderQuantity int64
	Priced                      bool  // false: some of our calls have no price, so quantities are judged as well
	Unpriced                    int64 // how many these are
	UnpricedAtIssue             int64 // calls billed beyond them, or not yet billed
	Within                      bool
}

func (b *bridge) verdict(currency string, t Tolerance) Verdict {
	ours := b.steps[StepOurs]
	v := Verdict{
		Currency: currency, Ours: ours.Amount,
		Over: b.over, Under: b.under,
		OverQuantity: b.overQuantity, UnderQuantity: b.underQuantity,
		Priced: b.unpriced == 0, Unpriced: b.unpriced, UnpricedAtIssue: b.atIssue,
	}
	v.Within = t.allows(v.Over, v.Ours) && t.allows(v.Under, v.Ours)
	if !v.Priced {
		v.Within = v.Within && t.allowsCount(v.OverQuantity, ours.Quantity) && t.allowsCount(v.UnderQuantity, ours.Quantity)
	}
	return v
}

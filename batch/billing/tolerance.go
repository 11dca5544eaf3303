package billing

import "github.com/shopspring/decimal"

// Tolerance is the difference from the vendor that is not worth a question. Where
// both limits are set both must hold; where none is, only equality will do.
type Tolerance struct {
	Abs decimal.NullDecimal // an amount, in each currency
	Rel decimal.NullDecimal // a share of our amount: 0.001 is 0.1 %
}

// Verdict is whether one currency's open differences are tolerable. Over and
// Under are not netted: a call billed wrongly does not make up for another one
// that was forgotten. Tax, credits, other periods and doubts are not in them.
type Verdict struct {
	Currency                    string
	Ours                        decimal.Decimal
	Over, Under                 decimal.Decimal // open differences above and below ours, both without a sign
	OverQuantity, UnderQuantity int64
	Priced                      bool // false: some of our calls have no price, so quantities were judged
	Within                      bool
}

package usage

import (
	"context"
	"time"

	"liverecon/batch/billing"
	"liverecon/store"
)

// Charge classes calls that agree in everything by a reading of the contract: Pay for charges, Unknown for what may be
// one, Free for what is none.
func Charge(basis billing.Basis, u store.Usage) billing.Tag {
	return basis.Charge(u.Outcome != store.Unsent, u.Outcome == store.Answered, billingTag(u.Tag), u.Code)
}

// billingTag translates what the vendor said, or did not say, of a call's price.
func billingTag(tag store.Tag) billing.Tag {
	switch tag {
	case store.TagPay:
		return billing.Pay
	case store.TagUnknown:
		return billing.Unknown
	}
	return billing.Free
}

// CountedAs classes calls for caps: by the contract's reading or by what the vendor said, whichever is dearer.
func CountedAs(basis billing.Basis, u store.Usage) billing.Tag {
	contract, told := Charge(basis, u), billingTag(u.Tag)
	switch {
	case contract == billing.Pay || told == billing.Pay:
		return billing.Pay
	case contract == billing.Free && told == billing.Free:
		return billing.Free
	}
	return billing.Unknown
}

// charged counts calls of a class.
func charged(tag billing.Tag, u store.Usage) billing.Charged {
	switch tag {
	case billing.Pay:
		return billing.Charged{Paid: u.Calls}
	case billing.Unknown:
		return billing.Charged{Doubtful: u.Calls}
	}
	return billing.Charged{}
}

// Unpriced counts the calls of [from, to) that may have been charged by a reading and have no price.
func Unpriced(
	ctx context.Context, s *store.Store, prices *billing.Book, basis billing.Basis, from, to time.Time,
) (int64, error) {
	made, err := s.Calls().Usage(ctx, from, to)
	var n int64
	for _, u := range made {
		if _, ok := prices.Lookup(u.Endpoint, u.Region, u.Quarter); !ok && Charge(basis, u) != billing.Free {
			n += u.Calls
		}
	}
	return n, err
}

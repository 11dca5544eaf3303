package billing

import (
	"maps"
	"strings"
)

// Range is what a scope has spent as far as can be known: the floor counts the
// calls that were paid, the ceiling also those in doubt and in flight.
//
// The money of a day or a run is the difference that its calls make to the
// period's bill, since tiers and the free quota depend on the whole month; it is
// the least and the most over all ways the doubts, earlier ones included, may
// turn out. No doubts: floor and ceiling are equal, except that with volume tiers
// the ceiling is never under the price of the scope's own calls at the tier
// reached. The monthly minimum is owed without a call and is in no Range.
type Range struct {
	Floor, Ceiling           Amounts
	FloorCalls, CeilingCalls int64
	Unpriced                 int64 // of CeilingCalls, those without a price: they are missing in the amounts
}

// String is the money of the range, "USD 2,060.00-2,060.42" or, where there is
// no doubt, "USD 2,060.00"; several currencies are set apart by commas. It is ""
// when nothing was spent.
func (r Range) String() string {
	currencies := r.Floor.Add(nil)
	maps.Copy(currencies, r.Ceiling)
	var texts []string
	for _, m := range currencies.Money() {
		floor, ceiling := r.Floor[m.Currency], r.Ceiling[m.Currency]
		text := Money{floor, m.Currency}.String()
		if !floor.Equal(ceiling) {
			text += "-" + formatAmount(ceiling)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

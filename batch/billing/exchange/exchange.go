// Package exchange gives rates of exchange into one functional currency, for memo columns: nothing is billed, compared
// or added up by them.
package exchange

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Rate represents the value of one unit of a currency in the functional one, from a day on until a later rate.
type Rate struct {
	Currency string
	Day      time.Time // midnight UTC
	Value    decimal.Decimal
}

// Table holds the rates of a house. The zero value has no functional currency, and no memo is made.
type Table struct {
	Functional string
	MaxAge     int // days after which a rate is stale
	Rates      []Rate
}

// At returns a currency's last rate that is not after a day, and what is the matter with it: "" where nothing is. ok is
// false where there is none. The functional currency itself has the rate 1 of the day.
func (t *Table) At(currency string, day time.Time) (r Rate, problem string, ok bool) {
	if currency == t.Functional {
		return Rate{Currency: currency, Day: day, Value: decimal.NewFromInt(1)}, "", true
	}
	for _, one := range t.Rates {
		if one.Currency == currency && !one.Day.After(day) && (!ok || one.Day.After(r.Day)) {
			r, ok = one, true
		}
	}
	if !ok {
		return r, "no rate on or before " + day.Format(time.DateOnly), false
	}
	if age := int(day.Sub(r.Day).Hours() / 24); age > t.MaxAge {
		problem = fmt.Sprintf("stale: %d days old, at most %d", age, t.MaxAge)
	}
	return r, problem, true
}

package billing

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Kept holds the settings kept with a reconciliation that what is made of it needs.
type Kept struct {
	TaxIncluded decimal.Decimal // share of the tax that amounts of usage include; zero: they include none
	Whole       []string        // currencies that are billed whole though ISO 4217 gives them decimals
	Zone        string          // in which its months are
	Starts      int             // day of the month that they begin on; 0 and 1: calendar months
}

// ParseKept reads them from the settings as they are kept, JSON. What is not there, or cannot be read, is zero.
func ParseKept(settings string) Kept {
	var kept struct {
		Tax   decimal.Decimal `json:"tax_included"`
		Whole []string        `json:"billed_whole"`

		Zone   string `json:"time_zone"`
		Starts int    `json:"month_starts"`
	}
	if json.Unmarshal([]byte(settings), &kept) != nil {
		return Kept{}
	}
	return Kept{kept.Tax, kept.Whole, kept.Zone, kept.Starts}
}

// Bounds returns the first instant of a month, YYYY-MM, and the one after its last.
func (k Kept) Bounds(month string) (from, to time.Time, err error) {
	p, err := ParsePeriod(month)
	if err != nil {
		return from, to, err
	}
	zone, err := time.LoadLocation(k.Zone)
	if err != nil {
		return from, to, fmt.Errorf("settings of %s: %w", month, err)
	}
	from, to = Months{zone, k.Starts}.Bounds(p)
	return from, to, nil
}

// StartsError refuses to cut a month anew that was recorded with months that begin on another day.
type StartsError struct {
	Month   Period
	Was, Is int // days of the month
}

func (e *StartsError) Error() string {
	return fmt.Sprintf("billing.month_starts is %d, and %s was reconciled with months that begin on day %d", e.Is, e.Month,
		e.Was)
}

// MinorUnit returns the decimals of an amount that one can pay in a currency.
func (k Kept) MinorUnit(currency string) int32 {
	if slices.Contains(k.Whole, currency) {
		return 0
	}
	return MinorUnit(currency)
}

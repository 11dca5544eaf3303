package figures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// Currency represents all amounts of one currency. Amounts of different currencies are never added.
type Currency struct {
	Name           string
	Lines          []billing.Amount
	Floor, Ceiling decimal.Decimal
}

// addAmounts adds up amounts by currency. An amount that is no decimal, or a floor above its ceiling, is an error:
// nothing unreadable becomes zero.
func addAmounts(amounts []billing.Amount) ([]Currency, error) {
	byName := map[string]*Currency{}
	for _, a := range amounts {
		floor, err := decimal.NewFromString(a.Floor)
		if err != nil {
			return nil, fmt.Errorf("floor %q of %s %s: %w", a.Floor, a.Endpoint, a.Region, err)
		}
		ceiling, err := decimal.NewFromString(a.Ceiling)
		if err != nil {
			return nil, fmt.Errorf("ceiling %q of %s %s: %w", a.Ceiling, a.Endpoint, a.Region, err)
		}
		if floor.GreaterThan(ceiling) {
			return nil, fmt.Errorf("amounts of %s %s: floor %s above ceiling %s", a.Endpoint, a.Region, a.Floor,
				a.Ceiling)
		}
		c := byName[a.Currency]
		if c == nil {
			c = &Currency{Name: a.Currency}
			byName[a.Currency] = c
		}
		c.Floor, c.Ceiling = c.Floor.Add(floor), c.Ceiling.Add(ceiling)
		a.Floor, a.Ceiling = floor.String(), ceiling.String()
		c.Lines = append(c.Lines, a)
	}
	var all []Currency
	for _, name := range page.SortedKeys(byName) {
		c := byName[name]
		slices.SortFunc(c.Lines, func(a, b billing.Amount) int {
			return strings.Compare(a.Endpoint+"\x00"+a.Region, b.Endpoint+"\x00"+b.Region)
		})
		all = append(all, *c)
	}
	return all, nil
}

// text returns a currency's range for a sentence.
func (c Currency) text() string {
	if c.Floor.Equal(c.Ceiling) {
		return xlsx.Visible(c.Name) + " " + page.Money(c.Floor)
	}
	to := "–"
	if c.Floor.IsNegative() || c.Ceiling.IsNegative() {
		to = " to "
	}
	return xlsx.Visible(c.Name) + " " + page.Money(c.Floor) + to + page.Money(c.Ceiling)
}

// MoneyText joins the ranges of all currencies.
func MoneyText(all []Currency) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = c.text()
	}
	return strings.Join(texts, " and ")
}

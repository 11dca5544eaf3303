package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// currency is all amounts of one currency. Amounts of different currencies are never added.
type currency struct {
	name           string
	lines          []billing.Amount
	floor, ceiling decimal.Decimal
}

// addAmounts adds up amounts by currency. An amount that is no decimal, or a floor above its ceiling, is an error: nothing
// unreadable becomes zero.
func addAmounts(amounts []billing.Amount) ([]currency, error) {
	byName := map[string]*currency{}
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
			return nil, fmt.Errorf("amounts of %s %s: floor %s above ceiling %s", a.Endpoint, a.Region, a.Floor, a.Ceiling)
		}
		c := byName[a.Currency]
		if c == nil {
			c = &currency{name: a.Currency}
			byName[a.Currency] = c
		}
		c.floor, c.ceiling = c.floor.Add(floor), c.ceiling.Add(ceiling)
		a.Floor, a.Ceiling = floor.String(), ceiling.String()
		c.lines = append(c.lines, a)
	}
	var all []currency
	for _, name := range page.SortedKeys(byName) {
		c := byName[name]
		slices.SortFunc(c.lines, func(a, b billing.Amount) int {
			return strings.Compare(a.Endpoint+"\x00"+a.Region, b.Endpoint+"\x00"+b.Region)
		})
		all = append(all, *c)
	}
	return all, nil
}

// text is a currency's range as a sentence says it.
func (c currency) text() string {
	if c.floor.Equal(c.ceiling) {
		return xlsx.Visible(c.name) + " " + page.Money(c.floor)
	}
	return xlsx.Visible(c.name) + " " + page.Money(c.floor) + "–" + page.Money(c.ceiling)
}

// moneyText joins the ranges of all currencies.
func moneyText(all []currency) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = c.text()
	}
	return strings.Join(texts, " and ")
}

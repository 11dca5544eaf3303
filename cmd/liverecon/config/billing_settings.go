package config

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
	"liverecon/store/calendar"
)

// BillingMonths returns the months that prices, closings and finance workbooks are of.
func (c *Config) BillingMonths() calendar.Months {
	return calendar.Months{Zone: c.BillingZone, Starts: c.MonthStarts}
}

// Month reads a month that has begun, as the flag --month gives it.
func Month(months calendar.Months, text string, now time.Time) (p calendar.Period, err error) {
	if text == "" {
		return p, Usage("such as --month 2026-11", "--month is missing: which one?")
	}
	if p, err = months.Parse(text); err != nil {
		return p, Usage("such as --month 2026-11", "%w", err)
	}
	if p.From.After(now) {
		err = Usage("this month is "+months.Of(now).Label, "--month %s lies in the future: it begins on %s", text,
			p.From.In(months.Zone).Format(time.DateOnly))
	}
	return p, err
}

// billedWhole lists the currencies of the price book that are billed whole though ISO 4217 gives them decimals.
func (c *Config) billedWhole(prices *billing.Book) (all []string) {
	whole := c.Statement.WholeCurrencies
	if whole == nil {
		whole = statement.DefaultWholeCurrencies()
	}
	for _, p := range prices.Prices {
		if slices.Contains(whole, p.Currency) && billing.MinorUnit(p.Currency) != 0 &&
			!slices.Contains(all, p.Currency) {
			all = append(all, p.Currency)
		}
	}
	slices.Sort(all)
	return all
}

// BillingSettings returns the settings that decide a month's amounts, with the prices that it has, as they are kept
// with its reconciliation and its closure. Zone and prices are those of a price book's own text: billing.ParseBook
// reads them back.
func (c *Config) BillingSettings(prices *billing.Book) string {
	amount := func(d decimal.NullDecimal) string {
		if !d.Valid {
			return ""
		}
		return d.Decimal.String()
	}
	included, starts := "", 0
	if c.MonthStarts > 1 {
		starts = c.MonthStarts
	}
	if !c.Reconciling.TaxRate.IsZero() {
		included = c.Reconciling.TaxRate.String()
	}
	settings := struct {
		Zone    string `json:"time_zone"`
		Starts  int    `json:"month_starts,omitempty"`
		Reading string `json:"reading"`
		Edge    string `json:"edge"`
		Window  string `json:"doubt_window"`
		Abs     string `json:"tolerance_abs"`
		Rel     string `json:"tolerance_rel"`
		// what a contract says beyond the usual
		Rounding string              `json:"rounding,omitempty"`
		TaxGross bool                `json:"tax_gross,omitempty"`
		TaxRate  string              `json:"tax_included,omitempty"`
		Whole    []string            `json:"billed_whole,omitempty"`
		Prices   []billing.PriceText `json:"prices"`
	}{c.BillingZone.String(), starts, string(c.Reconciling.Basis), c.Reconciling.Edge.String(),
		c.Reconciling.Window.String(),
		amount(c.Reconciling.Tolerance.Abs), amount(c.Reconciling.Tolerance.Rel), c.Reconciling.Rounding.String(),
		c.Reconciling.TaxGross, included, c.billedWhole(prices), prices.Texts()}
	text, err := json.Marshal(settings)
	if err != nil {
		panic(err) // only plain structs of this package
	}
	return string(text)
}

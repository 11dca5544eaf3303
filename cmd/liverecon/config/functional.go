package config

import (
	"liverecon/batch/billing"
	"liverecon/batch/billing/exchange"
)

// readFunctional reads the functional currency, and the rates into it.
func readFunctional(c *Config, t *table) {
	e := exchange.Table{Functional: t.text("currency", ""), MaxAge: int(t.count("max_age_days", 31, 0, mostDays))}
	rates := t.tables("rate")
	switch {
	case e.Functional == "" && len(rates) > 0:
		t.wrong("currency", "is missing: into which one are the rates?")
	case e.Functional != "" && !billing.IsCurrency(e.Functional):
		t.wrong("currency", "%.40q is no currency of ISO 4217", e.Functional)
	}
	for _, r := range rates {
		one := exchange.Rate{Currency: r.text("currency", ""), Day: r.date("date"), Value: readAmount(r, "rate")}
		if !billing.IsCurrency(one.Currency) || one.Currency == e.Functional {
			r.wrong("currency", "%.40q is no other currency of ISO 4217", one.Currency)
		}
		if one.Day.IsZero() && !r.has("date") {
			r.wrong("date", "is missing: from which day on?")
		}
		if !r.has("rate") {
			r.wrong("rate", `is missing: want what one unit is worth, such as "0.77"`)
		}
		r.refuseUnknown()
		e.Rates = append(e.Rates, one)
	}
	t.refuseUnknown()
	c.Functional = e
}

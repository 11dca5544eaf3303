// Package coverage holds what a statement is about: endpoints, and how its lines tell calls apart.
package coverage

import "liverecon/batch/statement"

// Coverage holds how a statement's lines of usage tell calls apart, by the endpoint they name.
type Coverage map[string]detail

type detail struct {
	itemised bool // lines with a transaction
	summed   int  // lines without one that charge something
	single   int  // of these, those over one call
	currency string
	mixed    bool // several currencies
}

// Add takes in a line; bills says whether it charges anything.
func (c Coverage) Add(l *statement.Line, bills bool) {
	d := c[l.Endpoint]
	switch {
	case l.TransactionID != "":
		d.itemised = true
	case bills:
		d.summed++
		if l.Quantity == 1 {
			d.single++
		}
	}
	d.mixed = d.mixed || d.currency != "" && d.currency != l.Currency
	d.currency = l.Currency
	c[l.Endpoint] = d
}

// IsAbout reports whether a statement is about an endpoint: whether it names it, or none at all.
func (c Coverage) IsAbout(endpoint string) bool {
	_, all := c[""]
	_, named := c[endpoint]
	return all || named || len(c) == 0
}

// CurrencyAt returns the currency of an endpoint's lines, "" if there are several or none.
func (c Coverage) CurrencyAt(endpoint string) string {
	for _, d := range []detail{c[endpoint], c[""]} {
		if d.currency != "" && !d.mixed {
			return d.currency
		}
	}
	return ""
}

// AnyItemised reports whether any line names a transaction.
func (c Coverage) AnyItemised() bool {
	for _, d := range c {
		if d.itemised {
			return true
		}
	}
	return false
}

// EndpointOf returns an endpoint as far as all of the statement tells it apart.
func (c Coverage) EndpointOf(endpoint string) string {
	if _, unnamed := c[""]; unnamed {
		return ""
	}
	return endpoint
}

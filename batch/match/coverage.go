package match

import "liverecon/batch/statement"

// coverage holds how a statement's lines of usage tell calls apart, by the endpoint they name.
type coverage map[string]detail

type detail struct {
	itemised bool // lines with a transaction
	summed   int  // lines without one that charge something
	single   int  // of these, those over one call
	currency string
	mixed    bool // several currencies
}

func (c coverage) add(l *statement.Line, bills bool) {
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

// isAbout reports whether a statement is about an endpoint: whether it names it, or none at all.
func (c coverage) isAbout(endpoint string) bool {
	_, all := c[""]
	_, named := c[endpoint]
	return all || named || len(c) == 0
}

// currencyAt returns the currency of an endpoint's lines, "" if there are several or none.
func (c coverage) currencyAt(endpoint string) string {
	for _, d := range []detail{c[endpoint], c[""]} {
		if d.currency != "" && !d.mixed {
			return d.currency
		}
	}
	return ""
}

func (c coverage) anyItemised() bool {
	for _, d := range c {
		if d.itemised {
			return true
		}
	}
	return false
}

// endpointOf returns an endpoint as far as all of the statement tells it apart.
func (c coverage) endpointOf(endpoint string) string {
	if _, unnamed := c[""]; unnamed {
		return ""
	}
	return endpoint
}

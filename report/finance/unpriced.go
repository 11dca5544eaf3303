package finance

// unpriced counts calls that may be charged, and those of them that no amount counts for want of a price.
type unpriced struct {
	charged     int64 // in the ledger, those in doubt too
	least, most int64 // without a price; most: with those in doubt, and IDs that are held
}

// charged counts the calls of a line that may be charged: those that are billable, and those in doubt.
func (l ledgerLine) charged() int64 {
	if l.kind == kindUnknown || l.kind == kindUnanswered {
		return l.calls
	}
	return l.billable
}

// unpriced counts what has no price, with IDs that are held and stand in no ledger.
func (b *ledger) unpriced(held int64) unpriced {
	u := unpriced{most: held}
	for _, l := range b.lines {
		u.charged += l.charged()
		if l.term == 0 {
			u.least += l.billable
			u.most += l.charged()
		}
	}
	return u
}

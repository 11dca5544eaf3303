package figures

// Unpriced counts calls that may be charged, and those of them that no amount counts for want of a price.
type Unpriced struct {
	Charged     int64 // in the ledger, those in doubt too
	Least, Most int64 // without a price; most: with those in doubt, and IDs that are held
}

// Charged counts the calls of a line that may be charged: those that are billable, and those in doubt.
func (l LedgerLine) Charged() int64 {
	if l.Kind == KindUnknown || l.Kind == KindUnanswered {
		return l.Calls
	}
	return l.Billable
}

// unpriced counts what has no price, with IDs that are held and stand in no ledger.
func (b *Ledger) unpriced(held int64) Unpriced {
	u := Unpriced{Most: held}
	for _, l := range b.Lines {
		u.Charged += l.Charged()
		if l.Term == 0 {
			u.Least += l.Billable
			u.Most += l.Charged()
		}
	}
	return u
}

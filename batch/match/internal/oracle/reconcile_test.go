package oracle

// Reconcile judges a month ("2006-01").
func Reconcile(month string, calls []Call, prices []PriceRow, statements []Statement, set Settings) Result {
	b := newBook(month, calls, prices, statements, set)
	a := &accounts{b: b, sides: map[string]*side{month: newSide(b, month)}}
	for _, f := range b.files {
		here := f.invoice == month
		for _, l := range f.lines {
			here = here || l.side == month
		}
		for _, l := range f.lines {
			if here && a.sides[l.side] == nil {
				a.sides[l.side] = newSide(b, l.side)
			}
		}
	}
	s := a.sides[month]
	r := Result{Month: month, Asked: b.asked, Gate: s.gate, Doubts: s.doubts, Money: map[string]*Money{}}
	for _, currency := range sortedKeys(s.money) {
		v := s.money[currency]
		for _, row := range v.rows {
			r.Rows = append(r.Rows, row.Row)
		}
		for _, p := range v.order {
			r.Pools = append(r.Pools, v.pools[p].Pool)
		}
		r.Money[currency] = a.bridge(v)
	}
	r.Payments = a.payments(month)
	if !s.gate.Shut {
		r.Readings = verdicts(month, s, calls, prices, statements)
	}
	return r
}

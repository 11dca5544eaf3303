package oracle

import "slices"

// verdicts judges the readings of each endpoint that has lines on the month's side (6).
func verdicts(month string, agreed *side, calls []Call, prices []PriceRow, statements []Statement) []Verdict {
	sides := map[Reading]*side{}
	set := agreed.b.set
	for _, r := range Readings() {
		if r == set.Reading {
			sides[r] = agreed
			continue
		}
		other := set
		other.Reading = r
		sides[r] = &side{}
		if len(agreed.cells) > 0 {
			sides[r] = newSide(newBook(month, calls, prices, statements, other), month)
		}
	}
	var all []Verdict
	for _, endpoint := range endpointsOf(agreed) {
		v := Verdict{Endpoint: endpoint}
		for _, r := range Readings() {
			f := fitItems(agreed, endpoint, r)
			for _, c := range sides[r].cells {
				if c.endpoint == "" || c.endpoint == endpoint {
					fitCell(sides[r], c, &f)
				}
			}
			v.Fits = append(v.Fits, f)
		}
		v.name(set.Reading)
		all = append(all, v)
	}
	return all
}

// endpointsOf lists the endpoints of lines on calls and of cells; a cell that names none is about all of the month's
// calls.
func endpointsOf(s *side) []string {
	all := map[string]bool{}
	for _, l := range s.b.on(s.month, itemised) {
		if l.call >= 0 {
			all[s.b.calls[l.call].Endpoint] = true
		}
	}
	for _, c := range s.cells {
		for _, k := range s.b.calls {
			if k.month == s.month && k.Outcome != Unsent && (c.endpoint == "" || c.endpoint == k.Endpoint) &&
				s.b.prices[k.row].Currency == c.curr {
				all[k.Endpoint] = true
			}
		}
	}
	return sortedKeys(all)
}

// fitItems counts what of an endpoint's itemised lines a reading contradicts.
func fitItems(s *side, endpoint string, r Reading) Fit {
	f := Fit{Reading: r}
	named, onLine := map[string]bool{}, false
	for _, l := range s.b.on(s.month, itemised) {
		if l.Transaction != "" && l.call >= 0 {
			named[l.Transaction] = true
		}
		onLine = onLine || l.call >= 0 && s.b.calls[l.call].Endpoint == endpoint
	}
	if !onLine {
		return f
	}
	all, _ := states(s.b.calls, r, named)
	for i, state := range all {
		c := s.b.calls[i]
		if c.Endpoint != endpoint {
			continue
		}
		_, other := s.other[i]
		switch {
		case c.line != nil && c.line.side == s.month && state == free:
			f.Billed++
		case c.line == nil && c.cell == nil && c.month == s.month && state == charged && c.Transaction != "" && !other &&
			(s.gate.Shifted || !s.awaits(i)):
			f.Missing++
		}
	}
	f.Refuted = f.Billed+f.Missing > 0
	return f
}

// fitCell counts what a cell contradicts: calls beyond those that the reading allows, or an amount that no composition
// gives.
func fitCell(s *side, c *cell, f *Fit) {
	f.Billed += c.surplus
	f.Missing += c.missing
	if c.surplus > 0 || c.missing > 0 {
		f.Refuted = true
		return
	}
	v := s.money[c.curr]
	i := slices.IndexFunc(v.rows, func(r *row) bool { return r.item != nil && r.item.cell == c })
	f.Refuted = f.Refuted || !v.rows[i].tied
}

// name names which readings the lines follow.
func (v *Verdict) name(agreed Reading) {
	least := -1
	var fit []Reading
	for _, f := range v.Fits {
		own := f.Reading == agreed
		switch {
		case f.Refuted:
		case own:
			v.AsAgreed = true
		default:
			fit = append(fit, f.Reading)
		}
		if n := f.Billed + f.Missing; least < 0 || n < least || n == least && own {
			least, v.Nearest = n, f.Reading
		}
	}
	if v.AsAgreed {
		v.Names, v.AlsoFit = []Reading{agreed}, fit
	} else {
		v.Names = fit
	}
}

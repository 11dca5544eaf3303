package match

import (
	"slices"

	"liverecon/batch/billing"
	"liverecon/batch/lost"
)

// contradicted holds what a reading cannot explain, by the endpoint as far as the statement tells endpoints apart.
type contradicted map[string]Contradictions

func (c contradicted) add(endpoint string, more Contradictions) {
	sum := c[endpoint]
	sum.Lines, sum.Calls, sum.amounts = sum.Lines+more.Lines, sum.Calls+more.Calls, sum.amounts || more.amounts
	c[endpoint] = sum
}

// refute holds every reading against the statement's lines, and against those of its totals that can be judged as the
// month is settled: under the contract's reading.
func refute(in *month) map[billing.Basis]contradicted {
	found := map[billing.Basis]contradicted{}
	for _, basis := range billing.Bases() {
		found[basis] = contradicted{}
	}
	onLine := linesByCall(in, found)
	in.journal.each(func(i uint32, r *record) {
		endpoint := in.journal.routeOf(r).Endpoint
		if !r.is(hasID) || onLine[i/64]&(1<<(i%64)) != 0 || !in.journal.inMonth(r) || !in.coverage.IsAbout(endpoint) ||
			inCell(in, r) {
			return
		}
		if _, shown := in.neighbours[r.transactionID()]; shown {
			return
		}
		if _, awaited := in.awaited(r); awaited {
			return
		}
		for _, basis := range billing.Bases() {
			if r.isCharge(basis) && basis != billing.DistinctID {
				found[basis].add(in.coverage.EndpointOf(endpoint), Contradictions{Calls: 1})
			}
		}
		if r.isCharge(billing.DistinctID) {
			found[billing.DistinctID].missing(in, r)
		}
	})
	return found
}

// linesByCall counts the lines that bill calls which a reading does not charge. The result marks the calls that lines
// bill.
func linesByCall(in *month, found map[billing.Basis]contradicted) (onLine []uint64) {
	onLine = make([]uint64, in.journal.len()/64+1)
	in.carried = map[int64]int{}
	for l := range in.lines.list {
		e := &in.lines.list[l]
		if e.fate != paired && e.fate != uncharged {
			continue
		}
		for _, i := range append([]uint32{e.call - 1}, in.extra[uint32(l)]...) {
			onLine[i/64] |= 1 << (i % 64)
			r := in.journal.record(i)
			endpoint := in.coverage.EndpointOf(in.journal.routeOf(r).Endpoint)
			for _, basis := range billing.Bases() {
				if !r.isCharge(basis) && !r.mayBeCharged(basis) {
					found[basis].add(endpoint, Contradictions{Lines: 1})
				}
			}
			if !r.isCharge(billing.DistinctID) && r.mayBeCharged(billing.DistinctID) {
				in.carried[r.check]++
			}
		}
	}
	in.journal.each(func(i uint32, r *record) {
		n := in.carried[r.check]
		if onLine[i/64]&(1<<(i%64)) != 0 && r.isCharge(billing.DistinctID) && n > 0 {
			in.carried[r.check] = 0
			found[billing.DistinctID].add(in.coverage.EndpointOf(in.journal.routeOf(r).Endpoint),
				Contradictions{Lines: int64(n)})
		}
	})
	return onLine
}

// missing counts a charge by distinct-id that no line bills, unless a call in doubt to the same ID carries it.
func (c contradicted) missing(in *month, r *record) {
	if in.carried[r.check] > 0 {
		in.carried[r.check]--
		return
	}
	c.add(in.coverage.EndpointOf(in.journal.routeOf(r).Endpoint), Contradictions{Calls: 1})
}

// inCell reports whether a cell can be about a call.
func inCell(in *month, r *record) bool {
	return slices.ContainsFunc(in.cells, func(c *cell) bool {
		return c.from <= r.at && r.at < c.to && c.route.Suits(in.journal.routeOf(r))
	})
}

// refuteCells holds a reading against the totals of the month as it is settled under it: each has to count its charges,
// or those, some of its doubts and some of the calls that were lost, at prices that they can have. What the lost calls
// cost nobody knows.
func refuteCells(in *month, found contradicted, times lost.Times) {
	for _, c := range in.cells {
		ofLost := times.Take(c.surplus, c.from, c.to)
		contradiction := Contradictions{Lines: c.surplus - ofLost, Calls: int64(len(c.missing))}
		right := c.sum(in.ledger)
		unpriced := slices.ContainsFunc(c.calls(), func(i uint32) bool { return in.journal.record(i).price == 0 })
		if !unpriced && ofLost == 0 && contradiction.none() && !c.fits(in.ledger) {
			_, owed := in.topUpOf(c.route, c.currency, c.amount, right, c.lines[0])
			contradiction.amounts = !owed
		}
		if !contradiction.none() {
			found.add(in.coverage.EndpointOf(c.route.Endpoint), contradiction)
		}
	}
}

// refuteOthers settles the month under the other readings, and holds each against the totals, which may be about what
// lines leave of the lost calls.
func refuteOthers(in *month, found map[billing.Basis]contradicted, times lost.Times) {
	if len(in.cells) == 0 {
		return
	}
	for _, basis := range billing.Bases() {
		if basis == in.Basis {
			continue
		}
		in.basis = basis
		forget(in)
		matchMonth(in)
		refuteCells(in, found[basis], times.Clone())
	}
	in.basis = in.Basis
}

// forget takes back all that settling found.
func forget(in *month) {
	in.journal.each(func(_ uint32, r *record) {
		r.facts &^= isUsed
		r.due = 0
	})
	for i := range in.lines.list {
		e := &in.lines.list[i]
		e.fate, e.call, e.byTime, e.shifted, e.free = alone, 0, false, false, false
	}
	in.cells, in.undecided, in.fees, in.left = nil, nil, nil, nil
}

package match

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// link finds the calls with the transactions of the lines. It returns the second and later ones of a transaction, by
// the number of its first line.
func link(in *month) (again map[uint32][]uint32) {
	again = map[uint32][]uint32{}
	in.journal.each(func(i uint32, r *record) {
		lines, known := in.lines.byTransaction[r.transactionID()]
		if !known || !r.is(hasID) {
			return
		}
		first := &in.lines.list[lines.first-1]
		if first.call == 0 {
			first.call = i + 1
			return
		}
		again[lines.first] = append(again[lines.first], i)
	})
	return again
}

// matchTransactions gives the lines whose transactions we know their calls. It returns the other lines with a
// transaction that may have one by their times, those that bill something first, and those that list calls as free:
// they use no call up that another line bills.
func matchTransactions(in *month) (unknown []uint32, listings []listing) {
	again := link(in)
	var quiet []uint32
	for i := range in.lines.list {
		first := &in.lines.list[i]
		if first.kind != usageLine || first.transaction == (transaction{}) ||
			in.lines.byTransaction[first.transaction].first != uint32(i+1) {
			continue
		}
		calls := callsOf(first, again[uint32(i+1)])
		billed, free := linesOf(in, uint32(i), calls)
		billed = setAside(in, takeBack(in, billed), calls)
		if len(calls) > 0 {
			matchCalls(in, billed, calls)
			listings = append(listings, listing{free, calls})
			continue
		}
		for n, l := range billed {
			if n == 0 {
				unknown = append(unknown, l)
			} else {
				in.lines.list[l].fate = duplicate
			}
		}
		quiet = append(quiet, free...)
	}
	return append(unknown, quiet...), listings
}

// listing represents lines that list a transaction's calls as free.
type listing struct{ lines, calls []uint32 }

// callsOf returns the calls with a transaction, in the order of their times, and frees the mark of its first line.
func callsOf(first *line, again []uint32) []uint32 {
	if first.call == 0 {
		return nil
	}
	calls := append([]uint32{first.call - 1}, again...)
	first.call = 0
	return calls
}

// linesOf returns the lines with a transaction: those that bill it, and those that only list it. A statement without
// tags that lists all calls shows what was free by the amount alone: it is taken at its word where we agree, and none
// of the transaction's lines says otherwise.
func linesOf(in *month, first uint32, calls []uint32) (billed, free []uint32) {
	all := in.lines.chained(first)
	believed := len(calls) > 0 && !slices.ContainsFunc(calls, func(i uint32) bool {
		r := in.journal.record(i)
		return in.charged(r) || in.mayBeCharged(r)
	}) && !slices.ContainsFunc(all, func(l uint32) bool { return !in.lines.amountAt(&in.lines.list[l]).IsZero() })
	for _, l := range all {
		e := &in.lines.list[l]
		e.free = believed && billing.ParseTag(in.lines.pricingOf(e)) != billing.Pay
		if in.lines.bills(e) {
			billed = append(billed, l)
		} else {
			free = append(free, l)
		}
	}
	return billed, free
}

// takeBack takes out the lines that a credit of the same transaction and amount takes back, and returns the others.
func takeBack(in *month, billed []uint32) []uint32 {
	if len(billed) == 0 {
		return nil
	}
	for _, c := range in.lines.credits[in.lines.list[billed[0]].transaction] {
		e := &in.lines.list[c]
		if !in.lines.amountAt(e).IsNegative() {
			continue
		}
		i := slices.IndexFunc(billed, func(l uint32) bool {
			twin := &in.lines.list[l]
			return twin.currency == e.currency && in.lines.amountAt(twin).Equal(in.lines.amountAt(e).Neg())
		})
		if i < 0 {
			continue
		}
		in.lines.list[billed[i]].fate, e.fate = reversed, reversed
		in.takenBack[billed[i]] = c
		billed = slices.Delete(billed, i, i+1)
	}
	return billed
}

// setAside takes out the lines whose transaction an earlier invoice bills, and returns the others.
func setAside(in *month, billed, calls []uint32) []uint32 {
	if len(billed) == 0 {
		return nil
	}
	s := in.lines
	earliest := billed[0]
	for _, l := range billed {
		if s.statements.Values[s.list[l].statement] < s.statements.Values[s.list[earliest].statement] {
			earliest = l
		}
	}
	e := &s.list[earliest]
	before, elsewhere := in.neighbours[e.transaction]
	elsewhere = elsewhere && before.month.Before(in.Month)
	if !elsewhere {
		before = lineRef{statement: s.statements.Values[e.statement], line: int(e.number)}
	}
	return slices.DeleteFunc(billed, func(l uint32) bool {
		if e := &s.list[l]; elsewhere || s.statements.Values[e.statement] != before.statement {
			e.fate, in.first[l] = again, before
			if len(calls) > 0 {
				e.call = calls[0] + 1
			}
			return true
		}
		return false
	})
}

// matchCalls pairs lines and calls of one transaction one by one. A line over several calls takes as many charges.
func matchCalls(in *month, billed, calls []uint32) {
	calls = slices.Clone(calls)
	slices.SortStableFunc(calls, func(a, b uint32) int {
		return cmp.Compare(in.rank(in.journal.record(a)), in.rank(in.journal.record(b)))
	})
	whole := calls
	standFirst(in, billed, calls)
	for _, l := range billed {
		e := &in.lines.list[l]
		if len(calls) == 0 {
			e.fate, e.call = duplicate, whole[0]+1
			continue
		}
		take := 1
		for int64(take) < e.quantity && take < len(calls) && in.areAlike(calls[0], calls[take]) {
			take++
		}
		switch first := in.journal.record(calls[0]); in.rank(first) {
		case 4:
			e.fate, e.call = uncharged, calls[0]+1
			first.facts |= isUsed
			in.resolve(first, true)
		default:
			in.pair(l, calls[0])
			for _, i := range calls[1:take] {
				in.extra[l] = append(in.extra[l], i)
				in.owe(in.journal.record(i))
			}
			if in.journal.inMonth(first) {
				in.twice.count(in, e)
			}
		}
		calls = calls[take:]
	}
}

// standFirst puts the lines whose amounts are nearest to a price of the calls' rows first: of lines that bill one
// transaction they stand, the lower one of two, and have the charges among its calls.
func standFirst(in *month, billed, calls []uint32) {
	if len(billed) < 2 {
		return
	}
	distance := func(l uint32) (least decimal.Decimal) {
		a, any := in.lines.netAt(&in.lines.list[l]), false
		near := func(unit decimal.Decimal) {
			if d := a.Sub(unit).Abs(); !any || d.LessThan(least) {
				least, any = d, true
			}
		}
		for _, i := range calls {
			p := in.journal.priceOf(in.journal.record(i))
			if p == nil {
				continue
			}
			for s := range p.Tiers {
				near(p.Unit(s + 1))
			}
			if p.FreeQuota > 0 {
				near(decimal.Decimal{})
			}
		}
		return least
	}
	slices.SortStableFunc(billed, func(a, b uint32) int { return distance(a).Cmp(distance(b)) })
}

// matchListed accounts for the lines that list a transaction's calls as free, where nothing bills these.
func matchListed(in *month, of listing) {
	for _, l := range of.lines {
		calls := of.calls
		e := &in.lines.list[l]
		e.fate, e.call = listed, calls[0]+1
		for _, i := range calls {
			r := in.journal.record(i)
			_, shown := in.neighbours[r.transactionID()]
			_, awaited := in.awaited(r)
			if in.isOurs(r) && !r.is(isUsed) && !shown && !awaited {
				in.listPay(l, i)
				break
			}
		}
		if e.fate == listedPay {
			continue
		}
		for _, i := range calls {
			if r := in.journal.record(i); !r.is(isUsed) {
				in.resolve(r, false)
			}
		}
	}
}

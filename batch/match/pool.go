package match

import (
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/payable"
)

// pool holds the calls of the month under one row of the price book, which share quota, tiers and minimum.
type pool struct {
	price          *billing.Price // nil: none
	index          uint16         // the row's, plus one
	scope          bool           // the statement is about it, and it is in force in the month
	own            int64          // charges of ours
	count          int64          // calls that are owed
	doubts, beside int64          // calls in doubt: of the month, and of others near its bounds

	mixed   bool     // its calls may be in several slots
	members []uint32 // calls that are owed or may be, by time, where they may
	lines   []uint32 // itemised lines about one of them each, where they may
	free    []int64  // places by slot
	cut     bool     // the search for slots was

	topUp decimal.Decimal // of the minimum, what is billed

	over, under    decimal.Decimal  // at issue
	excess         []payable.Excess // what over is made of
	ghosts, bought decimal.Decimal  // of over without a lawful call, and of under at another price of the table

	units [2][]decimal.Decimal // memory of possible
}

func newPools(in *month) []*pool {
	j := in.journal
	pools := []*pool{{}}
	for i, p := range j.book.Prices {
		ends := !p.To.IsZero() && p.To.UnixMilli() <= j.from
		pools = append(pools, &pool{price: p, index: uint16(i + 1),
			scope: in.coverage.IsAbout(p.Endpoint) && p.From.UnixMilli() < j.to && !ends,
			mixed: p.FreeQuota > 0 || p.Kind == billing.Graduated && len(p.Tiers) > 1})
	}
	for i, n := range in.totals {
		pools[i].own = n
	}
	j.each(func(_ uint32, r *record) {
		switch {
		case !in.mayBeCharged(r):
		case j.inMonth(r):
			pools[r.price].doubts++
		case in.isNear(r):
			pools[r.price].beside++
		}
	})
	return pools
}

// possible lists the prices that a slot of the pool can have with none to all of the doubts; for a doubt of another
// month, with all of those that the statement may bill, too.
func (p *pool) possible(beside bool) []decimal.Decimal {
	most, units := p.own+p.doubts, &p.units[0]
	if beside {
		most, units = most+p.beside, &p.units[1]
	}
	if *units != nil {
		return *units
	}
	first, last := int64(1), max(1, most)
	if p.price.Kind == billing.Volume {
		first = max(1, p.own)
	}
	if p.price.FreeQuota > 0 {
		*units = append(*units, decimal.Decimal{})
	}
	for slot := p.price.Slot(first, first); slot <= p.price.Slot(last, last); slot++ {
		*units = append(*units, p.price.Unit(slot))
	}
	return *units
}

// minimum returns what the pool owes beyond its calls.
func (p *pool) minimum() decimal.Decimal {
	if p.price == nil || !p.scope {
		return decimal.Decimal{}
	}
	return p.price.MonthlyCost(p.count).Sub(p.price.Cost(p.count))
}

// owing returns what the pool owes beyond its calls and is not billed.
func (p *pool) owing() decimal.Decimal { return p.minimum().Sub(p.topUp) }

// arrange gives the pools whose calls may be in several slots their calls and lines.
func arrange(in *month) {
	for _, p := range in.pools {
		p.members, p.lines = nil, nil
	}
	maybe := map[uint32]bool{}
	for _, c := range in.undecided {
		for _, i := range c.doubts {
			maybe[i] = true
		}
	}
	in.journal.each(func(i uint32, r *record) {
		if p := in.pools[r.price]; p.mixed && (r.due != 0 || maybe[i]) {
			p.members = append(p.members, i)
		}
	})
	for l := range in.lines.list {
		e := &in.lines.list[l]
		if e.fate != paired {
			continue
		}
		p := in.pools[in.journal.record(e.call-1).price]
		if p.mixed && p.price.Currency == in.lines.currencyOf(e) && in.extra[uint32(l)] == nil {
			p.lines = append(p.lines, uint32(l))
		}
	}
	for _, p := range in.pools {
		slices.SortStableFunc(p.lines, func(a, b uint32) int {
			return in.compareCalls(in.lines.list[a].call-1, in.lines.list[b].call-1)
		})
	}
}

package oracle

import (
	"slices"

	"github.com/shopspring/decimal"
)

// topUps judges what is billed to reach minimums (3.4).
type topUps struct{ *solution }

func (v topUps) run() {
	for _, r := range v.order {
		p := v.pools[r]
		p.TopUp, p.TopUpMin, p.TopUpMax = decimal.Zero, decimal.Zero, decimal.Zero
		if p.owed {
			p.TopUp = decimal.Max(decimal.Zero, p.row.Minimum.Sub(p.Cost))
			p.rangeOf(v.s)
		}
		p.left = p.TopUp
	}
	for _, l := range v.s.b.on(v.s.month, fee) {
		if l.Currency == v.currency && l.class == unpaired {
			v.judgeFee(l)
		}
	}
	for _, c := range v.s.cells { // in the order in which they choose their calls
		for _, r := range v.rows {
			if r.item != nil && r.item.cell == c && !r.Issue.IsZero() {
				v.usageAndTopUp(r)
			}
		}
	}
	for _, r := range v.order {
		p := v.pools[r]
		if p.left.IsPositive() {
			v.rows = append(v.rows, &row{order: 2*afterLines + r, Row: Row{Class: MinimumNotBilled, Currency: v.currency,
				Pool: r, Minimum: p.left, Right: p.left, Issue: p.left.Neg()}})
		}
	}
}

// rangeOf finds the top-up while doubts of the pool are open.
func (p *pool) rangeOf(s *side) {
	p.TopUpMin, p.TopUpMax = p.TopUp, p.TopUp
	open := 0
	for _, i := range s.open {
		if s.b.calls[i].row == p.Row {
			open++
		}
	}
	for j := range open + 1 {
		t := decimal.Max(decimal.Zero, p.row.Minimum.Sub(p.row.cost(p.Lawful+j)))
		p.TopUpMin, p.TopUpMax = decimal.Min(p.TopUpMin, t), decimal.Max(p.TopUpMax, t)
	}
}

// about returns the pools with a top-up left that a line can be about.
func (v topUps) about(endpoint, region string) []*pool {
	var all []*pool
	for _, r := range v.order {
		if p := v.pools[r]; p.left.IsPositive() && p.row.suits(endpoint, region) {
			all = append(all, p)
		}
	}
	return all
}

// takeUp books so much of the top-up of a pool as billed.
func (p *pool) takeUp(amount decimal.Decimal) {
	p.Billed = p.Billed.Add(amount)
	p.left = decimal.Max(decimal.Zero, p.left.Sub(amount))
}

// judgeFee gives a fee to the pool or pools whose top-up it is.
func (v topUps) judgeFee(l *line) {
	net, t := l.net(), l.tiesOf()
	r := &row{order: l.order, line: l, Row: Row{Class: MonthlyMinimum, Currency: v.currency, Pool: -1,
		Lines: []Place{l.place()}, Theirs: l.Amount, Tax: l.Amount.Sub(net), Contradicts: l.contradicts()}}
	v.rows = append(v.rows, r)
	pools := v.about(l.Endpoint, l.Region)
	off := net.Abs()
	for i, p := range pools {
		if d := net.Sub(p.left).Abs(); i == 0 || d.LessThan(off) {
			off = d
		}
	}
	one := slices.IndexFunc(pools, func(p *pool) bool { return t.toSum(l.Amount, p.left.Mul(t.gross)) })
	switch {
	case one >= 0:
		r.Pool = pools[one].Row
		v.payTopUp(r, pools[one:one+1], net)
	case len(pools) > 1 && t.toSum(l.Amount, leftOf(pools).Mul(t.gross)):
		off = net.Sub(leftOf(pools)).Abs()
		v.payTopUp(r, pools, net)
	case len(pools) > 0 && net.IsPositive():
		p := pools[0]
		r.Pool = p.Row
		r.Minimum = decimal.Min(p.left, net)
		r.Right, r.Issue = r.Minimum, net.Sub(r.Minimum)
		p.takeUp(net)
		if r.Issue.IsPositive() {
			r.Class = MinimumNotOwed
		}
	default:
		r.Class, r.Issue = MinimumNotOwed, net
	}
	v.off = v.off.Add(off)
}

func leftOf(pools []*pool) decimal.Decimal {
	total := decimal.Zero
	for _, p := range pools {
		total = total.Add(p.left)
	}
	return total
}

// payTopUp books the whole top-up of pools on a fee that ties to it.
func (v topUps) payTopUp(r *row, pools []*pool, net decimal.Decimal) {
	r.tied = true
	r.Minimum = leftOf(pools)
	r.Right, r.Rounding = r.Minimum, net.Sub(r.Minimum)
	for _, p := range pools {
		p.takeUp(p.left)
	}
}

// usageAndTopUp takes a cell for usage and top-up in one where its issue is such a top-up.
func (v topUps) usageAndTopUp(r *row) {
	c, t := r.item.cell, r.item.ties
	pools := v.about(c.endpoint, c.region)
	try := [][]*pool{}
	for i := range pools {
		try = append(try, pools[i:i+1])
	}
	if len(pools) > 1 {
		try = append(try, pools)
	}
	var prices []decimal.Decimal
	for _, i := range r.item.calls {
		p := v.poolOf(i)
		prices = append(prices, p.slots[p.slot[i]].price)
	}
	for _, some := range try {
		left := leftOf(some)
		if !t.toCell(r.item.amount, prices, left) {
			continue
		}
		r.Class, r.tied = MonthlyMinimum, true
		r.Minimum, r.Right = left, r.Right.Add(left)
		r.Issue, r.Rounding = decimal.Zero, r.item.net.Sub(r.Right)
		for _, p := range some {
			p.takeUp(p.left)
		}
		return
	}
}

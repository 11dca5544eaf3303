package oracle

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// row represents a row in the making.
type row struct {
	Row
	order int   // of its first line; calls come after all lines
	item  *item // of a line on a call and of a cell
	line  *line
	tied  bool
}

const afterLines = 1 << 20

// over and under returns the parts of what is at issue.
func (r *Row) over() decimal.Decimal  { return decimal.Max(r.Issue, decimal.Zero) }
func (r *Row) under() decimal.Decimal { return decimal.Max(r.Issue.Neg(), decimal.Zero) }

// disputed returns the part of a row that the vendor is to credit.
func (r *Row) disputed() decimal.Decimal { return r.over().Sub(r.Netted) }

// itemRows judges lines on calls, and cells (3.3).
func (v *solution) itemRows() {
	for _, it := range v.items {
		r := &row{item: it, Row: Row{Currency: v.currency, Pool: -1, Lawful: len(it.calls) > 0}}
		var lines []*line
		if it.line != nil {
			lines = []*line{it.line}
		} else {
			lines, r.Surplus = it.cell.lines, it.cell.surplus
		}
		r.line, r.order = lines[0], lines[0].order
		for _, l := range lines {
			r.Lines = append(r.Lines, l.place())
			r.Contradicts = r.Contradicts || l.contradicts()
		}
		prices := v.addCalls(r)
		switch {
		case len(it.calls) > 0 && !it.shared:
			r.Pool = v.s.b.calls[it.calls[0]].row
		case len(it.calls) == 0:
			r.Pool = v.strayPool(r.line)
		}
		r.Theirs = it.amount
		r.Tax = it.amount.Sub(it.net)
		r.tied = it.fits(prices)
		if r.tied {
			r.Rounding = it.net.Sub(r.Right)
		} else {
			r.Issue = it.net.Sub(r.Right)
		}
		r.Class = v.classOf(r)
		if r.tied && it.moved {
			r.Note = anotherTierLawful
		}
		v.rows = append(v.rows, r)
	}
}

// addCalls adds what the calls of an item are worth, and returns their prices.
func (v *solution) addCalls(r *row) []decimal.Decimal {
	b := v.s.b
	var prices []decimal.Decimal
	for _, i := range r.item.calls {
		c, p := b.calls[i], v.poolOf(i)
		price := p.slots[p.slot[i]].price
		prices = append(prices, price)
		r.Calls = append(r.Calls, c.ID)
		r.Right = r.Right.Add(price)
		switch {
		case c.state == inDoubt: // of whatever month
			r.Doubt = r.Doubt.Add(price)
		case c.month != v.s.month:
			r.Other = r.Other.Add(price)
		default:
			r.Ours = r.Ours.Add(p.ours[i])
		}
	}
	r.Shift = r.Right.Sub(r.Ours).Sub(r.Doubt).Sub(r.Other)
	return prices
}

// classOf returns the class of a line on a call, or of a cell.
func (v *solution) classOf(r *row) Class {
	it := r.item
	if r.tied {
		switch {
		case len(it.doubts) > 0, it.line != nil && v.s.b.calls[it.line.call].state == inDoubt:
			return ExplainedByDoubt
		case it.line != nil && v.s.b.calls[it.line.call].month != v.s.month:
			return OtherPeriod
		}
		return Matched
	}
	if it.cell != nil {
		if it.cell.surplus > 0 {
			return QuantityDiffers
		}
		return PriceDiffers
	}
	if slices.ContainsFunc(v.poolOf(it.calls[0]).row.table(), func(p decimal.Decimal) bool {
		return it.fits([]decimal.Decimal{p})
	}) {
		return WrongTier
	}
	return PriceDiffers
}

// contradicts reports whether quantity x unit is not the amount printed.
func (l *line) contradicts() bool {
	if l.Quantity == nil || l.Unit == nil {
		return false
	}
	k := l.tiesOf().line
	if l.form != itemised {
		k = l.tiesOf().cell
	}
	off := l.Unit.Mul(decimal.NewFromInt(int64(*l.Quantity))).Sub(l.Amount).Abs()
	return off.GreaterThan(half.Shift(-k))
}

// callRows adds the charges on no line of the month's side.
func (v *solution) callRows() {
	for _, r := range v.order {
		p := v.pools[r]
		own := make([]int, 0, len(p.ours))
		for i := range p.ours {
			own = append(own, i)
		}
		slices.Sort(own)
		for _, i := range own {
			u := p.ours[i]
			next := &row{order: afterLines + i, Row: Row{Currency: v.currency, Pool: r, Ours: u, Lawful: true,
				Calls: []string{v.s.b.calls[i].ID}}}
			if note, other := v.s.other[i]; other {
				next.Class, next.Note, next.Other = OtherPeriod, note, u.Neg()
				if l := v.s.b.calls[i].line; l != nil {
					next.Note = l.file.Name
				}
			} else if note, left := v.s.oursOnly[i]; left {
				next.Class, next.Note, next.Right = OursOnly, note, p.slots[p.slot[i]].price
				next.Shift = next.Right.Sub(u)
				next.Issue = next.Right.Neg()
			} else {
				continue
			}
			v.rows = append(v.rows, next)
		}
	}
}

// strayRows adds the lines that are on no call, or on one that is free.
func (v *solution) strayRows() {
	for _, l := range v.s.b.lines {
		if l.side != v.s.month || l.Currency != v.currency || l.class == paired || l.OtherProduct || l.Kind != Usage {
			continue
		}
		r := &row{order: l.order, line: l, Row: Row{Currency: v.currency, Pool: -1, Class: l.class,
			Lines: []Place{l.place()}, Theirs: l.Amount, Contradicts: l.contradicts()}}
		switch {
		case l.form == notBilling:
			r.Class = Listed
		case l.class == unpaired:
			continue // of a cell, or a fee
		case l.class == Reversed && l.twin == nil:
			continue // with its positive twin
		case l.class == Reversed:
			r.Lines = append(r.Lines, l.twin.place())
			r.Theirs = decimal.Zero
		case l.class == Withheld:
			r.Held = l.Amount
		default:
			r.Issue = l.net()
			r.Tax = l.Amount.Sub(l.net())
			r.Pool = v.strayPool(l)
			if l.about >= 0 {
				r.Calls = []string{v.s.b.calls[l.about].ID}
			}
		}
		v.rows = append(v.rows, r)
	}
}

// strayPool returns the pool of a line without a lawful call: that of the call of its transaction, else of what it
// names.
func (v *solution) strayPool(l *line) int {
	b := v.s.b
	if l.about >= 0 {
		if r := b.calls[l.about].row; v.pools[r] != nil {
			return r
		}
		return -1
	}
	if l.Endpoint == "" {
		return -1
	}
	at := b.set.month(v.s.month)
	switch {
	case !l.Time.IsZero():
		at = span{l.Time, l.Time.Add(1)}
	case l.Day != "":
		at = b.set.day(l.Day)
	}
	var found []int
	for _, r := range v.order {
		if row := v.pools[r].row; row.Endpoint == l.Endpoint && row.suits(l.Endpoint, l.Region) &&
			row.inForce(at.from, at.to) {
			found = append(found, r)
		}
	}
	if l.Region != "" {
		slices.SortStableFunc(found, func(x, y int) int {
			return cmp.Compare(len(v.pools[y].row.Region), len(v.pools[x].row.Region)) // "*" is the shortest
		})
	} else if len(found) > 1 {
		return -1
	}
	if len(found) == 0 {
		return -1
	}
	return found[0]
}

// of sums a part of each row.
func (v *solution) of(part func(*row) decimal.Decimal) (int, decimal.Decimal) {
	n, total := 0, decimal.Zero
	for _, r := range v.rows {
		if d := part(r); !d.IsZero() {
			n++
			total = total.Add(d)
		}
	}
	return n, total
}

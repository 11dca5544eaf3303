package prior

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// BilledAgain marks the class of a line whose transaction another line bills already.
const BilledAgain billing.Class = "billed again"

// identity tells lines of one statement apart, and makes out the same one on another.
type identity struct {
	usage                                 bool
	transaction, endpoint, region, amount string
	currency                              string
	at                                    int64
	quantity                              int64
}

func (l *Line) identity() identity {
	id := identity{usage: l.Usage, transaction: l.TransactionID, endpoint: l.Endpoint, currency: l.Currency,
		amount: l.Amount.String(), quantity: l.Quantity}
	if l.TransactionID == "" {
		id.region, id.at = l.Region, l.At.UnixMilli()
	}
	return id
}

// unchanged takes out the lines that were withdrawn and came again as they were: only those that differ are new.
func unchanged(lines []*Line) []*Line {
	gone := map[identity][]*Line{}
	for _, l := range lines {
		if l.Withdrawn {
			gone[l.identity()] = append(gone[l.identity()], l)
		}
	}
	again := map[*Line]bool{}
	for _, l := range lines {
		if same := gone[l.identity()]; !l.Withdrawn && len(same) > 0 {
			again[l], again[same[0]] = true, true
			gone[l.identity()] = same[1:]
		}
	}
	return slices.DeleteFunc(slices.Clone(lines), func(l *Line) bool { return again[l] })
}

// bills reports whether a line charges calls. One with a minus is a credit.
func (l *Line) bills() bool { return l.Usage && !l.Amount.IsNegative() }

func (w *work) lineRow(kind Kind, l *Line) *Row {
	return w.add(&Row{Bearer: l.Bearer, Kind: kind, Statement: l.Statement, Line: l.Number, Endpoint: l.Endpoint,
		Region: l.Region, Currency: l.Currency, TheirQuantity: l.Quantity, Theirs: l.Amount, Priced: true})
}

// about makes a row one of a call.
func (r *Row) about(i *Item) *Row {
	r.Call, r.Endpoint, r.Region = i.Call, i.Endpoint, i.Region
	return r
}

// take hands the lines that fit to do, which reports whether they have a row by then.
func (w *work) take(fits func(*Line) bool, do func(*Line) bool) {
	w.lines = slices.DeleteFunc(w.lines, func(l *Line) bool { return fits(l) && do(l) })
}

// withdraw takes back what lines billed that stand no more: their calls are accrued and wait for a line again.
func (w *work) withdraw() {
	w.take(func(l *Line) bool { return l.Withdrawn }, func(l *Line) bool {
		r := w.lineRow(LineWithdrawn, l)
		r.Call, r.TheirQuantity, r.Theirs, r.Right = l.Call, -l.Quantity, l.Amount.Neg(), l.Right.Neg()
		if !r.Issue().IsZero() {
			r.Class = l.Class
		}
		for _, i := range w.Items {
			if i.Call == l.Call && l.Call != 0 && i.State == Billed {
				i.State, i.Amount = Accrued, l.Right
			}
		}
		return true
	})
}

// byTransaction accounts for the lines whose transactions are those of calls.
func (w *work) byTransaction() {
	calls := map[string][]*Item{}
	for _, i := range w.Items {
		if i.TransactionID != "" {
			calls[i.TransactionID] = append(calls[i.TransactionID], i)
		}
	}
	w.take(func(l *Line) bool { return l.bills() && l.TransactionID != "" }, func(l *Line) bool {
		all := calls[l.TransactionID]
		for _, state := range []State{Accrued, InDoubt, Billed, Free} {
			for _, i := range all {
				if i.State == state {
					w.bill(i, l)
					return true
				}
			}
		}
		return false
	})
}

// bill accounts for a line by a call.
func (w *work) bill(i *Item, l *Line) *Row {
	switch i.State {
	case Accrued:
		return w.billAccrued(i, l)
	case InDoubt:
		return w.billInDoubt(i, l)
	}
	r := w.lineRow(LateLine, l).about(i)
	r.Class = billing.PricingDiffers
	if i.State == Billed {
		r.Class, r.Note = BilledAgain, "first on "+i.BilledOn
	}
	return r
}

// billAccrued uses a charge that is accrued already: nothing is newly owed.
func (w *work) billAccrued(i *Item, l *Line) *Row {
	r := w.rowOf[i]
	if r == nil || r.Bearer != l.Bearer {
		if r != nil {
			r.Note = "billed on a statement that " + l.Bearer + " bears"
		}
		r = w.lineRow(LateLine, l).about(i)
		r.Right = i.Amount
	} else {
		r.Statement, r.Line, r.TheirQuantity, r.Theirs = l.Statement, l.Number, l.Quantity, l.Amount
		r.Currency = cmp.Or(r.Currency, l.Currency)
	}
	r.judge(l.Currency)
	w.markBilled(i, l)
	return r
}

// billInDoubt makes a call in doubt a charge: it is newly owed.
func (w *work) billInDoubt(i *Item, l *Line) *Row {
	currency, amount, priced := w.next(i)
	if w.isPrice(i, l) {
		amount = l.Amount
	}
	r := w.rowOf[i]
	if r == nil || r.Bearer != l.Bearer {
		if r != nil {
			r.Note = "settled in " + l.Bearer
		}
		r = w.lineRow(DoubtBilled, l).about(i)
	} else {
		r.Kind, r.Statement, r.Line = DoubtBilled, l.Statement, l.Number
		r.TheirQuantity, r.Theirs = l.Quantity, l.Amount
	}
	r.Quantity, r.Priced, r.Amount, r.Right, r.Most = 1, priced, amount, amount, amount
	if _, before, ok := w.next(i); ok && (i.Ceiling || r.Kind == DoubtBilled && w.rowOf[i] != nil && w.rowOf[i] != r) {
		r.Most = amount.Sub(before)
	}
	r.Currency = cmp.Or(currency, l.Currency)
	r.judge(l.Currency)
	w.count(i)
	w.markBilled(i, l)
	return r
}

func (w *work) markBilled(i *Item, l *Line) {
	i.State, i.BilledOn = Billed, fmt.Sprintf("line %d of statement %d", l.Number, l.Statement)
}

// judge sets the class by what is at issue. A line in another currency than the price's is at issue whole.
func (r *Row) judge(theirs string) {
	if r.Currency != theirs {
		r.Note = "priced in " + r.Currency
		var none decimal.Decimal
		r.Currency, r.Amount, r.Right, r.Most, r.Priced = theirs, none, none, none, false
	}
	r.Class = ""
	if !r.Issue().IsZero() {
		r.Class = billing.PriceDiffers
	}
}

// isPrice reports whether a line's amount is a price that the call can have.
func (w *work) isPrice(i *Item, l *Line) bool {
	price, ok := w.price(i)
	if !ok || price.Currency != l.Currency {
		return false
	}
	n := w.charges[price]
	slot, found := price.SlotAt(l.Amount)
	return found && (price.Marginal(n, 1).Equal(l.Amount) || price.Unit(slot).Equal(l.Amount))
}

// pair represents a line and a call that it may be the charge of.
type pair struct {
	line *Line
	item *Item
	off  time.Duration // absolute
}

// byTime accounts for lines that give a time: those of unknown transactions by calls without one, others by all. A
// charge never precedes its request, but for the clocks' difference. The nearest pairs are taken first.
func (w *work) byTime() {
	var pairs []pair
	for _, l := range w.lines {
		if !l.bills() || l.At.IsZero() || l.DayOnly {
			continue
		}
		for _, i := range w.Items {
			if off := l.At.Sub(i.SentAt); w.mayBe(i, l) && off > -w.Skew-resolution(l.At) && off <= w.Window {
				pairs = append(pairs, pair{l, i, off.Abs()})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.off, b.off), cmp.Compare(a.item.State, b.item.State))
	})
	used := map[*Line]bool{}
	for _, p := range pairs {
		if !used[p.line] && (p.item.State == Accrued || p.item.State == InDoubt) {
			used[p.line] = true
			w.bill(p.item, p.line)
		}
	}
	w.lines = slices.DeleteFunc(w.lines, func(l *Line) bool { return used[l] })
}

// mayBe reports whether a line may be about a call, times apart.
func (w *work) mayBe(i *Item, l *Line) bool {
	if !suits(l, i.Endpoint, i.Region) || l.TransactionID != "" && i.TransactionID != "" {
		return false
	}
	price, ok := w.price(i)
	if ok && price.Currency != l.Currency {
		return false
	}
	return i.State == Accrued || i.State == InDoubt && (!ok || w.isPrice(i, l))
}

func suits(l *Line, endpoint, region string) bool {
	return billing.Route{Endpoint: l.Endpoint, Region: l.Region}.Suits(billing.Route{Endpoint: endpoint, Region: region})
}

// resolution returns how exactly a time is given.
func resolution(at time.Time) time.Duration {
	switch {
	case at.Nanosecond() != 0:
		return time.Millisecond
	case at.Second() != 0:
		return time.Second
	}
	return time.Minute
}

// byCount accounts for totals over several calls: charges that no line bills first, then doubts; what is beyond them is
// at issue.
func (w *work) byCount() {
	w.take(func(l *Line) bool { return l.bills() && l.TransactionID == "" && l.Quantity > 0 }, func(l *Line) bool {
		r := w.lineRow(LateLine, l)
		left := w.accrued(l, r, l.Quantity)
		for _, i := range w.Items {
			if left == 0 || i.State != InDoubt || !w.covers(l, i) {
				continue
			}
			_, amount, ok := w.next(i)
			w.count(i)
			w.markBilled(i, l)
			r.Right, r.Priced, r.Kind = r.Right.Add(amount), r.Priced && ok, DoubtBilled
			if late := w.rowOf[i]; late != nil && late.Bearer == r.Bearer {
				late.Kind, late.Quantity, late.Amount, late.Note = DoubtBilled, 1, amount, "by count, on "+i.BilledOn
			} else {
				r.Quantity, r.Amount = r.Quantity+1, r.Amount.Add(amount)
			}
			left--
		}
		switch {
		case left > 0:
			r.Class = billing.QuantityDiffers
		case !r.Issue().IsZero():
			r.Class = billing.PriceDiffers
		}
		return true
	})
}

// accrued gives a total the charges that no line bills, and returns how many it lacks.
func (w *work) accrued(l *Line, r *Row, left int64) int64 {
	for _, i := range w.Items {
		if left == 0 || i.State != Accrued || !w.covers(l, i) {
			continue
		}
		r.Right = r.Right.Add(i.Amount)
		w.markBilled(i, l)
		left--
		if late := w.rowOf[i]; late != nil && late.Bearer == r.Bearer { // its line is this one
			late.Right, late.Class, late.Note = decimal.Decimal{}, "", "by count, on "+i.BilledOn
		}
	}
	for _, p := range w.Pools {
		if left == 0 || p.Quantity == 0 || p.Currency != l.Currency || !suits(l, p.Endpoint, p.Region) {
			continue
		}
		n := min(left, p.Quantity)
		part := p.Amount
		if n < p.Quantity {
			part = p.Amount.Mul(decimal.NewFromInt(n)).DivRound(decimal.NewFromInt(p.Quantity), 12)
		}
		r.Right, p.Amount, p.Quantity, left = r.Right.Add(part), p.Amount.Sub(part), p.Quantity-n, left-n
	}
	return left
}

// covers reports whether a total may be over a call.
func (w *work) covers(l *Line, i *Item) bool {
	price, ok := w.price(i)
	if !suits(l, i.Endpoint, i.Region) || ok && price.Currency != l.Currency {
		return false
	}
	if l.At.IsZero() {
		return true
	}
	day := billing.DayAt(l.At, w.Book.Location)
	return !i.SentAt.Before(day.From) && i.SentAt.Before(day.To)
}

// others accounts for what is no call's: fees and ghosts are at issue, credits and taxes are not.
func (w *work) others() {
	w.take(func(*Line) bool { return true }, func(l *Line) bool {
		r := w.lineRow(LateLine, l)
		switch {
		case !l.bills():
			r.Right, r.Note = l.Amount, "credit or tax"
		case l.Quantity == 0:
			r.Class, r.Note = billing.TheirsOnly, "no calls behind it"
		default:
			r.Class = billing.TheirsOnly
		}
		return true
	})
}

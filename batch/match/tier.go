package match

import (
	"fmt"

	"liverecon/batch/billing"
)

// tierUse counts what a statement charges under one price with several slots: a free quota, or tiers. Which call is in
// which of them follows from how many the vendor counts and in what order, and that is known only when all lines have
// their calls. So the slots are shared out at the end: no slot may have more lines than the month's calls put into it,
// and which calls these are is for the vendor to say.
type tierUse struct {
	used []int64 // lines at the price of each slot, by the slot
	// Calls of the statement beyond our charges: in doubt, or of another month, less charges that another month's
	// statement has.
	more   int64
	doubts []slotted // lines about calls in doubt, at the price of any slot
	others []slotted // lines at the price of another slot than ours
}

// slotted is a line and its call that wait for the slots to be shared out.
type slotted struct {
	line *line
	call *record
	note string
}

// tierUses has one for each row of the price book, at its index plus one, nil where all calls cost the same.
type tierUses []*tierUse

func newTierUses(rows []*billing.Price) tierUses {
	list := make(tierUses, len(rows)+1)
	for i, p := range rows {
		if p.FreeQuota > 0 || len(p.Tiers) > 1 {
			list[i+1] = &tierUse{used: make([]int64, len(p.Tiers)+1)}
		}
	}
	return list
}

// count counts a charge whose line has the price of its slot.
func (t tierUses) count(r *record) {
	if u := t[r.price]; u != nil {
		u.used[r.slot]++
	}
}

// countOther counts a line of the statement about a neighbouring month's charge, or with -1 a charge of this month that
// is on the neighbouring month's statement.
func (t tierUses) countOther(in *month, r *record, n int64, f *finding) {
	u := t[r.price]
	if u == nil {
		return
	}
	u.more += n
	if slot, found := in.journal.priceOf(r).SlotAt(f.TheirAmount); found && n > 0 {
		u.used[slot]++
	}
}

// countDoubts counts calls in doubt that a total bills.
func (t tierUses) countDoubts(in *month, price uint32, n int64) {
	u := t[price]
	if u == nil {
		return
	}
	p, before := in.journal.book.Prices[price-1], in.totals[price]+u.more
	without := p.Fill(before)
	for slot, with := range p.Fill(before + n) {
		u.used[slot] += with - without[slot]
	}
	u.more += n
}

// matchTiers judges the lines that waited for the slots.
func matchTiers(in *month, out *outcome) {
	for i, u := range out.tiers {
		if u == nil || len(u.doubts)+len(u.others) == 0 {
			continue
		}
		p := in.journal.book.Prices[i-1]
		total := in.totals[i] + u.more
		free := p.Fold(p.Fill(total))
		for slot, n := range p.Fold(u.used) {
			free[slot] -= n
		}
		for _, s := range u.doubts {
			f := in.find(billing.ExplainedByDoubt, s.call, s.line, s.note)
			if !p.Take(free, f.TheirAmount) {
				f.judgeDoubtful(p, total-1)
			}
			out.emit(f)
		}
		for _, s := range u.others {
			f := in.find(billing.Matched, s.call, s.line, s.note)
			f.addCharge(in, s.call)
			f.judgePair(in.journal, s.call)
			if p.Take(free, f.TheirAmount) {
				f.Class = billing.OtherTier
			}
			out.emit(f)
		}
	}
}

// judgeDoubtful judges a line about one call in doubt at a price that no slot has room for: what the call adds after
// the others is explained.
func (f *finding) judgeDoubtful(p *billing.Price, others int64) {
	f.Class, f.calls, f.doubt = billing.PriceDiffers, 1, p.Marginal(others, 1)
	price := billing.Money{Amount: f.doubt, Currency: p.Currency}
	f.note(fmt.Sprintf("the call was in doubt: its price, %s, is explained", price))
}

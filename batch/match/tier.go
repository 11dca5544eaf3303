package match

import (
	"fmt"

	"liverecon/batch/billing"
)

// slotUse is what a statement makes of one price with several slots: a free quota,
// or tiers. Which call is in which of them follows from how many the vendor counts
// and in what order, and that is known only when all lines have their calls. So the
// slots are shared out at the end: no slot may have more lines than the month's
// calls put into it, and which calls these are is for the vendor to say.
type slotUse struct {
	settled []int64   // lines at the price of each slot, by the slot
	more    int64     // calls of the statement beyond our charges: in doubt, or of another month, less charges that another month's statement has
	doubts  []slotted // lines about calls in doubt, at the price of any slot
	others  []slotted // lines at the price of another slot than ours
}

// slotted is a line and its call that wait for the slots to be shared out.
type slotted struct {
	line *entry
	call *record
	note string
}

// newSlotUses has one for each row of the price book, at its index plus one, nil
// where all calls cost the same.
func newSlotUses(rows []*billing.Price) []*slotUse {
	list := make([]*slotUse, len(rows)+1)
	for i, p := range rows {
		if p.FreeQuota > 0 || len(p.Tiers) > 1 {
			list[i+1] = &slotUse{settled: make([]int64, len(p.Tiers)+1)}
		}
	}
	return list
}

// settle counts a charge whose line has the price of its slot.
func (m *Matcher) settle(r *record) {
	if u := m.slots[r.price]; u != nil {
		u.settled[r.slot]++
	}
}

// countOther counts a line of the statement about a neighbouring month's charge, or
// with -1 a charge of this month that is on the neighbouring month's statement.
func (m *Matcher) countOther(r *record, n int64, f *finding) {
	u := m.slots[r.price]
	if u == nil {
		return
	}
	u.more += n
	if slot, found := m.journal.priceOf(r).SlotAt(f.TheirAmount); found && n > 0 {
		u.settled[slot]++
	}
}

// countDoubts counts calls in doubt that a total bills.
func (m *Matcher) countDoubts(price uint32, n int64) {
	u := m.slots[price]
	if u == nil {
		return
	}
	p, before := m.journal.book.Prices[price-1], m.totals[price]+u.more
	without := p.Fill(before)
	for slot, with := range p.Fill(before + n) {
		u.settled[slot] += with - without[slot]
	}
	u.more += n
}

// matchTiers settles the lines that waited for the slots.
func (m *Matcher) matchTiers() {
	for i, u := range m.slots {
		if u == nil || len(u.doubts)+len(u.others) == 0 {
			continue
		}
		p := m.journal.book.Prices[i-1]
		total := m.totals[i] + u.more
		free := p.Fold(p.Fill(total))
		for slot, n := range p.Fold(u.settled) {
			free[slot] -= n
		}
		for _, s := range u.doubts {
			f := m.find(billing.ExplainedByDoubt, s.call, s.line, s.note)
			if !p.Take(free, f.TheirAmount) {
				m.judgeDoubtful(f, p, total-1)
			}
			m.emit(f)
		}
		for _, s := range u.others {
			f := m.find(billing.Matched, s.call, s.line, s.note)
			m.claim(f, s.call)
			m.judgePair(f, s.call)
			if p.Take(free, f.TheirAmount) {
				f.Class = billing.OtherTier
			}
			m.emit(f)
		}
	}
}

// judgeDoubtful settles a line about one call in doubt at a price that no slot has
// room for: what the call adds after the others is explained.
func (m *Matcher) judgeDoubtful(f *finding, p *billing.Price, others int64) {
	f.Class, f.calls, f.doubt = billing.PriceDiffers, 1, p.Marginal(others, 1)
	f.note(fmt.Sprintf("the call was in doubt: its price, %s, is explained", billing.Money{Amount: f.doubt, Currency: p.Currency}))
}

package usage

import (
	"maps"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store/held"
)

// HeldIDs holds the IDs that are not asked because an older copy of the database may have lost that they were.
type HeldIDs struct {
	IDs      int64
	Erased   int64           // of those that are held no longer, the ones that were erased: nobody asks for them again
	AtMost   billing.Amounts // if each was paid for once
	Unpriced int64           // IDs without a price: no amount has them
}

// Hold adds IDs that are held.
func (s *Month) Hold(more []held.IDs) { s.held = append(s.held, more...) }

// Held counts what is held, and what it may have cost at the prices of now.
func (s *Month) Held(caps billing.Caps, now time.Time) HeldIDs { return s.HeldOf(s.held, caps, now) }

// HeldOf counts some of what is held, and what a call for each costs at the prices of now.
func (s *Month) HeldOf(some []held.IDs, caps billing.Caps, now time.Time) HeldIDs {
	held := HeldIDs{AtMost: billing.NewAmounts()}
	calls := map[string][]RegionCalls{}
	for _, h := range some {
		held.IDs, held.Erased = held.IDs+h.Checks, held.Erased+h.Erased
		calls[h.Endpoint] = append(calls[h.Endpoint], RegionCalls{h.Region, h.Checks})
	}
	for _, endpoint := range slices.Sorted(maps.Keys(calls)) {
		cost, unpriced := s.Cost(caps, endpoint, calls[endpoint], decimal.NewFromInt(1), now)
		held.AtMost, held.Unpriced = held.AtMost.Add(cost), held.Unpriced+unpriced
	}
	return held
}

// Released counts the IDs that are held no longer and may have been paid for this month all the same, and what that may
// have cost at the prices of now.
func (s *Month) Released(caps billing.Caps, now time.Time) HeldIDs {
	var some []held.IDs
	for _, h := range s.freed {
		if _, ok := h.Within(s.from, s.to); ok {
			some = append(some, h)
		}
	}
	return s.HeldOf(some, caps, now)
}

// LostCalls holds calls that a restored copy is known to lack, and for which no ID is held.
type LostCalls struct {
	Calls    int64
	AtMost   billing.Amounts // at the highest price: nobody knows where they went
	Unpriced int64           // calls, where there is no price at all
}

// Lost counts the lost calls of this month.
func (s *Month) Lost() LostCalls {
	lost := LostCalls{AtMost: billing.NewAmounts()}
	for _, l := range s.lost {
		if at, ok := l.Within(s.from, s.to); ok {
			lost.add(s.prices, l.Calls, at)
		}
	}
	return lost
}

// LostOf counts so many calls lost at an instant.
func LostOf(prices *billing.Book, calls int64, at time.Time) LostCalls {
	lost := LostCalls{AtMost: billing.NewAmounts()}
	lost.add(prices, calls, at)
	return lost
}

func (l *LostCalls) add(prices *billing.Book, calls int64, at time.Time) {
	l.Calls += calls
	rows := prices.Dearest(at)
	if rows == nil {
		l.Unpriced += calls
	}
	for _, p := range rows {
		l.AtMost.AddAmount(p.Currency, p.Cost(calls))
	}
}

// Money returns what they may have cost, "" where there is no price.
func (l LostCalls) Money() string { return billing.WithUnpriced(l.AtMost.String(), l.Unpriced) }

// Clause returns the verdict's, "" where none is lost.
func (l LostCalls) Clause() string {
	if l.Calls == 0 {
		return ""
	}
	return humanize.Comma(l.Calls) + english.PluralWord(int(l.Calls), " lost call", " lost calls") +
		" that may have been paid for" + atMost(l.Money())
}

// Money returns what they may have cost, "" where none has a price.
func (h HeldIDs) Money() string { return billing.WithUnpriced(h.AtMost.String(), h.Unpriced) }

// Clause returns the verdict's, "" where nothing is held.
func (h HeldIDs) Clause() string { return h.clause(" held that may have been paid for") }

// ReleasedClause returns the verdict's of IDs that are held no longer, "" where there is none.
func (h HeldIDs) ReleasedClause() string {
	const before = " that may have been paid for before"
	switch h.Erased {
	case 0:
		return h.clause(" released" + before)
	case h.IDs:
		return h.clause(" erased while held" + before)
	}
	released := h.IDs - h.Erased
	return humanize.Comma(released) + english.PluralWord(int(released), " ID", " IDs") + " released and " +
		humanize.Comma(h.Erased) + " erased while held" + before + atMost(h.Money())
}

func (h HeldIDs) clause(words string) string {
	if h.IDs == 0 {
		return ""
	}
	return humanize.Comma(h.IDs) + english.PluralWord(int(h.IDs), " ID", " IDs") + words + atMost(h.Money())
}

// atMost sets an amount in brackets, "" where there is none.
func atMost(money string) string {
	if money == "" {
		return ""
	}
	return " (" + money + " at most)"
}

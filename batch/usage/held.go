package usage

import (
	"maps"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store"
)

// HeldIDs are the IDs that are not asked because an older copy of the database may have lost that they were.
type HeldIDs struct {
	IDs      int64
	AtMost   billing.Amounts // if each was paid for once
	Unpriced int64           // IDs without a price: no amount has them
}

// Hold adds IDs that are held.
func (s *Month) Hold(more []store.HeldIDs) { s.held = append(s.held, more...) }

// Held counts what is held, and what it may have cost at the prices of now.
func (s *Month) Held(caps billing.Caps, now time.Time) HeldIDs { return s.HeldOf(s.held, caps, now) }

// HeldOf counts some of what is held, and what a call for each costs at the prices of now.
func (s *Month) HeldOf(some []store.HeldIDs, caps billing.Caps, now time.Time) HeldIDs {
	held := HeldIDs{AtMost: billing.NewAmounts()}
	calls := map[string][]RegionCalls{}
	for _, h := range some {
		held.IDs += h.Checks
		calls[h.Endpoint] = append(calls[h.Endpoint], RegionCalls{h.Region, h.Checks})
	}
	for _, endpoint := range slices.Sorted(maps.Keys(calls)) {
		cost, unpriced := s.Cost(caps, endpoint, calls[endpoint], decimal.NewFromInt(1), now)
		held.AtMost, held.Unpriced = held.AtMost.Add(cost), held.Unpriced+unpriced
	}
	return held
}

// Money is what they may have cost, "" where none has a price.
func (h HeldIDs) Money() string { return billing.WithUnpriced(h.AtMost.String(), h.Unpriced) }

// Clause is the verdict's, "" where nothing is held.
func (h HeldIDs) Clause() string {
	if h.IDs == 0 {
		return ""
	}
	text := humanize.Comma(h.IDs) + english.PluralWord(int(h.IDs), " ID", " IDs") + " held that may have been paid for"
	if money := h.Money(); money != "" {
		text += " (" + money + " at most)"
	}
	return text
}

package figures

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// ReasonLine counts and prices the calls of one reason in one currency.
type ReasonLine struct {
	Reason, Currency string
	Account
	Twice int64 // tagged PAY, or billed by a statement, for an ID that was paid for before
}

// notAgain holds the reason of all calls that did not ask again for an ID.
const notAgain = "first"

// ReasonTexts returns the reasons of calls, in the order of the table, with what each is for.
func ReasonTexts() [][2]string {
	return [][2]string{
		{notAgain, "First requests, and free tries"},
		{string(store.ReasonDoubt), "The answer before was lost"},
		{string(store.ReasonNoScore), "The answer before had no score"},
		{string(store.ReasonRecheck), "RESULT_NOT_FOUND, some nights later"},
		{string(store.ReasonUnfound), "Nobody was found in that night"},
		{string(store.ReasonMisplaced), "Absent elsewhere, belongs here"},
		{string(store.ReasonForced), "By hand: had no result"},
		{string(store.ReasonRefresh), "By hand: had its result"},
		{string(store.ReasonSuspect), "By hand: perhaps another's answer"},
	}
}

// loadReasons reads which calls asked again for an ID, and what they cost. There are no lines where none did. Calls
// that usage counts together are priced alike: where they reach into another tier, each at their average.
func loadReasons(ctx context.Context, snap *snapshot.Snapshot, o Options, u usage, ranked Currencies) ([]ReasonLine,
	error) {
	again, err := snap.Calls().UsageByReason(ctx, o.Period.From, o.Period.To)
	if err != nil || len(again) == 0 {
		return nil, err
	}
	charges := map[store.Usage]charge{}
	for _, c := range u.charges {
		charges[withoutCalls(c.usage)] = c
	}
	lines := reasonLines{}
	for _, l := range u.ledger.Lines {
		lines.at(notAgain, u.ledger.Currency(l)).Post(l)
	}
	for _, a := range again {
		c := charges[withoutCalls(a.Usage)]
		one := shareOf(c, a, ByCall(o.Basis))
		currency := page.NoValue
		if c.term != nil {
			currency = c.term.Row.Currency
		}
		lines.at(string(a.Reason), currency).add(one, 1)
		lines.at(notAgain, currency).add(one, -1)
	}
	return lines.ordered(ranked), nil
}

// reasonLines holds lines by reason and currency.
type reasonLines map[[2]string]*ReasonLine

func (l reasonLines) at(reason, currency string) *ReasonLine {
	k := [2]string{reason, currency}
	if l[k] == nil {
		l[k] = &ReasonLine{Reason: reason, Currency: currency}
	}
	return l[k]
}

func (l reasonLines) ordered(ranked Currencies) []ReasonLine {
	var all []ReasonLine
	for _, one := range l {
		all = append(all, *one)
	}
	order := func(l ReasonLine) int {
		return slices.IndexFunc(ReasonTexts(), func(r [2]string) bool { return r[0] == l.Reason })
	}
	slices.SortFunc(all, func(a, b ReasonLine) int {
		return cmp.Or(ranked.Rank(a.Currency)-ranked.Rank(b.Currency), order(a)-order(b),
			strings.Compare(a.Reason, b.Reason))
	})
	return all
}

// shareOf returns the part of a charge that calls of one reason have; priced tells of each call what it costs.
func shareOf(c charge, u snapshot.ReasonUsage, priced bool) ReasonLine {
	l := ReasonLine{Twice: u.Twice}
	l.Bill.add(u.Usage)
	if priced && c.billable > 0 {
		l.Billable = u.Calls
		l.Amount = c.amount().Mul(decimal.NewFromInt(u.Calls)).DivRound(decimal.NewFromInt(c.billable), 12)
	}
	return l
}

// add adds a part to a line, or with the sign -1 takes it away.
func (l *ReasonLine) add(part ReasonLine, sign int64) {
	l.Pay, l.Free, l.Unknown = l.Pay+sign*part.Pay, l.Free+sign*part.Free, l.Unknown+sign*part.Unknown
	l.Unanswered, l.Unsent = l.Unanswered+sign*part.Unanswered, l.Unsent+sign*part.Unsent
	l.Billable += sign * part.Billable
	l.Amount = l.Amount.Add(part.Amount.Mul(decimal.NewFromInt(sign)))
	if sign > 0 {
		l.Twice += part.Twice
	}
}

// ByCall reports whether a reading tells of a single call whether it is billed.
func ByCall(r billing.Basis) bool {
	return r != billing.DistinctID && r != billing.Transaction
}

package finance

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// reasonLine is what the calls of one reason cost in one currency.
type reasonLine struct {
	reason, currency string
	account
	twice int64 // tagged PAY for an ID that was paid for before
}

// notAgain is the reason of all calls that did not ask again for an ID.
const notAgain = "first"

// reasonTexts are the reasons of calls, in the order of the table, with what each is for.
func reasonTexts() [][2]string {
	return [][2]string{
		{notAgain, "First requests, and free tries"},
		{string(store.ReasonDoubt), "The answer before was lost"},
		{string(store.ReasonNoScore), "The answer before had no score"},
		{string(store.ReasonRecheck), "RESULT_NOT_FOUND, some nights later"},
		{string(store.ReasonUnfound), "Nobody was found in that night"},
		{string(store.ReasonForced), "By hand: had no result"},
		{string(store.ReasonRefresh), "By hand: had its result"},
		{string(store.ReasonSuspect), "By hand: perhaps another's answer"},
	}
}

// loadReasons reads which calls asked again for an ID, and what they cost. There are no lines where none did. Calls that
// usage counts together are priced alike: where they reach into another tier, each at their average.
func loadReasons(ctx context.Context, snap *store.Snapshot, o Options, u usage, ranked currencies) ([]reasonLine, error) {
	again, err := snap.ReasonUsage(ctx, o.Period.From, o.Period.To)
	if err != nil || len(again) == 0 {
		return nil, err
	}
	charges := map[store.Usage]charge{}
	for _, c := range u.charges {
		charges[withoutCalls(c.usage)] = c
	}
	lines := reasonLines{}
	for _, l := range u.ledger.lines {
		lines.at(notAgain, u.ledger.currency(l)).post(l)
	}
	for _, a := range again {
		c := charges[withoutCalls(a.Usage)]
		one := shareOf(c, a, byCall(o.Reading))
		currency := page.NoValue
		if c.term != nil {
			currency = c.term.row.Currency
		}
		lines.at(string(a.Reason), currency).add(one, 1)
		lines.at(notAgain, currency).add(one, -1)
	}
	return lines.ordered(ranked), nil
}

// reasonLines are lines by reason and currency.
type reasonLines map[[2]string]*reasonLine

func (l reasonLines) at(reason, currency string) *reasonLine {
	k := [2]string{reason, currency}
	if l[k] == nil {
		l[k] = &reasonLine{reason: reason, currency: currency}
	}
	return l[k]
}

func (l reasonLines) ordered(ranked currencies) []reasonLine {
	var all []reasonLine
	for _, one := range l {
		all = append(all, *one)
	}
	order := func(l reasonLine) int {
		return slices.IndexFunc(reasonTexts(), func(r [2]string) bool { return r[0] == l.reason })
	}
	slices.SortFunc(all, func(a, b reasonLine) int {
		return cmp.Or(ranked.rank(a.currency)-ranked.rank(b.currency), order(a)-order(b), strings.Compare(a.reason, b.reason))
	})
	return all
}

// shareOf returns the part of a charge that calls of one reason have; priced tells of each call what it costs.
func shareOf(c charge, u store.ReasonUsage, priced bool) reasonLine {
	l := reasonLine{twice: u.Twice}
	l.bill.add(u.Usage)
	if priced && c.billable > 0 {
		l.billable = u.Calls
		l.amount = c.amount().Mul(decimal.NewFromInt(u.Calls)).DivRound(decimal.NewFromInt(c.billable), 12)
	}
	return l
}

// add adds a part to a line, or with the sign -1 takes it away.
func (l *reasonLine) add(part reasonLine, sign int64) {
	l.pay, l.free, l.unknown = l.pay+sign*part.pay, l.free+sign*part.free, l.unknown+sign*part.unknown
	l.unanswered, l.unsent = l.unanswered+sign*part.unanswered, l.unsent+sign*part.unsent
	l.billable += sign * part.billable
	l.amount = l.amount.Add(part.amount.Mul(decimal.NewFromInt(sign)))
	if sign > 0 {
		l.twice += part.twice
	}
}

// byCall reports whether a reading tells of a single call whether it is billed.
func byCall(r billing.Reading) bool {
	return r != billing.DistinctID && r != billing.Transaction
}

// reasonTable writes a line for every reason for which IDs were asked again.
func (f regionSheet) reasonTable(p *page.Page) *page.Table {
	if len(f.reasons) == 0 {
		return nil
	}
	p.Skip(1)
	caption := "Why IDs were asked again, as each call's intent says. Paid twice: tagged PAY for an ID of which an earlier call was tagged PAY, too."
	if !byCall(f.Reading) {
		caption += " Under the reading " + string(f.Reading) + " nothing tells which of an ID's calls is billed, so the amounts are not told apart."
	}
	p.Section("3  By reason", caption)
	t := p.Table(append(append([]page.Column{page.Col("Reason", xlsx.Literal), page.Col("What for", xlsx.General), page.Col("Paid twice", xlsx.Count)}, accountColumns()...),
		page.Col("Currency", xlsx.Literal), page.Col("Amount", xlsx.Amount2))...)
	for _, l := range f.reasons {
		cells := append([]xlsx.Cell{xlsx.Outside(l.reason), xlsx.T(reasonText(l.reason)), xlsx.N(l.twice)}, l.cells(t, 3)...)
		if l.twice > 0 {
			cells[2] = cells[2].As(xlsx.Watch)
		}
		cells = append(cells, xlsx.Outside(l.currency), amountCell(l.amount, l.currency, ""))
		if !byCall(f.Reading) {
			cells[3+accountBillable], cells[len(cells)-1] = page.None(), page.None()
		}
		t.Add(cells...)
	}
	if byCall(f.Reading) {
		f.accountTotals(t, "All calls", 3)
		f.currencies.noteUnpriced(p, f.unpriced.least)
	}
	return t
}

func reasonText(reason string) string {
	for _, r := range reasonTexts() {
		if r[0] == reason {
			return r[1]
		}
	}
	return ""
}

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

// takeReasons reads which calls asked again for an ID, and what they cost. There are no lines where none did. Calls that
// usage counts together are priced alike: where they reach into another tier, each at their average.
func (f *finance) takeReasons(ctx context.Context) error {
	again, err := f.snap.ReasonUsage(ctx, f.Period.From, f.Period.To)
	if err != nil || len(again) == 0 {
		return err
	}
	charges := map[store.Usage]charge{}
	for _, c := range f.charges {
		key := c.usage
		key.Calls = 0
		charges[key] = c
	}
	type key struct{ reason, currency string }
	lines := map[key]*reasonLine{}
	at := func(reason, currency string) *reasonLine {
		k := key{reason, currency}
		if lines[k] == nil {
			lines[k] = &reasonLine{reason: reason, currency: currency}
		}
		return lines[k]
	}
	for _, l := range f.ledger.lines {
		at(notAgain, f.ledger.currency(l)).post(l)
	}
	for _, u := range again {
		usage := u.Usage
		usage.Calls = 0
		c := charges[usage]
		one := f.shareOf(c, u)
		currency := page.NoValue
		if c.term != nil {
			currency = c.term.row.Currency
		}
		at(string(u.Reason), currency).take(one, 1)
		at(notAgain, currency).take(one, -1)
	}
	for _, l := range lines {
		f.reasons = append(f.reasons, *l)
	}
	order := func(l reasonLine) int {
		return slices.IndexFunc(reasonTexts(), func(r [2]string) bool { return r[0] == l.reason })
	}
	slices.SortFunc(f.reasons, func(a, b reasonLine) int {
		return cmp.Or(f.rank(a.currency)-f.rank(b.currency), order(a)-order(b), strings.Compare(a.reason, b.reason))
	})
	return nil
}

// shareOf returns the part of a charge that calls of one reason have.
func (f *finance) shareOf(c charge, u store.ReasonUsage) reasonLine {
	l := reasonLine{twice: u.Twice}
	l.add(u.Usage)
	if f.byCall() && c.billable > 0 {
		l.billable = u.Calls
		l.amount = c.amount().Mul(decimal.NewFromInt(u.Calls)).DivRound(decimal.NewFromInt(c.billable), 12)
	}
	return l
}

// take adds a part to a line, or takes it away.
func (l *reasonLine) take(part reasonLine, sign int64) {
	l.pay, l.free, l.unknown = l.pay+sign*part.pay, l.free+sign*part.free, l.unknown+sign*part.unknown
	l.unanswered, l.unsent = l.unanswered+sign*part.unanswered, l.unsent+sign*part.unsent
	l.billable += sign * part.billable
	l.amount = l.amount.Add(part.amount.Mul(decimal.NewFromInt(sign)))
	if sign > 0 {
		l.twice += part.twice
	}
}

// byCall reports whether the contract's reading tells of a single call whether it is billed.
func (f *finance) byCall() bool {
	return f.Reading != billing.DistinctID && f.Reading != billing.Transaction
}

// reasonTable writes a line for every reason for which IDs were asked again.
func (f *finance) reasonTable(p *page.Page) {
	if len(f.reasons) == 0 {
		return
	}
	p.Skip(1)
	caption := "Why IDs were asked again, as each call's intent says. Paid twice: tagged PAY for an ID of which an earlier call was tagged PAY, too."
	if !f.byCall() {
		caption += " Under the reading " + string(f.Reading) + " nothing tells which of an ID's calls is billed, so the amounts are not told apart."
	}
	p.Section("3  By reason", caption)
	t := p.Table(append(append([]page.Column{{Head: "Reason", Span: 1, Format: xlsx.Literal}, {Head: "What for", Span: 1, Format: xlsx.General}, {Head: "Paid twice", Span: 1, Format: xlsx.Count}}, accountColumns()...),
		page.Column{Head: "Currency", Span: 1, Format: xlsx.Literal}, page.Column{Head: "Amount", Span: 1, Format: xlsx.Amount2})...)
	f.places.reasons = t
	for _, l := range f.reasons {
		cells := append([]xlsx.Cell{xlsx.Outside(l.reason), xlsx.T(reasonText(l.reason)), xlsx.N(l.twice)}, l.cells(t, 3)...)
		if l.twice > 0 {
			cells[2] = cells[2].As(xlsx.Watch)
		}
		cells = append(cells, xlsx.Outside(l.currency), amountCell(l.amount, l.currency, ""))
		if !f.byCall() {
			cells[3+accountBillable], cells[len(cells)-1] = page.None(), page.None()
		}
		t.Add(cells...)
	}
	if f.byCall() {
		f.accountTotals(t, "All calls", 3)
		f.noteUnpriced(p, f.unpriced)
	}
}

func reasonText(reason string) string {
	for _, r := range reasonTexts() {
		if r[0] == reason {
			return r[1]
		}
	}
	return ""
}

// reasonChecks set the lines by reason beside the ledger.
func (f *finance) reasonChecks(l *page.Checks) {
	if f.places.reasons == nil {
		return
	}
	var all account
	for _, r := range f.reasons {
		all.merge(r.account)
	}
	l.Add("Calls: by reason = by region", xlsx.N(all.calls()).By(page.TableSum(f.places.reasons, 3+accountCalls)), xlsx.N(f.calls()).By(page.TableSum(f.places.regions, 1+accountCalls)))
	l.Add("PAY: by reason = by region", xlsx.N(all.pay).By(page.TableSum(f.places.reasons, 3)), xlsx.N(f.pay).By(page.TableSum(f.places.regions, 1)))
}

package reconciled

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/words"
)

// Imported describes a statement that was imported: what it became, what was concluded about its file, and its totals
// over several months.
func (r *Result) Imported() []string {
	all := []string{r.Statement.Sentence()}
	for _, note := range r.Statement.Notes {
		all = append(all, "  "+note)
	}
	for _, t := range r.Totals {
		all = append(all, t.Sentence())
	}
	return all
}

// Sentence describes what was imported, and beside or in the place of what.
func (st *Statement) Sentence() string {
	text := fmt.Sprintf("statement %d: %s of %s", st.ID, words.Plural(st.Lines, "line", "lines"),
		strings.Join(st.Months, ", "))
	switch {
	case st.Again:
		text += ", known already, stands again"
	case st.Known:
		text += ", known already: nothing was imported"
	default:
		text += ", imported"
	}
	text += st.bill()
	if len(st.Superseded) > 0 {
		text += ", in the place of " + strings.Join(st.Superseded, " and ")
	}
	if len(st.AddsTo) > 0 {
		text += ", beside " + strings.Join(st.AddsTo, " and ")
	}
	if len(st.Yields) > 0 {
		text += "; " + strings.Join(st.Yields, " and ") + " has the same calls one by one, and stands"
	}
	if len(st.Twins) > 0 {
		text += fmt.Sprintf("; invoice %s has other content in %s", st.Invoice, strings.Join(st.Twins, " and "))
	}
	return text
}

// bill names the statement's invoice, with its dates as far as they are known; "" where nobody said anything.
func (st *Statement) bill() string {
	var text string
	if st.Invoice != "" || st.Issued != "" {
		text = ", invoice"
	}
	if st.Invoice != "" {
		text += " " + st.Invoice
	}
	if st.Issued != "" {
		text += " of " + st.Issued
	}
	if st.Due != "" {
		text += ", due on " + st.Due
	}
	return text
}

// Table represents a month's bridge in one currency, as it is printed.
type Table struct {
	Currency string
	Rows     []Row
}

// Row describes one step of a bridge: its name, the calls and the amount, the last two with their sign between the
// ends.
type Row struct{ Name, Calls, Amount string }

// Tables returns the month's bridges, a currency each, without the steps that say nothing.
func (m *Month) Tables() (all []Table) {
	for i, b := range m.Bridge {
		if i == 0 || b.Currency != m.Bridge[i-1].Currency {
			all = append(all, Table{Currency: b.Currency})
		}
		shown := b.Step == billing.StepOurs || b.Step == billing.StepTheirs
		if b.Step == billing.StepOwed && i > 0 && owesAsOurs(m.Bridge, b) ||
			!shown && b.Quantity == 0 && b.Amount == "0" {
			continue
		}
		amount := amountText(b.Amount, shown)
		if !b.Priced && b.Amount == "0" {
			amount = "no price"
		} else {
			amount = billing.WithUnpriced(amount, b.Unpriced)
		}
		name := b.Step
		if _, sum := billing.SummedSteps(b.Step); (sum || b.Step == stepWithheld) && !shown {
			name = "= " + name
		}
		last := &all[len(all)-1]
		last.Rows = append(last.Rows, Row{name, signed(b.Quantity, shown), amount})
	}
	return all
}

// owesAsOurs reports that a currency owes what our records have: the sum says nothing then.
func owesAsOurs(steps []Step, owed Step) bool {
	return slices.ContainsFunc(steps, func(b Step) bool {
		return b.Currency == owed.Currency && b.Step == billing.StepOurs && b.Quantity == owed.Quantity &&
			b.Amount == owed.Amount
	})
}

// signed writes a number; the steps between the two ends with their sign.
func signed(n int64, end bool) string {
	switch {
	case n == 0 && !end:
		return ""
	case n > 0 && !end:
		return "+" + words.Comma(n)
	}
	return words.Comma(n)
}

// amountText writes a decimal for people; the steps between the two ends with their sign.
func amountText(text string, end bool) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	shown := billing.Money{Amount: d}.String()
	if d.IsPositive() && !end {
		return "+" + shown
	}
	return shown
}

// BasisSentence tells by which readings of the contract the statement is billed.
func (m *Month) BasisSentence() string {
	others := strings.Join(slices.DeleteFunc(slices.Clone(m.Reproduces), func(r string) bool {
		return r == m.Basis
	}), ", ")
	switch {
	case !slices.Contains(m.Reproduces, m.Basis):
		return billing.NameBases(billing.Basis(m.Basis), billing.Basis(m.Nearest), m.fits)
	case others == "":
		return fmt.Sprintf("the statement is billed by %s, as the contract is read here", m.Basis)
	}
	return fmt.Sprintf("the statement is billed by %s, as the contract is read here (%s would give the same)",
		m.Basis, others)
}

// LostSentence bounds what was paid for in the time that a restored database lost.
func (m *Month) LostSentence() string {
	text := words.Plural(m.Lost, "charge", "charges") + " that only the statement has may be of what was asked in the " +
		"time that the database lost"
	if m.LostDoubtful > 0 {
		text += ", and " + words.Comma(m.LostDoubtful) + " more that calls in doubt may explain"
	}
	text += ": the most that was paid for then"
	switch {
	case m.Released > 0:
		text += ", and as many at most of the " + words.Plural(m.Held+m.Released, "ID that is", "IDs that are") +
			" or were held"
	case m.Held > 0:
		text += ", and as many at most of the " + words.Plural(m.Held, "ID that is", "IDs that are") + " held"
	}
	return text
}

// InDoubtSentence describes what became of the calls in doubt; "" where there were none.
func (m *Month) InDoubtSentence() string {
	if m.Billed+m.NotBilled+m.Doubts == 0 {
		return ""
	}
	text := fmt.Sprintf("calls in doubt: %s billed, %s not billed", words.Comma(m.Billed), words.Comma(m.NotBilled))
	if m.Doubts > 0 {
		text += fmt.Sprintf(", %s still open", words.Comma(m.Doubts))
	}
	return text
}

// ShortSentence tells, of the doubts that are not billed why that proves nothing; "" where it does.
func (m *Month) ShortSentence() string {
	if m.NotWhole == 0 {
		return ""
	}
	return fmt.Sprintf("of these %s not on a statement that is not whole: %s", words.Comma(m.NotWhole),
		billing.ShortfallTexts(m.short, m.NotWhole))
}

// shownTwice bounds how many of the IDs that were paid for twice a sentence names.
const shownTwice = 5

// TwiceSentence names the calls of IDs that were paid for twice; "" where there are none.
func (m *Month) TwiceSentence() string {
	var pairs []string
	for _, p := range m.PaidTwice[:min(len(m.PaidTwice), shownTwice)] {
		pairs = append(pairs, fmt.Sprintf("call %d (lost) and call %d (%s)", p.Lost, p.Again, p.Reason))
	}
	if pairs == nil {
		return ""
	}
	text := words.Plural(int64(len(m.PaidTwice)), "ID was", "IDs were") + " paid for twice, by a call whose answer was " +
		"lost and by the one that asked again: " + strings.Join(pairs, ", ")
	if more := len(m.PaidTwice) - len(pairs); more > 0 {
		text += fmt.Sprintf(" and %s more (--json has all)", words.Comma(int64(more)))
	}
	return text
}

// Sentence describes what is borne, and by which month.
func (b Borne) Sentence() string {
	text := fmt.Sprintf("%s is closed: %s borne by %s as %s: %s %s billed, %s owed",
		b.Month, words.Plural(b.Items, "item of it is", "items of it are"), b.By, b.Kind, b.Currency,
		amountText(b.Billed, true), amountText(b.Owed, true))
	if b.Cost != "0" && b.Cost != "" {
		text += ", " + amountText(b.Cost, true) + " of it new"
	}
	return text
}

// Sentence describes what a closed month bills too, and how to dispute that.
func (b BilledTwice) Sentence() string {
	return fmt.Sprintf("billed by the statement of %s too, which is closed: %s of %s, %s; to dispute that: "+
		"liverecon close --month %s --reopen \"why\" --by NAME; liverecon reconcile --month %s",
		b.Closed, words.Plural(b.Calls, "call", "calls"), b.Month, b.Amounts, b.Closed, b.Closed)
}

// Sentence reports whether the total agrees with the lines of the statement.
func (t GrandTotal) Sentence() string {
	text := fmt.Sprintf("the total of all months on line %d says %s %s", t.Line, t.Currency, amountText(t.Stated, true))
	switch {
	case t.Difference != "0":
		text += fmt.Sprintf(", its lines add up to %s: %s unexplained", amountText(t.Lines, true),
			amountText(t.Difference, false))
	case t.Calls == 0:
		return text + ", which is what its lines add up to"
	}
	if t.Calls != 0 {
		text += fmt.Sprintf(", and %s calls beside those of its lines", signed(t.Calls, false))
	}
	return text
}

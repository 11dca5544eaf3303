package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/accounts"
)

// reconcileResult is a reconciling as it is printed.
type reconcileResult struct {
	Statement *reconciledStatement `json:"statement,omitempty"`
	Totals    []grandTotal         `json:"totals_of_several_months,omitempty"`
	Months    []reconciledMonth    `json:"months"`
	Borne     []borne              `json:"borne_of_closed_months,omitempty"`
	Again     []string             `json:"reconciled_again,omitempty"` // verdicts of neighbouring months
	Twice     []billedTwice        `json:"billed_by_closed_month_too,omitempty"`
	Files     []string             `json:"files"`
	ExitCode  int                  `json:"exit_code"`
}

type reconciledStatement struct {
	ID         int64    `json:"statement"`
	Lines      int64    `json:"lines"`
	Months     []string `json:"months"`
	Known      bool     `json:"known"`
	Again      bool     `json:"stands_again"`
	Superseded []string `json:"takes_the_place_of,omitempty"`
	Beside     []string `json:"adds_to,omitempty"`
	Yields     []string `json:"stands_in_more_detail,omitempty"` // statements that say the same, and count
	Invoice    string   `json:"invoice,omitempty"`
	Twins      []string `json:"other_content_of_the_invoice,omitempty"`
}

// borne is what an open month bears of a closed one that the statement is about.
type borne struct {
	Month       string `json:"closed_month"`
	By          string `json:"borne_by"`
	Kind        string `json:"kind"`
	Endpoint    string `json:"endpoint"`
	Currency    string `json:"currency"`
	Items       int64  `json:"items"`
	Cost        string `json:"new_cost"` // that was not accrued in the closed month
	Owed        string `json:"owed"`     // of what is billed
	Billed      string `json:"billed"`
	Outstanding string `json:"at_issue"` // billed beyond what is owed, or below it
}

func newBorne(all []reconcile.Borne) (list []borne, err error) {
	for _, c := range all {
		b := borne{c.Closed, c.By, c.Kind, c.Endpoint, c.Currency, c.Calls, c.Amount, c.Right, c.Theirs, ""}
		theirs, err := decimal.NewFromString(c.Theirs)
		if err != nil {
			return nil, err
		}
		right, err := decimal.NewFromString(c.Right)
		if err != nil {
			return nil, err
		}
		b.Outstanding = theirs.Sub(right).String()
		list = append(list, b)
	}
	return list, nil
}

func (b borne) sentence() string {
	text := fmt.Sprintf("%s is closed: %s borne by %s as %s: %s %s billed, %s owed",
		b.Month, words.Plural(b.Items, "item of it is", "items of it are"), b.By, b.Kind, b.Currency,
		amountText(b.Billed, true), amountText(b.Owed, true))
	if b.Cost != "0" && b.Cost != "" {
		text += ", " + amountText(b.Cost, true) + " of it new"
	}
	return text
}

// billedTwice counts the calls that a closed month's statement bills as well.
type billedTwice struct {
	Month   string `json:"month"`
	Closed  string `json:"closed_month"`
	Calls   int64  `json:"calls"`
	Amounts string `json:"amounts"`
}

func (b billedTwice) sentence() string {
	return fmt.Sprintf("billed by the statement of %s too, which is closed: %s of %s, %s; to dispute that: "+
		"liverecon close --month %s --reopen \"why\" --by NAME; liverecon reconcile --month %s",
		b.Closed, words.Plural(b.Calls, "call", "calls"), b.Month, b.Amounts, b.Closed, b.Closed)
}

// grandTotal is a total of the statement's own over several months.
type grandTotal struct {
	Line       int    `json:"line"`
	Currency   string `json:"currency"`
	Stated     string `json:"stated"`
	Lines      string `json:"lines_add_up_to"`
	Difference string `json:"difference"`
	Calls      int64  `json:"calls_difference"`
}

func newGrandTotals(totals []statement.GrandTotal) []grandTotal {
	var all []grandTotal
	for _, t := range totals {
		all = append(all, grandTotal{t.Line, t.Currency, t.Stated.String(), t.Lines.String(), t.Difference.String(),
			t.Calls})
	}
	return all
}

func (t grandTotal) sentence() string {
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

type reconciledMonth struct {
	Month       string            `json:"month"`
	Verdict     string            `json:"verdict"`
	Within      bool              `json:"within_tolerance"`
	Changed     bool              `json:"changed"`
	Withheld    bool              `json:"withheld,omitempty"`             // nothing follows from the statement
	Forced      bool              `json:"forced,omitempty"`               // by somebody's word it does all the same
	IDsOurs     *int64            `json:"transaction_ids_ours,omitempty"` // where they are fewer than nine in ten
	IDs         int64             `json:"transaction_ids,omitempty"`
	Clock       float64           `json:"clock_offset_seconds,omitempty"`
	Bridge      []bridgeStep      `json:"bridge"`
	Classes     []reconciledClass `json:"classes"`
	Reading     string            `json:"reading"`
	Reproduces  []string          `json:"readings_that_reproduce_the_statement"`
	Fits        bool              `json:"contract_reading_fits"` // with some of the doubts
	Nearest     string            `json:"nearest_reading"`
	Billed      int64             `json:"doubts_billed"`
	NotBilled   int64             `json:"doubts_not_billed"`
	Doubts      int64             `json:"doubts_open"`
	Elsewhere   int64             `json:"charges_at_other_endpoints"`
	Provisional int64             `json:"other_period"`
	// that only the vendor has: made by calls that the database lost
	Lost int64 `json:"charges_in_lost_time,omitempty"`
	// of the same time, given to calls in doubt
	LostDoubtful int64 `json:"doubtful_charges_in_lost_time,omitempty"`
	Held         int64 `json:"held,omitempty"`     // IDs that may have been paid for then
	Released     int64 `json:"released,omitempty"` // the same, held no longer

	fits []billing.Fit
}

// stepWithheld stands in the bridge for what is to dispute where nothing follows from the statement.
const stepWithheld = "withheld"

type bridgeStep struct {
	Currency string `json:"currency"`
	Step     string `json:"step"`
	Quantity int64  `json:"quantity"`
	Amount   string `json:"amount"` // of "ours" without the calls that have no price
	Priced   bool   `json:"priced"` // false: there are such calls
	Unpriced int64  `json:"calls_without_price"`
}

type reconciledClass struct {
	Class    string `json:"class"`
	Currency string `json:"currency"`
	Rows     int64  `json:"rows"`
	Ours     string `json:"our_amount"`
	Theirs   string `json:"their_amount"`
}

func newReconcileResult(
	ctx context.Context, s *store.Store, done *reconcile.Result, files []string,
) (r reconcileResult, err error) {
	r.Files, r.Months = append([]string{}, files...), []reconciledMonth{}
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	if done.Imported != nil {
		if r.Statement, err = newReconciledStatement(ctx, snap, *done.Imported); err != nil {
			return r, err
		}
	}
	r.Totals = newGrandTotals(done.Totals)
	for _, m := range done.Months {
		month, err := newReconciledMonth(ctx, snap, m)
		if err != nil {
			return r, err
		}
		r.Months = append(r.Months, month)
	}
	if r.Borne, err = newBorne(done.Borne); err != nil {
		return r, err
	}
	for _, m := range done.Again {
		r.Again = append(r.Again, m.Verdict)
	}
	for _, t := range done.Twice {
		r.Twice = append(r.Twice, billedTwice{t.Month.String(), t.Twice.Month.String(), t.Lines, t.Amounts.String()})
	}
	return r, nil
}

func newReconciledStatement(
	ctx context.Context, snap *store.Snapshot, got accounts.Imported,
) (*reconciledStatement, error) {
	scopes, err := snap.Statements().Scopes(ctx, "")
	st := &reconciledStatement{ID: got.StatementID, Lines: got.Lines, Months: got.Months, Known: got.Known,
		Again: got.Again}
	names := map[int64]string{}
	for _, c := range scopes {
		names[c.StatementID] = fmt.Sprintf("statement %d (%s)", c.StatementID, c.Path)
		if c.StatementID == got.StatementID {
			st.Invoice = c.Invoice
		}
	}
	for _, c := range scopes {
		twin := names[c.StatementID]
		if st.Invoice != "" && c.Invoice == st.Invoice && c.StatementID != st.ID && !slices.Contains(st.Twins, twin) {
			st.Twins = append(st.Twins, twin)
		}
	}
	for _, list := range []struct {
		ids   []int64
		names *[]string
	}{{got.Superseded, &st.Superseded}, {got.Beside, &st.Beside}, {got.Yields, &st.Yields}} {
		for _, id := range list.ids {
			*list.names = append(*list.names, names[id])
		}
	}
	return st, err
}

func newReconciledMonth(ctx context.Context, snap *store.Snapshot, m reconcile.Month) (reconciledMonth, error) {
	r := m.Result
	month := reconciledMonth{Month: m.Month.String(), Verdict: m.Verdict, Within: r.Within, Changed: m.Changed,
		Nearest: string(r.Nearest), Reproduces: []string{},
		Elsewhere: r.Elsewhere, Doubts: r.Doubts}
	month.setGate(m.Gate)
	for _, reading := range r.Reproduces {
		month.Reproduces = append(month.Reproduces, string(reading))
	}
	month.Reading = string(m.Reading)
	month.Fits = !slices.ContainsFunc(r.Gaps, func(g match.ReadingGap) bool {
		return g.Reading == m.Reading && !g.Fits
	})
	for _, g := range r.Gaps {
		month.fits = append(month.fits, billing.Fit{Reading: g.Reading, Endpoint: g.Endpoint, Lines: g.Lines,
			Calls: g.Calls, Refuted: !g.Fits})
	}
	for _, b := range r.Bridge {
		step := b.Step
		if month.Withheld && step == billing.StepToDispute {
			step = stepWithheld
		}
		month.Bridge = append(month.Bridge, bridgeStep{b.Currency, step, b.Quantity, b.Amount.String(), b.Priced,
			b.Unpriced})
	}
	for _, s := range r.Resolutions {
		if s.Billed {
			month.Billed++
		} else {
			month.NotBilled++
		}
	}
	month.Doubts = max(0, r.Doubts-month.Billed-month.NotBilled)
	counts, err := snap.Reconciliations().Classes(ctx, m.ID)
	if err != nil {
		return month, err
	}
	if month.Lost, month.LostDoubtful, err = snap.Reconciliations().LostLines(ctx, m.ID,
		billing.LostCalls); err != nil {
		return month, err
	}
	if month.Lost+month.LostDoubtful > 0 {
		held, err := snap.Lists().Held(ctx)
		for _, h := range held {
			month.Held += h.Checks
		}
		if err != nil {
			return month, err
		}
		released, err := snap.Lists().Released(ctx)
		for _, h := range released {
			month.Released += h.Checks
		}
		if err != nil {
			return month, err
		}
	}
	return month, month.addClasses(counts)
}

func (m *reconciledMonth) setGate(g accounts.Gate) {
	m.Withheld, m.Forced, m.Clock = g.State == accounts.GateShut, g.State == accounts.GateForced, g.Offset.Seconds()
	if 10*g.Ours < 9*g.Lines {
		m.IDsOurs, m.IDs = &g.Ours, g.Lines
	}
}

// addClasses adds up a month's classes over endpoints and regions.
func (m *reconciledMonth) addClasses(counts []accounts.ClassCount) error {
	type sums struct {
		rows         int64
		ours, theirs decimal.Decimal
	}
	found := map[[2]string]*sums{}
	for _, c := range counts {
		k := [2]string{c.Class, c.Currency}
		if found[k] == nil {
			found[k] = &sums{}
		}
		ours, err := decimal.NewFromString(c.OurAmount)
		if err != nil {
			return err
		}
		theirs, err := decimal.NewFromString(c.TheirAmount)
		if err != nil {
			return err
		}
		found[k].rows, found[k].ours, found[k].theirs = found[k].rows+c.Rows, found[k].ours.Add(ours),
			found[k].theirs.Add(theirs)
		if c.Class == string(billing.OtherPeriod) {
			m.Provisional += c.Rows
		}
	}
	for _, class := range billing.ClassNames() {
		for _, currency := range currenciesOf(counts) {
			if s := found[[2]string{string(class), currency}]; s != nil {
				m.Classes = append(m.Classes, reconciledClass{string(class), currency, s.rows, s.ours.String(),
					s.theirs.String()})
			}
		}
	}
	return nil
}

func currenciesOf(counts []accounts.ClassCount) []string {
	seen := map[string]bool{}
	var all []string
	for _, c := range counts {
		if !seen[c.Currency] {
			seen[c.Currency] = true
			all = append(all, c.Currency)
		}
	}
	return all
}

// printReconciled prints the statement, a bridge for each month and currency, what the readings and the doubts came to,
// the files, and last the verdict of each month.
func printReconciled(out stream, r reconcileResult, asJSON bool) {
	if asJSON {
		out.json(r)
		return
	}
	if r.Statement != nil {
		out.printf("%s\n", r.Statement.sentence())
		for _, t := range r.Totals {
			out.printf("%s\n", t.sentence())
		}
		out.printf("\n")
	}
	for _, m := range r.Months {
		printMonth(out, m)
	}
	for _, file := range r.Files {
		out.printf("wrote %s\n", file)
	}
	for _, verdict := range r.Again {
		out.printf("reconciled again, since this statement bears on it: %s\n", verdict)
	}
	for _, b := range r.Borne {
		out.printf("%s\n", b.sentence())
	}
	for _, t := range r.Twice {
		out.printf("%s\n", t.sentence())
	}
	for _, m := range r.Months {
		out.printf("%s\n", m.Verdict)
	}
}

func (st *reconciledStatement) sentence() string {
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
	if len(st.Superseded) > 0 {
		text += ", in the place of " + strings.Join(st.Superseded, " and ")
	}
	if len(st.Beside) > 0 {
		text += ", beside " + strings.Join(st.Beside, " and ")
	}
	if len(st.Yields) > 0 {
		text += "; " + strings.Join(st.Yields, " and ") + " has the same calls one by one, and stands"
	}
	if len(st.Twins) > 0 {
		text += fmt.Sprintf("; invoice %s has other content in %s", st.Invoice, strings.Join(st.Twins, " and "))
	}
	return text
}

func printMonth(out stream, m reconciledMonth) {
	if m.IDsOurs != nil || m.Clock != 0 {
		out.wrap("", m.Verdict)
		out.printf("\n")
	}
	last := ""
	var t grid
	for i, b := range m.Bridge {
		if i == 0 || b.Currency != last {
			if i > 0 {
				out.table(t)
			}
			last = b.Currency
			t = newTable(strings.TrimSpace(m.Month+" "+b.Currency), ">calls", ">amount")
		}
		shown := b.Step == billing.StepOurs || b.Step == billing.StepTheirs
		if b.Step == billing.StepOwed && i > 0 && owesAsOurs(m.Bridge, b) {
			continue
		}
		if shown || b.Quantity != 0 || b.Amount != "0" {
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
			t.row(name, signed(b.Quantity, shown), amount)
		}
	}
	if len(m.Bridge) > 0 {
		out.table(t)
	}
	if m.Withheld {
		out.printf("withheld: what became of calls in doubt, readings, dispute, payment (--force decides all the same)\n")
	} else {
		out.printf("%s\n", m.readingSentence())
	}
	if text := m.doubtSentence(); text != "" {
		out.printf("%s\n", text)
	}
	if m.Lost+m.LostDoubtful > 0 {
		out.wrap("", m.lostSentence())
	}
	if m.Elsewhere > 0 {
		out.printf("%s at endpoints that no statement of %s is about\n", words.Plural(m.Elsewhere, "charge", "charges"),
			m.Month)
	}
	if !m.Changed {
		out.printf("nothing new since %s was reconciled last\n", m.Month)
	}
	out.printf("\n")
}

// owesAsOurs reports that a currency owes what our records have: the sum says nothing then.
func owesAsOurs(steps []bridgeStep, owed bridgeStep) bool {
	return slices.ContainsFunc(steps, func(b bridgeStep) bool {
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

func (m *reconciledMonth) readingSentence() string {
	others := strings.Join(slices.DeleteFunc(slices.Clone(m.Reproduces), func(r string) bool {
		return r == m.Reading
	}), ", ")
	switch {
	case !slices.Contains(m.Reproduces, m.Reading):
		return billing.NameReadings(billing.Basis(m.Reading), billing.Basis(m.Nearest), m.fits)
	case others == "":
		return fmt.Sprintf("the statement is billed by %s, as the contract is read here", m.Reading)
	}
	return fmt.Sprintf("the statement is billed by %s, as the contract is read here (%s would give the same)",
		m.Reading, others)
}

// lostSentence bounds what was paid for in the time that a restored database lost.
func (m *reconciledMonth) lostSentence() string {
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

func (m *reconciledMonth) doubtSentence() string {
	if m.Billed+m.NotBilled+m.Doubts == 0 {
		return ""
	}
	text := fmt.Sprintf("calls in doubt: %s billed, %s not billed", words.Comma(m.Billed), words.Comma(m.NotBilled))
	if m.Doubts > 0 {
		text += fmt.Sprintf(", %s still open", words.Comma(m.Doubts))
	}
	return text
}

// Package reconciled tells what a reconciling came to: as a value that is printed as JSON, and as the tables and
// sentences that the verb prints of it. It prints nothing itself.
package reconciled

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/gate"
	"liverecon/batch/match"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// Result holds what a reconciling came to; its JSON is the output of `reconcile --json`.
type Result struct {
	Statement *Statement    `json:"statement,omitempty"`
	Totals    []GrandTotal  `json:"totals_of_several_months,omitempty"`
	Months    []Month       `json:"months"`
	Borne     []Borne       `json:"borne_of_closed_months,omitempty"`
	Again     []string      `json:"reconciled_again,omitempty"` // verdicts of neighbouring months
	Twice     []BilledTwice `json:"billed_by_closed_month_too,omitempty"`
	Files     []string      `json:"files"`
	ExitCode  int           `json:"exit_code"`
}

// Statement represents the statement that was imported.
type Statement struct {
	ID         int64    `json:"statement"`
	Lines      int64    `json:"lines"`
	Months     []string `json:"months"`
	Known      bool     `json:"known"`
	Again      bool     `json:"stands_again"`
	Superseded []string `json:"takes_the_place_of,omitempty"`
	AddsTo     []string `json:"adds_to,omitempty"`
	Yields     []string `json:"stands_in_more_detail,omitempty"` // statements that say the same, and count
	Invoice    string   `json:"invoice,omitempty"`
	Issued     string   `json:"invoice_date,omitempty"`
	Due        string   `json:"due,omitempty"`
	Twins      []string `json:"other_content_of_the_invoice,omitempty"`
	Notes      []string `json:"read_as,omitempty"` // what was concluded about the file and no setting says
}

// Borne holds what an open month bears of a closed one that the statement is about.
type Borne struct {
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

func newBorne(all []reconcile.Borne) (list []Borne, err error) {
	for _, c := range all {
		b := Borne{c.Closed, c.By, c.Kind, c.Endpoint, c.Currency, c.Calls, c.Amount, c.Right, c.Theirs, ""}
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

// BilledTwice counts the calls that a closed month's statement bills as well.
type BilledTwice struct {
	Month   string `json:"month"`
	Closed  string `json:"closed_month"`
	Calls   int64  `json:"calls"`
	Amounts string `json:"amounts"`
}

// GrandTotal represents a total of the statement's own over several months.
type GrandTotal struct {
	Line       int    `json:"line"`
	Currency   string `json:"currency"`
	Stated     string `json:"stated"`
	Lines      string `json:"lines_add_up_to"`
	Difference string `json:"difference"`
	Calls      int64  `json:"calls_difference"`
}

func newGrandTotals(totals []statement.GrandTotal) []GrandTotal {
	var all []GrandTotal
	for _, t := range totals {
		all = append(all, GrandTotal{t.Line, t.Currency, t.Stated.String(), t.Lines.String(), t.Difference.String(),
			t.Calls})
	}
	return all
}

// Month describes one month that was reconciled. Amounts are decimal texts.
type Month struct {
	Month       string     `json:"month"`
	Verdict     string     `json:"verdict"`
	Within      bool       `json:"within_tolerance"`
	Changed     bool       `json:"changed"`
	OtherPrices bool       `json:"configuration_has_other_prices,omitempty"`
	Withheld    bool       `json:"withheld,omitempty"`             // nothing follows from the statement
	Forced      bool       `json:"forced,omitempty"`               // by somebody's word it does all the same
	IDsOurs     *int64     `json:"transaction_ids_ours,omitempty"` // where they are fewer than nine in ten
	IDs         int64      `json:"transaction_ids,omitempty"`
	Near        *gate.Near `json:"transaction_ids_nearly_ours,omitempty"`
	Clock       float64    `json:"clock_offset_seconds,omitempty"`
	Bridge      []Step     `json:"bridge"`
	Classes     []Class    `json:"classes"`
	Basis       string     `json:"reading"`
	Reproduces  []string   `json:"readings_that_reproduce_the_statement"`
	Fits        bool       `json:"contract_reading_fits"` // with some of the doubts
	Nearest     string     `json:"nearest_reading"`
	Billed      int64      `json:"doubts_billed"`
	NotBilled   int64      `json:"doubts_not_billed"`
	NotWhole    int64      `json:"doubts_not_whole"` // of these, those for which no statement is whole
	Doubts      int64      `json:"doubts_open"`
	Elsewhere   int64      `json:"charges_at_other_endpoints"`
	Provisional int64      `json:"other_period"`
	// that only the vendor has: made by calls that the database lost
	Lost int64 `json:"charges_in_lost_time,omitempty"`
	// of the same time, given to calls in doubt
	LostDoubtful int64 `json:"doubtful_charges_in_lost_time,omitempty"`
	Held         int64 `json:"held,omitempty"`     // IDs that may have been paid for then
	Released     int64 `json:"released,omitempty"` // the same, held no longer

	Worked *monthend.State `json:"worked,omitempty"` // how far its exceptions were worked, and who has signed

	// IDs of which a lost call is billed, and the one that asked again as well
	PaidTwice []PaidTwice `json:"paid_twice,omitempty"`

	fits  []billing.Fit
	short map[billing.Shortfall]int64
}

// PaidTwice names two calls for one ID that are both paid for.
type PaidTwice struct {
	Lost    int64     `json:"lost_call"`
	LostAt  time.Time `json:"lost_call_sent_at"`
	Again   int64     `json:"call"`
	AgainAt time.Time `json:"sent_at"`
	Reason  string    `json:"reason"` // of the later one
}

// stepWithheld names, in the bridge, what is to dispute where nothing follows from the statement.
const stepWithheld = "withheld"

// Step describes one step of a month's bridge from our amount to the statement's, in one currency.
type Step struct {
	Currency string `json:"currency"`
	Step     string `json:"step"`
	Quantity int64  `json:"quantity"`
	Amount   string `json:"amount"` // of "ours" without the calls that have no price
	Priced   bool   `json:"priced"` // false: there are such calls
	Unpriced int64  `json:"calls_without_price"`
}

// Class counts the rows of one class and currency, over endpoints and regions.
type Class struct {
	Class    string `json:"class"`
	Currency string `json:"currency"`
	Rows     int64  `json:"rows"`
	Ours     string `json:"our_amount"`
	Theirs   string `json:"their_amount"`
}

// New makes the result of a reconciling; files are the workbooks it wrote. It reads the classes and the statements that
// stand from the store.
func New(
	ctx context.Context, s *store.Store, done *reconcile.Result, files []string,
) (r Result, err error) {
	r.Files, r.Months = append([]string{}, files...), []Month{}
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	if done.Imported != nil {
		if r.Statement, err = newStatement(ctx, snap, *done.Imported); err != nil {
			return r, err
		}
		r.Statement.Notes = done.Notes
	}
	r.Totals = newGrandTotals(done.Totals)
	for _, m := range done.Months {
		month, err := newMonth(ctx, snap, m)
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
		r.Twice = append(r.Twice, BilledTwice{t.Month.String(), t.Twice.Month.String(), t.Lines, t.Amounts.String()})
	}
	return r, nil
}

func newStatement(
	ctx context.Context, snap *snapshot.Snapshot, got accounts.Imported,
) (*Statement, error) {
	scopes, err := snap.Statements().Scopes(ctx, "")
	st := &Statement{ID: got.StatementID, Lines: got.Lines, Months: got.Months, Known: got.Known,
		Again: got.Again}
	names := map[int64]string{}
	for _, c := range scopes {
		names[c.StatementID] = fmt.Sprintf("statement %d (%s)", c.StatementID, c.Path)
		if c.StatementID == got.StatementID {
			st.Invoice, st.Issued, st.Due = c.Invoice.Number, c.Invoice.Issued, c.Invoice.Due
		}
	}
	for _, c := range scopes {
		twin := names[c.StatementID]
		if st.Invoice != "" && c.Invoice.Number == st.Invoice && c.StatementID != st.ID &&
			!slices.Contains(st.Twins, twin) {
			st.Twins = append(st.Twins, twin)
		}
	}
	for _, list := range []struct {
		ids   []int64
		names *[]string
	}{{got.Superseded, &st.Superseded}, {got.Additions, &st.AddsTo}, {got.Yields, &st.Yields}} {
		for _, id := range list.ids {
			*list.names = append(*list.names, names[id])
		}
	}
	return st, err
}

func newMonth(ctx context.Context, snap *snapshot.Snapshot, m reconcile.Month) (Month, error) {
	r := m.Result
	month := Month{Month: m.Month.String(), Verdict: m.Verdict, Within: r.Within, Changed: m.Changed,
		OtherPrices: m.OtherPrices,
		Nearest:     string(r.Nearest), Reproduces: []string{},
		Elsewhere: r.Elsewhere, Doubts: r.Doubts, short: map[billing.Shortfall]int64{}}
	month.setGate(m.Gate)
	month.Near = m.IDs.Near
	for _, basis := range r.Reproduces {
		month.Reproduces = append(month.Reproduces, string(basis))
	}
	month.Basis = string(m.Basis)
	month.Fits = !slices.ContainsFunc(r.Gaps, func(g match.BasisGap) bool {
		return g.Basis == m.Basis && !g.Fits
	})
	for _, g := range r.Gaps {
		month.fits = append(month.fits, billing.Fit{Basis: g.Basis, Endpoint: g.Endpoint, Lines: g.Lines,
			Calls: g.Calls, Refuted: !g.Fits})
	}
	for _, b := range r.Bridge {
		step := b.Step
		if month.Withheld && step == billing.StepToDispute {
			step = stepWithheld
		}
		month.Bridge = append(month.Bridge, Step{b.Currency, step, b.Quantity, b.Amount.String(), b.Priced,
			b.Unpriced})
	}
	for _, s := range r.Resolutions {
		if s.Billed {
			month.Billed++
		} else {
			month.NotBilled++
			if s.Short != billing.Whole {
				month.NotWhole++
				month.short[s.Short]++
			}
		}
	}
	month.Doubts = max(0, r.Doubts-month.Billed-month.NotBilled)
	var err error
	if month.Worked, err = monthend.StateOf(ctx, snap, m.Month.String()); err != nil {
		return month, err
	}
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
	twice, err := snap.Reconciliations().PaidTwice(ctx, m.ID)
	if err != nil {
		return month, err
	}
	for _, p := range twice {
		month.PaidTwice = append(month.PaidTwice, PaidTwice{p.Lost, p.LostAt, p.Again, p.AgainAt, p.Reason})
	}
	return month, month.addClasses(counts)
}

func (m *Month) setGate(g accounts.Gate) {
	m.Withheld, m.Forced, m.Clock = g.State == accounts.GateShut, g.State == accounts.GateForced, g.Offset.Seconds()
	if 10*g.Ours < 9*g.Lines {
		m.IDsOurs, m.IDs = &g.Ours, g.Lines
	}
}

// addClasses adds up a month's classes over endpoints and regions.
func (m *Month) addClasses(counts []accounts.ClassCount) error {
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
				m.Classes = append(m.Classes, Class{string(class), currency, s.rows, s.ours.String(),
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

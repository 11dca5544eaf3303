// Package match lays a month's calls beside the vendor's statement lines: every call and every line ends in one class.
// It is pure.
package match

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/payable"
	"liverecon/batch/lost"
	"liverecon/batch/match/internal/coverage"
	"liverecon/batch/match/internal/tax"
	"liverecon/batch/statement"
)

// The outcomes of calls that may have reached the vendor.
const (
	Answered   = "answered"
	Unanswered = "unanswered"
)

// Call represents one call of the journal that may have reached the vendor.
type Call struct {
	ID            int64
	CheckID       int64 // the ID that was asked about
	SentAt        time.Time
	Endpoint      string
	Region        string
	Outcome       string // Answered or Unanswered
	Tag           billing.Tag
	Pricing       string // as received
	TransactionID string // "" when there was no answer, or none in it
	Success       bool   // the answer's code is SUCCESS
	Billed        bool   // in doubt, but another month's statement was found to bill it
}

// Scope represents the subject of a statement: an endpoint's month, or a whole month.
type Scope struct {
	Month    billing.Period
	Endpoint string // "": all endpoints
}

// Options holds the settings of a reconciliation.
type Options struct {
	Month     billing.Period
	Basis     billing.Basis // the contract's
	Edge      time.Duration // how far from the month's bounds a charge may be on the neighbouring month's statement
	Window    time.Duration // how long after a call a line may be that is about it, where no transaction says so
	Tolerance billing.Tolerance
	Imported  []Scope           // current statements of the neighbouring months
	Invoices  map[int64]Invoice // by the statement's number, to name them
	// Successors has the statement that has taken the place of another.
	Successors map[int64]int64
	Rounding   billing.Rounding // what the contract says about it
	TaxGross   bool             // tax is on usage alone, credits do not lower it
	TaxRate    decimal.Decimal  // of the tax that amounts of usage include, as a share; zero: they include none
	MinorUnit  func(currency string) (decimals int32)
	Lost       lost.Times // of which charges of the month may be
	Lines      int64      // about how many there will be
}

// Invoice represents a statement's file.
type Invoice struct {
	File       string
	Additional bool      // somebody says that nothing on it repeats another
	Read       time.Time // when the file was read first; zero: before its month was over
}

// Resolution represents the answer of a statement to whether a call in doubt was billed.
type Resolution struct {
	CallID int64
	Billed bool
	Short  billing.Shortfall // of one that is not billed: why the statement's silence proves nothing all the same
}

// Result holds the findings of a reconciliation besides its rows.
type Result struct {
	Bridge      []BridgeLine      // by currency, in the order of the steps
	Bases       []BasisCount      // of the month, by reading, endpoint, region and currency
	Gaps        []BasisGap        // by reading, endpoint and currency
	Reproduces  []billing.Basis   // the readings that give the statement's quantities and amounts
	Nearest     billing.Basis     // of these the one that comes closest, or of all where there is none
	Verdicts    []Verdict         // by currency
	Invoices    []payable.Invoice // by currency and statement, of those that have lines of the month
	Within      bool              // every verdict is
	Itemised    bool              // the statement names transactions
	Resolutions []Resolution      // by call
	Counted     map[int64]string  // of calls in doubt of which some are billed, by call: "1 of 3 of this cell"
	Minimum     billing.Amounts   // what the price book's monthly minimums add to our calls' cost
	Calls       int64             // of the month at the statement's endpoints, or in a row all the same
	// of Calls, those that are charges by the contract's reading: all of them are in a row
	Charges   int64
	Doubts    int64   // of Calls, those in doubt
	Free      int64   // of Calls, those that are neither, and that no line bills: they are in no row
	Twice     []Twice // by the other month
	Elsewhere int64   // charges of the month at endpoints that the statement is not about: they are in no row
}

// Matcher lays the journal of a month beside what the vendor's statements say about it. Fill it with calls, lines and
// neighbouring lines in any order, then call Match once.
//
// Every line and every charge of ours is used up by the first of these that finds it a partner:
//
//  1. the same transaction ID: with a charge of ours, else with a call in doubt, else with a charge of another month,
//     else with a call that we believe to be free;
//  2. the time: lines with a transaction we have never seen with calls in doubt and charges that have none, then lines
//     with no transaction with all that is left;
//  3. lines without either: counts by day, region and endpoint, as far as the lines tell them apart, with what is left of
//     ours;
//  4. what is left of ours near the month's bounds: the neighbouring months.
//
// What is still left is theirs only, or ours only. Then it is known how many calls the month owes, so what each of them
// costs, and what of the monthly minimums is owed; and that is set beside the amounts.
type Matcher struct{ month month }

// NewMatcher starts the reconciliation of a month.
func NewMatcher(book *billing.Book, o Options) *Matcher {
	lines := newLines(o.Lines)
	if !o.TaxRate.IsZero() {
		lines.gross = o.TaxRate.Add(decimal.NewFromInt(1))
	}
	return &Matcher{month{
		Options: o,
		ledger: &ledger{
			calls: calls{journal: newJournal(book, o.Month), basis: o.Basis, edge: o.Edge.Milliseconds()},
			lines: lines,
		},
		imports:    imports{scopes: o.Imported, lines: lines},
		coverage:   coverage.Coverage{},
		neighbours: map[transaction]lineRef{},
		twins:      map[transaction][]int{},
		productOf:  map[productKey]*product{},
	}}
}

// Call adds a call. Those of the month and its edge bands are needed, the earlier calls to the same IDs, which tell
// what was charged before, and those of any month whose transactions are on the lines.
func (m *Matcher) Call(c *Call) {
	m.month.journal.add(c)
}

// Line adds a line of a current statement of the month. A Total over several months says nothing about one of them, and
// one over other products nothing about ours: they are left out.
func (m *Matcher) Line(statementID int64, l *statement.Line) error {
	in := &m.month
	switch {
	case l.Kind == statement.Total && l.Month == billing.Period{}:
		return nil
	case l.Month != in.Month:
		return fmt.Errorf("statement line %d: month %s, want %s", l.Number, l.Month, in.Month)
	}
	if l.Other {
		in.addProduct(statementID, l)
		return nil
	}
	e := in.lines.add(statementID, l, in.journal.transactionOf(l.TransactionID))
	if e.kind == usageLine {
		in.coverage.Add(l, in.lines.bills(e))
	}
	return nil
}

// Unshown returns the transactions of the month's calls that no line added so far names, where the month's lines name
// any. A line of a month far away may be about one of them, and is to be added as a neighbouring one.
func (m *Matcher) Unshown() (all []string) {
	in := &m.month
	in.journal.each(func(_ uint32, r *record) {
		id := r.transactionID()
		if _, near := in.neighbours[id]; r.is(hasID) && !near && in.lines.byTransaction[id].first == 0 &&
			in.journal.inMonth(r) && in.coverage.AnyItemised() && in.coverage.IsAbout(in.journal.routeOf(r).Endpoint) {
			all = append(all, in.journal.textOf(id))
		}
	})
	return all
}

// Neighbour adds a line of a standing statement of another month. A call near the month's bounds may be there, by its
// transaction or its time, and what was billed there should not be billed again. Of several with one transaction the
// earliest counts.
func (m *Matcher) Neighbour(statementID int64, l *statement.Line) {
	in := &m.month
	id := in.journal.transactionOf(l.TransactionID)
	billed := !l.Amount.IsNegative() && statement.IsBill(l.Amount, l.Quantity, l.Pricing)
	if l.Kind != statement.Usage || l.Other || !billed {
		return
	}
	if l.Quantity != 0 || id != (transaction{}) {
		s := in.lines
		itemised := id != (transaction{}) || !l.ChargedAt.IsZero() && !l.DateOnly && l.Quantity == 1
		s.printed = append(s.printed, printed{gridKey{s.statements.Of(statementID), s.texts.Of(l.Currency)},
			itemised, billing.Decimals(l.Amount)})
	}
	if at := l.ChargedAt.UnixMilli(); !l.ChargedAt.IsZero() && !l.DateOnly && l.Quantity == 1 &&
		nearBound(in, at, l.Month) {
		e := in.lines.add(statementID, l, transaction{})
		e.transaction, e.kind = id, besideLine
		in.beside = append(in.beside, beside{uint32(len(in.lines.list) - 1), l.Month})
	}
	if id == (transaction{}) {
		return
	}
	at := lineRef{statement: statementID, line: l.Number, month: l.Month}
	known, twice := in.neighbours[id]
	switch earlier := at.month.Before(known.month) || at.month == known.month && statementID < known.statement; {
	case !twice || earlier:
		delete(in.twins, id)
	case statementID == known.statement && at.month == known.month && l.Number != known.line &&
		!slices.Contains(in.twins[id], l.Number):
		in.twins[id] = append(in.twins[id], l.Number)
		return
	default:
		return
	}
	in.neighbours[id] = at
}

// Elsewhere adds a line of usage or a credit that stands in another month and is of one of this month's statements, and
// what of it that month disputes: what the statement taxes is all that is on it. All of the month's lines come before
// it.
func (m *Matcher) Elsewhere(statementID int64, l *statement.Line, over decimal.Decimal) {
	in := &m.month
	if in.afar == nil {
		in.afar = newTaxed(in)
	}
	if !l.Other && (l.Kind == statement.Usage || l.Kind == statement.Credit) {
		in.afar.Add(tax.Row{Scope: tax.Scope{Statement: statementID, Currency: l.Currency, Endpoint: l.Endpoint,
			Transaction: l.TransactionID}, Credit: kindOf(l) == creditLine, Amount: l.Amount,
			Over: over})
	}
}

// Match hands over the rows, in no particular but always the same order, and sums them up. A row is valid only until
// each returns; its first error ends the matching and is returned.
func (m *Matcher) Match(each func(*billing.Row) error) (*Result, error) {
	in := &m.month
	markCharges(in.journal)
	bases := map[billing.Basis]total{}
	for _, basis := range billing.Bases() {
		bases[basis] = countCharges(in.journal, basis)
	}
	matchMonth(in)
	result := &Result{Itemised: in.coverage.AnyItemised(), Minimum: billing.Amounts{}, Counted: in.counted}
	for _, p := range in.pools {
		if p.price != nil && p.scope {
			result.Minimum.AddAmount(p.price.Currency, p.price.MonthlyCost(p.own).Sub(p.price.Cost(p.own)))
		}
	}
	refuted := refute(in)
	besideLines := lostBesideLines(in)
	refuteCells(in, refuted[in.Basis], besideLines.Clone())
	in.lost = in.Lost.Clone()
	out := newOutcome(in, each)
	emitRows(in, out)
	judgeTotals(in, out)
	emitProducts(in, out)
	judgeMinimums(in, out)
	emitPrior(in, out)
	if out.err != nil {
		return nil, out.err
	}
	out.close(in)
	sumUp(in, out, result)
	refuteOthers(in, refuted, besideLines)
	compareBases(in, result, bases, refuted)
	return result, nil
}

// matchMonth finds out what every line and every call is, and gives each call that is owed its place in the pools.
func matchMonth(in *month) {
	carry(in)
	in.totals = in.journal.attribute(in.basis, func(r *record, slot int) { r.slot = uint16(slot) })
	in.grids = newGrids(in.lines, &in.Options)
	in.resolution = resolutions(in.lines)
	in.pools = newPools(in)
	in.takenBack, in.first, in.extra = map[uint32]uint32{}, map[uint32]lineRef{}, map[uint32][]uint32{}
	in.standIn, in.elsewhere = map[uint32]int64{}, map[uint32]string{}
	in.shown = map[transaction]int{}
	in.resolved, in.counted, in.twice = map[int64]bool{}, map[int64]string{}, twiceByMonth{}
	markRepeats(in)
	unknown, listings := matchTransactions(in)
	pairBeside(in, func(month billing.Period) bool { return month.Before(in.Month) })
	matchTimes(in, unknown)
	pairBeside(in, in.Month.Before)
	matchCells(in)
	for _, l := range listings {
		matchListed(in, l)
	}
	matchRest(in)
	arrange(in)
	compose(in)
	share(in.ledger, in.cells, in.pools)
	for _, c := range in.cells {
		c.resolve(in)
	}
}

func sumUp(in *month, out *outcome, result *Result) {
	for _, currency := range slices.Sorted(maps.Keys(out.bridges)) {
		b := out.bridges[currency]
		result.Bridge = append(result.Bridge, b.lines(currency)...)
		v := b.verdict(in, currency)
		v.Pay = out.invoices.Pay(currency, in.grids.minor(currency))
		result.Verdicts = append(result.Verdicts, v)
	}
	result.Invoices = out.invoices.Invoices()
	result.Within = !slices.ContainsFunc(result.Verdicts, func(v Verdict) bool { return !v.Within })
	for _, id := range slices.Sorted(maps.Keys(in.resolved)) {
		result.Resolutions = append(result.Resolutions, Resolution{CallID: id, Billed: in.resolved[id]})
	}
	judgeSilence(in, result.Resolutions)
	result.Twice = in.twice.byMonth()
	in.journal.each(func(_ uint32, r *record) {
		charge := in.charged(r)
		switch {
		case !in.journal.inMonth(r):
		case !r.is(isUsed) && !in.coverage.IsAbout(in.journal.routeOf(r).Endpoint):
			if charge {
				result.Elsewhere++
			}
		default:
			result.Calls++
			switch {
			case charge:
				result.Charges++
			case in.mayBeCharged(r):
				result.Doubts++
			case !r.is(isUsed):
				result.Free++
			}
		}
	})
}

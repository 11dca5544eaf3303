package finance

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// reconciled is what reconciling the month with the vendor's statements has found.
type reconciled struct {
	*store.Reconciliation
	scopes     []store.StatementScope // the statements it was reconciled with
	statements []store.StatementScope // of the month, superseded ones too
	classes    []classSum
	bridge     []bridgeStep
	verdicts   map[string]store.Verdict // by currency
	exceptions map[findingKey]*finding
	ages       [ageBuckets]int64 // open exceptions by age
	rows       int64             // of all classes
	unpriced   map[string]int64  // calls of ours in rows without an amount, by currency
	billed     []string          // currencies that either side has amounts in, as they are ranked
	stale      string            // why the records have moved on since, "" when they have not
	inside     bool              // the reconciled lines stand in the workbook
}

// classSum adds up the rows of one class, endpoint, region and currency.
type classSum struct {
	class                      billing.Class
	endpoint, region, currency string
	rows, ourCalls, theirCalls int64
	unpriced                   int64 // rows whose amount of ours is missing
	ours, theirs               decimal.Decimal
}

func (c classSum) difference() decimal.Decimal { return c.theirs.Sub(c.ours) }

// bridgeStep is one step from our amount to theirs.
type bridgeStep struct {
	currency, step string
	calls          int64
	amount         decimal.Decimal
}

// findingKey is what exceptions are added up by.
type findingKey struct {
	class    billing.Class
	currency string
}

// finding adds up exceptions: what they bill above and below our records, both without a sign, beside what is explained.
type finding struct {
	rows, open             int64
	over, under, explained decimal.Decimal
}

// loadReconciled reads what the current reconciliation of a whole month has found, nil where there is none, and returns
// the options as it changes them: its tolerance counts, and the workbook is not older than it.
func loadReconciled(ctx context.Context, snap *store.Snapshot, o Options) (Options, *reconciled, error) {
	if len(o.Period.Label) != len("2006-01") {
		return o, nil, nil
	}
	r, err := snap.Reconciliation(ctx, o.Period.Label)
	if err != nil || r == nil {
		return o, nil, err
	}
	s := &reconciled{Reconciliation: r, exceptions: map[findingKey]*finding{}, verdicts: map[string]store.Verdict{}}
	if o.Generated.Before(r.MadeAt) {
		o.Generated = r.MadeAt
	}
	if o.Tolerance, err = billing.ParseTolerance(r.ToleranceAbs, r.ToleranceRel); err != nil {
		return o, nil, err
	}
	if s.statements, err = snap.Statements(ctx, o.Period.Label); err != nil {
		return o, nil, err
	}
	if s.scopes, err = snap.ReconciledScopes(ctx, r.ID); err != nil {
		return o, nil, err
	}
	late, err := snap.CallsAfter(ctx, r.LastCall, o.Period.From, o.Period.To)
	if err != nil {
		return o, nil, err
	}
	s.stale = s.staleSince(late, o)
	if err := s.loadSums(ctx, snap); err != nil {
		return o, nil, err
	}
	s.inside = s.rows <= o.LinesInside
	if err := s.loadUnpriced(ctx, snap); err != nil {
		return o, nil, err
	}
	return o, s, snap.EachReconciled(ctx, r.ID, true, 0, math.MaxInt, func(row *store.ReconciledRow) error {
		return s.except(row, o.Generated)
	})
}

func (s *reconciled) loadSums(ctx context.Context, snap *store.Snapshot) error {
	classes, err := snap.ClassCounts(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, c := range classes {
		sum := classSum{class: billing.Class(c.Class), endpoint: c.Endpoint, region: c.Region, currency: ledgerText(c.Currency), rows: c.Rows, ourCalls: c.OurQuantity, theirCalls: c.TheirQuantity, unpriced: c.Unpriced}
		if sum.ours, sum.theirs, err = amounts(c.OurAmount, c.TheirAmount); err != nil {
			return fmt.Errorf("class %s: %w", c.Class, err)
		}
		s.classes, s.rows = append(s.classes, sum), s.rows+c.Rows
	}
	verdicts, err := snap.Verdicts(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		s.verdicts[ledgerText(v.Currency)] = v
	}
	bridge, err := snap.Bridge(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, b := range bridge {
		amount, err := decimal.NewFromString(b.Amount)
		if err != nil {
			return fmt.Errorf("bridge, %s: %w", b.Step, err)
		}
		s.bridge = append(s.bridge, bridgeStep{ledgerText(b.Currency), b.Step, b.Quantity, amount})
	}
	return nil
}

// amounts reads two amounts. Ours is "" where no price is set, and counts for nothing; nothing unreadable becomes zero.
func amounts(ours, theirs string) (a, b decimal.Decimal, err error) {
	if ours != "" {
		if a, err = decimal.NewFromString(ours); err != nil {
			return a, b, fmt.Errorf("our amount %q: %w", ours, err)
		}
	}
	if b, err = decimal.NewFromString(theirs); err != nil {
		return a, b, fmt.Errorf("their amount %q: %w", theirs, err)
	}
	return a, b, nil
}

// except counts one exception.
func (s *reconciled) except(r *store.ReconciledRow, now time.Time) error {
	ours, theirs, err := amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
	}
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return fmt.Errorf("%s, transaction %q: explained amount: %w", r.Class, r.TransactionID, err)
	}
	key := findingKey{billing.Class(r.Class), ledgerText(r.Currency)}
	if s.exceptions[key] == nil {
		s.exceptions[key] = &finding{}
	}
	e := s.exceptions[key]
	e.rows++
	if isOpen(billing.Class(r.Class)) {
		e.open++
		s.ages[ageBucket(ageDays(rowTime(r), now))]++
	}
	e.explained = e.explained.Add(explained)
	if d := theirs.Sub(ours).Sub(explained); d.IsNegative() {
		e.under = e.under.Sub(d)
	} else {
		e.over = e.over.Add(d)
	}
	return nil
}

// rowTime is when a row's call was sent, or when its line says it was charged.
func rowTime(r *store.ReconciledRow) time.Time {
	if !r.SentAt.IsZero() {
		return r.SentAt
	}
	return r.ChargedAt
}

// currencies are those of either side.
func (s *reconciled) currencies() []string {
	var all []string
	for _, c := range s.classes {
		if c.currency != page.NoValue {
			all = append(all, c.currency)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// total adds up the classes that fit.
func (s *reconciled) total(fits func(classSum) bool) classSum {
	var all classSum
	for _, c := range s.classes {
		if fits(c) {
			all.rows, all.ourCalls, all.theirCalls = all.rows+c.rows, all.ourCalls+c.ourCalls, all.theirCalls+c.theirCalls
			all.ours, all.theirs, all.unpriced = all.ours.Add(c.ours), all.theirs.Add(c.theirs), all.unpriced+c.unpriced
		}
	}
	return all
}

func (s *reconciled) in(currency string) classSum {
	return s.total(func(c classSum) bool { return c.currency == currency })
}

// step is what one step of a currency's bridge adds.
func (s *reconciled) step(currency, name string) decimal.Decimal {
	for _, b := range s.bridge {
		if b.currency == currency && b.step == name {
			return b.amount
		}
	}
	return decimal.Decimal{}
}

// unpricedAll is how many calls of ours have no amount.
func (s *reconciled) unpricedAll() int64 {
	var n int64
	for _, calls := range s.unpriced {
		n += calls
	}
	return n
}

// open is how many exceptions are for somebody to settle.
func (s *reconciled) open() int64 {
	var n int64
	for _, e := range s.exceptions {
		n += e.open
	}
	return n
}

// covers says whether a statement is about an endpoint.
func (s *reconciled) covers(endpoint string) bool {
	return slices.ContainsFunc(s.scopes, func(c store.StatementScope) bool { return c.Endpoint == "" || c.Endpoint == endpoint })
}

// staleSince says why the records have moved on since the reconciling: late calls have reached the journal, or the
// contract is read or priced in another way.
func (s *reconciled) staleSince(late int64, o Options) string {
	switch {
	case late > 0:
		return page.Plural(late, "call has", "calls have") + " reached the journal since the statement was reconciled"
	case s.Reading != string(o.Reading):
		return "the statement was reconciled under the reading " + s.Reading
	case o.Settings != "" && s.Settings != o.Settings:
		return "the statement was reconciled with other prices or settings than the configuration has now"
	}
	return ""
}

// loadUnpriced counts the calls of ours whose rows have no amount.
func (s *reconciled) loadUnpriced(ctx context.Context, snap *store.Snapshot) error {
	if s.total(func(classSum) bool { return true }).unpriced == 0 {
		return nil
	}
	calls, err := snap.UnpricedCalls(ctx, s.ID)
	s.unpriced = map[string]int64{}
	for currency, n := range calls {
		s.unpriced[ledgerText(currency)] = n
	}
	return err
}

// against names what our records are set beside; nil stands for no statement.
func (s *reconciled) against() string {
	if s == nil {
		return "our records only, no vendor statement"
	}
	var names []string
	for _, c := range s.scopes {
		names = append(names, xlsx.Visible(filepath.Base(c.Path)))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 2 {
		return fmt.Sprintf("against %d statements", len(names))
	}
	return "against " + strings.Join(names, " and ")
}

// invoiceOf is the file of the current statement of a line's endpoint and month, "" where there is none.
func (s *reconciled) invoiceOf(l ledgerLine, month string) string {
	if s == nil {
		return ""
	}
	for _, c := range s.statements {
		if c.SupersededBy == 0 && c.Month == month && (c.Endpoint == l.endpoint || c.Endpoint == "") {
			return filepath.Base(c.Path)
		}
	}
	return ""
}

// reproducing are the readings that give the statement.
func (s *reconciled) reproducing() []string {
	if s.Reproduces == "" {
		return nil
	}
	return strings.Split(s.Reproduces, ", ")
}

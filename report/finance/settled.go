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

// settled is what reconciling the month with the vendor's statements has found.
type settled struct {
	*store.Reconciliation
	scopes     []store.StatementScope // the statements it was reconciled with
	classes    []classSum
	bridge     []bridgeStep
	verdicts   map[string]store.Verdict // by currency
	exceptions map[findingKey]*finding
	ages       [ageBuckets]int64 // open exceptions by age
	rows       int64             // of all classes
	unpriced   map[string]int64  // calls of ours in rows without an amount, by currency
	late       int64             // calls that reached the journal afterwards
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

// takeSettled reads what the standing reconciliation of a whole month has found.
func (f *finance) takeSettled(ctx context.Context) error {
	if len(f.Period.Label) != len("2006-01") {
		return nil
	}
	r, err := f.snap.Reconciliation(ctx, f.Period.Label)
	if err != nil || r == nil {
		return err
	}
	s := &settled{Reconciliation: r, exceptions: map[findingKey]*finding{}, verdicts: map[string]store.Verdict{}}
	scopes, err := f.snap.Statements(ctx, f.Period.Label)
	if err != nil {
		return err
	}
	f.scopes = scopes
	if s.scopes, err = f.snap.ReconciledScopes(ctx, r.ID); err != nil {
		return err
	}
	if s.late, err = f.snap.CallsAfter(ctx, r.LastCall, f.Period.From, f.Period.To); err != nil {
		return err
	}
	if err := s.takeSums(ctx, f.snap); err != nil {
		return err
	}
	if f.Generated.Before(r.MadeAt) {
		f.Generated = r.MadeAt
	}
	if err := s.takeUnpriced(ctx, f.snap); err != nil {
		return err
	}
	f.settled = s
	return f.snap.EachReconciled(ctx, r.ID, true, 0, math.MaxInt, func(row *store.ReconciledRow) error { return s.except(row, f.Generated) })
}

func (s *settled) takeSums(ctx context.Context, snap *store.Snapshot) error {
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
func (s *settled) except(r *store.ReconciledRow, now time.Time) error {
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
func (s *settled) currencies() []string {
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
func (s *settled) total(fits func(classSum) bool) classSum {
	var all classSum
	for _, c := range s.classes {
		if fits(c) {
			all.rows, all.ourCalls, all.theirCalls = all.rows+c.rows, all.ourCalls+c.ourCalls, all.theirCalls+c.theirCalls
			all.ours, all.theirs, all.unpriced = all.ours.Add(c.ours), all.theirs.Add(c.theirs), all.unpriced+c.unpriced
		}
	}
	return all
}

func (s *settled) in(currency string) classSum {
	return s.total(func(c classSum) bool { return c.currency == currency })
}

// step is what one step of a currency's bridge adds.
func (s *settled) step(currency, name string) decimal.Decimal {
	for _, b := range s.bridge {
		if b.currency == currency && b.step == name {
			return b.amount
		}
	}
	return decimal.Decimal{}
}

// unpricedAll is how many calls of ours have no amount.
func (s *settled) unpricedAll() int64 {
	var n int64
	for _, calls := range s.unpriced {
		n += calls
	}
	return n
}

// open is how many exceptions are for somebody to settle.
func (s *settled) open() int64 {
	var n int64
	for _, e := range s.exceptions {
		n += e.open
	}
	return n
}

// covers says whether a statement is about an endpoint.
func (s *settled) covers(endpoint string) bool {
	return slices.ContainsFunc(s.scopes, func(c store.StatementScope) bool { return c.Endpoint == "" || c.Endpoint == endpoint })
}

// stale says why the records have moved on since the reconciling, "" when they have not.
func (f *finance) stale() string {
	switch s := f.settled; {
	case s.late > 0:
		return page.Plural(s.late, "call has", "calls have") + " reached the journal since the statement was reconciled"
	case s.Reading != string(f.Reading):
		return "the statement was reconciled under the reading " + s.Reading
	case f.Settings != "" && s.Settings != f.Settings:
		return "the statement was reconciled with other prices or settings than the configuration has now"
	}
	return ""
}

// against names what our records are set beside.
func (f *finance) against() string {
	if f.settled == nil {
		return "our records only, no vendor statement"
	}
	var names []string
	for _, c := range f.settled.scopes {
		names = append(names, xlsx.Visible(filepath.Base(c.Path)))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 2 {
		return fmt.Sprintf("against %d statements", len(names))
	}
	return "against " + strings.Join(names, " and ")
}

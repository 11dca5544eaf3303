package figures

import (
	"cmp"
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
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// Reconciled holds the findings of reconciling the month with the vendor's statements.
type Reconciled struct {
	*accounts.Reconciliation
	Scopes     []accounts.StatementScope // the statements it was reconciled with
	Statements []accounts.StatementScope // of the month, superseded ones too
	ReadAs     map[int64][]string        // by their number, what was concluded about them when they were read
	Classes    []ClassSum
	Bridge     []BridgeStep
	verdicts   map[string]accounts.Verdict // by currency
	Exceptions map[FindingKey]*finding
	Ages       [AgeBuckets]int64 // open exceptions by age
	Rows       int64             // of all classes
	Unpriced   map[string]int64  // calls of ours in rows without an amount, by currency
	Billed     []string          // currencies that either side has amounts in, as they are ranked
	Stale      string            // why the records have moved on since, "" when they have not
	Late       int64             // calls of the month that it lacks
	Withheld   bool              // most of the transaction IDs are not ours: nothing follows from the statement
	Withdrawn  bool              // rows take back what lines of closed months billed wrongly
	Prior      bool              // rows are of closed months
	Kept       billing.Kept      // of the settings it was made with
	Inside     bool              // the reconciled lines stand in the workbook

	Largest decimal.Decimal // amount of a row of the lists, without its sign
	places  int             // decimals of the exceptions' amounts

	// sums of the squares of both sides' amounts, of the exceptions and of all lines: where two amounts are changed by as
	// much in opposite directions, these change
	Squares, LineSquares decimal.Decimal

	PaidTwice []accounts.PaidTwice // of whose lost call it settles that it was billed

	invoices map[int64]string // names of those that are paid each for itself

	Worked *worked.Month // its exceptions in their order, with what was worked out of them
	Ageing []OpenMonth   // months with exceptions that are open or disputed, this one and those before it
}

// ClassSum adds up the rows of one class, endpoint, region and currency.
type ClassSum struct {
	Class                      billing.Class
	endpoint, Region, Currency string
	Rows, OurCalls, TheirCalls int64
	Unpriced                   int64 // rows whose amount of ours is missing
	Ours, Theirs               decimal.Decimal
}

// Difference returns theirs less ours.
func (c ClassSum) Difference() decimal.Decimal { return c.Theirs.Sub(c.Ours) }

// BridgeStep describes one step from our amount to theirs.
type BridgeStep struct {
	Currency, Step string
	Calls          int64
	Amount         decimal.Decimal
}

// FindingKey groups exceptions by class and currency.
type FindingKey struct {
	Class    billing.Class
	Currency string
}

// finding adds up exceptions: what they bill above and below our records, both without a sign, beside what is
// explained.
type finding struct {
	Rows, Open, Within     int64 // Within: closed by the tolerance
	over, under, Explained decimal.Decimal
}

// loadReconciled reads what the current reconciliation of a whole month has found, nil where there is none, and returns
// the options as it changes them: its tolerance counts, and the workbook is not older than it.
func loadReconciled(ctx context.Context, snap *snapshot.Snapshot, o Options) (Options, *Reconciled, error) {
	if !o.Period.IsMonth() {
		return o, nil, nil
	}
	r, err := snap.Reconciliations().Current(ctx, o.Period.Label)
	if err != nil || r == nil {
		return o, nil, err
	}
	s := &Reconciled{Reconciliation: r, Exceptions: map[FindingKey]*finding{}, verdicts: map[string]accounts.Verdict{}}
	if o.Generated.Before(r.MadeAt) {
		o.Generated = r.MadeAt
	}
	if o.Tolerance, err = billing.ParseTolerance(r.ToleranceAbs, r.ToleranceRel); err != nil {
		return o, nil, err
	}
	if s.Statements, err = snap.Statements().Scopes(ctx, o.Period.Label); err != nil {
		return o, nil, err
	}
	if err = s.loadReadAs(ctx, snap); err != nil {
		return o, nil, err
	}
	if s.Scopes, err = snap.Reconciliations().Scopes(ctx, r.ID); err != nil {
		return o, nil, err
	}
	if s.Late, err = snap.Reconciliations().Late(ctx, r.ID, o.Period.From, o.Period.To); err != nil {
		return o, nil, err
	}
	s.Stale = s.staleSince(o)
	s.Kept = billing.ParseKept(s.Settings)
	gate, err := snap.Reconciliations().Gate(ctx, r.ID)
	if err != nil {
		return o, nil, err
	}
	s.Withheld = gate.State == accounts.GateShut
	if s.PaidTwice, err = snap.Reconciliations().PaidTwice(ctx, r.ID); err != nil {
		return o, nil, err
	}
	s.PaidTwice = slices.DeleteFunc(s.PaidTwice, func(p accounts.PaidTwice) bool { return p.ReconciliationID != r.ID })
	if err := s.loadSums(ctx, snap); err != nil {
		return o, nil, err
	}
	if s.Inside = s.Rows <= o.LinesInside; s.Inside {
		largest, squares, err := snap.Reconciliations().Extent(ctx, r.ID)
		if err != nil {
			return o, nil, err
		}
		s.Largest, s.LineSquares = decimal.NewFromFloat(largest), decimal.NewFromFloat(squares)
	}
	if err := s.loadUnpriced(ctx, snap); err != nil {
		return o, nil, err
	}
	if s.Worked, err = worked.LoadAsOf(ctx, snap, o.Period.Label, o.AsOf); err != nil {
		return o, nil, err
	}
	if err := s.loadInvoices(ctx, snap); err != nil {
		return o, nil, err
	}
	number := 0
	return o, s, snap.Reconciliations().Each(ctx, r.ID, true, 0, math.MaxInt, func(row *accounts.ReconciledRow) error {
		e := &s.Worked.Exceptions[number]
		number++
		return s.except(row, e.State().Status, o.Generated)
	})
}

// loadReadAs reads what was concluded about the statements of the month.
func (s *Reconciled) loadReadAs(ctx context.Context, snap *snapshot.Snapshot) (err error) {
	s.ReadAs = map[int64][]string{}
	for _, c := range s.Statements {
		if _, read := s.ReadAs[c.StatementID]; read {
			continue
		}
		if s.ReadAs[c.StatementID], err = snap.Statements().Notes(ctx, c.StatementID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Reconciled) loadSums(ctx context.Context, snap *snapshot.Snapshot) error {
	classes, err := snap.Reconciliations().Classes(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, c := range classes {
		sum := ClassSum{Class: billing.Class(c.Class), endpoint: c.Endpoint, Region: c.Region,
			Currency: LedgerText(c.Currency), Rows: c.Rows, OurCalls: c.OurQuantity, TheirCalls: c.TheirQuantity,
			Unpriced: c.Unpriced}
		if sum.Ours, sum.Theirs, err = Amounts(c.OurAmount, c.TheirAmount); err != nil {
			return fmt.Errorf("class %s: %w", c.Class, err)
		}
		s.Classes, s.Rows = append(s.Classes, sum), s.Rows+c.Rows
	}
	verdicts, err := snap.Reconciliations().Verdicts(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		s.verdicts[LedgerText(v.Currency)] = v
	}
	bridge, err := snap.Reconciliations().Bridge(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, b := range bridge {
		amount, err := decimal.NewFromString(b.Amount)
		if err != nil {
			return fmt.Errorf("bridge, %s: %w", b.Step, err)
		}
		s.Bridge = append(s.Bridge, BridgeStep{LedgerText(b.Currency), b.Step, b.Quantity, amount})
	}
	return nil
}

// Amounts reads two amounts. Ours is "" where no price is set, and counts for nothing; nothing unreadable becomes zero.
func Amounts(ours, theirs string) (a, b decimal.Decimal, err error) {
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

// except counts one exception that has a status.
func (s *Reconciled) except(r *accounts.ReconciledRow, status string, now time.Time) error {
	ours, theirs, err := Amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
	}
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return fmt.Errorf("%s, transaction %q: explained amount: %w", r.Class, r.TransactionID, err)
	}
	key := FindingKey{billing.Class(r.Class), LedgerText(r.Currency)}
	if s.Exceptions[key] == nil {
		s.Exceptions[key] = &finding{}
	}
	e := s.Exceptions[key]
	e.Rows++
	s.Prior = s.Prior || strings.Contains(r.Note, billing.PriorNote)
	s.Withdrawn = s.Withdrawn || key.Class.Open() && theirs.IsNegative() && key.Class != billing.Unexplained
	switch status {
	case worked.Within:
		e.Within++
	case worked.Open:
		e.Open++
		s.Ages[ageBucket(AgeDays(RowTime(r), now))]++
	}
	e.Explained = e.Explained.Add(explained)
	d := theirs.Sub(ours).Sub(explained)
	s.Largest = decimal.Max(s.Largest, ours.Abs(), theirs.Abs(), d.Abs())
	s.Squares = s.Squares.Add(ours.Mul(ours)).Add(theirs.Mul(theirs))
	s.places = max(s.places, placesOf(ours), placesOf(theirs), placesOf(d))
	if d.IsNegative() {
		e.under = e.under.Sub(d)
	} else {
		e.over = e.over.Add(d)
	}
	return nil
}

// RowTime returns when a row's call was sent, or when it was charged by its line.
func RowTime(r *accounts.ReconciledRow) time.Time {
	if !r.SentAt.IsZero() {
		return r.SentAt
	}
	return r.ChargedAt
}

// currencies returns those of either side.
func (s *Reconciled) currencies() []string {
	var all []string
	for _, c := range s.Classes {
		if c.Currency != page.NoValue {
			all = append(all, c.Currency)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Total adds up the classes that fit.
func (s *Reconciled) Total(fits func(ClassSum) bool) ClassSum {
	var all ClassSum
	for _, c := range s.Classes {
		if fits(c) {
			all.Rows, all.OurCalls, all.TheirCalls = all.Rows+c.Rows, all.OurCalls+c.OurCalls,
				all.TheirCalls+c.TheirCalls
			all.Ours, all.Theirs, all.Unpriced = all.Ours.Add(c.Ours), all.Theirs.Add(c.Theirs), all.Unpriced+c.Unpriced
		}
	}
	return all
}

// In adds up the classes of a currency.
func (s *Reconciled) In(currency string) ClassSum {
	return s.Total(func(c ClassSum) bool { return c.Currency == currency })
}

// Steps returns a currency's bridge.
func (s *Reconciled) Steps(currency string) []BridgeStep {
	return slices.DeleteFunc(slices.Clone(s.Bridge), func(b BridgeStep) bool { return b.Currency != currency })
}

// step returns the amount of one step of a currency's bridge.
func (s *Reconciled) step(currency, name string) decimal.Decimal {
	for _, b := range s.Bridge {
		if b.Currency == currency && b.Step == name {
			return b.Amount
		}
	}
	return decimal.Decimal{}
}

// UnpricedAll counts the calls of ours that have no amount.
func (s *Reconciled) UnpricedAll() int64 {
	var n int64
	for _, calls := range s.Unpriced {
		n += calls
	}
	return n
}

// Judged returns what reconciling found to dispute and not yet billed in a currency; known is false where an earlier
// version has judged it.
func (s *Reconciled) Judged(currency string) (over, under decimal.Decimal, known bool) {
	v, found := s.verdicts[currency]
	if !found || s.Earlier() {
		return over, under, false
	}
	over, under, err := Amounts(v.Over, v.Under)
	return over, under, err == nil
}

// Tolerates reports whether the tolerance closes the open rows of a currency: what is to dispute and what is not yet
// billed are both within it.
func (s *Reconciled) Tolerates(currency string) bool {
	limited := s.ToleranceAbs != "" || s.ToleranceRel != ""
	return limited && !s.Earlier() && s.verdicts[currency].Within
}

// Tolerated counts the exceptions that the tolerance closes.
func (s *Reconciled) Tolerated() int64 {
	var n int64
	for _, e := range s.Exceptions {
		n += e.Within
	}
	return n
}

// Open counts the exceptions that are still open with the vendor.
func (s *Reconciled) Open() int64 {
	var n int64
	for _, e := range s.Exceptions {
		n += e.Open
	}
	return n
}

// covers reports whether a statement is about an endpoint.
func (s *Reconciled) covers(endpoint string) bool {
	return slices.ContainsFunc(s.Scopes,
		func(c accounts.StatementScope) bool { return c.Endpoint == "" || c.Endpoint == endpoint })
}

// staleSince names why the records have moved on since the reconciling: late calls have reached the journal, or the
// contract is read or priced in another way.
func (s *Reconciled) staleSince(o Options) string {
	switch {
	case s.Late > 0:
		return accounts.LateCalls(s.Late)
	case s.Basis != string(o.Basis):
		return "the statement was reconciled under the reading " + s.Basis
	case o.Settings != "" && s.Settings != o.Settings:
		return "the statement was reconciled with other prices or settings than the configuration has now"
	}
	return ""
}

// loadUnpriced counts the calls of ours whose rows have no amount.
func (s *Reconciled) loadUnpriced(ctx context.Context, snap *snapshot.Snapshot) error {
	if s.Total(func(ClassSum) bool { return true }).Unpriced == 0 {
		return nil
	}
	calls, err := snap.Reconciliations().Unpriced(ctx, s.ID)
	s.Unpriced = map[string]int64{}
	for currency, n := range calls {
		s.Unpriced[LedgerText(currency)] = n
	}
	return err
}

// Against names what our records are set beside; nil means no statement.
func (s *Reconciled) Against() string {
	if s == nil {
		return "our records only, no vendor statement"
	}
	names := s.fileNames()
	if len(names) > 2 {
		return s.AgainstUnnamed()
	}
	return "against " + strings.Join(names, " and ")
}

// AgainstUnnamed returns Against without the names of files, for what leaves the house.
func (s *Reconciled) AgainstUnnamed() string {
	if s == nil {
		return s.Against()
	}
	return "against " + page.Plural(int64(len(s.fileNames())), "statement", "statements")
}

// fileNames returns the names of the statements' files.
func (s *Reconciled) fileNames() (names []string) {
	for _, c := range s.Scopes {
		names = append(names, xlsx.Visible(filepath.Base(c.Path)))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// InvoiceOf returns the number of the invoice of the statement of an endpoint and month, or its file where nobody
// gave one, and the statement; "" and 0 where there is none.
func (s *Reconciled) InvoiceOf(endpoint, month string) (string, int64) {
	if s == nil {
		return "", 0
	}
	for _, c := range s.Scopes {
		if c.Month == month && (c.Endpoint == endpoint || c.Endpoint == "") {
			return InvoiceName(c), c.StatementID
		}
	}
	return "", 0
}

// InvoiceName returns the number of a statement's invoice, or its file where nobody gave one.
func InvoiceName(c accounts.StatementScope) string {
	return cmp.Or(c.Invoice.Number, filepath.Base(c.Path))
}

// loadInvoices reads the names of the invoices that are paid each for itself: lines of closed months may be on others
// than the month's own.
func (s *Reconciled) loadInvoices(ctx context.Context, snap *snapshot.Snapshot) error {
	if !slices.ContainsFunc(s.Worked.Sums, func(sum worked.Sum) bool { return sum.ByInvoice() }) {
		return nil
	}
	scopes, err := snap.Statements().Scopes(ctx, "")
	s.invoices = map[int64]string{}
	for _, c := range scopes {
		s.invoices[c.StatementID] = InvoiceName(c)
	}
	return err
}

// InvoiceLabel returns the number of a statement's invoice, or its file.
func (s *Reconciled) InvoiceLabel(statement int64) string { return s.invoices[statement] }

// reproducing returns the readings that give the statement.
func (s *Reconciled) reproducing() []string {
	if s.Reproduces == "" {
		return nil
	}
	return strings.Split(s.Reproduces, ", ")
}

// IsOpen reports whether the rows of a class are for somebody to settle with the vendor; those of a class that this
// program does not know are.
func IsOpen(c billing.Class) bool { return worked.IsOpen(c) }

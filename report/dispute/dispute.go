// Package dispute makes the packet of what a statement bills beyond our records.
package dispute

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/contract"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Options describes what a dispute is about.
type Options struct {
	Period  calendar.Period // the billing month
	Version string          // of this program

	Contracts []contract.Contract // whose numbers and deadlines it names
}

var (
	// ErrNotReconciled reports that no statement of the month was reconciled.
	ErrNotReconciled = errors.New("not reconciled with a statement yet")
	// ErrWithheld reports that most of the statement's transaction IDs are not ours: nothing follows from it.
	ErrWithheld = errors.New("most transaction IDs of the statement are not ours: nothing of it is disputed")
	// ErrNothingDisputed reports that the statement bills nothing that the records do not support.
	ErrNothingDisputed = errors.New("nothing to dispute")
	// ErrSettled reports that all of that was accepted, credited or explained, or is within the tolerance.
	ErrSettled = errors.New("nothing to dispute: all was accepted, credited or explained, or is within the tolerance")
	// ErrLost reports that all of that falls into the time that the database lost: nobody can tell the
	// vendor that these calls were not sent.
	ErrLost = errors.New("nothing to dispute but what the database lost")
)

// NothingError wraps ErrNothingDisputed, ErrSettled or ErrLost, with what is known of the month all the same.
type NothingError struct {
	Twice []string // sentences about IDs that were paid for twice; none where there is no such ID
	cause error
}

// Error gives the cause's.
func (e *NothingError) Error() string { return e.cause.Error() }

// Unwrap gives the cause.
func (e *NothingError) Unwrap() error { return e.cause }

// Build writes the rows in which a month's statement bills more than the records support to file as CSV, and returns
// the covering sheet that goes with it. Nothing in either names a person: a call is known by its transaction ID, its
// number and the SHA-256 of the answer, which both sides can compute. It returns ErrNotReconciled,
// ErrNothingDisputed, ErrSettled or ErrLost, wrapped, and then has written nothing.
func Build(ctx context.Context, s *store.Store, o Options, file string) (w *xlsx.Workbook, err error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("dispute %s: %w", o.Period.Label, err)
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	d := &dispute{Options: o, snap: snap, statements: map[int64]accounts.StatementScope{},
		groups: map[disputeKey]*disputeGroup{}, lost: map[string]*disputeGroup{},
		settled: map[string]*disputeGroup{}, reasons: map[billing.Class]*reason{}}
	if err := d.load(ctx, file); err != nil {
		return nil, fmt.Errorf("dispute %s: %w", o.Period.Label, err)
	}
	return d.cover(filepath.Base(file)), nil
}

// dispute collects the rows, and what the covering sheet shows of them.
type dispute struct {
	Options
	snap       *snapshot.Snapshot
	found      *accounts.Reconciliation
	verdicts   []accounts.Verdict
	bridge     []accounts.BridgeLine
	scopes     []accounts.StatementScope // of all months: late lines are on statements of others
	beside     []int64                   // statements of which late lines alone are disputed
	statements map[int64]accounts.StatementScope
	groups     map[disputeKey]*disputeGroup
	lost       map[string]*disputeGroup // what falls into them, by currency: it is not disputed
	settled    map[string]*disputeGroup // accepted, credited, explained or tolerated: neither is that
	worked     *worked.Month
	twice      []accounts.PaidTwice
	rows       int64
	reasons    map[billing.Class]*reason
	sum        []byte          // SHA-256 of the rows' file
	rate       decimal.Decimal // of the tax that amounts billed include; zero: they include none
}

type disputeKey struct {
	currency string
	class    billing.Class
}

type disputeGroup struct {
	rows, quantity         int64 // quantity: what is billed beyond the records
	unpriced               int64 // of it, what no price values
	billed, ours, disputed decimal.Decimal
	tax                    decimal.Decimal // in billed
}

// load reads what reconciling found and writes the rows.
func (d *dispute) load(ctx context.Context, file string) (err error) {
	if d.found, err = d.snap.Reconciliations().Current(ctx, d.Period.Label); err != nil {
		return err
	}
	if d.found == nil {
		return ErrNotReconciled
	}
	if gate, err := d.snap.Reconciliations().Gate(ctx, d.found.ID); err != nil || gate.State == accounts.GateShut {
		return cmp.Or(err, ErrWithheld)
	}
	if d.twice, err = d.snap.Reconciliations().PaidTwice(ctx, d.found.ID); err != nil {
		return err
	}
	if d.verdicts, err = d.snap.Reconciliations().Verdicts(ctx, d.found.ID); err != nil {
		return err
	}
	if d.bridge, err = d.snap.Reconciliations().Bridge(ctx, d.found.ID); err != nil {
		return err
	}
	if d.scopes, err = d.snap.Statements().Scopes(ctx, ""); err != nil {
		return err
	}
	for _, s := range d.scopes {
		d.statements[s.StatementID] = s
	}
	d.rate = billing.ParseKept(d.found.Settings).TaxIncluded
	if d.worked, err = worked.LoadRows(ctx, d.snap, d.Period.Label); err != nil {
		return err
	}
	hash := sha256.New()
	err = xlsx.WriteCSV(file, d.heads(), func(yield func([]string) error) error { return d.lines(ctx, yield) }, hash)
	d.sum = hash.Sum(nil)
	return err
}

// disputeHeads lists the columns of the rows.
var disputeHeads = []string{
	"reason", "transaction_id", "statement", "statement_line", "charged_at", "sent_at", "call", "attempt", "endpoint",
	"region", "code",
	"pricing_received", "pricing_billed", "quantity_recorded", "quantity_billed", "amount_recorded", "amount_billed",
	"amount_disputed", "currency", "answer_sha256", "note", "dispute",
}

// heads returns the columns of the rows. Where amounts billed include a tax, recorded and disputed are without it, and
// two more columns say what it is.
func (d *dispute) heads() []string {
	if d.rate.IsZero() {
		return disputeHeads
	}
	return append(slices.Clone(disputeHeads), "tax_in_amount_billed", "amount_disputed_with_tax")
}

// withTax adds to a line the tax in its amount, and what is disputed with the tax on that.
func (d *dispute) withTax(line []string, tax string, over decimal.Decimal) []string {
	if d.rate.IsZero() {
		return line
	}
	return append(line, tax, over.Add(d.taxOn(over)).String())
}

// taxOn returns the tax on an amount disputed, half-up to 12 decimals.
func (d *dispute) taxOn(over decimal.Decimal) decimal.Decimal {
	return over.Mul(d.rate).Round(billing.MaxDecimals)
}

// lines gives the rows in which more is billed than the records support.
func (d *dispute) lines(ctx context.Context, yield func([]string) error) error {
	number := -1
	err := d.snap.Reconciliations().Each(ctx, d.found.ID, true, 0, math.MaxInt, func(r *accounts.ReconciledRow) error {
		number++
		over, quantity, err := overbilled(r)
		if err == nil && isLost(r) {
			return d.leaveOut(r, over, quantity)
		}
		if err != nil || !isOver(r, over) && quantity <= 0 {
			return err
		}
		over, left := d.unsettled(&d.worked.Exceptions[number], r.Currency, over)
		if !left {
			return nil
		}
		if err := d.count(r, over, quantity); err != nil {
			return err
		}
		d.show(r, over)
		return yield(d.line(r, over))
	})
	if err == nil {
		err = d.net(yield)
	}
	if err == nil && d.rows == 0 {
		err = &NothingError{Twice: d.paidTwice(), cause: ErrNothingDisputed}
		if len(d.settled) > 0 {
			err = &NothingError{Twice: d.paidTwice(), cause: ErrSettled}
		}
		if len(d.lost) > 0 {
			err = &NothingError{Twice: d.paidTwice(), cause: ErrLost}
		}
	}
	return err
}

// unsettled returns what of a row's amount is still to dispute, and false where nothing is.
func (d *dispute) unsettled(e *worked.Exception, currency string, over decimal.Decimal) (decimal.Decimal, bool) {
	state := e.State()
	gone := state.Settled(over)
	if over.IsNegative() || gone.IsZero() && !state.Settles() {
		return over, true
	}
	g := d.settled[currency]
	if g == nil {
		g = &disputeGroup{}
		d.settled[currency] = g
	}
	g.rows, g.disputed = g.rows+1, g.disputed.Add(gone)
	return over.Sub(gone), over.GreaterThan(gone)
}

// isOver reports whether a row bills too much, or takes back what a line of a closed month did: that is disputed no
// longer.
func isOver(r *accounts.ReconciledRow, over decimal.Decimal) bool {
	if strings.HasPrefix(r.TheirAmount, "-") {
		return over.IsNegative()
	}
	return over.IsPositive()
}

// isLost reports whether a charge may be of a call whose record was lost with an older state of our database: nobody
// can tell the vendor that no such call was sent.
func isLost(r *accounts.ReconciledRow) bool {
	return billing.Class(r.Class) == billing.ExplainedByDoubt && billing.LostCalls(r.Note, 1) > 0
}

// leaveOut counts a row that is not disputed; over is the part that the reconciliation of an earlier version disputes.
func (d *dispute) leaveOut(r *accounts.ReconciledRow, over decimal.Decimal, calls int64) error {
	g := d.lost[r.Currency]
	if g == nil {
		g = &disputeGroup{}
		d.lost[r.Currency] = g
	}
	billed, err := decimal.NewFromString(r.TheirAmount)
	if err == nil && r.OurAmount != "" {
		var ours decimal.Decimal
		ours, err = decimal.NewFromString(r.OurAmount)
		billed = billed.Sub(ours)
	}
	if err != nil {
		return fmt.Errorf("amounts of line %d: %w", r.Line, err)
	}
	g.rows, g.unpriced = g.rows+1, g.unpriced+calls
	g.billed, g.disputed = g.billed.Add(billed), g.disputed.Add(over)
	return nil
}

// netted marks the group of what is not disputed though single lines bill it too much.
const netted billing.Class = "netted"

// net counts what the bridge nets, and gives a line for each currency.
func (d *dispute) net(yield func([]string) error) error {
	for _, b := range d.bridge {
		amount, err := decimal.NewFromString(b.Amount)
		if err != nil {
			return fmt.Errorf("bridge, %s: %w", b.Step, err)
		}
		if b.Step != billing.StepNettedOver || amount.IsZero() || d.rows == 0 {
			continue
		}
		if amount = d.leftToNet(b.Currency, amount); amount.IsZero() {
			continue
		}
		d.groups[disputeKey{b.Currency, netted}] = &disputeGroup{rows: 1, ours: amount.Neg(), disputed: amount}
		line := make([]string, len(disputeHeads))
		line[0], line[len(line)-5], line[len(line)-4] = disputed[netted], amount.String(),
			xlsx.EscapeFormula(b.Currency)
		if err := yield(d.withTax(line, "", amount)); err != nil {
			return err
		}
	}
	return nil
}

// leftToNet bounds what lines make up for, an amount below zero, by what of them is disputed.
func (d *dispute) leftToNet(currency string, amount decimal.Decimal) decimal.Decimal {
	if d.settled[currency] == nil {
		return amount
	}
	var lines decimal.Decimal
	for _, v := range d.byCurrency() {
		if v.currency == currency {
			lines = v.disputed
		}
	}
	return decimal.Max(amount, lines.Neg())
}

// disputed lists the classes in which a bill can be wrong, with the reason as the vendor should read it.
var disputed = map[billing.Class]string{
	billing.TheirsOnly:      "billed, but no call of this transaction or day was sent",
	billing.Duplicate:       "billed twice: the transaction is on another line of the statement",
	billing.BilledAgain:     "billed again: an earlier statement bills the same",
	billing.PricingDiffers:  "billed, but the answer was marked FREE",
	billing.PriceDiffers:    "billed at a higher price than agreed",
	billing.WrongTier:       "billed at the price of a tier that the number of calls does not put it into",
	billing.QuantityDiffers: "more billed than the calls that may have been sent come to",
	netted: "less what these lines make up for: the calls of a monthly minimum that is owed anyway, or calls that they " +
		"made cheaper",
	billing.MinimumNotOwed: "charged for no call, and not owed as a monthly minimum",
}

// overbilled returns by how much a row bills more than the records support: the amount, and the calls where no price is
// set.
func overbilled(r *accounts.ReconciledRow) (amount decimal.Decimal, calls int64, err error) {
	if disputed[billing.Class(r.Class)] == "" {
		return amount, 0, nil
	}
	theirs, err := decimal.NewFromString(r.TheirAmount)
	if err != nil {
		return amount, 0, fmt.Errorf("billed amount of line %d: %w", r.Line, err)
	}
	if r.OurAmount == "" {
		beyond := r.TheirQuantity - r.OurQuantity
		return amount, beyond - billing.LostCalls(r.Note, beyond), nil
	}
	ours, err := decimal.NewFromString(r.OurAmount)
	if err != nil {
		return amount, 0, fmt.Errorf("recorded amount of call %d: %w", r.CallID, err)
	}
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return amount, 0, fmt.Errorf("explained amount of line %d: %w", r.Line, err)
	}
	return theirs.Sub(ours).Sub(explained), 0, nil
}

func (d *dispute) count(r *accounts.ReconciledRow, over decimal.Decimal, calls int64) error {
	key := disputeKey{r.Currency, billing.Class(r.Class)}
	g := d.groups[key]
	if g == nil {
		g = &disputeGroup{}
		d.groups[key] = g
	}
	theirs, err := decimal.NewFromString(r.TheirAmount)
	if err != nil {
		return fmt.Errorf("billed amount of line %d: %w", r.Line, err)
	}
	if id := r.StatementID; id != 0 && !slices.Contains(d.found.Statements, id) && !slices.Contains(d.beside, id) {
		d.beside = append(d.beside, id)
	}
	d.rows++
	g.rows++
	if key.class != billing.PriceDiffers || r.Explained == "0" { // else a doubt explains its calls
		g.quantity += max(calls, r.TheirQuantity-r.OurQuantity)
	}
	if calls > 0 { // by count: what of the amount is too much nobody knows
		g.unpriced += calls
		return nil
	}
	tax := decimal.Decimal{}
	if r.Tax != "" {
		if tax, err = decimal.NewFromString(r.Tax); err != nil {
			return fmt.Errorf("tax of line %d: %w", r.Line, err)
		}
	}
	g.billed, g.tax, g.disputed = g.billed.Add(theirs), g.tax.Add(tax), g.disputed.Add(over)
	g.ours = g.ours.Add(theirs.Sub(tax).Sub(over))
	return nil
}

func (d *dispute) line(r *accounts.ReconciledRow, over decimal.Decimal) []string {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	disputed := disputed[billing.Class(r.Class)]
	amount := over.String()
	if r.OurAmount == "" {
		amount = ""
	}
	return d.withTax([]string{disputed, xlsx.EscapeFormula(r.TransactionID),
		xlsx.EscapeFormula(filepath.Base(d.statements[r.StatementID].Path)), number(r.Line), chargedText(r),
		momentText(r.SentAt),
		number(r.CallID), number(int64(r.Attempt)), xlsx.EscapeFormula(r.Endpoint), xlsx.EscapeFormula(r.Region),
		xlsx.EscapeFormula(r.Code), xlsx.EscapeFormula(r.OurPricing), xlsx.EscapeFormula(r.TheirPricing),
		strconv.FormatInt(r.OurQuantity, 10), strconv.FormatInt(r.TheirQuantity, 10), r.OurAmount, r.TheirAmount,
		amount, xlsx.EscapeFormula(r.Currency), hex.EncodeToString(r.BodySHA256), xlsx.EscapeFormula(r.Note),
		d.number(r, over)},
		r.Tax, over)
}

// momentText returns a moment in UTC as other programs read it, "" for none.
func momentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func chargedText(r *accounts.ReconciledRow) string {
	if r.DateOnly {
		return r.ChargedAt.Format(time.DateOnly)
	}
	return momentText(r.ChargedAt)
}

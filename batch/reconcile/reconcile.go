// Package reconcile reconciles a month: import, match, keep, corrections of months that were closed.
package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/gate"
	"liverecon/batch/match"
	"liverecon/batch/statement"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/parts"
	"liverecon/store/snapshot"
)

// Task represents the settings of one reconciling.
type Task struct {
	Store   *store.Store
	Version string
	Log     *slog.Logger

	Statement string // path; "": with the statements that stand already
	Options   statement.Options
	Word      parts.Word // what somebody said about what the statement repeats of those that stand
	Force     bool       // a statement that is not about our calls decides all the same
	Invoice   accounts.Invoice
	Month     billing.Period // that of its invoice; zero: the latest it is about, and every month is reconciled

	Prices    *billing.Book
	Zone      *time.Location // of the billing months
	Basis     billing.Basis
	Edge      time.Duration // how far from a month's bounds a charge may be on the neighbouring month's statement
	Window    time.Duration // how far from a call in doubt a line may be that it explains
	Tolerance billing.Tolerance
	Rounding  billing.Rounding // what the contract says of it
	TaxGross  bool             // tax is on usage alone, credits do not lower it
	TaxRate   decimal.Decimal  // of the tax that amounts of usage include, as a share; zero: they include none
	Reprice   bool             // the months take these prices, whichever they were reconciled with

	// Settings returns all of these, with a book of prices, as they are kept with what was found, as JSON.
	Settings func(*billing.Book) string

	// SendsRegion reports whether requests to an endpoint name the region. Where they do not, a statement's region is
	// the endpoint's own and says nothing about ours. nil: every endpoint's do.
	SendsRegion func(endpoint string) bool
}

// Result holds what a reconciling came to.
type Result struct {
	Imported *accounts.Imported     // nil when no statement was given
	Totals   []statement.GrandTotal // of the statement, over several months
	Notes    []string               // what was concluded about the statement and no setting says
	Months   []Month
	Closed   []billing.Period // months the statement is about, too, that are closed: what is new in them is corrections
	Borne    []Borne          // what open months bear of these
	Again    []Month          // neighbouring months that had waited for the statement, reconciled again
	Twice    []BilledTwice    // what a closed month's statement bills as well
}

// Borne holds what an open month bears of a closed one.
type Borne struct {
	Closed, By string // months
	accounts.Correction
}

// BilledTwice holds what the statement of a month bills, and that of a neighbouring month too, which is closed: the
// duplicates are in no reconciliation until it is opened again.
type BilledTwice struct {
	Month billing.Period // the calls' own
	match.Twice
}

// Within reports whether every month, and every total over several, is within the tolerance.
func (r *Result) Within(limits billing.Tolerance) bool {
	return !slices.ContainsFunc(r.Totals, func(t statement.GrandTotal) bool { return !t.Within(limits) }) &&
		!slices.ContainsFunc(r.Months, func(m Month) bool { return !m.Result.Within })
}

// Month describes one billing month.
type Month struct {
	Month   billing.Period
	Basis   billing.Basis // the contract's
	ID      int64         // of the reconciliation that stands
	Changed bool          // it was kept just now; otherwise the one that stood found the same
	// OtherPrices says that the month stays at the prices that it was reconciled with, and the present ones differ.
	OtherPrices bool
	Verdict     string // in one sentence
	Result      *match.Result
	Gate        accounts.Gate      // whether the statement is about our calls, and by our clock
	IDs         gate.Found         // the same, with the transaction IDs that are nearly ours
	Borne       []match.Resolution // of doubts of closed months

	prior []accounts.CorrectionRow // what it bears of closed months
}

// ErrNoStatement reports that there is nothing to reconcile a month with.
var ErrNoStatement = errors.New("no statement")

// Run imports the statement, if one is given, and lays the journal of each month it is about beside what the
// statements say. The database's lock is the caller's. What is refused wraps ErrInput, and leaves everything as it was.
//
// Import and the reconciling of each month are a transaction each: a crash leaves either whole or absent, and doing it
// again completes it. With nothing new it changes nothing.
func Run(ctx context.Context, r *Task) (*Result, error) {
	var got Result
	months := []billing.Period{r.Month}

	// Index: a line may be about a call of any month, which is found by its transaction. A database that was just
	// brought up to date, and a run that was interrupted, leave it to be done.
	if _, err := r.Store.Journal().IndexTransactions(ctx); err != nil {
		return nil, err
	}

	// Import: the whole file, or nothing of it.
	if r.Statement != "" {
		imported, totals, notes, err := r.importStatement(ctx)
		if err != nil {
			return nil, err
		}
		got.Imported, got.Totals, got.Notes = &imported, totals, notes
		if r.Month == (billing.Period{}) {
			if months, err = periods(imported.Months); err != nil {
				return nil, err
			}
		}
		if months, got.Closed, err = r.open(ctx, months); err != nil {
			return nil, err
		}
	}

	// Closed months: what the statement says about them is borne by an open one, before that is matched.
	if err := BookCorrections(ctx, r); err != nil {
		return nil, err
	}

	before, err := r.shown(ctx, months)
	if err != nil {
		return nil, err
	}

	// Match: month by month, since each has its own bridge.
	for _, month := range months {
		done, err := r.month(ctx, month, r.Reprice)
		if err != nil {
			return nil, fmt.Errorf("reconcile %s: %w", month, err)
		}
		got.Months = append(got.Months, done)
	}

	// Neighbours: what they said about calls near their bounds may have waited for this statement.
	now, err := r.shown(ctx, months)
	if err != nil {
		return nil, err
	}
	paid, err := paidElsewhere(ctx, r, months)
	if err != nil {
		return nil, err
	}
	again, err := r.neighbours(ctx, months, slices.Concat(before, now, paid))
	if err != nil {
		return nil, err
	}
	got.Again = again

	// Closed months: what they say stays, and what is billed twice because of that is said.
	if got.Twice, err = r.billedTwice(ctx, got.Months); err != nil {
		return nil, err
	}

	// Corrections: a doubt of a closed month may have been settled just now, or be borne by a month that the statement
	// is not about.
	if err := BookCorrections(ctx, r); err != nil {
		return nil, err
	}
	if err := r.bearers(ctx, &got); err != nil {
		return nil, err
	}
	got.Borne, err = r.borne(ctx, got.Closed)
	return &got, err
}

// bearers reconciles again the open months whose corrections have changed since they were matched.
func (r *Task) bearers(ctx context.Context, got *Result) error {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return err
	}
	stale, err := changedBearers(ctx, snap, got.Months)
	if err := errors.Join(err, snap.Close()); err != nil {
		return err
	}
	for _, month := range stale {
		asked := slices.ContainsFunc(got.Months, func(m Month) bool { return m.Month == month })
		done, err := r.month(ctx, month, r.Reprice && asked)
		if err != nil {
			return fmt.Errorf("reconcile %s: %w", month, err)
		}
		i := slices.IndexFunc(got.Months, func(m Month) bool { return m.Month == month })
		switch {
		case i >= 0:
			done.Changed = done.Changed || got.Months[i].Changed
			got.Months[i] = done
		case done.Changed:
			got.Again = append(slices.DeleteFunc(got.Again, func(m Month) bool { return m.Month == month }), done)
		}
	}
	return nil
}

// changedBearers lists the reconciled months that bear other corrections than they were matched with, as far as that is
// known of the given ones.
func changedBearers(ctx context.Context, snap *snapshot.Snapshot, known []Month) (stale []billing.Period, err error) {
	names, err := snap.Months().Bearers(ctx)
	for _, m := range known {
		if len(m.prior) > 0 && !slices.Contains(names, m.Month.String()) {
			names = append(names, m.Month.String())
		}
	}
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		month, err := billing.ParsePeriod(name)
		if err != nil {
			return nil, err
		}
		standing, err := snap.Reconciliations().Current(ctx, name)
		if err != nil {
			return nil, err
		}
		borne, err := snap.Months().Borne(ctx, name)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(known, func(m Month) bool { return m.Month == month })
		if standing != nil && (i < 0 || !slices.Equal(borne, known[i].prior)) {
			stale = append(stale, month)
		}
	}
	return stale, nil
}

// open tells the months that are open from those that are closed.
func (r *Task) open(ctx context.Context, months []billing.Period) (open, closed []billing.Period, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	for _, month := range months {
		closure, err := snap.Months().Closure(ctx, month.String())
		switch {
		case err != nil:
			return nil, nil, err
		case closure != nil:
			closed = append(closed, month)
		default:
			open = append(open, month)
		}
	}
	return open, closed, nil
}

// borne lists what the months after closed ones bear of them.
func (r *Task) borne(ctx context.Context, closed []billing.Period) (all []Borne, err error) {
	if len(closed) == 0 {
		return nil, nil
	}
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	bearers, err := snap.Months().Bearers(ctx)
	for _, by := range bearers {
		sums, err := snap.Months().Corrections(ctx, by)
		if err != nil {
			return nil, err
		}
		for _, c := range sums {
			if slices.ContainsFunc(closed, func(p billing.Period) bool { return p.String() == c.Month }) {
				all = append(all, Borne{c.Month, by, c})
			}
		}
	}
	return all, err
}

func periods(months []string) ([]billing.Period, error) {
	var all []billing.Period
	for _, text := range months {
		month, err := billing.ParsePeriod(text)
		if err != nil {
			return nil, err
		}
		all = append(all, month)
	}
	return all, nil
}

// neighbours reconciles again the months next to the given ones that have provisional rows, and those of which the
// given ones show calls, wherever they are, or showed some before.
func (r *Task) neighbours(ctx context.Context, months, shown []billing.Period) ([]Month, error) {
	var again []Month
	others := map[billing.Period]bool{}
	for _, month := range months {
		for _, other := range []billing.Period{shift(month, -1), shift(month, 1)} {
			waits, err := r.waits(ctx, other)
			if err != nil {
				return nil, err
			}
			others[other] = others[other] || waits
		}
	}
	for _, other := range shown {
		reconciled, err := r.isReconciled(ctx, other)
		if err != nil {
			return nil, err
		}
		others[other] = others[other] || reconciled
	}
	for _, other := range slices.SortedFunc(maps.Keys(others), func(a, b billing.Period) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Month, b.Month))
	}) {
		if !others[other] || slices.Contains(months, other) {
			continue
		}
		done, err := r.month(ctx, other, false)
		if err != nil {
			return nil, fmt.Errorf("reconcile %s again: %w", other, err)
		}
		if done.Changed {
			again = append(again, done)
		}
	}
	return again, nil
}

// shown lists the months of whose calls the reconciliations that stand of the given ones have lines.
func (r *Task) shown(ctx context.Context, months []billing.Period) (all []billing.Period, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	for _, month := range months {
		standing, err := snap.Reconciliations().Current(ctx, month.String())
		if err != nil || standing == nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		err = snap.Reconciliations().EachOfOtherPeriod(ctx, standing.ID, func(sent time.Time) {
			if p := r.Prices.PeriodOf(sent); p != month && !slices.Contains(all, p) {
				all = append(all, p)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// isReconciled reports whether a month is open and was reconciled.
func (r *Task) isReconciled(ctx context.Context, month billing.Period) (is bool, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	standing, err := standingOf(ctx, snap, month)
	return standing != nil, err
}

// standingOf returns the reconciliation of an open month, nil where it has none or is closed.
func standingOf(ctx context.Context, snap *snapshot.Snapshot, month billing.Period) (*accounts.Reconciliation, error) {
	closure, err := snap.Months().Closure(ctx, month.String())
	if err != nil || closure != nil {
		return nil, err
	}
	return snap.Reconciliations().Current(ctx, month.String())
}

// billedTwice lists what months bill that a closed neighbour's statement bills as well.
func (r *Task) billedTwice(ctx context.Context, months []Month) (all []BilledTwice, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	for _, m := range months {
		for _, t := range m.Result.Twice {
			closure, err := snap.Months().Closure(ctx, t.Month.String())
			if err != nil {
				return nil, err
			}
			if closure != nil {
				all = append(all, BilledTwice{m.Month, t})
			}
		}
	}
	return all, nil
}

// waits reports whether a month is open, was reconciled, and has doubts that are open or charges of another period.
func (r *Task) waits(ctx context.Context, month billing.Period) (waits bool, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	standing, err := standingOf(ctx, snap, month)
	if err != nil || standing == nil {
		return false, err
	}
	settled, err := snap.Reconciliations().Resolutions(ctx, standing.ID)
	if err != nil || int64(len(settled)) < standing.Doubts {
		return err == nil, err
	}
	counts, err := snap.Reconciliations().Classes(ctx, standing.ID)
	return slices.ContainsFunc(counts, func(c accounts.ClassCount) bool {
		return c.Class == string(billing.OtherPeriod)
	}), err
}

// shift returns the month n months after another.
func shift(p billing.Period, n int) billing.Period {
	first := time.Date(p.Year, p.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return billing.Period{Year: first.Year(), Month: first.Month()}
}

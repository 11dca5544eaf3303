package reconcile

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/prior"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// skew sets how much earlier than a call's request a charge may say that it was made: what two clocks differ by.
const skew = 30 * time.Second

// BookCorrections keeps what came to light about closed months, for the next open month to bear: calls that reached the
// journal late, lines that came late or were withdrawn, and doubts that were settled late. What closed months bear
// stays; the rest is found anew. With nothing new it changes nothing.
func BookCorrections(ctx context.Context, r *Task) error {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return err
	}
	found, err := findCorrections(ctx, r, snap)
	if err := errors.Join(err, snap.Close()); err != nil {
		return fmt.Errorf("look for corrections: %w", err)
	}
	for closure, rows := range found {
		if err := r.Store.Months().ReplaceCorrections(ctx, time.Now(), closure, rows); err != nil {
			return err
		}
	}
	return nil
}

// findCorrections finds those of all closures that open months bear. Months that were opened again have none.
func findCorrections(
	ctx context.Context, r *Task, snap *snapshot.Snapshot,
) (map[int64][]accounts.CorrectionRow, error) {
	all, err := snap.Months().Closures(ctx, "")
	if err != nil {
		return nil, err
	}
	b := books{Task: r, snap: snap, closed: map[string]bool{}, shut: map[string]bool{}}
	if b.scopes, err = snap.Statements().Scopes(ctx, ""); err != nil {
		return nil, err
	}
	if err := b.loadGates(ctx); err != nil {
		return nil, err
	}
	for _, c := range all {
		if isClosed(c) {
			b.closed[c.Month] = true
		}
	}
	found := map[int64][]accounts.CorrectionRow{}
	for _, c := range all {
		found[c.ID] = nil
		if !isClosed(c) {
			continue
		}
		if found[c.ID], err = b.of(ctx, c); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Month, err)
		}
	}
	return found, nil
}

func isClosed(c accounts.Closure) bool { return !c.SealedAt.IsZero() && c.ReopenedAt.IsZero() }

// books holds what all months' corrections are found with.
type books struct {
	*Task
	snap   *snapshot.Snapshot
	closed map[string]bool
	shut   map[string]bool // months from whose statements nothing follows
	scopes []accounts.StatementScope
}

// loadGates reads from which months' statements nothing follows.
func (b *books) loadGates(ctx context.Context) error {
	seen := map[string]bool{}
	for _, c := range b.scopes {
		if seen[c.Month] {
			continue
		}
		seen[c.Month] = true
		standing, err := b.snap.Reconciliations().Current(ctx, c.Month)
		if err != nil {
			return err
		}
		if standing == nil {
			continue
		}
		found, err := b.snap.Reconciliations().Gate(ctx, standing.ID)
		if err != nil {
			return err
		}
		b.shut[c.Month] = found.State == accounts.GateShut || found.Offset != 0
	}
	return nil
}

// openFrom returns the first month from one on that is open.
func (b *books) openFrom(month billing.Period) billing.Period {
	for b.closed[month.String()] {
		month = month.Plus(1)
	}
	return month
}

// bearer returns the month that bears what a statement says about a closed month.
func (b *books) bearer(home billing.Period, invoice string) (billing.Period, error) {
	from := home.Plus(1)
	if invoice != "" {
		month, err := billing.ParsePeriod(invoice)
		if err != nil {
			return from, err
		}
		if from.Before(month) {
			from = month
		}
	}
	return b.openFrom(from), nil
}

// of finds the corrections of one closed month that open months bear.
func (b *books) of(ctx context.Context, c accounts.Closure) ([]accounts.CorrectionRow, error) {
	n, err := b.newNews(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := n.load(ctx); err != nil || !n.any() {
		return nil, err
	}
	if err := n.loadItems(ctx); err != nil {
		return nil, err
	}
	var rows []accounts.CorrectionRow
	for _, row := range n.month.Rows() {
		rows = append(rows, n.record(row))
	}
	return rows, nil
}

// record translates a row to the record it is kept as.
func (n *news) record(r *prior.Row) accounts.CorrectionRow {
	c := accounts.CorrectionRow{ClosureID: n.closure.ID, Month: n.closure.Month, BorneBy: r.Bearer, Kind: string(r.Kind), CallID: r.Call,
		StatementID: r.Statement, Line: r.Line, Endpoint: r.Endpoint, Region: r.Region, Currency: r.Currency,
		Quantity: r.Quantity, Most: r.Most.String(), Right: r.Right.String(), TheirQuantity: r.TheirQuantity,
		Theirs: r.Theirs.String(), Class: string(r.Class), Note: r.Note, Own: r.Own}
	if r.Priced {
		c.Amount = r.Amount.String()
	}
	if gross, taxed := n.gross[lineKey{r.Statement, r.Line}]; taxed {
		if c.Theirs = gross.String(); r.Theirs.IsNegative() != gross.IsNegative() {
			c.Theirs = gross.Neg().String()
		}
	}
	return c
}

// bookOf returns the price book that a month was closed with. One that was closed without prices and zone has the
// present one.
func (b *books) bookOf(c accounts.Closure) (*billing.Book, error) {
	book, err := bookIn(c.Settings, time.LoadLocation)
	switch {
	case err != nil:
		return nil, fmt.Errorf("prices that %s was closed with: %w", c.Month, err)
	case book == nil:
		return b.Prices, nil
	}
	return book, nil
}

// bookIn returns the price book of settings as they are kept, nil where they have none.
func bookIn(settings string, load func(zone string) (*time.Location, error)) (*billing.Book, error) {
	if !strings.Contains(settings, `"prices"`) {
		return nil, nil
	}
	return billing.ParseBook(settings, load)
}

// lineName names a line of a statement.
func (b *books) lineName(statement, line int64) string {
	for _, c := range b.scopes {
		if c.StatementID == statement {
			return fmt.Sprintf("%s line %d", filepath.Base(c.Path), line)
		}
	}
	return fmt.Sprintf("line %d of statement %d", line, statement)
}

// decimalOf reads an amount that is kept; "" is zero.
func decimalOf(text string) (decimal.Decimal, error) {
	if text == "" {
		return decimal.Decimal{}, nil
	}
	return decimal.NewFromString(text)
}

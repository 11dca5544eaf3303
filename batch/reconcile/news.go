package reconcile

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/prior"
	"liverecon/batch/statement"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// news holds what came to light about one closed month.
type news struct {
	*books
	closure   accounts.Closure
	period    billing.Period
	from, to  time.Time
	month     prior.Month
	kept      []accounts.CorrectionRow
	hasLate   bool
	doubts    []snapshot.InDoubtCall
	resolved  map[int64]bool                     // doubts of the month's own reconciliation: whether they are billed
	elsewhere map[int64]accounts.BilledElsewhere // doubts that other months' reconciliations bill
	scopes    []accounts.StatementScope          // that the month was reconciled with
	byCall    map[int64]accounts.ReconciledRow   // exceptions of its reconciliation, by call
	totals    map[*billing.Price]int64           // charges described so far
	gross     map[lineKey]decimal.Decimal        // amounts of lines with the tax that they include
}

type lineKey struct{ statement, line int64 }

func (b *books) newNews(ctx context.Context, c accounts.Closure) (*news, error) {
	n := &news{books: b, closure: c, elsewhere: map[int64]accounts.BilledElsewhere{}, resolved: map[int64]bool{},
		byCall: map[int64]accounts.ReconciledRow{}, gross: map[lineKey]decimal.Decimal{}}
	var err error
	if n.period, err = billing.ParsePeriod(c.Month); err != nil {
		return nil, err
	}
	n.month = prior.Month{Name: c.Month, Bearer: b.openFrom(n.period.Plus(1)).String(), Skew: skew, Window: b.Window}
	if n.month.Book, err = b.bookOf(c); err == nil {
		n.from, n.to = n.month.Book.Months().Bounds(n.period)
	}
	return n, err
}

// load reads all but the month's calls.
func (n *news) load(ctx context.Context) (err error) {
	if n.kept, err = n.snap.Months().Kept(ctx, n.closure.ID); err != nil {
		return err
	}
	if n.hasLate, err = n.snap.Months().HasLateCalls(ctx, n.closure, n.from, n.to); err != nil {
		return err
	}
	if err = n.snap.Calls().EachInDoubt(ctx, n.from, n.to, func(d snapshot.InDoubtCall) error {
		n.doubts = append(n.doubts, d)
		return nil
	}); err != nil {
		return err
	}
	settled, err := n.snap.Months().BilledElsewhere(ctx, n.closure, n.from, n.to)
	if err != nil {
		return err
	}
	for _, s := range settled {
		n.elsewhere[s.CallID] = s
	}
	if n.closure.ReconciliationID != 0 {
		if err := n.loadReconciled(ctx); err != nil {
			return err
		}
	}
	return n.loadLines(ctx)
}

func (n *news) loadReconciled(ctx context.Context) (err error) {
	settled, err := n.snap.Reconciliations().Resolutions(ctx, n.closure.ReconciliationID)
	for _, s := range settled {
		n.resolved[s.CallID] = s.Billed
	}
	if err == nil {
		n.scopes, err = n.snap.Reconciliations().Scopes(ctx, n.closure.ReconciliationID)
	}
	return err
}

// loadLines reads the lines that are new, and those that were withdrawn: what stands by now beside what the month's
// reconciliation has, and what closed months bear of it.
func (n *news) loadLines(ctx context.Context) error {
	booked := map[lineKey]int{} // by months that are closed themselves
	right := map[lineKey]accounts.CorrectionRow{}
	for _, k := range n.kept {
		key := lineKey{k.StatementID, k.Line}
		switch {
		case k.Line == 0 || k.Own:
		case k.Kind == accounts.LineWithdrawn:
			booked[key]--
		default:
			booked[key]++
			right[key] = k
		}
	}
	statements := n.snap.Statements()
	err := statements.EachLineSince(ctx, n.closure, func(id int64, withdrawn bool, l *accounts.StatementLine) error {
		key := lineKey{id, l.Line}
		add, known := booked[key], booked[key] != 0
		delete(booked, key)
		if known && withdrawn == (add < 0) { // a closed month has booked it already
			return nil
		}
		return n.addLine(id, withdrawn, l)
	})
	for key, times := range booked {
		if err != nil || times == 0 {
			continue
		}
		var l accounts.StatementLine
		var stands bool
		if l, stands, err = statements.Line(ctx, key.statement, key.line); err != nil || stands == (times > 0) {
			continue
		}
		if err = n.addLine(key.statement, !stands, &l); err == nil && !stands {
			err = n.withdrawKept(right[key])
		}
	}
	slices.SortFunc(n.month.Lines, func(a, b *prior.Line) int {
		return cmp.Or(cmp.Compare(a.Statement, b.Statement), cmp.Compare(a.Number, b.Number))
	})
	return err
}

// addLine adds a line that is new, or was withdrawn.
func (n *news) addLine(id int64, withdrawn bool, l *accounts.StatementLine) error {
	line, err := readLine(l)
	if err != nil || line.Kind == statement.Total ||
		line.Kind == statement.Usage && !line.Other && !statement.IsBill(line.Amount, line.Quantity, line.Pricing) {
		return err
	}
	invoice := n.invoiceOf(id)
	if withdrawn {
		invoice = n.invoiceOf(n.supersederOf(id, l.Endpoint))
	}
	bearer, err := n.bearer(n.period, invoice)
	if line.Other { // its transaction is none of our calls'
		line.TransactionID = ""
	}
	amount := line.Amount
	if usage := line.Kind == statement.Usage && !line.Other; usage && !n.TaxRate.IsZero() {
		amount = amount.DivRound(n.TaxRate.Add(decimal.NewFromInt(1)), billing.MaxDecimals)
		n.gross[lineKey{id, l.Line}] = line.Amount
	}
	n.month.Lines = append(n.month.Lines, &prior.Line{Statement: id, Number: l.Line, Bearer: bearer.String(),
		Usage: line.Kind == statement.Usage && !line.Other, TransactionID: line.TransactionID, At: l.ChargedAt, DayOnly: l.DateOnly,
		Endpoint: l.Endpoint, Region: n.regionOf(l), Currency: l.Currency, Quantity: l.Quantity, Amount: amount,
		Withdrawn: withdrawn})
	return err
}

// withdrawKept notes what was owed of the last line added, which a closed month bears.
func (n *news) withdrawKept(k accounts.CorrectionRow) (err error) {
	l := n.month.Lines[len(n.month.Lines)-1]
	l.Call, l.Class = k.CallID, billing.Class(k.Class)
	l.Right, err = decimalOf(k.Right)
	return err
}

// regionOf returns a line's region, as far as requests to its endpoint name one.
func (n *news) regionOf(l *accounts.StatementLine) string {
	if l.Endpoint != "" && n.SendsRegion != nil && !n.SendsRegion(l.Endpoint) {
		return ""
	}
	return l.Region
}

func (n *news) invoiceOf(statement int64) string {
	for _, c := range n.books.scopes {
		if c.StatementID == statement {
			return c.InvoiceMonth
		}
	}
	return ""
}

func (n *news) supersederOf(statement int64, endpoint string) int64 {
	for _, c := range n.books.scopes {
		if c.StatementID == statement && c.Month == n.closure.Month && c.Endpoint == endpoint && c.SupersededBy != 0 {
			return c.SupersededBy
		}
	}
	return statement
}

// any reports whether there may be anything to bear.
func (n *news) any() bool {
	return n.hasLate || len(n.month.Lines) > 0 || len(n.elsewhere) > 0 ||
		slices.ContainsFunc(n.doubts, func(d snapshot.InDoubtCall) bool {
			_, settled := n.resolved[d.CallID]
			return !settled
		})
}

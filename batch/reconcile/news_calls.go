package reconcile

import (
	"context"
	"fmt"
	"math"
	"slices"

	"liverecon/batch/billing"
	"liverecon/batch/prior"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// loadItems reads the calls that may matter: late ones, doubts, and those that lines may be about.
func (n *news) loadItems(ctx context.Context) error {
	if err := n.loadRows(ctx); err != nil {
		return err
	}
	calls, err := n.calls(ctx)
	if err != nil {
		return err
	}
	if err := n.countCharges(ctx, calls); err != nil {
		return err
	}
	for i := range calls {
		item, err := n.item(&calls[i])
		if err != nil {
			return err
		}
		n.month.Items = append(n.month.Items, item)
	}
	return n.applyKept()
}

// loadRows reads the rows of the month's reconciliation about calls that no line bills, and about withdrawn lines.
func (n *news) loadRows(ctx context.Context) error {
	if n.closure.ReconciliationID == 0 || len(n.month.Lines) == 0 {
		return nil
	}
	gone := map[lineKey]*prior.Line{}
	for _, l := range n.month.Lines {
		if l.Withdrawn {
			gone[lineKey{l.Statement, l.Number}] = l
		}
	}
	return n.snap.Reconciliations().Each(ctx, n.closure.ReconciliationID, len(gone) == 0, 0, math.MaxInt,
		func(r *accounts.ReconciledRow) error {
			if l := gone[lineKey{r.StatementID, r.Line}]; l != nil && r.Line != 0 {
				return n.withdraw(l, r)
			}
			if r.CallID != 0 && r.Class != string(billing.Matched) {
				n.byCall[r.CallID] = *r
			}
			if r.CallID == 0 && r.Line == 0 && r.OurQuantity > 0 {
				amount, err := decimalOf(r.OurAmount)
				n.month.Pools = append(n.month.Pools, &prior.Pool{Endpoint: r.Endpoint, Region: r.Region,
					Currency: r.Currency, Quantity: r.OurQuantity, Amount: amount})
				return err
			}
			return nil
		})
}

// withdraw notes what of a line that stands no more was owed when the month was reconciled.
func (n *news) withdraw(l *prior.Line, r *accounts.ReconciledRow) error {
	ours, err := decimalOf(r.OurAmount)
	if err != nil {
		return err
	}
	explained, err := decimalOf(r.Explained)
	if err != nil {
		return err
	}
	l.Call, l.Class, l.Right = r.CallID, billing.Class(r.Class), ours.Add(explained)
	if !l.Class.Open() {
		l.Right = l.Amount
	}
	return nil
}

// calls reads the month's calls, or no more of them than the doubts where neither a late call nor a line is news.
func (n *news) calls(ctx context.Context) ([]snapshot.JournalCall, error) {
	var all []snapshot.JournalCall
	if !n.hasLate && len(n.month.Lines) == 0 {
		for _, d := range n.doubts {
			all = append(all, snapshot.JournalCall{CallID: d.CallID, CheckID: d.CheckID, SentAt: d.At, Endpoint: d.Endpoint,
				Region: d.Region, Outcome: d.Outcome, Tag: store.TagUnknown, Code: d.Code, TransactionID: d.TransactionID})
		}
		return all, nil
	}
	err := n.snap.Calls().EachOfMonth(ctx, n.closure.Month, n.from, n.to, func(c *snapshot.JournalCall) error {
		if !c.SentAt.Before(n.from) && c.SentAt.Before(n.to) {
			all = append(all, *c)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b snapshot.JournalCall) int { return a.SentAt.Compare(b.SentAt) })
	return all, err
}

// charge returns what a call is by the contract's reading.
func (n *news) charge(c *snapshot.JournalCall) billing.Tag {
	call := matchedCall(c)
	return n.Basis.Charge(true, c.Outcome == store.Answered, call.Tag, c.Code)
}

// countCharges counts the month's charges as it was closed, by the row of the price book that prices them.
func (n *news) countCharges(ctx context.Context, calls []snapshot.JournalCall) error {
	n.month.Charges = map[*billing.Price]int64{}
	late := map[*billing.Price]int64{}
	for i := range calls {
		c := &calls[i]
		price, ok := n.month.Book.Lookup(c.Endpoint, c.Region, c.SentAt)
		switch charge := n.charge(c); {
		case !ok:
		case c.CallID > n.closure.LastCall && charge == billing.Pay:
			late[price]++
		case charge == billing.Unknown && n.resolved[c.CallID]:
			n.month.Charges[price]++
		}
	}
	usage, err := n.snap.Calls().Usage(ctx, n.from, n.to)
	for _, u := range usage {
		price, ok := n.month.Book.Lookup(u.Endpoint, u.Region, u.Quarter)
		tag := billing.Free
		switch u.Tag {
		case store.TagPay:
			tag = billing.Pay
		case store.TagUnknown:
			tag = billing.Unknown
		}
		if ok && n.Basis.Charge(u.Outcome != store.Unsent, u.Outcome == store.Answered, tag, u.Code) == billing.Pay {
			n.month.Charges[price] += u.Calls
		}
	}
	for price, calls := range late {
		n.month.Charges[price] -= calls
	}
	n.totals = map[*billing.Price]int64{}
	return err
}

// item returns a call, with what the month's reconciliation made of it.
func (n *news) item(c *snapshot.JournalCall) (*prior.Item, error) {
	i := &prior.Item{Call: c.CallID, SentAt: c.SentAt, Endpoint: c.Endpoint, Region: c.Region,
		TransactionID: c.TransactionID, Late: c.CallID > n.closure.LastCall, State: prior.Free}
	switch n.charge(c) {
	case billing.Pay:
		return i, n.describeCharge(i)
	case billing.Unknown:
		n.describeInDoubt(i)
	}
	return i, nil
}

// describeCharge words what a charge is accrued at, or that it is billed.
func (n *news) describeCharge(i *prior.Item) (err error) {
	i.State = prior.Accrued
	price, priced := n.month.Book.Lookup(i.Endpoint, i.Region, i.SentAt)
	if priced && !i.Late { // by its place among the month's own
		total := n.month.Charges[price]
		n.totals[price]++
		i.Amount = price.Unit(price.Slot(min(n.totals[price], total), total))
	}
	row, open := n.byCall[i.Call]
	switch {
	case i.Late:
	case open && row.Line == 0:
		i.Amount, err = decimalOf(row.OurAmount)
	case open:
		i.State, i.BilledOn = prior.Billed, n.lineName(row.StatementID, row.Line)
	case n.about(i.Endpoint):
		i.State, i.BilledOn = prior.Billed, "the statement that "+n.closure.Month+" was closed with"
	}
	return err
}

// about reports whether the month was reconciled with a statement about an endpoint.
func (n *news) about(endpoint string) bool {
	return slices.ContainsFunc(n.scopes, func(c accounts.StatementScope) bool {
		return c.UsageLines > 0 && (c.Endpoint == "" || c.Endpoint == endpoint)
	})
}

func (n *news) describeInDoubt(i *prior.Item) {
	billed, settled := n.resolved[i.Call]
	switch {
	case settled && billed:
		i.State, i.BilledOn = prior.Billed, "the statement that "+n.closure.Month+" was closed with"
		return
	case settled:
		i.State = prior.InDoubt // not billed then; a line may bill it yet
		return
	}
	i.State, i.Ceiling = prior.InDoubt, !i.Late
	if s, known := n.elsewhere[i.Call]; known {
		amount, err := decimalOf(s.TheirAmount)
		i.Elsewhere = &prior.Line{Statement: s.StatementID, Number: s.Line, Bearer: s.Month, Usage: true,
			Currency: s.Currency, Quantity: s.TheirQuantity, Amount: amount}
		if err != nil || n.closed[s.Month] {
			i.Elsewhere = nil
		}
		return
	}
	i.Silence = n.silence(i)
}

// silence returns the month that bears that no statement bills a doubt; "" while one may still do.
func (n *news) silence(i *prior.Item) string {
	invoice := ""
	if !n.complete(n.scopes, i.Endpoint) {
		late := slices.DeleteFunc(slices.Clone(n.books.scopes), func(c accounts.StatementScope) bool {
			return c.Month != n.closure.Month || c.SupersededBy != 0
		})
		if !n.complete(late, i.Endpoint) {
			return ""
		}
		invoice = earliest(late)
	}
	awaited := false
	for _, edge := range []struct {
		near  bool
		month billing.Period
	}{
		{i.SentAt.Before(n.from.Add(n.Edge)), n.period.Plus(-1)},
		{!i.SentAt.Before(n.to.Add(-n.Edge)), n.period.Plus(1)},
	} {
		if !edge.near {
			continue
		}
		silent := n.imported(edge.month.String(), i.Endpoint)
		if len(silent) == 0 || n.shut[edge.month.String()] {
			return ""
		}
		awaited, invoice = true, max(invoice, earliest(silent))
	}
	if invoice == "" && !awaited && !i.Late {
		return ""
	}
	bearer, err := n.bearer(n.period, invoice)
	if err != nil {
		return ""
	}
	return bearer.String()
}

func earliest(scopes []accounts.StatementScope) string {
	first := ""
	for _, c := range scopes {
		if first == "" || c.InvoiceMonth < first {
			first = c.InvoiceMonth
		}
	}
	return first
}

// complete reports whether statements show single calls of an endpoint, and nothing else of it.
func (n *news) complete(scopes []accounts.StatementScope, endpoint string) bool {
	about := false
	for _, c := range scopes {
		if c.UsageLines > 0 && (c.Endpoint == "" || c.Endpoint == endpoint) {
			if !c.Itemised {
				return false
			}
			about = true
		}
	}
	return about
}

// imported returns what stands in a month about an endpoint. A statement about endpoints that share one with it counts
// as well: where no line of it names the endpoint, there was nothing to bill.
func (n *news) imported(month, endpoint string) (found []accounts.StatementScope) {
	together := map[string]bool{endpoint: true, "": true}
	for _, c := range n.scopes {
		if c.Endpoint != endpoint {
			continue
		}
		for _, other := range n.scopes {
			together[other.Endpoint] = together[other.Endpoint] || other.StatementID == c.StatementID
		}
	}
	for _, c := range n.books.scopes {
		if c.Month == month && c.SupersededBy == 0 && c.UsageLines > 0 && together[c.Endpoint] {
			found = append(found, c)
		}
	}
	return found
}

// applyKept takes into account what closed months bear already.
func (n *news) applyKept() error {
	items := map[int64]*prior.Item{}
	for _, i := range n.month.Items {
		items[i.Call] = i
	}
	for _, k := range n.kept {
		i := items[k.CallID]
		if i == nil {
			continue
		}
		amount, err := decimalOf(k.Amount)
		if err != nil {
			return fmt.Errorf("correction of call %d: %w", k.CallID, err)
		}
		if price, ok := n.month.Book.Lookup(i.Endpoint, i.Region, i.SentAt); ok {
			n.month.Charges[price] += k.Quantity
		}
		i.Late = false
		switch {
		case k.Kind == accounts.LineWithdrawn:
			i.State = prior.Accrued
		case k.Line != 0:
			i.State, i.BilledOn = prior.Billed, n.lineName(k.StatementID, k.Line)
		case k.Kind == accounts.LateCall:
			i.Amount = amount
		case k.Kind == accounts.LateDoubt:
			i.Ceiling = true
		case k.Kind == accounts.DoubtNotBilled:
			i.Ceiling, i.Silence = false, ""
		case k.Kind == accounts.DoubtBilled:
			i.State = prior.Billed
		}
	}
	return nil
}

package reconcile

import (
	"context"
	"errors"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/payable"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// paidElsewhere lists the months of the invoices that the given ones propose a part of: it is rounded there.
func paidElsewhere(ctx context.Context, r *Task, months []billing.Period) (all []billing.Period, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	for _, month := range months {
		scopes, err := snap.Statements().Scopes(ctx, month.String())
		if err != nil {
			return nil, err
		}
		for _, s := range scopes {
			invoiced, err := billing.ParsePeriod(s.InvoiceMonth)
			if err == nil && s.SupersededBy == 0 && !slices.Contains(months, invoiced) {
				all = append(all, invoiced)
			}
		}
	}
	return all, nil
}

// payables returns what of a month's invoices is to be kept: where there are several, each is paid for itself, and one
// with lines of other months is paid with what these propose of it.
func payables(
	ctx context.Context, r *Task, snap *snapshot.Snapshot, month billing.Period, all []payable.Invoice,
) (kept []accounts.Payable, err error) {
	scopes, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return nil, err
	}
	split := map[int64]bool{}
	for _, s := range scopes {
		split[s.StatementID] = split[s.StatementID] || s.SupersededBy == 0 && s.Month != month.String()
	}
	elsewhere, err := snap.Reconciliations().PayablesElsewhere(ctx, month.String())
	if err != nil {
		return nil, err
	}
	minor := billing.ParseKept(r.Settings(r.Prices)).MinorUnit
	for _, i := range payable.Kept(all, func(id int64) bool { return split[id] }) {
		for _, e := range elsewhere {
			if e.StatementID != i.StatementID || e.Currency != i.Currency {
				continue
			}
			other := payable.Invoice(e)
			i.Elsewhere = i.Elsewhere.Add(other.Exact(decimal.Zero))
			i.PaidElsewhere = i.PaidElsewhere.Add(other.Pay(decimal.Zero, minor(i.Currency)))
		}
		kept = append(kept, accounts.Payable(i))
	}
	return kept, nil
}

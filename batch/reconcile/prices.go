package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/store/snapshot"
)

// BookOf returns the prices of an open month: those that it was reconciled with, whatever the configuration says by
// now, and the present ones of what had none. differs reports that the present ones would price it otherwise. A month
// that was not reconciled has the present ones. A month that was reconciled with months that begin on another day is
// a *billing.StartsError: its calls and lines would be others.
func BookOf(
	ctx context.Context, snap *snapshot.Snapshot, month billing.Period, present *billing.Book,
) (book *billing.Book, differs bool, err error) {
	standing, err := snap.Reconciliations().Current(ctx, month.String())
	if err != nil || standing == nil {
		return present, false, err
	}
	earlier, err := bookIn(standing.Settings, func(string) (*time.Location, error) { return present.Location, nil })
	if err != nil || earlier == nil {
		return present, false, err
	}
	if was, is := max(1, earlier.Starts), max(1, present.Starts); was != is {
		return nil, false, fmt.Errorf("%w: %w", batch.ErrInput, &billing.StartsError{Month: month, Was: was, Is: is})
	}
	if book, differs, err = present.Keep(month, earlier); err != nil {
		return nil, false, fmt.Errorf("prices that %s was reconciled with: %w", month, err)
	}
	return book, differs, nil
}

// atItsPrices returns the task with the prices of a month: its own unless it is to be priced anew.
func atItsPrices(
	ctx context.Context, r *Task, snap *snapshot.Snapshot, month billing.Period, reprice bool,
) (*Task, bool, error) {
	book, differs, err := BookOf(ctx, snap, month, r.Prices)
	var starts *billing.StartsError
	if reprice && errors.As(err, &starts) {
		return r, false, nil
	}
	if err != nil || !differs || reprice {
		return r, false, err
	}
	its := *r
	its.Prices = book
	return &its, true, nil
}

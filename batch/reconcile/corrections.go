package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/store"
)

// BookCorrections keeps what came to light about closed months, priced, for the next open month to bear: calls that
// reached the journal late, and doubts that a later statement settled. With nothing new it changes nothing.
func BookCorrections(ctx context.Context, s *store.Store, prices *billing.Book, zone *time.Location) error {
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	found, err := snap.Months().NewCorrections(ctx, func(month string) (from, to time.Time, err error) {
		period, err := billing.ParsePeriod(month)
		from, to = period.Bounds(zone)
		return from, to, err
	})
	if err == nil {
		err = priceLate(ctx, snap, prices, zone, found)
	}
	if err := errors.Join(err, snap.Close()); err != nil {
		return fmt.Errorf("look for corrections: %w", err)
	}
	return s.Months().AddCorrections(ctx, time.Now(), found)
}

// priceLate gives late calls that were paid what they add to their month, in the order they came, at the prices that
// the month was closed with.
func priceLate(
	ctx context.Context, snap *store.Snapshot, prices *billing.Book, zone *time.Location, found []store.CorrectionRow,
) error {
	if len(found) == 0 {
		return nil
	}
	books, err := closedBooks(ctx, snap, prices)
	if err != nil {
		return err
	}
	counts := map[string]map[*billing.Price]int64{} // by month
	late := func(c *store.CorrectionRow) (*billing.Price, bool) {
		price, ok := books[c.ClosureID].Lookup(c.Endpoint, c.Region, c.SentAt)
		return price, ok && c.Kind == store.LateCall && c.Tag == store.TagPay
	}
	for i := range found {
		c := &found[i]
		price, ok := late(c)
		if !ok {
			continue
		}
		if counts[c.Month] == nil {
			var err error
			if counts[c.Month], err = paidCalls(ctx, snap, books[c.ClosureID], zone, c.Month); err != nil {
				return err
			}
		}
		counts[c.Month][price]-- // the count has the late ones
	}
	for i := range found {
		c := &found[i]
		if c.Kind == store.LateCall && c.Tag == store.TagPay {
			c.Quantity = 1
		}
		if price, ok := late(c); ok {
			c.Currency, c.Amount = price.Currency, price.Marginal(counts[c.Month][price], 1).String()
			counts[c.Month][price]++
		}
	}
	return nil
}

// closedBooks are the price books that months were closed with, by closure. One that was kept without prices and zone
// has the present ones.
func closedBooks(ctx context.Context, snap *store.Snapshot, prices *billing.Book) (map[int64]*billing.Book, error) {
	closed, err := snap.Months().Closures(ctx, "")
	books := map[int64]*billing.Book{}
	for _, c := range closed {
		if books[c.ID] = prices; !strings.Contains(c.Settings, `"prices"`) {
			continue
		}
		if books[c.ID], err = billing.ParseBook(c.Settings, time.LoadLocation); err != nil {
			return nil, fmt.Errorf("prices that %s was closed with: %w", c.Month, err)
		}
	}
	return books, err
}

// paidCalls counts a month's calls tagged PAY by the row of the price book that prices them.
func paidCalls(
	ctx context.Context, snap *store.Snapshot, prices *billing.Book, zone *time.Location, month string,
) (map[*billing.Price]int64, error) {
	period, err := billing.ParsePeriod(month)
	if err != nil {
		return nil, err
	}
	from, to := period.Bounds(zone)
	usage, err := snap.Calls().Usage(ctx, from, to)
	counts := map[*billing.Price]int64{}
	for _, u := range usage {
		if price, ok := prices.Lookup(u.Endpoint, u.Region, u.Quarter); ok && u.Tag == store.TagPay {
			counts[price] += u.Calls
		}
	}
	return counts, err
}

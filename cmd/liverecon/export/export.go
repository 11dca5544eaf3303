// Package export writes the database of a configuration as Parquet files, into a directory or into storage.
package export

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/objects"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/parquet"
)

// Request describes one export.
type Request struct {
	To      string // a directory; "" for the places of the configuration
	Which   parquet.Which
	WithIDs bool
}

// place represents where an export goes; it is closed when that has ended.
type place interface {
	parquet.Place
	Close() error
}

// Done represents what became of the months in one place.
type Done struct {
	To     string
	Months []parquet.Written
	Err    error // nothing was written behind what Months has
}

// Run writes an export to each place that is asked for. What goes wrong in one of them does not keep it from another.
func Run(ctx context.Context, c *config.Config, s *store.Store, r Request) (all []Done) {
	var directories []string
	switch {
	case r.To != "":
		directories = []string{r.To}
	case c.Export.Directory != "":
		directories = []string{c.Export.Directory}
	}
	for _, name := range directories {
		open := func() (place, error) { return parquet.OpenDirectory(name) }
		all = append(all, to(ctx, name, open, s, options(c, r), r, nil))
	}
	if r.To == "" && c.Export.Bucket != nil {
		all = append(all, toBucket(ctx, c, s, r))
	}
	return all
}

func toBucket(ctx context.Context, c *config.Config, s *store.Store, r Request) Done {
	name := "s3 bucket " + c.Export.Bucket.Name
	bucket, err := objects.Open(c.Export.Bucket, c.Proxy.Of(), config.Version())
	if err != nil {
		return Done{To: name, Err: err}
	}
	open := func() (place, error) { return newBucketPlace(bucket) }
	return to(ctx, name, open, s, options(c, r), r, bucket.Secrets())
}

// to writes to one place.
func to(
	ctx context.Context, name string, open func() (place, error), s *store.Store, o parquet.Options, r Request,
	secrets []string,
) Done {
	p, err := open()
	if err != nil {
		return Done{To: name, Err: fmt.Errorf("%s: %w", name, err)}
	}
	months, err := parquet.Export(ctx, s, p, r.Which, o)
	if err = errors.Join(err, p.Close()); err != nil {
		err = hide(err, secrets)
	}
	return Done{name, months, err}
}

// hide takes secrets out of an error, and what could do something to a terminal.
func hide(err error, secrets []string) error {
	text := clean.Text(err.Error())
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, "...")
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}

func options(c *config.Config, r Request) parquet.Options {
	return parquet.Options{Months: c.BillingMonths(), Zone: c.Zone, WithIDs: r.WithIDs, Columns: c.Export.Columns,
		Version: config.Version(),
		Prices: func(month calendar.Period, settings string) []parquet.Price {
			return prices(bookOf(c, settings), month)
		},
		Settings: parquet.Settings{Threshold: c.Threshold, Inclusive: c.Inclusive, Basis: string(c.Reconciling.Basis),
			Clock: string(c.Clock)}}
}

// bookOf returns the prices that a month was closed with, those of the configuration for an open one.
func bookOf(c *config.Config, settings string) *billing.Book {
	if strings.Contains(settings, `"prices"`) {
		if book, err := billing.ParseBook(settings, time.LoadLocation); err == nil {
			return book
		}
	}
	return c.Prices
}

// prices returns the rows of the price book that are in force in a month, a tier each.
func prices(book *billing.Book, month calendar.Period) (all []parquet.Price) {
	if book == nil {
		return nil
	}
	period, err := billing.ParsePeriod(month.Label)
	if err != nil {
		return nil // it is no month
	}
	for _, p := range book.InForce(period) {
		for i, t := range p.Tiers {
			row := parquet.Price{Endpoint: p.Endpoint, Region: p.Region, Currency: p.Currency,
				From: calendar.DateOf(p.From), To: calendar.DateOf(p.To), Kind: string(p.Kind), Tier: i + 1,
				UpTo: t.UpTo, Unit: t.Unit.String(), FreeQuota: p.FreeQuota}
			if p.Minimum.IsPositive() {
				row.Minimum = p.Minimum.String()
			}
			all = append(all, row)
		}
	}
	return all
}

package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"liverecon/batch/billing"
	"liverecon/batch/usage"
)

// UnpricedError reports that a cap on money cannot count some calls, for want of a price. It is bad input (ErrInput).
type UnpricedError struct {
	Endpoint, Region string
	Cap              string    // name of the cap, of calls that were made
	Made             int64     // calls of the cap's period, counting every doubt; 0: IDs to be asked have no price
	Since            time.Time // when the first of them was made
	IDs              int64     // to be asked

	// Row is the price row that is missing. Of one that no run ever used the terms are not known: it has no tiers. One
	// without an endpoint was named by an error before.
	Row    billing.Price
	Begins *billing.Price // the row to begin earlier instead, since both would have terms of a whole month; nil: none
	Zone   *time.Location // of their dates
}

func (e *UnpricedError) Error() string {
	if e.Made == 0 {
		return fmt.Sprintf("a spend cap is set, but endpoint %s has no price for region %s (%s IDs)",
			e.Endpoint, e.Region, humanize.Comma(e.IDs))
	}
	made, have := int(e.Made), english.PluralWord(int(e.Made), "has", "have")
	return fmt.Sprintf("%s: %s %s of endpoint %s, region %s, since %s %s no price: the cap can't count what they cost",
		e.Cap, humanize.Comma(e.Made), english.PluralWord(made, "call", ""), e.Endpoint, e.Region,
		e.Since.In(e.Zone).Format(time.DateOnly), have)
}

// Unwrap marks it as bad input.
func (e *UnpricedError) Unwrap() error { return ErrInput }

// unpriced refuses a cap on money that some calls would escape for want of a price: calls to be made, and calls of its
// period that were made when there was one, or no cap.
func unpriced(ctx context.Context, job *Job, plan *Plan, spent *usage.Month, now time.Time) error {
	if len(job.Caps.Run.Limit)+len(job.Caps.Day.Limit)+len(job.Caps.Month.Limit) == 0 {
		return nil
	}
	var missing []*UnpricedError
	for _, u := range spent.Meter(job.Caps, now).Unpriced() {
		e := &UnpricedError{Endpoint: u.Endpoint, Region: u.Region, Cap: u.Cap, Made: u.Calls, Since: u.Since}
		missing = append(missing, suggest(job, e, spent, u.Since))
	}
	for _, l := range plan.Endpoints {
		for _, r := range l.calls(l.InDoubt) {
			_, priced := job.Prices.Lookup(l.Endpoint, r.Region, now)
			if priced || !l.Configured || named(missing, l.Endpoint, r.Region) {
				continue
			}
			e := &UnpricedError{Endpoint: l.Endpoint, Region: r.Region, IDs: r.Calls}
			missing = append(missing, suggest(job, e, spent, now))
		}
	}
	return errors.Join(nameOnce(missing)...)
}

// named reports if the price of a region is missed already.
func named(missing []*UnpricedError, endpoint, region string) bool {
	return slices.ContainsFunc(missing, func(e *UnpricedError) bool {
		return e.Endpoint == endpoint && e.Region == region
	})
}

// suggest adds the row that is missing: the one that priced the calls when they were made, within the dates that the
// present book leaves.
func suggest(job *Job, e *UnpricedError, spent *usage.Month, at time.Time) *UnpricedError {
	e.Zone = job.BillingZone
	from, _ := job.Prices.Months().Bounds(job.Prices.PeriodOf(at))
	e.Row = billing.Price{Endpoint: e.Endpoint, Region: e.Region, From: from}
	pooled := func(p *billing.Price) bool { return p.Endpoint == e.Endpoint && p.Region == "*" }
	if slices.ContainsFunc(job.Prices.Rows(), pooled) {
		e.Row.Region = "*" // it goes on where that one ends
	}
	if was, ok := spent.MadeAt(e.Endpoint, e.Region, at); ok {
		e.Row = *was
	}
	e.Row = job.Prices.Between(e.Row, at)
	if len(e.Row.Tiers) > 0 && !job.Prices.Takes(e.Row) {
		e.Begins = job.Prices.Next(e.Row.Endpoint, e.Row.Region, at)
	}
	return e
}

// nameOnce leaves each row to the first error that suggests it.
func nameOnce(missing []*UnpricedError) []error {
	var all []error
	var rows []billing.Price
	for _, e := range missing {
		same := func(p billing.Price) bool {
			return p.Endpoint == e.Row.Endpoint && p.Region == e.Row.Region && p.From.Equal(e.Row.From)
		}
		if slices.ContainsFunc(rows, same) {
			e.Row = billing.Price{}
		} else {
			rows = append(rows, e.Row)
		}
		all = append(all, e)
	}
	return all
}

// Package forecast says before a month's cap ends a night that it is likely to.
package forecast

import (
	"context"
	"maps"
	"slices"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/billing/outlook"
	"liverecon/batch/usage"
	"liverecon/store"
)

// Month describes the billing month of an instant: the prices of its calls, and by which reading of the contract they
// are charged.
type Month struct {
	Prices *billing.Book
	Basis  billing.Basis
	Now    time.Time
}

// From returns the first instant whose calls a forecast goes by, that of the month before.
func (m Month) From() time.Time {
	from, _ := m.Prices.Months().Bounds(m.Prices.PeriodOf(m.Now).Plus(-1))
	return from
}

// Read reads the calls that a forecast goes by and returns its [Month.Warnings].
func (m Month) Read(
	ctx context.Context, calls store.Calls, limit billing.Cap, spent billing.Amounts,
) ([]string, error) {
	if len(limit.Limit) == 0 {
		return nil, nil
	}
	made, err := calls.Usage(ctx, m.From(), m.Now)
	return m.Warnings(made, limit, spent), err
}

// Warnings returns a clause for each currency whose cap on the month is more likely than not to be reached on one of
// its days to come, if these cost what the days since From did ([outlook.Ahead]). It is called likely where it happens
// at the lower end of the 95 % interval, too. spent is what the cap counts of the month so far.
func (m Month) Warnings(calls []store.Usage, limit billing.Cap, spent billing.Amounts) (clauses []string) {
	days := m.days(calls)
	for _, currency := range slices.Sorted(maps.Keys(limit.Limit)) {
		room := limit.Limit[currency].Sub(spent[currency])
		if !room.IsPositive() {
			continue
		}
		day, sure := m.reached(past(days, currency), room.InexactFloat64())
		if day.IsZero() {
			continue
		}
		word := " may be reached about "
		if sure {
			word = " is likely to be reached about "
		}
		cap := billing.CapError{Cap: limit.Name,
			Limit: billing.Money{Amount: limit.Limit[currency], Currency: currency}}
		clauses = append(clauses, cap.Reached()+word+day.Format("2 January"))
	}
	return clauses
}

// reached returns the first day of the month to come by which the expected cost is more than the room that a cap
// leaves, and whether that of the whole month is so at the lower end of its interval as well; the zero time for none.
func (m Month) reached(past []outlook.Day, room float64) (day time.Time, sure bool) {
	_, end := m.Prices.Months().Bounds(m.Prices.PeriodOf(m.Now))
	zone := m.Prices.Location
	ahead := map[bool]int{}
	for next := billing.DayAt(m.Now, zone).To; next.Before(end); next = billing.DayAt(next, zone).To {
		ahead[isWeekend(next)]++
		f, known := outlook.Ahead(past, ahead[false], ahead[true])
		if !known {
			continue
		}
		if day.IsZero() && f.Expected > room {
			day = next.In(zone)
		}
		sure = f.Low > room
	}
	return day, sure && !day.IsZero()
}

// pricedDay holds what the calls of a day cost.
type pricedDay struct {
	from time.Time
	cost billing.Amounts
}

// days prices the calls day by day, up to the day of now, as caps count them: each that may have been charged.
func (m Month) days(calls []store.Usage) (all []pricedDay) {
	calls = slices.Clone(calls)
	slices.SortStableFunc(calls, func(a, b store.Usage) int { return a.Quarter.Compare(b.Quarter) })
	zone := m.Prices.Location
	var meter *billing.Meter
	var period billing.Period
	before := billing.NewAmounts()
	for from := m.From(); !from.After(m.Now); {
		to := billing.DayAt(from, zone).To
		if p := m.Prices.PeriodOf(from); meter == nil || p != period {
			meter, period, before = billing.NewMeter(m.Prices, billing.Caps{}, from), p, billing.NewAmounts()
		}
		for ; len(calls) > 0 && calls[0].Quarter.Before(to); calls = calls[1:] {
			u := calls[0]
			if _, priced := m.Prices.Lookup(u.Endpoint, u.Region, u.Quarter); priced && !u.Quarter.Before(from) &&
				usage.CountedAs(m.Basis, u) != billing.Free {
				meter.Seed(u.Endpoint, u.Region, u.Quarter, u.Calls, 0)
			}
		}
		sum := meter.Month().Ceiling
		all = append(all, pricedDay{from, sum.Sub(before)})
		before, from = sum, to
	}
	return all
}

// past returns a currency's days from the first that cost something on.
func past(days []pricedDay, currency string) (all []outlook.Day) {
	for _, d := range days {
		cost := d.cost[currency].InexactFloat64()
		if len(all) > 0 || cost != 0 {
			all = append(all, outlook.Day{Cost: cost, Weekend: isWeekend(d.from)})
		}
	}
	return all
}

// isWeekend reports whether a day that begins at an instant of its zone is a Saturday or Sunday; its noon tells, since
// no zone changes its clocks by half a day.
func isWeekend(begins time.Time) bool {
	day := begins.Add(12 * time.Hour).Weekday()
	return day == time.Saturday || day == time.Sunday
}

package figures

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/outlook"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Outlook sets a month beside the one before, and says where it is likely to end.
type Outlook struct {
	Before   string                        // the month before
	Changes  map[string][]outlook.Variance // by currency; none where the month before has no call
	Forecast []MonthForecast               // none where facts reach the last day, or are too few
}

// MonthForecast represents what a month is likely to come to in one currency, without monthly minimums.
type MonthForecast struct {
	Currency  string
	Through   calendar.Period // the last day that has facts
	Ahead     int             // days after it
	SoFar     decimal.Decimal
	Expected  decimal.Decimal // of the whole month
	Low, High decimal.Decimal // its 95 % interval
	Cap       decimal.Decimal // limits.spend_per_month; zero: there is none
	Learned   int             // days that it goes by
}

// loadOutlook reads the month before; nil for what is no month.
func loadOutlook(ctx context.Context, snap *snapshot.Snapshot, d *Data) (*Outlook, error) {
	if !d.Period.IsMonth() {
		return nil, nil
	}
	before := d.BillingMonths().Of(d.Period.From.Add(-time.Hour))
	o, closure, err := pricedAs(ctx, snap, d.Options, before)
	if err != nil {
		return nil, err
	}
	ledger, err := ledgerOf(ctx, snap, o, closure)
	if err != nil {
		return nil, err
	}
	all := &Outlook{Before: before.Label, Changes: map[string][]outlook.Variance{}}
	for _, currency := range d.Currencies {
		if ledger.All.Calls() > 0 {
			all.Changes[currency] = outlook.Variances(ledger.costs(currency), d.Ledger.costs(currency))
		}
		if f, known := forecastOf(d, before, ledger, currency); known {
			all.Forecast = append(all.Forecast, f)
		}
	}
	return all, nil
}

// costs adds a currency's lines up by endpoint and region.
func (b *Ledger) costs(currency string) (all []outlook.Cost) {
	for _, l := range b.Lines {
		if b.Currency(l) == currency {
			all = append(all, outlook.Cost{Route: billing.Route{Endpoint: l.Endpoint, Region: l.Region},
				Calls:  l.Billable,
				Amount: l.Amount})
		}
	}
	return all
}

// daily adds a currency's calls up by day, without what no single call has.
func (b *Ledger) daily(currency string) map[int64]decimal.Decimal {
	sums := map[int64]decimal.Decimal{}
	for _, l := range b.Lines {
		if b.Currency(l) == currency && l.Kind != Adjustment {
			sums[l.Day.Unix()] = sums[l.Day.Unix()].Add(l.Amount)
		}
	}
	return sums
}

// forecastOf forecasts the days of the month that have no facts yet from those before them, from the first with a call
// on.
func forecastOf(d *Data, before calendar.Period, earlier *Ledger, currency string) (f MonthForecast, known bool) {
	f = MonthForecast{Currency: currency, Cap: d.MonthCap[currency]}
	then, now := earlier.daily(currency), d.Ledger.daily(currency)
	var past []outlook.Day
	ahead := map[bool]int{}
	for _, day := range append(before.Days(), d.Period.Days()...) {
		cost, within := then[day.From.Unix()], !day.From.Before(d.Period.From)
		if within {
			cost = now[day.From.Unix()]
		}
		weekday := day.From.Add(12 * time.Hour).In(d.Period.Zone).Weekday()
		weekend := weekday == time.Saturday || weekday == time.Sunday
		switch {
		case within && d.Generated.Before(day.From):
			ahead[weekend]++
			f.Ahead++
			continue
		case within:
			f.Through, f.SoFar = day, f.SoFar.Add(cost)
		}
		if len(past) > 0 || !cost.IsZero() {
			past = append(past, outlook.Day{Cost: cost.InexactFloat64(), Weekend: weekend})
		}
	}
	rest, known := outlook.Ahead(past, ahead[false], ahead[true])
	if !known || f.Ahead == 0 || f.Through.Label == "" {
		return f, false
	}
	add := func(x float64) decimal.Decimal {
		return f.SoFar.Add(decimal.NewFromFloat(x)).Round(billing.MinorUnit(currency))
	}
	f.Expected, f.Low, f.High, f.Learned = add(rest.Expected), add(rest.Low), add(rest.High), len(past)
	return f, true
}

// pricedAs returns the options of an earlier month: closed, as it was closed; its closure is 0 for an open one.
func pricedAs(ctx context.Context, snap *snapshot.Snapshot, o Options, m calendar.Period) (Options, int64, error) {
	o.Period, o.AsClosed, o.Settings = m, true, ""
	if o.BookOf != nil {
		var err error
		if o.Prices, err = o.BookOf(ctx, snap, m.Label); err != nil {
			return o, 0, err
		}
	}
	closure, o, err := asClosed(ctx, snap, o)
	return o, closure, err
}

package main

import (
	"context"
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/report"
	"liverecon/store"
)

// bill adds up the calls of a period that one price row counts together.
type bill struct {
	price   *billing.Price
	regions []string
	meter   *billing.Meter
}

// billKey keeps the regions of a row apart where its price is one number for every call. Tiers and a free quota are used
// up by all regions of a row together, and no part of what they cost is one region's.
type billKey struct {
	price  *billing.Price
	region string
}

// amounts prices the calls of a period, at least and at most. Calls of the billing month before the period are counted
// first, since they have used up tiers and quota. Calls without a price are missing, here as in the caps.
func (c *config) amounts(ctx context.Context, s *store.Store, p report.Period) ([]report.Amount, error) {
	monthStart, _ := c.prices.PeriodOf(p.From).Bounds(c.billingZone)
	usage, err := s.Usage(ctx, monthStart, p.To)
	if err != nil {
		return nil, err
	}
	bills := map[billKey]*bill{}
	var order []*bill
	for _, u := range usage {
		price, ok := c.prices.Lookup(u.Endpoint, u.Region, u.Quarter)
		if !ok || u.Tag != store.TagPay && u.Tag != store.TagUnknown {
			continue
		}
		key := billKey{price: price}
		if price.Kind == billing.Flat && price.FreeQuota == 0 {
			key.region = u.Region
		}
		b := bills[key]
		if b == nil {
			b = &bill{price: price, meter: billing.NewMeter(c.prices, billing.Caps{}, p.From)}
			bills[key] = b
			order = append(order, b)
		}
		b.add(u, u.Quarter.Before(p.From))
	}
	var amounts []report.Amount
	for _, b := range order {
		amounts = append(amounts, b.amounts()...)
	}
	return amounts, nil
}

// add counts calls; earlier ones are those before the period.
func (b *bill) add(u store.Usage, earlier bool) {
	if earlier {
		seed(b.meter, u)
		return
	}
	if !slices.Contains(b.regions, u.Region) {
		b.regions = append(b.regions, u.Region)
	}
	tag := billing.Unknown
	if u.Tag == store.TagPay {
		tag = billing.Pay
	}
	for range u.Calls {
		if b.meter.Reserve(u.Endpoint, u.Region, u.Quarter) == nil { // without caps it refuses nothing
			b.meter.Settle(u.Endpoint, u.Region, u.Quarter, tag)
		}
	}
}

// seed counts calls that were made before.
func seed(m *billing.Meter, u store.Usage) {
	switch u.Tag {
	case store.TagPay:
		m.Seed(u.Endpoint, u.Region, u.Quarter, u.Calls, 0)
	case store.TagUnknown:
		m.Seed(u.Endpoint, u.Region, u.Quarter, 0, u.Calls)
	}
}

func (b *bill) amounts() []report.Amount {
	spent := b.meter.Run()
	if spent.CeilingCalls == 0 {
		return nil
	}
	slices.Sort(b.regions)
	return []report.Amount{{
		Endpoint: b.price.Endpoint, Region: strings.Join(b.regions, ", "), Currency: b.price.Currency,
		Floor: spent.Floor[b.price.Currency].String(), Ceiling: spent.Ceiling[b.price.Currency].String(),
	}}
}

package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/report"
	"liverecon/store"
)

// bill adds up the calls of a period that one price row counts together.
type bill struct {
	price   *billing.Price
	regions []string
	meter   *billing.Meter
	minimum decimal.Decimal // owed whatever is called
}

// billKey keeps the regions of a row apart where its price is one number for every call. Tiers, a free quota and a minimum
// are used up by all regions of a row together, and no part of what they cost is one region's.
type billKey struct {
	price  *billing.Price
	region string
}

func keyOf(price *billing.Price, region string) billKey {
	if price.Kind == billing.Flat && price.FreeQuota == 0 && price.Minimum.IsZero() {
		return billKey{price, region}
	}
	return billKey{price: price}
}

// amounts prices the calls of a period, at least and at most, as the contract reads and as reconciling does. Calls of the
// billing month before the period are counted first, since they have used up tiers and quota. A monthly minimum is part of
// a period that is a whole billing month. Calls without a price are missing, here as in the caps.
func (c *config) amounts(ctx context.Context, s *store.Store, p report.Period) ([]report.Amount, error) {
	month := c.prices.PeriodOf(p.From)
	from, to := month.Bounds(c.billingZone)
	usage, err := s.Usage(ctx, from, p.To)
	if err != nil {
		return nil, err
	}
	amounts := c.amountsOf(usage, p)
	inMonth := p.From.Equal(from) && !p.To.After(to)
	if r := c.reconciling.reading; inMonth && (r == billing.DistinctID || r == billing.Transaction) {
		return c.amountsByJournal(ctx, s, month, p, amounts)
	}
	return amounts, nil
}

// amountsOf prices usage that begins with the billing month of the period's first instant.
func (c *config) amountsOf(usage []store.Usage, p report.Period) []report.Amount {
	bills := map[billKey]*bill{}
	var order []*bill
	find := func(price *billing.Price, region string) *bill {
		key := keyOf(price, region)
		if bills[key] == nil {
			bills[key] = &bill{price: price, meter: billing.NewMeter(c.prices, billing.Caps{}, p.From)}
			order = append(order, bills[key])
		}
		return bills[key]
	}
	for _, u := range usage {
		price, ok := c.prices.Lookup(u.Endpoint, u.Region, u.Quarter)
		if tag := c.reconciling.charge(u); ok && tag != billing.Free {
			find(price, u.Region).add(u, tag, u.Quarter.Before(p.From))
		}
	}
	for _, price := range c.minimums(p) {
		find(price, "").minimum = price.Minimum
	}
	var amounts []report.Amount
	for _, b := range order {
		amounts = append(amounts, b.amounts()...)
	}
	return amounts
}

// amountsByJournal takes the least from the calls themselves, one line an endpoint and currency: what is charged once an ID,
// or once a transaction, cannot be told from usage. The most is that of every call that may have been charged.
func (c *config) amountsByJournal(ctx context.Context, s *store.Store, month billing.Period, p report.Period, most []report.Amount) (sums []report.Amount, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, facts.Close()) }()
	counted, err := batch.CountMonth(ctx, facts, c.prices, c.billingZone, month, c.reconciling.reading)
	if err != nil {
		return nil, err
	}
	floors, ceilings := map[[2]string]decimal.Decimal{}, map[[2]string]decimal.Decimal{}
	for _, n := range counted.Readings {
		if n.Reading == c.reconciling.reading && n.Priced {
			k := [2]string{n.Endpoint, n.Currency}
			floors[k] = floors[k].Add(n.Amount)
		}
	}
	for _, a := range most {
		k, ceiling := [2]string{a.Endpoint, a.Currency}, decimal.RequireFromString(a.Ceiling)
		ceilings[k] = ceilings[k].Add(ceiling)
	}
	for _, a := range most {
		k := [2]string{a.Endpoint, a.Currency}
		if ceiling, left := ceilings[k]; left {
			delete(ceilings, k)
			sums = append(sums, report.Amount{Endpoint: a.Endpoint, Region: "*", Currency: a.Currency, Floor: floors[k].String(), Ceiling: decimal.Max(floors[k], ceiling).String()})
		}
	}
	if len(c.minimums(p)) > 0 {
		for _, m := range counted.Minimum.Money() {
			sums = append(sums, report.Amount{Endpoint: "*", Region: "monthly minimum", Currency: m.Currency, Floor: m.Amount.String(), Ceiling: m.Amount.String()})
		}
	}
	return sums, nil
}

// minimums are the price rows that owe a monthly minimum in a period; only a whole billing month owes any.
func (c *config) minimums(p report.Period) []*billing.Price {
	month := c.prices.PeriodOf(p.From)
	from, to := month.Bounds(c.billingZone)
	if !p.From.Equal(from) || !p.To.Equal(to) {
		return nil
	}
	return slices.DeleteFunc(c.prices.InForce(month), func(price *billing.Price) bool { return !price.Minimum.IsPositive() })
}

// charge says what calls that agree in everything are under the contract's reading: Pay for charges, Unknown for what may
// be one, Free for what is none.
func (r *reconciling) charge(u store.Usage) billing.Tag {
	switch {
	case u.Outcome == store.Unsent:
		return billing.Free
	case r.reading == billing.EveryCall:
		return billing.Pay
	case r.reading == billing.Success && u.Outcome == store.Answered:
		if u.Code == "SUCCESS" {
			return billing.Pay
		}
		return billing.Free
	case u.Tag == store.TagPay:
		return billing.Pay
	case u.Tag == store.TagUnknown:
		return billing.Unknown
	}
	return billing.Free
}

// add counts calls; earlier ones are those before the period.
func (b *bill) add(u store.Usage, tag billing.Tag, earlier bool) {
	if earlier {
		paid, doubtful := u.Calls, int64(0)
		if tag != billing.Pay {
			paid, doubtful = 0, u.Calls
		}
		b.meter.Seed(u.Endpoint, u.Region, u.Quarter, paid, doubtful)
		return
	}
	if !slices.Contains(b.regions, u.Region) {
		b.regions = append(b.regions, u.Region)
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
	if spent.CeilingCalls == 0 && b.minimum.IsZero() {
		return nil
	}
	slices.Sort(b.regions)
	regions := strings.Join(b.regions, ", ")
	if regions == "" {
		regions = b.price.Region
	}
	return []report.Amount{{
		Endpoint: b.price.Endpoint, Region: regions, Currency: b.price.Currency,
		Floor:   decimal.Max(spent.Floor[b.price.Currency], b.minimum).String(),
		Ceiling: decimal.Max(spent.Ceiling[b.price.Currency], b.minimum).String(),
	}}
}

package spend

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store"
)

// bill adds up the calls of a period that one price row counts together, month by month.
type bill struct {
	book    *billing.Book
	price   *billing.Price
	regions []string
	months  map[billing.Period]*share
}

// share holds what one billing month adds to a bill.
type share struct {
	meter   *billing.Meter
	minimum decimal.Decimal // owed whatever is called
}

// billKey keeps the regions of a row apart where its price is one number for every call. Tiers, a free quota and a
// minimum are used up by all regions of a row together, and no part of what they cost is one region's.
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

func (b *bill) month(month billing.Period) *share {
	if b.months[month] == nil {
		b.months[month] = &share{meter: billing.NewMeter(b.book, billing.Caps{}, b.price.From)}
	}
	return b.months[month]
}

// add counts calls; earlier ones are those before the period.
func (b *bill) add(u store.Usage, tag billing.Tag, earlier bool) {
	meter := b.month(b.book.PeriodOf(u.Quarter)).meter
	if earlier {
		paid, doubtful := u.Calls, int64(0)
		if tag != billing.Pay {
			paid, doubtful = 0, u.Calls
		}
		meter.Seed(u.Endpoint, u.Region, u.Quarter, paid, doubtful)
		return
	}
	if !slices.Contains(b.regions, u.Region) {
		b.regions = append(b.regions, u.Region)
	}
	for range u.Calls {
		if meter.Reserve(u.Endpoint, u.Region, u.Quarter) == nil { // without caps it refuses nothing
			meter.Confirm(u.Endpoint, u.Region, u.Quarter, tag)
		}
	}
}

// amounts returns the bill's line, none where nothing was called and nothing is owed.
func (b *bill) amounts() []billing.Amount {
	var calls int64
	var floor, ceiling decimal.Decimal
	for _, one := range b.months {
		spent := one.meter.Run()
		calls += spent.CeilingCalls
		floor = floor.Add(decimal.Max(spent.Floor[b.price.Currency], one.minimum))
		ceiling = ceiling.Add(decimal.Max(spent.Ceiling[b.price.Currency], one.minimum))
	}
	if calls == 0 && ceiling.IsZero() {
		return nil
	}
	slices.Sort(b.regions)
	regions := strings.Join(b.regions, ", ")
	if regions == "" {
		regions = b.price.Region
	}
	return []billing.Amount{{Endpoint: b.price.Endpoint, Region: regions, Currency: b.price.Currency,
		Floor: floor.String(), Ceiling: ceiling.String()}}
}

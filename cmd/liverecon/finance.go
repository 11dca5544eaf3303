package main

import (
	"context"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/spend"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/finance"
	"liverecon/store"
	"liverecon/store/calendar"
)

// financeOptions is what a finance workbook takes from the configuration: the price book, the contract and the tolerance.
func financeOptions(ctx context.Context, c *config.Config, s *store.Store, period calendar.Period) (finance.Options, error) {
	amounts, err := contractOf(c).Amounts(ctx, s, period)
	if err != nil {
		return finance.Options{}, err
	}
	text := func(d decimal.NullDecimal) string {
		if !d.Valid {
			return ""
		}
		return d.Decimal.String()
	}
	return finance.Options{
		Period: period, Amounts: amounts, Prices: plainPrices(c.Prices), Reading: string(c.Reconciling.Reading), BillingZone: c.BillingZone, Settings: c.BillingSettings(),
		ToleranceAbs: text(c.Reconciling.Tolerance.Abs), ToleranceRel: text(c.Reconciling.Tolerance.Rel),
	}, nil
}

// contractOf returns what the configuration says of prices and of the contract.
func contractOf(c *config.Config) spend.Contract {
	return spend.Contract{Prices: c.Prices, Zone: c.BillingZone, Reading: c.Reconciling.Reading}
}

// plainPrices is the price book as a workbook takes it.
func plainPrices(book *billing.Book) []finance.Price {
	var prices []finance.Price
	for _, row := range book.Rows() {
		p := finance.Price{
			Endpoint: row.Endpoint, Region: row.Region, From: row.From, To: row.To, Currency: row.Currency, Kind: string(row.Kind),
			FreeQuota: row.FreeQuota, Minimum: row.Minimum.String(),
		}
		for _, t := range row.Tiers {
			p.Tiers = append(p.Tiers, finance.Tier{UpTo: t.UpTo, Unit: t.Unit.String()})
		}
		prices = append(prices, p)
	}
	return prices
}

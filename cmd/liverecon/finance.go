package main

import (
	"context"

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
	return finance.Options{
		Period: period, Amounts: amounts, Prices: c.Prices, Reading: c.Reconciling.Reading, BillingZone: c.BillingZone,
		Settings: c.BillingSettings(), Tolerance: c.Reconciling.Tolerance,
	}, nil
}

// contractOf returns what the configuration says of prices and of the contract.
func contractOf(c *config.Config) spend.Contract {
	return spend.Contract{Prices: c.Prices, Zone: c.BillingZone, Reading: c.Reconciling.Reading}
}

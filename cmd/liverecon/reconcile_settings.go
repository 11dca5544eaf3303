package main

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/liveness"
)

// billingSettings are the settings that decide what a month comes to, as they are kept with its reconciliation.
func (c *config) billingSettings() string {
	type tier struct {
		UpTo int64  `json:"up_to,omitempty"`
		Unit string `json:"unit"`
	}
	type price struct {
		Endpoint  string `json:"endpoint"`
		Region    string `json:"region"`
		From      string `json:"from"`
		To        string `json:"to,omitempty"`
		Currency  string `json:"currency"`
		Kind      string `json:"tier_kind"`
		Tiers     []tier `json:"tiers"`
		FreeQuota int64  `json:"free_quota,omitempty"`
		Minimum   string `json:"minimum,omitempty"`
	}
	amount := func(d decimal.NullDecimal) string {
		if !d.Valid {
			return ""
		}
		return d.Decimal.String()
	}
	settings := struct {
		Zone    string  `json:"time_zone"`
		Reading string  `json:"reading"`
		Edge    string  `json:"edge"`
		Window  string  `json:"doubt_window"`
		Abs     string  `json:"tolerance_abs"`
		Rel     string  `json:"tolerance_rel"`
		Prices  []price `json:"prices"`
	}{c.billingZone.String(), string(c.reconciling.reading), c.reconciling.edge.String(), c.reconciling.window.String(),
		amount(c.reconciling.tolerance.Abs), amount(c.reconciling.tolerance.Rel), []price{}}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(c.billingZone).Format(time.DateOnly)
	}
	for _, row := range c.prices.Rows() {
		kept := price{Endpoint: row.Endpoint, Region: row.Region, From: day(row.From), To: day(row.To), Currency: row.Currency, Kind: string(row.Kind), FreeQuota: row.FreeQuota}
		for _, t := range row.Tiers {
			kept.Tiers = append(kept.Tiers, tier{t.UpTo, t.Unit.String()})
		}
		if row.Minimum.IsPositive() {
			kept.Minimum = row.Minimum.String()
		}
		settings.Prices = append(settings.Prices, kept)
	}
	text, err := json.Marshal(settings)
	if err != nil {
		panic(err) // only plain structs of this package
	}
	return string(text)
}

// sendsRegion says whether requests to an endpoint name the region.
func (c *config) sendsRegion(endpoint string) bool {
	for _, e := range c.endpoints {
		if e.Name == endpoint {
			return e.RegionRequired
		}
	}
	e, known := liveness.Lookup(endpoint)
	return !known || e.RegionRequired
}

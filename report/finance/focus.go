package finance

import (
	"strconv"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// focusColumns are columns of the FinOps Open Cost and Usage Specification, FOCUS 1.2 (focus.finops.org), as far as they
// apply to calls of an API; those that begin with x_ are our own, as the specification allows.
var focusColumns = []string{
	"BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
	"BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "BillingCurrency", "ContractedUnitPrice", "ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit",
	"ProviderName", "PublisherName", "InvoiceIssuerName", "InvoiceId", "RegionId", "RegionName", "ServiceCategory", "ServiceName", "SkuId",
	"x_Endpoint", "x_Code", "x_PricingStrategy", "x_Counted",
}

// WriteFocus writes the ledger of a finance workbook to path as CSV for programs that add up costs of many providers: a
// line a day, endpoint, region, code and pricing. BilledCost is what our records support; what a statement bills instead is
// in the workbook. Costs are exact; calls without a price have none. It is written whole or not at all, readable by its
// owner alone, and ends before w is closed.
func WriteFocus(w *Workbook, path string) error {
	return xlsx.WriteCSV(path, focusColumns, func(yield func([]string) error) error {
		for _, l := range w.data.ledger.lines {
			if err := yield(focusLine(w.data, l)); err != nil {
				return err
			}
		}
		return nil
	})
}

func focusLine(d *Data, l ledgerLine) []string {
	month := l.day.In(d.BillingZone)
	bill := calendar.Month(month.Year(), month.Month(), d.BillingZone)
	date := calendar.BusinessDay(l.day, d.Period.Zone)
	category, description, frequency := "Usage", "Liveness check: "+l.kind, "Usage-Based"
	if l.kind == adjustment {
		category, description = "Adjustment", "Liveness checks: "+l.code
	}
	cost, currency, unit := "", "", ""
	if l.term > 0 {
		cost, currency = l.amount.String(), d.ledger.currency(l)
	} else if l.charged() > 0 {
		description += ", " + billing.WithoutPrice(l.charged())
	}
	if l.unit.Valid {
		unit = l.unit.Decimal.String()
	}
	const vendor = "liveness API"
	return []string{
		xlsx.Harmless(l.endpoint), instant(bill.From), instant(bill.To), instant(date.From), instant(date.To), category, "", description, frequency,
		cost, cost, cost, "", xlsx.Harmless(currency), unit, strconv.FormatInt(l.calls, 10), "Calls", strconv.FormatInt(l.billable, 10), "Calls",
		vendor, vendor, vendor, xlsx.Harmless(d.reconciled.invoiceOf(l, bill.Label)), xlsx.Harmless(l.region), xlsx.Harmless(page.RegionName(l.region)), "AI and Machine Learning", "Liveness detection", "liveness-check",
		xlsx.Harmless(l.endpoint), xlsx.Harmless(l.code), xlsx.Harmless(l.pricing), l.kind,
	}
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

package finance

import (
	"strconv"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// focusColumns are columns of the FinOps Open Cost and Usage Specification, FOCUS 1.2 (focus.finops.org), as far as
// they apply to calls of an API; those that begin with x_ are our own, as the specification allows.
var focusColumns = []string{
	"BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd",
	"ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
	"BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "BillingCurrency", "ContractedUnitPrice",
	"ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit",
	"ProviderName", "PublisherName", "InvoiceIssuerName", "InvoiceId", "RegionId", "RegionName", "ServiceCategory",
	"ServiceName", "SkuId",
	"x_Endpoint", "x_Code", "x_PricingStrategy", "x_Counted",
}

// WriteFocus writes the ledger of a finance workbook to path as CSV for programs that add up costs of many providers: a
// line a day, endpoint, region, code and pricing. BilledCost is what our records support; what a statement bills
// instead is in the workbook. Costs are exact; calls without a price have none. It is written whole or not at all,
// readable by its owner alone, and ends before w is closed.
func WriteFocus(w *Workbook, path string) error {
	return xlsx.WriteCSV(path, focusColumns, func(yield func([]string) error) error {
		for _, l := range w.data.Ledger.Lines {
			if err := yield(focusLine(w.data, l)); err != nil {
				return err
			}
		}
		return nil
	})
}

func focusLine(d *figures.Data, l figures.LedgerLine) []string {
	month := l.Day.In(d.BillingZone)
	bill := calendar.Month(month.Year(), month.Month(), d.BillingZone)
	date := calendar.BusinessDay(l.Day, d.Period.Zone)
	category, description, frequency := "Usage", "Liveness check: "+l.Kind, "Usage-Based"
	if l.Kind == figures.Adjustment {
		category, description = "Adjustment", "Liveness checks: "+l.Code
	}
	cost, currency, unit := "", "", ""
	if l.Term > 0 {
		cost, currency = l.Amount.String(), d.Ledger.Currency(l)
	} else if l.Charged() > 0 {
		description += ", " + billing.WithoutPrice(l.Charged())
	}
	if l.Unit.Valid {
		unit = l.Unit.Decimal.String()
	}
	const vendor = "liveness API"
	return []string{
		xlsx.Harmless(l.Endpoint), instant(bill.From), instant(bill.To), instant(date.From), instant(date.To), category,
		"", description, frequency,
		cost, cost, cost, "", xlsx.Harmless(currency), unit, strconv.FormatInt(l.Calls, 10), "Calls",
		strconv.FormatInt(l.Billable, 10), "Calls",
		vendor, vendor, vendor, xlsx.Harmless(d.Reconciled.InvoiceOf(l, bill.Label)), xlsx.Harmless(l.Region),
		xlsx.Harmless(page.RegionName(l.Region)), "AI and Machine Learning", "Liveness detection", "liveness-check",
		xlsx.Harmless(l.Endpoint), xlsx.Harmless(l.Code), xlsx.Harmless(l.Pricing), l.Kind,
	}
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

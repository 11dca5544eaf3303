package finance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/finance/monthend"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
)

// focusColumns lists columns of the FinOps Open Cost and Usage Specification, FOCUS 1.2 (focus.finops.org): all that
// are mandatory, and what else applies to calls of an API; those that begin with x_ are our own, as the specification
// allows.
var focusColumns = []string{
	"BillingAccountId", "BillingAccountName", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
	"ChargePeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
	"BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "BillingCurrency", "ContractedUnitPrice",
	"ListUnitPrice", "ConsumedQuantity", "ConsumedUnit", "PricingCategory", "PricingQuantity", "PricingUnit",
	"ProviderName", "PublisherName", "InvoiceIssuerName", "InvoiceId", "RegionId", "RegionName", "ServiceCategory",
	"ServiceSubcategory", "ServiceName", "SkuId",
	"x_Endpoint", "x_Code", "x_PricingStrategy", "x_Counted",
}

// focusTags holds the column of FOCUS that stands behind the others where costs are parted by tags.
const focusTags = "Tags"

// focusRow describes one row. Quantities are of usage alone.
type focusRow struct {
	endpoint, region, code, pricing, counted string
	period                                   calendar.Period // when it was charged for
	category, class, description, frequency  string
	billed, effective                        string // decimal; "" where no price is set
	currency, unit, invoice                  string
	tags                                     string // JSON; "" for none
	calls, billable                          int64
}

const (
	focusVendor     = "liveness API"
	focusUsage      = "Usage"
	focusTax        = "Tax"
	focusCredit     = "Credit"
	focusPurchase   = "Purchase"
	focusAdjustment = "Adjustment"
	focusCorrection = "Correction"
)

func (r *focusRow) cells(bill calendar.Period) []string {
	calls, billable, unit, counted := "", "", "", ""
	if r.category == focusUsage && r.class == "" {
		calls, billable = strconv.FormatInt(r.calls, 10), strconv.FormatInt(r.billable, 10)
		unit, counted = "Calls", "Standard"
	}
	account, name := r.endpoint, r.endpoint
	if account == "" {
		account, name = "all", "all endpoints"
	}
	service, sku := "Liveness detection", "liveness-check"
	if r.category == focusPurchase {
		service, sku = "Other products", "other-product"
	}
	return []string{
		xlsx.EscapeFormula(account), xlsx.EscapeFormula(name), instant(bill.From), instant(bill.To),
		instant(r.period.From),
		instant(r.period.To), r.category, r.class, r.description, r.frequency,
		r.billed, r.effective, r.effective, r.effective, xlsx.EscapeFormula(r.currency), r.unit,
		r.unit, calls, unit, counted, billable, unit,
		focusVendor, focusVendor, focusVendor, xlsx.EscapeFormula(r.invoice), xlsx.EscapeFormula(r.region),
		xlsx.EscapeFormula(page.RegionName(r.region)), "AI and Machine Learning", "Other (AI and Machine Learning)",
		service, sku,
		xlsx.EscapeFormula(r.endpoint), xlsx.EscapeFormula(r.code), xlsx.EscapeFormula(r.pricing), r.counted,
	}
}

// WriteFocus writes the ledger of a finance workbook to path as CSV for programs that add up costs of many providers: a
// row a day, endpoint, region, code and pricing, then what each invoice bills beside them, and what the month bears of
// closed ones; where the options name tags, a row each of these, too. BilledCost of an
// invoice adds up to its lines, EffectiveCost to what our records support. Costs are
// exact; calls without a price have none. It is written whole or not at all, readable by its owner alone, and ends
// before w is closed.
func WriteFocus(w *Workbook, path string) error {
	rows, err := focusRows(w.data)
	if err != nil {
		return err
	}
	columns, tagged := focusColumns, len(w.data.FocusTags) > 0
	if tagged {
		columns = append(slices.Clone(columns), focusTags)
	}
	return xlsx.WriteCSV(path, columns, func(yield func([]string) error) error {
		for i := range rows {
			bill := w.data.BillingMonths().Of(rows[i].period.From)
			if rows[i].class != "" || rows[i].category != focusUsage {
				bill = w.data.Period
			}
			cells := rows[i].cells(bill)
			if tagged {
				cells = append(cells, xlsx.EscapeFormula(rows[i].tags))
			}
			if err := yield(cells); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteJournal writes the entries of a month's end to path, as [monthend.WriteJournal] does.
func WriteJournal(w *Workbook, path string) error { return monthend.WriteJournal(w.data, path) }

// invoiced describes one currency of a statement.
type invoiced struct {
	statement int64
	currency  string
}

func focusRows(d *figures.Data) ([]focusRow, error) {
	var rows []focusRow
	billed := map[invoiced]decimal.Decimal{} // by rows so far
	lines, tags, err := focusLines(d)
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		row, statement := focusLine(d, l)
		row.tags = tags[i]
		if amount, err := decimal.NewFromString(row.billed); err == nil && statement != 0 {
			k := invoiced{statement, row.currency}
			billed[k] = billed[k].Add(amount)
		}
		rows = append(rows, row)
	}
	for _, c := range d.Closing.Borne {
		row, amount, err := correctionRow(d, c)
		if err != nil {
			return nil, err
		}
		if k := (invoiced{c.StatementID, c.Currency}); c.Own {
			billed[k] = billed[k].Add(amount)
		}
		rows = append(rows, row)
	}
	beside, err := invoiceRows(d, billed)
	return append(rows, beside...), err
}

// focusLines returns the lines of the ledger, parted by their calls' tags where the options name some.
func focusLines(d *figures.Data) (lines []figures.LedgerLine, tags []string, err error) {
	if len(d.FocusTags) == 0 {
		return d.Ledger.Lines, make([]string, len(d.Ledger.Lines)), nil
	}
	for _, l := range d.Ledger.Lines {
		byTags := map[string]figures.LedgerLine{}
		parts, sources := figures.PartsOf(d.Ledger, l)
		for i, part := range parts {
			text, err := figures.Tags(d, sources[i])
			if err != nil {
				return nil, nil, err
			}
			if before, known := byTags[text]; known {
				part.Calls, part.Billable = part.Calls+before.Calls, part.Billable+before.Billable
				part.Amount = part.Amount.Add(before.Amount)
			}
			byTags[text] = part
		}
		for _, text := range page.SortedKeys(byTags) {
			lines, tags = append(lines, byTags[text]), append(tags, text)
		}
	}
	return lines, tags, nil
}

func focusLine(d *figures.Data, l figures.LedgerLine) (row focusRow, statement int64) {
	date := calendar.BusinessDay(l.Day, d.Period.Zone)
	row = focusRow{endpoint: l.Endpoint, region: l.Region, code: l.Code, pricing: l.Pricing, counted: l.Kind,
		period: date, category: focusUsage, description: "Liveness check: " + l.Kind, frequency: "Usage-Based",
		calls: l.Calls, billable: l.Billable}
	row.invoice, statement = d.Reconciled.InvoiceOf(l.Endpoint, d.BillingMonths().Of(l.Day).Label)
	if l.Kind == figures.Adjustment {
		row.category, row.description, row.frequency = focusAdjustment, "Liveness checks: "+l.Code, "One-Time"
	}
	switch {
	case l.Term > 0:
		row.billed, row.currency = l.Amount.String(), d.Ledger.Currency(l)
	case l.Charged() > 0:
		row.description += ", " + billing.WithoutPrice(l.Charged())
	case len(d.Currencies) > 0: // free, or not counted
		row.billed, row.currency, row.unit = "0", d.Currencies[0], "0"
	}
	switch {
	case l.Unit.Valid:
		row.unit = l.Unit.Decimal.String()
	case l.Billable == 0 && l.Kind != figures.Adjustment:
		row.unit = "0"
	}
	row.effective = row.billed
	return row, statement
}

// correctionRow returns what the month bears of a closed one, in the time of that.
func correctionRow(d *figures.Data, c accounts.CorrectionRow) (row focusRow, billed decimal.Decimal, err error) {
	row = focusRow{endpoint: c.Endpoint, region: c.Region, counted: c.Kind, category: focusUsage,
		class:       focusCorrection,
		description: "Liveness checks of " + c.Month + ", closed: " + c.Kind, frequency: "One-Time",
		billed: c.Theirs, effective: c.Amount, currency: c.Currency}
	if row.period, err = d.BillingMonths().Parse(c.Month); err != nil {
		return row, billed, err
	}
	if c.StatementID != 0 {
		row.invoice = d.Closing.Invoices[c.StatementID]
	}
	billed, err = decimal.NewFromString(c.Theirs)
	return row, billed, err
}

// invoiceRows returns what invoices bill beside the rows so far: taxes, credits, other products, and what their lines
// about calls bill more or less than our records.
func invoiceRows(d *figures.Data, billed map[invoiced]decimal.Decimal) (rows []focusRow, err error) {
	if d.Reconciled == nil {
		return nil, nil
	}
	rate := d.Reconciled.Kept.TaxIncluded
	usage := map[invoiced]decimal.Decimal{}
	names := map[invoiced]string{}
	for _, c := range d.Reconciled.Scopes {
		for _, a := range c.Amounts {
			if a.Kind == accounts.LineTotal {
				continue
			}
			amount, err := decimal.NewFromString(a.Amount)
			if err != nil {
				return nil, fmt.Errorf("amounts of %s: %w", c.Path, err)
			}
			k := invoiced{c.StatementID, a.Currency}
			names[k] = figures.InvoiceName(c)
			switch {
			case a.Kind == accounts.LineUsage:
				usage[k] = usage[k].Add(amount)
				continue
			case a.Kind == accounts.LineTax && !rate.IsZero(): // it says what the lines include
				continue
			}
			row := focusRow{endpoint: c.Endpoint, period: d.Period, category: focusTax, description: "Tax",
				frequency: "One-Time",
				billed:    amount.String(), effective: amount.String(), currency: a.Currency, invoice: names[k],
				counted: a.Kind}
			switch a.Kind {
			case accounts.LineCredit:
				row.category, row.description = focusCredit, "Credit"
			case accounts.OtherProduct:
				row.category, row.description = focusPurchase, "Other products of the vendor"
			}
			rows = append(rows, row)
		}
	}
	keys := slices.SortedFunc(maps.Keys(names), func(a, b invoiced) int {
		return cmp.Or(cmp.Compare(a.statement, b.statement), cmp.Compare(a.currency, b.currency))
	})
	for _, k := range keys {
		net := usage[k]
		if !rate.IsZero() {
			net = net.DivRound(rate.Add(decimal.NewFromInt(1)), billing.MaxDecimals)
			if tax := usage[k].Sub(net); !tax.IsZero() {
				rows = append(rows, focusRow{period: d.Period, category: focusTax, frequency: "One-Time",
					description: "Tax, included in the lines", billed: tax.String(), effective: tax.String(),
					currency: k.currency, invoice: names[k], counted: accounts.LineTax})
			}
		}
		if rest := net.Sub(billed[k]); !rest.IsZero() {
			rows = append(rows, focusRow{period: d.Period, category: focusAdjustment, frequency: "One-Time",
				description: "Billed beside our records: calls in doubt, other prices, roundings, what is disputed",
				billed:      rest.String(), effective: "0", currency: k.currency, invoice: names[k],
				counted: figures.Adjustment})
		}
	}
	return rows, nil
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

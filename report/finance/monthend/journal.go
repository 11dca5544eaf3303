// Package monthend writes what a controller needs at a month's end: sheets of the finance workbook, and a journal.
package monthend

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/accrual"
	"liverecon/report/finance/figures"
	"liverecon/report/xlsx"
)

// journalColumns lists the columns of a journal.
var journalColumns = []string{"Entry", "PostingDate", "Kind", "Account", "CostCentre", "TaxCode", "Currency", "Debit",
	"Credit", "Text", "Month", "Endpoint", "Region"}

// WriteJournal writes to path, as CSV, the entries that book what a month closes with, and take back what it opens
// with: a row a posting, the reversals on the first day, the rest on the last. Amounts have the decimals of their
// currency's minor unit. A workbook of no whole month has none. It is written whole or not at all, readable by its
// owner alone.
func WriteJournal(d *figures.Data, path string) error {
	if d.Rolled == nil {
		return fmt.Errorf("journal: %s is no month", d.Period.Label)
	}
	kept := billing.ParseKept(d.Settings)
	if d.Reconciled != nil {
		kept = d.Reconciled.Kept
	}
	first, last := d.Period.From.In(d.Period.Zone), d.Period.To.In(d.Period.Zone).Add(-time.Hour)
	return xlsx.WriteCSV(path, journalColumns, func(yield func([]string) error) error {
		for _, p := range accrual.Journal(d.Rolled.Lines, d.Accounts.At, kept.MinorUnit) {
			at := last
			if p.Kind.Reverses() {
				at = first
			}
			side := func(amount decimal.Decimal) string {
				if amount.IsZero() {
					return ""
				}
				return amount.StringFixed(kept.MinorUnit(p.Currency))
			}
			place := strings.TrimSpace(p.Endpoint + " " + p.Region)
			text := strings.TrimSpace(fmt.Sprintf("Liveness checks %s %s: %s", d.Period.Label, p.Kind, place))
			if err := yield([]string{strconv.Itoa(p.Entry), at.Format(time.DateOnly), string(p.Kind),
				xlsx.EscapeFormula(p.Account), xlsx.EscapeFormula(p.Center), xlsx.EscapeFormula(p.Tax),
				xlsx.EscapeFormula(p.Currency),
				side(p.Debit), side(p.Credit), xlsx.EscapeFormula(strings.TrimSuffix(text, ":")), d.Period.Label,
				xlsx.EscapeFormula(p.Endpoint), xlsx.EscapeFormula(p.Region)}); err != nil {
				return err
			}
		}
		return nil
	})
}

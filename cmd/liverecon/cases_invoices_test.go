package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestPaidByInvoice: September is billed by its own invoice and by late lines of October's. Each is paid with an amount
// of its own, and what both months pay of October's is that invoice rounded once.
func TestPaidByInvoice(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	c.reconcile("--statement", "s9.csv")
	c.reconcile("--statement", "s10.csv")
	for month, want := range map[string]string{
		"2026-09": "USD 4.85: 1 4.738 elsewhere 0 4.74, 2 0.105 elsewhere 0 0.11",
		"2026-10": "USD 6.44: 2 6.445 elsewhere 0.11 6.44", // 6.55 in all
	} {
		for _, m := range c.reconcile("--month", month).Months {
			for _, s := range m.Worked.Sums {
				var invoices []string
				for _, i := range s.Invoices {
					invoices = append(invoices, fmt.Sprintf("%d %s elsewhere %s %s", i.StatementID, i.Billed, i.Elsewhere, i.Pay))
				}
				if got := fmt.Sprintf("%s %s: %s", s.Currency, s.Pay, strings.Join(invoices, ", ")); got != want {
					t.Errorf("%s: %s, want %s", month, got, want)
				}
			}
		}
	}
}

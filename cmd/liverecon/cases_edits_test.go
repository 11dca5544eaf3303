package main

import (
	"strings"
	"testing"
)

// TestMonthStartsEdited: a month that was reconciled is cut by the day that months began on then: an edit is said in its own
// words and cuts nothing anew without a word. A closed month keeps its own.
func TestMonthStartsEdited(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	c.reconcile("--statement", "s9.csv")
	before := c.query("SELECT group_concat(month || ' ' || reconciliation_id) FROM reconciliations WHERE superseded_by IS NULL")
	c.replace("liverecon.toml", "[billing]\n", "[billing]\nmonth_starts = 15\n")
	for _, args := range [][]string{
		{"reconcile", "--month", "2026-09"}, {"report", "finance", "--month", "2026-09"}, {"close", "--month", "2026-09", "--reason", "as far as it is known"},
		{"reconcile", "--statement", "s10.csv"},
	} {
		out := c.run(10, args...)
		c.says(out, "billing.month_starts is 15, and 2026-09 was reconciled with months that begin on day 1",
			"set it back; or `liverecon reconcile --month 2026-09 --reprice` cuts the month anew")
	}
	if got := c.query("SELECT group_concat(month || ' ' || reconciliation_id) FROM reconciliations WHERE superseded_by IS NULL"); got != before {
		t.Errorf("reconciled again: %s, were %s", got, before)
	}
	c.says(c.run(0, "reconcile", "--month", "2026-09", "--reprice"), "2026-09: ")
	if got := c.query("SELECT settings LIKE '%\"month_starts\":15%' FROM reconciliations WHERE month = '2026-09' AND superseded_by IS NULL"); got != "1" {
		t.Error("it is cut as it was")
	}

	// Closed, it stays as it is.
	c = openCase(t, "03-late-lines-after-close")
	c.reconcile("--statement", "s9.csv")
	c.run(0, "close", "--month", "2026-09", "--reason", "as far as it is known")
	sealed := c.query("SELECT group_concat(hex(sha256)) FROM closed_files")
	c.replace("liverecon.toml", "[billing]\n", "[billing]\nmonth_starts = 15\n")
	c.run(0, "report", "finance", "--month", "2026-09")
	c.run(0, "verify", "reports/finance_2026-09.xlsx")
	if got := c.query("SELECT group_concat(hex(sha256)) FROM closed_files"); got != sealed {
		t.Error("a closed month's files have changed")
	}
}

// TestMonthsAhead: a month that has not begun is refused by every verb that takes one.
func TestMonthsAhead(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	for _, args := range []string{"reconcile", "dispute", "report finance", "report focus", "report risk"} {
		out := c.run(10, append(strings.Fields(args), "--month", "2999-01")...)
		c.says(out, "--month 2999-01 lies in the future: it begins on 2999-01-01")
	}
	c.says(c.run(10, "close", "--month", "2999-01"), "2999-01 is not over")
	c.says(c.run(10, "dispute"), "--month is missing: which one?")
}

// TestProductColumnNeedsProducts: a column of products alone tells nothing apart.
func TestProductColumnNeedsProducts(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	c.append("liverecon.toml", "[statement]\ncolumns.product = \"service\"\n")
	c.says(c.run(10, "reconcile", "--statement", "s9.csv"), "product goes with products: which of them are calls of ours?")
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// TestTaxIncluded: the amounts of the lines include 9 % tax. That is no price variance; what is disputed is without it,
// its tax is held back beside it, and one wrong price is the only exception.
func TestTaxIncluded(t *testing.T) {
	c := openCase(t, "02-late-lines-replace-month")
	gross, dear := decimal.RequireFromString("1.09"), decimal.RequireFromString("0.0545") // 0.05 with tax, for 0.032
	c.rewrite("s9.csv", "gross.csv", func(row []string) {
		amount := decimal.RequireFromString(row[9]).Mul(gross)
		if row[1] == "55478e3368ae4ff3" {
			amount = dear
		}
		row[8], row[9] = amount.String(), amount.String()
	})
	c.says(c.run(0, "reconcile", "--statement", "gross.csv"), "0.44604 to dispute") // prices as if they were without
	c.append("liverecon.toml", "[statement]\ntax = \"included\"\ntax_rate = \"9%\"\n")
	out := c.run(0, "reconcile", "--statement", "gross.csv")
	c.says(out, "2026-09: USD 0.087 less than our records support: 0.105 not yet billed, 0.018 to dispute (with 0.42804 tax)")
	if got := c.query("SELECT count(*) || ' ' || max(class) || ' ' || max(their_amount) FROM v_reconciled WHERE month = '2026-09' AND class NOT IN ('matched', 'ours only')"); got != "1 price differs 0.0545" {
		t.Errorf("exceptions: %s", got)
	}
	if got := c.query("SELECT amount FROM bridge WHERE step = 'tax on what is disputed' AND reconciliation_id = (SELECT max(reconciliation_id) FROM bridge)"); got != "0.00162" {
		t.Errorf("tax on 0.018: %s", got)
	}
	c.tied("2026-09")
	c.run(0, "dispute", "--month", "2026-09")
	c.run(0, "verify", "reports/finance_2026-09.xlsx")
	for setting, want := range map[string]string{
		`tax = "incl"`: `want apart or included`, `tax_rate = "9%"`: `goes with tax = "included"`,
		`tax = "included"`:                        "is missing: what the included tax is",
		"tax = \"included\"\ntax_rate = \"0.09\"": `want a share of more than 0 and at most 100 %, such as "9%"`,
	} {
		bad := openCase(t, "02-late-lines-replace-month")
		bad.append("liverecon.toml", "[statement]\n"+setting+"\n")
		if out := bad.run(10, "reconcile", "--statement", "s9.csv"); !strings.Contains(out, want) {
			t.Errorf("%s: %s", setting, out)
		}
	}
}

// TestTaxOverTwoMonths: October's invoice taxes its late lines of September as well, so what is disputed bears its share of
// all lines: 9 % of 0.018.
func TestTaxOverTwoMonths(t *testing.T) {
	c := openCase(t, "02-late-lines-replace-month")
	c.reconcile("--statement", "s9.csv")
	text, err := os.ReadFile(filepath.Join(c.dir, "s10.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(text)), "\n")
	last := len(rows) - 1
	rows[last] = strings.Replace(rows[last], ",0.032,0.032,USD", ",0.050,0.050,USD", 1)
	for i := range rows {
		rows[i] += map[bool]string{true: ",kind", false: ",usage"}[i == 0]
	}
	rows = append(rows, "900,,2026-10-31T12:00:00+08:00,,,,,,,0.59112,USD,tax") // of 6.568
	c.write("taxed.csv", strings.Join(rows, "\n")+"\n")
	c.reconcile("--statement", "taxed.csv")
	c.bridge("2026-10", "ours 6.183, explained by doubt 0.262, owed 6.445, price differs, more 0.018, to dispute 0.018, "+
		"tax on what is owed 0.5895, tax on what is disputed 0.00162, theirs 7.05412")
	c.tied("2026-10")
}

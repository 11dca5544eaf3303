package main

import (
	"strings"
	"testing"
)

// TestReprice: an edited price changes no open month that was reconciled: not its amounts, its workbook, its closing. That
// is said, and `--reprice` takes it. A price for an endpoint that had none is no edit.
func TestReprice(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	const stays = "2026-09 stays at the prices it was reconciled with; the configuration has others by now: liverecon reconcile --month " +
		"2026-09 --reprice takes them"
	th := "[[price]]\nendpoint=\"th\"\nfrom=\"2026-01-01\"\ncurrency=\"USD\"\nunit=\"0.032\"\n"
	c.replace("liverecon.toml", th, "")
	c.says(c.run(0, "reconcile", "--statement", "s9.csv"), "without a price")
	c.replace("liverecon.toml", "[[price]]", th+"\n[[price]]")
	priced := c.run(0, "reconcile", "--month", "2026-09")
	c.bridge("2026-09", "ours 4.843, owed 4.843, ours only -0.105, not yet billed -0.105, theirs 4.738")

	c.replace("liverecon.toml", `unit="0.035"`, `unit="0.040"`)
	out := c.run(0, "reconcile", "--month", "2026-09")
	c.says(out, stays, "nothing new since 2026-09 was reconciled last")
	if strings.Contains(priced, "--reprice") || strings.Count(out, "--reprice") != 1 {
		t.Errorf("said where it is so, and once: %s\n%s", priced, out)
	}
	if r := c.reconcile("--month", "2026-09"); !r.Months[0].OtherPrices || r.Months[0].Changed {
		t.Errorf("%+v", r.Months[0])
	}
	c.tied("2026-09")
	c.run(0, "verify", "reports/finance_2026-09.xlsx")
	if out := c.run(0, "reconcile", "--statement", "s10.csv"); strings.Count(out, "--reprice") != 1 {
		t.Errorf("October has the present prices, and September stays: %s", out)
	}
	if got := c.query("SELECT settings LIKE '%\"0.04\"%' FROM reconciliations WHERE month = '2026-10' AND superseded_by IS NULL"); got != "1" {
		t.Error("October has an earlier price")
	}

	c.says(c.run(0, "reconcile", "--month", "2026-09", "--reprice"), "ours ", "5.0")
	if out := c.run(0, "reconcile", "--month", "2026-09"); strings.Contains(out, "--reprice") {
		t.Errorf("it has the present prices now: %s", out)
	}
	c.replace("liverecon.toml", `unit="0.040"`, `unit="0.050"`)
	c.run(0, "close", "--month", "2026-09", "--reason", "as far as it is known")
	if got := c.query("SELECT settings LIKE '%\"0.04\"%' FROM closures WHERE month = '2026-09'"); got != "1" {
		t.Error("it is closed at other prices than it was reconciled with")
	}
}

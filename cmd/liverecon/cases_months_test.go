package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store/calendar"
)

// TestMonthStarts: billing months run from the 15th to the 14th. Two invoices by calendar month share October then (15
// September to 14 October): the second adds to it, and takes no place. Workbooks, exports and closings are of those
// months.
func TestMonthStarts(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	c.replace("liverecon.toml", "[billing]\n", "[billing]\nmonth_starts = 15\n")
	c.says(c.run(0, "reconcile", "--statement", "s9.csv"), "statement 1: 147 lines of 2026-09, 2026-10, imported\n")
	out := c.run(0, "reconcile", "--statement", "s10.csv")
	c.says(out, "statement 2: 198 lines of 2026-09, 2026-10, 2026-11, imported, beside statement 1 (s9.csv)\n")
	if got := c.query(`SELECT group_concat(month || ' ' || class || ' ' || n, ', ') FROM (SELECT month, class, count(*) AS n FROM v_reconciled
		WHERE class NOT IN ('matched', 'explained by doubt') GROUP BY month, class)`); got != "2026-11 other period 6, 2026-11 ours only 88" {
		t.Errorf("both bills are right, and nobody has billed November's days yet: %s", got)
	}
	if got := c.query(`SELECT min(k.sent_at) FROM v_reconciled r JOIN v_calls k ON k.call_id = r.call_id WHERE r.class = 'ours only'`); got < "2026-10-31T16" {
		t.Errorf("a call of %s is not billed yet", got)
	}
	if got := c.query(`SELECT count(*) FROM v_reconciled r JOIN v_calls k ON k.call_id = r.call_id WHERE r.month = '2026-10'
		AND (k.sent_at < '2026-09-14T16:00:00' OR k.sent_at >= '2026-10-14T16:00:00')`); got != "0" {
		t.Errorf("%s calls of October are not of 15 September to 14 October", got)
	}
	for _, month := range []string{"2026-09", "2026-10", "2026-11"} {
		c.tied(month)
		c.run(0, "verify", "reports/finance_"+month+".xlsx")
	}
	c.run(0, "report", "focus", "--month", "2026-10")
	focus, err := os.ReadFile(filepath.Join(c.dir, "reports", "focus_2026-10.csv"))
	if err != nil {
		t.Fatal(err)
	}
	c.says(string(focus), ",2026-09-14T16:00:00Z,2026-10-14T16:00:00Z,")
	c.run(0, "close", "--month", "2026-09", "--reason", "as far as it is known")
	c.run(0, "close", "--month", "2026-10", "--reason", "as far as it is known")
	if got := c.query("SELECT group_concat(settings LIKE '%\"month_starts\":15%') FROM closures"); got != "1,1" {
		t.Errorf("closed with %s", got)
	}
	c.says(c.run(0, "reconcile", "--month", "2026-11"), "nothing new since 2026-11 was reconciled last")
	late := c.query(`SELECT transaction_id FROM v_calls WHERE sent_at BETWEEN '2026-10-20' AND '2026-10-21' LIMIT 1`)
	c.says(c.run(0, "explain", late), "finance_2026-11: ")
	zone, err := time.LoadLocation("Asia/Singapore")
	if err != nil {
		t.Fatal(err)
	}
	now := calendar.Months{Zone: zone, Starts: 15}.Of(time.Now())
	c.says(c.run(10, "close", "--month", now.Label), "it ends on "+now.To.In(zone).Format("2006-01-02")+" 00:00")
	bad := openCase(t, "02-late-lines-replace-month")
	bad.replace("liverecon.toml", "[billing]\n", "[billing]\nmonth_starts = 29\n")
	c.says(bad.run(10, "reconcile", "--statement", "s9.csv"), "billing.month_starts", "28")
}

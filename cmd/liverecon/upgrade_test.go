package main

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/reports"
	"liverecon/report/finance"
	"liverecon/report/verify"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// The databases of testdata/upgrade were written by earlier versions, of the same calls:
//
//   - schema_17, whose bridge had no sums: September closed with two calls that no line bills and a line of no call, October
//     reconciled and open, two decisions about answers.
//   - schema_26, which kept what came to light of closed months beside the bridge of the month that bears it: September closed
//     likewise, October closed with the two late lines of September.
//
// said.txt has what these versions said of each month, and what is said of it now: before anything is reconciled again, and
// after it.

// upgraded opens a database of an earlier version.
func upgraded(t *testing.T, schema string) *casebook {
	t.Helper()
	c := &casebook{t, t.TempDir()}
	if err := os.CopyFS(c.dir, os.DirFS(filepath.Join("testdata", "upgrade"))); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(filepath.Join(c.dir, schema+".db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // only read from
	packed, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	c.write("l.db", string(content))
	return c
}

// verdicts returns what status says of each reconciled month.
func (c *casebook) verdicts() map[string]string {
	said, out := map[string]string{}, c.run(0, "status")
	if !strings.Contains(out, "in these amounts and caps\n\n") || strings.Contains(out, `\n`) {
		c.t.Errorf("of the month's minimum it is said:\n%s", out)
	}
	for line := range strings.Lines(out) {
		if month, _, found := strings.Cut(line, ": USD "); found && len(month) == len("2026-09") {
			said[month] = strings.TrimSpace(line)
		}
	}
	return said
}

// frozen returns all that is kept of a month, as far as the earlier version has written it.
func (c *casebook) frozen(month string) string {
	c.t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT group_concat(line, x'0a') FROM (SELECT class || '|' || transaction_id || '|' || coalesce(our_amount, '') || '|' ||
			their_amount || '|' || explained || '|' || note AS line FROM reconciled JOIN reconciliations r USING (reconciliation_id)
			WHERE r.month = '%s' AND r.superseded_by IS NULL ORDER BY reconciled.row)`,
		`SELECT group_concat(line, x'0a') FROM (SELECT step || '|' || quantity || '|' || amount AS line FROM bridge
			JOIN reconciliations r USING (reconciliation_id) WHERE r.month = '%s' AND r.superseded_by IS NULL ORDER BY row)`,
		`SELECT group_concat(line, x'0a') FROM (SELECT kind || '|' || call_id || '|' || amount AS line FROM corrections
			WHERE borne_by = '%s' ORDER BY kind, call_id)`,
		`SELECT group_concat(hex(f.sha256)) FROM closed_files f JOIN closures USING (closure_id) WHERE month = '%s'`,
	} {
		all = append(all, c.query(fmt.Sprintf(query, month)))
	}
	return strings.Join(all, "\n\n")
}

// TestUpgrade: of a month that an earlier version has closed no sentence, row, step, correction, workbook or cost changes,
// whatever comes to light about it; what is said of open months may, and is listed.
func TestUpgrade(t *testing.T) {
	var said strings.Builder
	for _, u := range []struct {
		schema string
		closed []string
		news   [][]string // what is reconciled
		billed map[string]string
	}{
		{"schema_17", []string{"2026-09"}, [][]string{{"--month", "2026-10"}, {"--statement", "late.csv"}}, map[string]string{"2026-09": "s9.csv"}},
		{"schema_26", []string{"2026-09", "2026-10"}, [][]string{{"--statement", "s11.csv"}},
			map[string]string{"2026-09": "s9.csv", "2026-10": "late.csv"}},
	} {
		c := upgraded(t, u.schema)
		first := c.verdicts()
		before := map[string]string{}
		for _, month := range u.closed {
			before[month] = c.frozen(month)
		}
		c.list(&said, u.schema, "as it was", first)
		for _, args := range u.news {
			c.reconcile(args...)
			now := c.verdicts()
			c.list(&said, u.schema, strings.Join(args, " "), now)
			for _, month := range u.closed {
				if now[month] != first[month] {
					t.Errorf("%s: %q was %q", u.schema, now[month], first[month])
				}
				if got := c.frozen(month); got != before[month] {
					t.Errorf("%s: of %s is kept\n%s\nwas\n%s", u.schema, month, got, before[month])
				}
			}
		}
		for _, month := range u.closed {
			c.asClosed(month, u.billed[month])
		}
		if got := c.query("SELECT group_concat(decision) FROM decisions"); u.schema == "schema_17" && got != "attack,genuine" {
			t.Errorf("decisions: %s", got)
		}
	}
	want, err := os.ReadFile(filepath.Join("testdata", "upgrade", "said.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if said.String() != string(want) {
		t.Errorf("said:\n%s\nwant:\n%s", &said, want)
	}
}

// list adds what is said of the months.
func (c *casebook) list(said *strings.Builder, schema, when string, verdicts map[string]string) {
	fmt.Fprintf(said, "%s, %s:\n", schema, when)
	for _, month := range []string{"2026-09", "2026-10", "2026-11"} {
		if verdicts[month] != "" {
			fmt.Fprintf(said, "    %s\n", verdicts[month])
		}
	}
}

// asClosed fails unless a closed month's workbook is the kept one, a workbook made anew as it was closed has its figures, and
// its costs are those of the invoice.
func (c *casebook) asClosed(month, invoice string) {
	c.t.Helper()
	c.run(0, "report", "finance", "--month", month)
	kept := filepath.Join(c.dir, "reports", "finance_"+month+".xlsx")
	content, err := os.ReadFile(kept)
	if err != nil {
		c.t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	has := c.query("SELECT content IS NOT NULL FROM closed_files WHERE name = 'finance_"+month+".xlsx'") == "1"
	if hash := c.query("SELECT lower(hex(sha256)) FROM closed_files WHERE name = 'finance_" + month + ".xlsx'"); has && hash != fmt.Sprintf("%x", sum) {
		c.t.Errorf("%s: the workbook is not the one that was kept", month)
	}
	if has {
		found, err := verify.CompareFigures(c.rebuilt(month), kept)
		if err != nil || found.Total > 0 || found.Cells < 500 {
			c.t.Errorf("%s: of %d figures %d differ: %v, %v", month, found.Cells, found.Total, found.Different, err)
		}
	}

	c.run(0, "report", "focus", "--month", month)
	costs, lines := c.sumOf(filepath.Join("reports", "focus_"+month+".csv"), "BilledCost"), c.sumOf(invoice, "amount")
	if !costs.Equal(lines) {
		c.t.Errorf("%s: costs of %s, %s bills %s", month, costs, invoice, lines)
	}
}

// rebuilt makes a closed month's finance workbook anew, as it was closed.
func (c *casebook) rebuilt(month string) string {
	c.t.Helper()
	ctx := context.Background()
	conf, err := config.Load(filepath.Join(c.dir, "liverecon.toml"))
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := store.Open(ctx, filepath.Join(c.dir, "l.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read from
	period, err := calendar.ParseMonth(month, conf.BillingZone)
	if err != nil {
		c.t.Fatal(err)
	}
	o, err := reports.FinanceOptions(ctx, conf, s, period)
	if err != nil {
		c.t.Fatal(err)
	}
	o.AsClosed = true
	w, err := finance.Build(ctx, s, o)
	if err != nil {
		c.t.Fatal(err)
	}
	path := filepath.Join(c.dir, "rebuilt.xlsx")
	if err := errors.Join(xlsx.Write(w.Workbook, path), w.Close()); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// sumOf adds up a column of a CSV file.
func (c *casebook) sumOf(file, column string) (sum decimal.Decimal) {
	c.t.Helper()
	in, err := os.Open(filepath.Join(c.dir, file))
	if err != nil {
		c.t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // only read from
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			if name == column {
				sum = sum.Add(decimal.RequireFromString(row[i]))
			}
		}
	}
	return sum
}

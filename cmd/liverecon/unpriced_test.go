package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/batch"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/monitor"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/store"
)

const unpricedConfig = `
lists     = ["ids.csv"]
database  = "out/liverecon.db"
reports   = "out/reports"
[endpoint.id]
[endpoint.th]
[[price]]
endpoint = "id"
from     = "2020-01-01"
currency = "USD"
unit     = "0.03"
`

const thaiPrice = `[[price]]
endpoint = "th"
from     = "2020-01-01"
currency = "USD"
unit     = "0.05"
`

// books is a night of two endpoints and all that the program says about it.
type books struct {
	t   *testing.T
	dir string
}

// says returns what the program prints.
func (b *books) says(args ...string) string {
	b.t.Helper()
	cmd := exec.Command("liverecon", args...)
	cmd.Dir = b.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.t.Fatalf("liverecon %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// sheet is all text of a workbook's sheet.
func (b *books) sheet(file, sheet string) string {
	b.t.Helper()
	x, err := excelize.OpenFile(b.one(file))
	if err != nil {
		b.t.Fatal(err)
	}
	defer x.Close() //nolint:errcheck // opened for reading
	rows, err := x.GetRows(sheet)
	if err != nil {
		b.t.Fatal(err)
	}
	text := ""
	for _, row := range rows {
		text += strings.Join(row, " | ") + "\n"
	}
	return text
}

func (b *books) one(pattern string) string {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, pattern))
	if err != nil || len(files) != 1 {
		b.t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	return files[0]
}

func (b *books) file(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// opened gives the database to a function of this package, from the directory that the configuration's paths start
// from.
func (b *books) opened(do func(context.Context, *config.Config, *store.Store) string) string {
	b.t.Helper()
	b.t.Setenv("TMPDIR", os.TempDir()) // whoever opens a database makes its directory the process's
	ctx := context.Background()
	c, err := config.Load(filepath.Join(b.dir, "liverecon.toml"))
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := store.OpenReader(ctx, c.Database)
	if err != nil {
		b.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	return do(ctx, c, s)
}

func (b *books) metrics() string {
	return b.opened(func(ctx context.Context, c *config.Config, s *store.Store) string {
		c.Notify.MetricsFile = filepath.Join(b.dir, "told.prom")
		monitor.New(c, sourcesOf(c), slog.New(slog.DiscardHandler)).End(ctx, batch.Summary{}, nil)
		told, err := os.ReadFile(c.Notify.MetricsFile)
		if err != nil {
			b.t.Fatal(err)
		}
		return string(told)
	})
}

// closing returns what close says of the month, which is not over.
func (b *books) closing() string {
	return b.opened(func(ctx context.Context, c *config.Config, s *store.Store) string {
		from, to := c.Prices.PeriodOf(time.Now()).Bounds(c.BillingZone)
		r := monthend.Closure{Month: "2026-11", ClosedBy: "A. Lim", Content: "0123"}
		var err error
		if r.Unpriced, err = usage.Unpriced(ctx, s, c.Prices, c.Reconciling.Basis, from, to); err != nil {
			b.t.Fatal(err)
		}
		out, err := os.Create(filepath.Join(b.dir, "closed"))
		if err == nil {
			err = printClosure(stream{raw: out}, r, false)
		}
		if err != nil {
			b.t.Fatal(err)
		}
		text, err := os.ReadFile(out.Name())
		if err != nil {
			b.t.Fatal(err)
		}
		return string(text)
	})
}

// texts is everything that states an amount, by where it stands.
func (b *books) texts(prices string) map[string]string {
	b.file("liverecon.toml", unpricedConfig+prices)
	b.file(
		"ids.csv",
		"signatureId,region\nc01dface5eedf001,ID\nc01dface5eedf002,ID\nc01dface5eedf003,TH\nc01dface5eedf004,TH\nc01dface5eedf005,TH\n",
	)
	month := time.Now().In(config.MustZone(config.DefaultZone)).Format("2006-01")
	simulated := []string{"--simulate", "--config", "liverecon.toml"}
	say := func(args ...string) string { return b.says(append(args, simulated...)...) }

	all := map[string]string{"plan": say("plan"), "plan, JSON": say("plan", "--json"), "run, JSON": say("run", "--json")}
	all["verdict"] = b.opened(func(ctx context.Context, _ *config.Config, s *store.Store) string {
		runs, err := s.Runs().Latest(ctx, 1)
		if err != nil {
			b.t.Fatal(err)
		}
		return runs[0].Verdict
	})
	all["status"], all["status, JSON"] = say("status"), say("status", "--json")
	all["doctor"] = say("doctor")
	all["metrics"] = b.metrics()
	all["close"] = b.closing()
	say("report", "focus")
	focus, err := os.ReadFile(b.one("out/reports/focus_*.csv"))
	if err != nil {
		b.t.Fatal(err)
	}
	all["focus"] = string(focus)
	for _, sheet := range []string{"Summary", "In doubt", "By region and code", "By day", "Rates", "Sign-off"} {
		all["workbook, "+sheet] = b.sheet("out/reports/finance_*.xlsx", sheet)
	}
	b.file("statement.csv", "month,endpoint,quantity,amount,currency\n"+month+",id,2,0.07,USD\n"+month+",th,5,0.25,USD\n")
	all["reconcile"] = say("reconcile", "--statement", "statement.csv")
	all["reconcile, JSON"] = say("reconcile", "--json")
	for _, sheet := range []string{"Summary", "Reconciliation", "Sign-off"} {
		all["reconciled, "+sheet] = b.sheet("out/reports/finance_*.xlsx", sheet)
	}
	say("dispute", "--month", month)
	all["dispute"] = b.sheet("out/reports/dispute_*.xlsx", "Dispute")
	return all
}

// TestAmountsSayWhatTheyLeaveOut looks at everything that states an amount, of the same night with a price for every
// call, where none may speak of calls without one, and without a price for three of the calls, where each has to.
func TestAmountsSayWhatTheyLeaveOut(t *testing.T) {
	whole := (&books{t, t.TempDir()}).texts(thaiPrice)
	partly := (&books{t, t.TempDir()}).texts("")
	left := regexp.MustCompile(`\b([0-9,]+) calls? without a price`)
	for where, text := range partly {
		want := "3"
		switch where {
		case "metrics":
			if !strings.Contains(text, `liverecon_spend_unpriced_calls{period="month"} 3`) ||
				!strings.Contains(whole[where], `liverecon_spend_unpriced_calls{period="month"} 0`) {
				t.Errorf("%s:\n%s", where, text)
			}
			continue
		case "dispute": // what they bill beyond these
			want = "2"
		}
		if m := left.FindStringSubmatch(text); m == nil || m[1] != want {
			t.Errorf("%s says nothing of 3 calls that its amounts leave out:\n%s", where, text)
		}
		if left.MatchString(whole[where]) {
			t.Errorf("%s speaks of calls without a price, and there are none:\n%s", where, whole[where])
		}
	}
	for _, where := range []string{"workbook, Summary", "reconciled, Summary", "workbook, Sign-off"} {
		if !strings.Contains(whole[where], "✓ all ") || strings.Contains(partly[where], "✓ all ") ||
			!strings.Contains(partly[where], "✗ ") {
			t.Errorf("%s: the checks say\n%s\nwith a price for every call, and\n%s", where, whole[where], partly[where])
		}
	}
	if t.Failed() || testing.Verbose() {
		for where, text := range partly {
			for line := range strings.Lines(text) {
				if left.MatchString(line) {
					t.Log(fmt.Sprintf("%-28s", where), strings.TrimSpace(line))
				}
			}
		}
	}
}

// TestWorkbookTellsOfChangedPrices: where the prices as used are listed, it is said what their change came to, and
// nothing where there was none. Without a cap, too, it is said once, by the first run after the edit.
func TestWorkbookTellsOfChangedPrices(t *testing.T) {
	b := &books{t, t.TempDir()}
	run := []string{"run", "--simulate", "--config", "liverecon.toml"}
	b.file("ids.csv", "signatureId,region\nc01dface5eedf001,ID\nc01dface5eedf002,ID\n")
	b.file("liverecon.toml", unpricedConfig)
	b.says(run...)
	const title = "Prices or billing.reading changed in the configuration"
	if text := b.sheet("out/reports/finance_*.xlsx", "Rates"); strings.Contains(text, title) {
		t.Errorf("nothing was changed, and the sheet says\n%s", text)
	}
	b.file("liverecon.toml", strings.Replace(unpricedConfig, "0.03", "0.05", 1))
	const change = "USD 0.10 was USD 0.06 (USD +0.04)"
	if text := b.says(run...); !strings.Contains(text, change) || !strings.Contains(text, "DONE: nothing to do") {
		t.Errorf("the run after the edit says\n%s", text)
	}
	if text := b.says(run...); strings.Contains(text, "prices changed") {
		t.Errorf("it is said again:\n%s", text)
	}
	text := b.sheet("out/reports/finance_*.xlsx", "Rates")
	if !regexp.MustCompile(`(?s)` + title + `.*\b2 \| .*USD 0\.06 .*USD 0\.10 .*USD \+0\.04`).MatchString(text) {
		t.Errorf("the sheet says\n%s", text)
	}
	if text := b.says("verify", "--simulate", "--config", "liverecon.toml", b.one("out/reports/finance_*.xlsx")); !strings.Contains(
		text,
		" 0 different",
	) {
		t.Error(text)
	}
}

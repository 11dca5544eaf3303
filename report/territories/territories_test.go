package territories

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/internal/reporttest"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/parquet"
	"liverecon/store/parquet/load"
	"liverecon/store/snapshot"
)

// own holds a territory's figures as its own database gives them, a line a figure.
type own map[string][]string

// exported fills a database, exports it and returns where, and what its own reports say of both months.
func exported(t *testing.T, name, zone, currency string) (dir string, of own) {
	t.Helper()
	dir, of = filepath.Join(t.TempDir(), name), own{}
	at, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	reporttest.Run(t, "2026-10-30", func(f *reporttest.Database) {
		f.ReconciledMonth()
		rows := reporttest.Prices(t).Rows()
		var prices []billing.Price
		for _, p := range rows {
			is := *p
			if is.From = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); is.Currency == "USD" {
				is.Currency = currency
			}
			prices = append(prices, is)
		}
		book, err := billing.NewMonthlyBook(prices, billing.Months{Zone: at})
		f.Must(err)
		d, err := parquet.OpenDirectory(dir)
		f.Must(err)
		_, err = parquet.Export(f.T.Context(), f.Store, d, parquet.Which{}, parquet.Options{
			Months: calendar.Months{Zone: at}, Zone: at, Version: "9",
			Prices:   func(calendar.Period, string) []parquet.Price { return priceRows(prices) },
			Settings: parquet.Settings{Threshold: 50, Inclusive: true, Basis: "pay-tag", Clock: "answer"}})
		f.Must(errors.Join(err, d.Close()))
		for _, label := range []string{"2026-10", "2026-11"} {
			period, err := calendar.ParseMonth(label, at)
			f.Must(err)
			snap, err := snapshot.Open(f.T.Context(), f.Store)
			f.Must(err)
			data, err := figures.Load(f.T.Context(), snap, figures.Options{Period: period, Prices: book, AsClosed: true})
			f.Must(err)
			of[label] = figureLines(data.Ledger)
			v := survey.New()
			f.Must(survey.Scan(f.T.Context(), snap, v.Sink(period, survey.Rule{Threshold: 50, Inclusive: true})))
			if label == "2026-10" { // its workbook stays as it was closed, before the answer with 88 came
				late := v.Known["PH"]
				late.Answered--
				late.Counts[survey.Passing][survey.None]--
				late.Bands[survey.Band(88)]--
			}
			of["risk "+label] = scoreLines(v)
			f.Must(snap.Close())
		}
	})
	return dir, of
}

func priceRows(prices []billing.Price) (rows []parquet.Price) {
	for _, p := range prices {
		for i, tier := range p.Tiers {
			row := parquet.Price{Endpoint: p.Endpoint, Region: p.Region, Currency: p.Currency, From: p.From,
				Kind: string(p.Kind), Tier: i + 1, UpTo: tier.UpTo, Unit: tier.Unit.String(), FreeQuota: p.FreeQuota}
			if p.Minimum.IsPositive() {
				row.Minimum = p.Minimum.String()
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func figureLines(ledger *figures.Ledger) []string {
	b := &bill{}
	b.post(ledger)
	return accountLines(b)
}

func accountLines(b *bill) (lines []string) {
	for _, a := range b.accounts {
		lines = append(lines, fmt.Sprint(a.endpoint, a.region, a.currency, a.Bill, a.Billable, a.Amount))
	}
	return lines
}

func scoreLines(v *survey.Survey) (lines []string) {
	for _, region := range slices.Sorted(maps.Keys(v.Known)) {
		g := v.Known[region]
		lines = append(lines, fmt.Sprint(region, g.Answered, g.Counts, g.Bands))
	}
	return lines
}

// TestNewestOfAll: where nobody says which month, it is the newest that each export has, in whatever zone this is read.
func TestNewestOfAll(t *testing.T) {
	lake := func(months ...string) *load.Lake {
		l := &load.Lake{Manifest: &parquet.Manifest{Months: map[string]parquet.Month{}}}
		for _, m := range months {
			l.Manifest.Months[m] = parquet.Month{}
		}
		return l
	}
	for _, c := range []struct {
		lakes []*load.Lake
		want  string
	}{
		{[]*load.Lake{lake("2026-12")}, "2026-12"},
		{[]*load.Lake{lake("2026-10", "2026-11"), lake("2026-11", "2026-12")}, "2026-11"},
		{[]*load.Lake{lake("2026-10"), lake("2026-11", "2026-12")},
			"there is no month that all of them have: a has 2026-10; b has 2026-11, 2026-12"},
	} {
		got, err := newestOfAll(c.lakes, []string{"a", "b"})
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestAsTheirOwn: of two territories in different zones and currencies every figure is that of the territory's own
// reports, of a closed month and of an open one; what is wrong with an export is refused by name.
func TestAsTheirOwn(t *testing.T) {
	id, ofID := exported(t, "ID", "Asia/Singapore", "USD")
	de, ofDE := exported(t, "DE", "Europe/Berlin", "EUR")
	for dir, of := range map[string]own{id: ofID, de: ofDE} {
		for _, label := range []string{"2026-10", "2026-11"} {
			one, err := openAll(t.Context(), []string{dir}, label)
			if err != nil {
				t.Fatal(err)
			}
			is := one[0]
			b, err := is.finance()
			if err != nil {
				t.Fatal(err)
			}
			if got := accountLines(b); !slices.Equal(got, of[label]) || len(got) == 0 {
				t.Errorf("%s %s costs\n%s\nand by its own report\n%s", is.name, label, strings.Join(got, "\n"),
					strings.Join(of[label], "\n"))
			}
			v, _, err := is.scores()
			if err != nil {
				t.Fatal(err)
			}
			if got := scoreLines(v); !slices.Equal(got, of["risk "+label]) || len(got) == 0 {
				t.Errorf("%s %s has\n%s\nand by its own report\n%s", is.name, label, strings.Join(got, "\n"),
					strings.Join(of["risk "+label], "\n"))
			}
		}
	}
	for _, kind := range []string{"risk", "finance"} {
		book, _, err := Build(t.Context(), kind, Options{Exports: []string{id, de}, Month: "2026-11", Version: "9"})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "x.xlsx")
		if err := xlsx.Write(book, file); err != nil {
			t.Fatal(err)
		}
		text := reporttest.CellText(t, file)
		for _, want := range []string{"2026-11 is still open in all territories", "Europe/Berlin", "DE", "ID"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", kind, want)
			}
		}
	}
	refusals(t, de)
}

func refusals(t *testing.T, good string) {
	t.Helper()
	lake, err := load.Open(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	name := lake.Manifest.Months["2026-11"].Files[0].Path
	manifest, err := os.ReadFile(filepath.Join(good, parquet.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	for want, harm := range map[string]func(root string) error{
		name + " is missing": func(root string) error { return os.Remove(filepath.Join(root, name)) },
		name + " has other bytes than were written": func(root string) error {
			return os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600)
		},
		"calls/part-1.parquet is in no manifest": func(root string) error {
			return os.WriteFile(filepath.Join(root, "calls", "part-1.parquet"), nil, 0o600)
		},
		"has schema version 7, and this program knows up to 2": func(root string) error {
			newer := strings.Replace(string(manifest), `"schema_version": 2`, `"schema_version": 7`, 1)
			return os.WriteFile(filepath.Join(root, parquet.ManifestName), []byte(newer), 0o600)
		},
		" rows and not 0": func(root string) error {
			m := *lake.Manifest
			for i := range m.Months["2026-11"].Files {
				m.Months["2026-11"].Files[i].Rows = 0
			}
			text, err := m.Text()
			return errors.Join(err, os.WriteFile(filepath.Join(root, parquet.ManifestName), text, 0o600))
		},
	} {
		root := filepath.Join(t.TempDir(), "lake")
		if err := errors.Join(os.CopyFS(root, os.DirFS(good)), harm(root)); err != nil {
			t.Fatal(err)
		}
		_, _, err := Build(t.Context(), "risk", Options{Exports: []string{good, root}, Month: "2026-11"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	_, _, err = Build(t.Context(), "risk", Options{Exports: []string{good, good}, Month: "2026-11"})
	if err == nil || !strings.Contains(err.Error(), "are exports of one database") {
		t.Errorf("twice: %v", err)
	}
}

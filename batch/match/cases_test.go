package match

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// Months of October 2026 that were judged wrongly once, each with what is right: to dispute, not yet billed, what is
// proposed for payment, and the first of the readings that nothing contradicts.
func TestCases(t *testing.T) {
	price := func(endpoint, unit string) billing.Price { return flat(endpoint, "*", "2026-01-01", unit) }
	in := func(p billing.Price, currency string) billing.Price { p.Currency = currency; return p }
	step := func(upTo int64) billing.Price {
		p := price("id", "0")
		p.Kind, p.Tiers = billing.Graduated, []billing.Tier{{UpTo: upTo, Unit: dec("0.030")}, {Unit: dec("0.026")}}
		return p
	}
	three := []billing.Price{price("id", "0.031237"), price("sg", "0.034567"), price("th", "0.032111")}
	for name, tt := range map[string]struct {
		prices []billing.Price
		want   string
	}{
		"01-minimum-with-doubt":   {[]billing.Price{withMinimum(price("th", "0.032"), "20")}, "USD 0 0 20 pay-tag, 0 open"},
		"05-reading-claimed":      {[]billing.Price{price("sg", "0.035")}, "USD 0.005 0 0.77 pay-tag, 1 open"},
		"08-rounding-total":       {three, "USD 0 0 17.74 pay-tag, 0 open"},
		"08b-rounding-line":       {three, "USD 0 0 17.75 pay-tag, 0 open"},
		"13-tied-total-open":      {[]billing.Price{step(200), price("sg", "0.035"), price("th", "0.032")}, "USD 0 0 17.86 pay-tag, 0 open"},
		"16-tax-on-dispute":       {[]billing.Price{price("sg", "1.00")}, "USD 1 0 10.9 pay-tag, 1 open"},
		"17-minimum-not-owed":     {[]billing.Price{step(200), price("sg", "0.035"), withMinimum(price("th", "0.032"), "20")}, "USD 0 15.104 18.02 pay-tag, 1 open"},
		"18-day-totals-tier":      {[]billing.Price{step(50)}, "USD 0 0 2.33 pay-tag, 0 open"},
		"19-doubt-other-currency": {[]billing.Price{in(price("th", "1.10"), "THB"), in(price("id", "480"), "IDR")}, "IDR 0 0 480, THB 0 0 2.2 pay-tag, 0 open"},
	} {
		t.Run(name, func(t *testing.T) {
			m := NewMatcher(mustBook(t, zone(t, "Asia/Singapore"), tt.prices...), Options{Month: mustPeriod(t, "2026-10"),
				Basis: billing.PayTag, Edge: 24 * time.Hour, Window: 15 * time.Minute})
			readCalls(t, m, filepath.Join("testdata", name, "calls.csv"))
			readStatement(t, m, filepath.Join("testdata", name, "s.csv"))
			result, rows := match(t, m)
			open := 0
			for _, r := range rows {
				if r.Class.Open() {
					open++
				}
			}
			var got []string
			for _, v := range result.Verdicts {
				got = append(got, fmt.Sprintf("%s %s %s %s", v.Currency, v.Over, v.Under, v.Pay))
			}
			text := fmt.Sprintf("%s %s, %d open", strings.Join(got, ", "), append(result.Reproduces, "none")[0], open)
			if text != tt.want {
				t.Errorf("%s, want %s", text, tt.want)
			}
		})
	}
}

func readCalls(t *testing.T, m *Matcher, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		at, err := time.Parse(time.RFC3339, r[4])
		if err != nil {
			t.Fatal(err)
		}
		m.Call(&Call{ID: number(t, r[0]), CheckID: number(t, r[1]), SentAt: at, Outcome: r[5], Success: r[8] == "SUCCESS",
			Pricing: r[9], Tag: billing.ParseTag(r[9]), TransactionID: r[11], Endpoint: r[13], Region: r[14]})
	}
}

func readStatement(t *testing.T, m *Matcher, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	_, err = statement.Read(file, info.Size(), path, statement.Options{Zone: zone(t, "Asia/Singapore"),
		Month: mustPeriod(t, "2026-10"), Region: func(s string) (string, bool) { return s, true }},
		func(l statement.Line) error { return m.Line(1, &l) })
	if err != nil {
		t.Fatal(err)
	}
}

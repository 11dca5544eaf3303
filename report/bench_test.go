package report

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

var (
	benchRows   = flag.Int("rows", 100_000, "most rows of detail in the benchmarks")
	benchChecks = flag.Int("checks", 1_000_000, "most checks stored in the benchmarks of growth")
	benchKeep   = flag.String("keep", "", "directory that keeps the benchmarks' databases for the next time")
)

// BenchmarkDetail makes the risk workbook of one night with a row for every check.
func BenchmarkDetail(b *testing.B) {
	for rows := 100_000; rows <= *benchRows; rows *= 10 {
		s := scaled(b, 1, rows)
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) { benchRisk(b, s, lastNight(), true) })
	}
}

// BenchmarkMonth makes the workbooks of a month, without detail, of a database that holds this month and the one compared
// with.
func BenchmarkMonth(b *testing.B) {
	const nights = 61
	month := calendar.Month(2026, 11, reporttest.Singapore())
	for checks := 100_000; checks <= *benchChecks; checks *= 10 {
		s := scaled(b, nights, checks/nights)
		b.Run(fmt.Sprintf("risk/checks=%d", checks), func(b *testing.B) { benchRisk(b, s, month, false) })
		b.Run(fmt.Sprintf("finance/checks=%d", checks), func(b *testing.B) { benchFinance(b, s, month) })
	}
}

// BenchmarkDay makes the workbooks of one night of 100,000 checks, of databases with more and more such nights before it.
func BenchmarkDay(b *testing.B) {
	const each = 100_000
	for checks := each; checks <= *benchChecks; checks *= 10 {
		s := scaled(b, checks/each, each)
		b.Run(fmt.Sprintf("risk/checks=%d", checks), func(b *testing.B) { benchRisk(b, s, lastNight(), true) })
		b.Run(fmt.Sprintf("finance/checks=%d", checks), func(b *testing.B) { benchFinance(b, s, lastNight()) })
	}
}

func lastNight() calendar.Period { return calendar.Days(2026, 11, 30, 1, reporttest.Singapore()) }

func benchRisk(b *testing.B, s *store.Store, p calendar.Period, detail bool) {
	benchWorkbook(b, func() (*xlsx.Workbook, error) {
		w, err := risk.Build(context.Background(), s, risk.Options{Period: p, Threshold: 50, Inclusive: true, NoDetail: !detail})
		if err != nil {
			return nil, err
		}
		return w.Workbook, nil
	})
}

func benchFinance(b *testing.B, s *store.Store, p calendar.Period) {
	benchWorkbook(b, func() (*xlsx.Workbook, error) {
		w, err := finance.Build(context.Background(), s, finance.Options{Period: p})
		if err != nil {
			return nil, err
		}
		return w.Workbook, nil
	})
}

// benchWorkbook goes from the database to a closed file.
func benchWorkbook(b *testing.B, build func() (*xlsx.Workbook, error)) {
	path := filepath.Join(b.TempDir(), "workbook.xlsx")
	b.ReportAllocs()
	for b.Loop() {
		w, err := build()
		if err == nil {
			err = errors.Join(xlsx.Write(w, path), w.Close())
		}
		if err != nil {
			b.Fatal(err)
		}
		if len(w.FailedChecks) > 0 {
			b.Fatal(w.FailedChecks)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MiB-file")
}

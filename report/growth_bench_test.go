package report

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

// BenchmarkMonth makes the workbooks of a month, without detail, of a database that holds this month and the one compared
// with.
func BenchmarkMonth(b *testing.B) {
	const nights = 61
	for each := 100_000; each <= *benchChecks; each *= 10 {
		s := scaled(b, nights, each/nights)
		month := Month(2026, 11, singapore())
		b.Run(fmt.Sprintf("risk/checks=%d", each), func(b *testing.B) {
			benchWorkbook(b, func() (*Workbook, error) {
				return Risk(context.Background(), s, RiskOptions{Period: month, Threshold: 50, Inclusive: true, NoDetail: true})
			})
		})
		b.Run(fmt.Sprintf("finance/checks=%d", each), func(b *testing.B) {
			benchWorkbook(b, func() (*Workbook, error) { return Finance(context.Background(), s, FinanceOptions{Period: month}) })
		})
	}
}

// BenchmarkDay makes the workbooks of one night of 100,000 checks, with detail, of databases with more and more nights
// before it.
func BenchmarkDay(b *testing.B) {
	const each = 100_000
	for checks := each; checks <= *benchChecks; checks *= 10 {
		s := scaled(b, checks/each, each)
		day := Days(2026, 11, 30, 1, singapore())
		b.Run(fmt.Sprintf("risk/checks=%d", checks), func(b *testing.B) {
			benchWorkbook(b, func() (*Workbook, error) {
				return Risk(context.Background(), s, RiskOptions{Period: day, Threshold: 50, Inclusive: true})
			})
		})
		b.Run(fmt.Sprintf("finance/checks=%d", checks), func(b *testing.B) {
			benchWorkbook(b, func() (*Workbook, error) { return Finance(context.Background(), s, FinanceOptions{Period: day}) })
		})
	}
}

func benchWorkbook(b *testing.B, build func() (*Workbook, error)) {
	path := filepath.Join(b.TempDir(), "workbook.xlsx")
	b.ReportAllocs()
	for b.Loop() {
		w, err := build()
		if err == nil {
			err = Write(w, path)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
		if len(w.Untied) > 0 {
			b.Fatal(w.Untied)
		}
	}
}

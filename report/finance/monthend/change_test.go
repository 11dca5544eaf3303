package monthend

import (
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
)

// TestCapCell: a cap is said to be likely to stop calls where the whole interval is above it, that it may where a part
// is, and neither where none is.
func TestCapCell(t *testing.T) {
	m := figures.MonthForecast{Low: decimal.NewFromInt(780), High: decimal.NewFromInt(850)}
	for limit, want := range map[int64]string{0: "none", 700: "▲ 700.00 is likely to stop calls", 780: "▲ 780.00 may stop calls",
		849: "▲ 849.00 may stop calls", 850: "✓ below 850.00", 900: "✓ below 900.00"} {
		m.Cap = decimal.NewFromInt(limit)
		if got := capCell(m).Text; got != want {
			t.Errorf("%d: %q, want %q", limit, got, want)
		}
	}
}

package page

import (
	"testing"

	"liverecon/report/xlsx"
)

// TestSaid: a cell is said as its format shows it in a workbook.
func TestSaid(t *testing.T) {
	for _, c := range []struct {
		cell xlsx.Cell
		want string
	}{
		{xlsx.T("text"), "text"}, {xlsx.N(1234567), "1,234,567"}, {xlsx.F(0.0912, xlsx.Rate), "9.12%"},
		{xlsx.F(0.5, xlsx.Share), "50.0%"}, {xlsx.F(2.305, xlsx.Points), "+2.31 pp"}, {xlsx.F(-0.2, xlsx.Points), "−0.20 pp"},
		{xlsx.F(0, xlsx.Points), "0.00 pp"}, {xlsx.F(0.1234, xlsx.PSI), "0.123"}, {xlsx.D("0", xlsx.Amount2), "–"},
		{xlsx.D("1234.995", xlsx.Amount2), "1,235.00"}, {xlsx.D("-0.5", xlsx.Amount2), "(0.50)"},
		{xlsx.D("999.99995", xlsx.Amount4), "1,000.0000"}, {xlsx.D("0.0336", xlsx.Unit), "0.0336"},
		{xlsx.D("8.4", xlsx.SignedAmount), "+8.40"}, {xlsx.D("-8.4", xlsx.SignedAmount), "−8.40"},
		{xlsx.D("0", xlsx.SignedAmount), "–"}, {xlsx.F(1.5, xlsx.Score), "1.5"}, {xlsx.N(3).WithFormat(xlsx.SignedCount), "+3"},
		{xlsx.F(-0.01, xlsx.SignedShare), "−1.00%"}, {xlsx.N(7).WithFormat(xlsx.General), "7"},
	} {
		if got := Said(c.cell); got != c.want {
			t.Errorf("%+v: %q, want %q", c.cell, got, c.want)
		}
	}
}

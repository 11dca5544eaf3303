package billing

import (
	"testing"

	"github.com/shopspring/decimal"
)

func limit(s string) decimal.NullDecimal {
	if s == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(dec(s))
}

func TestTolerance(t *testing.T) {
	for _, tt := range []struct {
		abs, rel, difference, ours string
		want                       bool
	}{
		{"", "", "0", "100", true},
		{"", "", "0.000001", "100", false},
		{"1", "", "1.00", "0", true},
		{"1", "", "1.01", "100000", false},
		{"", "0.001", "0.1", "100", true},
		{"", "0.001", "0.11", "100", false},
		{"", "0.001", "0.01", "0", false},
		{"1", "0.001", "0.5", "500", true},
		{"1", "0.001", "0.5", "499", false},   // the share alone is passed
		{"1", "0.001", "1.01", "5000", false}, // the amount alone is passed
		{"0", "", "0", "0", true},
		{"", "0.1", "5", "-50", true},
	} {
		tolerance := Tolerance{limit(tt.abs), limit(tt.rel)}
		if got := tolerance.allows(dec(tt.difference), dec(tt.ours)); got != tt.want {
			t.Errorf("abs %q, rel %q: %s of %s is %v", tt.abs, tt.rel, tt.difference, tt.ours, got)
		}
	}
}

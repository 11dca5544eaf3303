package billing

import "testing"

func TestRangeString(t *testing.T) {
	for _, tt := range []struct {
		r    Range
		want string
	}{
		{Range{}, ""},
		{Range{Floor: Amounts{"USD": dec("2060")}, Ceiling: Amounts{"USD": dec("2060.42")}}, "USD 2,060.00-2,060.42"},
		{Range{Floor: Amounts{"USD": dec("2060")}, Ceiling: Amounts{"USD": dec("2060.0")}}, "USD 2,060.00"},
		{Range{Ceiling: Amounts{"USD": dec("0.035"), "EUR": dec("1")}}, "EUR 0.00-1.00, USD 0.00-0.035"},
		{Range{Floor: Amounts{"USD": dec("-20")}, Ceiling: Amounts{"USD": dec("5")}}, "USD -20.00 to 5.00"},
		{Range{Floor: Amounts{"USD": dec("-20")}, Ceiling: Amounts{"USD": dec("-5")}}, "USD -20.00 to -5.00"},
		{Range{Floor: Amounts{"USD": dec("-5")}, Ceiling: Amounts{"USD": dec("-5")}}, "USD -5.00"},
	} {
		if got := tt.r.String(); got != tt.want {
			t.Errorf("%+v = %q, want %q", tt.r, got, tt.want)
		}
	}
}

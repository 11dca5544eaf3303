package billing

import (
	"strings"
	"testing"
	"time"
)

func TestParseCap(t *testing.T) {
	c, err := ParseCap("spend_per_run", "500 USD", "IDR 7,500,000.00")
	if err != nil || c.Name != "spend_per_run" || c.Limit.String() != "IDR 7,500,000.00, USD 500.00" {
		t.Errorf("ParseCap = %v, %v", c, err)
	}
	for _, tt := range []struct {
		limits []string
		want   string
	}{
		{[]string{"500"}, `spend_per_run: money "500"`},
		{[]string{""}, `spend_per_run: money ""`},
		{[]string{"0 USD"}, "spend_per_run: USD 0.00: a cap must be above zero"},
		{[]string{"-1 USD"}, "spend_per_run: USD -1.00: a cap must be above zero"},
		{[]string{"1 USD", "2 USD"}, "spend_per_run: two limits in USD"},
	} {
		if _, err := ParseCap("spend_per_run", tt.limits...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseCap(%q): %v, want %q", tt.limits, err, tt.want)
		}
	}
}

func TestCapsCheck(t *testing.T) {
	idr := flat("id", "ID", "2026-01-01", "500")
	idr.Currency = "IDR"
	book := mustBook(t, time.UTC, flat("sg", "*", "2026-01-01", "0.035"), idr)
	usd := Cap{Name: "spend_per_run", Limit: Amounts{"USD": dec("500")}}
	both := Cap{Name: "spend_per_day", Limit: Amounts{"USD": dec("500"), "IDR": dec("1000000")}}
	for _, tt := range []struct {
		caps Caps
		want string
	}{
		{Caps{}, ""},
		{Caps{Day: both}, ""},
		{Caps{Month: Cap{Name: "calls_per_month", Calls: 5}}, ""},
		{Caps{Run: usd}, "spend_per_run: no limit in IDR, the currency of line 2: price of id ID"},
		{Caps{Run: Cap{Name: "r", Calls: -1}}, "r: -1 calls: a cap must be above zero"},
		{Caps{Month: Cap{Name: "m", Limit: Amounts{"USD": dec("0"), "IDR": dec("1")}}}, "m: USD 0.00: a cap must be above zero"},
	} {
		err := tt.caps.Check(book, []string{"sg", "id"})
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("%+v: %v, want %q", tt.caps, err, tt.want)
		}
	}
	err := Caps{Run: both, Month: both}.Check(book, []string{"sg", "th"})
	want := "spend_per_day: endpoint th has no price, so its calls can't be counted"
	if err == nil || err.Error() != want+"\n"+want {
		t.Errorf("no price: %v", err)
	}
}

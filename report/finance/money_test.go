package finance

import "testing"

// TestAmountsAreDecimal adds what floats cannot, and refuses what is no amount.
func TestAmountsAreDecimal(t *testing.T) {
	all, err := addAmounts([]Amount{{"a", "PH", "USD", "0.1", "0.1"}, {"b", "PH", "USD", "0.2", "0.30"}, {"b", "SG", "SGD", "1234567.005", "1234567.005"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := moneyText(all), "SGD 1,234,567.01 and USD 0.30–0.40"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []Amount{{Floor: "", Ceiling: "1"}, {Floor: "1", Ceiling: "x"}, {Floor: "2", Ceiling: "1"}} {
		if _, err := addAmounts([]Amount{bad}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

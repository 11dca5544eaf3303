package figures

import (
	"testing"

	"liverecon/batch/billing"
)

// TestAmountsAreDecimal adds what floats cannot, and refuses what is no amount.
func TestAmountsAreDecimal(t *testing.T) {
	all, err := addAmounts([]billing.Amount{{Endpoint: "a", Region: "PH", Currency: "USD", Floor: "0.1", Ceiling: "0.1"}, {Endpoint: "b", Region: "PH", Currency: "USD", Floor: "0.2", Ceiling: "0.30"}, {Endpoint: "b", Region: "SG", Currency: "SGD", Floor: "1234567.005", Ceiling: "1234567.005"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := MoneyText(all), "SGD 1,234,567.01 and USD 0.30–0.40"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []billing.Amount{{Floor: "", Ceiling: "1"}, {Floor: "1", Ceiling: "x"}, {Floor: "2", Ceiling: "1"}} {
		if _, err := addAmounts([]billing.Amount{bad}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

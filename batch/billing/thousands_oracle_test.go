package billing

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
)

// oldGroupThousands set commas between the thousands of a number's digits; go-humanize takes its place.
func oldGroupThousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func TestAmountGroupedAsBefore(t *testing.T) {
	for n := range 100_000 {
		x := new(big.Int).SetUint64(rand.Uint64() >> (n % 64))
		if n%5 == 0 {
			x.Mul(x, x)
		}
		d := decimal.NewFromBigInt(x, int32(-n%2*12))
		if got, want := formatAmount(d.Truncate(0)), oldGroupThousands(d.Truncate(0).String())+".00"; got != want {
			t.Fatalf("%s: %s, want %s", d, got, want)
		}
	}
}

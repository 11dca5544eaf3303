package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dustin/go-humanize"
)

// oldThousands wrote a count with commas; humanize.Comma takes its place.
func oldThousands(n int64) string {
	text := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

func TestCommaAsBefore(t *testing.T) {
	for n := range 100_000 {
		x := int64(rand.Uint64() >> (n % 64))
		if n%3 == 0 {
			x = -x
		}
		if got, want := humanize.Comma(x), oldThousands(x); got != want {
			t.Fatalf("%d: %s, want %s", x, got, want)
		}
	}
}

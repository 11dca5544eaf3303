package statement

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n\t%s\nwant:\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

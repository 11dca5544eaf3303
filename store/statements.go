package store

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// addDecimals adds two decimal texts; "" is none.
func addDecimals(a, b string) (string, error) {
	switch {
	case a == "":
		return b, nil
	case b == "":
		return a, nil
	}
	x, err := decimal.NewFromString(a)
	if err != nil {
		return "", fmt.Errorf("add amounts: %w", err)
	}
	y, err := decimal.NewFromString(b)
	if err != nil {
		return "", fmt.Errorf("add amounts: %w", err)
	}
	return x.Add(y).String(), nil
}

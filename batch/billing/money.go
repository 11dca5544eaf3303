// Package billing is the arithmetic of the vendor's invoice: exact money, the
// price book, what a quantity of calls costs, and the meter that keeps a run
// under its spend caps. It is pure: no clock, no file, no database; amounts are
// decimals throughout and never added across currencies.
package billing

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"
)

// Longest amount read: beyond it a text is more likely damaged than rich.
const (
	MaxWholeDigits = 15
	MaxDecimals    = 12
)

// Money represents an exact amount in one currency, an upper-case ISO 4217 code.
type Money struct {
	Amount   decimal.Decimal
	Currency string
}

// ParseMoney reads an amount and a currency in either order: "500 USD" or
// "USD 500". The decimal separator is a point. Commas may group thousands only
// where a point follows ("2,060.00"), since "2,060" alone could mean 2.06.
// A text that does not fit is an error, never zero; a negative amount is read.
func ParseMoney(s string) (Money, error) {
	fields := strings.Fields(s)
	if len(fields) != 2 {
		return Money{}, fmt.Errorf(`money %s: want an amount and a currency, such as "500 USD"`, Quote(s))
	}
	number, currency := fields[0], strings.ToUpper(fields[1])
	if first := strings.ToUpper(fields[0]); IsCurrency(first) {
		number, currency = fields[1], first
	}
	if !IsCurrency(currency) {
		return Money{}, fmt.Errorf("money %s: want a currency of three letters, such as USD", Quote(s))
	}
	amount, err := parseAmount(number)
	if err != nil {
		return Money{}, fmt.Errorf("money %s: %w", Quote(s), err)
	}
	return Money{amount, currency}, nil
}

// String returns the form ParseMoney reads back: "USD 2,060.00". It has two decimals
// at least and more when the amount has more, so that nothing is rounded away.
func (m Money) String() string {
	return strings.TrimSpace(m.Currency + " " + formatAmount(m.Amount))
}

func parseAmount(s string) (decimal.Decimal, error) {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if strings.Contains(whole, ",") {
		if !point || !IsGrouped(whole) {
			return decimal.Decimal{}, errors.New("comma: write 2060, 2060.5 or 2,060.50")
		}
		whole = strings.ReplaceAll(whole, ",", "")
	}
	if !IsDigits(whole) || point && !IsDigits(fraction) {
		return decimal.Decimal{}, errors.New("not a decimal number")
	}
	if len(whole) > MaxWholeDigits || len(fraction) > MaxDecimals {
		return decimal.Decimal{}, fmt.Errorf("more than %d digits before or %d after the point", MaxWholeDigits,
			MaxDecimals)
	}
	return decimal.NewFromString(strings.ReplaceAll(s, ",", ""))
}

func formatAmount(d decimal.Decimal) string {
	sign := ""
	if d.IsNegative() {
		sign, d = "-", d.Neg()
	}
	_, fraction, _ := strings.Cut(d.String(), ".")
	for len(fraction) < 2 {
		fraction += "0"
	}
	return sign + humanize.BigComma(d.BigInt()) + "." + fraction
}

// IsGrouped reports whether the commas in a text stand where thousands end.
func IsGrouped(s string) bool {
	groups := strings.Split(s, ",")
	if len(groups[0]) < 1 || len(groups[0]) > 3 {
		return false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return false
		}
	}
	return true
}

// IsDigits reports whether a text is digits and nothing else.
func IsDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// IsCurrency reports whether a text has the form of an ISO 4217 code.
func IsCurrency(s string) bool { return len(s) == 3 && IsUpper(s) }

// IsUpper reports whether a text has no other characters than A to Z.
func IsUpper(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Quote shows a text of unknown origin in an error: escaped and bounded.
func Quote(s string) string {
	const longest = 40
	if len(s) > longest {
		return fmt.Sprintf("%q...", s[:longest])
	}
	return fmt.Sprintf("%q", s)
}

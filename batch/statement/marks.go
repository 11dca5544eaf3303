package statement

import (
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// DefaultWholeCurrencies returns the currencies that are billed without decimals: those without a minor unit, and two
// whose minor unit nobody uses.
func DefaultWholeCurrencies() []string { return append(billing.WithoutMinorUnit(), "IDR", "COP") }

// number represents a figure of a line, if it has it.
type number struct {
	field string
	*figure
	is bool
}

// resolveMarks decides what numbers such as "1.500" mean. In a currency that is billed whole a mark before exactly
// three digits groups thousands, unless the settings say what groups them. Where quantity times unit price is not the
// amount, and with one other reading of one of them it is, that is meant.
func resolveMarks(l *lineReader, currency string, numbers []number) {
	whole := slices.Contains(l.options.WholeCurrencies, currency)
	var other []number
	for _, n := range numbers {
		switch {
		case !n.is || !n.grouped.Valid:
		case n.field == fieldQuantity, n.err != nil && !whole:
			other = append(other, n)
		case whole:
			if l.options.Thousands == "" {
				n.swap()
				l.used.newer = true
			}
			other = append(other, n)
		}
	}
	all := len(numbers) == 3 && !slices.ContainsFunc(numbers, func(n number) bool { return !n.is })
	if all && len(other) > 0 && (!ties(numbers, whole) || slices.ContainsFunc(other, number.unread)) {
		reread(l, numbers, other, whole)
	}
	for _, n := range numbers {
		if n.is && n.unread() {
			l.noNumber(n.field, n.err)
			l.failed = true
		}
	}
}

// unread reports whether there is no value.
func (n number) unread() bool { return n.err != nil }

// swap exchanges the two values. The one that is no number has no other.
func (n number) swap() {
	n.value, n.grouped.Decimal = n.grouped.Decimal, n.value
	if n.err != nil {
		n.grouped.Valid, n.err = false, nil
	}
}

// reread takes the one way of reading numbers differently under which quantity times unit price is the amount.
func reread(l *lineReader, numbers, other []number, whole bool) {
	was := make([]figure, len(other))
	for i, n := range other {
		was[i] = *n.figure
	}
	var right [][]figure
	for ways := 1; ways < 1<<len(other); ways++ {
		readable := true
		for i, n := range other {
			*n.figure = was[i]
			if ways>>i&1 == 1 {
				readable = readable && n.grouped.Valid
				n.swap()
			}
		}
		if readable && !slices.ContainsFunc(numbers, number.unread) && ties(numbers, whole) {
			var now []figure
			for _, n := range other {
				now = append(now, *n.figure)
			}
			right = append(right, now)
		}
	}
	for i, n := range other {
		*n.figure = was[i]
		if len(right) == 1 {
			*n.figure = right[0][i]
			l.used.newer = true
		}
	}
}

// ties reports whether quantity times unit price, rounded as the amount is, is the amount.
func ties(numbers []number, whole bool) bool {
	quantity, unit, amount := numbers[0], numbers[1], numbers[2]
	places := max(decimals(amount.value), 2)
	if whole {
		places = decimals(amount.value)
	}
	off := quantity.value.Mul(unit.value).Abs().Sub(amount.value.Abs()).Abs()
	return off.LessThanOrEqual(decimal.New(5, -places-1))
}

// decimals counts a number's decimals, without zeros at the end.
func decimals(d decimal.Decimal) int32 {
	places := max(0, -d.Exponent())
	for places > 0 && d.Truncate(places-1).Equal(d) {
		places--
	}
	return places
}

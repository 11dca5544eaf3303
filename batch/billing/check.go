package billing

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/store/calendar"
)

// Bounds of a setting: a value beyond them is taken for a typing error. The dearest unit
// leaves room for currencies with many zeros.
const (
	maxUnit     = 1_000_000
	maxMinimum  = 1_000_000_000_000
	MaxQuantity = 1_000_000_000_000
)

// problems lists what is wrong with a row by itself.
func (p *Price) problems() []error {
	var list []error
	wrong := func(format string, args ...any) {
		list = append(list, fmt.Errorf("%s: %w", p.label(), fmt.Errorf(format, args...)))
	}
	if p.Endpoint == "" {
		wrong("no endpoint")
	}
	if p.Region != "*" && (len(p.Region) != 2 || !IsUpper(p.Region)) {
		wrong(`region %s: want "*" or a code of two capital letters`, Quote(p.Region))
	}
	if !IsCurrency(p.Currency) {
		wrong("currency %s: want a code of three capital letters", Quote(p.Currency))
	}
	for _, err := range p.dateProblems() {
		wrong("%w", err)
	}
	for _, err := range p.tierProblems() {
		wrong("%w", err)
	}
	if p.FreeQuota < 0 || p.FreeQuota > MaxQuantity {
		wrong("free quota %d: want 0 to %d", p.FreeQuota, int64(MaxQuantity))
	}
	if err := checkAmount(p.Minimum, maxMinimum); err != nil {
		wrong("monthly minimum: %w", err)
	}
	return list
}

func (p *Price) dateProblems() []error {
	var list []error
	if p.From.IsZero() {
		list = append(list, errors.New("no date it is valid from"))
	}
	for _, t := range []time.Time{p.From, p.To} {
		if !t.IsZero() && !t.Equal(atMidnight(t, t.Location())) {
			list = append(list, fmt.Errorf("%s is not a date", t.Format(time.RFC3339)))
		}
	}
	if !p.From.IsZero() && !p.To.IsZero() && !calendar.DateOf(p.From).Before(calendar.DateOf(p.To)) {
		list = append(list, fmt.Errorf("ends on %s, not after %s", isoDate(p.To), isoDate(p.From)))
	}
	return list
}

func (p *Price) tierProblems() []error {
	var list []error
	switch {
	case p.Kind != Flat && p.Kind != Graduated && p.Kind != Volume:
		list = append(list, fmt.Errorf("tier kind %s: want flat, graduated or volume", Quote(string(p.Kind))))
	case p.Kind == Flat && len(p.Tiers) > 1:
		list = append(list, fmt.Errorf("a flat price has one tier, not %d", len(p.Tiers)))
	}
	if len(p.Tiers) == 0 {
		return append(list, errors.New("no tiers"))
	}
	var below int64
	last := len(p.Tiers) - 1
	for i, t := range p.Tiers {
		if err := checkAmount(t.Unit, maxUnit); err != nil {
			list = append(list, fmt.Errorf("tier %d: unit price: %w", i+1, err))
		}
		switch {
		case i == last && t.UpTo != 0:
			list = append(list, fmt.Errorf("tier %d is the last and must have no limit, not %d", i+1, t.UpTo))
		case i < last && (t.UpTo <= below || t.UpTo > MaxQuantity):
			list = append(list, fmt.Errorf("tier %d: limit %d: want %d to %d", i+1, t.UpTo, below+1,
				int64(MaxQuantity)))
		}
		below = max(below, t.UpTo)
	}
	return list
}

// checkAmount refuses what no price list says: a negative amount, one beyond
// most, one with a longer tail of decimals than ParseMoney reads.
func checkAmount(d decimal.Decimal, most int64) error {
	if d.IsNegative() || d.GreaterThan(decimal.NewFromInt(most)) {
		return fmt.Errorf("%s: want 0 to %d", d, most)
	}
	if !d.Equal(d.Truncate(MaxDecimals)) {
		return fmt.Errorf("%s: more than %d decimals", d, MaxDecimals)
	}
	return nil
}

// seriesProblems checks the rows of one endpoint and region, in the order of
// their dates, against the one before them that reaches furthest.
func seriesProblems(rows []*Price) []error {
	var list []error
	reach := rows[0]
	for _, p := range rows[1:] {
		switch {
		case reach.To.IsZero():
			list = append(list, fmt.Errorf("%s: from %s overlaps line %d, which has no end", p.label(), isoDate(p.From),
				reach.Line))
			continue
		case reach.To.After(p.From):
			list = append(list, fmt.Errorf("%s: from %s overlaps line %d, which ends on %s", p.label(), isoDate(p.From),
				reach.Line, isoDate(reach.To)))
		case reach.To.Before(p.From):
			list = append(list, fmt.Errorf("%s: no price from %s, where line %d ends, to %s", p.label(),
				isoDate(reach.To), reach.Line, isoDate(p.From)))
		case reach.Currency != p.Currency && p.From.Day() != 1:
			list = append(list, fmt.Errorf("%s: %s follows %s of line %d within one month", p.label(), p.Currency,
				reach.Currency, reach.Line))
		}
		if p.To.IsZero() || p.To.After(reach.To) {
			reach = p
		}
	}
	return list
}

// monthlyProblems checks that no two rows of a series share a month and have terms of
// a whole month.
func monthlyProblems(rows []*Price, months Months) []error {
	var list []error
	var last *Price
	for _, p := range rows {
		if !p.isMonthly() {
			continue
		}
		if last != nil && p.sharesMonth(last, months) {
			list = append(list, fmt.Errorf("%s: from %s, within a month of line %d: a minimum, a free quota and "+
				"tiers are a whole month's, so only one of the two may have any; let this price begin on the %s",
				p.label(), isoDate(p.From), last.Line, months.firstDay()))
		}
		last = p
	}
	return list
}

// isMonthly reports whether what a call costs follows from the month's other calls.
func (p *Price) isMonthly() bool {
	return p.FreeQuota > 0 || len(p.Tiers) > 1 || p.Minimum.IsPositive()
}

// sharesMonth reports whether an earlier row of a Book ends in the month, and not on
// its first day, in which the row begins.
func (p *Price) sharesMonth(earlier *Price, months Months) bool {
	first, _ := months.Bounds(months.Of(p.From))
	return p.From.After(first) && earlier.To.After(first)
}

func isoDate(t time.Time) string { return t.Format(time.DateOnly) }

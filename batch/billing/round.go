package billing

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Level names the kind of amount that a vendor rounds.
type Level string

// The levels.
const (
	LineLevel  Level = "line"  // of one call
	CellLevel  Level = "cell"  // of many calls in one amount
	FeeLevel   Level = "fee"   // of no calls
	TotalLevel Level = "total" // of the lines above it
)

// HalfMode decides what becomes of an amount exactly half way between two.
type HalfMode string

// The modes. Where nothing is set, half-up and half-even both pass.
const (
	EitherHalf HalfMode = ""
	HalfUp     HalfMode = "half-up"
	HalfEven   HalfMode = "half-even"
)

// Rounding describes how a contract says that amounts of a level are rounded; the zero Rounding says nothing.
type Rounding struct {
	Level    Level
	Decimals int32
	Mode     HalfMode
}

// ParseRounding reads "line:4:half-up", with the mode left out "line:4"; "" is the zero Rounding.
func ParseRounding(text string) (r Rounding, err error) {
	if text == "" {
		return r, nil
	}
	fields := strings.Split(text, ":")
	wrong := fmt.Errorf(`rounding %s: want a level, decimals and a mode, such as "line:4:half-up"`, Quote(text))
	if len(fields) < 2 || len(fields) > 3 {
		return r, wrong
	}
	switch r.Level = Level(fields[0]); r.Level {
	case LineLevel, CellLevel, FeeLevel, TotalLevel:
	default:
		return r, wrong
	}
	k, err := strconv.Atoi(fields[1])
	if err != nil || k < 0 || k > MaxDecimals {
		return r, wrong
	}
	r.Decimals = int32(k)
	if len(fields) == 3 {
		switch r.Mode = HalfMode(fields[2]); r.Mode {
		case HalfUp, HalfEven:
		default:
			return r, wrong
		}
	}
	return r, nil
}

// String returns the form that ParseRounding reads.
func (r Rounding) String() string {
	if r == (Rounding{}) {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("%s:%d:%s", r.Level, r.Decimals, r.Mode), ":")
}

// Decimals counts the decimals of an amount, without trailing zeros.
func Decimals(d decimal.Decimal) int32 {
	text := d.String()
	_, fraction, _ := strings.Cut(text, ".")
	return int32(len(strings.TrimRight(fraction, "0")))
}

// IsRounded reports whether a is v rounded to k decimals. What has no more than k decimals is never rounded, so then a
// has to be v. Of a v exactly half way either neighbour will do, unless a mode says which.
func IsRounded(a, v decimal.Decimal, k int32, mode HalfMode) bool {
	if a.Equal(v) {
		return true
	}
	if Decimals(v) <= k || Decimals(a) > k {
		return false
	}
	switch a.Sub(v).Abs().Cmp(decimal.New(5, -k-1)) {
	case -1:
		return true
	case 0:
		return mode == EitherHalf || a.Equal(Round(v, k, mode))
	}
	return false
}

// Round rounds to k decimals, half-up (away from zero) unless the mode is HalfEven.
func Round(v decimal.Decimal, k int32, mode HalfMode) decimal.Decimal {
	if mode == HalfEven {
		return v.RoundBank(k)
	}
	return v.Round(k)
}

// LineDecimals returns the least number of decimals from k on at which rounding changes a line of amount v by no more
// than half a percent: what is rounded more is another price.
func LineDecimals(v decimal.Decimal, k int32) int32 {
	most := v.Abs().Mul(decimal.New(5, -3))
	for ; k < MaxDecimals && decimal.New(5, -k-1).GreaterThan(most); k++ {
	}
	return k
}

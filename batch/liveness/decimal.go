package liveness

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// limitDigits holds how many significant digits of a limit are kept apart from every other number: as many as any
// decimal number keeps in a float64.
const limitDigits = 15

// floatOf returns the float64 that compares with every limit of up to limitDigits digits as a decimal number does, and
// whether it is that number, as far as its shortest text shows. The nearest one need not: that of 49.99999999999999999 is
// 50. Then it is the next one on the number's side, which is no such limit itself. text is a number of JSON.
func floatOf(text string) (x float64, exact bool, err error) {
	x, err = strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false, err
	}
	number, nearest := decimalOf(text), decimalOf(strconv.FormatFloat(x, 'e', -1, 64))
	if x == 0 { // whatever its exponent
		number.point, nearest.point = 0, 0
	}
	side := cmp.Or(cmp.Compare(number.point, nearest.point), strings.Compare(number.digits, nearest.digits))
	if side == 0 || len(nearest.digits) > limitDigits {
		return x, side == 0, nil
	}
	if strings.HasPrefix(text, "-") {
		side = -side
	}
	return math.Nextafter(x, math.Inf(side)), false, nil
}

// decimal represents the amount 0.digits times ten to the point; zero has no digits.
type decimal struct {
	digits string // without zeros at either end
	point  int
}

func decimalOf(text string) decimal {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(text, "-")), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	point, _ := strconv.Atoi(exponent) // none is 0; one out of range is that of 0, see floatOf
	digits := strings.TrimLeft(whole+fraction, "0")
	point += len(whole) - (len(whole) + len(fraction) - len(digits))
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		point = 0
	}
	return decimal{digits, point}
}

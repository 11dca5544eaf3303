package verify

import (
	"math"
	"regexp"
	"strconv"
)

var (
	plainSheet   = regexp.MustCompile(`'([A-Za-z_][A-Za-z_.]*)'!`)
	longConstant = regexp.MustCompile(`[0-9]+\.[0-9]{12,}`)
	truthCall    = regexp.MustCompile(`\b(TRUE|FALSE)\(\)`)
)

// ordinary returns a formula without what a spreadsheet program changes when it saves one: quotes around a sheet's name
// that needs none, brackets after a truth value, and digits of a constant beyond those it keeps.
func ordinary(formula string) string {
	formula = plainSheet.ReplaceAllString(formula, "$1!")
	formula = truthCall.ReplaceAllString(formula, "$1")
	return longConstant.ReplaceAllStringFunc(formula, func(digits string) string {
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return digits
		}
		return strconv.FormatFloat(x, 'g', 12, 64)
	})
}

// sameValue reports whether two raw values are the same number, or the same text.
func sameValue(a, b string) bool { return a == b || sameNumber(a, b, "0") }

// sameNumber reports whether two numbers agree in 12 digits of the largest of three: the third one's size is that of
// what they were calculated from, as where nothing but a rounding error is left over.
func sameNumber(a, b, size string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	z, errZ := strconv.ParseFloat(size, 64)
	if errZ != nil {
		z = 0
	}
	const digits = 1e-12
	return errX == nil && errY == nil && math.Abs(x-y) <= digits*max(math.Abs(x), math.Abs(y), math.Abs(z))
}

package statement

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// numberForm describes how a statement writes numbers.
type numberForm struct {
	decimal, thousands string // thousands "": no groups
	// strict says that groups need a decimal separator after them, since "2,060"
	// alone could mean 2.06 to whoever wrote it.
	strict bool
}

func (o *Options) numberForm() numberForm {
	form := numberForm{decimal: o.Decimal, thousands: o.Thousands}
	if form.decimal == "" {
		form.decimal = "."
	}
	switch form.thousands {
	case "none":
		form.thousands = ""
	case "":
		form.thousands, form.strict = ",", true
		if form.decimal == "," {
			form.thousands = "."
		}
	}
	return form
}

// example returns what a number looks like, for errors.
func (f numberForm) example() string {
	return "1" + f.thousands + "234" + f.decimal + "50"
}

// parse reads digits without sign or currency. What does not fit is an error,
// never zero.
func (f numberForm) parse(s string) (decimal.Decimal, error) {
	whole, fraction, separated := strings.Cut(s, f.decimal)
	if f.strict && strings.Contains(whole, "'") && !strings.Contains(whole, f.thousands) {
		f.thousands, f.strict = "'", false // it can mean nothing else
	}
	if f.thousands != "" && strings.Contains(whole, f.thousands) {
		if f.strict && !separated && strings.Count(whole, f.thousands) == 1 {
			return decimal.Decimal{}, fmt.Errorf("%q may group thousands or set decimals apart", f.thousands)
		}
		whole = strings.ReplaceAll(whole, f.thousands, ",")
		if !billing.IsGrouped(whole) && (f.thousands != "," || !indianGroups.MatchString(whole)) {
			return decimal.Decimal{}, errors.New("groups of three digits are expected")
		}
		whole = strings.ReplaceAll(whole, ",", "")
	}
	switch {
	case whole == "" && separated: // ".035", as some databases write
		whole = "0"
	case !billing.IsDigits(whole):
		return decimal.Decimal{}, errors.New("not a number")
	}
	if separated && !billing.IsDigits(fraction) {
		return decimal.Decimal{}, errors.New("not a number")
	}
	if len(whole) > billing.MaxWholeDigits || len(fraction) > billing.MaxDecimals {
		return decimal.Decimal{}, fmt.Errorf("more than %d digits before or %d after the decimal separator",
			billing.MaxWholeDigits, billing.MaxDecimals)
	}
	if separated {
		whole += "." + fraction
	}
	return decimal.NewFromString(whole)
}

// indianGroups matches lakhs and crores: 1,23,456 and 12,34,56,789.
var indianGroups = regexp.MustCompile(`^[0-9]{1,2}(,[0-9]{2})*,[0-9]{3}$`)

// figure represents a number as a statement shows it: with a sign, and with what stands
// beside it for a currency.
type figure struct {
	value   decimal.Decimal
	symbols []string // "USD", "$", "Rp"; upper case
	// grouped is the other value of a text such as "1.500", with its marks as those of thousands.
	grouped decimal.NullDecimal
	err     error // why there is no value, though there is that other one
}

// groups finds a number whose every mark stands before exactly three digits.
var groups = regexp.MustCompile(`^[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+)$`)

// groupedValue reads the marks of a number as those of thousands, if they can be.
func groupedValue(s string) (value decimal.NullDecimal) {
	if !groups.MatchString(s) {
		return value
	}
	digits := strings.NewReplacer(".", "", ",", "").Replace(s)
	if len(digits) <= billing.MaxWholeDigits {
		value.Decimal, value.Valid = decimal.RequireFromString(digits), true
	}
	return value
}

// parseFigure reads a number with at most one negative mark (a minus before or
// behind it, parentheses around it, CR or DR) and with currencies before or behind it.
func (f numberForm) parseFigure(s string) (figure, error) {
	var symbols []string
	signs, negative := 0, false
	s = normalSpace(s)
	for {
		rest, sign, symbol := f.peel(s)
		if rest == s {
			break
		}
		s = rest
		if sign != 0 {
			signs++
			negative = negative || sign == '-'
		}
		switch symbol = strings.ToUpper(symbol); symbol {
		case "":
		case "CR", "DR": // as books have money received and money owed
			signs++
			negative = negative || symbol == "CR"
		default:
			symbols = append(symbols, symbol)
		}
	}
	if signs > 1 || len(symbols) > 2 {
		return figure{}, errors.New("more than one sign or currency")
	}
	got := figure{symbols: symbols}
	got.value, got.err = f.parse(s)
	if got.err != nil || strings.Contains(s, f.decimal) {
		got.grouped = groupedValue(s)
	}
	if negative {
		got.value, got.grouped.Decimal = got.value.Neg(), got.grouped.Decimal.Neg()
	}
	if got.err != nil && !got.grouped.Valid {
		return figure{}, got.err
	}
	return got, nil
}

// peel takes one sign, one pair of parentheses or one currency off a figure.
func (f numberForm) peel(s string) (rest string, sign byte, symbol string) {
	s = strings.Trim(s, " ")
	switch {
	case len(s) > 1 && s[0] == '(' && s[len(s)-1] == ')':
		return s[1 : len(s)-1], '-', ""
	case strings.HasPrefix(s, "-"), strings.HasPrefix(s, "+"):
		return s[1:], s[0], ""
	case strings.HasSuffix(s, "-"):
		return s[:len(s)-1], '-', ""
	}
	if rest = strings.TrimLeftFunc(s, isCurrencyRune); rest != s {
		symbol = s[:len(s)-len(rest)]
		if isLetters(symbol) && strings.HasPrefix(rest, ".") {
			if f.decimal == "." && !strings.HasPrefix(rest, ". ") {
				return s, 0, "" // "Rp.5" may be a half
			}
			rest = rest[1:] // "Rp. 15,000", "Rp.15.000,00"
		}
		return rest, 0, symbol
	}
	if rest = strings.TrimRightFunc(s, isCurrencyRune); rest != s {
		return rest, 0, s[len(rest):]
	}
	return s, 0, ""
}

func isCurrencyRune(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }

func isLetters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// normalSpace writes every blank as a space, and the minus sign as a hyphen.
func normalSpace(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || r < ' ' }) >= 0 {
		s = strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return ' '
			case r == '−':
				return '-'
			case r == '’':
				return '\''
			}
			return r
		}, s)
	}
	return strings.Trim(s, " ")
}

// parseBinary reads a number cell of a workbook. Excel keeps 0.035 as the nearest
// binary number, writes it with up to 17 digits ("3.5000000000000003E-2"), and
// shows and means at most 15; so those are taken.
func parseBinary(s string) (decimal.Decimal, error) {
	const digits, maxBinaryDecimals = 15, 18
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "xXpP_nN") { // not what a workbook writes
		return decimal.Decimal{}, errors.New("not a number")
	}
	rounded, err := decimal.NewFromString(strconv.FormatFloat(x, 'e', digits-1, 64))
	if err != nil {
		return decimal.Decimal{}, errors.New("not a number")
	}
	if rounded.IsZero() && strings.ContainsAny(mantissa(s), "123456789") {
		return decimal.Decimal{}, errors.New("too small a number")
	}
	if rounded.Abs().GreaterThanOrEqual(decimal.New(1, billing.MaxWholeDigits)) {
		return decimal.Decimal{}, fmt.Errorf("more than %d digits before the point", billing.MaxWholeDigits)
	}
	value, err := decimal.NewFromString(rounded.String()) // without trailing zeros
	if err != nil || value.Exponent() < -maxBinaryDecimals {
		return decimal.Decimal{}, fmt.Errorf("more than %d decimals", maxBinaryDecimals)
	}
	return value, nil
}

func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}

package statement

import (
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

var (
	points = (&Options{}).numberForm()
	commas = (&Options{Decimal: ","}).numberForm()
)

func TestParseFigure(t *testing.T) {
	form := func(decimal, thousands string) numberForm {
		return (&Options{Decimal: decimal, Thousands: thousands}).numberForm()
	}
	for _, tt := range []struct {
		form numberForm
		in   string
		want string // "" for a refusal
	}{
		{points, "0.035", "0.035"},
		{points, "0", "0"},
		{points, "0.000", "0"},
		{points, "-0.00", "0"},
		{points, ".035", "0.035"},
		{points, "+5.5", "5.5"},
		{points, "-5.5", "-5.5"},
		{points, "- 5.5", "-5.5"},
		{points, "−5.5", "-5.5"},
		{points, "5.5-", "-5.5"},
		{points, "5.5 -", "-5.5"},
		{points, "(5.5)", "-5.5"},
		{points, "( 5.5 )", "-5.5"},
		{points, "1,234.50", "1234.5"},
		{points, "1,234,567.123456789012", "1234567.123456789012"},
		{points, "1,234", ""}, // 1234 or 1.234?
		{points, "12,34.50", ""},
		{points, "1234,567.50", ""},
		{points, "1,234.50,0", ""},
		{points, "1.234.567", ""},
		{points, "1 234.50", ""},
		{points, "1'234.50", "1234.5"},
		{points, "1’234’567", "1234567"},
		{points, "1'23.50", ""},
		{points, "'123", ""},
		{points, "1'234,567", ""},
		{commas, "1'234,50", "1234.5"},
		{form(".", ","), "1,234", "1234"},
		{form(".", ","), "1,23", ""},
		{form(".", "none"), "1,234.50", ""},
		{form(".", "none"), "1234.50", "1234.5"},
		{form(".", "'"), "1’234.50", "1234.5"},
		{form(",", " "), "1\u00a0234\u202f567,50", "1234567.5"},
		{commas, "0,035", "0.035"},
		{commas, "1.234,50", "1234.5"},
		{commas, "1234,5", "1234.5"},
		{commas, "1.234", ""},
		{commas, "0.035", ""}, // the file is not written as configured
		{form(",", "."), "1.234", "1234"},
		{form(",", "."), "0.035", "35"}, // as configured: groups
		{form(",", "."), "0.35", ""},
		{points, "USD 5.50", "5.5 USD"},
		{points, "5.50 usd", "5.5 USD"},
		{points, "$5.50", "5.5 $"},
		{points, "US$5.50", "5.5 US$"},
		{points, "-$5.50", "-5.5 $"},
		{points, "$-5.50", "-5.5 $"},
		{points, "($5.50)", "-5.5 $"},
		{points, "$(5.50)", "-5.5 $"},
		{points, "$5.50 USD", "5.5 $ USD"},
		{commas, "5,50 €-", "-5.5 €"},
		{commas, "Rp 1.234.567,00", "1234567 RP"},
		{commas, "Rp.1.234.567,00", "1234567 RP"},
		{points, "Rp. 1,234.00", "1234 RP"},
		{points, "Rp.5", ""}, // five or a half?
		{points, "₫ 5.5", "5.5 ₫"},
		{points, "--5", ""},
		{points, "(-5)", ""},
		{points, "-5-", ""},
		{points, "((5))", ""},
		{points, "(5", ""},
		{points, "5)", ""},
		{points, "-", ""},
		{points, "", ""},
		{points, "()", ""},
		{points, ".", ""},
		{points, "5.", ""},
		{points, "USD", ""},
		{points, "1e5", ""},
		{points, "1E-2", ""},
		{points, "0x10", ""},
		{points, "NaN", ""},
		{points, "#REF!", ""},
		{points, "٣.٥", ""},
		{points, "5.5%", ""},
		{points, "5.5 6.5", ""},
		{points, "free", ""},
		{points, "1234567890123456", ""},
		{points, "0.1234567890123", ""},
	} {
		f, err := tt.form.parseFigure(tt.in)
		got := strings.Join(append([]string{f.value.String()}, f.symbols...), " ")
		if err != nil || f.err != nil {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%q with %s: %q, %v; want %q", tt.in, tt.form.example(), got, err, tt.want)
		}
	}
}

func TestParseBinary(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"0.035", "0.035"},
		{"3.5000000000000003E-2", "0.035"},
		{"0.30000000000000004", "0.3"},
		{"1234.5600000000001", "1234.56"},
		{"0", "0"},
		{"-0", "0"},
		{"-12.5", "-12.5"},
		{"1E3", "1000"},
		{"999999999999999", "999999999999999"},
		{"0.33333333333333331", "0.333333333333333"},
		{"1E15", ""},
		{"1E308", ""},
		{"1E400", ""},
		{"1E-300", ""},
		{"1E-400", ""}, // not zero
		{"5.5511151231257827E-17", ""},
		{"", ""}, {"x", ""}, {"NaN", ""}, {"Inf", ""}, {"-inf", ""}, {"0x1p4", ""}, {"1_000", ""}, {"1,5", ""},
	} {
		d, err := parseBinary(tt.in)
		got := d.String()
		if err != nil {
			got = ""
		}
		if got != tt.want {
			t.Errorf("parseBinary(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestSettleCurrency(t *testing.T) {
	for _, tt := range []struct {
		column  string
		symbols []string
		setting string
		want    string // a currency, or a part of the error
	}{
		{"", nil, "USD", "USD"},
		{"sgd", nil, "USD", "SGD"},
		{"€", nil, "", "EUR"},
		{"", []string{"€"}, "USD", "EUR"},
		{"", []string{"IDR"}, "USD", "IDR"},
		{"", []string{"RP"}, "", "IDR"},
		{"", []string{"$"}, "SGD", "SGD"},
		{"MXN", []string{"$"}, "USD", "MXN"},
		{"", []string{"$", "USD"}, "", "USD"},
		{"USD", []string{"US$", "$"}, "", "USD"},
		{"", nil, "", "no currency"},
		{"", []string{"$"}, "", `"$" may be USD, SGD and others`},
		{"", []string{"$"}, "EUR", `"$" may be`},
		{"USD", []string{"€"}, "", `"€" beside an amount in USD`},
		{"", []string{"USD", "SGD"}, "", `"SGD" beside an amount in USD`},
		{"", []string{"CR"}, "USD", `"CR" is no currency`},
		{"$", nil, "USD", `"$": want a currency`},
		{"dollars", nil, "USD", `"dollars": want a currency`},
	} {
		got, err := agreedCurrency(tt.column, tt.symbols, tt.setting)
		if got != tt.want && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("column %q, beside the amount %q, setting %q: %q, %v; want %s", tt.column, tt.symbols, tt.setting, got, err, tt.want)
		}
	}
}

// What is accepted is what was written: no digit is lost or made up, a number that
// is not zero does not become zero, and writing it again reads the same.
func FuzzParseFigure(f *testing.F) {
	for _, s := range []string{"0.035", "-1,234.50", "(1.234,50)", "1 234,5-", "Rp. 1.000", "$5.50 USD", "1'234.5", ".5", "1e5", "−5", "0x1F", "5.5511151231257827E-17"} {
		for form := range byte(10) {
			f.Add(s, form)
		}
	}
	f.Fuzz(func(t *testing.T, s string, form byte) {
		o := Options{Decimal: []string{".", ","}[form%2], Thousands: []string{"", "none", " ", "'", ",."[1-form%2 : 2-form%2]}[form/2%5]}
		if o.Thousands == o.Decimal {
			o.Thousands = ""
		}
		n := o.numberForm()
		got, err := n.parseFigure(s)
		if err != nil {
			if !got.value.IsZero() || got.symbols != nil {
				t.Fatalf("%q: %v beside %v", s, got, err)
			}
			return
		}
		if got.grouped.Valid && !sameDigits(s, got.grouped.Decimal) {
			t.Fatalf("%q may be %v", s, got.grouped)
		}
		if got.err != nil {
			return
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
		if kept := strings.Trim(strings.Replace(got.value.Abs().String(), ".", "", 1), "0"); kept != strings.Trim(digits, "0") {
			t.Fatalf("%q became %v", s, got.value)
		}
		if got.value.IsZero() && digits == "" {
			t.Fatalf("%q became zero", s)
		}
		again, err := n.parseFigure(n.write(got.value.String()))
		if err != nil || !again.value.Equal(got.value) || again.value.String() != got.value.String() {
			t.Fatalf("%q: %v written as %q reads as %v, %v", s, got.value, n.write(got.value.String()), again.value, err)
		}
		if _, err := strconv.ParseFloat(got.value.String(), 64); err != nil {
			t.Fatalf("%q became %v", s, got.value)
		}
	})
}

// sameDigits reports whether a number is the digits of a text, in their order.
func sameDigits(s string, d decimal.Decimal) bool {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	return d.Abs().String() == digits
}

// write writes a decimal's text as the form has it, with groups if there are any.
func (f numberForm) write(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if fraction != "" {
		fraction = f.decimal + fraction
	}
	if f.thousands != "" && (fraction != "" || !f.strict) {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + f.thousands + whole[i:]
		}
	}
	return sign + whole + fraction
}

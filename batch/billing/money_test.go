package billing

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestParseMoney(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"500 USD", "USD 500.00"},
		{"USD 500", "USD 500.00"},
		{"  usd\t500.5 ", "USD 500.50"},
		{"0.035 USD", "USD 0.035"},
		{"0.0350 USD", "USD 0.035"},
		{"2,060.00 USD", "USD 2,060.00"},
		{"IDR 1,234,567.891", "IDR 1,234,567.891"},
		{"999999999999999.999999999999 VND", "VND 999,999,999,999,999.999999999999"},
		{"-12.5 EUR", "EUR -12.50"},
		{"0 USD", "USD 0.00"},
	} {
		m, err := ParseMoney(tt.in)
		if err != nil || m.String() != tt.want {
			t.Errorf("ParseMoney(%q) = %q, %v; want %q", tt.in, m, err, tt.want)
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	for _, in := range []string{
		"", "500", "USD", "500USD", "500 US", "500 DOLLARS", "USD USD", "500 600", "500 USD USD",
		"1,5 USD", "2,060 USD", "2.060,00 USD", "20,60.00 USD", "1,0000.00 USD", ",500.00 USD", "1,.00 USD",
		".5 USD", "5. USD", "1.2.3 USD", "1e3 USD", "0x10 USD", "+5 USD", "--5 USD", "- USD", "−5 USD", "NaN USD", "٥ USD",
		"500 U$D", "500 ÜSD", "1234567890123456 USD", "0.0000000000001 USD",
	} {
		m, err := ParseMoney(in)
		if err == nil {
			t.Errorf("ParseMoney(%q) = %v, want an error", in, m)
			continue
		}
		if m != (Money{}) {
			t.Errorf("ParseMoney(%q) = %v beside its error", in, m)
		}
	}
}

func TestParseMoneyErrorIsBounded(t *testing.T) {
	_, err := ParseMoney(strings.Repeat("9", 5000) + "\x1b USD")
	if err == nil || len(err.Error()) > 200 || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("error: %v", err)
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"500 USD", "USD 2,060.00", "-0.5 EUR", "0 USD", "1,5 USD", "1e9 USD", "IDR 1,000,000.000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMoney(s)
		if err != nil {
			if m != (Money{}) {
				t.Fatalf("%q: %v beside %v", s, m, err)
			}
			return
		}
		if m.Amount.IsZero() && (!strings.Contains(s, "0") || strings.ContainsAny(s, "123456789")) {
			t.Fatalf("%q became zero", s)
		}
		again, err := ParseMoney(m.String())
		if err != nil || !again.Amount.Equal(m.Amount) || again.Currency != m.Currency {
			t.Fatalf("%q: %v reads back as %v, %v", s, m, again, err)
		}
	})
}

func TestAmounts(t *testing.T) {
	usd := func(s string) Money { return Money{dec(s), "USD"} }
	idr := Money{dec("15000"), "IDR"}
	a := NewAmounts(usd("1.50"), idr, usd("0.6"))
	if got := a.String(); got != "IDR 15,000.00, USD 2.10" {
		t.Errorf("NewAmounts = %q", got)
	}
	if got := a.Add(NewAmounts(usd("-2.1"), Money{dec("3"), "EUR"})).String(); got != "EUR 3.00, IDR 15,000.00" {
		t.Errorf("Add = %q", got)
	}
	if got := a.Sub(a); len(got) != 0 || got.String() != "" {
		t.Errorf("a - a = %v, want nothing", got)
	}
	if got := Amounts(nil).Sub(a).String(); got != "IDR -15,000.00, USD -2.10" {
		t.Errorf("0 - a = %q", got)
	}
	if got := a.String(); got != "IDR 15,000.00, USD 2.10" {
		t.Errorf("a became %q", got)
	}
}

func TestAmountsOver(t *testing.T) {
	for _, tt := range []struct {
		amounts, limit Amounts
		currency       string
		over           bool
	}{
		{Amounts{"USD": dec("5")}, Amounts{"USD": dec("5.00")}, "", false},
		{Amounts{"USD": dec("5.001")}, Amounts{"USD": dec("5")}, "USD", true},
		{Amounts{"USD": dec("9"), "EUR": dec("9")}, Amounts{"USD": dec("1"), "EUR": dec("1")}, "EUR", true},
		{Amounts{"IDR": dec("9")}, Amounts{"USD": dec("1")}, "", false},
		{nil, Amounts{"USD": dec("0")}, "", false},
		{Amounts{"USD": dec("9")}, nil, "", false},
	} {
		currency, over := tt.amounts.Over(tt.limit)
		if currency != tt.currency || over != tt.over {
			t.Errorf("(%v).Over(%v) = %q, %v", tt.amounts, tt.limit, currency, over)
		}
	}
}

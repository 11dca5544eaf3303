package payable

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// TestPay holds back what is left to dispute, the tax on that, and what a total has beyond its lines; it never pays more
// for a total below them.
func TestPay(t *testing.T) {
	for name, test := range map[string]struct {
		of      Invoice
		settled string
		minor   int32
		want    string
	}{
		"half up":                              {Invoice{Theirs: dec("5.145")}, "0", 2, "5.15"},
		"in whole units":                       {Invoice{Theirs: dec("1499.5")}, "0", 0, "1500"},
		"a dispute and its tax":                {Invoice{Theirs: dec("11.99"), ToDispute: dec("1"), TaxDisputed: dec("0.09")}, "0", 2, "10.9"},
		"half of it accepted":                  {Invoice{Theirs: dec("11.99"), ToDispute: dec("1"), TaxDisputed: dec("0.09")}, "0.5", 2, "11.45"},
		"all of it and more":                   {Invoice{Theirs: dec("11.99"), ToDispute: dec("1"), TaxDisputed: dec("0.09")}, "2", 2, "11.99"},
		"a total beyond its lines":             {Invoice{Theirs: dec("1.5"), Unexplained: dec("0.5")}, "0", 2, "1"},
		"a total below its lines":              {Invoice{Theirs: dec("0.8"), Unexplained: dec("-0.2")}, "0", 2, "0.8"},
		"a disputed line is taken back":        {Invoice{Theirs: dec("0.03"), ToDispute: dec("-0.005")}, "0", 2, "0.04"},
		"tax that another month's dispute has": {Invoice{Theirs: dec("1.09"), TaxDisputed: dec("0.09")}, "0", 2, "1"},
		"a part is paid elsewhere":             {Invoice{Theirs: dec("6.825"), Elsewhere: dec("0.105"), PaidElsewhere: dec("0.11")}, "0", 2, "6.82"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.of.Pay(dec(test.settled), test.minor).String(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestSums adds rows up by invoice: what is disputed, what is netted of it, lines in another's row, and what is taken
// back of a predecessor.
func TestSums(t *testing.T) {
	s := NewSums(map[int64]int64{1: 2, 2: 3})
	row := func(statement int64, class billing.Class, theirs, issue string) *billing.Row {
		r := &billing.Row{StatementID: statement, Class: class, Currency: "USD", TheirAmount: dec(theirs)}
		r.Issue = dec(issue)
		return r
	}
	s.Add(row(3, billing.Matched, "1", "0"), billing.StepQuantityOver)
	s.Add(row(3, billing.Duplicate, "0.035", "0.035"), billing.StepDuplicate)
	s.Add(row(3, billing.PriceDiffers, "0.03", "-0.005"), billing.StepPriceUnder)
	s.Add(row(0, billing.OursOnly, "0", "-0.035"), billing.StepOursOnly)
	s.Add(row(1, billing.PriceDiffers, "-0.04", "-0.005"), billing.StepPriceOver)
	s.Add(row(4, billing.Unexplained, "0.5", "0.5"), billing.StepUnexplained)
	s.Move(3, 4, "USD", dec("0.25"))
	s.Net(3, "USD", dec("0.01"))
	got := ""
	for _, i := range s.Invoices() {
		got += fmt.Sprintf("%d: %s, %s to dispute, %s unexplained, beside %s %s\n", i.StatementID, i.Theirs, i.ToDispute,
			i.Unexplained, i.TheirsBeside, i.DisputeBeside)
	}
	want := "3: 0.775, 0.02 to dispute, 0 unexplained, beside -0.29 -0.015\n4: 0.75, 0 to dispute, 0.5 unexplained, beside 0.25 0\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if pay := s.Pay("USD", 2).String(); pay != "1.01" { // 0.755 and 0.25, each for itself
		t.Errorf("pay %s", pay)
	}
	if n := len(Kept(s.Invoices(), func(int64) bool { return false })); n != 2 {
		t.Errorf("%d of two invoices are kept", n)
	}
	alone := s.Invoices()[:1]
	if n := len(Kept(alone, func(int64) bool { return false })) + len(Kept(alone, func(int64) bool { return true })); n != 1 {
		t.Errorf("one invoice is kept %d times of two", n)
	}
}

// TestNetted gives what a pool nets to the lower lines; lawful calls' lines only where the minimum is owed.
func TestNetted(t *testing.T) {
	excess := []Excess{{2, 1, dec("0.03"), false}, {1, 9, dec("0.02"), true}, {1, 3, dec("0.01"), false}}
	for _, test := range []struct {
		net     string
		minimum bool
		one     string
		two     string
	}{{"0.02", false, "0.01", "0.01"}, {"0.035", true, "0.03", "0.005"}, {"0", true, "0", "0"}} {
		got := Netted(excess, dec(test.net), test.minimum)
		if got[1].String() != test.one || got[2].String() != test.two {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

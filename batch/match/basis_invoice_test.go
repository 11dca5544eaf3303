package match

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// invoice returns what the vendor bills for charges: line by line, or in totals by endpoint and region, or by endpoint
// alone.
func (v *vendor) invoice(charges []*served, form string) []statement.Line {
	var lines []statement.Line
	sums := map[string]int{}
	for _, s := range charges {
		l := v.bill(s)
		if form == "lines" {
			lines = append(lines, l)
			continue
		}
		l.TransactionID, l.ChargedAt, l.Pricing = "", time.Time{}, ""
		if form == "endpoints" {
			l.Region = ""
		}
		key := fmt.Sprint(l.Endpoint, l.Region)
		i, known := sums[key]
		if !known {
			i = len(lines)
			sums[key] = i
			lines = append(lines, l)
			continue
		}
		lines[i].Quantity++
		lines[i].Amount = lines[i].Amount.Add(l.Amount)
	}
	for i := range lines {
		lines[i].Number = i + 2
	}
	return lines
}

func (v *vendor) reconcile(t *testing.T, contract billing.Basis, lines []statement.Line) (*Result, []billing.Row) {
	t.Helper()
	m := NewMatcher(v.book, Options{Month: billedMonth, Basis: contract, Edge: 24 * time.Hour, Window: 15 * time.Minute})
	for _, s := range v.served {
		m.Call(&s.call)
	}
	for i := range lines {
		if err := m.Line(1, &lines[i]); err != nil {
			t.Fatal(err)
		}
	}
	return match(t, m)
}

// An invoice made by one reading is recognised by name, in any form and whatever the contract says.
func TestInvoicesAreIdentified(t *testing.T) {
	for seed := range uint64(20) {
		basis, contract := billing.Bases()[seed%5], billing.Bases()[seed/5%5]
		v := newVendor(t, seed, basis)
		v.ordinary(t, 150)
		for range 3 {
			v.serve(v.daytime(t, 5, 20), billing.Pay, true).lose()
		}
		charges := inNovember(t, v.charged(basis))
		v.price(charges)
		for _, form := range []string{"lines", "regions", "endpoints"} {
			result, _ := v.reconcile(t, contract, v.invoice(charges, form))
			if !slices.Equal(result.Reproduces, []billing.Basis{basis}) || result.Nearest != basis {
				t.Fatalf("seed %d: %s by %s: reproduced by %q, nearest %q\n%+v", seed, basis, form, result.Reproduces, result.Nearest, result.Gaps)
			}
		}
	}
}

// Doubts that were billed do not hide the reading.
func TestInvoiceWithDoubtsIsIdentified(t *testing.T) {
	for seed, basis := range []billing.Basis{billing.PayTag, billing.Success, billing.DistinctID, billing.Transaction} {
		v := newVendor(t, uint64(seed), basis)
		v.ordinary(t, 150)
		var lost []*served
		for range 3 {
			lost = append(lost, v.serve(v.daytime(t, 28, 28), billing.Pay, true))
		}
		charges := inNovember(t, v.charged(basis))
		v.price(charges)
		lines := v.invoice(charges[:len(charges)-1], "lines") // two of the three
		for _, s := range lost {
			s.lose()
		}
		result, _ := v.reconcile(t, basis, lines)
		if !slices.Contains(result.Reproduces, basis) || result.Nearest != basis {
			t.Errorf("%s with doubts: reproduced by %q, nearest %q\n%+v", basis, result.Reproduces, result.Nearest, result.Gaps)
		}
	}
}

// An invoice by one reading in the first half of the month and by another in the second is none's, and the nearest is
// named.
func TestMixedInvoiceFitsNone(t *testing.T) {
	for seed := range uint64(20) {
		v := newVendor(t, seed, billing.PayTag)
		v.ordinary(t, 300)
		first, second := billing.Bases()[seed%5], billing.Bases()[(seed+1+seed/5)%5]
		if first == second {
			continue
		}
		middle := singapore(t, 2026, time.November, 15, 0, 0)
		charges := slices.DeleteFunc(v.charged(first), func(s *served) bool { return !s.call.SentAt.Before(middle) })
		charges = append(charges, slices.DeleteFunc(v.charged(second), func(s *served) bool { return s.call.SentAt.Before(middle) })...)
		v.price(charges)
		result, _ := v.reconcile(t, billing.PayTag, v.invoice(charges, "lines"))
		gaps := map[billing.Basis]int{}
		for _, basis := range billing.Bases() {
			gaps[basis] = apart(inNovember(t, charges), inNovember(t, v.charged(basis)))
		}
		least := gaps[billing.PayTag]
		for _, gap := range gaps {
			least = min(least, gap)
		}
		if len(result.Reproduces) != 0 || gaps[result.Nearest] != least {
			t.Fatalf("seed %d: %s then %s: reproduced by %q, nearest %q of %v", seed, first, second, result.Reproduces, result.Nearest, gaps)
		}
	}
}

// apart counts the calls that are in one list and not in the other.
func apart(a, b []*served) int {
	n := 0
	for _, s := range a {
		if !slices.Contains(b, s) {
			n++
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			n++
		}
	}
	return n
}

func count(charges []*served, endpoint, region string) int {
	n := 0
	for _, s := range charges {
		if s.call.Endpoint == endpoint && (region == "" || s.call.Region == region) {
			n++
		}
	}
	return n
}

// What a reading counts is what the vendor's model counts, to the last decimal.
func TestReadingCounts(t *testing.T) {
	for seed := range uint64(20) {
		v := newVendor(t, seed, billing.PayTag)
		v.ordinary(t, 200)
		v.serve(singapore(t, 2026, time.December, 1, 0, 0), billing.Pay, true)
		v.serve(singapore(t, 2026, time.November, 1, 0, 0).Add(-time.Millisecond), billing.Pay, true)
		v.serve(singapore(t, 2026, time.November, 1, 0, 0), billing.Pay, true)
		v.serve(singapore(t, 2026, time.December, 1, 0, 0).Add(-time.Millisecond), billing.Pay, true)
		result, _ := v.reconcile(t, billing.PayTag, nil)
		for _, basis := range billing.Bases() {
			charges := inNovember(t, v.charged(basis))
			v.price(charges)
			places := 0
			for _, p := range []billing.Route{{Endpoint: "sg", Region: "SG"}, {Endpoint: "sg", Region: "VN"}, {Endpoint: "sg", Region: "PH"}, {Endpoint: "th", Region: "TH"}} {
				var amount decimal.Decimal
				for _, s := range charges {
					if s.call.Endpoint == p.Endpoint && s.call.Region == p.Region {
						amount = amount.Add(s.unit)
					}
				}
				i := slices.IndexFunc(result.Bases, func(c BasisCount) bool {
					return c.Basis == basis && c.Endpoint == p.Endpoint && c.Region == p.Region
				})
				c := result.Bases[i]
				if c.Quantity != int64(count(charges, p.Endpoint, p.Region)) || !c.Amount.Equal(amount) || !c.Priced {
					t.Fatalf("seed %d: %+v, want %d for %s", seed, c, count(charges, p.Endpoint, p.Region), amount)
				}
				places++
			}
			n := len(slices.DeleteFunc(slices.Clone(result.Bases), func(c BasisCount) bool { return c.Basis != basis }))
			if n != places {
				t.Fatalf("seed %d: %d counts by %s, want %d", seed, n, basis, places)
			}
		}
	}
}

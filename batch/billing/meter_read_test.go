package billing

import (
	"errors"
	"testing"
)

// What is printed is what the contract's reading charges; caps count what the vendor tagged PAY besides, and say so.
func TestWhatIsPrintedIsTheContracts(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "0.03"))
	caps := Caps{Month: usdCap("spend_per_month", "0.30"), Basis: Success}
	m := NewMeter(book, caps, noon)
	m.SeedAs("sg", "SG", noon, Charged{Paid: 2, Doubtful: 1}, Charged{Paid: 4, Doubtful: 1})
	check := func(when, month, tagged string) {
		t.Helper()
		r := m.Month()
		if r.String() != month || r.Tagged.String() != tagged || len(r.Counted) > 0 {
			t.Errorf("%s: %s, caps count %s and %s; want %s and %s", when, r, r.Tagged, r.Counted, month, tagged)
		}
	}
	check("seeded", "USD 0.06-0.09", "USD 0.15")
	reserve(t, m, noon, 5)
	check("in flight", "USD 0.06-0.24", "USD 0.30")
	var refused *CapError
	if err := m.Reserve("sg", "SG", noon); !errors.As(err, &refused) || !refused.Tagged || refused.Made {
		t.Errorf("the cap counts calls that are no charge by the contract: %+v", refused)
	}
	m.ConfirmAs("sg", "SG", noon, Free, Pay)
	m.ConfirmAs("sg", "SG", noon, Pay, Pay)
	m.ConfirmAs("sg", "SG", noon, Unknown, Unknown)
	m.ConfirmAs("sg", "SG", noon, Free, Free)
	m.ConfirmAs("sg", "SG", noon, Free, Free)
	check("settled", "USD 0.09-0.15", "USD 0.24")
	m.DoubtAs("sg", "SG", noon, Free, Pay, false)
	check("doubted", "USD 0.09-0.18", "USD 0.24")
	if got := m.Run(); got.String() != "USD 0.03-0.09" || got.Tagged.String() != "USD 0.09" && got.Tagged.String() != "" {
		t.Errorf("the run: %s, %s", got, got.Tagged)
	}
	reserve(t, m, noon, 2)
	if err := m.Reserve("sg", "SG", noon); !errors.As(err, &refused) || !refused.Tagged {
		t.Errorf("eight calls of ten are counted: %v", err)
	}

	// Where the reading goes by tags there is one tally, and nothing to say.
	caps.Basis = PayTag
	m = NewMeter(book, caps, noon)
	m.Seed("sg", "SG", noon, 4, 1)
	check("by tags", "USD 0.12-0.15", "")
	reserve(t, m, noon, 5)
	if err := m.Reserve("sg", "SG", noon); !errors.As(err, &refused) || refused.Tagged {
		t.Errorf("the contract's reading refuses it: %+v", refused)
	}
	// Without a cap nothing is counted.
	m = NewMeter(book, Caps{Basis: Success}, noon)
	m.SeedAs("sg", "SG", noon, Charged{}, Charged{Paid: 4})
	if r := m.Month(); len(r.Tagged) > 0 {
		t.Errorf("no cap counts %s", r.Tagged)
	}
}

package billing

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// Every instant is in one month of the contract, whose bounds hold it, and the days of a month are numbered in their
// order: caps add up the days after a call's.
func TestMonths(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo") // midnights that do not exist
	if err != nil {
		t.Fatal(err)
	}
	for _, starts := range []int{0, 1, 2, 15, 26, 28} {
		m := Months{zone, starts}
		var last day
		for at := time.Date(2017, 1, 1, 12, 0, 0, 0, zone); at.Year() < 2020; at = at.AddDate(0, 0, 1) {
			d := m.dayAt(at)
			from, to := m.Bounds(d.Period)
			if at.Before(from) || !at.Before(to) || d.index < 1 || d.index > mostDays {
				t.Fatalf("starts %d: %s is day %d of %s, %s to %s", starts, at, d.index, d.Period, from, to)
			}
			if last.Period == d.Period && last.index >= d.index {
				t.Fatalf("starts %d: %s is day %d after %d", starts, at, d.index, last.index)
			}
			if last.Period != (Period{}) && last.Period != d.Period && (last.Period.Plus(1) != d.Period || !from.Equal(d.From)) {
				t.Fatalf("starts %d: %s follows %s on %s", starts, d.Period, last.Period, at)
			}
			last = d
		}
	}
}

// Tiers are counted by the months of the contract, and a row that ends within one is refused where a calendar month would
// have taken it.
func TestMonthlyBook(t *testing.T) {
	months := Months{time.UTC, 26}
	tiers := func(from, to string) Price {
		p := Price{Endpoint: "id", Region: "*", Currency: "USD", Kind: Graduated, Line: 1, Tiers: []Tier{{UpTo: 1, Unit: decimal.New(3, 0)}, {Unit: decimal.New(1, 0)}}}
		for text, at := range map[string]*time.Time{from: &p.From, to: &p.To} {
			if text != "" {
				*at, _ = time.Parse(time.DateOnly, text)
			}
		}
		return p
	}
	if _, err := NewMonthlyBook([]Price{tiers("2026-01-01", "2026-11-26"), tiers("2026-11-26", "")}, months); err != nil {
		t.Error(err)
	}
	if _, err := NewMonthlyBook([]Price{tiers("2026-01-01", "2026-11-01"), tiers("2026-11-01", "")}, months); err == nil {
		t.Error("two rows with tiers in one month")
	}
	b, err := NewMonthlyBook([]Price{tiers("2026-01-01", "")}, months)
	if err != nil {
		t.Fatal(err)
	}
	m := NewMeter(b, Caps{}, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	for _, day := range []int{25, 27} { // October ends on the 25th, and November's first call is of its first tier
		m.Seed("id", "SG", time.Date(2026, 10, day, 12, 0, 0, 0, time.UTC), 2, 0)
	}
	if got := m.Month().Floor["USD"].String(); got != "4" {
		t.Errorf("November so far: %s, want 3 + 1", got)
	}
	again, err := ParseBook(b.String(), func(string) (*time.Location, error) { return time.UTC, nil })
	if err != nil || again.Starts != 26 || again.String() != b.String() {
		t.Errorf("%s: %v", b, err)
	}
	if got := []string{months.String(), Months{time.UTC, 22}.firstDay(), Months{time.UTC, 0}.String(), Months{time.UTC, 3}.firstDay(), Months{time.UTC, 12}.firstDay()}; !slices.Equal(got, []string{
		"months from the 26th on, named by the one they end in, UTC", "22nd", "calendar months of UTC", "3rd", "12th"}) {
		t.Errorf("%q", got)
	}
}

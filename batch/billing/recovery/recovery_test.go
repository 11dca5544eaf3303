package recovery

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
)

func subject(month, invoice, reason, endpoint, currency string) Subject {
	return Subject{month, invoice, reason, endpoint, currency}
}

func dispute(month, reason, endpoint, currency, claimed string) Dispute {
	return Dispute{subject(month, "INV-1", reason, endpoint, currency), decimal.RequireFromString(claimed), 1}
}

func credit(line int64, month, endpoint, currency, amount, text string) Credit {
	d := decimal.RequireFromString(amount)
	return Credit{Line: line, Month: month, Billed: month, Endpoint: endpoint, Currency: currency, Amount: d, Gross: d, Text: text}
}

func cents(string) int32 { return 2 }

// TestNumber: the number is what it always was, every part of the subject changes it, and however people write it, it
// is found again.
func TestNumber(t *testing.T) {
	s := subject("2026-10", "INV-7", "duplicate on statement", "id", "USD")
	n := s.Number()
	if want := "D2610-" + n[6:]; n != want || len(n) != len("D2610-7KQ2XM") {
		t.Fatalf("number %q", n)
	}
	for i, other := range []Subject{subject("2026-11", s.Invoice, s.Reason, "id", "USD"), subject("2026-10", "INV-8", s.Reason, "id", "USD"),
		subject("2026-10", s.Invoice, "theirs only", "id", "USD"), subject("2026-10", s.Invoice, s.Reason, "th", "USD"),
		subject("2026-10", s.Invoice, s.Reason, "id", "THB")} {
		if other.Number() == n {
			t.Errorf("%d: the number is the same", i)
		}
	}
	for _, text := range []string{n, "Credit for " + n + ".", "d2610" + n[6:], "re: " + n[:5] + " " + n[6:] + " / " + n} {
		if got := Numbers(text); len(got) != 1 || got[0] != n {
			t.Errorf("%q names %q", text, got)
		}
	}
	for _, text := range []string{"", "credit", "AD2610" + n[6:], n + "X", "D2610-0OI1LL"} {
		if got := Numbers(text); len(got) != 0 {
			t.Errorf("%q names %q", text, got)
		}
	}
	seen := map[string]Subject{}
	for i := range 5_000 {
		s := subject("2026-10", fmt.Sprint(i), "theirs only", "id", "USD")
		if other, twice := seen[s.Number()]; twice {
			t.Fatalf("%v and %v share a number", s, other)
		}
		seen[s.Number()] = s
	}
}

func TestPair(t *testing.T) {
	a, b := dispute("2026-10", "duplicate on statement", "id", "USD", "3.5"), dispute("2026-10", "theirs only", "id", "USD", "0.105")
	twin := dispute("2026-10", "price differs", "th", "USD", "3.5")
	thb := dispute("2026-10", "theirs only", "th", "THB", "3.5")
	for _, test := range []struct {
		name     string
		disputes []Dispute
		credits  []Credit
		want     []Match
	}{
		{"by number, whatever the amount", []Dispute{a, twin}, []Credit{credit(1, "2026-12", "", "USD", "1", "part of "+twin.Number())},
			[]Match{{1, ByNumber}}},
		{"by number, at another endpoint", []Dispute{a}, []Credit{credit(1, "2026-11", "th", "USD", "3.5", a.Number())}, []Match{{0, ByNumber}}},
		{"two numbers", []Dispute{a, b}, []Credit{credit(1, "2026-11", "", "USD", "3.605", a.Number()+" "+b.Number())},
			[]Match{{-1, "it names several disputes: " + a.Number() + ", " + b.Number()}}},
		{"a stranger's number, though the amount ties", []Dispute{a}, []Credit{credit(1, "2026-11", "", "USD", "3.5", twin.Number())},
			[]Match{{-1, twin.Number() + " is no dispute of ours"}}},
		{"another currency", []Dispute{a}, []Credit{credit(1, "2026-11", "", "THB", "3.5", a.Number())}, []Match{{-1, a.Number() + " is in USD"}}},
		{"by amount", []Dispute{a, b, thb}, []Credit{credit(1, "2026-11", "id", "USD", "3.5", "goodwill")}, []Match{{0, ByAmount}}},
		{"by amount, rounded", []Dispute{a, b}, []Credit{credit(1, "2026-11", "", "USD", "0.11", "")}, []Match{{1, ByAmount}}},
		{"by amount, another one", []Dispute{a, b}, []Credit{credit(1, "2026-11", "", "USD", "0.12", "")}, []Match{{-1, "no dispute has this amount left"}}},
		{"by amount, of another endpoint", []Dispute{a}, []Credit{credit(1, "2026-11", "th", "USD", "3.5", "")}, []Match{{-1, "no dispute has this amount left"}}},
		{"before the dispute", []Dispute{a}, []Credit{credit(1, "2026-09", "", "USD", "3.5", "")}, []Match{{-1, "no dispute has this amount left"}}},
		{"on the same statement", []Dispute{a}, []Credit{func() Credit { c := credit(1, "2026-10", "", "USD", "3.5", ""); c.Statement = 1; return c }()},
			[]Match{{-1, "no dispute has this amount left"}}},
		{"on a credit note for the month", []Dispute{a}, []Credit{func() Credit { c := credit(1, "2026-10", "", "USD", "3.5", ""); c.Statement = 2; return c }()},
			[]Match{{0, ByAmount}}},
		{"two disputes of an amount", []Dispute{a, twin}, []Credit{credit(1, "2026-11", "", "USD", "3.5", "")},
			[]Match{{-1, "2 disputes have this amount left: which one is it?"}}},
		{"two credits for a dispute", []Dispute{a}, []Credit{credit(1, "2026-11", "", "USD", "3.5", ""), credit(2, "2026-11", "", "USD", "3.5", "")},
			[]Match{{-1, "2 credits could be for " + a.Number() + ": which one is it?"}, {-1, "2 credits could be for " + a.Number() + ": which one is it?"}}},
		{"what a number has paid back is not left", []Dispute{a, twin},
			[]Credit{credit(1, "2026-12", "", "USD", "3.5", ""), credit(2, "2026-11", "", "USD", "3.5", a.Number())}, []Match{{1, ByAmount}, {0, ByNumber}}},
		{"the rest, after a part", []Dispute{a}, []Credit{credit(1, "2026-11", "", "USD", "1.5", a.Number()), credit(2, "2026-12", "", "USD", "2", "")},
			[]Match{{0, ByNumber}, {0, ByAmount}}},
		{"the line's own month", []Dispute{a, func() Dispute { d := a; d.Month = "2026-09"; return d }()},
			[]Credit{{Line: 1, Month: "2026-09", Billed: "2026-11", Currency: "USD", Amount: a.Claimed, Gross: a.Claimed}}, []Match{{1, ByAmount}}},
		{"with tax", []Dispute{a}, []Credit{{Line: 1, Month: "2026-11", Billed: "2026-11", Currency: "USD",
			Amount: decimal.RequireFromString("3.504587155963"), Gross: decimal.RequireFromString("3.82")}}, []Match{{0, ByAmount}}},
	} {
		got := Pair(test.disputes, test.credits, cents)
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// TestPairOrder: in whatever order disputes and credits come, each credit has the same dispute; one that no number names
// has one of its currency, and no dispute has two of those.
func TestPairOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 2))
	for range 2_000 {
		var disputes []Dispute
		for i := range 1 + random.IntN(6) {
			d := dispute(fmt.Sprintf("2026-%02d", 8+random.IntN(3)), fmt.Sprint("reason ", i), []string{"id", "th"}[random.IntN(2)],
				[]string{"USD", "THB"}[random.IntN(2)], fmt.Sprint(1+random.IntN(4)))
			disputes = append(disputes, d)
		}
		var credits []Credit
		for i := range random.IntN(7) {
			c := credit(int64(i), fmt.Sprintf("2026-%02d", 9+random.IntN(3)), []string{"", "id", "th"}[random.IntN(3)],
				[]string{"USD", "THB"}[random.IntN(2)], fmt.Sprint(1+random.IntN(4)), "")
			if random.IntN(3) == 0 {
				c.Text = disputes[random.IntN(len(disputes))].Number()
			}
			credits = append(credits, c)
		}
		of := func(d []Dispute, c []Credit) map[int64]string {
			found, taken := map[int64]string{}, map[int]bool{}
			for i, m := range Pair(d, c, cents) {
				if m.Dispute < 0 {
					if m.Why == "" {
						t.Fatalf("no dispute, and no reason: %+v", c[i])
					}
					continue
				}
				if d[m.Dispute].Currency != c[i].Currency {
					t.Fatalf("%+v for %+v", c[i], d[m.Dispute])
				}
				if m.Why == ByAmount {
					if taken[m.Dispute] || c[i].Text != "" {
						t.Fatalf("by amount: %+v", c[i])
					}
					taken[m.Dispute] = true
				}
				found[c[i].Line] = d[m.Dispute].Number()
			}
			return found
		}
		want := of(disputes, credits)
		random.Shuffle(len(disputes), func(i, k int) { disputes[i], disputes[k] = disputes[k], disputes[i] })
		random.Shuffle(len(credits), func(i, k int) { credits[i], credits[k] = credits[k], credits[i] })
		if got := of(disputes, credits); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v in another order, %v before", got, want)
		}
	}
}

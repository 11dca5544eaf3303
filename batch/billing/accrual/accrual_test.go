package accrual

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
)

// bought represents a call of the property: what it costs, in which month it is known, and which month's invoice bills
// it.
type bought struct {
	place         Key
	price, wrong  decimal.Decimal // wrong: what the invoice bills beyond the price
	known, billed int             // billed -1: never
	late          bool
}

type credited struct {
	place  Key
	amount decimal.Decimal
	month  int
}

// world is a random history of months: calls that are billed in their month, earlier, later or never, at their price or
// another, lines about no call, credits of what is disputed and others.
type world struct {
	months  int
	calls   []bought
	ghosts  []bought
	credits []credited
	rounded map[int][]Movement
}

func newWorld(r *rand.Rand, months int) *world {
	places := []Key{{"sg", "SG", "USD"}, {"ph", "PH", "USD"}, {"id", "ID", "IDR"}, {"th", "*", "USD"}}
	w := &world{months: months, rounded: map[int][]Movement{}}
	amount := func(most int64) decimal.Decimal { return decimal.New(1+r.Int64N(most), -4) }
	for m := range months {
		for range r.IntN(12) {
			c := bought{place: places[r.IntN(len(places))], price: amount(9_000), known: m, billed: m,
				late: r.IntN(8) == 0}
			switch r.IntN(6) {
			case 0:
				c.billed = m + 1 + r.IntN(3)
			case 1:
				c.billed = -1
			case 2:
				c.billed = max(0, m-1) // billed a month before it is known
			}
			if r.IntN(5) == 0 {
				c.wrong = amount(500)
			}
			w.calls = append(w.calls, c)
		}
		for range r.IntN(3) {
			w.ghosts = append(w.ghosts, bought{place: places[r.IntN(len(places))], wrong: amount(4_000), billed: m})
		}
		for range r.IntN(3) {
			w.credits = append(w.credits, credited{places[r.IntN(len(places))], amount(3_000), m})
		}
		if r.IntN(3) == 0 {
			d := amount(40).Sub(decimal.New(20, -4))
			w.rounded[m] = append(w.rounded[m], Movement{Key: places[0], Adjusted: d, Billed: d})
		}
	}
	return w
}

func (w *world) moves(m int) []Movement {
	all := slices.Clone(w.rounded[m])
	for _, c := range w.calls {
		switch {
		case c.known == m && c.late:
			all = append(all, Movement{Key: c.place, Late: c.price})
		case c.known == m:
			all = append(all, Movement{Key: c.place, Usage: c.price})
		}
		if c.billed == m {
			all = append(all, Movement{Key: c.place, Billed: c.price, Disputed: c.wrong})
		}
	}
	for _, g := range w.ghosts {
		if g.billed == m {
			all = append(all, Movement{Key: g.place, Disputed: g.wrong})
		}
	}
	for _, c := range w.credits {
		if c.month == m {
			all = append(all, Movement{Key: c.place, Credited: c.amount})
		}
	}
	return all
}

// owed counts call by call, knowing nothing of months before: what is known and not billed at a month's end.
func (w *world) owed(p Key, m int) (sum decimal.Decimal) {
	for _, c := range w.calls {
		if c.place == p && c.known <= m {
			sum = sum.Add(c.price)
		}
		if c.place == p && c.billed >= 0 && c.billed <= m {
			sum = sum.Sub(c.price)
		}
	}
	return sum
}

// disputed adds up, by currency, what lines bill beyond prices until a month's end, and what was credited until then.
func (w *world) disputed(currency string, m int) (over, credits decimal.Decimal) {
	for _, c := range slices.Concat(w.calls, w.ghosts) {
		if c.place.Currency == currency && c.billed >= 0 && c.billed <= m {
			over = over.Add(c.wrong)
		}
	}
	for _, c := range w.credits {
		if c.place.Currency == currency && c.month <= m {
			credits = credits.Add(c.amount)
		}
	}
	return over, credits
}

func minor(currency string) int32 {
	if currency == "IDR" {
		return 0
	}
	return 2
}

func testAccounts(p Key) Accounts {
	return Accounts{Expense: "6150", Accrual: "2190", Claims: "1490", Center: "CC " + p.Region, Tax: "V0"}
}

// TestThousandMonths rolls a thousand random months forward: each opens with what the one before closes with, closes
// with what counting call by call gives, and its journal balances and takes back what the one before has booked.
func TestThousandMonths(t *testing.T) {
	months := 0
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 17))
		w := newWorld(r, 20)
		var lines []Line
		reduced, booked := map[string]decimal.Decimal{}, map[account]decimal.Decimal{}
		for m := range w.months {
			months++
			before := lines
			lines = Roll(before, w.moves(m))
			chained(t, before, lines)
			claims := map[string]decimal.Decimal{}
			for _, l := range lines {
				if want := w.owed(l.Key, m); !l.Closing.Equal(want) {
					t.Fatalf("seed %d, month %d, %v: closes with %s, want %s", seed, m, l.Key, l.Closing, want)
				}
				if l.Claims.IsNegative() {
					t.Fatalf("seed %d, month %d, %v: claims of %s", seed, m, l.Key, l.Claims)
				}
				claims[l.Currency] = claims[l.Currency].Add(l.Claims)
				reduced[l.Currency] = reduced[l.Currency].Add(l.Reduced)
			}
			for _, currency := range []string{"USD", "IDR"} {
				over, credits := w.disputed(currency, m)
				if want := over.Sub(credits).Add(reduced[currency]); !claims[currency].Equal(want) {
					t.Fatalf("seed %d, month %d: claims of %s %s, want %s", seed, m, currency, claims[currency], want)
				}
			}
			balanced(t, lines, booked)
		}
	}
	if months != 1000 {
		t.Errorf("%d months", months)
	}
}

// chained makes sure that nothing is lost between two months, not at a single place.
func chained(t *testing.T, before, after []Line) {
	t.Helper()
	opening, claimed := map[Key]decimal.Decimal{}, map[Key]decimal.Decimal{}
	for _, l := range after {
		opening[l.Key], claimed[l.Key] = l.Opening, l.Claimed
		if !l.Opening.Add(l.Usage).Add(l.Late).Add(l.Adjusted).Sub(l.Billed).Equal(l.Closing) ||
			!l.Claimed.Add(l.Disputed).Sub(l.Credited).Equal(l.Claims) {
			t.Fatalf("does not add up: %+v", l)
		}
	}
	for _, l := range before {
		if !opening[l.Key].Equal(l.Closing) || !claimed[l.Key].Equal(l.Claims) {
			t.Fatalf("%v closes with %s and %s, then opens with %s and %s", l.Key, l.Closing, l.Claims,
				opening[l.Key],
				claimed[l.Key])
		}
	}
}

type account struct{ number, center, tax, currency string }

// balanced posts a month's journal to accounts, and compares their balances with the lines.
func balanced(t *testing.T, lines []Line, booked map[account]decimal.Decimal) {
	t.Helper()
	entries := map[int]decimal.Decimal{}
	for _, p := range Journal(lines, testAccounts, minor) {
		if p.Debit.IsNegative() || p.Credit.IsNegative() || p.Debit.IsZero() == p.Credit.IsZero() {
			t.Fatalf("neither debit nor credit: %+v", p)
		}
		net := p.Debit.Sub(p.Credit)
		if net.Exponent() < -minor(p.Currency) {
			t.Fatalf("%s %s is no amount that can be posted", p.Currency, net)
		}
		entries[p.Entry] = entries[p.Entry].Add(net)
		k := account{p.Account, p.Center, p.Tax, p.Currency}
		booked[k] = booked[k].Add(net)
	}
	for n, sum := range entries {
		if !sum.IsZero() {
			t.Fatalf("entry %d is out by %s", n, sum)
		}
	}
	want, sums := map[account]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, l := range lines {
		a := testAccounts(l.Key)
		owed, claims := account{a.Accrual, a.Center, a.Tax, l.Currency}, account{a.Claims, a.Center, a.Tax, l.Currency}
		want[owed] = want[owed].Sub(l.Closing.Round(minor(l.Currency)))
		want[claims] = want[claims].Add(l.Claims.Round(minor(l.Currency)))
	}
	for k, balance := range booked {
		sums[k.currency] = sums[k.currency].Add(balance)
		if k.number != "6150" && !balance.Equal(want[k]) {
			t.Fatalf("%+v stands at %s, want %s", k, balance, want[k])
		}
	}
	for currency, sum := range sums {
		if !sum.IsZero() {
			t.Fatalf("%s is out by %s", currency, sum)
		}
	}
}

// TestCredits: a credit goes to what is disputed at its own place first, and what is left of it lowers the cost.
func TestCredits(t *testing.T) {
	d := decimal.RequireFromString
	sg, ph := Key{"sg", "SG", "USD"}, Key{"ph", "PH", "USD"}
	first := Roll(nil, []Movement{{Key: sg, Disputed: d("2")}, {Key: ph, Disputed: d("3")}})
	for _, c := range []struct {
		name             string
		credits          []Movement
		atPH, atSG, rest string
	}{
		{"own place", []Movement{{Key: sg, Credited: d("1.5")}}, "3", "0.5", "0"},
		{"no place", []Movement{{Key: Key{Currency: "USD"}, Credited: d("4")}}, "0", "1", "0"},
		{"more than is disputed", []Movement{{Key: sg, Credited: d("7")}}, "0", "0", "2"},
		{"another currency", []Movement{{Key: Key{Currency: "IDR"}, Credited: d("7")}}, "3", "2", "7"},
		{"own place before others", []Movement{{Key: ph, Credited: d("4")}, {Key: sg, Credited: d("2")}}, "0",
			"0", "1"},
	} {
		claims, reduced := map[Key]decimal.Decimal{}, decimal.Decimal{}
		for _, l := range Roll(first, c.credits) {
			claims[l.Key], reduced = l.Claims, reduced.Add(l.Reduced)
		}
		if !claims[ph].Equal(d(c.atPH)) || !claims[sg].Equal(d(c.atSG)) || !reduced.Equal(d(c.rest)) {
			t.Errorf("%s: %s at ph, %s at sg, %s lower the cost", c.name, claims[ph], claims[sg], reduced)
		}
	}
}

// TestJournal posts one month by hand.
func TestJournal(t *testing.T) {
	d := decimal.RequireFromString
	l := Line{Movement: Movement{Key: Key{"sg", "SG", "USD"}}, Opening: d("1.005"), Closing: d("-2.004"),
		Claimed: d("0.004"), Claims: d("3")}
	got := Journal([]Line{l}, testAccounts, minor)
	want := []struct {
		kind          Kind
		account       string
		debit, credit string
	}{
		{ReversedAccrual, "2190", "1.01", "0"}, {ReversedAccrual, "6150", "0", "1.01"},
		{BookedAccrual, "2190", "2", "0"}, {BookedAccrual, "6150", "0", "2"},
		{BookedClaims, "1490", "3", "0"}, {BookedClaims, "6150", "0", "3"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d postings: %+v", len(got), got)
	}
	for i, w := range want {
		if p := got[i]; p.Kind != w.kind || p.Account != w.account || !p.Debit.Equal(d(w.debit)) ||
			!p.Credit.Equal(d(w.credit)) || p.Center != "CC SG" || p.Tax != "V0" {
			t.Errorf("posting %d: %+v, want %+v", i, p, w)
		}
	}
}

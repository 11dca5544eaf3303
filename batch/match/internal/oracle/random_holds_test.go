package oracle

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

var months = flag.Int("months", 1000, "how many random months to judge")

// eachMonth runs a test on random months; a failure names its seed.
func eachMonth(t *testing.T, n int, make func(uint64) Case, test func(*testing.T, Case)) {
	t.Helper()
	failed := 0
	for seed := range uint64(n) {
		if failed > 3 {
			return
		}
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { test(t, make(seed)) }) {
			failed++
		}
	}
}

func TestLawsOfRandomMonths(t *testing.T) {
	classes, faults := map[Class]int{}, map[string]int{}
	eachMonth(t, *months, Random, func(t *testing.T, c Case) {
		r := c.Judge()
		lawsOf(t, r, c.Calls, c.Prices)
		for _, row := range r.Rows {
			classes[row.Class]++
		}
		for _, f := range c.Faults {
			faults[f]++
		}
	})
	t.Log(classes)
	t.Log(faults)
	for _, c := range []Class{Matched, ExplainedByDoubt, OtherPeriod, WrongTier, PriceDiffers, QuantityDiffers,
		PricingDiffers, TheirsOnly, OursOnly, Duplicate, BilledAgain, MonthlyMinimum, MinimumNotOwed, MinimumNotBilled,
		Reversed, Listed, Withheld} {
		if classes[c] == 0 {
			t.Errorf("no row is %q", c)
		}
	}
}

func TestRightMonths(t *testing.T) {
	eachMonth(t, *months, RandomRight, func(t *testing.T, c Case) {
		r := c.Judge()
		lawsOf(t, r, c.Calls, c.Prices)
		for currency, m := range r.Money {
			if scopeLacks(c, currency) {
				continue
			}
			if !m.Right {
				t.Errorf("%s: %s to dispute, %s not yet billed, %s unexplained %v", currency, m.ToDispute, m.NotYetBilled,
					m.Unexplained, c.Faults)
				for _, row := range r.Rows {
					if !row.Issue.IsZero() {
						t.Logf("%+v", row)
					}
				}
			}
		}
	})
}

// scopeLacks reports whether the month's own statement has nothing in a currency.
func scopeLacks(c Case, currency string) bool {
	for _, f := range c.Statements {
		if f.Invoice != c.Month {
			continue
		}
		return !slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Currency == currency })
	}
	return true
}

func TestOrderOfLinesDecidesNothing(t *testing.T) {
	eachMonth(t, *months, Random, func(t *testing.T, c Case) {
		if lowerLineDecides(c) {
			return
		}
		want := c.Judge()
		rng := rand.New(rand.NewPCG(uint64(len(c.Calls)), 3))
		shuffled := c
		shuffled.Statements = nil
		for _, f := range c.Statements {
			f.Lines = shuffledButFees(rng, f.Lines)
			shuffled.Statements = append(shuffled.Statements, f)
		}
		got := shuffled.Judge()
		for currency, m := range want.Money {
			o := got.Money[currency]
			if !m.ToDispute.Equal(o.ToDispute) || !m.NotYetBilled.Equal(o.NotYetBilled) || !m.Theirs.Equal(o.Theirs) {
				t.Errorf("%s: %s and %s, in another order %s and %s %v", currency, m.ToDispute, m.NotYetBilled,
					o.ToDispute, o.NotYetBilled, c.Faults)
			}
		}
		if pays(want) != pays(got) {
			t.Errorf("pays %s, in another order %s", pays(want), pays(got))
		}
	})
}

// lowerLineDecides reports whether lines of one instant have different amounts: which is on a call is for their order to
// say.
func lowerLineDecides(c Case) bool {
	amounts := map[time.Time]decimal.Decimal{}
	for _, f := range c.Statements {
		for _, l := range f.Lines {
			if l.Time.IsZero() || l.Kind != Usage || l.Tag == "FREE" {
				continue
			}
			if a, known := amounts[l.Time]; known && !a.Equal(l.Amount) {
				return true
			}
			amounts[l.Time] = l.Amount
		}
	}
	return false
}

// shuffledButFees puts lines in another order; fees keep theirs, which decides what is whose top-up.
func shuffledButFees(rng *rand.Rand, lines []Line) []Line {
	fees := func(l Line) bool { return formOf(l) == fee }
	var all []Line
	for _, i := range rng.Perm(len(lines)) {
		all = append(all, lines[i])
	}
	in := slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return !fees(l) })
	slices.SortFunc(in, func(x, y Line) int { return x.Number - y.Number })
	for i := range all {
		if fees(all[i]) {
			all[i], in = in[0], in[1:]
		}
		all[i].Number = i + 1
	}
	return all
}

func pays(r Result) (all string) {
	for _, p := range r.Payments {
		if p.Amount == nil {
			all += fmt.Sprintln(p.File, p.Currency, "none")
			continue
		}
		all += fmt.Sprintln(p.File, p.Currency, p.Amount.String())
	}
	return all
}

// TestPairsAgainstAll compares the pairs found with the best of all sets of pairs.
func TestPairsAgainstAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		var edges []edge
		window := int64(20)
		for l := range 1 + rng.IntN(5) {
			for c := range 1 + rng.IntN(5) {
				if rng.IntN(3) > 0 {
					away := rng.Int64N(24)
					edges = append(edges, edge{line: l, call: c, away: away, gain: window + 1 - away, charged: c%2 == 0})
				}
			}
		}
		got, want := bestPairs(edges), bestOfAll(edges)
		slices.SortFunc(got, func(a, b edge) int { return a.line - b.line })
		if !slices.Equal(got, want) {
			t.Fatalf("%+v\n%+v, want\n%+v", edges, got, want)
		}
	}
}

// bestOfAll tries all sets of pairs.
func bestOfAll(edges []edge) []edge {
	lines := slices.Sorted(maps.Keys(func() map[int]bool {
		all := map[int]bool{}
		for _, e := range edges {
			all[e.line] = true
		}
		return all
	}()))
	var best []edge
	first := true
	var try func(at int, chosen []edge, used map[int]bool)
	try = func(at int, chosen []edge, used map[int]bool) {
		if at == len(lines) {
			if first || betterPairs(chosen, best, lines) {
				best, first = slices.Clone(chosen), false
			}
			return
		}
		for _, e := range edges {
			if e.line == lines[at] && !used[e.call] {
				used[e.call] = true
				try(at+1, append(chosen, e), used)
				delete(used, e.call)
			}
		}
		try(at+1, chosen, used)
	}
	try(0, nil, map[int]bool{})
	return best
}

func betterPairs(a, b []edge, lines []int) bool {
	sums := func(all []edge) (gain, charged, squares int64) {
		for _, e := range all {
			gain += e.gain
			squares += e.away * e.away
			if e.charged {
				charged++
			}
		}
		return gain, charged, squares
	}
	ag, ac, as := sums(a)
	bg, bc, bs := sums(b)
	switch {
	case ag != bg:
		return ag > bg
	case ac != bc:
		return ac > bc
	case as != bs:
		return as < bs
	}
	for _, l := range lines {
		x, y := callOf(a, l), callOf(b, l)
		if x != y {
			return x < y
		}
	}
	return false
}

func callOf(all []edge, line int) int {
	for _, e := range all {
		if e.line == line {
			return e.call
		}
	}
	return 1 << 30
}

func TestSpeed(t *testing.T) {
	start := time.Now()
	for seed := range uint64(300) {
		Random(seed).Judge()
	}
	if each := time.Since(start) / 300; each > 60*time.Millisecond {
		t.Errorf("a month takes %v", each)
	}
}

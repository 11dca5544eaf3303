package match

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// chaos is calls and lines of no sense at all.
type chaos struct {
	book       *billing.Book
	options    Options
	calls      []Call
	lines      []statement.Line
	neighbours []statement.Line
}

func newChaos(t *testing.T, seed uint64) *chaos {
	r := rand.New(rand.NewPCG(seed, 9))
	c := &chaos{book: vendorBook(t, r), options: Options{
		Month: billedMonth, Basis: billing.Bases()[r.IntN(5)], Edge: time.Duration(r.IntN(48)) * time.Hour, Window: time.Duration(r.IntN(100)) * time.Hour,
	}}
	if r.IntN(2) == 0 {
		c.options.Imported = []Scope{{billedMonth.Plus(1 - 2*r.IntN(2)), []string{"", "sg"}[r.IntN(2)]}}
	}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	at := func() time.Time {
		return singapore(t, 2026, time.November, 1, 0, 0).Add(time.Duration(r.Int64N(34*24*3600*1000)-2*24*3600*1000) * time.Millisecond)
	}
	transaction := func() string {
		return pick("", fmt.Sprintf("%016x", r.IntN(40)), fmt.Sprintf("T-%d", r.IntN(20)))
	}
	for id := range int64(r.IntN(60)) {
		c.calls = append(c.calls, Call{
			ID: id + 1, CheckID: r.Int64N(40), SentAt: at(), Endpoint: pick("sg", "th", "xx"), Region: pick("SG", "VN"), Outcome: pick(Answered, Answered, Unanswered),
			Tag: billing.Tag(pick("PAY", "PAY", "FREE", "UNKNOWN")), TransactionID: transaction(), Success: r.IntN(2) == 0, Billed: r.IntN(10) == 0,
		})
		if last := &c.calls[id]; last.Outcome == Unanswered {
			last.Tag, last.TransactionID, last.Success = billing.Unknown, "", false
		}
	}
	line := func(n int) statement.Line {
		l := statement.Line{
			Number: n + 1, Kind: statement.LineKind(pick("usage", "usage", "usage", "usage", "credit", "tax", "total")), TransactionID: transaction(), Month: billedMonth,
			Endpoint: pick("sg", "sg", "th", ""), Region: pick("SG", "VN", ""), Pricing: pick("", "PAY", "FREE"), Quantity: int64(r.IntN(4)),
			Amount: decimal.New(r.Int64N(60)-5, -2-int32(r.IntN(3))), Currency: pick("USD", "THB", "EUR"),
		}
		if r.IntN(3) > 0 {
			l.ChargedAt, l.DateOnly = at(), r.IntN(2) == 0
		}
		if l.Kind == statement.Usage && r.IntN(3) == 0 {
			l.Quantity = 1
		}
		return l
	}
	for n := range r.IntN(50) {
		c.lines = append(c.lines, line(n))
	}
	for n := range r.IntN(9) {
		l := line(n)
		l.Month = billedMonth.Plus(1 - 2*r.IntN(2))
		c.neighbours = append(c.neighbours, l)
	}
	return c
}

func (c *chaos) run(t *testing.T, calls []int) (*Result, []billing.Row) {
	m := NewMatcher(c.book, c.options)
	for _, i := range calls {
		m.Call(&c.calls[i])
	}
	for i := range c.lines {
		if err := m.Line(1, &c.lines[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range c.neighbours {
		m.Neighbour(8, &c.neighbours[i])
	}
	return match(t, m)
}

// Whatever is thrown at it, every line and every charge is in exactly one row, the rows make the bridge, the bridge
// makes the difference, and the order of the calls does not matter.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	for seed := range uint64(400) {
		c := newChaos(t, seed)
		r := rand.New(rand.NewPCG(seed, 10))
		result, rows := c.run(t, r.Perm(len(c.calls)))
		again, rowsAgain := c.run(t, r.Perm(len(c.calls)))
		if fmt.Sprint(rows) != fmt.Sprint(rowsAgain) || !reflect.DeepEqual(result.Resolutions, again.Resolutions) || fmt.Sprint(result.Bridge) != fmt.Sprint(again.Bridge) {
			t.Fatalf("seed %d: the calls' order matters", seed)
		}
		c.checkLines(t, seed, rows)
		c.checkCharges(t, seed, result, rows)
		checkSums(t, seed, result, rows)
	}
}

func (c *chaos) checkLines(t *testing.T, seed uint64, rows []billing.Row) {
	t.Helper()
	seen := map[int]int{}
	for _, r := range rows {
		seen[r.Line]++
		note, _, _ := strings.Cut(r.Note, ";")
		if list, several := strings.CutPrefix(note, "lines "); several {
			for _, text := range strings.Split(list, ", ")[1:] {
				seen[int(number(t, text))]++
			}
		}
		if !slices.Contains(billing.ClassNames(), r.Class) {
			t.Fatalf("seed %d: class of %+v", seed, r)
		}
	}
	for n := range c.lines {
		if seen[n+1] != 1 {
			t.Fatalf("seed %d: line %d, %+v, is in %d rows", seed, n+1, c.lines[n], seen[n+1])
		}
	}
}

// checkCharges adds up ours. The claims of an endpoint the statement is not about are elsewhere, unless one of its
// lines names their transaction all the same.
func (c *chaos) checkCharges(t *testing.T, seed uint64, result *Result, rows []billing.Row) {
	t.Helper()
	var inRows, counted int64
	seen := map[int64]int{}
	for _, r := range rows {
		inRows += r.OurQuantity
		if r.OurQuantity > 0 && r.CallID != 0 {
			seen[r.CallID]++
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Fatalf("seed %d: the charge for call %d is in %d rows", seed, id, n)
		}
	}
	for _, count := range result.Bases {
		if count.Basis == c.options.Basis {
			counted += count.Quantity
		}
	}
	// the one charge of an ID may be at a call of another month than its PAY
	moves := c.options.Basis == billing.DistinctID
	if inRows != result.Charges || result.Charges+result.Elsewhere != counted && !moves {
		t.Fatalf("seed %d: %d charges in rows, %d in the month, %d elsewhere, %d by the reading", seed, inRows, result.Charges, result.Elsewhere, counted)
	}
}

func checkSums(t *testing.T, seed uint64, result *Result, rows []billing.Row) {
	t.Helper()
	type sums struct {
		ours, theirs, steps decimal.Decimal
		unpriced            int64
	}
	byCurrency := map[string]*sums{}
	for _, r := range rows {
		s := byCurrency[r.Currency]
		if s == nil {
			s = &sums{}
			byCurrency[r.Currency] = s
		}
		s.ours, s.theirs = s.ours.Add(r.OurAmount), s.theirs.Add(r.TheirAmount)
		if parts := r.OurAmount.Add(r.Explained()).Add(r.Issue); r.Priced && r.Class != billing.Credits &&
			r.Class != billing.Taxes && !parts.Equal(r.TheirAmount) {
			t.Fatalf("seed %d: the parts of %+v make %s", seed, r, parts)
		}
		if !r.Priced {
			s.unpriced += r.OurQuantity
		}
	}
	quantities := map[string]int64{}
	for _, b := range result.Bridge {
		s := byCurrency[b.Currency]
		switch b.Step {
		case billing.StepTheirs:
			if !s.steps.Equal(b.Amount) || !s.theirs.Equal(b.Amount) || quantities[b.Currency] != b.Quantity {
				t.Fatalf("seed %d: %s steps make %s, rows %s, theirs is %s", seed, b.Currency, s.steps, s.theirs, b.Amount)
			}
			continue
		case billing.StepOurs:
			if !s.ours.Equal(b.Amount) || s.unpriced != b.Unpriced || b.Priced != (b.Unpriced == 0) {
				t.Fatalf("seed %d: %s rows make %s and %d calls without a price, ours is %s and %d", seed, b.Currency, s.ours, s.unpriced, b.Amount, b.Unpriced)
			}
		}
		if steps, sum := billing.SummedSteps(b.Step); sum {
			var made decimal.Decimal
			for _, step := range steps {
				made = made.Add(amountOf(result, b.Currency, step))
			}
			if !made.Equal(b.Amount) {
				t.Fatalf("seed %d: %s of %s is %s, its steps make %s", seed, b.Step, b.Currency, b.Amount, made)
			}
			continue
		}
		s.steps = s.steps.Add(b.Amount)
		quantities[b.Currency] += b.Quantity
	}
	if len(result.Bridge) != len(byCurrency)*(len(billing.Steps())-1) { // no other products
		t.Fatalf("seed %d: %d lines of bridges for %d currencies", seed, len(result.Bridge), len(byCurrency))
	}
}

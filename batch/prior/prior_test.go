package prior_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/prior"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

var october = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func book(t *testing.T, tiers ...billing.Tier) *billing.Book {
	t.Helper()
	kind := billing.Flat
	if len(tiers) > 1 {
		kind = billing.Graduated
	}
	b, err := billing.NewBook([]billing.Price{{Endpoint: "sg", Region: "*", From: october.AddDate(-1, 0, 0).Truncate(24 * time.Hour),
		Currency: "USD", Kind: kind, Tiers: tiers}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func month(t *testing.T, items []*prior.Item, lines ...*prior.Line) *prior.Month {
	t.Helper()
	return &prior.Month{Name: "2026-10", Bearer: "2026-11", Book: book(t, billing.Tier{Unit: dec("0.035")}), Charges: map[*billing.Price]int64{},
		Items: items, Lines: lines, Skew: 30 * time.Second, Window: 15 * time.Minute}
}

func call(n int64, state prior.State) *prior.Item {
	i := &prior.Item{Call: n, SentAt: october.Add(time.Duration(n) * time.Hour), Endpoint: "sg", Region: "SG", State: state}
	if state != prior.InDoubt {
		i.TransactionID = fmt.Sprint("x", n)
	}
	if state == prior.Accrued {
		i.Amount = dec("0.035")
	}
	i.Ceiling = state == prior.InDoubt
	i.BilledOn = "s10.csv line 7"
	return i
}

func line(x string, at time.Time, amount string) *prior.Line {
	return &prior.Line{Statement: 2, Number: 1, Bearer: "2026-11", Usage: true, TransactionID: x, At: at, Currency: "USD", Quantity: 1, Amount: dec(amount)}
}

func late(i *prior.Item) *prior.Item {
	i.Late, i.Ceiling = true, false
	return i
}

func at(n int64) time.Time { return october.Add(time.Duration(n)*time.Hour + 200*time.Millisecond) }

// TestEvents lists what each event after a month's close comes to: kind, call, new cost, ceiling, owed, billed, class.
func TestEvents(t *testing.T) {
	doubt := func(silence string) *prior.Item {
		i := call(1, prior.InDoubt)
		i.Silence = silence
		return i
	}
	withdrawn := line("x1", at(1), "0.04")
	withdrawn.Withdrawn, withdrawn.Call, withdrawn.Right, withdrawn.Class = true, 1, dec("0.035"), billing.PriceDiffers
	corrected := line("x1", at(1), "0.035")
	corrected.Statement = 3
	later := line("x1", at(1), "0.035")
	later.Bearer = "2026-12"
	total := line("", time.Time{}, "0.105")
	total.Quantity = 3
	fee := line("", time.Time{}, "5")
	fee.Quantity = 0
	tax := line("", time.Time{}, "0.01")
	tax.Usage = false
	other := line("x1", at(1), "480")
	other.Currency = "IDR"
	for name, c := range map[string]struct {
		items []*prior.Item
		lines []*prior.Line
		want  []string
	}{
		"a late line of a call that was ours only":   {[]*prior.Item{call(1, prior.Accrued)}, []*prior.Line{line("x1", at(1), "0.035")}, []string{"late line 1 0 0 0.035 0.035 "}},
		"at another price":                           {[]*prior.Item{call(1, prior.Accrued)}, []*prior.Line{line("x1", at(1), "0.04")}, []string{"late line 1 0 0 0.035 0.04 price differs"}},
		"in another currency":                        {[]*prior.Item{call(1, prior.InDoubt)}, []*prior.Line{other}, []string{"late line 0 0 0 0 480 theirs only"}},
		"a late line that bills an open doubt":       {[]*prior.Item{doubt("")}, []*prior.Line{line("y", at(1), "0.035")}, []string{"doubt billed 1 0.035 0 0.035 0.035 "}},
		"but not before its request":                 {[]*prior.Item{doubt("")}, []*prior.Line{line("y", at(1).Add(-time.Minute), "0.035")}, []string{"late line 0 0 0 0 0.035 theirs only"}},
		"nor at a price that it cannot have":         {[]*prior.Item{doubt("")}, []*prior.Line{line("y", at(1), "0.04")}, []string{"late line 0 0 0 0 0.04 theirs only"}},
		"a doubt that is not billed":                 {[]*prior.Item{doubt("2026-11")}, nil, []string{"doubt not billed 1 0 -0.035 0 0 "}},
		"a doubt that may be billed yet":             {[]*prior.Item{doubt("")}, nil, nil},
		"a late call":                                {[]*prior.Item{late(call(1, prior.Accrued))}, nil, []string{"late call 1 0.035 0.035 0.035 0 ours only"}},
		"a late call and its line":                   {[]*prior.Item{late(call(1, prior.Accrued))}, []*prior.Line{line("x1", at(1), "0.035")}, []string{"late call 1 0.035 0.035 0.035 0.035 "}},
		"its line comes a month later":               {[]*prior.Item{late(call(1, prior.Accrued))}, []*prior.Line{later}, []string{"late call 1 0.035 0.035 0.035 0 ours only", "late line 1 0 0 0.035 0.035 "}},
		"a late doubt":                               {[]*prior.Item{late(call(1, prior.InDoubt))}, nil, []string{"late doubt 1 0 0.035 0 0 "}},
		"a late doubt that is billed":                {[]*prior.Item{late(call(1, prior.InDoubt))}, []*prior.Line{line("y", at(1), "0.035")}, []string{"doubt billed 1 0.035 0.035 0.035 0.035 "}},
		"a late call that is free":                   {[]*prior.Item{late(call(1, prior.Free))}, nil, nil},
		"a line of a free call":                      {[]*prior.Item{call(1, prior.Free)}, []*prior.Line{line("x1", at(1), "0.035")}, []string{"late line 1 0 0 0 0.035 pricing differs"}},
		"a line billed again":                        {[]*prior.Item{call(1, prior.Billed)}, []*prior.Line{line("x1", at(1), "0.035")}, []string{"late line 1 0 0 0 0.035 billed again first on s10.csv line 7"}},
		"a line that differs by then":                {[]*prior.Item{call(1, prior.Billed)}, []*prior.Line{withdrawn, corrected}, []string{"line withdrawn 1 0 0 -0.035 -0.04 price differs", "late line 1 0 0 0.035 0.035 "}},
		"a line that came again as it was":           {[]*prior.Item{call(1, prior.Billed)}, []*prior.Line{withdrawn, {Statement: 3, Number: 9, Bearer: "2026-11", Usage: true, TransactionID: "x1", Currency: "USD", Quantity: 1, Amount: dec("0.04")}}, nil},
		"a total takes charges, then doubts":         {[]*prior.Item{call(1, prior.Accrued), call(2, prior.InDoubt)}, []*prior.Line{total}, []string{"doubt billed 0 0.035 0 0.07 0.105 quantity differs"}},
		"a fee is no call's":                         {nil, []*prior.Line{fee}, []string{"late line 0 0 0 0 5 theirs only no calls behind it"}},
		"a tax is not at issue":                      {nil, []*prior.Line{tax}, []string{"late line 0 0 0 0.01 0.01 credit or tax"}},
		"without transactions the nearest call does": {[]*prior.Item{call(1, prior.Accrued), call(2, prior.Accrued)}, []*prior.Line{line("", at(2), "0.035")}, []string{"late line 2 0 0 0.035 0.035 "}},
	} {
		var got []string
		for _, r := range month(t, c.items, c.lines...).Rows() {
			text := fmt.Sprintf("%s %d %s %s %s %s %s", r.Kind, r.Call, r.Amount, r.Most, r.Right, r.Theirs, r.Class)
			if r.Note != "" && r.Class != "" && r.Kind == prior.LateLine && r.Class != billing.PriceDiffers {
				text += " " + r.Note
			} else if r.Note == "credit or tax" {
				text += r.Note
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n\t%q\nwant\n\t%q", name, got, c.want)
		}
	}
}

// TestLaws holds random months to what must be true of each: every line is in one row, every late charge and billed
// doubt is borne once, an item has one row a bearer, and what is newly borne is what the pool costs more.
func TestLaws(t *testing.T) {
	for seed := uint64(1); seed <= 3000; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		m := month(t, nil)
		m.Book = book(t, billing.Tier{UpTo: 4, Unit: dec("0.04")}, billing.Tier{UpTo: 7, Unit: dec("0.03")}, billing.Tier{Unit: dec("0.02")})
		price := m.Book.Prices[0]
		n := r.Int64N(8)
		m.Charges[price] = n
		x := map[string]int64{}
		for k := range 1 + r.Int64N(8) {
			i := call(k+1, prior.State(r.IntN(4)))
			if i.Late = r.IntN(3) == 0; i.Late {
				i.Ceiling = false
				if i.State == prior.Billed {
					i.State = prior.Accrued
				}
			}
			if i.State == prior.InDoubt && r.IntN(2) == 0 {
				i.Silence = "2026-11"
			}
			x[i.TransactionID] = i.Call
			m.Items = append(m.Items, i)
		}
		var added decimal.Decimal
		for k := range r.Int64N(8) {
			l := line("", at(1+r.Int64N(8)), []string{"0.04", "0.03", "0.02", "0.05"}[r.IntN(4)])
			l.Number = k + 1
			switch r.IntN(4) {
			case 0:
				l.TransactionID = fmt.Sprint("x", 1+r.IntN(9))
			case 1:
				l.TransactionID = fmt.Sprint("ghost", k)
			case 2:
				l.At, l.Quantity = time.Time{}, 1+r.Int64N(3)
			}
			if r.IntN(4) == 0 {
				l.Bearer = "2026-12"
			}
			added = added.Add(l.Amount)
			m.Lines = append(m.Lines, l)
		}
		check(t, seed, m, price, n, added)
	}
}

func check(t *testing.T, seed uint64, m *prior.Month, price *billing.Price, n int64, added decimal.Decimal) {
	t.Helper()
	lateCharges := int64(0)
	for _, i := range m.Items {
		if i.Late && i.State == prior.Accrued {
			lateCharges++
		}
	}
	var theirs, cost decimal.Decimal
	var newly, lateRows int64
	lines, items := map[int64]int{}, map[string]int{}
	for _, r := range m.Rows() {
		theirs, cost, newly = theirs.Add(r.Theirs), cost.Add(r.Amount), newly+r.Quantity
		if r.Line != 0 {
			lines[r.Line]++
		}
		if r.Kind == prior.LateCall {
			lateRows++
		}
		if r.Call != 0 && r.Class != prior.BilledAgain && r.Class != billing.PricingDiffers {
			items[fmt.Sprint(r.Bearer, r.Call)]++
		}
	}
	if len(lines) != len(m.Lines) || !theirs.Equal(added) {
		t.Errorf("seed %d: %d lines over %s are rows of %d over %s", seed, len(m.Lines), added, len(lines), theirs)
	}
	for l, rows := range lines {
		if rows != 1 {
			t.Errorf("seed %d: line %d is in %d rows", seed, l, rows)
		}
	}
	for item, rows := range items {
		if rows != 1 {
			t.Errorf("seed %d: item %s has %d rows", seed, item, rows)
		}
	}
	if lateRows != lateCharges {
		t.Errorf("seed %d: %d late charges have %d rows", seed, lateCharges, lateRows)
	}
	if most := price.Cost(n + newly).Sub(price.Cost(n)); lateRows == newly && !cost.Equal(most) {
		t.Errorf("seed %d: %d new charges cost %s, want %s", seed, newly, cost, most)
	}
}

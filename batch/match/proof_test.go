package match

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// pairing names a row by what it is about.
type pairing struct {
	call int64
	line int
}

// run gives the matcher everything, the calls in any order.
func (p *planted) run(t *testing.T) (*Result, []billing.Row) {
	t.Helper()
	m := NewMatcher(p.book, Options{
		Month: billedMonth, Basis: p.basis, Edge: 24 * time.Hour, Window: 15 * time.Minute, Imported: p.imported,
	})
	for _, l := range p.lines {
		if err := m.Line(1, &l.Line); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range p.rand.Perm(len(p.served)) {
		m.Call(&p.served[i].call)
	}
	for i := range p.neighbours {
		m.Neighbour(8, &p.neighbours[i])
	}
	return match(t, m)
}

func match(t testing.TB, m *Matcher) (*Result, []billing.Row) {
	t.Helper()
	var rows []billing.Row
	result, err := m.Match(func(r *billing.Row) error {
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return result, rows
}

// want are the rows that the faults should become.
func (p *planted) want() map[pairing]billing.Class {
	want := map[pairing]billing.Class{}
	for _, l := range p.lines {
		want[pairing{l.call, l.Number}] = l.class
	}
	for call, class := range p.alone {
		want[pairing{call, 0}] = class
	}
	return want
}

// wantBridge adds up what is planted on steps that a row's class alone makes.
func (p *planted) wantBridge() map[string]map[string]decimal.Decimal {
	bridges := map[string]map[string]decimal.Decimal{"USD": {}, "THB": {}}
	put := func(currency, step string, amount decimal.Decimal) {
		bridges[currency][step] = bridges[currency][step].Add(amount)
	}
	for _, l := range p.lines {
		theirs := l.Amount
		if l.Kind == statement.Total {
			theirs = p.unexpected[l.Currency]
		}
		switch l.class {
		case billing.Unexplained:
			put(l.Currency, billing.StepUnexplained, theirs)
		case billing.Duplicate:
			put(l.Currency, billing.StepDuplicate, theirs)
		case billing.BilledAgain:
			put(l.Currency, billing.StepBilledAgain, theirs)
		case billing.TheirsOnly:
			put(l.Currency, billing.StepTheirsOnly, theirs)
		case billing.PricingDiffers:
			put(l.Currency, billing.StepPricing, theirs)
		case billing.Credits:
			put(l.Currency, billing.StepCredits, theirs)
		}
		put(l.Currency, billing.StepTheirs, theirs)
		if l.claim {
			put(l.Currency, billing.StepOurs, l.ours)
		}
	}
	for _, s := range p.served {
		if _, missing := p.alone[s.call.ID]; missing {
			put(s.price.Currency, billing.StepOurs, s.ours)
		}
	}
	return bridges
}

// Every planted fault lands in its class and nothing else does, whatever the contract's reading: more than 1,000 faults
// over all seeds.
func TestPlantedFaults(t *testing.T) {
	faults := 0
	for seed := range uint64(40) {
		basis := billing.Bases()[seed%5]
		p := plant(t, seed, basis)
		faults += p.faults
		result, rows := p.run(t)

		want := p.want()
		for _, r := range rows {
			key := pairing{r.CallID, r.Line}
			if class, expected := want[key]; !expected || class != r.Class {
				t.Fatalf("seed %d, %s: %+v is %q, want %q", seed, basis, r, r.Class, class)
			}
			delete(want, key)
		}
		for key, class := range want {
			t.Fatalf("seed %d, %s: no row for %+v, want %q", seed, basis, key, class)
		}
		p.checkBridge(t, seed, result)
		checkSums(t, seed, result, rows)
		p.checkResolutions(t, seed, result)
		p.checkCounts(t, seed, result, rows)
		if result.Within {
			t.Fatalf("seed %d: within a tolerance of nothing", seed)
		}
	}
	t.Logf("%d faults", faults)
	if faults < 1000 {
		t.Errorf("%d faults planted, want 1,000", faults)
	}
}

func (p *planted) checkBridge(t *testing.T, seed uint64, result *Result) {
	t.Helper()
	want := p.wantBridge()
	for currency, steps := range want {
		for _, step := range []string{billing.StepOurs, billing.StepTheirs, billing.StepUnexplained, billing.StepDuplicate,
			billing.StepBilledAgain, billing.StepTheirsOnly, billing.StepPricing, billing.StepCredits} {
			if got := amountOf(result, currency, step); !got.Equal(steps[step]) {
				t.Fatalf("seed %d, %s: bridge %s %s = %s, want %s", seed, p.basis, currency, step, got, steps[step])
			}
		}
	}
	if len(result.Bridge) != len(want)*(len(billing.Steps())-1) { // no other products
		t.Fatalf("seed %d: %d lines of bridges", seed, len(result.Bridge))
	}
}

func amountOf(result *Result, currency, step string) decimal.Decimal {
	for _, b := range result.Bridge {
		if b.Currency == currency && b.Step == step {
			return b.Amount
		}
	}
	return decimal.Decimal{}
}

func (p *planted) checkResolutions(t *testing.T, seed uint64, result *Result) {
	t.Helper()
	got := map[int64]bool{}
	for _, r := range result.Resolutions {
		got[r.CallID] = r.Billed
	}
	for id, billed := range p.resolved {
		if b, known := got[id]; !known || b != billed {
			t.Fatalf("seed %d, %s: call %d resolved %v %v, want %v", seed, p.basis, id, known, b, billed)
		}
	}
	if len(got) != len(p.resolved) {
		t.Fatalf("seed %d: %d resolutions, want %d", seed, len(got), len(p.resolved))
	}
}

// checkCounts is the conservation of both sides, and the control totals.
func (p *planted) checkCounts(t *testing.T, seed uint64, result *Result, rows []billing.Row) {
	t.Helper()
	charges := inNovember(t, p.charged(p.basis))
	var ours, doubts int64
	uncharged := map[int64]bool{}
	for _, r := range rows {
		ours += r.OurQuantity
		if r.Class == billing.PricingDiffers {
			uncharged[r.CallID] = true
		}
	}
	month := inNovember(t, p.served)
	for _, s := range month {
		if p.isDoubtful(s) && !slices.Contains(charges, s) {
			doubts++
		}
	}
	calls, free := int64(len(month)), int64(len(month)-len(charges)-len(uncharged))-doubts
	if ours != int64(len(charges)) || result.Charges != ours || result.Calls != calls || result.Doubts != doubts || result.Free != free || result.Elsewhere != 0 {
		t.Fatalf("seed %d, %s: rows of %d charges, want %d; %+v, want %d calls, %d doubts, %d free", seed, p.basis, ours, len(charges), result, calls, doubts, free)
	}
}

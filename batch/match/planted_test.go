package match

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// planted is a vendor's statement with known faults, and the rows they should become.
type planted struct {
	*vendor
	lines      []*statedLine
	alone      map[int64]billing.Class // calls that should be in a row without a line
	resolved   map[int64]bool
	neighbours []statement.Line
	imported   []Scope
	unexpected map[string]decimal.Decimal // by currency, what the vendor's totals are off by
	faults     int
}

// statedLine is a line with the call and the class of its row.
type statedLine struct {
	statement.Line
	call  int64
	class billing.Class
	ours  decimal.Decimal // of the row's charge
	claim bool
	late  bool // stands at the end of the file
}

// plant makes a month: ordinary calls, all billed as the contract's reading says, and then some of everything that can
// go wrong.
func plant(t *testing.T, seed uint64, basis billing.Basis) *planted {
	p := &planted{
		vendor: newVendor(t, seed, basis), alone: map[int64]billing.Class{}, resolved: map[int64]bool{}, unexpected: map[string]decimal.Decimal{},
	}
	p.ordinary(t, 120)
	doubts := p.doubts(t)
	edges := p.edges(t)
	charges := p.charged(basis)
	p.price(inNovember(t, charges))
	for _, s := range p.served {
		s.ours = s.unit
	}
	p.price(p.counted(t, charges, doubts, edges))
	p.bills(charges, edges)
	p.spoil(t)
	p.doubtful(t, doubts)
	p.shifted(t, edges, charges)
	p.others(t)
	slices.SortStableFunc(p.lines, func(a, b *statedLine) int {
		if a.late != b.late {
			return cmp.Compare(fmt.Sprint(a.late), fmt.Sprint(b.late))
		}
		return a.ChargedAt.Compare(b.ChargedAt)
	})
	for i, l := range p.lines {
		l.Number = i + 2
	}
	return p
}

// doubts are calls that were lost, in a cluster as an outage makes it, and some whose answers have a tag nobody knows.
// Those with even numbers were charged.
func (p *planted) doubts(t *testing.T) []*served {
	var list []*served
	start := p.daytime(t, 5, 9)
	to := p.place()
	for i := range 6 {
		s := p.serve(start.Add(time.Duration(i)*1500*time.Millisecond), billing.Pay, true).lose()
		s.call.Endpoint, s.call.Region = to.Endpoint, to.Region
		s.price, _ = p.book.Lookup(to.Endpoint, to.Region, start)
		list = append(list, s)
	}
	for range 2 {
		s := p.serve(p.daytime(t, 10, 11), billing.Unknown, true)
		s.call.Pricing = "TRIAL"
		list = append(list, s)
	}
	return list
}

// edges are charges by every reading near the month's bounds: two of each neighbouring month, three of either end of
// this one.
func (p *planted) edges(t *testing.T) map[string][]*served {
	z := zone(t, "Asia/Singapore")
	from, to := billedMonth.Bounds(z)
	list := map[string][]*served{}
	for i := range 3 {
		gap := time.Duration(1+i*5) * time.Hour
		list["first"] = append(list["first"], p.serve(from.Add(gap), billing.Pay, true))
		list["last"] = append(list["last"], p.serve(to.Add(-gap), billing.Pay, true))
		list["october"] = append(list["october"], p.serve(from.Add(-gap), billing.Pay, true))
		list["december"] = append(list["december"], p.serve(to.Add(gap), billing.Pay, true))
	}
	return list
}

// counted are the calls on the vendor's books of November, which its quota and tiers count: those in doubt that it
// charges, and charges of other months that it bills in this one. Lines that are forgotten later are on them.
func (p *planted) counted(t *testing.T, charges, doubts []*served, edges map[string][]*served) []*served {
	list := inNovember(t, charges)
	for i, s := range doubts {
		if i%2 == 0 && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	list = append(list, edges["october"][0], edges["december"][0])
	list = slices.DeleteFunc(list, func(s *served) bool {
		return s == edges["first"][1] || s == edges["last"][1] || s == edges["last"][2]
	})
	slices.SortStableFunc(list, func(a, b *served) int { return a.call.SentAt.Compare(b.call.SentAt) })
	return list
}

func (p *planted) isDoubtful(s *served) bool { return s.call.Tag == billing.Unknown }

// bills writes the ordinary lines.
func (p *planted) bills(charges []*served, edges map[string][]*served) {
	var special []*served
	for _, list := range edges {
		special = append(special, list...)
	}
	for _, s := range charges {
		if !slices.Contains(special, s) && !p.isDoubtful(s) {
			p.line(s, billing.Matched, true)
		}
	}
}

func (p *planted) line(s *served, class billing.Class, claim bool) *statedLine {
	l := &statedLine{Line: p.bill(s), call: s.call.ID, class: class, claim: claim, ours: s.ours}
	p.lines = append(p.lines, l)
	return l
}

// victims are some matched lines that no fault has touched yet, and whose transactions stand on one line and in one
// call.
func (p *planted) victims(n int) []*statedLine {
	calls, lines := map[string]int{}, map[string]int{}
	for _, s := range p.served {
		calls[s.call.TransactionID]++
	}
	for _, l := range p.lines {
		lines[l.TransactionID]++
	}
	list := slices.DeleteFunc(slices.Clone(p.lines), func(l *statedLine) bool {
		return l.class != billing.Matched || calls[l.TransactionID] != 1 || lines[l.TransactionID] != 1
	})
	p.rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	p.faults += n
	return list[:n]
}

// spoil damages ordinary lines.
func (p *planted) spoil(t *testing.T) {
	for _, l := range p.victims(5) { // missing
		p.alone[l.call] = billing.OursOnly
		p.lines = slices.DeleteFunc(p.lines, func(other *statedLine) bool { return other == l })
	}
	for _, l := range p.victims(5) { // altered price
		l.class = billing.PriceDiffers
		l.Amount = l.Amount.Add(decimal.New(1+p.rand.Int64N(300), -int32(2+p.rand.IntN(4))))
	}
	for _, l := range p.victims(4) { // duplicated
		again := *l
		again.class, again.claim, again.late, again.ours = billing.Duplicate, false, true, decimal.Decimal{}
		p.lines = append(p.lines, &again)
	}
	for range 4 { // extra
		p.faults++
		s := p.serve(p.daytime(t, 14, 26), billing.Pay, true)
		p.served = p.served[:len(p.served)-1]
		s.unit = s.price.Tiers[0].Unit
		p.line(s, billing.TheirsOnly, false).call = 0
	}
	for _, s := range p.uncharged(4) { // altered tag
		p.faults++
		s.unit = s.price.Tiers[0].Unit
		p.line(s, billing.PricingDiffers, false)
	}
}

// uncharged are answered calls that the reading does not charge, whose transactions nothing else has.
func (p *planted) uncharged(n int) []*served {
	charges := p.charged(p.basis)
	calls := map[string]int{}
	for _, s := range p.served {
		calls[s.call.TransactionID]++
	}
	var list []*served
	for _, s := range p.served {
		if !p.isDoubtful(s) && calls[s.call.TransactionID] == 1 && !slices.Contains(charges, s) {
			list = append(list, s)
		}
	}
	p.rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(n, len(list))]
}

// doubtful bills every other call in doubt. By some readings a call that we know too little about is a charge all the
// same.
func (p *planted) doubtful(t *testing.T, doubts []*served) {
	charges := inNovember(t, p.charged(p.basis))
	for i, s := range doubts {
		p.faults++
		billed := i%2 == 0
		p.resolved[s.call.ID] = billed
		claim := slices.Contains(charges, s)
		switch {
		case billed && claim:
			p.transacted(p.line(s, billing.Matched, true))
		case billed:
			p.transacted(p.line(s, billing.ExplainedByDoubt, false))
		case claim:
			p.alone[s.call.ID] = billing.OursOnly
		}
	}
}

// transacted gives a line the transaction that a lost answer would have told us.
func (p *planted) transacted(l *statedLine) {
	if l.TransactionID == "" {
		l.TransactionID = p.transaction()
	}
}

// shifted moves charges over the month's bounds. October's statement is there and December's is not.
func (p *planted) shifted(t *testing.T, edges map[string][]*served, charges []*served) {
	p.imported = []Scope{{billedMonth.Plus(-1), ""}}
	for _, list := range edges {
		for _, s := range list {
			if !slices.Contains(charges, s) {
				t.Fatal("an edge call is not charged")
			}
		}
	}
	p.line(edges["first"][0], billing.Matched, true)
	p.line(edges["last"][0], billing.Matched, true)
	p.faults += 7
	onOctober := p.bill(edges["first"][1])
	onOctober.Month = billedMonth.Plus(-1)
	p.neighbours = append(p.neighbours, onOctober)
	p.alone[edges["first"][1].call.ID] = billing.OtherPeriod
	p.alone[edges["first"][2].call.ID] = billing.OursOnly // October's statement does not show it
	p.alone[edges["last"][1].call.ID] = billing.OtherPeriod
	p.alone[edges["last"][2].call.ID] = billing.OtherPeriod
	for name, class := range map[string]billing.Class{"october": billing.OtherPeriod, "december": billing.OtherPeriod} {
		p.line(edges[name][0], class, false)
	}
	both := edges["october"][1]
	twice := p.bill(both)
	twice.Month = billedMonth.Plus(-1)
	p.neighbours = append(p.neighbours, twice)
	both.unit = both.price.Tiers[0].Unit
	p.line(both, billing.BilledAgain, false)
}

// others adds lines that are no calls.
func (p *planted) others(t *testing.T) {
	sums := map[string]decimal.Decimal{}
	add := func(kind statement.LineKind, class billing.Class, currency, amount string) {
		p.faults++
		l := &statedLine{class: class, late: true, Line: statement.Line{
			Kind: kind, Month: billedMonth, Currency: currency, Amount: dec(amount), ChargedAt: singapore(t, 2026, time.December, 1, 0, 0).UTC(),
		}}
		p.lines = append(p.lines, l)
	}
	add(statement.Credit, billing.Credits, "USD", "-1.25")
	add(statement.Credit, billing.Credits, "THB", "-0.07")
	add(statement.Tax, billing.Taxes, "USD", "0.8131")
	for _, l := range p.lines {
		sums[l.Currency] = sums[l.Currency].Add(l.Amount)
	}
	for currency, sum := range sums {
		p.unexpected[currency] = decimal.New(p.rand.Int64N(3)-1, -2)
		class := billing.Unexplained
		if p.unexpected[currency].IsZero() {
			class = billing.Matched
		}
		add(statement.Total, class, currency, sum.Add(p.unexpected[currency]).String())
	}
}

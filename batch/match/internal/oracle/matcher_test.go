package oracle

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match"
	"liverecon/batch/statement"
)

var (
	oracleSeeds = flag.Uint64("oracle-seeds", 1000, "how many random months, and as many right ones, are laid beside the oracle")
	oracleFirst = flag.Uint64("oracle-first", 1, "the seed of the first of these months")
	oracleSeed  = flag.Uint64("oracle-seed", 0, "this month only, with all that was found")
)

// judgement represents what both sides say about a month, as texts that are compared.
type judgement struct {
	lines  map[Place]string  // class, by line
	calls  map[string]string // class of charges on no line
	doubts map[string]string
	money  map[string]string // step, sum or payment by currency and name
}

func newJudgement() judgement {
	return judgement{map[Place]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
}

// classes are the oracle's, by the names that the program has.
func className(r Row) string {
	switch {
	case r.Contradicts && r.Class == Matched:
		return string(billing.Contradiction)
	case r.Class == Reversed, r.Class == Listed, r.Class == PricingDiffers && r.Theirs.IsZero():
		return string(billing.Matched)
	case r.Class == Duplicate:
		return string(billing.Duplicate)
	}
	return string(r.Class)
}

// steps are the oracle's, by the names that the program has; sums and what the oracle has for other layers are left
// out.
var steps = map[string]string{
	StepOurs: billing.StepOurs, StepOtherPeriod: billing.StepOtherPeriod,
	StepDoubt: billing.StepExplainedByDoubt, StepShift: billing.StepTierShift,
	StepMinimum: billing.StepMinimumOwed, StepOwed: billing.StepOwed,
	StepOver + string(PriceDiffers): billing.StepPriceOver, StepOver + string(WrongTier): billing.StepTierOver,
	StepOver + string(QuantityDiffers): billing.StepQuantityOver, StepOver + string(PricingDiffers): billing.StepPricing,
	StepOver + string(TheirsOnly): billing.StepTheirsOnly, StepOver + string(Duplicate): billing.StepDuplicate,
	StepOver + string(BilledAgain): billing.StepBilledAgain, StepOver + string(MinimumNotOwed): billing.StepMinimumNotOwed,
	StepNettedOver: billing.StepNettedOver, StepDispute: billing.StepToDispute,
	StepUnder + string(PriceDiffers): billing.StepPriceUnder, StepUnder + string(WrongTier): billing.StepTierUnder,
	StepUnder + string(QuantityDiffers): billing.StepQuantityUnder, StepUnder + string(OursOnly): billing.StepOursOnly,
	StepUnder + string(MinimumNotBilled): billing.StepMinimumNotBilled, StepNettedUnder: billing.StepNettedUnder,
	StepNotYetBilled: billing.StepNotYetBilled, StepRounding: billing.StepRounding, StepCredits: billing.StepCredits,
	StepOtherProducts: billing.StepOtherProducts,
	StepTaxOwed:       billing.StepTaxOwed, StepTaxDisputed: billing.StepTaxDisputed, StepUnexplained: billing.StepUnexplained,
}

// judgedByOracle is the oracle's judgement. lone is false where an invoice has lines on several months' sides.
func judgedByOracle(c Case, result Result, lone bool) judgement {
	j := newJudgement()
	for _, r := range result.Rows {
		for _, p := range r.Lines {
			j.lines[p] = className(r)
			if r.Class == Duplicate && r.Theirs.IsZero() && isFree(c, r.Calls) { // nor is whether it bills twice
				j.lines[p] = string(billing.Matched)
			}
		}
		if len(r.Lines) == 0 && len(r.Calls) > 0 {
			j.calls[r.Calls[0]] = className(r)
		}
	}
	for _, d := range result.Doubts {
		j.doubts[d.Call] = string(d.Fate)
	}
	pay := map[string]decimal.Decimal{}
	for currency, m := range result.Money {
		for _, s := range m.Bridge {
			if name, known := steps[s.Name]; known && !s.Amount.IsZero() {
				j.money[currency+" "+name] = s.Amount.String()
			}
		}
	}
	for _, p := range result.Payments {
		if p.Amount != nil && lone {
			pay[p.Currency] = pay[p.Currency].Add(*p.Amount)
		}
	}
	for currency, a := range pay {
		if !a.IsZero() {
			j.money[currency+" pay"] = a.String()
		}
	}
	return j
}

// isFree reports whether a row's call was answered, and costs nothing.
func isFree(c Case, calls []string) bool {
	return len(calls) > 0 && slices.ContainsFunc(c.Calls, func(k Call) bool {
		return k.ID == calls[0] && k.Outcome == Answered && k.Tag == "FREE"
	})
}

// judgedByMatcher returns what the program finds in the same month.
func judgedByMatcher(t *testing.T, c Case, m *match.Matcher, lone bool) judgement {
	t.Helper()
	j := newJudgement()
	result, err := m.Match(func(r *billing.Row) error {
		name := string(r.Class)
		if r.Class == billing.PricingDiffers && r.TheirAmount.IsZero() {
			name = string(billing.Matched) // whether a line of nothing without a tag bills is nobody's loss
		}
		switch {
		case r.Class == billing.OursOnly && r.Line != 0 && r.CallID != 0: // a charge that a line lists as free is one row here
			j.lines[Place{File: c.Statements[r.StatementID-1].Name, Number: r.Line}] = string(billing.Matched)
			j.calls[c.Calls[r.CallID-1].ID] = name
		case r.Line != 0 && r.StatementID != 0:
			j.lines[Place{File: c.Statements[r.StatementID-1].Name, Number: r.Line}] = name
		case r.CallID != 0:
			j.calls[c.Calls[r.CallID-1].ID] = name
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range c.Calls {
		j.doubts[call.ID] = string(Open)
	}
	for id := range result.Counted {
		j.doubts[c.Calls[id-1].ID] = string(Counted)
	}
	for _, r := range result.Resolutions {
		j.doubts[c.Calls[r.CallID-1].ID] = map[bool]string{true: string(Billed), false: string(NotBilled)}[r.Billed]
	}
	for _, b := range result.Bridge {
		if b.Step != billing.StepTheirs && !b.Amount.IsZero() {
			j.money[b.Currency+" "+b.Step] = b.Amount.String()
		}
	}
	if lone {
		for _, v := range result.Verdicts {
			if !v.Pay.IsZero() {
				j.money[v.Currency+" pay"] = v.Pay.String()
			}
		}
	}
	return j
}

func mustPeriod(t *testing.T, text string) billing.Period {
	t.Helper()
	p, err := billing.ParsePeriod(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func matcherOf(t *testing.T, c Case, standing []Standing) *match.Matcher {
	t.Helper()
	o := match.Options{Month: mustPeriod(t, c.Month), Basis: billing.Basis(c.Settings.Reading), Edge: c.Settings.Edge,
		Window: c.Settings.Window, TaxGross: c.Settings.GrossTaxBase, Invoices: map[int64]match.Invoice{}}
	if rate := c.Settings.TaxIncluded; rate != nil {
		o.TaxRate = *rate
	}
	if r := c.Settings.Rounding; r != nil {
		o.Rounding = billing.Rounding{Level: billing.Level(r.Level), Decimals: r.Decimals, Mode: billing.HalfUp}
		if r.HalfEven {
			o.Rounding.Mode = billing.HalfEven
		}
	}
	for _, l := range standing {
		if l.Invoice != c.Month && l.Kind == Usage && !l.OtherProduct {
			o.Imported = append(o.Imported, match.Scope{Month: mustPeriod(t, l.Invoice), Endpoint: l.Endpoint})
		}
	}
	var prices []billing.Price
	for _, p := range c.Prices {
		row := billing.Price{Endpoint: p.Endpoint, Region: p.Region, From: p.From, To: p.To, Currency: p.Currency, Kind: billing.TierKind(p.Kind),
			FreeQuota: int64(p.Quota), Minimum: p.Minimum}
		if row.From.IsZero() {
			row.From = time.Date(2020, 1, 1, 0, 0, 0, 0, c.Settings.Zone)
		}
		for _, tier := range p.Tiers {
			row.Tiers = append(row.Tiers, billing.Tier{UpTo: int64(tier.UpTo), Unit: tier.Unit})
		}
		prices = append(prices, row)
	}
	for i := range prices {
		prices[i].Line = i + 1
	}
	book, err := billing.NewMonthlyBook(prices, billing.Months{Zone: c.Settings.Zone, Starts: c.Settings.MonthStarts})
	if err != nil {
		return nil
	}
	m := match.NewMatcher(book, o)
	subjects := map[string]int64{}
	for i, k := range c.Calls {
		if subjects[k.Subject] == 0 {
			subjects[k.Subject] = int64(len(subjects) + 1)
		}
		if k.Outcome == Unsent {
			continue
		}
		m.Call(&match.Call{ID: int64(i + 1), CheckID: subjects[k.Subject], SentAt: k.Sent, Endpoint: k.Endpoint, Region: k.Region,
			Outcome: string(k.Outcome), Tag: billing.ParseTag(k.Tag), Pricing: k.Tag, TransactionID: k.Transaction, Success: k.Code == "SUCCESS"})
	}
	var elsewhere []func()
	for _, l := range standing {
		s := &statement.Line{Number: l.Number, Kind: statement.LineKind(l.Kind), TransactionID: l.Transaction, ChargedAt: l.Time,
			Month: mustPeriod(t, l.Side), Endpoint: l.Endpoint, Region: l.Region, Pricing: l.Tag, Amount: l.Amount, Currency: l.Currency, Other: l.OtherProduct}
		switch {
		case l.Quantity != nil:
			s.Quantity = int64(*l.Quantity)
		case l.Kind == Usage && (l.Transaction != "" || !l.Time.IsZero()):
			s.Quantity = 1
		}
		if l.Unit != nil {
			s.Unit = decimal.NewNullDecimal(*l.Unit)
		}
		if l.Time.IsZero() && l.Day != "" {
			at, err := time.ParseInLocation(time.DateOnly, l.Day, c.Settings.Zone)
			if err != nil {
				t.Fatal(err)
			}
			s.ChargedAt, s.DateOnly = at, true
		}
		if l.Side != c.Month {
			m.Neighbour(int64(l.File+1), s)
			elsewhere = append(elsewhere, func() { m.Elsewhere(int64(l.File+1), s, decimal.Decimal{}) })
		} else if err := m.Line(int64(l.File+1), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, add := range elsewhere {
		add()
	}
	return m
}

// differences lists what the two say about a month that is not the same; of lines of one sum one row may speak for all.
func differences(want, got judgement) (all []string) {
	differ := func(what string, want, got map[string]string) {
		keys := maps.Clone(want)
		maps.Copy(keys, got)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			if want[k] != got[k] {
				all = append(all, fmt.Sprintf("%s %s: %q, the oracle says %q", what, k, got[k], want[k]))
			}
		}
	}
	for p, class := range got.lines {
		if want.lines[p] != class && want.lines[p] != "" {
			all = append(all, fmt.Sprintf("line %s %d: %q, the oracle says %q", p.File, p.Number, class, want.lines[p]))
		}
	}
	slices.Sort(all)
	for call := range got.doubts { // it is kept of every call without a usable answer, whatever the reading
		if want.doubts[call] == "" {
			delete(got.doubts, call)
		}
	}
	differ("call", want.calls, got.calls)
	differ("doubt", want.doubts, got.doubts)
	differ("sum", want.money, got.money)
	return all
}

// compareWithOracle judges a month twice; skipped says why it is not for the matcher to judge.
func compareWithOracle(t *testing.T, c Case) (all []string, skipped string) {
	t.Helper()
	sides := map[int]map[string]bool{}
	for _, l := range c.Standing() {
		if sides[l.File] == nil {
			sides[l.File] = map[string]bool{}
		}
		sides[l.File][l.Side] = true
	}
	c.Statements = slices.Clone(c.Statements)
	lone := true
	for i, f := range c.Statements {
		if len(sides[i]) > 1 { // such a total is held against its lines as they are read
			c.Statements[i].Lines = slices.DeleteFunc(slices.Clone(f.Lines), func(l Line) bool { return l.Kind == Total })
			lone = false
		}
	}
	result, standing := c.Judge(), c.Standing()
	if result.Gate.Shut || result.Gate.Shifted {
		return nil, "gate"
	}
	m := matcherOf(t, c, standing)
	if m == nil {
		return nil, "a book of prices that is refused"
	}
	return differences(judgedByOracle(c, result, lone), judgedByMatcher(t, c, m, lone)), ""
}

// TestOracle lays what the matcher finds in random months beside what a second, independent reading of the same rules
// finds in them.
func TestOracle(t *testing.T) {
	kinds := map[string]func(uint64) Case{"random": Random, "right": RandomRight}
	for name, random := range kinds {
		t.Run(name, func(t *testing.T) {
			first, last := *oracleFirst, *oracleFirst+*oracleSeeds-1
			if *oracleSeed != 0 {
				first, last = *oracleSeed, *oracleSeed
			}
			bad, skipped := 0, map[string]int{}
			for seed := first; seed <= last; seed++ {
				c := random(seed)
				if *oracleSeed != 0 {
					t.Log(described(c))
				}
				all, why := compareWithOracle(t, c)
				if why != "" {
					skipped[why]++
					continue
				}
				if len(all) == 0 {
					continue
				}
				if bad++; bad <= 20 {
					t.Errorf("seed %d (%s):\n\t%s", seed, strings.Join(c.Faults, ", "), strings.Join(all, "\n\t"))
				}
			}
			t.Logf("%d months, %d differ, not for the matcher: %v", last-first+1, bad, skipped)
			if bad > 20 {
				t.Errorf("%s months differ", strconv.Itoa(bad))
			}
		})
	}
}

// TestOracleFound plays the months in which the two once differed: a transaction that two calls have, on a neighbour's
// statement; an ID's one charge at a lost call of another month; tax on lines of two months; twins of a line of
// nothing; a charge at an endpoint that only the neighbour's statement is about; a call of another month in doubt, in
// the pool whose statement bills it; doubts in a count beside a fee below the minimum, and beside a minimum that
// nothing bills; a cell that may be several things: in one slot exact, in another rounded; a top-up or another's; two
// invoices, each paid for itself; a total whose lines' rounding is as large as what is left of a minimum; twins of a
// free call's line.
func TestOracleFound(t *testing.T) {
	for _, seed := range []uint64{3239, 4758, 5279, 6643, 7630, 8215, 8425, 8429, 8585, 9929, 4773, 5001542, 7000992, 7001726, 8002228, 9002680, 10000484, 10000825, 5000961, 7001292, 11000890,
		11002739} {
		if all, _ := compareWithOracle(t, Random(seed)); len(all) > 0 {
			t.Errorf("seed %d:\n\t%s", seed, strings.Join(all, "\n\t"))
		}
	}
	if all, _ := compareWithOracle(t, RandomRight(7562)); len(all) > 0 { // its neighbour's tier
		t.Errorf("a right month:\n\t%s", strings.Join(all, "\n\t"))
	}
}

// described is a month in words.
func described(c Case) string {
	var b strings.Builder
	zone := c.Settings.Zone
	fmt.Fprintf(&b, "%s by %s, %v, rounding %v\n", c.Month, c.Settings.Reading, zone, c.Settings.Rounding)
	for _, p := range c.Prices {
		fmt.Fprintf(&b, "price %s/%s %s to %s: %s %s %v, quota %d, minimum %s\n", p.Endpoint, p.Region, p.From, p.To, p.Currency, p.Kind, p.Tiers, p.Quota, p.Minimum)
	}
	for _, k := range c.Calls {
		fmt.Fprintf(&b, "call %s %s %s/%s %s %s %q %s of %s\n", k.ID, k.Sent.In(zone).Format("01-02 15:04:05.000"), k.Endpoint, k.Region, k.Outcome, k.Code,
			k.Tag, k.Transaction, k.Subject)
	}
	for _, l := range c.Standing() {
		at, quantity := l.Day, "-"
		if !l.Time.IsZero() {
			at = l.Time.In(zone).Format("01-02 15:04:05.000")
		}
		if l.Quantity != nil {
			quantity = strconv.Itoa(*l.Quantity)
		}
		fmt.Fprintf(&b, "line %s %d of %s %s %q %s %s %s/%s x%s %s %s %q\n", c.Statements[l.File].Name, l.Number, l.Side, l.Kind, l.Transaction, at, l.Month,
			l.Endpoint, l.Region, quantity, l.Amount, l.Currency, l.Tag)
	}
	return b.String()
}

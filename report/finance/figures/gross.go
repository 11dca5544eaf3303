package figures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store/accounts"
)

// gross represents a currency's difference in parts that do not make up for each other.
type gross struct {
	Ours, Theirs                decimal.Decimal
	Over, Under                 decimal.Decimal // to dispute, and not yet billed, both without a sign
	Doubts, Other, Credits, Tax decimal.Decimal
	TaxDisputed                 decimal.Decimal // of Tax, what is disputed with the lines that it is on
	Minimum                     decimal.Decimal // monthly minimums that are owed, and other tiers
	Rounding                    decimal.Decimal
	Products                    decimal.Decimal // other products on the same bill
	PriorPeriods, Unexplained   decimal.Decimal
	Unpriced                    decimal.Decimal // what they bill for calls without a price
}

// Difference returns all of it.
func (g gross) Difference() decimal.Decimal { return g.Theirs.Sub(g.Ours) }

// Gross cuts the difference of a currency into parts: those of its bridge.
func (s *Reconciled) Gross(currency string) gross {
	if s.Earlier() {
		return s.grossOfClasses(currency)
	}
	step := func(name string) decimal.Decimal { return s.step(currency, name) }
	return gross{Ours: step(billing.StepOurs), Theirs: step(billing.StepTheirs), Over: step(billing.StepToDispute),
		Under: step(billing.StepNotYetBilled).Neg(), Doubts: step(billing.StepExplainedByDoubt),
		Other: step(billing.StepOtherPeriod), Credits: step(billing.StepCredits),
		Tax:         step(billing.StepTaxOwed).Add(step(billing.StepTaxDisputed)),
		TaxDisputed: step(billing.StepTaxDisputed),
		Minimum:     step(billing.StepTierShift).Add(step(billing.StepMinimumOwed)),
		Products:    step(billing.StepOtherProducts),
		Rounding:    step(billing.StepRounding), PriorPeriods: step(billing.StepPriorPeriods),
		Unexplained: step(billing.StepUnexplained), Unpriced: step(billing.StepNotPriced)}
}

// Payable returns what is proposed for payment in a currency: the statement without what is left to dispute, the tax on
// it, and what its total has beyond its lines, half-up to the currency's minor unit.
func (s *Reconciled) Payable(currency string) decimal.Decimal {
	if g := s.Gross(currency); s.Earlier() {
		return g.Theirs.Sub(decimal.Max(decimal.Decimal{}, g.Over.Sub(s.Worked.In(currency).Settled)))
	}
	return s.Worked.In(currency).Pay
}

// Earlier reports a reconciliation of a version whose bridge had no sums: its parts are those of its rows.
func (s *Reconciled) Earlier() bool {
	return !slices.ContainsFunc(s.Bridge, func(b BridgeStep) bool { return b.Step == billing.StepOwed })
}

// HasProducts reports whether a statement has lines of other products.
func (s *Reconciled) HasProducts() bool {
	return s != nil && slices.ContainsFunc(s.Bridge, func(b BridgeStep) bool { return b.Step == billing.StepOtherProducts })
}

// grossOfClasses adds up the rows of an earlier version's reconciliation.
func (s *Reconciled) grossOfClasses(currency string) gross {
	sum := s.In(currency)
	matched := s.Total(func(c ClassSum) bool { return c.Currency == currency && c.Class == billing.Matched })
	g := gross{Ours: sum.Ours, Theirs: sum.Theirs, Unpriced: matched.Difference()}
	for key, e := range s.Exceptions {
		if key.Currency != currency {
			continue
		}
		net := e.over.Sub(e.under)
		switch key.Class {
		case billing.ExplainedByDoubt:
			g.Doubts = g.Doubts.Add(net)
		case billing.OtherPeriod:
			g.Other = g.Other.Add(net)
		case billing.OtherTier, billing.MonthlyMinimum:
			g.Minimum = g.Minimum.Add(net)
		case billing.Credits:
			g.Credits = g.Credits.Add(net)
		case billing.Taxes:
			g.Tax = g.Tax.Add(net)
		case billing.PriceDiffers:
			g.Doubts = g.Doubts.Add(e.Explained)
		case billing.QuantityDiffers:
			g.Minimum = g.Minimum.Add(e.Explained)
		}
		if IsOpen(key.Class) {
			g.Over, g.Under = g.Over.Add(e.over), g.Under.Add(e.under)
		}
	}
	return g
}

// net returns over minus under for rows still open with the vendor.
func (g gross) net() decimal.Decimal { return g.Over.Sub(g.Under) }

// besides lists the other parts of the difference in words.
func (g gross) besides() string {
	var parts []string
	tax := "tax"
	if !g.TaxDisputed.IsZero() { // what is to dispute is without it
		tax = fmt.Sprintf("tax, of it %s on what is to dispute", page.Exact(g.TaxDisputed.Round(4)))
	}
	for _, part := range []struct {
		amount decimal.Decimal
		words  string
	}{{g.Doubts, "explained by doubts"}, {g.Other, "other period"}, {g.Unpriced, "calls without a price"},
		{g.Minimum, "tier and minimum"}, {g.PriorPeriods, "prior periods"}, {g.Rounding, "rounding"},
		{g.Credits, "credits"}, {g.Products, "other products"}, {g.Tax, tax}, {g.Unexplained, "unexplained"}} {
		if !part.amount.IsZero() {
			parts = append(parts, SignedMoney(part.amount)+" "+part.words)
		}
	}
	if parts == nil {
		return ""
	}
	return "; besides " + strings.Join(parts, ", ")
}

// DifferenceSentence sets the statement beside our records, currency by currency.
func (s *Reconciled) DifferenceSentence() string {
	all := s.Billed
	if s.Late > 0 {
		return s.lateSentence()
	}
	if len(all) == 0 {
		sum := s.Total(func(ClassSum) bool { return true })
		return fmt.Sprintf("The statement bills %s, our records support %s; no amount to compare",
			page.Plural(sum.TheirCalls, "call", "calls"), humanize.Comma(sum.OurCalls))
	}
	sentences := make([]string, len(all))
	for i, currency := range all {
		sentences[i] = s.CurrencySentence(currency)
	}
	text := strings.Join(sentences, ". ")
	if s.Within && s.Open()+s.Tolerated() > 0 {
		text += " (within the tolerance)"
	}
	return text
}

// lateSentence explains that nothing follows yet, and what was found without the calls that came later.
func (s *Reconciled) lateSentence() string {
	parts := []string{}
	for _, currency := range s.Billed {
		g := s.Gross(currency)
		parts = append(parts, fmt.Sprintf("%s %s, %s not yet billed", currency, s.toDispute(currency, g),
			page.Exact(g.Under)))
	}
	text := accounts.LateCalls(s.Late) + ": reconcile again"
	if len(parts) > 0 {
		text += " (without " + map[bool]string{true: "it ", false: "them "}[s.Late == 1] + strings.Join(parts, "; ") + ")"
	}
	return text
}

// CurrencySentence gives the net and the gross of rows for somebody to settle, and what else there is.
func (s *Reconciled) CurrencySentence(currency string) string {
	g := s.Gross(currency)
	net := g.net()
	share := ""
	if !g.Ours.IsZero() && !net.IsZero() {
		share = fmt.Sprintf(" (%s%%)", net.Abs().Mul(decimal.NewFromInt(100)).DivRound(g.Ours.Abs(), 2).StringFixed(2))
	}
	if v := s.verdicts[currency]; !v.Priced {
		return s.countSentence(v, g)
	}
	gross := fmt.Sprintf(": %s, %s not yet billed", s.toDispute(currency, g), page.Exact(g.Under))
	switch {
	case g.Over.IsZero() && g.Under.IsZero() && !g.Unexplained.IsZero():
		return fmt.Sprintf("%s %s billed, and its lines are what our records support%s", currency, page.Money(g.Theirs),
			g.besides())
	case g.Over.IsZero() && g.Under.IsZero() && !g.Products.IsZero(): // our records say nothing about them
		return fmt.Sprintf("%s %s is what our records support%s", currency, page.Money(g.Theirs.Sub(g.Products)), g.besides())
	case g.Over.IsZero() && g.Under.IsZero():
		return fmt.Sprintf("%s %s is what our records support%s", currency, page.Money(g.Theirs),
			strings.Replace(g.besides(), "; besides ", ", with ", 1))
	case net.IsZero():
		return fmt.Sprintf("%s 0.00 net from what our records support%s%s", currency, gross, g.besides())
	case net.IsPositive():
		return fmt.Sprintf("%s %s%s more than our records support%s%s", currency, page.Exact(net), share, gross,
			g.besides())
	}
	return fmt.Sprintf("%s %s%s less than our records support%s%s", currency, page.Exact(net.Abs()), share, gross,
		g.besides())
}

// toDispute describes what is left to dispute, and what of it people have settled since it was found.
func (s *Reconciled) toDispute(currency string, g gross) string {
	settled := decimal.Min(g.Over, s.Worked.In(currency).Settled)
	if settled.IsZero() || s.Tolerates(currency) { // "within the tolerance" is said of all of it
		return page.Exact(g.Over) + " to dispute"
	}
	return fmt.Sprintf("%s to dispute (%s accepted, credited or explained)", page.Exact(g.Over.Sub(settled)),
		page.Exact(settled))
}

// countSentence speaks of a currency in which calls of ours have no price: they can be counted, and not be compared.
func (s *Reconciled) countSentence(v accounts.Verdict, g gross) string {
	currency := LedgerText(v.Currency)
	text := fmt.Sprintf("%s %s billed for %s: %s to dispute, %s not yet billed, by count", currency,
		page.Money(g.Theirs), page.Plural(s.In(currency).TheirCalls, "call", "calls"),
		humanize.Comma(v.OverQuantity), humanize.Comma(v.UnderQuantity))
	if over, under, err := Amounts(v.Over, v.Under); err == nil && (!over.IsZero() || !under.IsZero()) {
		text += fmt.Sprintf("; %s and %s by amount", page.Money(over), page.Money(under))
	}
	if !g.Ours.IsZero() {
		text += "; our records come to " + billing.WithUnpriced(page.Money(g.Ours), s.Unpriced[currency])
	}
	return text + "; for want of prices " + page.Money(s.step(currency, billing.StepNotPriced)) +
		" could not be compared"
}

// SignedMoney writes an amount with its sign, to the cent.
func SignedMoney(d decimal.Decimal) string {
	if d.IsPositive() {
		return "+" + page.Money(d)
	}
	return strings.Replace(page.Money(d), "-", "−", 1)
}

package finance

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
)

// gross is a currency's difference in parts that do not make up for each other.
type gross struct {
	ours, theirs                decimal.Decimal
	over, under                 decimal.Decimal // of rows for somebody to settle, both without a sign
	doubts, other, credits, tax decimal.Decimal
	minimum                     decimal.Decimal // monthly minimums, and other tiers
	unpriced                    decimal.Decimal // what they bill in matched rows beyond ours, for want of a price
}

// difference is all of it.
func (g gross) difference() decimal.Decimal { return g.theirs.Sub(g.ours) }

func (s *reconciled) gross(currency string) gross {
	sum := s.in(currency)
	matched := s.total(func(c classSum) bool { return c.currency == currency && c.class == billing.Matched })
	g := gross{ours: sum.ours, theirs: sum.theirs, unpriced: matched.difference()}
	for key, e := range s.exceptions {
		if key.currency != currency {
			continue
		}
		net := e.over.Sub(e.under)
		switch key.class {
		case billing.ExplainedByDoubt:
			g.doubts = g.doubts.Add(net)
		case billing.OtherPeriod:
			g.other = g.other.Add(net)
		case billing.OtherTier, billing.MonthlyMinimum:
			g.minimum = g.minimum.Add(net)
		case billing.Credits:
			g.credits = g.credits.Add(net)
		case billing.Taxes:
			g.tax = g.tax.Add(net)
		case billing.PriceDiffers:
			g.doubts = g.doubts.Add(e.explained)
		case billing.QuantityDiffers:
			g.minimum = g.minimum.Add(e.explained)
		}
		if isOpen(key.class) {
			g.over, g.under = g.over.Add(e.over), g.under.Add(e.under)
		}
	}
	return g
}

// net is what rows for somebody to settle come to.
func (g gross) net() decimal.Decimal { return g.over.Sub(g.under) }

// besides says in words what the rest of the difference is made of.
func (g gross) besides() string {
	var parts []string
	for _, part := range []struct {
		amount decimal.Decimal
		words  string
	}{{g.doubts, "explained by doubts"}, {g.other, "other period"}, {g.unpriced, "calls without a price"}, {g.minimum, "tier and minimum"}, {g.credits, "credits"}, {g.tax, "tax"}} {
		if !part.amount.IsZero() {
			parts = append(parts, signedMoney(part.amount)+" "+part.words)
		}
	}
	if parts == nil {
		return ""
	}
	return "; besides " + strings.Join(parts, ", ")
}

// differenceSentence sets the statement beside our records, currency by currency.
func (s *reconciled) differenceSentence() string {
	all := s.billed
	if len(all) == 0 {
		sum := s.total(func(classSum) bool { return true })
		return fmt.Sprintf("The statement bills %s, our records support %s; no amount to compare", page.Plural(sum.theirCalls, "call", "calls"), calendar.Thousands(sum.ourCalls))
	}
	sentences := make([]string, len(all))
	for i, currency := range all {
		sentences[i] = s.currencySentence(currency)
	}
	text := strings.Join(sentences, ". ")
	if s.Within && s.open() > 0 {
		text += " (within the tolerance)"
	}
	return text
}

// currencySentence gives the net and the gross of rows for somebody to settle, and what else there is.
func (s *reconciled) currencySentence(currency string) string {
	g := s.gross(currency)
	net := g.net()
	share := ""
	if !g.ours.IsZero() && !net.IsZero() {
		share = fmt.Sprintf(" (%s%%)", net.Abs().Mul(decimal.NewFromInt(100)).DivRound(g.ours.Abs(), 2).StringFixed(2))
	}
	if v := s.verdicts[currency]; !v.Priced {
		return s.countSentence(v, g)
	}
	gross := fmt.Sprintf(": %s to dispute, %s not yet billed", page.Money(g.over), page.Money(g.under))
	switch {
	case g.over.IsZero() && g.under.IsZero():
		return fmt.Sprintf("%s %s is what our records support%s", currency, page.Money(g.theirs), strings.Replace(g.besides(), "; besides ", ", with ", 1))
	case net.IsZero():
		return fmt.Sprintf("%s 0.00 net from what our records support%s%s", currency, gross, g.besides())
	case net.IsPositive():
		return fmt.Sprintf("%s %s%s more than our records support%s%s", currency, page.Money(net), share, gross, g.besides())
	}
	return fmt.Sprintf("%s %s%s less than our records support%s%s", currency, page.Money(net.Abs()), share, gross, g.besides())
}

// countSentence speaks of a currency in which calls of ours have no price: they can be counted, and not be compared.
func (s *reconciled) countSentence(v store.Verdict, g gross) string {
	currency := ledgerText(v.Currency)
	text := fmt.Sprintf("%s %s billed for %s: %s to dispute, %s not yet billed, by count", currency, page.Money(g.theirs), page.Plural(s.in(currency).theirCalls, "call", "calls"), calendar.Thousands(v.OverQuantity), calendar.Thousands(v.UnderQuantity))
	if over, under, err := amounts(v.Over, v.Under); err == nil && (!over.IsZero() || !under.IsZero()) {
		text += fmt.Sprintf("; %s and %s by amount", page.Money(over), page.Money(under))
	}
	if !g.ours.IsZero() {
		text += "; our records come to " + billing.WithUnpriced(page.Money(g.ours), s.unpriced[currency])
	}
	return text + "; for want of prices " + page.Money(s.step(currency, billing.StepNotPriced)) + " could not be compared"
}

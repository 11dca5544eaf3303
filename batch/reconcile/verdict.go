package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match"
)

// verdict returns what a reconciliation found, in one sentence: net and gross, each currency for itself.
func verdict(month billing.Period, result *match.Result) string {
	var parts []string
	for _, v := range result.Verdicts {
		parts = append(parts, currencyVerdict(result, v)+besides(result, v.Currency))
	}
	text := month.String() + ": " + strings.Join(parts, "; ")
	if open := openDifference(result); open && result.Within {
		return text + ", within the tolerance"
	} else if open {
		return text + ", outside the tolerance"
	}
	return text
}

func openDifference(result *match.Result) bool {
	return slices.ContainsFunc(result.Verdicts, func(v match.Verdict) bool { return !isRight(v) })
}

// isRight reports that nothing of a currency is to dispute, not yet billed or unexplained.
func isRight(v match.Verdict) bool {
	return v.Over.IsZero() && v.Under.IsZero() && v.Unexplained.IsZero() && v.UnpricedAtIssue == 0
}

// stepOf returns one step of a currency's bridge.
func stepOf(result *match.Result, currency, step string) match.BridgeLine {
	for _, b := range result.Bridge {
		if b.Currency == currency && b.Step == step {
			return b
		}
	}
	return match.BridgeLine{}
}

// besides names what a statement has that our records say nothing about, and what it has of closed months.
func besides(result *match.Result, currency string) string {
	text := ""
	disputed := stepOf(result, currency, billing.StepTaxDisputed).Amount
	tax := stepOf(result, currency, billing.StepTaxOwed).Amount.Add(disputed)
	if !tax.IsZero() {
		text += ", " + figure(tax, currency) + " tax"
	}
	if !disputed.IsZero() { // what is to dispute is without it
		text += ", of it " + figure(disputed.Round(4), currency) + " on what is to dispute"
	}
	for _, step := range []string{billing.StepCredits, billing.StepPriorPeriods} {
		if b := stepOf(result, currency, step); !b.Amount.IsZero() {
			text += ", " + figure(b.Amount, currency) + " " + b.Step
		}
	}
	if text != "" {
		text = "with" + text[len(","):]
	}
	if b := stepOf(result, currency, billing.StepOtherProducts); !b.Amount.IsZero() {
		text = strings.TrimPrefix(text+"; beside "+figure(b.Amount, currency)+" "+b.Step, "; ")
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func currencyVerdict(result *match.Result, v match.Verdict) string {
	theirs := stepOf(result, v.Currency, billing.StepTheirs)
	// other products are on the bill, and our records say nothing about them
	theirs.Amount = theirs.Amount.Sub(stepOf(result, v.Currency, billing.StepOtherProducts).Amount)
	if v.Priced {
		return amountVerdict(v, theirs.Amount)
	}
	if v.Ours.IsZero() && v.Over.IsZero() && v.Under.IsZero() {
		return countVerdict(v, theirs)
	}
	unknown := stepOf(result, v.Currency, billing.StepNotPriced).Amount
	return fmt.Sprintf("%s, and %s (%s billed for them, %s at issue)", amountVerdict(v, theirs.Amount.Sub(unknown)),
		billing.WithoutPrice(v.Unpriced),
		money(unknown, v.Currency), callCount(v.UnpricedAtIssue))
}

// amountVerdict speaks of what could be compared: theirs is the amount billed for it.
func amountVerdict(v match.Verdict, theirs decimal.Decimal) string {
	over, under := figure(v.Over, v.Currency), figure(v.Under, v.Currency)
	net := v.Over.Sub(v.Under)
	beside := ""
	if !v.Unexplained.IsZero() {
		beside = ", " + figure(v.Unexplained, v.Currency) + " of the total unexplained"
	}
	switch {
	case v.Over.IsZero() && v.Under.IsZero() && v.Unexplained.IsZero():
		return money(theirs, v.Currency) + " is what our records support"
	case v.Over.IsZero() && v.Under.IsZero():
		return money(theirs, v.Currency) + " billed, and its lines are what our records support: " +
			figure(v.Unexplained, v.Currency) + " of the total is unexplained"
	case net.IsPositive():
		return money(net, v.Currency) + " more than our records support: " + over + " to dispute, " + under +
			" not yet billed" + beside
	case net.IsNegative():
		return money(net.Neg(), v.Currency) + " less than our records support: " + under + " not yet billed, " + over +
			" to dispute" + beside
	}
	return money(net, v.Currency) + " net from what our records support: " + over + " to dispute, " + under +
		" not yet billed" + beside
}

func callCount(n int64) string {
	if n == 1 {
		return "1 call"
	}
	return humanize.Comma(n) + " calls"
}

// countVerdict speaks of calls where no price is set.
func countVerdict(v match.Verdict, theirs match.BridgeLine) string {
	in := ""
	if v.Currency != "" {
		in = " in " + v.Currency
	}
	if v.OverQuantity+v.UnderQuantity == 0 {
		return callCount(theirs.Quantity) + in + " are what our records support (no price set)"
	}
	return callCount(v.OverQuantity) + in + " to dispute, " + callCount(v.UnderQuantity) +
		" not yet billed (no price set)"
}

func money(d decimal.Decimal, currency string) string {
	return billing.Money{Amount: d, Currency: currency}.String()
}

// figure returns an amount without its currency.
func figure(d decimal.Decimal, currency string) string {
	return strings.TrimPrefix(money(d, currency), currency+" ")
}

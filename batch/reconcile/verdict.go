package reconcile

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match"
)

// verdict is what a reconciliation found, in one sentence: net and gross, each currency for itself.
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
	for _, v := range result.Verdicts {
		if !v.Over.IsZero() || !v.Under.IsZero() || v.OverQuantity != 0 || v.UnderQuantity != 0 {
			return true
		}
	}
	return false
}

// stepOf is one step of a currency's bridge.
func stepOf(result *match.Result, currency, step string) match.BridgeLine {
	for _, b := range result.Bridge {
		if b.Currency == currency && b.Step == step {
			return b
		}
	}
	return match.BridgeLine{}
}

// besides names what a statement has that our records say nothing about.
func besides(result *match.Result, currency string) string {
	text := ""
	for _, step := range []string{billing.StepTax, billing.StepCredits} {
		if b := stepOf(result, currency, step); !b.Amount.IsZero() {
			text += ", " + figure(b.Amount, currency) + " " + step
		}
	}
	if text == "" {
		return ""
	}
	return " (with" + text[len(","):] + ")"
}

func currencyVerdict(result *match.Result, v match.Verdict) string {
	theirs := stepOf(result, v.Currency, billing.StepTheirs)
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
	switch {
	case v.Over.IsZero() && v.Under.IsZero() && v.OverQuantity+v.UnderQuantity == v.UnpricedAtIssue:
		return money(theirs, v.Currency) + " is what our records support"
	case net.IsPositive():
		return money(net, v.Currency) + " more than our records support: " + over + " to dispute, " + under +
			" not yet billed"
	case net.IsNegative():
		return money(net.Neg(), v.Currency) + " less than our records support: " + under + " not yet billed, " + over +
			" to dispute"
	}
	return money(net, v.Currency) + " net from what our records support: " + over + " to dispute, " + under +
		" not yet billed"
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

// figure is an amount without its currency.
func figure(d decimal.Decimal, currency string) string {
	return strings.TrimPrefix(money(d, currency), currency+" ")
}

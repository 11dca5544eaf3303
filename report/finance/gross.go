package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
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

func (s *settled) gross(currency string) gross {
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

// grossTable cuts the difference of every currency into parts that do not make up for each other.
func (f *finance) grossTable(p *page.Page) {
	p.Section("Net and gross", "Difference = to dispute − not yet billed + explained by doubts + other period + the rest: credits, tax, tiers, monthly minimums and calls without a price. To dispute, not yet billed: what is at issue in open classes, more or less than our records. Proposed: the statement without what is open or disputed above our records.")
	t := p.Table(page.Column{Head: "Currency", Span: 2, Format: xlsx.Literal}, page.Column{Head: "Ours", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Statement", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Difference", Span: 1, Format: xlsx.SignedAmount}, page.Column{Head: "To dispute", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Not yet billed", Span: 1, Format: xlsx.Amount2},
		page.Column{Head: "Explained by doubts", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Other period", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Credits and tax", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Tier, minimum, no price", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Proposed for payment", Span: 1, Format: xlsx.Amount2})
	f.places.grosses = t
	for _, currency := range f.billed() {
		t.Add(f.grossCells(t, currency)...)
	}
	if len(f.billed()) == 0 {
		t.Add(xlsx.T("No amounts: no price is set, and the statement gives none"))
	}
}

func (f *finance) grossCells(t *page.Table, currency string) []xlsx.Cell {
	g, list := f.settled.gross(currency), f.places.exceptions
	class := func(partly billing.Class, names ...billing.Class) string {
		var parts []string
		if e := f.settled.exceptions[findingKey{partly, currency}]; e != nil && !e.explained.IsZero() {
			same := []condition{{rowCurrency, literal(currency)}, {rowClass, literal(string(partly))}}
			parts = append(parts, list.sum(rowDifference, same...)+"-("+list.sum(exceptionIssue, same...)+")")
		}
		for _, name := range names {
			if text := list.sum(rowDifference, condition{rowCurrency, literal(currency)}, condition{rowClass, literal(string(name))}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	signed := func(sign string) string {
		var parts []string
		for _, c := range f.openClasses() {
			if text := list.sum(exceptionIssue, condition{rowCurrency, literal(currency)}, condition{rowClass, literal(string(c))}, condition{exceptionIssue, literal(sign + "0")}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	n := slices.Index(f.billed(), currency)
	total := func(col int) string {
		c := f.places.classes
		return xlsx.QuoteSheet(c.Page.Name) + "!" + xlsx.Ref{Col: c.At[col] + 1, Row: c.First + c.Rows + 1 + n}.Fixed()
	}
	return []xlsx.Cell{xlsx.Outside(currency), xlsx.D(g.ours.String(), xlsx.Amount2).By(total(classOurs)), xlsx.D(g.theirs.String(), xlsx.Amount2).By(total(classTheirs)), difference(g.difference(), xlsx.SignedAmount, t.Ref(2)+"-"+t.Ref(1)),
		rounded(g.over, signed(">"), ""), rounded(g.under, signed("<"), "-"), rounded(g.doubts, class(billing.PriceDiffers, billing.ExplainedByDoubt), ""), rounded(g.other, class("", billing.OtherPeriod), ""), rounded(g.credits.Add(g.tax), class("", billing.Credits, billing.Taxes), ""),
		rounded(g.minimum.Add(g.unpriced), f.minimumFormula(class(billing.QuantityDiffers, billing.OtherTier, billing.MonthlyMinimum), currency), ""), f.proposed(currency)}
}

// minimumFormula adds what matched rows without a price are apart to what minimums are.
func (f *finance) minimumFormula(minimums, currency string) string {
	if f.settled.gross(currency).unpriced.IsZero() {
		return minimums
	}
	t := f.places.classes
	matched := fmt.Sprintf("SUMIFS(%s,%s,%s,%s,%s)", t.Area(classDifference), t.Area(className), literal(string(billing.Matched)), t.Area(classCurrency), literal(currency))
	if minimums == "" {
		return matched
	}
	return minimums + "+" + matched
}

// openClasses are the classes that have rows for somebody to settle.
func (f *finance) openClasses() []billing.Class {
	seen := map[billing.Class]bool{}
	for key := range f.settled.exceptions {
		if isOpen(key.class) {
			seen[key.class] = true
		}
	}
	return page.SortedKeys(seen)
}

// rounded is an amount that a formula adds up; a sign before it turns it round. Without rows there is no formula.
func rounded(d decimal.Decimal, formula, sign string) xlsx.Cell {
	if formula == "" {
		return xlsx.D(d.String(), xlsx.Amount2)
	}
	return difference(d, xlsx.Amount2, sign+"("+formula+")")
}

// proposed is the statement without what it bills above our records in rows that are open or disputed: it moves as
// somebody works the exceptions.
func (f *finance) proposed(currency string) xlsx.Cell {
	g, list := f.settled.gross(currency), f.places.exceptions
	n := slices.Index(f.billed(), currency)
	c := f.places.classes
	formula := xlsx.QuoteSheet(c.Page.Name) + "!" + xlsx.Ref{Col: c.At[classTheirs] + 1, Row: c.First + c.Rows + 1 + n}.Fixed()
	for _, status := range []string{StatusOpen, statusDisputed} {
		if text := list.sum(exceptionIssue, condition{rowCurrency, literal(currency)}, condition{exceptionIssue, literal(">0")}, condition{exceptionStatus, literal(status)}); text != "" {
			formula += "-(" + text + ")"
		}
	}
	return difference(g.theirs.Sub(g.over), xlsx.Amount2, formula)
}

package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// bridgeTable leads from our amount to theirs in one currency, with a waterfall beside it.
func (f reconciliationSheet) bridgeTable(p *page.Page, i int, currency string) (bridgeSum, waterfall) {
	p.Section(fmt.Sprintf("2%c  %s", 'a'+i, bridgeTitle(currency)), f.bridgeNote())
	top := p.Row
	t := p.Table(page.Wide("Step", 2, xlsx.General), page.Col("Calls", xlsx.Count), page.Col("Amount", xlsx.Amount4))
	steps := f.Reconciled.Steps(currency)
	sums := bridgeSum{cells: map[string]string{}}
	for n, s := range steps {
		at := func(col int) xlsx.Ref { return xlsx.Ref{Col: t.At[col] + 1, Row: t.First + n} }
		sums.cells[s.Step] = xlsx.QuoteSheet(p.Name) + "!" + at(2).Fixed()
		amount := xlsx.D(s.Amount.String(), xlsx.Amount4)
		if parts, total := f.summed(s.Step); total {
			of := func(col int) string { return sumOfSteps(steps, parts, t.At[col]+1, t.First) }
			switch {
			case s.Step == billing.StepTheirs && f.Reconciled.Earlier():
				sums.formula = fmt.Sprintf("SUM(%s)", p.Area(xlsx.Ref{Col: at(2).Col, Row: t.First},
					xlsx.Ref{Col: at(2).Col, Row: t.First + n - 1}))
			case s.Step == billing.StepTheirs:
				sums.formula = sums.cells[s.Step]
			}
			t.Total(xlsx.T(f.stepName(s.Step)), xlsx.N(s.Calls).WithFormula(of(1)), amount.WithFormula(of(2)))
			continue
		}
		sums.sum = sums.sum.Add(s.Amount)
		if s.Step != billing.StepOurs && !s.Amount.IsZero() {
			amount = amount.WithRole(xlsx.Strong)
		}
		if formula := f.stepFormula(s.Step, currency); formula != "" {
			amount = amount.WithFormula(fmt.Sprintf("ROUND(%s,%d)", formula, billing.MaxDecimals))
		}
		name := f.stepName(s.Step)
		if s.Step == billing.StepOurs {
			name = billing.WithUnpriced(name, f.Reconciled.Unpriced[currency])
		}
		t.Add(xlsx.T(name), xlsx.N(s.Calls), amount)
	}
	end := p.Row
	p.Row = top
	drawn := drawWaterfall(p, t, steps, currency, 6)
	p.Row = max(end, top+bridgeRows+3)
	return sums, drawn
}

func bridgeTitle(currency string) string { return "From our amount to theirs, " + currency }

func (f reconciliationSheet) bridgeNote() string {
	if f.Reconciled.Earlier() {
		return "Each step says what it adds; together they are the difference, to the last digit. Price and quantity " +
			"variance are apart; unexplained is what no row accounts for."
	}
	return "Each step says what it adds; together they are the difference, to the last digit. Owed is what our records " +
		"say with the doubts that the statement settles; nothing to dispute makes up for anything not yet billed, but in " +
		"a pool that owes its minimum, or where lines that are no calls made others cheaper: netted."
}

// summed lists the steps that one adds up. In a bridge of an earlier version the last alone is a sum.
func (f reconciliationSheet) summed(step string) (parts []string, sum bool) {
	if !f.Reconciled.Earlier() {
		return billing.SummedSteps(step)
	}
	if step != billing.StepTheirs {
		return nil, false
	}
	for _, s := range f.Reconciled.Bridge {
		if s.Step != step {
			parts = append(parts, s.Step)
		}
	}
	return parts, true
}

// stepName returns a step as it is shown: sums and what they are made of can be told apart.
func (f reconciliationSheet) stepName(step string) string {
	if _, sum := billing.SummedSteps(step); sum && step != billing.StepTheirs && !f.Reconciled.Earlier() {
		return "= " + step
	}
	return step
}

// sumOfSteps adds up steps in a column, as areas of those that follow one another.
func sumOfSteps(steps []figures.BridgeStep, parts []string, col, first int) string {
	var areas []string
	from := -1
	for n := 0; n <= len(steps); n++ {
		in := n < len(steps) && slices.Contains(parts, steps[n].Step)
		switch {
		case in && from < 0:
			from = n
		case !in && from >= 0:
			areas = append(areas, fmt.Sprintf("%s:%s", xlsx.Ref{Col: col, Row: first + from},
				xlsx.Ref{Col: col, Row: first + n - 1}))
			from = -1
		}
	}
	return "SUM(" + strings.Join(areas, ",") + ")"
}

// stepFormula adds a step up over the rows, "" where the workbook does not have them all or the step is of none.
func (f reconciliationSheet) stepFormula(step, currency string) string {
	if f.Reconciled.Earlier() || f.Reconciled.Unpriced[currency] > 0 {
		return ""
	}
	list, some := f.lines, f.lines
	if some == nil {
		some = f.exceptions
	}
	in := condition{rowCurrency, literal(currency)}
	over := func(sign string, classes ...billing.Class) string {
		var parts []string
		for _, class := range classes {
			for _, side := range f.sides(sign) {
				of := append([]condition{in, {rowClass, literal(string(class))}}, side...)
				if text := some.sum(rowIssue, of...); text != "" {
					parts = append(parts, text)
				}
			}
		}
		return strings.Join(parts, "+")
	}
	class := map[string]billing.Class{
		billing.StepPriceOver: billing.PriceDiffers, billing.StepTierOver: billing.WrongTier,
		billing.StepQuantityOver: billing.QuantityDiffers, billing.StepPricing: billing.PricingDiffers,
		billing.StepTheirsOnly: billing.TheirsOnly, billing.StepDuplicate: billing.Duplicate,
		billing.StepBilledAgain: billing.BilledAgain, billing.StepMinimumNotOwed: billing.MinimumNotOwed,
		billing.StepPriceUnder: billing.PriceDiffers, billing.StepTierUnder: billing.WrongTier,
		billing.StepQuantityUnder: billing.QuantityDiffers, billing.StepOursOnly: billing.OursOnly,
		billing.StepMinimumNotBilled: billing.MinimumNotBilled, billing.StepCredits: billing.Credits,
		billing.StepOtherProducts: billing.OtherProduct,
		billing.StepUnexplained:   billing.Unexplained}[step]
	switch step {
	case billing.StepPriceUnder, billing.StepTierUnder, billing.StepQuantityUnder, billing.StepOursOnly,
		billing.StepMinimumNotBilled:
		return over("<", class)
	case billing.StepCredits, billing.StepOtherProducts, billing.StepUnexplained:
		return over("<>", class)
	}
	if class != "" {
		return over(">", class)
	}
	part := slices.IndexFunc(rowParts(f.Data), func(p rowPart) bool { return p.step == step })
	switch {
	case list == nil:
		return ""
	case step == billing.StepOurs:
		return list.sum(rowOurs, in)
	case part >= 0:
		return list.sum(rowFirstPart+part, in)
	}
	return ""
}

// sides returns the conditions on rows in which more is billed than is right, or less. What lines of closed months
// billed is taken back with the opposite sign.
func (f reconciliationSheet) sides(sign string) [][]condition {
	at := func(sign string) condition { return condition{rowIssue, literal(sign + "0")} }
	opposite, turned := map[string]string{">": "<", "<": ">"}[sign]
	if !turned || !f.Reconciled.Withdrawn {
		return [][]condition{{at(sign)}}
	}
	return [][]condition{{at(sign), {rowTheirs, literal(">=0")}}, {at(opposite), {rowTheirs, literal("<0")}}}
}

// bridgeSum represents the sum of our amount and all steps, and where each step is.
type bridgeSum struct {
	sum     decimal.Decimal
	formula string
	cells   map[string]string
}

// bridgeRows sets how high a waterfall is.
const bridgeRows = 13

// drawWaterfall draws the steps from zero to the difference beside their table, from grid column col on. The columns
// that feed it are right of the page.
func drawWaterfall(p *page.Page, t *page.Table, steps []figures.BridgeStep, currency string, col int) waterfall {
	d := waterfallOf(p, t, steps)
	if d.rows == 0 {
		p.Note(col, "No difference to explain in "+currency+", but for "+asideWords(steps)+" in the table")
		return d
	}
	p.Figures(bridgeRows, d.figure(p.Sheet, currency, col, p.Across-col+1))
	return d
}

// waterfall represents the columns that draw one.
type waterfall struct {
	first, rows, col int
	largest          figures.BridgeStep
	net, reach       decimal.Decimal
	aside            string // what is not drawn
}

func (d waterfall) area(s *xlsx.Sheet, i int) xlsx.Area {
	return s.Area(xlsx.Ref{Col: d.col + i, Row: d.first}, xlsx.Ref{Col: d.col + i, Row: d.first + d.rows - 1})
}

// waterfallOf writes one row for each step that adds something, but for credits and tax, and one for the sum: its name,
// where it begins and ends, and the parts of the bar above and below zero.
func waterfallOf(p *page.Page, t *page.Table, steps []figures.BridgeStep) waterfall {
	d := waterfall{first: t.First, col: p.Across + 3, aside: asideWords(steps)}
	at := func(i int) xlsx.Ref { return xlsx.Ref{Col: d.col + i, Row: d.first + d.rows} }
	running := decimal.Decimal{}
	put := func(name string, from, to decimal.Decimal, source string, net bool) {
		amount := to.Sub(from)
		p.Set(at(0), xlsx.T(name+" "+figures.SignedMoney(amount)).WithRole(xlsx.ChartData))
		start, end := xlsx.D(from.String(), xlsx.SignedAmount).WithRole(xlsx.ChartData),
			xlsx.D(to.String(), xlsx.SignedAmount).WithRole(xlsx.ChartData)
		if d.rows > 0 && !net {
			start = start.WithFormula(xlsx.Ref{Col: d.col + 2, Row: d.first + d.rows - 1}.String())
		}
		p.Set(at(1), start)
		p.Set(at(2), end.WithFormula(fmt.Sprintf("%s+%s", at(1), source)))
		for i, c := range waterfallParts(from, to, at(1), at(2), net) {
			p.Set(at(3+i), c)
		}
		d.rows++
		for _, x := range []decimal.Decimal{from, to} {
			d.reach = decimal.Max(d.reach, x.Abs())
		}
	}
	sum := "net difference"
	for n, s := range steps {
		if _, sum := billing.SummedSteps(s.Step); sum || s.Step == billing.StepOurs || s.Amount.IsZero() {
			continue
		}
		if isBeside(s.Step) { // beside them nothing else would be seen
			sum = "net before " + asideWords(steps)
			continue
		}
		next := running.Add(s.Amount)
		put(s.Step, running, next, xlsx.Ref{Col: t.At[2] + 1, Row: t.First + n}.Fixed(), false)
		if s.Amount.Abs().GreaterThan(d.largest.Amount.Abs()) {
			d.largest = s
		}
		running = next
	}
	if d.rows > 0 {
		put(sum, decimal.Decimal{}, running, xlsx.Ref{Col: d.col + 2, Row: d.first + d.rows - 1}.String(), true)
	}
	d.net = running
	return d
}

// isBeside reports a step of credits, tax or other products. Earlier versions had one for tax.
func isBeside(step string) bool {
	switch step {
	case billing.StepCredits, billing.StepOtherProducts, billing.StepTaxOwed, billing.StepTaxDisputed, "tax":
		return true
	}
	return false
}

// asideWords names the steps that are not drawn.
func asideWords(steps []figures.BridgeStep) string {
	if slices.ContainsFunc(steps, func(s figures.BridgeStep) bool { return s.Step == billing.StepOtherProducts }) {
		return "credits, tax and other products"
	}
	return "credits and tax"
}

// waterfallParts cut the bar from one height to another at zero: what lifts it, and what shows of it above and below,
// as a rise, a fall or the sum.
func waterfallParts(from, to decimal.Decimal, start, end xlsx.Ref, net bool) []xlsx.Cell {
	zero := decimal.Decimal{}
	low, high := decimal.Min(from, to), decimal.Max(from, to)
	lift := decimal.Max(zero, low).Add(decimal.Min(zero, high))
	above := decimal.Max(zero, high).Sub(decimal.Max(zero, low))
	below := decimal.Min(zero, low).Sub(decimal.Min(zero, high))
	a, b := start.String(), end.String()
	min, max := "MIN("+a+","+b+")", "MAX("+a+","+b+")"
	up := fmt.Sprintf("MAX(0,%s)-MAX(0,%s)", max, min)
	down := fmt.Sprintf("MIN(0,%s)-MIN(0,%s)", min, max)
	cells := []xlsx.Cell{chartCell(lift, fmt.Sprintf("MAX(0,%s)+MIN(0,%s)", min, max))}
	rise, fall := fmt.Sprintf("%s>=%s", b, a), fmt.Sprintf("%s<%s", b, a)
	if net {
		rise, fall = "FALSE", "FALSE"
	}
	show := func(on bool, test string, d decimal.Decimal, formula string) xlsx.Cell {
		if !on {
			d = zero
		}
		return chartCell(d, fmt.Sprintf("IF(%s,%s,0)", test, formula))
	}
	rises, falls := !net && to.GreaterThanOrEqual(from), !net && to.LessThan(from)
	cells = append(cells, show(rises, rise, above, up), show(rises, rise, below, down), show(falls, fall, above, up),
		show(falls, fall, below, down))
	whole := "FALSE"
	if net {
		whole = "TRUE"
	}
	return append(cells, show(net, whole, above, up), show(net, whole, below, down))
}

func chartCell(d decimal.Decimal, formula string) xlsx.Cell {
	return xlsx.D(d.String(), xlsx.SignedAmount).WithRole(xlsx.ChartData).WithFormula(formula)
}

func (d waterfall) figure(s *xlsx.Sheet, currency string, col, span int) page.Figure {
	format := xlsx.SignedAmount
	if d.reach.GreaterThanOrEqual(decimal.NewFromInt(10)) {
		format = xlsx.SignedCount
	}
	finding := fmt.Sprintf("%s is the largest single cause: %s", capital(d.largest.Step),
		figures.SignedMoney(d.largest.Amount))
	bar := func(i int, color string) xlsx.Series { return xlsx.Series{Color: color, Values: d.area(s, 3+i)} }
	return page.Figure{Finding: finding,
		Caption: "From our amount to theirs: what each step adds, without " + d.aside + ", " + currency +
			" · orange more than ours, teal less", Col: col, Span: span,
		Chart: xlsx.Chart{Bars: xlsx.Stacked, Level: true, Format: format, Categories: d.area(s, 0),
			Alt: "Waterfall of the difference between our amount and the statement's in " + currency,
			Series: []xlsx.Series{bar(0, ""), bar(1, xlsx.Orange), bar(2, xlsx.Orange), bar(3, xlsx.Teal),
				bar(4, xlsx.Teal), bar(5, xlsx.Navy), bar(6, xlsx.Navy)}}}
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

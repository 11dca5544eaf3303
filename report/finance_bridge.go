package report

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// bridgeTable leads from our amount to theirs in one currency, with a waterfall beside it.
func (f *finance) bridgeTable(p *page, i int, currency string) {
	p.section(fmt.Sprintf("2%c  From our amount to theirs, %s", 'a'+i, currency), "Each step says what it adds; together they are the difference, to the last digit. Price and quantity variance are apart; unexplained is what no row accounts for.")
	top := p.row
	t := p.table(column{"Step", 2, General}, column{"Calls", 1, Count}, column{"Amount", 1, Amount4})
	var steps []bridgeStep
	for _, s := range f.settled.bridge {
		if s.currency == currency {
			steps = append(steps, s)
		}
	}
	first, sums := p.row, bridgeSum{}
	for n, s := range steps {
		amount := D(s.amount.String(), Amount4)
		if s.step == stepTheirs && n > 0 {
			sums.formula = fmt.Sprintf("SUM(%s)", p.Area(Ref{t.at[2] + 1, first}, Ref{t.at[2] + 1, p.row - 1}))
			calls := N(s.calls).By(fmt.Sprintf("SUM(%s:%s)", Ref{t.at[1] + 1, first}, Ref{t.at[1] + 1, p.row - 1}))
			t.total(T(s.step), calls, amount.By(fmt.Sprintf("SUM(%s:%s)", Ref{t.at[2] + 1, first}, Ref{t.at[2] + 1, p.row - 1})))
			continue
		}
		sums.sum = sums.sum.Add(s.amount)
		if s.step != stepOurs && !s.amount.IsZero() {
			amount = amount.As(Strong)
		}
		name := s.step
		if s.step == stepOurs {
			name = withUnpriced(name, f.settled.unpriced[currency])
		}
		t.add(T(name), N(s.calls), amount)
	}
	f.places.bridges[currency] = sums
	end := p.row
	p.row = top
	f.waterfall(p, t, steps, currency, 6)
	p.row = max(end, top+bridgeRows+3)
}

// bridgeSum is what our amount and all steps come to.
type bridgeSum struct {
	sum     decimal.Decimal
	formula string
}

// bridgeRows is how high a waterfall is.
const bridgeRows = 13

// waterfall draws the steps from zero to the difference beside their table, from grid column col on. The columns that feed
// it stand right of the page.
func (f *finance) waterfall(p *page, t *table, steps []bridgeStep, currency string, col int) {
	feed := f.feedWaterfall(p, t, steps)
	f.places.feeds[currency] = feed
	if feed.rows == 0 {
		p.note(col, "No difference to explain in "+currency+", but for credits and tax in the table")
		return
	}
	p.figures(bridgeRows, waterfallFigure(p.Sheet, feed, currency, col, p.across-col+1))
}

// note stands where a chart would, from grid column col on.
func (p *page) note(col int, text string) {
	p.Set(p.at(col), T(text).As(Finding))
	p.Merged = append(p.Merged, Area{From: p.at(col), To: p.at(p.across)})
}

// feed is where the columns that draw a waterfall stand.
type feed struct {
	first, rows, col int
	largest          bridgeStep
	net, reach       decimal.Decimal
}

func (d feed) area(s *Sheet, i int) Area {
	return s.Area(Ref{d.col + i, d.first}, Ref{d.col + i, d.first + d.rows - 1})
}

// feedWaterfall writes one row for each step that adds something, but for credits and tax, and one for the sum: its name, where it begins and ends,
// and the parts of the bar above and below zero.
func (f *finance) feedWaterfall(p *page, t *table, steps []bridgeStep) feed {
	d := feed{first: t.first, col: p.across + 3}
	at := func(i int) Ref { return Ref{d.col + i, d.first + d.rows} }
	running := decimal.Decimal{}
	put := func(name string, from, to decimal.Decimal, source string, net bool) {
		amount := to.Sub(from)
		p.Set(at(0), T(name+" "+signedMoney(amount)).As(Feeder))
		start, end := D(from.String(), SignedAmount).As(Feeder), D(to.String(), SignedAmount).As(Feeder)
		if d.rows > 0 && !net {
			start = start.By(Ref{d.col + 2, d.first + d.rows - 1}.String())
		}
		p.Set(at(1), start)
		p.Set(at(2), end.By(fmt.Sprintf("%s+%s", at(1), source)))
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
		if s.step == stepOurs || s.step == stepTheirs || s.amount.IsZero() {
			continue
		}
		if s.step == stepCredits || s.step == stepTax { // beside them nothing else would be seen
			sum = "net before credits and tax"
			continue
		}
		next := running.Add(s.amount)
		put(s.step, running, next, Ref{t.at[2] + 1, t.first + n}.Fixed(), false)
		if s.amount.Abs().GreaterThan(d.largest.amount.Abs()) {
			d.largest = s
		}
		running = next
	}
	if d.rows > 0 {
		put(sum, decimal.Decimal{}, running, Ref{d.col + 2, d.first + d.rows - 1}.String(), true)
	}
	d.net = running
	return d
}

// waterfallParts cut the bar from one height to another at zero: what lifts it, and what shows of it above and below, as
// a rise, a fall or the sum.
func waterfallParts(from, to decimal.Decimal, start, end Ref, net bool) []Cell {
	zero := decimal.Decimal{}
	low, high := decimal.Min(from, to), decimal.Max(from, to)
	lift := decimal.Max(zero, low).Add(decimal.Min(zero, high))
	above := decimal.Max(zero, high).Sub(decimal.Max(zero, low))
	below := decimal.Min(zero, low).Sub(decimal.Min(zero, high))
	a, b := start.String(), end.String()
	min, max := "MIN("+a+","+b+")", "MAX("+a+","+b+")"
	up := fmt.Sprintf("MAX(0,%s)-MAX(0,%s)", max, min)
	down := fmt.Sprintf("MIN(0,%s)-MIN(0,%s)", min, max)
	cells := []Cell{feedCell(lift, fmt.Sprintf("MAX(0,%s)+MIN(0,%s)", min, max))}
	rise, fall := fmt.Sprintf("%s>=%s", b, a), fmt.Sprintf("%s<%s", b, a)
	if net {
		rise, fall = "FALSE", "FALSE"
	}
	show := func(on bool, test string, d decimal.Decimal, formula string) Cell {
		if !on {
			d = zero
		}
		return feedCell(d, fmt.Sprintf("IF(%s,%s,0)", test, formula))
	}
	rises, falls := !net && to.GreaterThanOrEqual(from), !net && to.LessThan(from)
	cells = append(cells, show(rises, rise, above, up), show(rises, rise, below, down), show(falls, fall, above, up), show(falls, fall, below, down))
	whole := "FALSE"
	if net {
		whole = "TRUE"
	}
	return append(cells, show(net, whole, above, up), show(net, whole, below, down))
}

func feedCell(d decimal.Decimal, formula string) Cell {
	return D(d.String(), SignedAmount).As(Feeder).By(formula)
}

func waterfallFigure(s *Sheet, d feed, currency string, col, span int) figure {
	format := SignedAmount
	if d.reach.GreaterThanOrEqual(decimal.NewFromInt(10)) {
		format = SignedCount
	}
	finding := fmt.Sprintf("%s is the largest single cause: %s", capital(d.largest.step), signedMoney(d.largest.amount))
	bar := func(i int, color string) Series { return Series{Color: color, Values: d.area(s, 3+i)} }
	return figure{finding: finding, caption: "From our amount to theirs: what each step adds, without credits and tax, " + currency + " · orange more than ours, teal less", col: col, span: span,
		chart: Chart{Bars: Stacked, Level: true, Format: format, Categories: d.area(s, 0), Alt: "Waterfall of the difference between our amount and the statement's in " + currency,
			Series: []Series{bar(0, ""), bar(1, orange), bar(2, orange), bar(3, teal), bar(4, teal), bar(5, navy), bar(6, navy)}}}
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// signedMoney writes an amount with its sign, to the cent.
func signedMoney(d decimal.Decimal) string {
	if d.IsPositive() {
		return "+" + money(d)
	}
	return strings.Replace(money(d), "-", "−", 1)
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// The columns of the table of classes, from 0.
const (
	className = iota
	classCurrency
	classRows
	classOurCalls
	classTheirCalls
	classOurs
	classTheirs
	classDifference
	classShare
	classOpen
	classMeaning
)

// reconciliationSheet writes what became of every row, the way from our amount to theirs, and where the exceptions are.
func (f *finance) reconciliationSheet(p *page) {
	p.Tab = teal
	p.headline(f.differenceSentence())
	p.skip(1)
	f.classTable(p)
	p.skip(1)
	for i, currency := range f.billed() {
		f.bridgeTable(p, i, currency)
		p.skip(1)
	}
	f.regionDifferences(p)
	p.OnePage = p.pages() < 1.6 // a chart that a page ends in says little
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// pages is about how many printed pages a sheet takes at the width of one.
func (p *page) pages() float64 {
	const paperWidth, paperHeight = 784, 523 // points of A4 landscape within the margins
	height := 0.0
	for row := 1; row < p.row; row++ {
		if h, ok := p.Heights[row]; ok {
			height += h
		} else {
			height += rowHeight
		}
	}
	const pointsAPixel = 0.75
	scale := paperWidth / (pointsAPixel * float64(p.pixels(1, p.across)))
	return height * min(1, scale) / paperHeight
}

// billed are the currencies that either side has amounts in.
func (f *finance) billed() []string {
	own := f.settled.currencies()
	return slices.DeleteFunc(slices.Clone(f.priced), func(c string) bool { return !slices.Contains(own, c) })
}

// classTable writes a line for every class and currency.
func (f *finance) classTable(p *page) {
	p.section("1  Rows by class", "Every call that the contract's reading bills, and every line of the statement, stands in exactly one row. Live counts over the sheets Exceptions"+map[bool]string{true: " and Lines", false: ""}[f.rowsInside()]+". Open: rows whose status is still open. In no row: "+f.unlisted()+".")
	t := p.table(column{"Class", 1, General}, column{"Currency", 1, Literal}, column{"Rows", 1, Count}, column{"Our calls", 1, Count}, column{"Their calls", 1, Count}, column{"Ours", 1, Amount2}, column{"Theirs", 1, Amount2},
		column{"Difference", 1, Amount2}, column{"Share of rows", 1, Rate}, column{"Open", 1, Count}, column{"Meaning", 3, General})
	f.places.classes = t
	all := f.settled.total(func(classSum) bool { return true })
	lines := f.classLines()
	end := p.row + len(lines)
	for _, l := range lines {
		t.add(f.classCells(t, l, all.rows, end)...)
	}
	open := f.settled.open()
	cells := []Cell{T("All rows"), {}, N(all.rows), N(all.ourCalls), N(all.theirCalls), {}, {}, {}, F(1, Rate), N(open), {}}
	for _, col := range []int{classRows, classOurCalls, classTheirCalls, classOpen} {
		if t.rows > 0 {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	if all.rows == 0 {
		cells[classShare] = none()
	}
	t.total(cells...)
	for _, currency := range f.billed() {
		s := f.settled.in(currency)
		t.total(T("Amount in "+currency), Outside(currency), Cell{}, Cell{}, Cell{}, D(s.ours.String(), Amount2).By(columnTotal(t, classOurs, classCurrency, currency)), D(s.theirs.String(), Amount2).By(columnTotal(t, classTheirs, classCurrency, currency)),
			difference(s.difference(), Amount2, t.ref(classTheirs)+"-"+t.ref(classOurs)), Cell{}, Cell{}, Cell{})
	}
}

// unlisted are the calls that no row is about.
func (f *finance) unlisted() string {
	text := plural(f.settled.Free, "call", "calls") + " that cost nothing on either side"
	if n := f.settled.Elsewhere; n > 0 {
		text += fmt.Sprintf(", and %s at endpoints without a statement", plural(n, "billable call", "billable calls"))
	}
	return text
}

// classLines adds the classes up over endpoints and regions, in their order.
func (f *finance) classLines() []classSum {
	var lines []classSum
	for _, c := range f.settled.classes {
		i := slices.IndexFunc(lines, func(l classSum) bool { return l.class == c.class && l.currency == c.currency })
		if i < 0 {
			i = len(lines)
			lines = append(lines, classSum{class: c.class, currency: c.currency})
		}
		l := &lines[i]
		l.rows, l.ourCalls, l.theirCalls = l.rows+c.rows, l.ourCalls+c.ourCalls, l.theirCalls+c.theirCalls
		l.ours, l.theirs = l.ours.Add(c.ours), l.theirs.Add(c.theirs)
	}
	order := func(name string) int {
		return slices.IndexFunc(classTexts(), func(c classText) bool { return c.name == name })
	}
	slices.SortFunc(lines, func(a, b classSum) int {
		return cmp.Or(f.rank(a.currency)-f.rank(b.currency), order(a.class)-order(b.class), strings.Compare(a.class, b.class))
	})
	return lines
}

func (f *finance) classCells(t *table, l classSum, rows int64, end int) []Cell {
	list, open := f.places.exceptions, int64(0)
	if l.class == classMatched {
		list = f.places.lines // nil when the lines stand in a file of their own
	}
	if e := f.settled.exceptions[findingKey{l.class, l.currency}]; e != nil {
		open = e.open
	}
	same := []condition{{rowClass, literal(l.class)}, {rowCurrency, literal(l.currency)}}
	by := func(c Cell, formula func(*longList) string) Cell {
		if list == nil {
			return c
		}
		return c.By(formula(list))
	}
	sumOf := func(col int) func(*longList) string {
		return func(list *longList) string { return list.sum(col, same...) }
	}
	d := difference(l.difference(), Amount2, t.ref(classTheirs)+"-"+t.ref(classOurs))
	if !l.difference().IsZero() {
		d = d.As(Strong)
	}
	share := F(float64(l.rows)/float64(rows), Rate).By(fmt.Sprintf("%s/%s", t.ref(classRows), Ref{t.at[classRows] + 1, end}.Fixed()))
	openCell := odd(open, true)
	if l.class != classMatched {
		openCell = openCell.By(f.places.exceptions.count(append(same, condition{exceptionStatus, literal(statusOpen)})...))
	}
	return []Cell{T(l.class), Outside(l.currency), by(N(l.rows), func(list *longList) string { return list.count(same...) }), by(N(l.ourCalls), sumOf(rowOurCalls)), by(N(l.theirCalls), sumOf(rowTheirCalls)),
		by(D(l.ours.String(), Amount2), sumOf(rowOurs)), by(D(l.theirs.String(), Amount2), sumOf(rowTheirs)), d, share, openCell, T(classOf(l.class).meaning).As(Quiet)}
}

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
		t.add(T(s.step), N(s.calls), amount)
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
		p.note(col, "No difference to explain in "+currency)
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

// feedWaterfall writes one row for each step that adds something, and one for the sum: its name, where it begins and ends,
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
	for n, s := range steps {
		if s.step == stepOurs || s.step == stepTheirs || s.amount.IsZero() {
			continue
		}
		next := running.Add(s.amount)
		put(s.step, running, next, Ref{t.at[2] + 1, t.first + n}.Fixed(), false)
		if outside := s.step == stepCredits || s.step == stepTax; !outside && s.amount.Abs().GreaterThan(d.largest.amount.Abs()) || d.largest.step == "" {
			d.largest = s
		}
		running = next
	}
	if d.rows > 0 {
		put("net difference", decimal.Decimal{}, running, Ref{d.col + 2, d.first + d.rows - 1}.String(), true)
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
	return figure{finding: finding, caption: "From our amount to theirs: what each step adds, " + currency + " · orange more than ours, teal less", col: col, span: span,
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

// regionDifferences sets both sides beside each other by region, with a Pareto of the exceptions on the right.
func (f *finance) regionDifferences(p *page) {
	p.section("3  By region", "Rows without a region are credits, tax, totals and lines that name none.")
	top := p.row
	t := p.table(column{"Region", 1, General}, column{"Currency", 1, Literal}, column{"Rows", 1, Count}, column{"Ours", 1, Amount2}, column{"Theirs", 1, Amount2}, column{"Difference", 1, Amount2}, column{"Difference %", 1, SignedShare})
	for _, l := range f.regionSums() {
		same := []condition{{rowRegion, literal(ledgerText(l.region))}, {rowCurrency, literal(l.currency)}}
		rows, ours, theirs := N(l.rows), D(l.ours.String(), Amount2), D(l.theirs.String(), Amount2)
		if list := f.places.lines; list != nil {
			rows, ours, theirs = rows.By(list.count(same...)), ours.By(list.sum(rowOurs, same...)), theirs.By(list.sum(rowTheirs, same...))
		}
		d := difference(l.difference(), Amount2, t.ref(4)+"-"+t.ref(3))
		if !l.difference().IsZero() {
			d = d.As(Strong)
		}
		t.add(T(placeName(l.region)), Outside(l.currency), rows, ours, theirs, d, shareCell(l.difference(), l.ours, t.ref(5), t.ref(3)))
	}
	for _, currency := range f.billed() {
		s := f.settled.in(currency)
		t.total(T("Amount in "+currency), Outside(currency), N(s.rows).By(columnTotal(t, 2, 1, currency)), D(s.ours.String(), Amount2).By(columnTotal(t, 3, 1, currency)), D(s.theirs.String(), Amount2).By(columnTotal(t, 4, 1, currency)),
			difference(s.difference(), Amount2, t.ref(4)+"-"+t.ref(3)), shareCell(s.difference(), s.ours, t.ref(5), t.ref(3)))
	}
	end := p.row
	p.row = top
	f.pareto(p, 9)
	p.row = max(end, p.row)
}

// shareCell is a difference as a share of our amount.
func shareCell(d, ours decimal.Decimal, difference, of string) Cell {
	if ours.IsZero() {
		return none().By(fmt.Sprintf(`IF(%[2]s=0,"–",%[1]s/%[2]s)`, difference, of))
	}
	return D(d.DivRound(ours, 16).String(), SignedShare).By(fmt.Sprintf(`IF(%[2]s=0,"–",%[1]s/%[2]s)`, difference, of))
}

// regionSums adds the classes up by currency and region, the largest difference first.
func (f *finance) regionSums() []classSum {
	var lines []classSum
	for _, c := range f.settled.classes {
		i := slices.IndexFunc(lines, func(l classSum) bool { return l.region == c.region && l.currency == c.currency })
		if i < 0 {
			i = len(lines)
			lines = append(lines, classSum{region: c.region, currency: c.currency})
		}
		lines[i].rows += c.rows
		lines[i].ours, lines[i].theirs = lines[i].ours.Add(c.ours), lines[i].theirs.Add(c.theirs)
	}
	slices.SortFunc(lines, func(a, b classSum) int {
		return cmp.Or(f.rank(a.currency)-f.rank(b.currency), b.difference().Abs().Cmp(a.difference().Abs()), strings.Compare(a.region, b.region))
	})
	return lines
}

// pareto draws the open classes by how many rows they have, and how much of all they make up together.
func (f *finance) pareto(p *page, col int) {
	counts := map[string]int64{}
	var total int64
	for key, e := range f.settled.exceptions {
		if classOf(key.class).open {
			counts[key.class] += e.rows
			total += e.rows
		}
	}
	if total == 0 {
		p.note(col, "No exception is for somebody to settle")
		return
	}
	names := sortedKeys(counts)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	first, feeder := p.row+2, p.across+12 // beside the waterfalls' columns
	var sum int64
	for i, name := range names {
		sum += counts[name]
		p.Set(Ref{feeder, first + i}, T(name).As(Feeder))
		p.Set(Ref{feeder + 1, first + i}, N(counts[name]).As(Feeder).By(f.places.exceptions.count(condition{rowClass, literal(name)})))
		so := fmt.Sprintf("SUM(%s:%s)", Ref{feeder + 1, first}.Fixed(), Ref{feeder + 1, first + i})
		all := fmt.Sprintf("SUM(%s:%s)", Ref{feeder + 1, first}.Fixed(), Ref{feeder + 1, first + len(names) - 1}.Fixed())
		p.Set(Ref{feeder + 2, first + i}, F(float64(sum)/float64(total), Share).As(Feeder).By(so+"/"+all))
	}
	area := func(i int) Area {
		return p.Area(Ref{feeder + i, first}, Ref{feeder + i, first + len(names) - 1})
	}
	share := 100 * float64(counts[names[0]]) / float64(total)
	p.figures(11, figure{finding: fmt.Sprintf("%.0f%% of open exceptions are of the class “%s”", share, names[0]), caption: "Rows by class (bars) and their share of all together (line, right axis)", col: col, span: p.across - col + 1,
		chart: Chart{Level: true, Format: Count, Second: Share, SecondMax: 1, Categories: area(0), Alt: "Open exceptions by class, and their cumulative share",
			Series: []Series{{Name: "Rows", Color: slate, Values: area(1), End: true}, {Name: "Share of all so far", Color: orange, Mark: Line, Values: area(2), Second: true}}}})
}

package finance

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
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
func (f *finance) reconciliationSheet(p *page.Page) {
	p.Tab = xlsx.Teal
	p.Headline(f.differenceSentence())
	p.Skip(1)
	f.classTable(p)
	f.noteUnpriced(p, f.settled.unpricedAll())
	p.Skip(1)
	var blocks []int
	for i, currency := range f.billed() {
		blocks = append(blocks, p.Row)
		f.bridgeTable(p, i, currency)
		p.Skip(1)
	}
	blocks = append(blocks, p.Row)
	f.regionDifferences(p)
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
	if p.OnePage = p.Pages() < 1.6; !p.OnePage { // a chart that a page ends in says little
		p.Paginate(blocks)
	}
}

// billed are the currencies that either side has amounts in.
func (f *finance) billed() []string {
	own := f.settled.currencies()
	return slices.DeleteFunc(slices.Clone(f.priced), func(c string) bool { return !slices.Contains(own, c) })
}

// classTable writes a line for every class and currency.
func (f *finance) classTable(p *page.Page) {
	p.Section("1  Rows by class", "Every call that the contract's reading bills, and every line of the statement, stands in exactly one row. Live counts over the sheets Exceptions"+map[bool]string{true: " and Lines", false: ""}[f.rowsInside()]+". Open: rows whose status is still open. In no row: "+f.unlisted()+".")
	t := p.Table(page.Column{Head: "Class", Span: 1, Format: xlsx.General}, page.Column{Head: "Currency", Span: 1, Format: xlsx.Literal}, page.Column{Head: "Rows", Span: 1, Format: xlsx.Count}, page.Column{Head: "Our calls", Span: 1, Format: xlsx.Count}, page.Column{Head: "Their calls", Span: 1, Format: xlsx.Count}, page.Column{Head: "Ours", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Theirs", Span: 1, Format: xlsx.Amount2},
		page.Column{Head: "Difference", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Share of rows", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Open", Span: 1, Format: xlsx.Count}, page.Column{Head: "Meaning", Span: 3, Format: xlsx.General})
	f.places.classes = t
	all := f.settled.total(func(classSum) bool { return true })
	lines := f.classLines()
	end := p.Row + len(lines)
	for _, l := range lines {
		t.Add(f.classCells(t, l, all.rows, end)...)
	}
	open := f.settled.open()
	cells := []xlsx.Cell{xlsx.T("All rows"), {}, xlsx.N(all.rows), xlsx.N(all.ourCalls), xlsx.N(all.theirCalls), {}, {}, {}, xlsx.F(1, xlsx.Rate), xlsx.N(open), {}}
	for _, col := range []int{classRows, classOurCalls, classTheirCalls, classOpen} {
		if t.Rows > 0 {
			cells[col] = cells[col].By(xlsx.Sum(page.Local(t.Area(col))))
		}
	}
	if all.rows == 0 {
		cells[classShare] = page.None()
	}
	t.Total(cells...)
	for _, currency := range f.billed() {
		s := f.settled.in(currency)
		t.Total(xlsx.T("Amount in "+currency), xlsx.Outside(currency), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.D(s.ours.String(), xlsx.Amount2).By(columnTotal(t, classOurs, classCurrency, currency)), xlsx.D(s.theirs.String(), xlsx.Amount2).By(columnTotal(t, classTheirs, classCurrency, currency)),
			difference(s.difference(), xlsx.Amount2, t.Ref(classTheirs)+"-"+t.Ref(classOurs)), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{})
	}
}

// unlisted are the calls that no row is about.
func (f *finance) unlisted() string {
	text := page.Plural(f.settled.Free, "call", "calls") + " that cost nothing on either side"
	if n := f.settled.Elsewhere; n > 0 {
		text += fmt.Sprintf(", and %s at endpoints without a statement", page.Plural(n, "billable call", "billable calls"))
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
	order := func(c billing.Class) int { return slices.Index(billing.ClassNames(), c) }
	slices.SortFunc(lines, func(a, b classSum) int {
		return cmp.Or(f.rank(a.currency)-f.rank(b.currency), order(a.class)-order(b.class), cmp.Compare(a.class, b.class))
	})
	return lines
}

func (f *finance) classCells(t *page.Table, l classSum, rows int64, end int) []xlsx.Cell {
	list, open := f.places.exceptions, int64(0)
	if l.class == billing.Matched {
		list = f.places.lines // nil when the lines stand in a file of their own
	}
	if e := f.settled.exceptions[findingKey{l.class, l.currency}]; e != nil {
		open = e.open
	}
	same := []condition{{rowClass, literal(string(l.class))}, {rowCurrency, literal(l.currency)}}
	by := func(c xlsx.Cell, formula func(*longList) string) xlsx.Cell {
		if list == nil {
			return c
		}
		return c.By(formula(list))
	}
	sumOf := func(col int) func(*longList) string {
		return func(list *longList) string { return list.sum(col, same...) }
	}
	d := difference(l.difference(), xlsx.Amount2, t.Ref(classTheirs)+"-"+t.Ref(classOurs))
	if !l.difference().IsZero() {
		d = d.As(xlsx.Strong)
	}
	share := xlsx.F(float64(l.rows)/float64(rows), xlsx.Rate).By(fmt.Sprintf("%s/%s", t.Ref(classRows), xlsx.Ref{Col: t.At[classRows] + 1, Row: end}.Fixed()))
	openCell := page.Odd(open, true)
	if l.class != billing.Matched {
		openCell = openCell.By(f.places.exceptions.count(append(same, condition{exceptionStatus, literal(StatusOpen)})...))
	}
	return []xlsx.Cell{xlsx.T(string(l.class)), xlsx.Outside(l.currency), by(xlsx.N(l.rows), func(list *longList) string { return list.count(same...) }), by(xlsx.N(l.ourCalls), sumOf(rowOurCalls)), by(xlsx.N(l.theirCalls), sumOf(rowTheirCalls)),
		by(xlsx.D(l.ours.String(), xlsx.Amount2), sumOf(rowOurs)), by(xlsx.D(l.theirs.String(), xlsx.Amount2), sumOf(rowTheirs)), d, share, openCell, xlsx.T(textOf(l.class).meaning).As(xlsx.Quiet)}
}

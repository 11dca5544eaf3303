package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
	f.noteUnpriced(p, f.settled.unpricedAll())
	p.skip(1)
	var blocks []int
	for i, currency := range f.billed() {
		blocks = append(blocks, p.row)
		f.bridgeTable(p, i, currency)
		p.skip(1)
	}
	blocks = append(blocks, p.row)
	f.regionDifferences(p)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	if p.OnePage = p.pages() < 1.6; !p.OnePage { // a chart that a page ends in says little
		p.paginate(blocks)
	}
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

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

// reconciliationRefs are the table of classes and, by currency, the steps from our amount to theirs.
type reconciliationRefs struct {
	classes    *page.Table
	bridges    map[string]bridgeSum
	waterfalls map[string]waterfall
}

// total is the cell of a column in the n-th currency's total.
func (r reconciliationRefs) total(col, n int) string {
	return r.classes.CellRef(col, r.classes.Rows+1+n)
}

type reconciliationSheet struct {
	*Data
	rowRefs
}

// writeReconciliation writes what became of every row, the way from our amount to theirs, and where the exceptions are.
// Without a statement there is no such sheet.
func writeReconciliation(book *xlsx.Workbook, d *Data, rows rowRefs) (refs reconciliationRefs) {
	if d.reconciled == nil {
		return refs
	}
	p := page.New(book, "Reconciliation", "Reconciliation with the vendor's statement",
		d.sent()+" · "+d.reconciled.against()+" · difference = theirs − ours", 24, 10, 10, 11, 11, 13, 13, 13, 10, 9, 17, 17, 17)
	f := reconciliationSheet{d, rows}
	refs.bridges, refs.waterfalls = map[string]bridgeSum{}, map[string]waterfall{}
	p.Tab = xlsx.Teal
	p.Headline(f.reconciled.differenceSentence())
	p.Skip(1)
	refs.classes = f.classTable(p)
	f.currencies.noteUnpriced(p, f.reconciled.unpricedAll())
	p.Skip(1)
	var blocks []int
	for i, currency := range f.reconciled.billed {
		blocks = append(blocks, p.Row)
		refs.bridges[currency], refs.waterfalls[currency] = f.bridgeTable(p, i, currency)
		p.Skip(1)
	}
	blocks = append(blocks, p.Row)
	f.regionDifferences(p)
	p.PrintAll()
	if p.OnePage = p.Pages() < 1.6; !p.OnePage { // a chart that a page ends in says little
		p.Paginate(blocks)
	}
	return refs
}

// classTable writes a line for every class and currency.
func (f reconciliationSheet) classTable(p *page.Page) *page.Table {
	p.Section("1  Rows by class", "Every call that the contract's reading bills, and every line of the statement, stands in exactly one row. Live counts over the sheets Exceptions"+map[bool]string{true: " and Lines", false: ""}[f.reconciled.inside]+". Open: rows whose status is still open. In no row: "+f.unlisted()+".")
	t := p.Table(page.Col("Class", xlsx.General), page.Col("Currency", xlsx.Literal), page.Col("Rows", xlsx.Count), page.Col("Our calls", xlsx.Count), page.Col("Their calls", xlsx.Count), page.Col("Ours", xlsx.Amount2), page.Col("Theirs", xlsx.Amount2),
		page.Col("Difference", xlsx.Amount2), page.Col("Share of rows", xlsx.Rate), page.Col("Open", xlsx.Count), page.Wide("Meaning", 3, xlsx.General))
	all := f.reconciled.total(func(classSum) bool { return true })
	lines := f.classLines()
	end := p.Row + len(lines)
	for _, l := range lines {
		t.Add(f.classCells(t, l, all.rows, end)...)
	}
	open := f.reconciled.open()
	cells := []xlsx.Cell{xlsx.T("All rows"), {}, xlsx.N(all.rows), xlsx.N(all.ourCalls), xlsx.N(all.theirCalls), {}, {}, {}, xlsx.F(1, xlsx.Rate), xlsx.N(open), {}}
	t.SumUp(cells, classRows, classOurCalls, classTheirCalls, classOpen)
	if all.rows == 0 {
		cells[classShare] = page.None()
	}
	t.Total(cells...)
	for _, currency := range f.reconciled.billed {
		s := f.reconciled.in(currency)
		t.Total(xlsx.T("Amount in "+currency), xlsx.Outside(currency), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.D(s.ours.String(), xlsx.Amount2).By(columnTotal(t, classOurs, classCurrency, currency)), xlsx.D(s.theirs.String(), xlsx.Amount2).By(columnTotal(t, classTheirs, classCurrency, currency)),
			difference(s.difference(), xlsx.Amount2, t.Ref(classTheirs)+"-"+t.Ref(classOurs)), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{})
	}
	return t
}

// unlisted are the calls that no row is about.
func (f reconciliationSheet) unlisted() string {
	text := page.Plural(f.reconciled.Free, "call", "calls") + " that cost nothing on either side"
	if n := f.reconciled.Elsewhere; n > 0 {
		text += fmt.Sprintf(", and %s at endpoints without a statement", page.Plural(n, "billable call", "billable calls"))
	}
	return text
}

// classLines adds the classes up over endpoints and regions, in their order.
func (f reconciliationSheet) classLines() []classSum {
	var lines []classSum
	for _, c := range f.reconciled.classes {
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
		return cmp.Or(f.currencies.rank(a.currency)-f.currencies.rank(b.currency), order(a.class)-order(b.class), cmp.Compare(a.class, b.class))
	})
	return lines
}

func (f reconciliationSheet) classCells(t *page.Table, l classSum, rows int64, end int) []xlsx.Cell {
	list, open := f.exceptions, int64(0)
	if l.class == billing.Matched {
		list = f.lines // nil when the lines stand in a file of their own
	}
	if e := f.reconciled.exceptions[findingKey{l.class, l.currency}]; e != nil {
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
		openCell = openCell.By(f.exceptions.count(append(same, condition{exceptionStatus, literal(StatusOpen)})...))
	}
	return []xlsx.Cell{xlsx.T(string(l.class)), xlsx.Outside(l.currency), by(xlsx.N(l.rows), func(list *longList) string { return list.count(same...) }), by(xlsx.N(l.ourCalls), sumOf(rowOurCalls)), by(xlsx.N(l.theirCalls), sumOf(rowTheirCalls)),
		by(xlsx.D(l.ours.String(), xlsx.Amount2), sumOf(rowOurs)), by(xlsx.D(l.theirs.String(), xlsx.Amount2), sumOf(rowTheirs)), d, share, openCell, xlsx.T(textOf(l.class).meaning).As(xlsx.Quiet)}
}

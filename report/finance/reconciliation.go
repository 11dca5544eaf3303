package finance

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
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

// reconciliationRefs holds the table of classes and, by currency, the steps from our amount to theirs.
type reconciliationRefs struct {
	classes    *page.Table
	bridges    map[string]bridgeSum
	waterfalls map[string]waterfall
	invoices   *page.Table // nil: one is paid, by its bridge

	firstInvoice map[string]int // row of invoices, from 0, by currency
}

// total returns the cell of a column in the n-th currency's total.
func (r reconciliationRefs) total(col, n int) string {
	return r.classes.CellRef(col, r.classes.Rows+1+n)
}

type reconciliationSheet struct {
	*figures.Data
	rowRefs
}

// writeReconciliation writes what became of every row, the way from our amount to theirs, and where the exceptions are.
// Without a statement there is no such sheet.
func writeReconciliation(book *xlsx.Workbook, d *figures.Data, rows rowRefs) (refs reconciliationRefs) {
	if d.Reconciled == nil {
		return refs
	}
	p := page.New(book, "Reconciliation", "Reconciliation with the vendor's statement",
		d.Sent()+" · "+d.Reconciled.Against()+" · difference = theirs − ours", 24, 10, 10, 11, 11, 13, 13, 13, 10,
		9,
		17, 17, 17)
	f := reconciliationSheet{d, rows}
	refs.bridges, refs.waterfalls = map[string]bridgeSum{}, map[string]waterfall{}
	p.Tab = xlsx.Teal
	p.Headline(f.Reconciled.DifferenceSentence())
	p.Skip(1)
	refs.classes = f.classTable(p)
	noteUnpriced(p, f.Currencies, f.Reconciled.UnpricedAll())
	p.Skip(1)
	for i, currency := range f.Reconciled.Billed {
		refs.bridges[currency], refs.waterfalls[currency] = f.bridgeTable(p, i, currency)
		p.Skip(1)
	}
	invoiceTable{f}.write(p, &refs)
	f.regionDifferences(p)
	if len(f.Reconciled.PaidTwice) > 0 {
		f.paidTwice(p)
	}
	p.OnePage = p.Pages() < 1.6
	p.PrintAll()
	return refs
}

// classTable writes a line for every class and currency.
func (f reconciliationSheet) classTable(p *page.Page) *page.Table {
	p.Section("1  Rows by class", "Every call that the contract's reading bills, and every line of the statement, "+
		"stands in exactly one row. Live counts over the sheets Exceptions"+map[bool]string{true: " and Lines",
		false: ""}[f.Reconciled.Inside]+". Open: rows whose status is still open. In no row: "+f.unlisted()+".")
	t := p.Table(page.Col("Class", xlsx.General), page.Col("Currency", xlsx.Literal), page.Col("Rows", xlsx.Count),
		page.Col("Our calls", xlsx.Count), page.Col("Their calls", xlsx.Count), page.Col("Ours", xlsx.Amount2),
		page.Col("Theirs", xlsx.Amount2),
		page.Col("Difference", xlsx.Amount2), page.Col("Share of rows", xlsx.Rate), page.Col("Open", xlsx.Count),
		page.Wide("Meaning", 3, xlsx.General))
	all := f.Reconciled.Total(func(figures.ClassSum) bool { return true })
	lines := f.classLines()
	end := p.Row + len(lines)
	for _, l := range lines {
		t.Add(f.classCells(t, l, all.Rows, end)...)
	}
	open := f.Reconciled.Open()
	cells := []xlsx.Cell{xlsx.T("All rows"), {}, xlsx.N(all.Rows), xlsx.N(all.OurCalls), xlsx.N(all.TheirCalls), {}, {},
		{}, xlsx.F(1, xlsx.Rate), xlsx.N(open), {}}
	t.SumUp(cells, classRows, classOurCalls, classTheirCalls, classOpen)
	if all.Rows == 0 {
		cells[classShare] = page.None()
	}
	t.Total(cells...)
	for _, currency := range f.Reconciled.Billed {
		s := f.Reconciled.In(currency)
		t.Total(xlsx.T("Amount in "+currency), xlsx.Untrusted(currency), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{},
			cents(s.Ours).WithFormula(columnTotal(t, classOurs, classCurrency, currency)),
			cents(s.Theirs).WithFormula(columnTotal(t, classTheirs, classCurrency, currency)),
			difference(s.Difference(), xlsx.Amount2, t.Ref(classTheirs)+"-"+t.Ref(classOurs)), xlsx.Cell{}, xlsx.Cell{},
			xlsx.Cell{})
	}
	return t
}

// unlisted returns the calls that no row is about.
func (f reconciliationSheet) unlisted() string {
	text := page.Plural(f.Reconciled.Free, "call", "calls") + " that cost nothing on either side"
	if n := f.Reconciled.Elsewhere; n > 0 {
		text += fmt.Sprintf(", and %s at endpoints without a statement",
			page.Plural(n, "billable call", "billable calls"))
	}
	return text
}

// classLines adds the classes up over endpoints and regions, in their order.
func (f reconciliationSheet) classLines() []figures.ClassSum {
	var lines []figures.ClassSum
	for _, c := range f.Reconciled.Classes {
		i := slices.IndexFunc(lines,
			func(l figures.ClassSum) bool { return l.Class == c.Class && l.Currency == c.Currency })
		if i < 0 {
			i = len(lines)
			lines = append(lines, figures.ClassSum{Class: c.Class, Currency: c.Currency})
		}
		l := &lines[i]
		l.Rows, l.OurCalls, l.TheirCalls = l.Rows+c.Rows, l.OurCalls+c.OurCalls, l.TheirCalls+c.TheirCalls
		l.Ours, l.Theirs = l.Ours.Add(c.Ours), l.Theirs.Add(c.Theirs)
	}
	order := func(c billing.Class) int { return slices.Index(billing.ClassNames(), c) }
	slices.SortFunc(lines, func(a, b figures.ClassSum) int {
		return cmp.Or(f.Currencies.Rank(a.Currency)-f.Currencies.Rank(b.Currency), order(a.Class)-order(b.Class),
			cmp.Compare(a.Class, b.Class))
	})
	return lines
}

func (f reconciliationSheet) classCells(t *page.Table, l figures.ClassSum, rows int64, end int) []xlsx.Cell {
	list, open := f.exceptions, int64(0)
	if l.Class == billing.Matched {
		list = f.lines // nil when the lines stand in a file of their own
	}
	if e := f.Reconciled.Exceptions[figures.FindingKey{Class: l.Class, Currency: l.Currency}]; e != nil {
		open = e.Open
	}
	same := []condition{{rowClass, literal(string(l.Class))}, {rowCurrency, literal(l.Currency)}}
	by := func(c xlsx.Cell, formula func(*longList) string) xlsx.Cell {
		if list == nil {
			return c
		}
		return c.WithFormula(formula(list))
	}
	sumOf := func(col int) func(*longList) string {
		return func(list *longList) string { return list.sum(col, same...) }
	}
	d := difference(l.Difference(), xlsx.Amount2, t.Ref(classTheirs)+"-"+t.Ref(classOurs))
	if !l.Difference().IsZero() {
		d = d.WithRole(xlsx.Strong)
	}
	share := xlsx.F(float64(l.Rows)/float64(rows),
		xlsx.Rate).WithFormula(fmt.Sprintf("%s/%s", t.Ref(classRows), xlsx.Ref{Col: t.At[classRows] + 1,
		Row: end}.Fixed()))
	openCell := page.Odd(open, true)
	if l.Class != billing.Matched {
		openCell = openCell.WithFormula(f.exceptions.count(append(same, condition{rowStatus, literal(StatusOpen)})...))
	}
	return []xlsx.Cell{xlsx.T(string(l.Class)), xlsx.Untrusted(l.Currency),
		by(xlsx.N(l.Rows), func(list *longList) string { return list.count(same...) }),
		by(xlsx.N(l.OurCalls), sumOf(rowOurCalls)), by(xlsx.N(l.TheirCalls), sumOf(rowTheirCalls)),
		by(cents(l.Ours), sumOf(rowOurs)), by(cents(l.Theirs), sumOf(rowTheirs)), d, share, openCell,
		xlsx.T(textOf(l.Class).meaning).WithRole(xlsx.Quiet)}
}

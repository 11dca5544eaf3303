package finance

import (
	"fmt"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
)

type followUpSheet struct{ *figures.Data }

// writeFollowUp writes what goes on from month to month: how old what is open and disputed is, and what was worked and
// is no exception any more. Where there is nothing of it there is no such sheet.
func writeFollowUp(book *xlsx.Workbook, d *figures.Data) {
	if d.Reconciled == nil || len(d.Reconciled.Ageing)+len(d.Reconciled.Worked.Lapsed) == 0 {
		return
	}
	f := followUpSheet{d}
	p := page.New(book, "Follow-up", "Follow-up over months",
		"Exceptions that are open or disputed, of "+d.Period.Label+
			" and the months before it · by the decisions that were read back",
		16, 10, 10, 10, 14, 12, 12, 12, 12, 14, 12)
	p.Tab = xlsx.Amber
	p.Headline(f.headline())
	p.Skip(1)
	f.ageing(p)
	f.lapsed(p)
	p.PrintAll()
}

func (f followUpSheet) headline() string {
	var open, disputed int64
	months := map[string]bool{}
	for _, o := range f.Reconciled.Ageing {
		open, disputed = open+o.Open, disputed+o.Disputed
		months[o.Month] = true
	}
	if open+disputed == 0 {
		return "Nothing is open or disputed"
	}
	return fmt.Sprintf("%s open and %s disputed, of %s", page.Plural(open, "exception is", "exceptions are"),
		page.Plural(disputed, "is", "are"), page.Plural(int64(len(months)), "month", "months"))
}

// ageing counts what is open or disputed by month and age.
func (f followUpSheet) ageing(p *page.Page) {
	p.Section("1  Open and disputed, by month and age",
		"Age: days since the call was sent, or was charged. At issue: above our records, neither accepted nor paid "+
			"back (Disputes). Counts of this month are those of the last reading of a workbook.")
	columns := []page.Column{page.Col("Month", xlsx.Literal), page.Col("Currency", xlsx.Literal),
		page.Col("Open", xlsx.Count), page.Col("Disputed", xlsx.Count), page.Col("At issue", xlsx.Amount2)}
	for _, name := range figures.AgeNames() {
		columns = append(columns, page.Col(name, xlsx.Count))
	}
	t := p.Table(append(columns, page.Col("Oldest, days", xlsx.Count))...)
	total := []xlsx.Cell{xlsx.T("All"), {}, xlsx.N(0), xlsx.N(0), {}}
	var sums [2 + figures.AgeBuckets]int64
	for _, o := range f.Reconciled.Ageing {
		cells := []xlsx.Cell{xlsx.T(o.Month).WithFormat(xlsx.Literal), xlsx.Untrusted(o.Currency), xlsx.N(o.Open),
			xlsx.N(o.Disputed),
			cents(o.AtIssue)}
		sums[0], sums[1] = sums[0]+o.Open, sums[1]+o.Disputed
		for i, n := range o.Ages {
			cells = append(cells, xlsx.N(n))
			sums[2+i] += n
		}
		t.Add(append(cells, xlsx.N(o.Oldest))...)
	}
	total[2], total[3] = xlsx.N(sums[0]), xlsx.N(sums[1])
	for i := range figures.AgeBuckets {
		total = append(total, xlsx.N(sums[2+i]))
	}
	t.SumUp(total, 2, 3, 5, 6, 7, 8, 9)
	t.Total(append(total, xlsx.Cell{})...)
	p.Skip(1)
}

// lapsed lists what was worked and is no exception any more.
func (f followUpSheet) lapsed(p *page.Page) {
	all := f.Reconciled.Worked.Lapsed
	if len(all) == 0 {
		return
	}
	p.Section("2  Lapsed", "Rows that were worked and are no exceptions any more: a line was withdrawn, corrected or "+
		"matched since. What was decided of them stands in no sum.")
	t := p.Table(page.Wide("Class", 2, xlsx.General), page.Wide("Transaction", 2, xlsx.Literal),
		page.Col("At issue", xlsx.Amount2), page.Col("Currency", xlsx.Literal), page.Col("Status", xlsx.General),
		page.Col("Decided", xlsx.Date), page.Col("Owner", xlsx.General), page.Wide("Comment", 2, xlsx.General))
	const most = 200
	for _, w := range all[:min(len(all), most)] {
		t.Add(xlsx.T(w.Class), xlsx.Untrusted(w.TransactionID), cents(worked.Amount(w.Issue)),
			xlsx.Untrusted(w.Currency),
			xlsx.T(w.Status), xlsx.At(w.DecidedAt, f.Period.Zone), xlsx.Untrusted(w.Owner), xlsx.Untrusted(w.Comment))
	}
	if more := len(all) - most; more > 0 {
		p.Prose(xlsx.T(fmt.Sprintf("And %d more.", more)))
	}
}

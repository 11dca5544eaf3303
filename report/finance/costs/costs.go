// Package costs writes the sheet Costs: what the calls of each list cost, and those of each value of a column of the
// lists.
package costs

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// Figure names a column of the ledger.
type Figure int

// The columns that checks add up.
const (
	Calls Figure = iota
	Billable
	Amount
)

// Sheets writes the sheet into a workbook.
type Sheets struct {
	*figures.Data
	Book *xlsx.Workbook
	Sum  func(of Figure, kind, currency string) string // over the ledger, of all kinds and currencies where "" is said
}

// mostShown bounds the lines of a table in each currency; the others have one line together.
const mostShown = 25

// The columns of the tables.
const (
	columnName = iota
	columnCurrency
	columnCalls
	columnPay
	columnBillable
	columnAmount
	columnShare
)

// Tables holds the tables of the sheet, by list and by each column that is kept.
type Tables []table

type table struct {
	*page.Table
	by    string
	lines []figures.CostLine
}

// Write writes the sheet.
func (s Sheets) Write() Tables {
	lines := figures.CostsBy(s.Data, figures.ByList, mostShown)
	p := page.New(s.Book, "Costs", "Costs: by list and by what its rows say", s.Sent()+
		" · amounts as on the sheet Ledger, without tax and credits", 54, 11, 13, 13, 13, 18, 11)
	p.Tab = xlsx.Navy
	p.Headline(s.headline(lines))
	all := Tables{s.table(p, 1, "list", "Live checks against the sheet Ledger. IDs that several lists name belong "+
		"to the list that brought them first; calls that asked again, by hand too, and those in doubt count "+
		"there. Not of calls: monthly minimums and adjustments of tiers. Share: of the currency's amount. "+
		s.columnsText(), lines)}
	for i, name := range s.Keep {
		p.Skip(1)
		shown := label(name)
		caption := "The column " + shown + " of the lists, as [input] keep names it. No value: rows without one, and " +
			"rows whose columns were erased."
		if s.Costs.Full[i] {
			caption = fmt.Sprintf("The column %s has more than %d different values: such a column names persons or "+
				"checks, and its values are not told apart.", shown, page.MostValues)
		}
		all = append(all, s.table(p, i+2, shown, caption, figures.CostsBy(s.Data, i, mostShown)))
	}
	p.PrintAll()
	return all
}

// columnsText words which columns of the lists the sheet shows.
func (s Sheets) columnsText() string {
	if len(s.Keep) == 0 {
		return "No column of the lists is shown: [input] keep names none."
	}
	var names []string
	for _, name := range s.Keep {
		names = append(names, label(name))
	}
	return "Of the lists' columns [input] keep names " + page.List(names) + "; no other is shown, and no ID."
}

// label returns a name of others as the sheet shows it.
func label(text string) string { return page.Shortened(xlsx.Visible(text), 80) }

// headline names the dearest list.
func (s Sheets) headline(lines []figures.CostLine) string {
	var lists int64
	for _, l := range lines {
		if l.Currency == lines[0].Currency && l.What <= figures.CostOthers {
			lists += max(1, l.Folded)
		}
	}
	switch {
	case s.Ledger.All.Calls() == 0 || lists == 0:
		return "No call was sent in this period"
	case lines[0].Currency == page.NoValue || lines[0].Amount.IsZero():
		return fmt.Sprintf("%s of %s; most are of %s: %d", page.Plural(s.Ledger.All.Calls(), "call", "calls"),
			page.Plural(lists, "list", "lists"), label(lines[0].Name), lines[0].Calls())
	}
	total := s.Ledger.Total(lines[0].Currency)
	return fmt.Sprintf("%s %s for %s; the dearest is %s: %s, %.1f%%", xlsx.Visible(lines[0].Currency),
		page.Money(total), page.Plural(lists, "list", "lists"), label(lines[0].Name), page.Money(lines[0].Amount),
		100*share(lines[0].Amount, total))
}

func share(part, total decimal.Decimal) float64 { return part.Div(total).InexactFloat64() }

func (s Sheets) table(p *page.Page, number int, by, caption string, lines []figures.CostLine) table {
	p.Section(fmt.Sprintf("%d  By %s", number, by), caption)
	t := p.Table(page.Col(strings.ToUpper(by[:1])+by[1:], xlsx.Literal), page.Col("Currency", xlsx.Literal),
		page.Col("Calls", xlsx.Count), page.Col("PAY", xlsx.Count), page.Col("Billable", xlsx.Count),
		page.Col("Amount", xlsx.Amount2), page.Col("Share", xlsx.Share))
	for _, l := range lines {
		t.Add(nameCell(l, by), xlsx.Untrusted(l.Currency), xlsx.N(l.Calls()), xlsx.N(l.Pay), xlsx.N(l.Billable),
			amountCell(l.Amount, l.Currency), s.shareCell(t, l))
	}
	s.totals(t, "All "+map[bool]string{true: "lists", false: "values"}[number == 1])
	return table{t, by, lines}
}

// nameCell returns the name of a line; what is no name is set quietly.
func nameCell(l figures.CostLine, by string) xlsx.Cell {
	switch l.What {
	case figures.CostOthers:
		return xlsx.T(page.Plural(l.Folded, "other", "others")).WithRole(xlsx.Quiet)
	case figures.CostUnnamed:
		if by == "list" {
			return xlsx.T("list not known").WithRole(xlsx.Quiet)
		}
		return xlsx.T("no value").WithRole(xlsx.Quiet)
	case figures.CostOfNone:
		return xlsx.T("not of calls").WithRole(xlsx.Quiet)
	}
	return xlsx.Untrusted(label(l.Name))
}

// amountCell returns an amount in a currency; what has no price has none.
func amountCell(amount decimal.Decimal, currency string) xlsx.Cell {
	if currency == page.NoValue {
		return page.None()
	}
	return page.Cents(amount)
}

func (s Sheets) shareCell(t *page.Table, l figures.CostLine) xlsx.Cell {
	total := s.Ledger.Total(l.Currency)
	if l.Currency == page.NoValue || total.IsZero() {
		return page.None()
	}
	return xlsx.F(share(l.Amount, total), xlsx.Share).
		WithFormula(t.Ref(columnAmount) + "/" + s.Sum(Amount, "", l.Currency))
}

// totals ends a table: one row for the counts, and one for the amount of each currency; with a single currency they are
// one.
func (s Sheets) totals(t *page.Table, name string) {
	row := func(label, currency string, counts bool) {
		cells := make([]xlsx.Cell, len(t.Cols))
		cells[columnName] = xlsx.T(label)
		if counts {
			all := s.Ledger.All
			cells[columnCalls], cells[columnPay], cells[columnBillable] = xlsx.N(all.Calls()), xlsx.N(all.Pay),
				xlsx.N(all.Billable)
			t.SumUp(cells, columnCalls, columnPay, columnBillable)
		}
		if currency != "" {
			cells[columnCurrency] = xlsx.Untrusted(currency)
			cells[columnAmount] = page.Cents(s.Ledger.Total(currency)).
				WithFormula(page.ColumnTotal(t, columnAmount, columnCurrency, currency))
		}
		t.Total(cells...)
	}
	if len(s.Currencies) == 1 {
		row(name, s.Currencies[0], true)
		return
	}
	row(name, "", true)
	for _, currency := range s.Currencies {
		row("Amount in "+xlsx.Visible(currency), currency, false)
	}
}

// Check sets the tables beside the ledger, figure by figure.
func (s Sheets) Check(tables Tables, l *page.Checks) {
	for _, t := range tables {
		var all figures.Account
		amounts := map[string]decimal.Decimal{}
		for _, line := range t.lines {
			all.Merge(line.Account)
			amounts[line.Currency] = amounts[line.Currency].Add(line.Amount)
		}
		name := fmt.Sprintf(": by %s = ledger", t.by)
		l.Add("Costs, calls"+name, xlsx.N(all.Calls()).WithFormula(page.TableSum(t.Table, columnCalls)),
			xlsx.N(s.Ledger.All.Calls()).WithFormula(s.Sum(Calls, "", "")))
		l.Add("Costs, PAY"+name, xlsx.N(all.Pay).WithFormula(page.TableSum(t.Table, columnPay)),
			xlsx.N(s.Ledger.All.Pay).WithFormula(s.Sum(Calls, figures.KindPay, "")))
		l.Add("Costs, billable"+name, xlsx.N(all.Billable).WithFormula(page.TableSum(t.Table, columnBillable)),
			xlsx.N(s.Ledger.All.Billable).WithFormula(s.Sum(Billable, "", "")))
		for _, currency := range s.Currencies {
			formula := ""
			if t.Rows > 0 {
				formula = fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(columnAmount), t.Area(columnCurrency),
					page.Literal(currency))
			}
			l.Add("Costs, "+xlsx.Visible(currency)+name, page.Cents(amounts[currency]).WithFormula(formula),
				page.Cents(s.Ledger.Total(currency)).WithFormula(s.Sum(Amount, "", currency)))
		}
	}
}

// Terms returns the definitions of the sheet.
func Terms() []page.Definition {
	return []page.Definition{{Term: "Costs by list and value", Meaning: "Each call costs the unit price of its line " +
		"of the ledger, and counts for the list that brought its ID first, and for what that list's row says. Calls " +
		"of one quarter of an hour that reach into another price, as where a free quota ends, have the prices in " +
		"the order of their sources' first calls.", Source: "Sheet Costs; checks.list_id, checks.reference"}}
}

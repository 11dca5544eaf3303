package finance

import (
	"context"
	"fmt"
	"strings"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/snapshot"
)

// The columns of the list of doubts that sums refer to, from 0.
const (
	doubtEndpoint = 4
	doubtAge      = 7
	doubtState    = 8
)

func inDoubtWidths() []float64 {
	return []float64{15, 13, 13, 13, 13, 13, 21, 13, 13, 13, 22, 8, 24, 13, 21, 14}
}

// inDoubtRefs holds the tables of what is to pay at least and at most.
type inDoubtRefs struct{ calls, amounts *page.Table }

// open returns the cell of how many doubts are open.
func (r inDoubtRefs) open() string { return r.calls.CellRef(5, r.calls.Rows) }

type inDoubtSheet struct {
	*figures.Data
	ledgerRefs
	exceptions *longList
	list       *xlsx.List // of every call
}

// writeInDoubt writes what is owed at least and at most, how old open items are, and every doubt. No ID stands in it: a
// call's number leads to it in the database.
func writeInDoubt(ctx context.Context, book *xlsx.Workbook, d *figures.Data, ledger ledgerRefs,
	rows rowRefs) (refs inDoubtRefs) {
	p := page.New(book, "In doubt", "Calls in doubt", d.Sent()+
		" · calls that may have been charged without our knowing · liverecon explain ID tells a check's whole story",
		inDoubtWidths()...)
	list := &xlsx.List{Left: 1, Count: int(d.InDoubt.All.InDoubt())}
	f := inDoubtSheet{d, ledger, rows.exceptions, list}
	p.Tab = xlsx.Amber
	p.Headline(f.InDoubt.Headline())
	if f.InDoubt.All.Held > 0 {
		p.Prose(xlsx.T("▲ " + f.InDoubt.All.HeldIDs() + ": may have been paid for, once each at " +
			"most, in what an older copy of the database lost. " +
			"They count in what is to pay at most; lines of a statement that our records do not know bound them.").WithRole(xlsx.Alert))
	}
	if n := f.InDoubt.All.InFlight; n > 0 {
		p.Prose(xlsx.T("▲ A run is going on: " + page.Plural(n, "call in doubt is", "calls in doubt are") +
			" in flight. " + "Each counts as paid for once at most until its answer is there.").WithRole(xlsx.Alert))
	}
	p.Skip(1)
	first, merged := p.Row, p.Merged
	for range 2 { // the tables refer to the list below them: where it begins is known once they have been laid out
		p.Row, p.Merged = first, merged
		refs.calls = f.floorTable(p)
		refs.amounts = f.amountTable(p)
		f.ageTable(p)
		f.edgeTable(p)
		p.Section("5  Every call in doubt",
			"Oldest first. State: what a standing reconciliation showed. Age: whole days up to "+
				f.Generated.In(f.Period.Zone).Format("2006-01-02 15:04")+".")
		list.First = p.Row
	}
	zone, widths := f.Period.Zone, inDoubtWidths()
	list.Columns = []xlsx.ListColumn{page.ListCol("Call", xlsx.Literal, 0), page.ListCol("Check", xlsx.Literal, 0),
		page.ListCol("Attempt", xlsx.Count, 0), page.ListCol("Run", xlsx.Literal, 0),
		page.ListCol("Endpoint", xlsx.Literal, 0), page.ListCol("Region", xlsx.Literal, 0),
		page.ListCol("Sent at ("+zoneName(zone)+")", xlsx.Moment, 0),
		page.ListCol("Age, days", xlsx.Count, 0), page.ListCol("State", xlsx.Literal, 0),
		page.ListCol("Outcome", xlsx.Literal, 0), page.ListCol("Cause", xlsx.Literal, 0),
		page.ListCol("HTTP", xlsx.Literal, 0), page.ListCol("Code", xlsx.Literal, 0),
		page.ListCol("Pricing", xlsx.Literal, 0), page.ListCol("Transaction", xlsx.Literal, 0),
		page.ListCol("Check is now", xlsx.Literal, 0)}
	for i := range list.Columns {
		list.Columns[i].Width = widths[i]
	}
	list.Rows = func(yield func([]xlsx.Cell) error) error {
		return f.Snap.Calls().EachInDoubt(ctx, f.Period.From, f.Period.To,
			func(d snapshot.InDoubtCall) error { return yield(f.inDoubtCells(d)) })
	}
	p.List = list
	return refs
}

// floorTable sets what is owed at least beside what is owed at most.
func (f inDoubtSheet) floorTable(p *page.Page) *page.Table {
	note := "PAY ≤ the vendor's true count ≤ PAY + in doubt. Doubts that a statement shows count as billed, those that a " +
		"complete itemised statement does not show as not billed."
	if f.Basis != billing.PayTag {
		note += " Counted by tag: the contract's reading, " + string(f.Basis) + ", charges what the headline says."
	}
	p.Section("1  Floor and ceiling", note)
	columns, summed := []page.Column{page.Col("Endpoint", xlsx.Literal), page.Col("PAY", xlsx.Count),
		page.Col("In doubt", xlsx.Count), page.Col("Billed", xlsx.Count), page.Col("Not billed", xlsx.Count),
		page.Col("Still open", xlsx.Count),
		page.Col("To pay, at least", xlsx.Count), page.Col("To pay, at most", xlsx.Count)}, []int{1, 3, 4, 5}
	if f.InDoubt.All.Held > 0 {
		columns, summed = append(columns, page.Col("Of that held", xlsx.Count)), append(summed, floorHeld)
	}
	t := p.Table(columns...)
	for _, endpoint := range page.SortedKeys(f.InDoubt.Endpoints) {
		t.Add(f.floorCells(t, xlsx.T(endpoint), *f.InDoubt.Endpoints[endpoint], endpoint)...)
	}
	cells := f.floorCells(t, xlsx.T("All endpoints"), f.InDoubt.All, "")
	for _, col := range summed {
		cells[col].Formula = ""
	}
	t.SumUp(cells, summed...)
	t.Total(cells...)
	p.Skip(1)
	return t
}

func (f inDoubtSheet) floorCells(t *page.Table, name xlsx.Cell, c figures.InDoubtCount, endpoint string) []xlsx.Cell {
	state := func(n int64, name string) xlsx.Cell {
		if f.list.Count == 0 {
			return xlsx.N(n)
		}
		return xlsx.N(n).WithFormula(fmt.Sprintf("COUNTIFS(%s,%s,%s,%s)", f.list.Column(doubtEndpoint),
			literal(endpoint), f.list.Column(doubtState), literal(name)))
	}
	most, held := t.Ref(6)+"+"+t.Ref(5), []xlsx.Cell(nil)
	if f.InDoubt.All.Held > 0 {
		most, held = most+"+"+t.Ref(floorHeld), []xlsx.Cell{xlsx.N(c.Held)}
	}
	return append([]xlsx.Cell{name,
		xlsx.N(c.Pay).WithFormula(f.ledgerSum(ledgerCalls, where{ledgerEndpoint, literal(endpoint)},
			where{ledgerKind, literal(figures.KindPay)})),
		xlsx.N(c.InDoubt()).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(3), t.Ref(5))), state(c.Billed,
			figures.DoubtBilled),
		state(c.NotBilled, figures.DoubtNotBilled), state(c.Open, figures.DoubtOpen),
		xlsx.N(c.Least()).WithFormula(t.Ref(1) + "+" + t.Ref(3)), xlsx.N(c.Most()).WithFormula(most)}, held...)
}

// floorHeld holds the column of what is held, which is there where anything is.
const floorHeld = 8

// amountTable sets the amounts given beside each other, currency by currency.
func (f inDoubtSheet) amountTable(p *page.Page) *page.Table {
	p.Section("2  Amounts, at least and at most", f.amountCaption())
	t := p.Table(page.Col("Endpoint", xlsx.Literal), page.Wide("Region", 3, xlsx.General),
		page.Col("Currency", xlsx.Literal), page.Col("At least", xlsx.Amount2), page.Col("At most", xlsx.Amount2),
		page.Col(f.between(), xlsx.Amount2))
	for _, c := range f.Money {
		for _, a := range c.Lines {
			t.Add(xlsx.Untrusted(a.Endpoint), xlsx.T(regionNames(a.Region)), xlsx.Untrusted(a.Currency),
				xlsx.D(a.Floor, xlsx.Amount2), xlsx.D(a.Ceiling, xlsx.Amount2),
				between(t, xlsx.D(a.Floor, xlsx.Amount2), xlsx.D(a.Ceiling, xlsx.Amount2)))
		}
	}
	for _, c := range f.Money {
		floor, ceiling := cents(c.Floor), cents(c.Ceiling)
		t.Total(xlsx.T("Amount in "+xlsx.Visible(c.Name)), xlsx.Cell{}, xlsx.Untrusted(c.Name),
			floor.WithFormula(columnTotal(t, 3, 2, c.Name)), ceiling.WithFormula(columnTotal(t, 4, 2, c.Name)),
			between(t, floor, ceiling))
	}
	noteUnpriced(p, f.Currencies, f.Unpriced.Most)
	p.Skip(1)
	return t
}

func (f inDoubtSheet) amountCaption() string {
	if len(f.Money) == 0 {
		return capital(f.NoAmount()) + ": amounts stay empty."
	}
	held := ""
	if f.InDoubt.All.Held > 0 {
		held = " and every ID that is held, once"
		if f.InDoubt.All.Lost > 0 {
			held += ", and every call that is known to be lost, at the highest price"
		}
	}
	return "At the prices of the configuration. At least: calls tagged PAY. At most: those and every call in doubt" +
		held + ", before any statement. With tiers the two allow for what doubts use up, so the floor can be lower " +
		"than what the PAY calls cost by themselves."
}

// between heads what separates the most from the least.
func (f inDoubtSheet) between() string {
	if f.InDoubt.All.Held > 0 {
		return "In doubt, held"
	}
	return "In doubt"
}

// between returns the most less the least.
func between(t *page.Table, floor, ceiling xlsx.Cell) xlsx.Cell {
	return difference(ceiling.Amount().Sub(floor.Amount()), xlsx.Amount2, t.Ref(4)+"-"+t.Ref(3))
}

// regionNames names the regions that share a price.
func regionNames(codes string) string {
	var names []string
	for _, code := range strings.Split(codes, ", ") {
		names = append(names, regionName(code))
	}
	return strings.Join(names, ", ")
}

// ageTable counts the open items by age.
func (f inDoubtSheet) ageTable(p *page.Page) {
	p.Section("3  Age of open items", "Doubts without a resolution, and exceptions whose status on the sheet "+
		"Exceptions is open.")
	t := p.Table(page.Wide("Age", 2, xlsx.General), page.Col("First day", xlsx.Count), page.Col("Doubts", xlsx.Count),
		page.Col("Exceptions", xlsx.Count))
	var exceptions [figures.AgeBuckets]int64
	if f.Reconciled != nil {
		exceptions = f.Reconciled.Ages
	}
	doubts := &longList{sheets: []*xlsx.Sheet{{Name: p.Name, List: f.list}}}
	for i, name := range figures.AgeNames() {
		span := func(col int) []condition {
			all := []condition{{col, `">="&` + t.Ref(1)}}
			if i+1 < figures.AgeBuckets {
				all = append(all, condition{col, `"<"&` + xlsx.Ref{Col: t.At[1] + 1, Row: p.Row + 1}.String()})
			}
			return all
		}
		cells := []xlsx.Cell{xlsx.T(name), xlsx.N(figures.AgeFrom(i)),
			xlsx.N(f.InDoubt.Ages[i]).WithFormula(doubts.count(append(span(doubtAge),
				condition{doubtState, literal(figures.DoubtOpen)})...)), xlsx.N(exceptions[i])}
		if f.Reconciled != nil {
			cells[3] = cells[3].WithFormula(f.exceptions.count(append(span(rowAge),
				condition{rowStatus, literal(StatusOpen)})...))
		}
		t.Add(cells...)
	}
	var total int64
	for _, n := range exceptions {
		total += n
	}
	t.Total(xlsx.T("All"), xlsx.Cell{}, xlsx.N(f.InDoubt.All.Open).WithFormula(xlsx.Sum(page.Local(t.Area(2)))),
		xlsx.N(total).WithFormula(xlsx.Sum(page.Local(t.Area(3)))))
	p.Skip(1)
}

func (f inDoubtSheet) inDoubtCells(d snapshot.InDoubtCall) []xlsx.Cell {
	status := ""
	if d.HTTPStatus != 0 {
		status = fmt.Sprint(d.HTTPStatus)
	}
	return []xlsx.Cell{numberText(d.CallID), numberText(d.CheckID), xlsx.N(int64(d.Attempt)), numberText(d.RunID),
		xlsx.Untrusted(d.Endpoint), xlsx.Untrusted(d.Region), xlsx.At(d.At, f.Period.Zone),
		xlsx.N(figures.AgeDays(d.At, f.Generated)),
		xlsx.Untrusted(f.InDoubt.State(d.CallID)), xlsx.Untrusted(string(d.Outcome)), xlsx.Untrusted(d.Cause),
		xlsx.Untrusted(status), xlsx.Untrusted(d.Code), xlsx.Untrusted(d.Pricing), xlsx.Untrusted(d.TransactionID),
		xlsx.Untrusted(string(d.State))}
}

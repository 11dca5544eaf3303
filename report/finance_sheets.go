package report

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/store"
)

// billColumns are the columns of every table that counts calls by what they cost.
func billColumns() []column {
	return []column{{"PAY", 1, Count}, {"FREE", 1, Count}, {"Answered, cost unknown", 1, Count}, {"No answer", 1, Count}, {"Not sent", 1, Count}, {"Calls", 1, Count},
		{"To pay, at least", 1, Count}, {"To pay, at most", 1, Count}}
}

// billCells are a bill in those columns, the first of which is column number from.
func billCells(t *table, b bill, from int) []Cell {
	ref := func(i int) string { return t.ref(from + i) }
	return []Cell{N(b.pay), N(b.free), N(b.unknown), N(b.unanswered), N(b.unsent), N(b.calls()).By(fmt.Sprintf("SUM(%s:%s)", ref(0), ref(4))),
		N(b.pay).By(ref(0)), N(b.ceiling()).By(fmt.Sprintf("%s+%s+%s", ref(0), ref(2), ref(3)))}
}

// sumCells gives the first five columns of a bill the sums of their rows for a formula.
func sumCells(t *table, cells []Cell, from int) []Cell {
	if t.rows > 0 {
		for i := range 5 {
			cells[i] = cells[i].By(sum(local(t.area(from + i))))
		}
	}
	return cells
}

// codeSheet writes the calls by region and code, and by region.
func (f *finance) codeSheet() {
	p := newPage(f.book, "By region and code", "Calls by region and code", fmt.Sprintf("Calls sent %s · region of the list's row, not of the host · orange: PAY on a code other than SUCCESS", f.Period.describe()),
		20, 30, 11, 11, 12, 11, 11, 11, 12, 12)
	p.Tab = navy
	f.regionTable(p)
	p.skip(1)
	p.section("2  By region and code", "")
	t := p.table(append([]column{{"Region", 1, General}, {"Code", 1, Literal}}, billColumns()...)...)
	f.places.codes = t
	for _, l := range f.codes {
		cells := billCells(t, l.bill, 2)
		if l.bill.pay > 0 && l.code != success {
			cells[0] = cells[0].As(Alert)
		}
		t.add(append([]Cell{T(regionName(l.region)), Outside(l.code)}, cells...)...)
	}
	t.total(append([]Cell{T("All regions"), {}}, sumCells(t, billCells(t, f.all, 2), 2)...)...)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// regionTable adds up each region's lines below it; their rows stand together.
func (f *finance) regionTable(p *page) {
	p.section("1  By region", "Sums of the lines in table 2. At least: calls tagged PAY. At most: those and every call in doubt.")
	t := p.table(append([]column{{"Region", 2, General}}, billColumns()...)...)
	f.places.regions = t
	regions := f.regionBills()
	row := p.row + len(regions) + 1 + 1 + 1 + 1 // total, gap, section, header
	for _, g := range regions {
		cells := billCells(t, g.bill, 1)
		for i := range 5 {
			col := 4 + i
			cells[i] = cells[i].By(sum(Area{From: Ref{col, row}, To: Ref{col, row + g.lines - 1}}))
		}
		row += g.lines
		p.Set(Ref{p.across + 3, p.row}, T(shortName(g.region)).As(Feeder))
		t.add(append([]Cell{T(regionName(g.region))}, cells...)...)
	}
	t.total(append([]Cell{T("All regions")}, sumCells(t, billCells(t, f.all, 1), 1)...)...)
}

// regionBill is a region's calls and how many codes they came back with.
type regionBill struct {
	region string
	bill   bill
	lines  int
}

func (f *finance) regionBills() []regionBill {
	var all []regionBill
	for _, l := range f.codes {
		if len(all) == 0 || all[len(all)-1].region != l.region {
			all = append(all, regionBill{region: l.region})
		}
		g := &all[len(all)-1]
		g.lines++
		g.bill.plus(l.bill)
	}
	return all
}

// daySheet writes the calls by day.
func (f *finance) daySheet() {
	p := newPage(f.book, "By day", "Calls by day", fmt.Sprintf("Calls sent %s · a day begins at midnight of the report's zone", f.Period.describe()), 20, 13, 13, 13, 13, 13, 13, 13, 13)
	p.Tab = navy
	t := p.table(append([]column{{"Day", 1, General}}, billColumns()...)...)
	f.places.days = t
	for _, d := range f.days {
		t.add(append([]Cell{T(d.day.Label)}, billCells(t, d.bill, 1)...)...)
	}
	t.total(append([]Cell{T("All days")}, sumCells(t, billCells(t, f.all, 1), 1)...)...)
	p.Repeat = t.first - 1
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// amountSheet writes the amounts given, each currency by itself.
func (f *finance) amountSheet() {
	p := newPage(f.book, "Amounts", "Amounts by endpoint and region", fmt.Sprintf("Calls sent %s at the prices of the configuration · each currency by itself", f.Period.describe()), 20, 24, 14, 18, 18, 18)
	p.Tab = navy
	if len(f.money) == 0 {
		p.headline("No price is set: quantities are reported, amounts stay empty")
	}
	for _, c := range f.money {
		p.section(visible(c.name), "At least: calls tagged PAY. At most: those and every call in doubt.")
		t := p.table(column{"Endpoint", 1, Literal}, column{"Region", 1, General}, column{"Currency", 1, Literal}, column{"At least", 1, Amount4}, column{"At most", 1, Amount4}, column{"In doubt", 1, Amount4})
		for _, a := range c.lines {
			t.add(Outside(a.Endpoint), T(regionName(a.Region)), Outside(a.Currency), D(a.Floor, Amount4), D(a.Ceiling, Amount4), gap(t, a.Floor, a.Ceiling))
		}
		t.total(T("Sum"), Cell{}, Outside(c.name), D(c.floor.String(), Amount4).By(sum(local(t.area(3)))), D(c.ceiling.String(), Amount4).By(sum(local(t.area(4)))), gap(t, c.floor.String(), c.ceiling.String()))
		p.skip(1)
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// gap is what separates the most from the least.
func gap(t *table, floor, ceiling string) Cell {
	d := decimal.RequireFromString(ceiling).Sub(decimal.RequireFromString(floor)) // both were read before
	return D(d.String(), Amount4).By(t.ref(4) + "-" + t.ref(3))
}

// doubtSheet lists the calls in doubt. No ID stands in it: a call's number leads to it in the database.
func (f *finance) doubtSheet(ctx context.Context) {
	s := f.book.NewSheet("In doubt")
	s.Tab = amber
	s.Set(Ref{1, 2}, T("Calls in doubt").As(Title))
	text := fmt.Sprintf("%s may have been charged without our knowing, sent %s · liverecon explain ID tells a check's whole story", plural(f.all.doubt(), "call", "calls"), f.Period.describe())
	s.Set(Ref{1, 3}, T(text).As(Subtitle))
	s.Heights[2], s.Heights[3] = 26, 17
	zone := f.Period.Zone
	s.List = &List{First: 5, Count: int(f.all.doubt()), Columns: []ListColumn{{"Call", Literal, 12}, {"Check", Literal, 12}, {"Attempt", Count, 9}, {"Run", Literal, 9}, {"Endpoint", Literal, 12}, {"Region", Literal, 10},
		{"Sent at (" + zone.String() + ")", Moment, 26}, {"Outcome", Literal, 13}, {"Cause", Literal, 26}, {"HTTP", Literal, 8}, {"Code", Literal, 24}, {"Pricing", Literal, 12}, {"Transaction", Literal, 22}, {"Check is now", Literal, 14}},
		Rows: func(yield func([]Cell) error) error {
			return f.facts.EachDoubt(ctx, f.Period.From, f.Period.To, func(d store.DoubtCall) error { return yield(doubtCells(d, zone)) })
		}}
	s.Frozen, s.Repeat = 5, 5
}

func doubtCells(d store.DoubtCall, zone *time.Location) []Cell {
	status := ""
	if d.HTTPStatus != 0 {
		status = fmt.Sprint(d.HTTPStatus)
	}
	id := func(n int64) Cell { return Outside(fmt.Sprint(n)) }
	return []Cell{id(d.CallID), id(d.CheckID), N(int64(d.Attempt)), id(d.RunID), Outside(d.Endpoint), Outside(d.Region), At(d.At, zone), Outside(string(d.Outcome)), Outside(d.Cause),
		Outside(status), Outside(d.Code), Outside(d.Pricing), Outside(d.TransactionID), Outside(string(d.State))}
}

package report

import (
	"context"
	"fmt"
	"strings"

	"liverecon/store"
)

// What became of a call in doubt.
const (
	doubtOpen      = "open"
	doubtBilled    = "billed"
	doubtNotBilled = "not billed"
)

// doubts is the calls in doubt and what statements have shown about them.
type doubts struct {
	billed    map[int64]bool // settled calls
	endpoints map[string]*doubtCount
	all       doubtCount
	ages      [ageBuckets]int64 // of the open ones
	edges     []edgeLine
	held      int64                // IDs that may have been paid for in the period, in what the database lost
	may       map[readingKey]int64 // calls in doubt that a reading may bill
	once      map[int64]bool       // checks that distinct-id bills once at most, and that have been counted
}

type doubtCount struct{ pay, open, billed, notBilled int64 }

func (c doubtCount) doubts() int64 { return c.open + c.billed + c.notBilled }

func (c doubtCount) least() int64 { return c.pay + c.billed }

func (c doubtCount) most() int64 { return c.pay + c.billed + c.open }

func (c *doubtCount) count(state string) {
	switch state {
	case doubtBilled:
		c.billed++
	case doubtNotBilled:
		c.notBilled++
	default:
		c.open++
	}
}

func (d *doubts) state(call int64) string {
	billed, settled := d.billed[call]
	switch {
	case !settled:
		return doubtOpen
	case billed:
		return doubtBilled
	}
	return doubtNotBilled
}

// takeDoubts counts the doubts by endpoint, state and age, and the calls near the period's bounds.
func (f *finance) takeDoubts(ctx context.Context, rows []*priceRow) (err error) {
	d := &doubts{endpoints: map[string]*doubtCount{}, may: map[readingKey]int64{}, once: map[int64]bool{}}
	f.doubts = d
	if d.billed, err = f.facts.Resolved(ctx, f.Period.From, f.Period.To); err != nil {
		return err
	}
	at := func(endpoint string) *doubtCount {
		if d.endpoints[endpoint] == nil {
			d.endpoints[endpoint] = &doubtCount{}
		}
		return d.endpoints[endpoint]
	}
	for _, l := range f.ledger.lines {
		if l.kind == kindPay {
			at(l.endpoint).pay += l.calls
			d.all.pay += l.calls
		}
	}
	err = f.facts.EachDoubt(ctx, f.Period.From, f.Period.To, func(c store.DoubtCall) error {
		state := d.state(c.CallID)
		at(c.Endpoint).count(state)
		d.all.count(state)
		d.mayBill(c, state, lookup(rows, c.Endpoint, c.Region, c.At))
		if state == doubtOpen {
			d.ages[ageBucket(ageDays(c.At, f.Generated))]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	held, err := f.facts.Held(ctx)
	for _, h := range held {
		if h.LostFrom.Before(f.Period.To) && !h.LostUntil.Before(f.Period.From) {
			d.held += h.Checks
		}
	}
	if err != nil {
		return err
	}
	return f.takeEdges(ctx)
}

// The columns of the list of doubts that sums refer to, from 0.
const (
	doubtEndpoint = 4
	doubtAge      = 7
	doubtState    = 8
)

func doubtWidths() []float64 {
	return []float64{15, 13, 13, 13, 13, 13, 21, 13, 13, 13, 22, 8, 24, 13, 21, 14}
}

// doubtSheet writes what is owed at least and at most, how old open items are, and every doubt. No ID stands in it: a
// call's number leads to it in the database.
func (f *finance) doubtSheet(ctx context.Context, p *page) {
	p.Tab = amber
	p.headline(f.doubtHeadline())
	if n := f.doubts.held; n > 0 {
		p.prose(T("▲ " + plural(n, "ID is", "IDs are") + " held: may have been paid for, once each at most, in what an older copy of the database lost. " +
			"No figure here has them; lines of a statement that our records do not know bound them.").As(Alert))
	}
	p.skip(1)
	list := &List{Left: 1, Count: int(f.doubts.all.doubts())}
	first, merged := p.row, p.Merged
	for range 2 { // the tables refer to the list below them: where it begins is known once they have been laid out
		p.row, p.Merged = first, merged
		f.floorTable(p, list)
		f.amountTable(p)
		f.ageTable(p, list)
		f.edgeTable(p)
		p.section("5  Every call in doubt", "Oldest first. State: what a standing reconciliation showed. Age: whole days up to "+f.Generated.In(f.Period.Zone).Format("2006-01-02 15:04")+".")
		list.First = p.row
	}
	zone, widths := f.Period.Zone, doubtWidths()
	list.Columns = []ListColumn{{"Call", Literal, 0}, {"Check", Literal, 0}, {"Attempt", Count, 0}, {"Run", Literal, 0}, {"Endpoint", Literal, 0}, {"Region", Literal, 0}, {"Sent at (" + zoneName(zone) + ")", Moment, 0},
		{"Age, days", Count, 0}, {"State", Literal, 0}, {"Outcome", Literal, 0}, {"Cause", Literal, 0}, {"HTTP", Literal, 0}, {"Code", Literal, 0}, {"Pricing", Literal, 0}, {"Transaction", Literal, 0}, {"Check is now", Literal, 0}}
	for i := range list.Columns {
		list.Columns[i].Width = widths[i]
	}
	list.Rows = func(yield func([]Cell) error) error {
		return f.facts.EachDoubt(ctx, f.Period.From, f.Period.To, func(d store.DoubtCall) error { return yield(f.doubtCells(d)) })
	}
	p.List = list
}

func (f *finance) doubtHeadline() string {
	switch d := f.doubts.all; {
	case d.doubts() == 0:
		return "No call is in doubt: " + plural(d.pay, "call", "calls") + " to pay"
	case d.open == d.doubts():
		return fmt.Sprintf("%s in doubt: between %s and %s calls to pay", plural(d.open, "call is", "calls are"), thousands(d.least()), thousands(d.most()))
	default:
		return fmt.Sprintf("Of %s in doubt statements show %s billed and %s not billed; %s still open", plural(d.doubts(), "call", "calls"), thousands(d.billed), thousands(d.notBilled), thousands(d.open))
	}
}

// floorTable sets what is owed at least beside what is owed at most.
func (f *finance) floorTable(p *page, list *List) {
	p.section("1  Floor and ceiling", "PAY ≤ the vendor's true count ≤ PAY + in doubt. Doubts that a statement shows count as billed, those that a complete itemised statement does not show as not billed.")
	t := p.table(column{"Endpoint", 1, Literal}, column{"PAY", 1, Count}, column{"In doubt", 1, Count}, column{"Billed", 1, Count}, column{"Not billed", 1, Count}, column{"Still open", 1, Count},
		column{"To pay, at least", 1, Count}, column{"To pay, at most", 1, Count})
	f.places.doubts = t
	for _, endpoint := range sortedKeys(f.doubts.endpoints) {
		t.add(f.floorCells(t, list, T(endpoint), *f.doubts.endpoints[endpoint], endpoint)...)
	}
	cells := f.floorCells(t, list, T("All endpoints"), f.doubts.all, "")
	for _, col := range []int{1, 3, 4, 5} {
		cells[col].Formula = ""
		if t.rows > 0 {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	t.total(cells...)
	p.skip(1)
}

func (f *finance) floorCells(t *table, list *List, name Cell, c doubtCount, endpoint string) []Cell {
	state := func(n int64, name string) Cell {
		if list.Count == 0 {
			return N(n)
		}
		return N(n).By(fmt.Sprintf("COUNTIFS(%s,%s,%s,%s)", list.column(doubtEndpoint), literal(endpoint), list.column(doubtState), literal(name)))
	}
	return []Cell{name, N(c.pay).By(f.ledgerSum(ledgerCalls, where{ledgerEndpoint, literal(endpoint)}, where{ledgerKind, literal(kindPay)})),
		N(c.doubts()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(3), t.ref(5))), state(c.billed, doubtBilled), state(c.notBilled, doubtNotBilled), state(c.open, doubtOpen),
		N(c.least()).By(t.ref(1) + "+" + t.ref(3)), N(c.most()).By(t.ref(6) + "+" + t.ref(5))}
}

// amountTable sets the amounts given beside each other, currency by currency.
func (f *finance) amountTable(p *page) {
	p.section("2  Amounts, at least and at most", f.amountCaption())
	t := p.table(column{"Endpoint", 1, Literal}, column{"Region", 3, General}, column{"Currency", 1, Literal}, column{"At least", 1, Amount2}, column{"At most", 1, Amount2}, column{"In doubt", 1, Amount2})
	f.places.amounts = t
	for _, c := range f.money {
		for _, a := range c.lines {
			t.add(Outside(a.Endpoint), T(regionNames(a.Region)), Outside(a.Currency), D(a.Floor, Amount2), D(a.Ceiling, Amount2), between(t, D(a.Floor, Amount2), D(a.Ceiling, Amount2)))
		}
	}
	for _, c := range f.money {
		floor, ceiling := D(c.floor.String(), Amount2), D(c.ceiling.String(), Amount2)
		t.total(T("Amount in "+visible(c.name)), Cell{}, Outside(c.name), floor.By(columnTotal(t, 3, 2, c.name)), ceiling.By(columnTotal(t, 4, 2, c.name)), between(t, floor, ceiling))
	}
	f.noteUnpriced(p, f.unpricedMost)
	p.skip(1)
}

func (f *finance) amountCaption() string {
	if len(f.money) == 0 {
		return capital(f.noAmount()) + ": amounts stay empty."
	}
	return "At the prices of the configuration. At least: calls tagged PAY. At most: those and every call in doubt, before any statement. With tiers the two allow for what doubts use up, so the floor can be lower than what the PAY calls cost by themselves."
}

// between is what separates the most from the least.
func between(t *table, floor, ceiling Cell) Cell {
	return difference(ceiling.amount().Sub(floor.amount()), Amount2, t.ref(4)+"-"+t.ref(3))
}

// regionNames names the regions that share a price.
func regionNames(codes string) string {
	var names []string
	for _, code := range strings.Split(codes, ", ") {
		names = append(names, placeName(code))
	}
	return strings.Join(names, ", ")
}

// ageTable says how old the open items are.
func (f *finance) ageTable(p *page, list *List) {
	p.section("3  Age of open items", "Doubts without a resolution, and exceptions whose status on the sheet Exceptions is open.")
	t := p.table(column{"Age", 2, General}, column{"First day", 1, Count}, column{"Doubts", 1, Count}, column{"Exceptions", 1, Count})
	var exceptions [ageBuckets]int64
	if f.settled != nil {
		exceptions = f.settled.ages
	}
	doubts := &longList{sheets: []*Sheet{{Name: p.Name, List: list}}}
	for i, name := range ageNames() {
		span := func(col int) []condition {
			all := []condition{{col, `">="&` + t.ref(1)}}
			if i+1 < ageBuckets {
				all = append(all, condition{col, `"<"&` + Ref{t.at[1] + 1, p.row + 1}.String()})
			}
			return all
		}
		cells := []Cell{T(name), N(ageFrom(i)), N(f.doubts.ages[i]).By(doubts.count(append(span(doubtAge), condition{doubtState, literal(doubtOpen)})...)), N(exceptions[i])}
		if f.settled != nil {
			cells[3] = cells[3].By(f.places.exceptions.count(append(span(exceptionAge), condition{exceptionStatus, literal(statusOpen)})...))
		}
		t.add(cells...)
	}
	var total int64
	for _, n := range exceptions {
		total += n
	}
	t.total(T("All"), Cell{}, N(f.doubts.all.open).By(sum(local(t.area(2)))), N(total).By(sum(local(t.area(3)))))
	p.skip(1)
}

func (f *finance) doubtCells(d store.DoubtCall) []Cell {
	status := ""
	if d.HTTPStatus != 0 {
		status = fmt.Sprint(d.HTTPStatus)
	}
	return []Cell{numberText(d.CallID), numberText(d.CheckID), N(int64(d.Attempt)), numberText(d.RunID), Outside(d.Endpoint), Outside(d.Region), At(d.At, f.Period.Zone), N(ageDays(d.At, f.Generated)),
		Outside(f.doubts.state(d.CallID)), Outside(string(d.Outcome)), Outside(d.Cause), Outside(status), Outside(d.Code), Outside(d.Pricing), Outside(d.TransactionID), Outside(string(d.State))}
}

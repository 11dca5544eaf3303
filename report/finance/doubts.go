package finance

import (
	"context"
	"fmt"
	"strings"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
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
	unpriced  int64                // held IDs without a price
	may       map[readingKey]int64 // calls in doubt that a reading may bill
	once      map[int64]bool       // checks that distinct-id bills once at most, and that have been counted
}

// doubtCount counts calls, and IDs that are held: each may have been paid for in the period, in what the database lost.
type doubtCount struct{ pay, open, billed, notBilled, held int64 }

func (c doubtCount) doubts() int64 { return c.open + c.billed + c.notBilled }

// unsure are the calls still in doubt, and the IDs that are held.
func (c doubtCount) unsure() string {
	var parts []string
	if c.open > 0 {
		parts = append(parts, calendar.Thousands(c.open)+" in doubt")
	}
	if c.held > 0 {
		parts = append(parts, calendar.Thousands(c.held)+" held")
	}
	return strings.Join(parts, ", ")
}

func (c doubtCount) least() int64 { return c.pay + c.billed }

func (c doubtCount) most() int64 { return c.pay + c.billed + c.open + c.held }

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
func (f *finance) takeDoubts(ctx context.Context) (err error) {
	d := &doubts{endpoints: map[string]*doubtCount{}, may: map[readingKey]int64{}, once: map[int64]bool{}}
	f.doubts = d
	if d.billed, err = f.snap.Resolved(ctx, f.Period.From, f.Period.To); err != nil {
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
	err = f.snap.EachDoubt(ctx, f.Period.From, f.Period.To, func(c store.DoubtCall) error {
		state := d.state(c.CallID)
		at(c.Endpoint).count(state)
		d.all.count(state)
		price, _ := f.Prices.Lookup(c.Endpoint, c.Region, c.At)
		d.mayBill(c, state, price)
		if state == doubtOpen {
			d.ages[ageBucket(ageDays(c.At, f.Generated))]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	held, err := f.snap.Held(ctx)
	for _, h := range held {
		when, ok := h.Within(f.Period.From, f.Period.To)
		if !ok {
			continue
		}
		at(h.Endpoint).held += h.Checks
		d.all.held += h.Checks
		if _, priced := f.Prices.Lookup(h.Endpoint, h.Region, when); !priced {
			d.unpriced += h.Checks
		}
	}
	if err != nil {
		return err
	}
	f.unpricedMost += d.unpriced
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
func (f *finance) doubtSheet(ctx context.Context, p *page.Page) {
	p.Tab = xlsx.Amber
	p.Headline(f.doubtHeadline())
	if n := f.doubts.all.held; n > 0 {
		p.Prose(xlsx.T("▲ " + page.Plural(n, "ID is", "IDs are") + " held: may have been paid for, once each at most, in what an older copy of the database lost. " +
			"They count in what is to pay at most; lines of a statement that our records do not know bound them.").As(xlsx.Alert))
	}
	p.Skip(1)
	list := &xlsx.List{Left: 1, Count: int(f.doubts.all.doubts())}
	first, merged := p.Row, p.Merged
	for range 2 { // the tables refer to the list below them: where it begins is known once they have been laid out
		p.Row, p.Merged = first, merged
		f.floorTable(p, list)
		f.amountTable(p)
		f.ageTable(p, list)
		f.edgeTable(p)
		p.Section("5  Every call in doubt", "Oldest first. State: what a standing reconciliation showed. Age: whole days up to "+f.Generated.In(f.Period.Zone).Format("2006-01-02 15:04")+".")
		list.First = p.Row
	}
	zone, widths := f.Period.Zone, doubtWidths()
	list.Columns = []xlsx.ListColumn{{Head: "Call", Format: xlsx.Literal, Width: 0}, {Head: "Check", Format: xlsx.Literal, Width: 0}, {Head: "Attempt", Format: xlsx.Count, Width: 0}, {Head: "Run", Format: xlsx.Literal, Width: 0}, {Head: "Endpoint", Format: xlsx.Literal, Width: 0}, {Head: "Region", Format: xlsx.Literal, Width: 0}, {Head: "Sent at (" + zoneName(zone) + ")", Format: xlsx.Moment, Width: 0},
		{Head: "Age, days", Format: xlsx.Count, Width: 0}, {Head: "State", Format: xlsx.Literal, Width: 0}, {Head: "Outcome", Format: xlsx.Literal, Width: 0}, {Head: "Cause", Format: xlsx.Literal, Width: 0}, {Head: "HTTP", Format: xlsx.Literal, Width: 0}, {Head: "Code", Format: xlsx.Literal, Width: 0}, {Head: "Pricing", Format: xlsx.Literal, Width: 0}, {Head: "Transaction", Format: xlsx.Literal, Width: 0}, {Head: "Check is now", Format: xlsx.Literal, Width: 0}}
	for i := range list.Columns {
		list.Columns[i].Width = widths[i]
	}
	list.Rows = func(yield func([]xlsx.Cell) error) error {
		return f.snap.EachDoubt(ctx, f.Period.From, f.Period.To, func(d store.DoubtCall) error { return yield(f.doubtCells(d)) })
	}
	p.List = list
}

func (f *finance) doubtHeadline() string {
	d, held := f.doubts.all, ""
	if d.held > 0 {
		held = " and " + page.Plural(d.held, "ID is held", "IDs are held")
	}
	switch {
	case d.doubts() == 0 && d.held > 0:
		return fmt.Sprintf("No call is in doubt%s: between %s and %s calls to pay", held, calendar.Thousands(d.least()), calendar.Thousands(d.most()))
	case d.doubts() == 0:
		return "No call is in doubt: " + page.Plural(d.pay, "call", "calls") + " to pay"
	case d.open == d.doubts():
		return fmt.Sprintf("%s in doubt%s: between %s and %s calls to pay", page.Plural(d.open, "call is", "calls are"), held, calendar.Thousands(d.least()), calendar.Thousands(d.most()))
	default:
		return fmt.Sprintf("Of %s in doubt statements show %s billed and %s not billed; %s still open%s", page.Plural(d.doubts(), "call", "calls"), calendar.Thousands(d.billed), calendar.Thousands(d.notBilled), calendar.Thousands(d.open), held)
	}
}

// floorTable sets what is owed at least beside what is owed at most.
func (f *finance) floorTable(p *page.Page, list *xlsx.List) {
	p.Section("1  Floor and ceiling", "PAY ≤ the vendor's true count ≤ PAY + in doubt. Doubts that a statement shows count as billed, those that a complete itemised statement does not show as not billed.")
	columns, summed := []page.Column{{Head: "Endpoint", Span: 1, Format: xlsx.Literal}, {Head: "PAY", Span: 1, Format: xlsx.Count}, {Head: "In doubt", Span: 1, Format: xlsx.Count}, {Head: "Billed", Span: 1, Format: xlsx.Count}, {Head: "Not billed", Span: 1, Format: xlsx.Count}, {Head: "Still open", Span: 1, Format: xlsx.Count},
		{Head: "To pay, at least", Span: 1, Format: xlsx.Count}, {Head: "To pay, at most", Span: 1, Format: xlsx.Count}}, []int{1, 3, 4, 5}
	if f.doubts.all.held > 0 {
		columns, summed = append(columns, page.Column{Head: "Of that held", Span: 1, Format: xlsx.Count}), append(summed, floorHeld)
	}
	t := p.Table(columns...)
	f.places.doubts = t
	for _, endpoint := range page.SortedKeys(f.doubts.endpoints) {
		t.Add(f.floorCells(t, list, xlsx.T(endpoint), *f.doubts.endpoints[endpoint], endpoint)...)
	}
	cells := f.floorCells(t, list, xlsx.T("All endpoints"), f.doubts.all, "")
	for _, col := range summed {
		cells[col].Formula = ""
		if t.Rows > 0 {
			cells[col] = cells[col].By(xlsx.Sum(page.Local(t.Area(col))))
		}
	}
	t.Total(cells...)
	p.Skip(1)
}

func (f *finance) floorCells(t *page.Table, list *xlsx.List, name xlsx.Cell, c doubtCount, endpoint string) []xlsx.Cell {
	state := func(n int64, name string) xlsx.Cell {
		if list.Count == 0 {
			return xlsx.N(n)
		}
		return xlsx.N(n).By(fmt.Sprintf("COUNTIFS(%s,%s,%s,%s)", list.Column(doubtEndpoint), literal(endpoint), list.Column(doubtState), literal(name)))
	}
	most, held := t.Ref(6)+"+"+t.Ref(5), []xlsx.Cell(nil)
	if f.doubts.all.held > 0 {
		most, held = most+"+"+t.Ref(floorHeld), []xlsx.Cell{xlsx.N(c.held)}
	}
	return append([]xlsx.Cell{name, xlsx.N(c.pay).By(f.ledgerSum(ledgerCalls, where{ledgerEndpoint, literal(endpoint)}, where{ledgerKind, literal(kindPay)})),
		xlsx.N(c.doubts()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(3), t.Ref(5))), state(c.billed, doubtBilled), state(c.notBilled, doubtNotBilled), state(c.open, doubtOpen),
		xlsx.N(c.least()).By(t.Ref(1) + "+" + t.Ref(3)), xlsx.N(c.most()).By(most)}, held...)
}

// floorHeld is the column of what is held, which is there where anything is.
const floorHeld = 8

// amountTable sets the amounts given beside each other, currency by currency.
func (f *finance) amountTable(p *page.Page) {
	p.Section("2  Amounts, at least and at most", f.amountCaption())
	t := p.Table(page.Column{Head: "Endpoint", Span: 1, Format: xlsx.Literal}, page.Column{Head: "Region", Span: 3, Format: xlsx.General}, page.Column{Head: "Currency", Span: 1, Format: xlsx.Literal}, page.Column{Head: "At least", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "At most", Span: 1, Format: xlsx.Amount2}, page.Column{Head: f.between(), Span: 1, Format: xlsx.Amount2})
	f.places.amounts = t
	for _, c := range f.money {
		for _, a := range c.lines {
			t.Add(xlsx.Outside(a.Endpoint), xlsx.T(regionNames(a.Region)), xlsx.Outside(a.Currency), xlsx.D(a.Floor, xlsx.Amount2), xlsx.D(a.Ceiling, xlsx.Amount2), between(t, xlsx.D(a.Floor, xlsx.Amount2), xlsx.D(a.Ceiling, xlsx.Amount2)))
		}
	}
	for _, c := range f.money {
		floor, ceiling := xlsx.D(c.floor.String(), xlsx.Amount2), xlsx.D(c.ceiling.String(), xlsx.Amount2)
		t.Total(xlsx.T("Amount in "+xlsx.Visible(c.name)), xlsx.Cell{}, xlsx.Outside(c.name), floor.By(columnTotal(t, 3, 2, c.name)), ceiling.By(columnTotal(t, 4, 2, c.name)), between(t, floor, ceiling))
	}
	f.noteUnpriced(p, f.unpricedMost)
	p.Skip(1)
}

func (f *finance) amountCaption() string {
	if len(f.money) == 0 {
		return capital(f.noAmount()) + ": amounts stay empty."
	}
	held := ""
	if f.doubts.all.held > 0 {
		held = " and every ID that is held, once"
	}
	return "At the prices of the configuration. At least: calls tagged PAY. At most: those and every call in doubt" + held + ", before any statement. With tiers the two allow for what doubts use up, so the floor can be lower than what the PAY calls cost by themselves."
}

// between heads what separates the most from the least.
func (f *finance) between() string {
	if f.doubts.all.held > 0 {
		return "In doubt, held"
	}
	return "In doubt"
}

// between is what separates the most from the least.
func between(t *page.Table, floor, ceiling xlsx.Cell) xlsx.Cell {
	return difference(ceiling.Amount().Sub(floor.Amount()), xlsx.Amount2, t.Ref(4)+"-"+t.Ref(3))
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
func (f *finance) ageTable(p *page.Page, list *xlsx.List) {
	p.Section("3  Age of open items", "Doubts without a resolution, and exceptions whose status on the sheet Exceptions is open.")
	t := p.Table(page.Column{Head: "Age", Span: 2, Format: xlsx.General}, page.Column{Head: "First day", Span: 1, Format: xlsx.Count}, page.Column{Head: "Doubts", Span: 1, Format: xlsx.Count}, page.Column{Head: "Exceptions", Span: 1, Format: xlsx.Count})
	var exceptions [ageBuckets]int64
	if f.settled != nil {
		exceptions = f.settled.ages
	}
	doubts := &longList{sheets: []*xlsx.Sheet{{Name: p.Name, List: list}}}
	for i, name := range ageNames() {
		span := func(col int) []condition {
			all := []condition{{col, `">="&` + t.Ref(1)}}
			if i+1 < ageBuckets {
				all = append(all, condition{col, `"<"&` + xlsx.Ref{Col: t.At[1] + 1, Row: p.Row + 1}.String()})
			}
			return all
		}
		cells := []xlsx.Cell{xlsx.T(name), xlsx.N(ageFrom(i)), xlsx.N(f.doubts.ages[i]).By(doubts.count(append(span(doubtAge), condition{doubtState, literal(doubtOpen)})...)), xlsx.N(exceptions[i])}
		if f.settled != nil {
			cells[3] = cells[3].By(f.places.exceptions.count(append(span(exceptionAge), condition{exceptionStatus, literal(StatusOpen)})...))
		}
		t.Add(cells...)
	}
	var total int64
	for _, n := range exceptions {
		total += n
	}
	t.Total(xlsx.T("All"), xlsx.Cell{}, xlsx.N(f.doubts.all.open).By(xlsx.Sum(page.Local(t.Area(2)))), xlsx.N(total).By(xlsx.Sum(page.Local(t.Area(3)))))
	p.Skip(1)
}

func (f *finance) doubtCells(d store.DoubtCall) []xlsx.Cell {
	status := ""
	if d.HTTPStatus != 0 {
		status = fmt.Sprint(d.HTTPStatus)
	}
	return []xlsx.Cell{numberText(d.CallID), numberText(d.CheckID), xlsx.N(int64(d.Attempt)), numberText(d.RunID), xlsx.Outside(d.Endpoint), xlsx.Outside(d.Region), xlsx.At(d.At, f.Period.Zone), xlsx.N(ageDays(d.At, f.Generated)),
		xlsx.Outside(f.doubts.state(d.CallID)), xlsx.Outside(string(d.Outcome)), xlsx.Outside(d.Cause), xlsx.Outside(status), xlsx.Outside(d.Code), xlsx.Outside(d.Pricing), xlsx.Outside(d.TransactionID), xlsx.Outside(string(d.State))}
}

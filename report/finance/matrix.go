package finance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// matrixLine counts the calls of one endpoint that came back with one code, by the pricing received with them.
type matrixLine struct {
	endpoint, code              string
	pay, free, missing, strange int64 // answered; strange: a pricing that is neither PAY nor FREE
	unanswered, unsent          int64
}

func (l matrixLine) calls() int64 {
	return l.pay + l.free + l.missing + l.strange + l.unanswered + l.unsent
}

// matrix is the calls by endpoint, code and pricing.
type matrix struct {
	lines   []matrixLine
	strange map[string]int64 // pricing values that nobody knows
}

// countMatrix counts the usage by endpoint and code.
func countMatrix(usage []store.Usage) matrix {
	m := matrix{strange: map[string]int64{}}
	type key struct{ endpoint, code string }
	lines := map[key]*matrixLine{}
	for _, u := range usage {
		k := key{u.Endpoint, codeOf(u)}
		if lines[k] == nil {
			lines[k] = &matrixLine{endpoint: k.endpoint, code: k.code}
		}
		lines[k].add(u)
		if u.Outcome == store.Answered && u.Tag == store.TagUnknown && u.Pricing != "" {
			m.strange[u.Pricing] += u.Calls
		}
	}
	for _, l := range lines {
		m.lines = append(m.lines, *l)
	}
	slices.SortFunc(m.lines, func(a, b matrixLine) int {
		return cmp.Or(strings.Compare(a.endpoint, b.endpoint), compareCodes(a.code, b.code))
	})
	return m
}

func (l *matrixLine) add(u store.Usage) {
	switch {
	case u.Outcome == store.Unsent:
		l.unsent += u.Calls
	case u.Outcome == store.Unanswered:
		l.unanswered += u.Calls
	case u.Tag == store.TagPay:
		l.pay += u.Calls
	case u.Tag == store.TagFree:
		l.free += u.Calls
	case u.Pricing == "":
		l.missing += u.Calls
	default:
		l.strange += u.Calls
	}
}

// flag says what about a line the vendor's own table does not foresee.
func (l matrixLine) flag() xlsx.Cell {
	var flags []string
	role := xlsx.Watch
	if l.pay > 0 && l.code != page.Success {
		flags, role = append(flags, "✗ PAY on a failure"), xlsx.Alert
	}
	if l.free > 0 && l.code == page.Success {
		flags = append(flags, "▲ FREE on SUCCESS")
	}
	if l.missing > 0 {
		flags = append(flags, "▲ pricing missing")
	}
	if l.strange > 0 {
		flags = append(flags, "▲ new pricing value")
	}
	if flags == nil {
		return xlsx.T("✓").As(xlsx.Good)
	}
	return xlsx.T(strings.Join(flags, ", ")).As(role)
}

// flagged counts the calls that deserve a look.
func (m matrix) flagged() (payOnFailure, freeOnSuccess, untagged int64) {
	for _, l := range m.lines {
		if l.code != page.Success {
			payOnFailure += l.pay
		} else {
			freeOnSuccess += l.free
		}
		untagged += l.missing + l.strange
	}
	return payOnFailure, freeOnSuccess, untagged
}

// headline is the finding, of all calls.
func (m matrix) headline(all account) string {
	failed, free, untagged := m.flagged()
	if all.calls() == 0 {
		return "No call was sent in this period"
	}
	if failed+free+untagged == 0 {
		return fmt.Sprintf("Pricing follows the vendor's page: PAY on SUCCESS (%s), FREE otherwise (%s)", calendar.Thousands(all.pay), calendar.Thousands(all.free))
	}
	return fmt.Sprintf("Pricing departs from the vendor's page: %s PAY on a failure, %s FREE on SUCCESS, %s without PAY or FREE", calendar.Thousands(failed), calendar.Thousands(free), calendar.Thousands(untagged))
}

// matrixWidths are the widths of the sheet's columns, for the matrix and for the calls below it.
func matrixWidths() []float64 { return []float64{13, 30, 13, 13, 12, 12, 12, 21, 20, 34} }

type matrixSheet struct {
	*Data
	ledgerRefs
}

// writeMatrix writes the matrix of code by pricing, and below it every call that departs from the vendor's page.
func writeMatrix(ctx context.Context, book *xlsx.Workbook, d *Data, ledger ledgerRefs) *page.Table {
	p := page.New(book, "Code by pricing", "Code by pricing, as received",
		d.sent()+", by endpoint · the vendor's page expects PAY on SUCCESS and FREE on everything else", matrixWidths()...)
	f := matrixSheet{d, ledger}
	p.Tab = xlsx.Orange
	p.Headline(f.matrix.headline(f.ledger.all))
	f.strangeTable(p)
	p.Skip(1)
	p.Section("1  Code by pricing", "Live sums over the sheet Ledger.")
	t := p.Table(page.Col("Endpoint", xlsx.Literal), page.Col("Code", xlsx.Literal), page.Col("PAY", xlsx.Count), page.Col("FREE", xlsx.Count), page.Col("Pricing missing", xlsx.Count), page.Col("Other pricing", xlsx.Count),
		page.Col("No answer", xlsx.Count), page.Col("Not sent", xlsx.Count), page.Col("Calls", xlsx.Count), page.Col("Reading", xlsx.General))
	var total matrixLine
	for _, l := range f.matrix.lines {
		t.Add(f.matrixCells(t, l)...)
		total.plus(l)
	}
	cells := []xlsx.Cell{xlsx.T("All endpoints"), {}, xlsx.N(total.pay), xlsx.N(total.free), xlsx.N(total.missing), xlsx.N(total.strange), xlsx.N(total.unanswered), xlsx.N(total.unsent), callsCell(t, total), {}}
	t.SumUp(cells, 2, 3, 4, 5, 6, 7)
	t.Total(cells...)
	p.Skip(1)
	f.departures(ctx, p)
	return t
}

func (l *matrixLine) plus(o matrixLine) {
	l.pay, l.free, l.missing, l.strange = l.pay+o.pay, l.free+o.free, l.missing+o.missing, l.strange+o.strange
	l.unanswered, l.unsent = l.unanswered+o.unanswered, l.unsent+o.unsent
}

func (f matrixSheet) matrixCells(t *page.Table, l matrixLine) []xlsx.Cell {
	pay, free := xlsx.N(l.pay), xlsx.N(l.free)
	if l.pay > 0 && l.code != page.Success {
		pay = pay.As(xlsx.Alert)
	}
	if l.free > 0 && l.code == page.Success {
		free = free.As(xlsx.Watch)
	}
	by := func(c xlsx.Cell, kind string, more ...where) xlsx.Cell {
		same := []where{{ledgerEndpoint, t.Ref(0)}, {ledgerCodeNumber, fmt.Sprint(f.ledger.codeNumber(l.code))}, {ledgerKind, literal(kind)}}
		return c.By(f.ledgerSum(ledgerCalls, append(same, more...)...))
	}
	return []xlsx.Cell{xlsx.Outside(l.endpoint), xlsx.Outside(l.code), by(pay, kindPay), by(free, kindFree), by(page.Odd(l.missing, true), kindUnknown, where{ledgerPricing, literal(page.NoValue)}),
		by(page.Odd(l.strange, true), kindUnknown, where{ledgerPricing, literal("<>" + page.NoValue)}), by(xlsx.N(l.unanswered), kindUnanswered), by(xlsx.N(l.unsent), kindUnsent), callsCell(t, l), l.flag()}
}

func callsCell(t *page.Table, l matrixLine) xlsx.Cell {
	return xlsx.N(l.calls()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(2), t.Ref(7)))
}

// departures lists the calls whose pricing the vendor's page does not foresee, one by one.
func (f matrixSheet) departures(ctx context.Context, p *page.Page) {
	failed, free, untagged := f.matrix.flagged()
	total := failed + free + untagged
	shown := min(total, xlsx.MaxRows-int64(p.Row)-3)
	caption := "None."
	if total > 0 {
		caption = "Oldest first. A transaction ID names the call to the vendor."
	}
	if shown < total {
		caption += fmt.Sprintf(" The first %s of %s.", calendar.Thousands(shown), calendar.Thousands(total))
	}
	p.Section("2  Calls that depart from the vendor's page", caption)
	zone, widths := f.Period.Zone, matrixWidths()
	heads := []xlsx.ListColumn{page.ListCol("Endpoint", xlsx.Literal, 0), page.ListCol("Code", xlsx.Literal, 0), page.ListCol("Pricing received", xlsx.Literal, 0), page.ListCol("Region", xlsx.Literal, 0), page.ListCol("Call", xlsx.Literal, 0), page.ListCol("Check", xlsx.Literal, 0), page.ListCol("Attempt", xlsx.Count, 0),
		page.ListCol("Sent at ("+zoneName(zone)+")", xlsx.Moment, 0), page.ListCol("Transaction", xlsx.Literal, 0), page.ListCol("Departs by", xlsx.General, 0)}
	for i := range heads {
		heads[i].Width = widths[i]
	}
	p.List = &xlsx.List{First: p.Row, Left: 1, Columns: heads, Count: int(shown), Rows: func(yield func([]xlsx.Cell) error) error {
		return f.snap.EachStrangePricing(ctx, f.Period.From, f.Period.To, int(shown), func(c *store.StrangeCall) error {
			return yield([]xlsx.Cell{xlsx.Outside(c.Endpoint), xlsx.Outside(c.Code), xlsx.Outside(c.Pricing), xlsx.T(page.RegionName(c.Region)).In(xlsx.General), xlsx.T(fmt.Sprint(c.CallID)), xlsx.T(fmt.Sprint(c.CheckID)), xlsx.N(int64(c.Attempt)), xlsx.At(c.At, zone),
				xlsx.Outside(c.TransactionID), xlsx.T(departure(c))})
		})
	}}
}

// zoneName is a time zone as it fits into a header.
func zoneName(zone *time.Location) string {
	_, name, found := strings.Cut(zone.String(), "/")
	if !found {
		return zone.String()
	}
	return strings.ReplaceAll(name, "_", " ")
}

func departure(c *store.StrangeCall) string {
	switch {
	case c.Tag == store.TagPay:
		return "✗ PAY on a failure"
	case c.Tag == store.TagFree:
		return "▲ FREE on SUCCESS"
	case c.Pricing == "":
		return "▲ pricing missing"
	}
	return "▲ new pricing value"
}

// strangeTable lists the pricing values that nobody knows.
func (f matrixSheet) strangeTable(p *page.Page) {
	if len(f.matrix.strange) == 0 {
		return
	}
	p.Section("Other pricing values", "As received; calls with them are in doubt: between free and paid.")
	t := p.Table(page.Wide("Value", 2, xlsx.Literal), page.Col("Calls", xlsx.Count))
	for _, value := range page.SortedKeys(f.matrix.strange) {
		t.Add(xlsx.Outside(value), xlsx.N(f.matrix.strange[value]))
	}
}

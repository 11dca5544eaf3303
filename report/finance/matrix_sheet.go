package finance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// matrixWidths returns the widths of the sheet's columns, for the matrix and for the calls below it.
func matrixWidths() []float64 { return []float64{13, 30, 13, 13, 12, 12, 12, 21, 20, 34} }

type matrixSheet struct {
	*figures.Data
	ledgerRefs
}

// writeMatrix writes the matrix of code by pricing, and below it every call that departs from the vendor's page.
func writeMatrix(ctx context.Context, book *xlsx.Workbook, d *figures.Data, ledger ledgerRefs) *page.Table {
	p := page.New(book, "Code by pricing", "Code by pricing, as received",
		d.Sent()+", by endpoint · the vendor's page expects PAY on SUCCESS and FREE on everything else",
		matrixWidths()...)
	f := matrixSheet{d, ledger}
	p.Tab = xlsx.Orange
	p.Headline(f.Matrix.Headline(f.Ledger.All))
	f.strangeTable(p)
	p.Skip(1)
	total := f.Matrix.Total()
	note := "Live sums over the sheet Ledger."
	if total.Doubtful > 0 {
		note += fmt.Sprintf(" Of PAY and FREE %s %s in doubt (sheet In doubt): what came may be another call's, or names a "+
			"transaction that another call has.", humanize.Comma(total.Doubtful),
			english.PluralWord(int(total.Doubtful), "call is", "calls are"))
	}
	p.Section("1  Code by pricing", note)
	t := p.Table(page.Col("Endpoint", xlsx.Literal), page.Col("Code", xlsx.Literal), page.Col("PAY", xlsx.Count),
		page.Col("FREE", xlsx.Count), page.Col("Pricing missing", xlsx.Count), page.Col("Other pricing", xlsx.Count),
		page.Col("No answer", xlsx.Count), page.Col("Not sent", xlsx.Count), page.Col("Calls", xlsx.Count),
		page.Col("Reading", xlsx.General))
	for _, l := range f.Matrix.Lines {
		t.Add(f.matrixCells(t, l)...)
	}
	cells := []xlsx.Cell{xlsx.T("All endpoints"), {}, xlsx.N(total.Pay), xlsx.N(total.Free), xlsx.N(total.Missing),
		xlsx.N(total.Strange), xlsx.N(total.Unanswered), xlsx.N(total.Unsent), callsCell(t, total), {}}
	t.SumUp(cells, 2, 3, 4, 5, 6, 7)
	t.Total(cells...)
	p.Skip(1)
	f.departures(ctx, p)
	return t
}

func (f matrixSheet) matrixCells(t *page.Table, l figures.MatrixLine) []xlsx.Cell {
	pay, free := xlsx.N(l.Pay), xlsx.N(l.Free)
	if l.Pay > 0 && l.Code != page.Success {
		pay = pay.WithRole(xlsx.Alert)
	}
	if l.Free > 0 && l.Code == page.Success {
		free = free.WithRole(xlsx.Watch)
	}
	sum := func(kind string, more ...where) string {
		same := []where{{ledgerEndpoint, t.Ref(0)}, {ledgerCodeNumber, fmt.Sprint(f.Ledger.CodeNumber(l.Code))},
			{ledgerKind, literal(kind)}}
		return f.ledgerSum(ledgerCalls, append(same, more...)...)
	}
	received := func(c xlsx.Cell, kind, pricing string) xlsx.Cell {
		return c.WithFormula(sum(kind) + "+" + sum(figures.KindUnknown, where{ledgerPricing, literal(pricing)}))
	}
	return []xlsx.Cell{xlsx.Untrusted(l.Endpoint), xlsx.Untrusted(l.Code),
		received(pay, figures.KindPay, figures.PricingPay), received(free, figures.KindFree, figures.PricingFree),
		page.Odd(l.Missing, true).WithFormula(sum(figures.KindUnknown, where{ledgerPricing, literal(page.NoValue)})),
		page.Odd(l.Strange, true).WithFormula(sum(figures.KindUnknown, where{ledgerPricing, literal("<>" + page.NoValue)},
			where{ledgerPricing, literal("<>" + figures.PricingPay)},
			where{ledgerPricing, literal("<>" + figures.PricingFree)})),
		xlsx.N(l.Unanswered).WithFormula(sum(figures.KindUnanswered)), xlsx.N(l.Unsent).WithFormula(sum(figures.KindUnsent)),
		callsCell(t, l), flagOf(l)}
}

func callsCell(t *page.Table, l figures.MatrixLine) xlsx.Cell {
	return xlsx.N(l.Calls()).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(2), t.Ref(7)))
}

// departures lists the calls whose pricing the vendor's page does not foresee, one by one.
func (f matrixSheet) departures(ctx context.Context, p *page.Page) {
	failed, free, untagged := f.Matrix.Flagged()
	total := failed + free + untagged
	shown := min(total, xlsx.MaxRows-int64(p.Row)-3)
	caption := "None."
	if total > 0 {
		caption = "Oldest first. A transaction ID names the call to the vendor."
	}
	if shown < total {
		caption += fmt.Sprintf(" The first %s of %s.", humanize.Comma(shown), humanize.Comma(total))
	}
	p.Section("2  Calls that depart from the vendor's page", caption)
	zone, widths := f.Period.Zone, matrixWidths()
	heads := []xlsx.ListColumn{page.ListCol("Endpoint", xlsx.Literal, 0), page.ListCol("Code", xlsx.Literal, 0),
		page.ListCol("Pricing received", xlsx.Literal, 0), page.ListCol("Region", xlsx.Literal, 0),
		page.ListCol("Call", xlsx.Literal, 0), page.ListCol("Check", xlsx.Literal, 0),
		page.ListCol("Attempt", xlsx.Count, 0),
		page.ListCol("Sent at ("+zoneName(zone)+")", xlsx.Moment, 0), page.ListCol("Transaction", xlsx.Literal, 0),
		page.ListCol("Departs by", xlsx.General, 0)}
	for i := range heads {
		heads[i].Width = widths[i]
	}
	p.List = &xlsx.List{First: p.Row, Left: 1, Columns: heads, Count: int(shown),
		Rows: func(yield func([]xlsx.Cell) error) error {
			return f.Snap.Calls().EachStrange(ctx, f.Period.From, f.Period.To, int(shown),
				func(c *snapshot.StrangeCall) error {
					return yield([]xlsx.Cell{xlsx.Untrusted(c.Endpoint), xlsx.Untrusted(c.Code),
						xlsx.Untrusted(c.Pricing),
						xlsx.T(page.RegionName(c.Region)).WithFormat(xlsx.General), xlsx.T(fmt.Sprint(c.CallID)),
						xlsx.T(fmt.Sprint(c.CheckID)), xlsx.N(int64(c.Attempt)), xlsx.At(c.At, zone),
						xlsx.Untrusted(c.TransactionID), xlsx.T(departure(c))})
				})
		}}
}

// zoneName returns a time zone as it fits into a header.
func zoneName(zone *time.Location) string {
	_, name, found := strings.Cut(zone.String(), "/")
	if !found {
		return zone.String()
	}
	return strings.ReplaceAll(name, "_", " ")
}

// departure names what the vendor's page does not foresee in a call, as it was received, and that it is in doubt whose
// answer that was.
func departure(c *snapshot.StrangeCall) string {
	doubt := ""
	if c.Tag == store.TagUnknown {
		doubt = ", in doubt whether of this call"
	}
	switch received := figures.Received(store.Usage{Tag: c.Tag, Pricing: c.Pricing}); {
	case received == store.TagPay:
		return "✗ PAY on a failure" + doubt
	case received == store.TagFree:
		return "▲ FREE on SUCCESS" + doubt
	case c.Pricing == "":
		return "▲ pricing missing"
	}
	return "▲ new pricing value"
}

// strangeTable lists the pricing values that nobody knows.
func (f matrixSheet) strangeTable(p *page.Page) {
	if len(f.Matrix.Strange) == 0 {
		return
	}
	p.Section("Other pricing values", "As received; calls with them are in doubt: between free and paid.")
	t := p.Table(page.Wide("Value", 2, xlsx.Literal), page.Col("Calls", xlsx.Count))
	for _, value := range page.SortedKeys(f.Matrix.Strange) {
		t.Add(xlsx.Untrusted(value), xlsx.N(f.Matrix.Strange[value]))
	}
}

// flagOf names what the vendor's own table does not foresee in a line.
func flagOf(l figures.MatrixLine) xlsx.Cell {
	var flags []string
	role := xlsx.Watch
	if l.Pay > 0 && l.Code != page.Success {
		flags, role = append(flags, "✗ PAY on a failure"), xlsx.Alert
	}
	if l.Free > 0 && l.Code == page.Success {
		flags = append(flags, "▲ FREE on SUCCESS")
	}
	if l.Missing > 0 {
		flags = append(flags, "▲ pricing missing")
	}
	if l.Strange > 0 {
		flags = append(flags, "▲ new pricing value")
	}
	if flags == nil {
		return xlsx.T("✓").WithRole(xlsx.Good)
	}
	return xlsx.T(strings.Join(flags, ", ")).WithRole(role)
}

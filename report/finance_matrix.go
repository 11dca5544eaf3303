package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/store"
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

// matrixLines counts the usage by endpoint and code.
func (f *finance) matrixLines() []matrixLine {
	type key struct{ endpoint, code string }
	lines := map[key]*matrixLine{}
	for _, u := range f.usage {
		k := key{u.Endpoint, codeOf(u)}
		if lines[k] == nil {
			lines[k] = &matrixLine{endpoint: k.endpoint, code: k.code}
		}
		lines[k].add(u)
		if u.Outcome == store.Answered && u.Tag == store.TagUnknown && u.Pricing != "" {
			f.newTypes[u.Pricing] += u.Calls
		}
	}
	all := make([]matrixLine, 0, len(lines))
	for _, l := range lines {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b matrixLine) int {
		return cmp.Or(strings.Compare(a.endpoint, b.endpoint), compareCodes(a.code, b.code))
	})
	return all
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
func (l matrixLine) flag() Cell {
	var flags []string
	role := Watch
	if l.pay > 0 && l.code != success {
		flags, role = append(flags, "✗ PAY on a failure"), Alert
	}
	if l.free > 0 && l.code == success {
		flags = append(flags, "▲ FREE on SUCCESS")
	}
	if l.missing > 0 {
		flags = append(flags, "▲ pricing missing")
	}
	if l.strange > 0 {
		flags = append(flags, "▲ new pricing value")
	}
	if flags == nil {
		return T("✓").As(Good)
	}
	return T(strings.Join(flags, ", ")).As(role)
}

// flagged counts the calls that deserve a look.
func (f *finance) flagged() (payOnFailure, freeOnSuccess, untagged int64) {
	for _, l := range f.matrix {
		if l.code != success {
			payOnFailure += l.pay
		} else {
			freeOnSuccess += l.free
		}
		untagged += l.missing + l.strange
	}
	return payOnFailure, freeOnSuccess, untagged
}

// matrixWidths are the widths of the sheet's columns, for the matrix and for the calls below it.
func matrixWidths() []float64 { return []float64{13, 30, 13, 13, 12, 12, 12, 21, 20, 34} }

// matrixSheet writes the matrix of code by pricing, and below it every call that departs from the vendor's page.
func (f *finance) matrixSheet(ctx context.Context, p *page) {
	p.Tab = orange
	p.headline(f.matrixHeadline())
	f.strangeTable(p)
	p.skip(1)
	p.section("1  Code by pricing", "Live sums over the sheet Ledger.")
	t := p.table(column{"Endpoint", 1, Literal}, column{"Code", 1, Literal}, column{"PAY", 1, Count}, column{"FREE", 1, Count}, column{"Pricing missing", 1, Count}, column{"Other pricing", 1, Count},
		column{"No answer", 1, Count}, column{"Not sent", 1, Count}, column{"Calls", 1, Count}, column{"Reading", 1, General})
	f.places.matrix = t
	var total matrixLine
	for _, l := range f.matrix {
		t.add(f.matrixCells(t, l)...)
		total.plus(l)
	}
	cells := []Cell{T("All endpoints"), {}, N(total.pay), N(total.free), N(total.missing), N(total.strange), N(total.unanswered), N(total.unsent), callsCell(t, total), {}}
	if t.rows > 0 {
		for col := 2; col <= 7; col++ {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	t.total(cells...)
	p.skip(1)
	f.departures(ctx, p)
}

func (l *matrixLine) plus(o matrixLine) {
	l.pay, l.free, l.missing, l.strange = l.pay+o.pay, l.free+o.free, l.missing+o.missing, l.strange+o.strange
	l.unanswered, l.unsent = l.unanswered+o.unanswered, l.unsent+o.unsent
}

func (f *finance) matrixCells(t *table, l matrixLine) []Cell {
	pay, free := N(l.pay), N(l.free)
	if l.pay > 0 && l.code != success {
		pay = pay.As(Alert)
	}
	if l.free > 0 && l.code == success {
		free = free.As(Watch)
	}
	by := func(c Cell, kind string, more ...where) Cell {
		same := []where{{ledgerEndpoint, t.ref(0)}, {ledgerCodeNumber, fmt.Sprint(f.ledger.codeNumber(l.code))}, {ledgerKind, literal(kind)}}
		return c.By(f.ledgerSum(ledgerCalls, append(same, more...)...))
	}
	return []Cell{Outside(l.endpoint), Outside(l.code), by(pay, kindPay), by(free, kindFree), by(odd(l.missing, true), kindUnknown, where{ledgerPricing, literal(noValue)}),
		by(odd(l.strange, true), kindUnknown, where{ledgerPricing, literal("<>" + noValue)}), by(N(l.unanswered), kindUnanswered), by(N(l.unsent), kindUnsent), callsCell(t, l), l.flag()}
}

func callsCell(t *table, l matrixLine) Cell {
	return N(l.calls()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(2), t.ref(7)))
}

// departures lists the calls whose pricing the vendor's page does not foresee, one by one.
func (f *finance) departures(ctx context.Context, p *page) {
	failed, free, untagged := f.flagged()
	total := failed + free + untagged
	shown := min(total, maxRows-int64(p.row)-3)
	caption := "None."
	if total > 0 {
		caption = "Oldest first. A transaction ID names the call to the vendor."
	}
	if shown < total {
		caption += fmt.Sprintf(" The first %s of %s.", thousands(shown), thousands(total))
	}
	p.section("2  Calls that depart from the vendor's page", caption)
	zone, widths := f.Period.Zone, matrixWidths()
	heads := []ListColumn{{"Endpoint", Literal, 0}, {"Code", Literal, 0}, {"Pricing received", Literal, 0}, {"Region", Literal, 0}, {"Call", Literal, 0}, {"Check", Literal, 0}, {"Attempt", Count, 0},
		{"Sent at (" + zoneName(zone) + ")", Moment, 0}, {"Transaction", Literal, 0}, {"Departs by", General, 0}}
	for i := range heads {
		heads[i].Width = widths[i]
	}
	p.List = &List{First: p.row, Left: 1, Columns: heads, Count: int(shown), Rows: func(yield func([]Cell) error) error {
		return f.facts.EachStrangePricing(ctx, f.Period.From, f.Period.To, int(shown), func(c *store.StrangeCall) error {
			return yield([]Cell{Outside(c.Endpoint), Outside(c.Code), Outside(c.Pricing), T(regionName(c.Region)).In(General), T(fmt.Sprint(c.CallID)), T(fmt.Sprint(c.CheckID)), N(int64(c.Attempt)), At(c.At, zone),
				Outside(c.TransactionID), T(departure(c))})
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

func (f *finance) matrixHeadline() string {
	failed, free, untagged := f.flagged()
	if f.calls() == 0 {
		return "No call was sent in this period"
	}
	if failed+free+untagged == 0 {
		return fmt.Sprintf("Pricing follows the vendor's page: PAY on SUCCESS (%s), FREE otherwise (%s)", thousands(f.pay), thousands(f.free))
	}
	return fmt.Sprintf("Pricing departs from the vendor's page: %s PAY on a failure, %s FREE on SUCCESS, %s without PAY or FREE", thousands(failed), thousands(free), thousands(untagged))
}

// strangeTable lists the pricing values that nobody knows.
func (f *finance) strangeTable(p *page) {
	if len(f.newTypes) == 0 {
		return
	}
	p.section("Other pricing values", "As received; calls with them are in doubt: between free and paid.")
	t := p.table(column{"Value", 2, Literal}, column{"Calls", 1, Count})
	for _, value := range sortedKeys(f.newTypes) {
		t.add(Outside(value), N(f.newTypes[value]))
	}
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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

// matrixSheet writes the matrix of code by pricing.
func (f *finance) matrixSheet() {
	p := newPage(f.book, "Code by pricing", "Code by pricing, as received", fmt.Sprintf("Calls sent %s, by endpoint · the vendor's page expects PAY on SUCCESS and FREE on everything else", f.Period.describe()),
		13, 30, 11, 11, 11, 11, 11, 11, 11, 34)
	p.Tab = orange
	p.headline(f.matrixHeadline())
	f.strangeTable(p)
	p.skip(1)
	t := p.table(column{"Endpoint", 1, Literal}, column{"Code", 1, Literal}, column{"PAY", 1, Count}, column{"FREE", 1, Count}, column{"Pricing missing", 1, Count}, column{"Other pricing", 1, Count},
		column{"No answer", 1, Count}, column{"Not sent", 1, Count}, column{"Calls", 1, Count}, column{"Reading", 1, General})
	f.places.matrix = t
	var total matrixLine
	for _, l := range f.matrix {
		pay, free := N(l.pay), N(l.free)
		if l.pay > 0 && l.code != success {
			pay = pay.As(Alert)
		}
		if l.free > 0 && l.code == success {
			free = free.As(Watch)
		}
		t.add(Outside(l.endpoint), Outside(l.code), pay, free, odd(l.missing, true), odd(l.strange, true), N(l.unanswered), N(l.unsent), f.callsCell(t, l), l.flag())
		total.pay, total.free, total.missing, total.strange = total.pay+l.pay, total.free+l.free, total.missing+l.missing, total.strange+l.strange
		total.unanswered, total.unsent = total.unanswered+l.unanswered, total.unsent+l.unsent
	}
	cells := []Cell{T("All endpoints"), {}, N(total.pay), N(total.free), N(total.missing), N(total.strange), N(total.unanswered), N(total.unsent), f.callsCell(t, total), {}}
	if t.rows > 0 {
		for col := 2; col <= 7; col++ {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	t.total(cells...)
	p.Repeat = t.first - 1
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

func (f *finance) callsCell(t *table, l matrixLine) Cell {
	return N(l.calls()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(2), t.ref(7)))
}

func (f *finance) matrixHeadline() string {
	failed, free, untagged := f.flagged()
	if f.all.calls() == 0 {
		return "No call was sent in this period"
	}
	if failed+free+untagged == 0 {
		return fmt.Sprintf("Pricing follows the vendor's page: PAY on SUCCESS (%s), FREE otherwise (%s)", thousands(f.all.pay), thousands(f.all.free))
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

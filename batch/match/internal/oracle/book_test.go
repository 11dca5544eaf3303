package oracle

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// form names how a line is matched.
type form int8

const (
	itemised form = iota
	inCell
	fee
	notBilling // listed, or of another product
	notUsage
)

// line represents a line of a statement and what is decided about it.
type line struct {
	Line
	file   *file
	order  int // over all files
	form   form
	side   string
	class  Class // of matching; unpaired and paired are without
	call   int   // -1 is none
	about  int   // the call of its transaction where it has none itself
	byTime bool
	twin   *line // the negative line that takes it out
}

// file describes one statement.
type file struct {
	Statement
	order   int
	invoice string
	lines   []*line
	ties    map[string]ties
}

// call represents a call of the journal and what is decided about it.
type call struct {
	Call
	month string
	row   int // of the price book
	state charge
	line  *line
	cell  *cell
}

func (c *call) used() bool { return c.line != nil || c.cell != nil }

// book represents the journal and the statements under one reading.
type book struct {
	set    Settings
	prices []PriceRow
	calls  []call // by time, then ID
	files  []*file
	lines  []*line
	byX    map[string][]int // calls by transaction
	gates  map[string]*Gate // by month
	asked  []string         // files that are not imported

	instead map[int]int  // the charge of the ID, by the doubts before it that may carry it (6)
	spent   map[int]bool // of these, those whose ID is charged on another line
}

// newBook reads the input and matches all lines that are not of cells, of all months.
func newBook(month string, calls []Call, prices []PriceRow, statements []Statement, set Settings) *book {
	b := &book{set: set, prices: prices, byX: map[string][]int{}, gates: map[string]*Gate{}}
	for _, c := range calls {
		c.Sent = c.Sent.Truncate(time.Millisecond)
		if row := rowOf(prices, c.Endpoint, c.Region, c.Sent); row >= 0 || c.Outcome == Unsent {
			b.calls = append(b.calls, call{Call: c, month: set.monthOf(c.Sent), row: row})
		}
	}
	slices.SortFunc(b.calls, func(x, y call) int { return cmp.Or(x.Sent.Compare(y.Sent), cmp.Compare(x.ID, y.ID)) })
	for i, s := range statements {
		b.addFile(i, s, month)
	}
	keepStanding(b)
	named := map[string]bool{}
	for _, l := range b.lines {
		if l.form == itemised && l.Transaction != "" {
			named[l.Transaction] = true
		}
	}
	all, instead := states(b.calls, set.Reading, named)
	b.instead, b.spent = instead, map[int]bool{}
	for i, state := range all {
		b.calls[i].state = state
		if x := b.calls[i].Transaction; x != "" && b.calls[i].Outcome != Unsent {
			b.byX[x] = append(b.byX[x], i)
		}
	}
	b.matchTransactions()
	for _, m := range b.sides() {
		b.matchMonth(m)
	}
	return b
}

// sides returns the months that lines are of, in order.
func (b *book) sides() []string {
	months := map[string]bool{}
	for _, l := range b.lines {
		months[l.side] = true
	}
	return sortedKeys(months)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (b *book) addFile(order int, s Statement, month string) {
	f := &file{Statement: s, order: order, ties: map[string]ties{}}
	lines := slices.Clone(s.Lines)
	slices.SortFunc(lines, func(x, y Line) int { return cmp.Compare(x.Number, y.Number) })
	for _, l := range lines {
		l.Time = l.Time.Truncate(time.Millisecond)
		l.Resolution = max(l.Resolution, time.Millisecond)
		f.lines = append(f.lines, &line{Line: l, file: f, form: formOf(l), call: -1, about: -1})
	}
	f.invoice = b.invoiceMonth(f, month)
	for _, l := range f.lines {
		l.order = len(b.lines)
		l.side = b.sideOf(l)
		b.lines = append(b.lines, l)
		if _, known := f.ties[l.Currency]; !known {
			f.ties[l.Currency] = newTies(l.Currency, f.lines, b.set)
		}
	}
	b.files = append(b.files, f)
}

// formOf sorts a line. Negative usage of no call is no cell: it is judged as a fee.
func formOf(l Line) form {
	switch {
	case l.OtherProduct:
		return notBilling
	case l.Kind != Usage:
		return notUsage
	case l.Tag == "FREE" && l.Amount.IsZero():
		return notBilling
	case l.Transaction != "" || !l.Time.IsZero():
		return itemised
	case l.Quantity != nil && *l.Quantity >= 1:
		return inCell
	}
	return fee
}

// invoiceMonth returns the latest month of which the file has a usage line outside the edge band; without one, the
// latest of any line.
func (b *book) invoiceMonth(f *file, fallback string) string {
	if f.Invoice != "" {
		return f.Invoice
	}
	outside, any := "", ""
	for _, l := range f.lines {
		month, inner := b.ownMonth(l)
		if month == "" || l.Kind != Usage {
			continue
		}
		any = max(any, month)
		if inner {
			outside = max(outside, month)
		}
	}
	return cmp.Or(outside, any, fallback)
}

// ownMonth returns the month that a line itself names, and whether it is outside the edge bands.
func (b *book) ownMonth(l *line) (month string, inner bool) {
	var at span
	switch {
	case !l.Time.IsZero():
		at = span{l.Time, l.Time.Add(1)}
	case l.Day != "":
		at = b.set.day(l.Day)
	default:
		return l.Month, true
	}
	month = b.set.monthOf(at.from)
	m := b.set.month(month)
	return month, !at.from.Before(m.from.Add(b.set.Edge)) && !at.to.After(m.to.Add(-b.set.Edge))
}

// sideOf returns the month on whose side a line is.
func (b *book) sideOf(l *line) string {
	if l.Side != "" {
		return l.Side
	}
	own, _ := b.ownMonth(l)
	if own == "" || l.form == notUsage || l.OtherProduct {
		return l.file.invoice
	}
	if l.form == inCell || l.form == fee {
		return own
	}
	at := l.Time
	if at.IsZero() && l.Day != "" {
		at = b.set.day(l.Day).from
	}
	if !at.IsZero() && b.near(l.file.invoice).has(at) {
		return l.file.invoice
	}
	return own
}

func (b *book) near(month string) span { return b.set.month(month).wider(b.set.Edge) }

// currency returns that of the row of a call.
func (b *book) currency(i int) string { return b.prices[b.calls[i].row].Currency }

// tiesOf judges the amounts of the file of a line in its currency.
func (l *line) tiesOf() ties { return l.file.ties[l.Currency] }

// net returns the amount without the tax it includes.
func (l *line) net() decimal.Decimal { return l.tiesOf().net(l.Amount) }

// use gives a call to a line.
func (b *book) use(l *line, i int) {
	l.call, l.about, l.class = i, i, paired
	b.calls[i].line = l
	if b.calls[i].state == free {
		l.class = PricingDiffers
	}
}

// on returns the lines of a month's side.
func (b *book) on(month string, forms ...form) []*line {
	var all []*line
	for _, l := range b.lines {
		if l.side == month && slices.Contains(forms, l.form) {
			all = append(all, l)
		}
	}
	return all
}

func (b *book) about(endpoint string, which func(*line) bool) bool {
	return slices.ContainsFunc(b.lines, func(l *line) bool {
		return l.Kind == Usage && !l.OtherProduct && (l.Endpoint == "" || l.Endpoint == endpoint) && which(l)
	})
}

// Package prior finds out what an open month bears for one that is closed: calls that reached the journal late, lines
// that came late, and doubts that were settled late. The closed month's own rows never change. It is pure.
package prior

import (
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// Kind names what came to light.
type Kind string

// The kinds.
const (
	LateCall       Kind = "late call"
	LateDoubt      Kind = "late doubt"
	DoubtBilled    Kind = "doubt billed"
	DoubtNotBilled Kind = "doubt not billed"
	LateLine       Kind = "late line"
	LineWithdrawn  Kind = "line withdrawn"
)

// State names what is known of a call of the closed month.
type State int

// The states.
const (
	Accrued State = iota // a charge that no line bills yet
	InDoubt              // perhaps a charge
	Billed               // a line bills it
	Free                 // no charge
)

// Item represents a call of the closed month.
type Item struct {
	Call          int64
	SentAt        time.Time
	Endpoint      string
	Region        string
	TransactionID string // "" for none
	State         State
	Late          bool            // it reached the journal after the month was closed, and no closed month bears it yet
	Ceiling       bool            // of a doubt: the ceiling of the closed month, or of one that bears it, has its price
	Amount        decimal.Decimal // of a charge that is not late: what it is accrued at
	BilledOn      string          // of a billed one: the line
	Silence       string          // of a doubt: the month that bears that no statement bills it; "": it is open still
	// of a doubt: the line (no number: a total) of another month's own reconciliation that bills it
	Elsewhere *Line
}

// Line represents a line of a statement about the closed month, whose reconciliation does not have it.
type Line struct {
	Statement     int64
	Number        int64
	Bearer        string // the month that bears it
	Usage         bool   // about calls; otherwise a credit or a tax
	TransactionID string
	At            time.Time // zero: none is given
	DayOnly       bool      // At is a day
	Endpoint      string
	Region        string
	Currency      string
	Quantity      int64
	Amount        decimal.Decimal

	// Withdrawn: the reconciliation has it, and it stands no more; as it was reconciled then:
	Withdrawn bool
	Call      int64           // 0: none
	Right     decimal.Decimal // what of its amount was owed
	Class     billing.Class
}

// Pool holds charges of the closed month that no line bills, and that were reconciled by their number.
type Pool struct {
	Endpoint, Region, Currency string
	Quantity                   int64
	Amount                     decimal.Decimal
}

// Month represents a closed month and what came to light since.
type Month struct {
	Name    string // YYYY-MM
	Bearer  string // the first open month after it
	Book    *billing.Book
	Charges map[*billing.Price]int64 // as the month was closed, and as closed months bear it since
	Items   []*Item                  // in the order they reached the journal
	Pools   []*Pool
	Lines   []*Line
	Skew    time.Duration // how much before its call a line may say that it was charged
	Window  time.Duration // and how much after it
}

// Row describes one correction.
type Row struct {
	Bearer        string
	Kind          Kind
	Call          int64 // 0: none
	Statement     int64 // 0: no line
	Line          int64
	Endpoint      string
	Region        string
	Currency      string
	Quantity      int64 // billable calls that the bearer newly has
	Amount        decimal.Decimal
	Priced        bool // Amount is known
	Most          decimal.Decimal
	Right         decimal.Decimal // what of Theirs is owed, newly or accrued in the closed month
	TheirQuantity int64
	Theirs        decimal.Decimal
	Class         billing.Class // of what is at issue: Theirs less Right
	Note          string
	Own           bool // the line is one of the bearer's own reconciliation
}

// Issue returns what a row bills beyond what is owed, or below it.
func (r *Row) Issue() decimal.Decimal { return r.Theirs.Sub(r.Right) }

// Rows returns the corrections, an item each, in a fixed order.
func (m *Month) Rows() []*Row {
	w := work{Month: m, rowOf: map[*Item]*Row{}, charges: map[*billing.Price]int64{}}
	for price, n := range m.Charges {
		w.charges[price] = n
	}
	w.lines = unchanged(m.Lines)
	w.withdraw()
	w.late()
	w.byTransaction()
	w.byTime()
	w.byCount()
	w.others()
	w.doubts()
	return w.rows
}

// work represents a month while its rows are found.
type work struct {
	*Month
	charges map[*billing.Price]int64
	lines   []*Line // that have no row yet
	rows    []*Row
	rowOf   map[*Item]*Row // of late calls
}

func (w *work) add(r *Row) *Row {
	w.rows = append(w.rows, r)
	return r
}

// price returns the row of the price book for a call.
func (w *work) price(i *Item) (*billing.Price, bool) {
	return w.Book.Lookup(i.Endpoint, i.Region, i.SentAt)
}

// next returns what one charge more costs in the pool of a call.
func (w *work) next(i *Item) (currency string, amount decimal.Decimal, ok bool) {
	price, ok := w.price(i)
	if !ok {
		return "", decimal.Decimal{}, false
	}
	return price.Currency, price.Marginal(w.charges[price], 1), true
}

// count makes a call one of its pool's charges.
func (w *work) count(i *Item) {
	if price, ok := w.price(i); ok {
		w.charges[price]++
	}
}

// late accounts for the calls that reached the journal late: charges are owed, doubts may be.
func (w *work) late() {
	for _, i := range w.Items {
		if !i.Late || i.State != Accrued && i.State != InDoubt {
			continue
		}
		r := &Row{Bearer: w.Bearer, Call: i.Call, Endpoint: i.Endpoint, Region: i.Region}
		r.Currency, r.Most, r.Priced = w.next(i)
		r.Kind = LateDoubt
		if i.State == Accrued {
			r.Kind, r.Quantity, r.Amount, r.Right, r.Class = LateCall, 1, r.Most, r.Most, billing.OursOnly
			i.Amount = r.Amount
			w.count(i)
		}
		w.rowOf[i] = w.add(r)
	}
}

// doubts accounts for those that no line here bills, and that are settled all the same.
func (w *work) doubts() {
	for _, i := range w.Items {
		switch {
		case i.State != InDoubt:
		case i.Elsewhere != nil:
			w.billElsewhere(i)
		case i.Silence != "":
			w.notBilled(i)
		}
	}
}

// billElsewhere accounts for a doubt that is on the bearer's own statement, at its price where it is one of a total.
func (w *work) billElsewhere(i *Item) {
	l := *i.Elsewhere
	if l.Number == 0 {
		l.Currency, l.Amount, _ = w.next(i)
		l.Quantity = 1
	}
	w.bill(i, &l).Own = true
}

func (w *work) notBilled(i *Item) {
	r := w.rowOf[i]
	if r == nil || r.Bearer != i.Silence {
		r = w.add(&Row{Bearer: i.Silence, Call: i.Call, Endpoint: i.Endpoint, Region: i.Region})
		r.Currency, r.Most, r.Priced = w.next(i)
		r.Most = r.Most.Neg()
	} else {
		r.Most = decimal.Decimal{}
	}
	r.Kind, i.State = DoubtNotBilled, Billed
}

package figures

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store/held"
	"liverecon/store/snapshot"
)

// What became of a call in doubt.
const (
	DoubtOpen      = "open"
	DoubtBilled    = "billed"
	DoubtNotBilled = "not billed"
)

// InDoubt represents the calls in doubt and what statements have shown about them.
type InDoubt struct {
	billed    map[int64]bool // settled calls
	Endpoints map[string]*InDoubtCount
	All       InDoubtCount
	Ages      [AgeBuckets]int64 // of the open ones
	Edges     []edgeLine
	Unpriced  int64              // held IDs, and lost calls, without a price
	may       map[basisKey]int64 // calls in doubt that a reading may bill
	once      map[int64]bool     // checks that distinct-id bills once at most, and that have been counted
	basis     billing.Basis
	charges   int64 // by the reading
}

// InDoubtCount counts calls, and IDs that are held, or were before they were released or erased: each may have been
// paid for in the period, in what the database lost. So may calls that are known to be lost, and stand for no such ID.
type InDoubtCount struct {
	Pay, Open, Billed, NotBilled int64
	InFlight                     int64 // of Open, those of a run that goes on: they have no outcome yet
	Held                         int64
	Released                     int64 // of Held, those that are held no longer
	Erased                       int64 // of Released, those that were erased while they were held
	Lost                         int64 // of Held, calls
}

// HeldIDs describes how many they are.
func (c InDoubtCount) HeldIDs() string {
	var parts []string
	switch ids := c.Held - c.Lost; {
	case ids == 0:
	case c.Released == 0:
		parts = append(parts, page.Plural(ids, "ID is held", "IDs are held"))
	case c.Released == ids:
		parts = append(parts, page.Plural(ids, "ID was held", "IDs were held"))
	default:
		parts = append(parts, page.Plural(ids, "ID is or was held", "IDs are or were held"))
	}
	if c.Lost > 0 {
		parts = append(parts, page.Plural(c.Lost, "call was lost", "calls were lost"))
	}
	return strings.Join(parts, " and ")
}

// InDoubt counts calls in doubt, settled ones too.
func (c InDoubtCount) InDoubt() int64 { return c.Open + c.Billed + c.NotBilled }

// Unsure returns the calls still in doubt, and the IDs that are held.
func (c InDoubtCount) Unsure() string {
	var parts []string
	if c.Open > 0 {
		parts = append(parts, humanize.Comma(c.Open)+" in doubt")
		if c.InFlight > 0 {
			parts = append(parts, "of them "+humanize.Comma(c.InFlight)+" in flight of a run that is going on")
		}
	}
	if ids := c.Held - c.Lost; ids > 0 {
		words := " held"
		switch {
		case c.Erased > 0 && c.Erased == c.Released:
			words = " held or erased"
		case c.Erased > 0:
			words = " held, released or erased"
		case c.Released > 0:
			words = " held or released"
		}
		parts = append(parts, humanize.Comma(ids)+words)
	}
	if c.Lost > 0 {
		parts = append(parts, humanize.Comma(c.Lost)+" lost")
	}
	return strings.Join(parts, ", ")
}

// Least counts the calls that are to pay for certain.
func (c InDoubtCount) Least() int64 { return c.Pay + c.Billed }

// Most counts the calls that may be to pay.
func (c InDoubtCount) Most() int64 { return c.Pay + c.Billed + c.Open + c.Held }

func (c *InDoubtCount) count(state string) {
	switch state {
	case DoubtBilled:
		c.Billed++
	case DoubtNotBilled:
		c.NotBilled++
	default:
		c.Open++
	}
}

// State returns open, or what a statement has shown about a call.
func (d *InDoubt) State(call int64) string {
	billed, settled := d.billed[call]
	switch {
	case !settled:
		return DoubtOpen
	case billed:
		return DoubtBilled
	}
	return DoubtNotBilled
}

// loadInDoubt counts the doubts by endpoint, state and age, and the calls near the period's bounds.
func loadInDoubt(ctx context.Context, snap *snapshot.Snapshot, o Options, b *Ledger) (*InDoubt, error) {
	d := &InDoubt{Endpoints: map[string]*InDoubtCount{}, may: map[basisKey]int64{}, once: map[int64]bool{},
		basis: o.Basis, charges: b.All.Billable}
	for _, l := range b.Lines {
		if l.Kind == KindPay {
			d.at(l.Endpoint).Pay += l.Calls
			d.All.Pay += l.Calls
		}
	}
	var err error
	if d.billed, err = snap.Calls().Resolved(ctx, o.Period.From, o.Period.To); err != nil {
		return nil, err
	}
	if err := snap.Calls().EachInDoubt(ctx, o.Period.From, o.Period.To,
		func(c snapshot.InDoubtCall) error { return d.count(c, o) }); err != nil {
		return nil, err
	}
	held, err := snap.Lists().Held(ctx)
	if err != nil {
		return nil, err
	}
	released, err := snap.Lists().Released(ctx)
	if err != nil {
		return nil, err
	}
	for i, h := range append(held, released...) {
		if when, within := h.Within(o.Period.From, o.Period.To); within {
			d.hold(h, when, o.Prices)
			if i >= len(held) {
				d.All.Released, d.All.Erased = d.All.Released+h.Checks, d.All.Erased+h.Erased
			}
		}
	}
	lost, err := snap.Lists().LostCalls(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range lost {
		if when, within := l.Within(o.Period.From, o.Period.To); within {
			d.lose(l.Calls, len(o.Prices.Dearest(when)) > 0)
		}
	}
	d.Edges, err = loadEdges(ctx, snap, o.Period)
	return d, err
}

// nowhere replaces the name of an endpoint where nobody knows which one it was.
const nowhere = "not known"

// lose counts calls that are known to be lost.
func (d *InDoubt) lose(calls int64, priced bool) {
	for _, c := range []*InDoubtCount{d.at(nowhere), &d.All} {
		c.Held, c.Lost = c.Held+calls, c.Lost+calls
	}
	if !priced {
		d.Unpriced += calls
	}
}

// at returns the count of an endpoint.
func (d *InDoubt) at(endpoint string) *InDoubtCount {
	if d.Endpoints[endpoint] == nil {
		d.Endpoints[endpoint] = &InDoubtCount{}
	}
	return d.Endpoints[endpoint]
}

func (d *InDoubt) count(c snapshot.InDoubtCall, o Options) error {
	state := d.State(c.CallID)
	d.at(c.Endpoint).count(state)
	d.All.count(state)
	price, _ := o.Prices.Lookup(c.Endpoint, c.Region, c.At)
	d.mayBill(c, state, price)
	if c.Cause == snapshot.InFlight {
		d.All.InFlight++
	}
	if state == DoubtOpen {
		d.Ages[ageBucket(AgeDays(c.At, o.Generated))]++
	}
	return nil
}

func (d *InDoubt) hold(h held.IDs, when time.Time, prices *billing.Book) {
	d.at(h.Endpoint).Held += h.Checks
	d.All.Held += h.Checks
	if _, priced := prices.Lookup(h.Endpoint, h.Region, when); !priced {
		d.Unpriced += h.Checks
	}
}

// Charges returns how many charges the contract's reading makes of the calls, at least and at most, and what is unsure about
// them.
func (d *InDoubt) Charges() (least, most int64, unsure string) {
	c := d.All
	if d.basis != billing.PayTag {
		c.Pay, c.Open, c.Billed = d.charges, 0, 0
		for k, n := range d.may {
			if k.basis == d.basis {
				c.Open += n
			}
		}
	}
	return c.Least(), c.Most(), c.Unsure()
}

// Headline returns the finding: how many calls are to pay at least and at most.
func (d *InDoubt) Headline() string {
	c, held := d.All, ""
	if d.basis != billing.PayTag && c.Open == c.InDoubt() {
		least, most, _ := d.Charges()
		text := page.Plural(c.Open, "call is", "calls are") + " in doubt"
		if c.Held > 0 {
			text += " and " + c.HeldIDs()
		}
		return fmt.Sprintf("%s: by the contract's reading, %s, between %s and %s are to pay", text, d.basis,
			humanize.Comma(least), page.Plural(most, "charge", "charges"))
	}
	if c.Held > 0 {
		held = " and " + c.HeldIDs()
	}
	switch {
	case c.InDoubt() == 0 && c.Held > 0:
		return fmt.Sprintf("No call is in doubt%s: between %s and %s calls to pay", held, humanize.Comma(c.Least()),
			humanize.Comma(c.Most()))
	case c.InDoubt() == 0:
		return "No call is in doubt: " + page.Plural(c.Pay, "call", "calls") + " to pay"
	case c.Open == c.InDoubt():
		return fmt.Sprintf("%s in doubt%s: between %s and %s calls to pay", page.Plural(c.Open, "call is", "calls are"),
			held, humanize.Comma(c.Least()), humanize.Comma(c.Most()))
	default:
		return fmt.Sprintf("Of %s in doubt statements show %s billed and %s not billed; %s still open%s",
			page.Plural(c.InDoubt(), "call", "calls"), humanize.Comma(c.Billed), humanize.Comma(c.NotBilled),
			humanize.Comma(c.Open), held)
	}
}

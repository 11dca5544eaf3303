package finance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/page"
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

// loadDoubts counts the doubts by endpoint, state and age, and the calls near the period's bounds.
func loadDoubts(ctx context.Context, snap *store.Snapshot, o Options, b *ledger) (*doubts, error) {
	d := &doubts{endpoints: map[string]*doubtCount{}, may: map[readingKey]int64{}, once: map[int64]bool{}}
	for _, l := range b.lines {
		if l.kind == kindPay {
			d.at(l.endpoint).pay += l.calls
			d.all.pay += l.calls
		}
	}
	var err error
	if d.billed, err = snap.Resolved(ctx, o.Period.From, o.Period.To); err != nil {
		return nil, err
	}
	if err := snap.EachDoubt(ctx, o.Period.From, o.Period.To, func(c store.DoubtCall) error { return d.count(c, o) }); err != nil {
		return nil, err
	}
	held, err := snap.Held(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		if when, within := h.Within(o.Period.From, o.Period.To); within {
			d.hold(h, when, o.Prices)
		}
	}
	d.edges, err = loadEdges(ctx, snap, o.Period)
	return d, err
}

// at is the count of an endpoint.
func (d *doubts) at(endpoint string) *doubtCount {
	if d.endpoints[endpoint] == nil {
		d.endpoints[endpoint] = &doubtCount{}
	}
	return d.endpoints[endpoint]
}

func (d *doubts) count(c store.DoubtCall, o Options) error {
	state := d.state(c.CallID)
	d.at(c.Endpoint).count(state)
	d.all.count(state)
	price, _ := o.Prices.Lookup(c.Endpoint, c.Region, c.At)
	d.mayBill(c, state, price)
	if state == doubtOpen {
		d.ages[ageBucket(ageDays(c.At, o.Generated))]++
	}
	return nil
}

func (d *doubts) hold(h store.HeldIDs, when time.Time, prices *billing.Book) {
	d.at(h.Endpoint).held += h.Checks
	d.all.held += h.Checks
	if _, priced := prices.Lookup(h.Endpoint, h.Region, when); !priced {
		d.unpriced += h.Checks
	}
}

// headline is the finding: how many calls are to pay at least and at most.
func (d *doubts) headline() string {
	c, held := d.all, ""
	if c.held > 0 {
		held = " and " + page.Plural(c.held, "ID is held", "IDs are held")
	}
	switch {
	case c.doubts() == 0 && c.held > 0:
		return fmt.Sprintf("No call is in doubt%s: between %s and %s calls to pay", held, calendar.Thousands(c.least()), calendar.Thousands(c.most()))
	case c.doubts() == 0:
		return "No call is in doubt: " + page.Plural(c.pay, "call", "calls") + " to pay"
	case c.open == c.doubts():
		return fmt.Sprintf("%s in doubt%s: between %s and %s calls to pay", page.Plural(c.open, "call is", "calls are"), held, calendar.Thousands(c.least()), calendar.Thousands(c.most()))
	default:
		return fmt.Sprintf("Of %s in doubt statements show %s billed and %s not billed; %s still open%s", page.Plural(c.doubts(), "call", "calls"), calendar.Thousands(c.billed), calendar.Thousands(c.notBilled), calendar.Thousands(c.open), held)
	}
}

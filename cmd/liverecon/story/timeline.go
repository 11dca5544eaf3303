package story

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/decisions"
)

// Event describes one thing that happened to an ID.
type Event struct {
	At         time.Time `json:"at"`
	Kind       string    `json:"kind"` // listed, call, image, decision, accounts, statement, held, released, closed, erased
	Text       string    `json:"event"`
	Cost       string    `json:"cost,omitempty"`       // of a call
	Resolution string    `json:"resolution,omitempty"` // of a call in doubt: billed or not billed
	Received   string    `json:"received,omitempty"`   // the answer to a call as it came, without images, while it is kept
}

// timeline returns everything that happened to an ID, in the order of time.
func timeline(c *config.Config, f store.Story, decided Months) []Event {
	var all []Event
	for _, place := range f.Traces {
		all = append(all, listedEvent(place))
	}
	for _, call := range f.Calls {
		event := callEvent(c, f, call)
		event.Received = call.Received
		all = append(all, event)
		for _, b := range f.Billed[call.CallID] {
			all = append(all, Event{At: b.MadeAt, Kind: "statement",
				Text: fmt.Sprintf("call %d in the statement of %s: %s", call.CallID, b.Month, statementText(b))})
		}
	}
	for _, i := range f.Images {
		all = append(all, imageEvent(c, i))
	}
	for _, d := range f.Decisions {
		all = append(all, decisionEvent(d))
	}
	for _, h := range f.Holds {
		all = append(all, holdEvents(c, h)...)
	}
	for _, at := range f.Erased {
		all = append(all, Event{At: at, Kind: "erased",
			Text: "what names the person was taken out on request; the calls and their cost stay"})
	}
	all = append(all, decided.workEvents(f)...)
	months := countedMonths(c, f)
	for _, m := range decided.Closures {
		if months[m.Month] == nil {
			continue
		}
		all = append(all, Event{At: m.ClosedAt, Kind: "closed",
			Text: fmt.Sprintf("%s, in which it is counted, was closed by %s", m.Month, m.ClosedBy)})
		if !m.ReopenedAt.IsZero() {
			all = append(all, Event{At: m.ReopenedAt, Kind: "closed", Text: fmt.Sprintf("%s was opened again by %s: %s",
				m.Month, m.ReopenedBy, m.Reason)})
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return cmp.Compare(a.At.UnixMilli(), b.At.UnixMilli()) })
	return all
}

// holdEvents returns the holding of an ID, and its end.
func holdEvents(c *config.Config, h store.StoryHold) []Event {
	lost := "in the " + words.Duration(h.LostUntil.Sub(h.LostFrom)) + " "
	if h.LostFrom.IsZero() { // an earlier version took the copy of an empty database to be from the beginning of time
		lost = ""
	}
	all := []Event{{At: h.At, Kind: "held",
		Text: fmt.Sprintf("held by %s, who took an older copy of the database into use: what was asked %sbefore "+
			"%s may be missing in it",
			h.By, lost, words.Moment(h.LostUntil, c.Zone))}}
	if !h.ReleasedAt.IsZero() {
		all = append(all, Event{At: h.ReleasedAt, Kind: "released", Text: "released by " + h.ReleasedBy +
			": asked again, and perhaps paid for a second time"})
	}
	return all
}

func listedEvent(place store.Trace) Event {
	text := fmt.Sprintf("listed again in %s, line %d", place.Path, place.Line)
	if place.First {
		text = fmt.Sprintf("listed in %s, line %d", place.Path, place.Line)
	}
	return Event{At: place.ReadAt, Kind: "listed", Text: text}
}

func callEvent(c *config.Config, f store.Story, call store.StoryCall) Event {
	text := fmt.Sprintf("call %d in run %d, attempt %d (%s): ", call.CallID, call.RunID, call.Attempt, call.Reason)
	switch call.Outcome {
	case "":
		text += "in flight, of a run that is going on"
	case store.Answered:
		text += fmt.Sprintf("answered %s %s after %v, transaction %s", call.Code, words.OrDash(call.Pricing),
			call.Latency, words.OrDash(cmp.Or(call.TransactionID, call.Repeats.TransactionID))) +
			again(call) + suspicion(call.Suspect)
	case store.Unsent:
		text += "never left this machine: " + call.Cause
	default:
		text += "no answer: " + call.Cause
		if call.HTTPStatus > 0 {
			text += fmt.Sprintf(" (HTTP %d)", call.HTTPStatus)
		}
		if r := call.Repeats; r.TransactionID != "" {
			text += fmt.Sprintf("; what came bears transaction %s, which is call %d's, and was not believed",
				r.TransactionID, r.FirstCall)
		}
	}
	if call.Current {
		text += "; this is the result"
	}
	if lost := lostBefore(f, call); lost > 0 {
		text += fmt.Sprintf("; paid for twice: call %d, whose answer was lost, is billed, too", lost)
	}
	return Event{At: call.At, Kind: "call", Text: text, Cost: cost(c, f, call), Resolution: call.Resolution}
}

// lostBefore finds the last call before one that is paid for whose answer was lost and that a statement bills; 0 for
// none.
func lostBefore(f store.Story, call store.StoryCall) (lost int64) {
	if call.Tag != store.TagPay && call.Resolution != "billed" {
		return 0
	}
	for _, c := range f.Calls {
		switch {
		case c.Attempt >= call.Attempt:
		case c.Resolution == "billed":
			lost = c.CallID
		case c.Tag == store.TagPay:
			lost = 0
		}
	}
	return lost
}

// again explains an answer under the transaction ID of an earlier call for the same ID.
func again(call store.StoryCall) string {
	switch {
	case call.Repeats.TransactionID == "":
		return ""
	case call.TransactionID == "":
		return fmt.Sprintf(", the same as call %d's: both are at most one charge", call.Repeats.FirstCall)
	}
	return fmt.Sprintf(", the same as call %d's", call.Repeats.FirstCall)
}

// suspicion explains why an answer may be another ID's.
func suspicion(why string) string {
	switch why {
	case "":
		return ""
	case store.SuspectConnection:
		return "; may be another ID's answer: its connection was found to be one response ahead"
	case store.SuspectTransaction:
		return "; may be another ID's answer: that transaction came to a call of another ID, too"
	}
	return "; may be another ID's answer: " + why
}

// cost returns what a call costs. Of a price with tiers or a free quota no call has a price of its own. What became of
// a doubt stands beside it.
func cost(c *config.Config, f store.Story, call store.StoryCall) string {
	maybe := ""
	switch {
	case call.Tag == store.TagFree || call.Tag == store.TagNone:
		return "free"
	case call.Tag == store.TagUnknown && call.Resolution == "not billed":
		return ""
	case call.Outcome == "", call.Tag == store.TagUnknown && call.Resolution == "":
		maybe = "perhaps "
	}
	price, ok := c.Prices.Lookup(f.Endpoint, f.Region, call.At)
	switch {
	case !ok:
		return maybe + "paid, no price set"
	case price.Kind != billing.Flat || price.FreeQuota > 0:
		return maybe + "paid, by the tiers of its month"
	}
	return maybe + billing.Money{Amount: price.Cost(1), Currency: price.Currency}.String()
}

// statementText returns what a reconciliation says of one call.
func statementText(b store.BilledLine) string {
	text := b.Class
	if b.Path != "" {
		text += fmt.Sprintf(", %s line %d", b.Path, b.Line)
		if amount, err := billing.ParseMoney(b.TheirAmount + " " + b.Currency); err == nil {
			text += ", " + amount.String()
		}
	}
	if b.Note != "" {
		text += " (" + b.Note + ")"
	}
	return text
}

func imageEvent(c *config.Config, i store.StoryImage) Event {
	e := Event{At: i.EndedAt, Kind: "image", Text: fmt.Sprintf("%s image of call %d: %s", i.Kind, i.CallID, i.State)}
	switch {
	case i.State == "queued":
		e.At, e.Text = i.QueuedAt, e.Text+", waits to be fetched"
	case i.State == "stored":
		e.Text += " in " + filepath.Join(c.Evidence.Dir, filepath.FromSlash(i.Path))
	case i.Reason != "":
		e.Text += ", " + i.Reason
	}
	return e
}

func decisionEvent(d decisions.WithFile) Event {
	text := fmt.Sprintf("%s, decided by %s about the answer to call %d (%s, %s row %d)", d.Decision.Decision,
		d.Reviewer, d.CallID, d.File, d.Sheet, d.Row)
	if d.Comment != "" {
		text += ": " + d.Comment
	}
	return Event{At: d.DecidedAt, Kind: "decision", Text: text}
}

// counted holds the figures in which a month's workbooks count an ID.
type counted struct {
	calls, paid, doubt, settled int
}

func (n counted) String() string {
	parts := []string{words.Plural(int64(n.calls), "call", "calls")}
	for _, part := range []struct {
		n    int
		text string
	}{{n.paid, "%d PAY"}, {n.doubt, "%d in doubt"}, {n.settled, "%d settled by a statement"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf(part.text, part.n))
		}
	}
	return strings.Join(parts, ", ")
}

// countedMonths returns the billing months whose finance workbooks count the ID's calls.
func countedMonths(c *config.Config, f store.Story) map[string]*counted {
	months := map[string]*counted{}
	for _, call := range f.Calls {
		label := c.BillingMonths().Of(call.At).Label
		if months[label] == nil {
			months[label] = &counted{}
		}
		n := months[label]
		n.calls++
		switch {
		case call.Tag == store.TagPay:
			n.paid++
		case call.Tag == store.TagUnknown && call.Resolution != "":
			n.settled++
		case call.Tag == store.TagUnknown:
			n.doubt++
		}
	}
	return months
}

// countedIn names the workbooks that count the ID.
func countedIn(c *config.Config, f store.Story) []string {
	var all []string
	for _, call := range f.Calls {
		if call.Current {
			day := calendar.BusinessDay(call.At.Add(call.Latency), c.Zone).Label
			all = append(all, fmt.Sprintf("risk_%s and risk_%s: its answer", day, day[:len("2006-01")]))
		}
	}
	months := countedMonths(c, f)
	for _, label := range slices.Sorted(maps.Keys(months)) {
		all = append(all, fmt.Sprintf("finance_%s: %s", label, months[label]))
	}
	return all
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/store"
)

func (p *program) explainVerb() *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "explain [flags] ID", Args: cobra.ExactArgs(1),
		Long: `Tell one ID's whole story in time order: the lists it stood in, every call made for it and
what became of that, what it costs, and where the ID stands now.`,
		Example: `    liverecon explain bbb139e9aedd920d
    liverecon explain --simulate --json bbb139e9aedd920d`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(cmd.Context(), func(c *config, s *store.Store) error { return p.explain(cmd.Context(), c, s, args[0], asJSON) })
		},
	}
	o.flags(cmd, "an ID of the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the story as JSON")
	return cmd
}

func (p *program) explain(ctx context.Context, c *config, s *store.Store, id string, asJSON bool) error {
	found, err := s.Explain(ctx, id)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return usage("is it spelled as in the list? Rejected rows are in rejects_<date>.csv and in the view v_rejects", "%.128q stands in no list that was read", id)
	}
	stories := []story{}
	for _, f := range found {
		stories = append(stories, newStory(c, f))
	}
	if asJSON {
		p.printJSON(stories)
		return nil
	}
	for _, one := range stories {
		p.printStory(one, c.zone)
	}
	return nil
}

// story is an ID's story as it is printed.
type story struct {
	Kind      string   `json:"kind"`
	ID        string   `json:"id"`
	OtherID   string   `json:"other_id,omitempty"`
	Reference string   `json:"reference,omitempty"`
	Region    string   `json:"region"`
	Endpoint  string   `json:"endpoint"`
	State     string   `json:"state"`
	Meaning   string   `json:"meaning"`
	Score     *float64 `json:"score"`
	Verdict   string   `json:"verdict,omitempty"`
	Attack    string   `json:"attack_type,omitempty"`
	Events    []event  `json:"events"`
}

// event is one thing that happened to an ID.
type event struct {
	At   time.Time `json:"at"`
	Text string    `json:"event"`
	Cost string    `json:"cost,omitempty"`

	Resolution string   `json:"resolution,omitempty"` // of a call in doubt: billed or not billed
	Statement  []string `json:"statement,omitempty"`  // where reconciling put the call
}

func newStory(c *config, f store.Story) story {
	s := story{Kind: f.Kind, ID: f.Text, OtherID: f.OtherID, Reference: f.Reference, Region: f.Region, Endpoint: f.Endpoint,
		State: string(f.State), Meaning: c.meaning(f.State), Score: f.Score}
	if f.Score != nil {
		s.Verdict = "manual_check"
		if *f.Score > c.threshold || *f.Score == c.threshold && c.inclusive {
			s.Verdict = "pass"
		}
		s.Attack = attackName(f.Attack, s.Verdict == "pass")
	}
	for _, place := range f.Places {
		s.Events = append(s.Events, listedEvent(place))
	}
	for _, call := range f.Calls {
		s.Events = append(s.Events, c.callEvent(f, call))
	}
	slices.SortStableFunc(s.Events, func(a, b event) int { return cmp.Compare(a.At.UnixMilli(), b.At.UnixMilli()) })
	return s
}

// attackName is the attack type as the database's views and the workbooks name it.
func attackName(received string, passed bool) string {
	switch {
	case received == "1":
		return "presentation"
	case received == "2":
		return "injection"
	case received == "3":
		return "unsure"
	case received != "":
		return "other"
	case passed:
		return "none"
	}
	return "unclassified"
}

// meaning says what a state means for the next run.
func (c *config) meaning(s store.State) string {
	switch s {
	case store.Pending:
		return "is asked in the next run"
	case store.Done:
		return "has its result; is not asked again"
	case store.Absent:
		return "the vendor has nothing under this ID; is not asked again"
	case store.Refused:
		return "the vendor refused this ID; is not asked again"
	case store.GivenUp:
		return "asked too often, or paid for without a result; a person decides"
	case store.InDoubt:
		if c.repeatInDoubt == batch.RepeatHold {
			return "the last answer was lost and may have been charged; waits for a statement"
		}
		return "the last answer was lost and may have been charged; is asked again at the end of a run, within the budget"
	}
	return ""
}

func listedEvent(place store.Place) event {
	text := fmt.Sprintf("listed again in %s, line %d", place.Path, place.Line)
	if place.First {
		text = fmt.Sprintf("listed in %s, line %d", place.Path, place.Line)
	}
	return event{At: place.ReadAt, Text: text}
}

func (c *config) callEvent(f store.Story, call store.StoryCall) event {
	text := fmt.Sprintf("call %d in run %d, attempt %d (%s): ", call.CallID, call.RunID, call.Attempt, call.Reason)
	switch call.Outcome {
	case "":
		text += "in flight"
	case store.Answered:
		text += fmt.Sprintf("answered %s %s after %v, transaction %s", call.Code, orDash(call.Pricing), call.Latency, orDash(call.TransactionID))
	case store.Unsent:
		text += "never left this machine: " + call.Cause
	default:
		text += "no answer: " + call.Cause
		if call.HTTPStatus > 0 {
			text += fmt.Sprintf(" (HTTP %d)", call.HTTPStatus)
		}
	}
	if call.Standing {
		text += "; this is the result"
	}
	e := event{At: call.At, Text: text, Cost: c.cost(f, call), Resolution: call.Resolution}
	for _, b := range f.Billed[call.CallID] {
		e.Statement = append(e.Statement, statementText(b))
	}
	return e
}

// statementText is what a reconciliation says of one call.
func statementText(b store.BilledLine) string {
	text := "statement of " + b.Month + ": " + b.Class
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

// cost is what a call costs. Of a price with tiers or a free quota no call has a price of its own.
func (c *config) cost(f store.Story, call store.StoryCall) string {
	maybe := ""
	switch call.Tag {
	case store.TagFree, store.TagNone:
		return "free"
	case store.TagUnknown:
		maybe = "perhaps "
	}
	switch call.Resolution {
	case "billed":
		maybe = ""
	case "not billed":
		return "not billed"
	}
	price, ok := c.prices.Lookup(f.Endpoint, f.Region, call.At)
	switch {
	case !ok:
		return maybe + "paid, no price set"
	case price.Kind != billing.Flat || price.FreeQuota > 0:
		return maybe + "paid, by the tiers of its month"
	}
	return maybe + billing.Money{Amount: price.Cost(1), Currency: price.Currency}.String()
}

func (p *program) printStory(s story, zone *time.Location) {
	say(p.out, "%s %s\n", s.Kind, orDash(s.ID))
	if s.OtherID != "" {
		say(p.out, "    given together with %s, which is not asked\n", s.OtherID)
	}
	if s.Reference != "" {
		say(p.out, "    %s\n", s.Reference)
	}
	say(p.out, "    region %s, endpoint %s\n", s.Region, s.Endpoint)
	say(p.out, "    %s: %s\n", s.State, s.Meaning)
	if s.Score != nil {
		say(p.out, "    score %v: %s, attack %s\n", *s.Score, s.Verdict, s.Attack)
	}
	for _, e := range s.Events {
		say(p.out, "\n%s\n    %s\n", clockIn(e.At, zone), e.Text)
		if e.Cost != "" {
			say(p.out, "    %s\n", e.Cost)
		}
		if e.Resolution != "" {
			say(p.out, "    in doubt no more: a statement shows that it was %s\n", e.Resolution)
		}
		for _, text := range e.Statement {
			say(p.out, "    %s\n", text)
		}
	}
	say(p.out, "\n")
}

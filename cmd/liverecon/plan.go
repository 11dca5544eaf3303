package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/asjson"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/outcome"
	"liverecon/cmd/liverecon/words"
	"liverecon/store/accounts"
	"liverecon/store/byhand"
)

func planVerb(p *program) *cobra.Command {
	var o source
	var lists []string
	var again againOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use: "plan [flags] [LIST ...]",
		Long: `Say what run would do: rows, rejects, duplicates, known and new IDs by list; calls, cost,
time, and what tonight's caps and deadline will leave by endpoint. Nobody is called and
nothing is written. It ends with 5 when lists would be set aside, or too many rows of one
are rejected, and with 10 when the former leaves nothing to plan.`,
		Example: `    liverecon plan
    liverecon plan --lists tomorrow.csv
    liverecon plan --simulate --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return planNight(cmd.Context(), p, &o, append(lists, args...), &again, asJSON)
		},
	}
	o.flags(cmd, "plan a simulated run")
	cmd.Flags().StringArrayVar(&lists, "lists", nil,
		"lists, patterns or directories instead of the configured ones (`PATTERN`; repeatable)")
	again.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the plan as JSON")
	return cmd
}

func planNight(
	ctx context.Context, p *program, o *source, lists []string, again *againOptions, asJSON bool,
) (err error) {
	c, err := o.settings()
	if err != nil {
		return err
	}
	endpoints, err := night.SilentEndpoints(c)
	if err != nil {
		return err
	}
	if err := o.unpack(c, lists); err != nil {
		return err
	}
	job, missing, beside, err := night.New(c, lists, endpoints, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := again.read(ctx, c, job); err != nil {
		return err
	}
	s, closeStore, err := database.OpenToRead(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	if err := again.name(ctx, c, s, job); err != nil {
		return err
	}
	if s == nil && !o.simulate { // a simulated run makes its directory
		if err := database.RequireDirectory(filepath.Dir(c.Database)); err != nil {
			return err
		}
	}
	if err := errors.Join(missing.Check(ctx, s, job.Lists), c.CheckPrices(ctx, s)); err != nil {
		return err
	}
	for _, one := range missing {
		p.err.printf("liverecon: warning: %v; others are read, and what is open of earlier ones is asked\n", one)
	}
	if s != nil {
		if err := s.Records().Check(ctx, database.Places(c)); err != nil {
			return database.WithCode(err)
		}
	}
	job.Store = s
	now := time.Now()
	if job.Deadline, err = c.LastCallAfter(ctx, s, now); err != nil {
		return err
	}
	made, err := batch.Preview(ctx, job)
	if errors.Is(err, batch.ErrInput) {
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: ""}
	}
	if err != nil {
		return err
	}
	code := made.ExitCode()
	if code == batch.ExitInput {
		return nothingPlanned(made.Aside)
	}
	result := newPlanResult(made, job, now)
	result.idle = code == batch.ExitDone && made.Held.IDs == 0
	result.NotTaken = outcome.Beside(beside)
	if s != nil && c.RepeatInDoubt == batch.RepeatHold {
		if result.short, err = s.Statements().Short(ctx); err != nil {
			return err
		}
	}
	if s != nil {
		if result.Flying, err = s.Calls().InFlight(ctx); err != nil {
			return err
		}
	}
	if asJSON {
		p.out.json(result)
	} else {
		printPlan(p.out, result, c.Zone)
	}
	warnOfAside(p.err, made.Aside)
	return &config.Error{Code: code, Err: config.ErrSilent, Hint: ""}
}

// nothingPlanned returns the error of a plan without a list that can be taken, and with nothing open.
func nothingPlanned(aside []*list.Error) error {
	var all []error
	for _, l := range aside {
		all = append(all, l)
	}
	return &config.Error{Code: batch.ExitInput, Err: errors.Join(all...), Hint: ""}
}

// planResult represents a plan as it is printed.
type planResult struct {
	Lists     []outcome.List     `json:"lists"`
	Skipped   int                `json:"lists_read_already"`
	Unmended  string             `json:"lists_unmended,omitempty"` // in words
	Aside     []outcome.Aside    `json:"lists_set_aside"`
	NotTaken  []outcome.NotTaken `json:"not_taken"`
	Rejected  int64              `json:"rows_rejected"`
	Endpoints []planEndpoint     `json:"endpoints"`
	Calls     int64              `json:"calls"`
	Cost      string             `json:"cost_at_most"`
	Likely    string             `json:"cost_as_lately"`
	Amounts   []asjson.Amount    `json:"cost_amounts"`        // nothing of it may be charged
	Unpriced  int64              `json:"calls_without_price"` // missing in the cost
	Repeats   int64              `json:"repeats_at_most"`     // of IDs in doubt
	TooOften  int64              `json:"asked_too_often"`     // IDs without a score that only --id and --list ask again
	Left      int64              `json:"left_tonight"`
	Nights    int64              `json:"more_nights"`
	Flying    int64              `json:"calls_in_flight"` // of a run that goes on; caps count each as paid for
	Held      int64              `json:"held"`            // IDs that are not asked, since an older copy of the database goes on
	HeldCost  string             `json:"held_cost_at_most,omitempty"`
	lostCalls
	Deadline *time.Time `json:"last_call_before,omitempty"`
	short    []accounts.ShortCount
	idle     bool // there is nothing to do
	// since the last run, by how much open months change with them
	Prices  string `json:"prices_changed,omitempty"`
	Counted string `json:"counted_by_caps,omitempty"`           // of the month, where its calls were made at dearer prices
	Tagged  string `json:"counted_by_caps_as_tagged,omitempty"` // where calls tagged PAY are no charge by the contract
	cost    string
	tagged  string // in words
}

type planEndpoint struct {
	Endpoint   string `json:"endpoint"`
	Configured bool   `json:"configured"`
	Pending    int64  `json:"pending"`
	InDoubt    int64  `json:"in_doubt"`
	Repeats    int64  `json:"repeats_tonight"` // of those in doubt
	NoScore    int64  `json:"no_score_yet"`    // of those pending: their answer had no score
	Repeated   int64  `json:"repeated_lately"` // of those in doubt, and not asked again before fetch.repeat_after is over
	// not pending tonight, as their answer without a score is too young
	Resting    int64           `json:"too_young"`
	Again      int64           `json:"asked_again"` // of those pending: they keep what they have
	Regions    []planRegion    `json:"regions"`
	CostAtMost string          `json:"cost_at_most"`
	AsLately   string          `json:"cost_as_lately"` // "" before the first answers
	Amounts    []asjson.Amount `json:"cost_amounts"`
	Unpriced   int64           `json:"calls_without_price"`
	Finish     time.Time       `json:"finish_at_the_earliest"`
	Left       int64           `json:"left_tonight"`
	Capped     string          `json:"ends_at_cap,omitempty"` // the cap at which its calls end
	Parked     time.Time       `json:"parked_until,omitzero"` // its quota was used up a short while ago
	cost       string          // from one to the other
}

type planRegion struct {
	Region  string `json:"region"`
	Pending int64  `json:"pending"`
}

func newPlanResult(m *batch.Plan, job *batch.Job, now time.Time) planResult {
	r := planResult{Lists: outcome.Lists(m.Read, m.Words), Aside: outcome.SetAside(m.Aside), Endpoints: []planEndpoint{},
		Skipped: m.Skipped, Rejected: m.Rejected, Unmended: rejects.Unmended(job.RejectRows.TooMany(m.Unmended...))}
	most, likely := billing.NewAmounts(), billing.NewAmounts()
	for _, l := range m.Endpoints {
		if l.Open() == 0 {
			continue
		}
		r.Calls, r.Left = r.Calls+l.Pending+l.Repeats, r.Left+l.Left+l.Resting+l.InDoubtLeft()
		most, likely, r.Unpriced = most.Add(l.CostAtMost), likely.Add(likelyCost(l)), r.Unpriced+l.Unpriced
		e := planEndpoint{Endpoint: l.Endpoint, Configured: l.Configured, Pending: l.Pending, InDoubt: l.InDoubt,
			Repeats: l.Repeats, Repeated: l.Repeated, Regions: []planRegion{},
			CostAtMost: billing.WithUnpriced(l.CostAtMost.String(), l.Unpriced), Unpriced: l.Unpriced,
			Finish: now.Add(l.Took).UTC().Truncate(time.Second), Left: l.Left + l.Resting + l.InDoubtLeft(),
			Parked:  l.Parked,
			NoScore: l.NoScore, Resting: l.Resting, Again: l.Again, AsLately: billing.WithUnpriced(l.AsLately.String(),
				l.Unpriced), Amounts: asjson.Amounts(nil, l.CostAtMost),
			cost: billing.Range{Floor: likelyCost(l), Ceiling: l.CostAtMost, Unpriced: l.Unpriced}.String()}
		if capped := l.Capped(); capped != nil {
			e.Capped = capped.Reached()
		}
		for _, region := range l.Regions {
			e.Regions = append(e.Regions, planRegion{region.Region, region.Calls})
		}
		r.Endpoints = append(r.Endpoints, e)
	}
	r.Repeats, r.TooOften, r.Prices, r.Counted = m.Repeats, m.TooOften, m.Prices.String(), m.Counted.String()
	r.Tagged, r.tagged = m.Tagged.String(), job.Caps.Basis.CountedMore(m.Tagged)
	r.Cost, r.Likely, r.Nights = billing.WithUnpriced(most.String(), r.Unpriced),
		billing.WithUnpriced(likely.String(), r.Unpriced), m.MoreNights(job)
	r.Amounts, r.cost = asjson.Amounts(nil, most), billing.Range{Floor: likely, Ceiling: most, Unpriced: r.Unpriced}.String()
	r.Held, r.HeldCost, r.lostCalls = m.Held.IDs, m.Held.Money(), lostCallsOf(m.Lost)
	if !job.Deadline.IsZero() {
		r.Deadline = &job.Deadline
	}
	return r
}

// likelyCost returns the cost of an endpoint's part if it is charged as lately; of a new one nobody knows better than
// the most.
func likelyCost(l batch.EndpointPlan) billing.Amounts {
	if l.AsLately == nil {
		return l.CostAtMost
	}
	return l.AsLately
}

func printPlan(out stream, r planResult, zone *time.Location) {
	if len(r.Lists) > 0 {
		t := newTable("list", ">rows", ">rejected", ">duplicate", ">known", ">new")
		for _, l := range r.Lists {
			t.row(l.Path, words.Comma(l.Rows), words.Comma(l.Rejected), words.Comma(l.Duplicate), words.Comma(l.Known),
				words.Comma(l.New))
		}
		out.table(t)
		for _, l := range r.Lists {
			if l.Region != "" {
				out.wrap("", l.Path+": regions: "+l.Region)
			}
			for _, note := range l.Notes {
				out.wrap("", l.Path+": "+note)
			}
		}
		out.printf("\n")
	}
	for i, n := range r.NotTaken {
		if i == night.MostNotTaken {
			out.sentencef("not taken: %d more", len(r.NotTaken)-i)
			break
		}
		out.wrap("not taken: ", n.Path+": "+n.Why)
	}
	if r.Skipped > 0 {
		out.sentencef("%s read already, with the same content", words.Plural(int64(r.Skipped), "list was", "lists were"))
	}
	if r.Unmended != "" {
		out.wrap("", r.Unmended+", for which a run ends with 5: mend or remove it")
	}
	if len(r.Aside) > 0 {
		out.sentencef("%s set aside", words.Plural(int64(len(r.Aside)), "list would be", "lists would be"))
	}
	if r.TooOften > 0 {
		out.sentencef("%s no score after %d times by hand, and %s asked again only by --id or --list",
			words.Plural(r.TooOften, "ID has", "IDs have"), byhand.Most, words.IsAre(r.TooOften))
	}
	printCounted(out, r.Prices, r.Counted, r.tagged)
	printHeld(out, r.Held, r.HeldCost)
	r.printLost(out)
	if r.Flying > 0 {
		out.wrap("", words.InFlight(r.Flying)+"; the IDs of these calls stand below as if they were not asked yet")
	}
	if len(r.Endpoints) == 0 {
		out.printf("%sno call would be made\n", map[bool]string{true: "nothing to do: "}[r.idle])
		return
	}
	t := newTable("endpoint", ">calls", ">in doubt", ">cost", ">done by", ">left tonight", "regions")
	for _, e := range r.Endpoints {
		name, done := e.Endpoint, words.TimeToday(e.Finish, zone)
		if !e.Configured {
			name, done = name+" (not configured)", "-"
		}
		if !e.Parked.IsZero() {
			done = "-"
		}
		t.row(name, words.Comma(e.Pending+e.Repeats), words.Comma(e.InDoubt), words.OrDash(e.cost), done,
			words.Comma(e.Left), regionsOf(e.Regions, out.width()))
	}
	if len(r.Endpoints) > 1 {
		t.row("all", words.Comma(r.Calls), "", words.OrDash(r.cost), "", words.Comma(r.Left), "")
	}
	out.table(t)
	if r.Cost != r.Likely {
		out.printf("the cost is from what it is if as many answers are charged as lately, to the most\n")
	}
	printNoScore(out, r)
	for _, e := range r.Endpoints {
		if !e.Parked.IsZero() {
			out.sentencef("%s is parked until %s, as its quota was used up; `liverecon run --parked` asks it before",
				e.Endpoint, words.Moment(e.Parked, zone))
		}
	}
	for _, e := range r.Endpoints {
		if e.Capped != "" {
			out.wrap("", e.Endpoint+" would end at "+e.Capped)
		}
	}
	if r.Deadline != nil {
		out.sentencef("no call is begun after %s", words.Moment(*r.Deadline, zone))
	}
	if r.Nights > 0 {
		out.sentencef("the rest needs about %s like this one", words.Plural(r.Nights, "more night", "more nights"))
	}
	printRepeats(out, r)
}

// printHeld counts the IDs not asked because an older copy of the database may lack that they were.
func printHeld(out stream, ids int64, cost string) {
	if ids == 0 {
		return
	}
	if cost != "" {
		cost = ", " + cost + " at most"
	}
	out.wrap("", fmt.Sprintf("%s held that may have been paid for%s: not asked until `liverecon restored --release`",
		words.Plural(ids, "ID is", "IDs are"), cost))
}

// lostCalls holds the calls of this month that the database is known to lack, and for which no ID is held.
type lostCalls struct {
	Lost     int64  `json:"lost_calls"`
	LostCost string `json:"lost_cost_at_most,omitempty"`
}

func lostCallsOf(l usage.LostCalls) lostCalls { return lostCalls{l.Calls, l.Money()} }

func (l lostCalls) printLost(out stream) {
	if l.Lost == 0 {
		return
	}
	cost := ""
	if l.LostCost != "" {
		cost = ", " + l.LostCost + " at most"
	}
	out.wrap("", fmt.Sprintf("%s lost with a newer state of the database and may have been paid for%s: counted in the "+
		"caps", words.Plural(l.Lost, "call was", "calls were"), cost))
}

// printCounted prints by how much a change of prices changed open months, and what caps count for the month.
func printCounted(out stream, changed, counted, tagged string) {
	if counted != "" {
		counted = fmt.Sprintf("caps count %s for the month, at the prices its calls were made at; `liverecon "+
			"run --reprice` counts them at today's", counted)
	}
	for _, text := range []string{changed, counted, tagged} {
		if text != "" {
			out.wrap("", text)
		}
	}
}

// printNoScore counts the calls that ask again for what was answered already, and the IDs that wait until they may be
// asked.
func printNoScore(out stream, r planResult) {
	var noScore, resting, again int64
	for _, e := range r.Endpoints {
		noScore, resting, again = noScore+e.NoScore, resting+e.Resting, again+e.Again
	}
	if noScore > 0 {
		out.sentencef("%s no score yet, and %s asked again", words.Plural(noScore, "ID has", "IDs have"),
			words.IsAre(noScore))
	}
	if resting > 0 {
		out.sentencef("%s no score yet, and %s not asked again on the same night",
			words.Plural(resting, "ID has", "IDs have"), words.IsAre(resting))
	}
	if again > 0 {
		out.sentencef("%s asked once more because a person says so; a result stays until there is a better one",
			words.Plural(again, "ID is", "IDs are"))
	}
}

// printRepeats prints why IDs in doubt are left, where that is by rule, and what asks for them all the same.
func printRepeats(out stream, r planResult) {
	var made, left, lately int64
	for _, e := range r.Endpoints {
		if e.Configured {
			made, left, lately = made+e.Repeats, left+e.InDoubt-e.Repeats-e.Repeated, lately+e.Repeated
		}
	}
	if lately > 0 {
		out.sentencef("%s lost again when asked a second time, and %s not asked again before fetch.repeat_after is over",
			words.Plural(lately, "ID was", "IDs were"), words.IsAre(lately))
	}
	switch {
	case left == 0 || made < r.Repeats: // a cap, the deadline or a parked endpoint leaves them
	case made == 0 && len(r.short) > 0:
		out.wrap("", fmt.Sprintf("%s in doubt and held; %s", words.Plural(left, "ID is", "IDs are"), hint.ShortText(r.short)))
	case made == 0:
		out.sentencef("%s in doubt and held until a statement tells; %s", words.Plural(left, "ID is", "IDs are"),
			hint.AskAgain(left))
	default:
		out.sentencef("fetch.doubt_budget lets a run ask again for %s in doubt, %s left; %s",
			words.Plural(made, "ID", "IDs"), words.Plural(left, "is", "are"), hint.AskAgain(left))
	}
}

// regionsOf names the regions with their counts, as far as they fit into so many columns; 0: any number.
func regionsOf(regions []planRegion, columns int) string {
	most := 6
	if columns > 0 && columns < 110 {
		most = 2
	}
	var texts []string
	for i, r := range regions {
		if i == most {
			texts = append(texts, fmt.Sprintf("and %d more", len(regions)-most))
			break
		}
		texts = append(texts, r.Region+" "+words.Comma(r.Pending))
	}
	return strings.Join(texts, ", ")
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/asjson"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/monitor"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/dbfile"
)

// shownRuns sets how many of the last runs status shows.
const shownRuns = 5

func statusVerb(out stream) *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status [flags]", Args: cobra.NoArgs,
		Long: `Show the last runs with their verdicts, what is open by endpoint and region, the calls in
doubt, what day and month have spent against the caps, the rates the endpoints settled
at, what the statements of the last months came to, months that are closed, and who has
the lock. It may be asked while a run goes on.`,
		Example: `    liverecon status
    liverecon status --simulate --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.read(cmd.Context(), func(c *config.Config, s *store.Store) error {
				return showStatus(cmd.Context(), out, c, s, asJSON)
			})
		},
	}
	o.flags(cmd, "status of the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the status as JSON")
	return cmd
}

func showStatus(ctx context.Context, out stream, c *config.Config, s *store.Store, asJSON bool) error {
	r, err := newStatus(ctx, c, s, time.Now())
	if err != nil {
		return err
	}
	if asJSON {
		out.json(r)
		return nil
	}
	printStatus(out, r, c.Zone)
	return nil
}

// statusResult represents the state of a database as it is printed.
type statusResult struct {
	Database string          `json:"database"`
	Zone     string          `json:"time_zone"` // of the times as they are printed; in JSON they are UTC
	Lock     *dbfile.Holder  `json:"lock"`
	Behind   string          `json:"behind,omitempty"`            // what a record says against the database
	Below    int64           `json:"counts_below_zero,omitempty"` // of calls: amounts of their month are too low
	Log      database.Log    `json:"log"`
	Probes   int             `json:"probes_in_doubt"` // calls of `doctor --ask` that may be charged
	Runs     []statusRun     `json:"runs"`
	Backlog  []statusBacklog `json:"backlog"`
	Held     int64           `json:"held"` // IDs that are not asked, since an older copy of the database goes on
	HeldCost string          `json:"held_cost_at_most,omitempty"`
	Released int64           `json:"released,omitempty"` // IDs that were held, and may have been paid for then
	Erased   int64           `json:"erased_while_held,omitempty"`
	lostCalls
	// like the last one that the backlog needs, as its verdict says; 0: nobody can tell
	Nights  int64         `json:"more_nights"`
	InDoubt int64         `json:"calls_in_doubt"`
	Flying  int64         `json:"calls_in_flight"` // of a run that goes on; spent counts each as paid for at most once
	Spend   []statusSpend `json:"spend"`
	// since the last run, by how much open months change with them
	Changed  string             `json:"prices_changed,omitempty"`
	Changes  []statusPrices     `json:"price_changes"` // of the last weeks, as runs found them
	Rates    []statusEndpoint   `json:"endpoints"`
	Bills    []statusBill       `json:"reconciled_months"`
	Closed   []monthend.Closure `json:"closed_months"`
	NoScore  int64              `json:"no_score_yet"` // pending IDs that have an answer without a score
	Suspects int64              `json:"suspect_ids"`  // IDs that may hold another's answer
	Owed     int                `json:"deliveries_owed"`
	GivenUp  int64              `json:"given_up_paid"` // IDs given up though an answer for them was paid for
	// IDs in doubt whose lost answers a whole statement says were not billed, those that were, and those that are on no
	// statement while none is whole for them
	NotBilled int64 `json:"in_doubt_not_billed"`
	Billed    int64 `json:"in_doubt_billed"`
	Short     int64 `json:"in_doubt_not_whole"`
	short     []accounts.ShortCount
	Images    int64             `json:"images_queued"`
	Refused   []statusRefusal   `json:"images_refused"` // of the newest
	New       []statusAPIChange `json:"new_from_vendor"`
}

type statusRun struct {
	Run      int64      `json:"run"`
	Started  time.Time  `json:"started"`
	Ended    *time.Time `json:"ended"`
	ExitCode *int       `json:"exit_code"` // null: it has not ended, was cut short, or is a restoration
	Verdict  string     `json:"verdict"`
}

type statusBacklog struct {
	Endpoint string `json:"endpoint"`
	Region   string `json:"region"`
	State    string `json:"state"`
	IDs      int64  `json:"ids"`
}

// statusSpend describes one scope's spend: at least, at most, and its cap.
type statusSpend struct {
	Scope    string          `json:"scope"`
	Spent    string          `json:"spent"`
	Calls    int64           `json:"calls_at_most"`
	Amounts  []asjson.Amount `json:"spent_amounts"`
	Unpriced int64           `json:"calls_without_price"`
	Cap      string          `json:"cap"`
	CapCalls int64           `json:"cap_calls"`
	Counted  string          `json:"counted_by_caps,omitempty"`           // where calls were made at dearer prices
	Tagged   string          `json:"counted_by_caps_as_tagged,omitempty"` // where calls tagged PAY are no charge
	tagged   string          // in words
	Minimum  string          `json:"minimum_left_out,omitempty"`
}

type statusEndpoint struct {
	Endpoint   string    `json:"endpoint"`
	Set        float64   `json:"set_rate"`
	Remembered float64   `json:"remembered_rate"`
	Since      time.Time `json:"remembered_at,omitzero"`
	Parked     string    `json:"stopped_because,omitempty"`
	Until      time.Time `json:"parked_until,omitzero"`       // not asked before
	Oldest     time.Time `json:"oldest_waits_since,omitzero"` // when the longest waiting ID was listed
}

func newStatus(ctx context.Context, c *config.Config, s *store.Store, now time.Time) (statusResult, error) {
	r := statusResult{Database: c.Database, Zone: c.Zone.String(), Runs: []statusRun{}, Backlog: []statusBacklog{},
		Rates: []statusEndpoint{}}
	if holder, ok := s.Holder(); ok {
		r.Lock = &holder
	}
	if err := s.Records().Check(ctx, database.Places(c)); err != nil {
		r.Behind = err.Error()
	}
	below, err := s.Books().BelowZero(ctx)
	if err != nil {
		return r, err
	}
	r.Below, r.Log = below, database.LogOf(c)
	doubts, err := s.Probes().InDoubt(ctx)
	if err != nil {
		return r, err
	}
	r.Probes = len(doubts)
	runs, err := s.Runs().Latest(ctx, shownRuns)
	if err != nil {
		return r, err
	}
	for _, run := range runs {
		row := statusRun{Run: run.ID, Started: run.StartedAt, Verdict: run.Verdict}
		if !run.NoNight && !run.EndedAt.IsZero() {
			row.ExitCode = &run.ExitCode
		}
		if !run.EndedAt.IsZero() {
			row.Ended = &run.EndedAt
		}
		r.Runs = append(r.Runs, row)
	}
	backlog, err := s.Checks().Backlog(ctx)
	if err != nil {
		return r, err
	}
	for _, b := range backlog {
		r.Backlog = append(r.Backlog, statusBacklog{b.Endpoint, b.Region, string(b.State), b.Checks})
	}
	if r.InDoubt, err = s.Calls().InDoubt(ctx); err != nil {
		return r, err
	}
	if r.Flying, err = s.Calls().InFlight(ctx); err != nil {
		return r, err
	}
	if r.Bills, err = statusBills(ctx, s); err != nil {
		return r, err
	}
	if r.Closed, err = statusClosures(ctx, s); err != nil {
		return r, err
	}
	if r.Spend, err = spentSoFar(ctx, c, s, now); err != nil {
		return r, err
	}
	if r.Changed, r.Changes, err = statusPriceChanges(ctx, c, s, now); err != nil {
		return r, err
	}
	if r.Rates, err = rates(ctx, c, s, now); err != nil {
		return r, err
	}
	if err := r.hold(ctx, c, s, now); err != nil {
		return r, err
	}
	if len(runs) > 0 && len(backlog) > 0 {
		if r.Nights, err = s.Runs().NightsAfter(ctx, runs[0].ID); err != nil {
			return r, err
		}
	}
	owed, err := s.Runs().Deliveries().Owed(ctx)
	if err != nil {
		return r, err
	}
	r.Owed = len(owed)
	if r.NoScore, r.Suspects, err = monitor.AnswersOf(ctx, s); err != nil {
		return r, err
	}
	paid, err := s.Checks().GivenUpPaid(ctx)
	if err != nil {
		return r, err
	}
	for _, n := range paid {
		r.GivenUp += n
	}
	if err = r.told(ctx, s); err != nil {
		return r, err
	}
	if r.Images, err = s.Images().CountQueued(ctx); err != nil {
		return r, err
	}
	if r.Refused, err = refusals(ctx, s); err != nil {
		return r, err
	}
	r.New, err = latestAPIChanges(ctx, s)
	return r, err
}

// hold adds what is held to what is open.
func (r *statusResult) hold(ctx context.Context, c *config.Config, s *store.Store, now time.Time) error {
	released, err := s.Checks().Released(ctx)
	if err != nil {
		return err
	}
	for _, h := range released {
		r.Released, r.Erased = r.Released+h.Checks-h.Erased, r.Erased+h.Erased
	}
	held, err := s.Checks().Held(ctx)
	if err != nil {
		return err
	}
	spent, err := usage.Read(ctx, s, c.Prices, c.BillingZone, now)
	if err != nil {
		return err
	}
	r.lostCalls = lostCallsOf(spent.Lost())
	for _, h := range held {
		r.Backlog = append(r.Backlog, statusBacklog{h.Endpoint, h.Region, string(store.Held), h.Checks})
	}
	all := spent.Held(c.Caps, now)
	r.Held, r.HeldCost = all.IDs, all.Money()
	return nil
}

// spentSoFar returns what day and month have spent so far.
func spentSoFar(ctx context.Context, c *config.Config, s *store.Store, now time.Time) ([]statusSpend, error) {
	meter, err := night.Meter(ctx, c, s, now)
	if err != nil {
		return nil, err
	}
	period := c.Prices.PeriodOf(now)
	row := func(scope string, r billing.Range, limit billing.Cap) statusSpend {
		return statusSpend{Scope: scope, Spent: r.String(), Amounts: asjson.Amounts(r.Floor, r.Ceiling),
			Calls: r.CeilingCalls, Unpriced: r.Unpriced, Cap: limit.Limit.String(), CapCalls: limit.Calls,
			Counted: r.Counted.String(), Tagged: r.Tagged.String(), tagged: c.Caps.Basis.CountedMore(r.Tagged)}
	}
	month := row("month "+period.String(), meter.Month(), c.Caps.Month)
	month.Minimum = c.Prices.Minimums(period).String()
	return []statusSpend{row("today", meter.Day(), c.Caps.Day), month}, nil
}

func rates(
	ctx context.Context, c *config.Config, s *store.Store, now time.Time,
) ([]statusEndpoint, error) {
	memories, err := s.Endpoints().Memories(ctx)
	if err != nil {
		return nil, err
	}
	oldest, err := s.Checks().OldestPending(ctx)
	all := []statusEndpoint{}
	for _, e := range c.Endpoints {
		m := memories[e.Name]
		all = append(all, statusEndpoint{e.Name, e.Rate, m.Rate, m.UpdatedAt, m.ParkedReason,
			batch.ParkedUntil(m, c.BillingZone, now), oldest[e.Name]})
	}
	return all, err
}

func printStatus(out stream, r statusResult, zone *time.Location) {
	out.printf("%s, on the clocks of %s\n\n", r.Database, r.Zone)
	if r.Behind != "" {
		out.wrap("not to be run: ", r.Behind)
		out.printf("\n")
	}
	if r.Lock != nil {
		out.printf("locked by %s\n\n", holderIn(*r.Lock, zone))
	}
	if r.Below > 0 {
		out.wrap("wrong: ", fmt.Sprintf("%s below zero, so that amounts and caps of their month have too few: "+
			"the next run counts them again", words.Plural(r.Below, "count of calls stands", "counts of calls stand")))
	}
	if r.Log.Bytes > 0 {
		out.printf("log of the database: %s\n\n", r.Log)
	}
	printRuns(out, r, zone)
	printBacklog(out, r)
	t := newTable("spent", ">at least - at most", ">calls at most", ">without price", ">cap")
	for _, s := range r.Spend {
		t.row(s.Scope, words.OrDash(s.Spent), words.Comma(s.Calls), words.Comma(s.Unpriced), words.OrDash(s.limit()))
	}
	out.table(t)
	for _, s := range r.Spend {
		if s.Minimum != "" {
			out.wrap("", fmt.Sprintf("%s owes at least %s, whatever is called: that is in the finance workbook, not in these "+
				"amounts and caps", s.Scope, s.Minimum))
			out.printf("\n")
		}
	}
	printPrices(out, r, zone)
	printEndpoints(out, r, zone)
	if r.Probes > 0 {
		out.printf("%s of `liverecon doctor --ask` may be charged (view v_probes)\n\n",
			words.Plural(int64(r.Probes), "call", "calls"))
	}
	printRefusals(out, r)
	printMonths(out, r, zone)
	printAPIChanges(out, r, zone)
}

func (s statusSpend) limit() string {
	text := s.Cap
	if s.CapCalls > 0 {
		text = strings.TrimSpace(text + " " + words.Plural(s.CapCalls, "call", "calls"))
	}
	return text
}

func printRuns(out stream, r statusResult, zone *time.Location) {
	for i, run := range r.Runs {
		end := "interrupted"
		if i == 0 && r.Lock != nil {
			end = r.Lock.RunState()
		}
		if run.Ended != nil {
			end = words.Took(run.Started, *run.Ended)
			if run.ExitCode != nil {
				end += fmt.Sprintf(", exit code %d", *run.ExitCode)
			}
		}
		out.printf("run %d, %s, %s\n", run.Run, words.Moment(run.Started, zone), end)
		out.wrap("    ", words.OrDash(run.Verdict))
	}
	out.printf("\n")
}

func printBacklog(out stream, r statusResult) {
	if len(r.Backlog) == 0 {
		out.printf("nothing is open\n")
	} else {
		t := newTable("endpoint", "region", "state", ">IDs")
		for _, b := range r.Backlog {
			t.row(b.Endpoint, b.Region, b.State, words.Comma(b.IDs))
		}
		out.printf("%s\n", lines(t.Render()))
	}
	if what := r.openState(); r.Nights > 0 && what != "" {
		out.sentencef("%s needs about %s like the last one", what, words.Plural(r.Nights, "more night", "more nights"))
	}
	printHeld(out, r.Held, r.HeldCost)
	if r.Released > 0 {
		out.sentencef("%s held no longer: each counts as paid for once at most in what the database lost, "+
			"besides what asking again costs", words.Plural(r.Released, "ID is", "IDs are"))
	}
	if r.Erased > 0 {
		out.sentencef("%s erased while held: each counts as paid for once at most in what the database lost",
			words.Plural(r.Erased, "ID was", "IDs were"))
	}
	r.printLost(out)
	if r.InDoubt > 0 {
		out.sentencef("%s in doubt, in all runs: charged or not, only a statement can tell",
			words.Plural(r.InDoubt, "call", "calls"))
	}
	if r.Flying > 0 {
		out.wrap("", words.InFlight(r.Flying))
	}
	printAnswers(out, r)
	out.printf("\n")
}

// openState names what the last run left to later ones: pending IDs, or else IDs in doubt; "" where neither is there any
// more.
func (r statusResult) openState() string {
	for _, one := range [][2]string{{string(store.Pending), "what is pending"}, {string(store.InDoubt), "what is in doubt"}} {
		if slices.ContainsFunc(r.Backlog, func(b statusBacklog) bool { return b.State == one[0] }) {
			return one[1]
		}
	}
	return ""
}

func printEndpoints(out stream, r statusResult, zone *time.Location) {
	t := newTable("endpoint", ">set rate", ">settled at", "on", "oldest waits since")
	for _, e := range r.Rates {
		settled := "-"
		if e.Remembered > 0 {
			settled = perSecond(e.Remembered)
		}
		t.row(e.Endpoint, perSecond(e.Set), settled, words.Moment(e.Since, zone), words.Moment(e.Oldest, zone))
	}
	out.printf("%s\n", lines(t.Render()))
	for _, e := range r.Rates {
		if e.Parked != "" {
			out.sentencef("%s was left for the night: %s%s", e.Endpoint, e.Parked, e.parked(zone))
		}
	}
	out.printf("\n")
}

func perSecond(rate float64) string { return humanize.FtoaWithDigits(rate, 3) + "/s" }

// parked tells until when an endpoint is not asked, and what asks it all the same.
func (e statusEndpoint) parked(zone *time.Location) string {
	if e.Until.IsZero() {
		return ""
	}
	return fmt.Sprintf("; not asked before %s, unless by `liverecon run --parked`", words.Moment(e.Until, zone))
}

// holderIn names the holder of a lock, with the time in a zone.
func holderIn(h dbfile.Holder, zone *time.Location) string {
	if h.PID == 0 {
		return h.String()
	}
	return fmt.Sprintf("liverecon %s, process %d on %s, since %s", h.Verb, h.PID, h.Host, words.Moment(h.Since, zone))
}

package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch/badinput"
	"liverecon/batch/billing"
	"liverecon/batch/forecast"
	"liverecon/batch/list"
	"liverecon/batch/prospect"
	"liverecon/batch/rejects"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/apichanges"
	"liverecon/store/calendar"
)

// Summary holds what a run came to.
type Summary struct {
	RunID    int64
	ExitCode int
	Verdict  string // one sentence

	Lists       []store.List   // read in this run
	Untold      []store.List   // read by earlier runs that were interrupted
	Rejected    int64          // rows of Lists and Untold
	Aside       []*list.Error  // lists that could not be taken
	Words       []rejects.Word // about Lists
	TooMany     []store.List   // of both, those of which too many rows were rejected, the worst first
	Unmended    []store.List   // the same of lists that earlier runs have read, and that are there unchanged
	Planned     int64          // IDs that were open when the calls began
	Work        int64          // of them, those that were to be asked: no more of those in doubt than may be repeated
	Answered    int64          // of them, those that need no further call
	GivenUp     int64          // of them, those that a person must decide about
	Refused     int64          // of them, those that the vendor refused to look for
	GivenUpPaid int64          // of GivenUp, those for which an answer was paid
	// of them, those asked once more by hand whose new answer was lost or no better: they keep what they have
	Kept      int64
	KeptPaid  int64 // of Kept, those whose new answer is tagged PAY
	Pending   int64 // of them, those that were not asked or are to be asked again
	Reopened  int64 // of Pending, and not of Planned: called absent in earlier nights, and asked once more
	NoScore   int64 // of Pending, those whose answer has no score yet
	Scoreless int64 // IDs that this run made done without a score
	// IDs that were done without a score before, were asked once more by hand, and have none either
	StillNoScore int64
	AskedAgain   int64 // of Pending, those that keep what they have and are to be asked once more by hand
	Unbelieved   int64 // of GivenUp, those called absent, not for free, by endpoints that knew nobody
	// and those of earlier nights, which were given up besides
	UnbelievedBefore int64
	Empty            int64           // of GivenUp, those whose answer was a SUCCESS with nothing in it
	Repeated         int64           // answers that were not believed because they repeat a transaction ID
	Misplaced        int64           // IDs absent where they had been asked, and asked where they belong
	Suspects         int64           // IDs of which this run found that they may hold another's answer
	StillSuspect     int64           // IDs that earlier runs found may hold another's answer, and that were not asked again
	Waiting          int64           // IDs in doubt that wait for a repeat or a statement
	Resting          int64           // of Waiting, those that were repeated too lately for another repeat
	RestUntil        time.Time       // from when on each of Resting may be repeated
	Billed           int64           // of Waiting, those whose lost answers a statement says were billed
	Short            int64           // of Waiting, those that are on no statement, and none is whole for them
	Unrouted         int64           // open IDs of endpoints that are not configured
	Held             usage.HeldIDs   // that are not asked, since an older copy of the database goes on
	Released         usage.HeldIDs   // that were held, and may have been paid for this month before they were released or erased
	Lost             usage.LostCalls // of this month, for which nothing is held
	NobodyAt         []string        // endpoints that knew so few IDs that they are not believed
	Calls            int64
	Paid             int64 // calls tagged PAY
	Doubts           int64 // calls of this run that may have been charged without our knowing
	Repeats          int64 // of doubts, the most that this run might make
	Spent            billing.Range
	// what caps on money counted of the month more than it comes to: calls were made at dearer prices
	Counted billing.Amounts
	// like this one that Pending needs, when a limit ended this one, and Waiting, when the next run's repeats are not
	// enough; 0 when nobody can tell
	Nights  int64
	Tallies []store.Tally
	Images  Images
	New     []apichanges.Known // what the vendor had not shown before this run

	nobody    []string  // the same, in words
	uncounted bool      // it failed before what became of its IDs was counted
	found     int64     // IDs that the vendor knows, of those whose answer was not known before
	remarks   []string  // on what the answers of the endpoints have in common
	refused   []string  // what the vendor's accounts or endpoints said
	poor      []string  // endpoints that gave hardly any result
	limits    []string  // caps that were reached
	trouble   []string  // endpoints busy or down
	quota     bool      // an endpoint's daily quota was used up
	shares    []share   // the endpoints' parts in the night
	monthly   bool      // it ended at the cap on the month
	held      bool      // IDs in doubt are not repeated
	oldest    time.Time // when the list was read in which the longest open ID stands; zero when none waits for a call
	leftOver  int64     // of Work, those that an earlier run was to ask once more by hand
	early     int64     // answers of this run that say something, but have no score yet
	bare      int64     // IDs that are done by an answer of this run without a score, or with one that is none
	idle      *idleRun  // the run without an answer that this one adds nothing to; nil: there is none
	prices    usage.PricesChanged
	earlier   billing.Amounts // of Counted, what made caps be reached that would not be at today's prices
	tagged    billing.Amounts // the same of what is no charge by the contract's reading, and tagged PAY
	cause     error           // why fetching was told to stop, nil when it was not
	err       error           // what failed, or stopped the night before anything was sent
}

// account counts what the calls of a run became, and asserts that the books balance.
func account(ctx context.Context, job *Job, runID int64, plan *Plan, f *fetch, meter *billing.Meter) (Summary, error) {
	month := meter.Month()
	sum := Summary{RunID: runID, uncounted: true, Planned: plan.Open(), Work: plan.work(), leftOver: plan.leftOver(job),
		Spent: meter.Run(), Held: plan.Held, Released: plan.Released, Lost: plan.Lost,
		prices: plan.Prices, Repeats: plan.Repeats, Counted: month.Counted,
		earlier: f.beyond(month.Counted, func(e *billing.CapError) bool { return e.Made }),
		tagged:  f.beyond(month.Tagged, func(e *billing.CapError) bool { return e.Tagged }),
		held:    job.Policy.withDefaults().RepeatInDoubt == RepeatHold,
		refused: f.stops(stopRefused), limits: f.stops(stopCap), poor: f.stops(stopPoor), trouble: append(f.stops(stopBusy, stopDown),
			f.parked...), quota: len(f.stops(stopBusy)) > 0}
	if f.retried {
		sum.limits = append(sum.limits, fmt.Sprintf("retry budget of %s used up", humanize.Comma(job.RetryBudget)))
	}
	var err error
	if sum.Tallies, err = job.Store.Calls().Tallies(ctx, runID); err != nil {
		return sum, err
	}
	for _, t := range sum.Tallies {
		sum.Calls += t.Calls
		sum.Paid += t.Pay
		sum.Doubts += t.Doubt
	}
	told, err := countNights(ctx, job, runID, f.workers)
	if err != nil {
		return sum, err
	}
	sum.NobodyAt, sum.nobody, sum.found, sum.Reopened = told.nobodyAt, told.nobody, told.found, told.reopened.Earlier.Pending
	sum.GivenUp = told.reopened.InRun.GivenUp
	ahead := forecast.Month{Prices: job.Prices, Basis: job.Caps.Basis, Now: time.Now()}
	capped, err := ahead.Read(ctx, job.Store.Calls(), job.Caps.Month, month.Capped())
	if err != nil {
		return sum, err
	}
	sum.remarks = slices.Concat(told.untold, told.changed, capped)
	ended, err := job.Store.Checks().EndNoScore(ctx, job.Policy.NoScoreNights, time.Now())
	if err == nil { // one that the plan ended may have its score since
		sum.Scoreless, err = job.Store.Checks().Scoreless(ctx, slices.Concat(plan.ended, ended))
	}
	if err != nil {
		return sum, err
	}
	backlog, err := job.Store.Checks().Backlog(ctx)
	if err != nil {
		return sum, err
	}
	left := map[string]int64{}
	for _, b := range backlog {
		switch {
		case !plan.of(b.Endpoint).Configured:
			sum.Unrouted += b.Checks
		case b.State == store.InDoubt:
			sum.Waiting += b.Checks
		default:
			sum.Pending += b.Checks
			left[b.Endpoint] += b.Checks
			if b.State == store.AskedAgain {
				sum.AskedAgain += b.Checks
			}
		}
	}
	for what, ids := range map[accounts.Told]*int64{accounts.ToldBilled: &sum.Billed, accounts.ToldShort: &sum.Short} {
		found, err := job.Store.Checks().Told(ctx, what)
		if err != nil {
			return sum, err
		}
		for _, b := range found {
			if plan.of(b.Endpoint).Configured {
				*ids += b.Checks
			}
		}
	}
	for _, l := range job.Progress.Endpoints() {
		sum.GivenUp += l.GivenUp
		sum.Empty += l.Empty
		sum.Refused += l.Refused
		sum.Kept += l.Kept
		sum.KeptPaid += l.KeptPaid
		sum.Scoreless += l.Scoreless
		sum.bare += l.Scoreless
		sum.StillNoScore += l.StillNoScore
		sum.early += l.NoScore - l.Blank
	}
	if err := sum.countResting(ctx, job, plan); err != nil {
		return sum, err
	}
	if err := sum.watch(ctx, job); err != nil {
		return sum, err
	}
	if err := countAnswers(ctx, job, plan, &sum); err != nil {
		return sum, err
	}
	if sum.idle, err = idleAfter(ctx, job, &sum); err != nil {
		return sum, err
	}
	if sum.New, err = job.Store.APIChanges().OfRun(ctx, runID); err != nil {
		return sum, err
	}
	sum.uncounted = false
	sum.Answered = sum.Planned - (sum.Pending - sum.Reopened) - sum.Waiting - sum.GivenUp - sum.Kept
	sum.Unbelieved, sum.UnbelievedBefore = told.reopened.InRun.GivenUp, told.reopened.Earlier.GivenUp
	sum.shares, sum.monthly = f.shares(left)
	// the spill file has outcomes that the books lack until the next start
	if f.journal != nil && f.journal.Err() != nil {
		return sum, nil
	}
	if err = job.Store.Books().RollUp(ctx, calendar.Calendar{Zone: job.Zone, Clock: job.Clock}); err != nil {
		return sum, err
	}
	return sum, job.Store.Books().AuditRun(ctx, runID)
}

// countResting counts the IDs in doubt that a run of now would not repeat.
func (s *Summary) countResting(ctx context.Context, job *Job, plan *Plan) error {
	if job.Policy.RepeatAfter == 0 || s.held || s.Waiting == 0 {
		return nil
	}
	repeated, err := repeatedLately(ctx, job, time.Now())
	for _, b := range repeated {
		if until := b.Asked.Add(job.Policy.RepeatAfter).In(job.Zone); plan.of(b.Endpoint).Configured {
			s.Resting += b.Checks
			if whole := until.Truncate(time.Minute); whole.Before(until) {
				until = whole.Add(time.Minute) // as it is shown
			}
			if until.After(s.RestUntil) {
				s.RestUntil = until
			}
		}
	}
	return err
}

// countAnswers counts the answers of a run that are less than what they look like.
func countAnswers(ctx context.Context, job *Job, plan *Plan, s *Summary) error {
	withoutScore, err := job.Store.Checks().WithoutScore(ctx, time.Now())
	if err != nil {
		return err
	}
	for _, w := range withoutScore {
		if plan.of(w.Endpoint).Configured {
			s.NoScore += w.Checks
		}
	}
	if s.Misplaced, err = job.Store.Calls().Misplaced(ctx, s.RunID); err != nil {
		return err
	}
	if s.Repeated, err = job.Store.Calls().Repeated(ctx, s.RunID); err != nil {
		return err
	}
	if _, err = job.Store.Journal().IndexTransactions(ctx); err != nil {
		return err
	}
	suspects, err := job.Store.Calls().Suspects(ctx, s.RunID)
	s.Suspects, s.StillSuspect = suspects.InRun, suspects.IDs-suspects.InRun
	return err
}

// watch looks at what is left for a person, and since when.
func (s *Summary) watch(ctx context.Context, job *Job) (err error) {
	if s.GivenUp > 0 {
		if s.GivenUpPaid, err = job.Store.Checks().GivenUpPaidIn(ctx, s.RunID); err != nil {
			return err
		}
	}
	if s.left() == 0 {
		return nil
	}
	open, err := job.Store.Checks().OldestOpen(ctx)
	if s.held && err == nil { // those in doubt wait for a statement, as somebody wants it
		open, err = job.Store.Checks().OldestPending(ctx)
	}
	for _, at := range open {
		if s.oldest.IsZero() || at.Before(s.oldest) {
			s.oldest = at
		}
	}
	return err
}

// took notes what the lists brought.
func (s *Summary) took(in Intake, limit rejects.Limit) {
	s.Lists, s.Untold, s.Rejected, s.Aside, s.Words = in.Read, in.Untold, in.Rejected, in.Aside, in.Words
	s.TooMany = limit.TooMany(slices.Concat(in.Read, in.Untold)...)
	s.Unmended = limit.TooMany(in.Unmended...)
}

// StillRejected counts the rejected rows for which the run ends as it does, though it did not read them: those of lists
// that are there unchanged.
func (s *Summary) StillRejected() int64 { return rejects.Rows(s.Unmended) }

// left returns how many IDs have no answer.
func (s *Summary) left() int64 { return s.Pending + s.Waiting + s.Unrouted }

// facts gathers what the exit code follows from.
func (s *Summary) facts() facts {
	deadline := errors.Is(s.cause, ErrDeadline)
	input := errors.Is(s.err, ErrInput)
	return facts{
		signal:     s.cause != nil && !deadline && s.left() > 0,
		failed:     s.err != nil && !input,
		input:      input,
		refused:    len(s.refused) > 0,
		nobody:     len(s.nobody) > 0 && s.found == 0,
		few:        len(s.nobody) > 0 && s.found > 0,
		unanswered: s.unanswered(),
		poor:       len(s.poor) > 0,
		scoreless:  prospect.Mostly(s.bare, max(s.bare, s.Answered)),
		limited:    !s.answeredAll() && (len(s.limits) > 0 || deadline && s.Pending > 0),
		rejected:   len(s.Aside)+len(s.TooMany)+len(s.Unmended) > 0,
		open:       s.left()+s.Held.IDs > 0,
		suspect:    s.Suspects > 0,
	}
}

// answeredAll reports whether nothing is left but what an earlier run was to ask once more by hand: it has its results,
// and no later night fails because of it.
func (s *Summary) answeredAll() bool { return s.leftOver > 0 && s.left() == s.AskedAgain }

// conclude decides the exit code and the verdict of a run that went through.
func (s *Summary) conclude() {
	s.ExitCode = s.facts().ending().code
	s.Nights = moreNightsAfter(s)
	s.Verdict = s.sentence()
}

// interrupted makes the summary that of a run told to stop before it made any call.
func (s *Summary) interrupted() {
	s.ExitCode = ExitSignal
	s.Verdict = "STOPPED: " + commaed([]string{"stopped by signal before any call was made", s.rejects(), rejects.Aside(s.Aside)}) +
		"; resumes next run"
}

// fail makes the summary that of a failed run, or of refused input.
func (s *Summary) fail(err error) {
	s.err = err
	end := s.facts().ending()
	s.ExitCode, s.Nights = end.code, 0
	first, _, _ := strings.Cut(badinput.Cause(err).Error(), "\n")
	if s.ExitCode == ExitSignal {
		first = "stopped by signal, then failed: " + first
	}
	s.Verdict = fmt.Sprintf("%s: %s", end.word, first)
	// calls whose outcome could not be stored: the next start knows more
	if lost := s.Spent.CeilingCalls - s.Spent.FloorCalls - s.Doubts; lost > 0 {
		s.Calls, s.Doubts = s.Calls+lost, s.Doubts+lost
	}
	var known []string
	if s.Calls > 0 {
		known = s.figures()
	}
	if s.facts().rejected {
		known = append(known, s.rejects(), rejects.Aside(s.Aside))
	}
	if known != nil {
		s.Verdict += "; " + commaed(known)
	}
}

// Trouble returns which endpoints were busy, down or parked, in words: then nothing on this side stopped the repeats.
func (s *Summary) Trouble() []string { return s.trouble }

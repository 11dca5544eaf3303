// Package batch is the nightly job: list -> plan -> fetch -> settle.
//
// The stages run one after another; only fetching is concurrent inside, one endpoint an endpoint. Everything a stage
// finds out is in the database before the next begins, so that running the job again is how it recovers from any end.
//
// Of the protocol that accounts for every paid call this package carries the sending half (see package store for the
// journal): ask.go makes one call, policy.go decides what follows from its outcome, endpoint.go and package pace hold
// an endpoint to its limits, fetch.go counts the spend.
package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"liverecon/batch/badinput"
	"liverecon/batch/billing"
	"liverecon/batch/clock"
	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/panics"
)

// ErrDeadline reports the cause of a run that stopped because its time was over.
var ErrDeadline = errors.New("deadline reached")

// ErrInput marks a configuration that does not fit what is open, or a statement that is refused. Nothing was sent.
var ErrInput = badinput.Err

// Job describes one run's settings.
type Job struct {
	Store       *store.Store
	Version     string
	Simulated   bool
	Lists       []string // paths of the lists, in the order they are read
	ListOptions list.Options
	RejectRows  rejects.Limit // beyond it a night with rejected rows ends with ExitRejected
	Endpoints   []Endpoint
	Routes      map[string]string // region (alpha-2 or "*") -> endpoint, for IDs listed under an earlier configuration
	Policy      Policy
	ResultType  string // IMAGE_URL or IMAGE_BASE64

	Zone      *time.Location // of the business day; the verdict's times of day are in it
	Clock     calendar.Clock // which of its times an answer belongs to a day by
	Threshold float64        // liveness score, 0..100
	Inclusive bool           // a score equal to Threshold passes

	Prices      *billing.Book
	Caps        billing.Caps
	BillingZone *time.Location
	// in caps, too, the month's calls cost what they do in Prices, also where they were made at dearer ones
	Reprice bool

	RetryBudget           int64          // most repeats in a run; 0: no limit
	MisplacedPerRun       int64          // most IDs, absent where they were asked, that lists may have asked elsewhere
	DoubtBudgetMin        int64          // most repeats of doubts in a run: this many ...
	DoubtBudgetShare      float64        // ... or this share of the run's IDs, whichever is more
	RecheckNotFoundNights int            // later nights on which RESULT_NOT_FOUND is asked again
	Again                 []store.Asking // IDs to ask for again because a person says so
	TakeBack              bool           // what earlier runs were told so, and have not done
	AskParked             bool           // ask endpoints, too, whose daily quota is taken to be used up
	BelieveAbsent         []string       // endpoints that are believed even where they know hardly anybody

	Evidence *Evidence // nil: no image is kept

	Deadline time.Time // no call is begun after it; zero: none
	Log      *slog.Logger
	Progress *Progress

	// Publish writes the reports of a run whose calls are accounted for, before the run's row is closed.
	Publish func(context.Context, Summary) error

	noJournal journal // set by a benchmark alone
}

// Run executes the job once. The database's lock is the caller's. ctx is the order to stop: calls in flight still
// finish, outcomes are committed and reports written. The Summary is valid whatever the error; its exit code and
// verdict are those of the run's row. The error is the cause of a failed run (exit code 1) or of refused input
// (ErrInput).
func Run(ctx context.Context, job *Job) (sum Summary, err error) {
	if job.Progress == nil {
		job.Progress = NewProgress()
	}
	if job.Zone == nil {
		job.Zone = time.UTC
	}
	alive := context.WithoutCancel(ctx) // for what must happen even when the run is told to stop

	// Recover: the outcomes an earlier end left in the spill file, and calls it left without one.
	runID, err := begin(alive, job)
	if err != nil {
		return Summary{ExitCode: ExitFailed}, err
	}
	sum.RunID = runID
	defer func() { err = closeRun(alive, job, &sum, err) }()
	defer panics.Into(&err) // before the row is closed

	// Lists: every row becomes a check, a duplicate, a known ID or a reject. A list that cannot be taken is set aside.
	rule, err := job.Store.Lists().Rule(alive)
	if err != nil {
		return sum, err
	}
	intake, err := readLists(ctx, job, runID, rule)
	sum.took(intake, job.RejectRows)
	if ctx.Err() != nil {
		sum.interrupted()
		return sum, nil
	}
	if err != nil {
		return sum, err
	}

	if len(intake.Aside) == 0 {
		if err := job.Store.Lists().AllRead(alive, runID); err != nil {
			return sum, err
		}
	}

	// Plan: what is open now, and what the night's limits are.
	plan, meter, err := makePlan(alive, job, runID, intake)
	if err != nil {
		return sum, err
	}
	job.Progress.begin(plan)

	// Fetch: the stage that spends money. Beside it, and for a while after it, images are collected.
	images, err := gather(ctx, job)
	if err != nil {
		return sum, err
	}
	fetching, cancel := withDeadline(ctx, job.Deadline, time.Now)
	defer cancel()
	fetched, err := runFetch(fetching, job, runID, plan, meter)
	collected := images.finish(alive)

	// Account: count what became of it, and assert that nothing is missing.
	accounted, accountErr := account(alive, job, runID, plan, fetched, meter)
	if err != nil && errors.Is(accountErr, store.ErrStopped) { // it says the same once more
		accountErr = nil
	}
	accounted.took(intake, job.RejectRows)
	sum, sum.Images, sum.cause = accounted, collected, context.Cause(fetching)
	if err = errors.Join(err, accountErr); err != nil {
		return sum, err
	}
	sum.conclude()

	// Publish: the workbooks, from the database alone.
	if job.Publish != nil {
		if err := publish(alive, job, sum); err != nil {
			return sum, fmt.Errorf("publish: %w", err)
		}
	}
	return sum, nil
}

// begin opens the run's row and brings the database to a state in which every earlier call has its outcome.
func begin(ctx context.Context, job *Job) (int64, error) {
	runID, unclean, err := job.Store.Runs().Open(ctx, job.Version, job.Simulated)
	if err != nil {
		return 0, err
	}
	found, err := job.Store.Journal().Recover(ctx)
	cutShort, counted := job.Store.Runs().CutShort(ctx, runID) // another verb may have noted them before
	if err = errors.Join(err, counted); err == nil {
		err = countLeftOver(ctx, job)
	}
	var mended int64
	if err == nil {
		mended, err = job.Store.Books().MendUsage(ctx)
	}
	if err == nil {
		err = job.Store.Runs().SaveSettings(ctx, job.Threshold, job.Inclusive)
	}
	if err != nil {
		return 0, errors.Join(err, job.Store.Runs().Close(ctx, runID, ExitFailed, "FAILED: "+err.Error(), err))
	}
	if mended > 0 {
		job.Log.Warn("law broken by an earlier version: counts of calls stood below zero; they are counted again from "+
			"the calls, and amounts of their month may change", "quarter hours", mended)
	}
	if found.Suspects > 0 {
		job.Log.Warn("answers of earlier runs share a transaction ID with other answers", "suspect answers",
			found.Suspects)
	}
	if found.Strange > 0 {
		job.Log.Warn("the spill file holds outcomes of calls that this database lacks, an older copy perhaps: it "+
			"is kept",
			"outcomes", found.Strange, "file", found.Kept)
	}
	if found.Damaged {
		job.Log.Warn("the spill file is damaged: what was whole of it was imported, and it is kept; a call whose outcome "+
			"cannot be read is in doubt", "file", found.Kept)
	}
	if unclean+cutShort+int64(found.Spilled) > 0 {
		job.Log.Warn("an earlier run was interrupted", "runs", unclean, "calls in doubt", cutShort,
			"outcomes from spill file", found.Spilled)
	}
	return runID, nil
}

// closeRun writes the run's row in any case but one, on a context of its own: where the disk has failed to keep
// something nothing more is written, and the next run finds that this one has no end.
func closeRun(ctx context.Context, job *Job, sum *Summary, err error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err == nil && sum.Nights > 0 {
		err = job.Store.Runs().RememberNights(ctx, sum.RunID, sum.Nights)
	}
	if err != nil {
		sum.fail(err)
	}
	if job.Store.Stopped() != nil {
		return err
	}
	unclosed := job.Store.Runs().Close(ctx, sum.RunID, sum.ExitCode, sum.Verdict, err)
	if unclosed == nil {
		unclosed = job.Store.Lists().Told(ctx, sum.RunID)
	}
	if unclosed != nil && err == nil {
		sum.fail(unclosed)
	}
	return errors.Join(err, unclosed)
}

// FailAfter makes a run that has ended a failed one, in its summary and its row: what follows a run (the copy of the
// database, retention) belongs to the night. The verdict names the cause, then what the run itself came to. One that
// failed already, or was refused its input, stays as it is, and so does the exit code of one that was stopped by a
// signal. It returns err, with what went wrong while noting it.
func FailAfter(ctx context.Context, job *Job, sum *Summary, err error) error {
	if err == nil || sum.RunID == 0 || sum.ExitCode == ExitFailed || sum.ExitCode == ExitInput {
		return err
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if sum.ExitCode = Stronger(sum.ExitCode, ExitFailed); sum.ExitCode == ExitFailed {
		sum.Verdict = fmt.Sprintf("FAILED: %s; the run itself came to %s", first, sum.Verdict)
	} else {
		sum.Verdict += "; then failed: " + first
	}
	if job.Store.Stopped() != nil {
		return err
	}
	return errors.Join(err, job.Store.Runs().Close(ctx, sum.RunID, sum.ExitCode, sum.Verdict, err))
}

// Remark adds to the verdict of a run that has ended, and of its row, what is true only now; "" is nothing. cause is
// what made it fail, if it did.
func Remark(ctx context.Context, job *Job, sum *Summary, remark string, cause error) error {
	if remark == "" || sum.RunID == 0 {
		return nil
	}
	sum.Verdict += "; " + remark
	if job.Store.Stopped() != nil {
		return nil
	}
	return job.Store.Runs().Close(ctx, sum.RunID, sum.ExitCode, sum.Verdict, cause)
}

// ClockDoubt returns what speaks against this machine's clock after a run: that the vendor refused us, or what
// clock.Hear says. It returns "" where nothing does.
func ClockDoubt(ctx context.Context, job *Job, sum *Summary, now time.Time) (string, error) {
	var words []clock.Word
	for _, l := range job.Endpoints {
		if ahead, tells := l.Client.Clock(); tells {
			words = append(words, clock.Word{Endpoint: l.name(), Ahead: ahead})
		}
	}
	doubt, err := clock.Hear(ctx, job.Store, words, sum.RunID, now)
	if err == nil && len(sum.refused) > 0 {
		doubt = "the vendor refused this run"
	}
	return doubt, err
}

// withDeadline cancels at t, as now has it, with ErrDeadline as cause. It is no context deadline: a limiter that
// foresees it would give up every wait early. Nor is it one timer: what timers go by stands still while a machine is
// suspended, and does not follow a clock that is put right.
func withDeadline(ctx context.Context, t time.Time, now func() time.Time) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := func() { cancel(nil) }
	if t.IsZero() {
		return ctx, stop
	}
	left := func() time.Duration { return t.Round(0).Sub(now()) } // without its monotonic part
	if left() <= 0 {
		cancel(ErrDeadline)
		return ctx, stop
	}
	go func() {
		for left() > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(min(left(), time.Second)):
			}
		}
		cancel(ErrDeadline)
	}()
	return ctx, stop
}

// inFlight returns the most calls that can be in flight at once.
func (j *Job) inFlight() int {
	n := 0
	for _, l := range j.Endpoints {
		n += l.Concurrency
	}
	return n
}

// inDoubtBudget returns how many lost answers this run may ask for again; -1: no limit.
func (j *Job) inDoubtBudget(p *Plan) int64 {
	if j.Policy.RepeatInDoubt == RepeatAlways {
		return -1
	}
	return max(j.DoubtBudgetMin, int64(j.DoubtBudgetShare*float64(p.Open())))
}

// believes reports whether a person said that an endpoint is right about IDs it does not know.
func (j *Job) believes(endpoint string) bool { return slices.Contains(j.BelieveAbsent, endpoint) }

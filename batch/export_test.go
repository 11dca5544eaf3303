package batch

import (
	"context"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/rejects"
	"liverecon/store"
)

// Share is one endpoint's part in a night.
type Share = share

// ReadWhile reads a list to which something is done behind its looking up.
func ReadWhile(ctx context.Context, job *Job, path string, change func()) error {
	found, err := lookUp(ctx, job, path, func(context.Context, string) (store.List, bool, error) {
		return store.List{}, false, nil
	})
	if err != nil {
		return err
	}
	change()
	_, _, err = readOne(ctx, job, path, found, func(list.Row) error { return nil }, func(list.Reject) error { return nil })
	return err
}

// MoreNights is how many more nights like one the rest needs.
func MoreNights(shares ...Share) int64 { return moreNights(shares) }

// WithoutJournal makes the job forget every call, to measure what remembering costs.
func (j *Job) WithoutJournal() { j.noJournal = forgetful{} }

type forgetful struct{}

func (forgetful) Begin(store.Intent) (int64, error) { return 1, nil }

func (forgetful) Finish(int64, store.Intent, store.Result) func() error {
	return func() error { return nil }
}

func (forgetful) Seen(int64, string) (int64, bool) { return 0, false }

func (forgetful) Told(int64, int64, [32]byte) (same, retold bool) { return false, false }

func (forgetful) Suspect(int64, string, []int64) func() ([]int64, error) {
	return func() ([]int64, error) { return nil, nil }
}

func (forgetful) Err() error   { return nil }
func (forgetful) Close() error { return nil }

// Conclude concludes a run that was told these things; failure is what broke afterwards, or the input that was refused.
func (s Summary) Conclude(refused, limits []string, cause, failure error) Summary {
	s.refused, s.limits, s.cause = refused, limits, cause
	s.conclude()
	if failure != nil {
		s.fail(failure)
	}
	return s
}

// Took notes what the lists brought.
func (s Summary) Took(in Intake, limit rejects.Limit) Summary {
	s.took(in, limit)
	return s
}

// Decide returns what the policy makes of a reply to an ID's first request in a run.
func (p Policy) Decide(c store.Check, r liveness.Reply) store.Result {
	p = p.withDefaults()
	t := &task{check: c, reason: reasonFor(c), tries: 1}
	t.check.Attempts++
	return p.resultOf(r, p.decide(t, r))
}

// ReasonFor is the reason of a check's next call.
func ReasonFor(c store.Check) store.Reason { return reasonFor(c) }

// Failed is the summary of a run that failed before what became of its IDs was counted.
func (s Summary) Failed(err error) Summary {
	s.uncounted = true
	s.fail(err)
	return s
}

// KnowsNobody notes endpoints that knew hardly any ID, in words, and how many IDs were found.
func (s Summary) KnowsNobody(found int64, words ...string) Summary {
	s.found, s.nobody = found, words
	return s
}

// GivesFew notes the endpoints that gave hardly any result, in words, and how many results have no score.
func (s Summary) GivesFew(bare int64, words ...string) Summary {
	s.bare, s.poor = bare, words
	return s
}

// Holds notes whether IDs in doubt are not repeated.
func (s Summary) Holds(held bool) Summary {
	s.held = held
	return s
}

// EarlierFingerprint is that of a list which an earlier rule read, with the region that it took from the list's name.
func (j *Job) EarlierFingerprint(path, region string, rule int) (string, error) {
	content, err := list.Hash(path)
	return listFingerprint(content.SHA256, region, rule, j), err
}

// RetryBudget admits and settles calls under a budget of repeats.
type RetryBudget struct{ *spending }

// NewRetryBudget is one without caps on money.
func NewRetryBudget(repeats int64, prices *billing.Book, now time.Time) RetryBudget {
	return RetryBudget{newSpending(billing.NewMeter(prices, billing.Caps{}, now), 1, repeats)}
}

// WithDeadline is the context of what ends at a moment.
var WithDeadline = withDeadline

package batch

import (
	"liverecon/batch/liveness"
	"liverecon/store"
)

// SightingsOf is what the radar sees in an answer.
func SightingsOf(e *liveness.Envelope, known liveness.Codes, id string) []store.Sighting {
	return sightingsOf(e, known, id)
}

// Share is one endpoint's part in a night.
type Share = share

// MoreNights is how many more nights like one the rest needs.
func MoreNights(shares ...Share) int64 { return moreNights(shares) }

// WithoutJournal makes the job forget every call, to measure what remembering costs.
func (j *Job) WithoutJournal() { j.noJournal = forgetful{} }

type forgetful struct{}

func (forgetful) Begin(store.Intent) (int64, error) { return 1, nil }

func (forgetful) Finish(int64, store.Intent, store.Result) func() error {
	return func() error { return nil }
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
func (s Summary) Took(in Intake, limit RowLimit) Summary {
	s.took(in, limit)
	return s
}

package batch

import "slices"

// The exit codes of the job: a contract with the scripts that call it.
const (
	ExitDone   = 0 // all open IDs have their answer, or there was nothing to do
	ExitFailed = 1 // something broke; the next run recovers
	// some IDs are pending or in doubt and resume next run, or it found answers that may be another ID's
	ExitPartial    = 3
	ExitStopped    = 4   // a cap or the deadline stopped it; resumable
	ExitRejected   = 5   // done, but lists were set aside, or too many rows of one rejected
	ExitUnanswered = 6   // there was work and no answer, or an endpoint knew hardly anybody, or gave hardly any result
	ExitInput      = 10  // bad usage, configuration or input: nothing was sent
	ExitLocked     = 11  // another run holds the lock
	ExitRefused    = 12  // an account or endpoint refused us
	ExitVariance   = 13  // a reconciliation is outside its tolerance
	ExitSignal     = 130 // stopped by a signal; resumable
)

// facts holds what a night's exit code follows from.
type facts struct {
	signal     bool // told to stop, with something left to do
	failed     bool // something broke
	input      bool // the configuration does not fit what is open: nothing was sent
	refused    bool // an account or endpoint refused us
	nobody     bool // an endpoint knew so few IDs that it is not believed, and no ID was found at all
	few        bool // the same, and some were, there or elsewhere
	poor       bool // an endpoint gave hardly any result, and was asked no further
	unanswered bool // IDs were to be asked, and none of them has its answer
	scoreless  bool // many have their answer, and hardly any of these a score
	limited    bool // a cap or the deadline left something
	rejected   bool // lists were set aside, or too many rows of one rejected
	open       bool // IDs are pending or in doubt
	suspect    bool // answers were found that may be another ID's
}

// ending describes how a night ends: its exit code, and the word its verdict begins with.
type ending struct {
	holds bool
	code  int
	word  string
}

// endings returns all there are, strongest first. This table alone decides: exit code, verdict, row of the run, ping
// and metrics follow it.
func (f facts) endings() []ending {
	return []ending{
		{f.signal, ExitSignal, "STOPPED"},
		{f.failed, ExitFailed, "FAILED"},
		{f.input, ExitInput, "REFUSED INPUT"},
		{f.refused, ExitRefused, "REFUSED"},
		{f.nobody, ExitUnanswered, "NOBODY FOUND"},
		{f.few, ExitUnanswered, "FEW FOUND"},
		{f.unanswered, ExitUnanswered, "NO ANSWER"},
		{f.poor, ExitUnanswered, "FEW RESULTS"},
		{f.scoreless, ExitUnanswered, "NO SCORE"},
		{f.limited, ExitStopped, "STOPPED"},
		{f.rejected, ExitRejected, "BAD LISTS"},
		{f.open || f.suspect, ExitPartial, "PARTIAL"},
		{true, ExitDone, "DONE"},
	}
}

// ending returns the strongest ending that holds.
func (f facts) ending() ending {
	all := f.endings()
	return all[slices.IndexFunc(all, func(e ending) bool { return e.holds })]
}

// Successes returns the exit codes of a run that did what a night is for: what it left resumes by itself, or is listed
// for when somebody has time.
func Successes() []int { return []int{ExitDone, ExitPartial} }

// Succeeded reports whether a run with this exit code did what a night is for.
func Succeeded(code int) bool { return slices.Contains(Successes(), code) }

// Stronger returns the exit code that tells more of two that an execution came to. One that is no night's is as strong
// as that of refused input: nothing was sent.
func Stronger(a, b int) int {
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// rank returns a code's place in the table of endings.
func rank(code int) int {
	all := facts{}.endings()
	at := func(code int) int { return slices.IndexFunc(all, func(e ending) bool { return e.code == code }) }
	if found := at(code); found >= 0 {
		return found
	}
	return at(ExitInput)
}

// Package outcome holds what a run came to, as JSON.
package outcome

import (
	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/asjson"
)

// Run represents a run's summary as JSON.
type Run struct {
	Run      int64  `json:"run"`
	ExitCode int    `json:"exit_code"`
	Verdict  string `json:"verdict"`
	Rejected int64  `json:"rows_rejected"`
	Still    int64  `json:"rows_still_rejected"` // of unchanged lists, for which it ends with 5
	Aside    int    `json:"lists_set_aside"`
	Planned  int64  `json:"planned"`
	Answered int64  `json:"answered"`
	GivenUp  int64  `json:"given_up"`
	Pending  int64  `json:"pending"`
	NoScore  int64  `json:"no_score_yet"`  // of those pending
	Empty    int64  `json:"empty_results"` // of those given up
	Bare     int64  `json:"done_without_score"`
	Kept     int64  `json:"kept_earlier_answer"` // asked once more, and got nothing better
	Repeated int64  `json:"repeated_answers"`
	Suspects int64  `json:"suspect_ids"`          // found by this run
	Standing int64  `json:"suspect_ids_standing"` // found by earlier ones, and not asked again since
	Waiting  int64  `json:"waiting_in_doubt"`
	Unrouted int64  `json:"without_endpoint"`
	Held     int64  `json:"held"`
	// IDs that were held, and may have been paid for this month before
	Released int64           `json:"released"`
	Erased   int64           `json:"erased_while_held"`
	Lost     int64           `json:"lost_calls"` // of this month, for which no ID is held
	Calls    int64           `json:"calls"`
	Paid     int64           `json:"paid"`
	InDoubt  int64           `json:"in_doubt"`
	Spent    string          `json:"spent"`
	Unpriced int64           `json:"calls_without_price"` // missing in spent
	Amounts  []asjson.Amount `json:"spent_amounts"`
	Nights   int64           `json:"more_nights"`
	Files    []string        `json:"files"`
	Lists    []List          `json:"lists"` // read in this run
	SetAside []Aside         `json:"set_aside"`
	NotTaken []NotTaken      `json:"not_taken"`
}

// Of returns the summary of a run that has written some files, and has found others beside the lists.
func Of(s batch.Summary, files []string, beside []list.NotTaken) Run {
	return Run{Run: s.RunID, ExitCode: s.ExitCode, Verdict: s.Verdict, Rejected: s.Rejected,
		Still: s.StillRejected(), Aside: len(s.Aside), Planned: s.Planned, Answered: s.Answered, GivenUp: s.GivenUp,
		Pending: s.Pending, NoScore: s.NoScore, Empty: s.Empty, Bare: s.Scoreless, Kept: s.Kept,
		Repeated: s.Repeated, Suspects: s.Suspects, Standing: s.StillSuspect, Waiting: s.Waiting,
		Unrouted: s.Unrouted, Held: s.Held.IDs,
		Released: s.Released.IDs - s.Released.Erased, Erased: s.Released.Erased,
		Lost: s.Lost.Calls, Calls: s.Calls,
		Paid: s.Paid, InDoubt: s.Doubts, Spent: s.Spent.String(), Unpriced: s.Spent.Unpriced,
		Amounts: asjson.Amounts(s.Spent.Floor, s.Spent.Ceiling), Nights: s.Nights,
		Files: append([]string{}, files...),
		Lists: Lists(s.Lists, s.Words), SetAside: SetAside(s.Aside), NotTaken: Beside(beside)}
}

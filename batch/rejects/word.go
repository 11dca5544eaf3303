package rejects

import (
	"slices"

	"liverecon/batch/list"
	"liverecon/store"
)

// Word holds what somebody should know of a list that was read.
type Word struct {
	Path   string
	Region string   // where the regions of its rows come from
	Notes  []string // each with what to do

	rejected int64        // rows, some of which may be known by their ID though
	reject   *list.Reject // the first that is none of these, else the first
}

// Reject notes a row that is rejected.
func (w *Word) Reject(bad list.Reject) {
	if w.rejected++; w.reject == nil || w.reject.Row != nil && bad.Row == nil {
		w.reject = &bad
	}
}

// Kept returns what is kept of it with the list: where its regions come from, and its notes.
func (w *Word) Kept() []string {
	if w.Region == "" {
		return w.Notes
	}
	return slices.Insert(slices.Clone(w.Notes), 0, "regions: "+w.Region)
}

// Tell adds what taking a list came to. code is what a run ends with where too many of its rows are rejected.
func (w *Word) Tell(l store.List, limit Limit, code int) {
	w.Notes = append(w.Notes, Notes(l)...)
	if w.reject != nil && w.reject.Row != nil && w.rejected != l.Rejected { // it may be known by its ID
		w.reject = nil
	}
	if limit.Exceeded(l) {
		w.Notes = append(w.Notes, Beyond(l, w.reject, code))
	}
}

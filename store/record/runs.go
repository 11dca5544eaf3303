package record

import (
	"fmt"
	"strings"
)

// Runs names the newest runs of a history, the newest first. Two copies of a database that both went on have run
// numbers and counts alike, and other nonces.
type Runs string

// MostRuns sets how many runs a record has room for.
const MostRuns = 40

// Run describes one of them.
type Run struct {
	ID    int64
	Nonce string // random, of hexadecimal digits
	Call  int64  // the history's last call when the run had ended, or so far
}

// NewRuns makes Runs, of which the newest is first.
func NewRuns(all []Run) Runs {
	var text strings.Builder
	for i, r := range all[:min(len(all), MostRuns)] {
		if i > 0 {
			text.WriteByte(' ')
		}
		fmt.Fprintf(&text, "%d:%s:%d", r.ID, r.Nonce, r.Call)
	}
	return Runs(text.String())
}

// All returns the runs; what is no run is left out.
func (r Runs) All() (all []Run) {
	for one := range strings.FieldsSeq(string(r)) {
		var run Run
		if _, err := fmt.Sscanf(strings.ReplaceAll(one, ":", " "), "%d %s %d", &run.ID, &run.Nonce, &run.Call); err == nil {
			all = append(all, run)
		}
	}
	return all
}

// Line returns the runs of the entry's history. The newest goes on with every call.
func (e Entry) Line() []Run {
	all := e.Runs.All()
	if len(all) > 0 && all[0].ID == e.Marks.Run {
		all[0].Call = e.Marks.Call
	}
	return all
}

// Lost describes how much copies lacked of what records knew when they were taken into use, one after the other.
type Lost struct {
	Calls   int64 `json:"calls,omitempty"`
	Runs    int64 `json:"runs,omitempty"`    // that may have made them
	Copies  int64 `json:"copies,omitempty"`  // that were taken into use
	Guessed int64 `json:"guessed,omitempty"` // of these, of which nobody knew exactly what they lack
}

// Since returns what was lost after an earlier moment of the same history.
func (l Lost) Since(earlier Lost) Lost {
	return Lost{l.Calls - earlier.Calls, l.Runs - earlier.Runs, l.Copies - earlier.Copies, l.Guessed - earlier.Guessed}
}

// Kinship describes how the history of a database lies to the one that a record tells of, as their runs tell.
type Kinship struct {
	Known    bool // they tell: the two have runs of one number
	Common   Run  // the newest that they share, with the last call that both have; the zero Run: nobody knows which
	Diverged bool // both went on after it
}

// Kin compares the runs of a database with those of a record, each the newest first.
func Kin(database, recorded []Run) (k Kinship) {
	have := map[int64]Run{}
	for _, r := range database {
		have[r.ID] = r
	}
	for _, r := range recorded {
		ours, ok := have[r.ID]
		switch {
		case !ok:
		case ours.Nonce != r.Nonce:
			k.Known, k.Diverged = true, true
		default:
			here, there := database[0].ID > r.ID || ours.Call > r.Call, recorded[0].ID > r.ID || r.Call > ours.Call
			r.Call = min(r.Call, ours.Call)
			return Kinship{true, r, here && there}
		}
	}
	return k
}

package findings

import (
	"cmp"
	"time"
)

// Kind names a group of attack types among suspicious checks.
type Kind int

// The kinds a page asks about. OtherOrNone holds suspicious checks without a documented type.
const (
	Injection Kind = iota
	Presentation
	Unsure
	OtherOrNone
	kinds
)

func (k Kind) String() string {
	return [...]string{"Injection", "Presentation", "Unsure", "Unclassified"}[k]
}

// scoreBins lists the upper edges of the bins over which the scores of passing checks are compared; a bin is open at
// its upper edge but for the last. The first one takes everything below.
var scoreBins = [...]float64{75, 90, 95, 98, 99, 100}

// Bins holds the number of bins of passing scores.
const Bins = len(scoreBins)

// BinOf returns the bin of a passing score.
func BinOf(score float64) int {
	for i, edge := range scoreBins[:Bins-1] {
		if score < edge {
			return i
		}
	}
	return Bins - 1
}

// binName returns a bin in words.
func binName(i int) string {
	return [...]string{"below 75", "75–90", "90–95", "95–98", "98–99", "99–100"}[i]
}

// Tally counts the scored checks of one region in one night.
type Tally struct {
	Scored, Suspicious int64
	Kinds              [kinds]int64 // of the suspicious
	Bins               [Bins]int64  // of the passing, by score
	Zero               int64        // suspicious, scored exactly 0
	Fifty, Full        int64        // passing, scored exactly 50 and 100
}

func (t *Tally) add(o Tally) {
	t.Scored, t.Suspicious = t.Scored+o.Scored, t.Suspicious+o.Suspicious
	t.Zero, t.Fifty, t.Full = t.Zero+o.Zero, t.Fifty+o.Fifty, t.Full+o.Full
	for i := range t.Kinds {
		t.Kinds[i] += o.Kinds[i]
	}
	for i := range t.Bins {
		t.Bins[i] += o.Bins[i]
	}
}

func (t *Tally) passing() int64 { return t.Scored - t.Suspicious }

// Cell counts the scored checks of one region in an hour of capture, or of one list; the nights are counted by
// themselves.
type Cell struct {
	Night                         int    // in the series; of a list, that of most of its checks
	Place                         string // in words: an hour, a list
	Scored, Suspicious, Injection int64
}

// Missing describes how many listed IDs of a period are not counted, of how many.
type Missing struct{ IDs, Listed int64 }

// Region describes one region over all nights of a series.
type Region struct {
	Code                      string
	Name                      string  // as sentences say it
	Nights                    []Tally // one a night of the series
	Cells                     []Cell
	MissingNow, MissingBefore Missing
}

// Night describes one night of a series.
type Night struct {
	Day     time.Time // its midnight, in the report's zone
	Trouble bool      // so much is missing of it that it is no baseline
}

// Series holds what findings are made from: nights, oldest first, and what each region had on them.
type Series struct {
	Nights  []Night
	Regions []Region
	// Hours is how many cells a night of a region has besides those that are listed: hours of capture, of which only
	// those with enough suspicious checks are.
	Hours int
	// Baseline is how many nights before the watched ones are the baseline of a night's page; 0 stands for NightBaseline.
	// That of a period is the 84 nights before it.
	Baseline int
	// Sources are asked about on the page of a period; SourceSums has what all of a column have together.
	Sources    []Source
	SourceSums map[string]SourceSums
}

func (s *Series) nightBaseline() int { return cmp.Or(s.Baseline, NightBaseline) }

// checked reports whether any region has scored checks on a night.
func (s *Series) checked(night int) bool {
	for i := range s.Regions {
		if s.Regions[i].Nights[night].Scored > 0 {
			return true
		}
	}
	return false
}

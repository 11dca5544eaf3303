package survey

import (
	"fmt"
	"strings"

	"liverecon/report/stats"
	"liverecon/store/rollup"
)

// Attack names the kind of attack an answer names.
type Attack int

// The kinds, in the order of columns. A passing answer without a type is None, a suspicious one without is
// Unclassified; a type outside 1..3 is Other.
const (
	Presentation Attack = iota
	Injection
	Unsure
	Unclassified
	Other
	None
	attacks // how many there are
)

// String names an attack as the sheets do.
func (a Attack) String() string {
	return [...]string{"Presentation", "Injection", "Unsure", "Unclassified", "Other", "None"}[a]
}

// Side names the side of the threshold that a score lies on.
type Side int

// The sides; Sides is how many there are.
const (
	Suspicious Side = iota // below the threshold, or on it when a score equal to it does not pass
	Passing
	Scoreless // an answer without a score
	Sides
)

// String names a side as the sheets do.
func (s Side) String() string { return [...]string{"suspicious", "passing", "no score"}[s] }

// Bands holds the number of intervals in which scores are shown: 5 points wide, closed on the left, with 0, 50 and 100
// apart because they are the vendor's own marks, and what lies outside 0..100 at both ends.
const Bands = 25

// The bands that are one score each, or outside.
const (
	BandBelow = 0
	BandZero  = 1
	BandFifty = 12
	BandFull  = 23
	BandAbove = 24
)

// Band returns the number of a score's band.
func Band(score float64) int {
	switch {
	case score < 0:
		return BandBelow
	case score == 0:
		return BandZero
	case score > 100:
		return BandAbove
	case score == 100:
		return BandFull
	case score == 50:
		return BandFifty
	case score < 50:
		return 2 + int(score/5)
	}
	return 3 + int(score/5)
}

// BandName returns a band in words; both ends of an open one are left to the caption.
func BandName(b int) string {
	switch b {
	case BandBelow:
		return "< 0"
	case BandZero:
		return "= 0"
	case BandFifty:
		return "= 50"
	case BandFull:
		return "= 100"
	case BandAbove:
		return "> 100"
	}
	low := 5 * (b - 2)
	if b > BandFifty {
		low = 5 * (b - 3)
	}
	return fmt.Sprintf("%d–%d", low, low+5)
}

// bandSuspicious reports whether all scores of a band lie below a threshold.
func bandSuspicious(b int, threshold float64) bool {
	switch b {
	case BandBelow:
		return true
	case BandZero:
		return 0 < threshold
	case BandFifty:
		return 50 < threshold
	case BandFull:
		return 100 < threshold
	case BandAbove:
		return false
	}
	low := 5 * (b - 2)
	if b > BandFifty {
		low = 5 * (b - 3)
	}
	return float64(low+5) <= threshold
}

// Tally counts a region's answers.
type Tally struct {
	Region   string
	Answered int64
	Counts   [Sides][attacks]int64
	Bands    [Bands]int64
	Scores   map[float64]int64
}

// NewTally returns a region with nothing counted.
func NewTally(region string) *Tally {
	return &Tally{Region: region, Scores: map[float64]int64{}}
}

// Side counts the answers on a side.
func (t *Tally) Side(s Side) int64 {
	var n int64
	for _, c := range t.Counts[s] {
		n += c
	}
	return n
}

// Scored counts the answers with a score.
func (t *Tally) Scored() int64 { return t.Side(Suspicious) + t.Side(Passing) }

// Suspicious counts the answers on the suspicious side.
func (t *Tally) Suspicious() int64 { return t.Side(Suspicious) }

// Kind counts an attack on the suspicious side.
func (t *Tally) Kind(a Attack) int64 { return t.Counts[Suspicious][a] }

// PassingTyped counts passing answers that name an attack all the same: the vendor says that cannot be.
func (t *Tally) PassingTyped() int64 { return t.Side(Passing) - t.Counts[Passing][None] }

// Rate returns the suspicious of the scored.
func (t *Tally) Rate() stats.Proportion {
	return stats.Proportion{Count: t.Suspicious(), Total: t.Scored()}
}

// Injections returns the suspicious of type injection of the scored.
func (t *Tally) Injections() stats.Proportion {
	return stats.Proportion{Count: t.Kind(Injection), Total: t.Scored()}
}

// Bounds returns the rates if none, or all, of what is missing were suspicious; ok is false when there is no check.
func (t *Tally) Bounds(missing int64) (low, high float64, ok bool) {
	n := t.Scored() + missing
	if n == 0 {
		return 0, 1, false
	}
	return float64(t.Suspicious()) / float64(n), float64(t.Suspicious()+missing) / float64(n), true
}

// CouldFlip reports whether what is missing could move a rate out of its interval.
func (t *Tally) CouldFlip(missing int64) bool {
	low, high, ok := t.Bounds(missing)
	i, known := t.Rate().Wilson()
	return missing > 0 && (!ok || !known || low < i.Low || high > i.High)
}

// Rule tells suspicious scores from passing ones.
type Rule struct {
	Threshold float64
	Inclusive bool // a score equal to the threshold passes
}

// Passes reports whether a score is not suspicious.
func (r Rule) Passes(score float64) bool {
	return score > r.Threshold || (score == r.Threshold && r.Inclusive)
}

// Side returns the side that a score lies on.
func (r Rule) Side(score float64) Side {
	if r.Passes(score) {
		return Passing
	}
	return Suspicious
}

// Words states the rule as the sheets do.
func (r Rule) Words() string {
	if r.Inclusive {
		return fmt.Sprintf("score < %g", r.Threshold)
	}
	return fmt.Sprintf("score ≤ %g", r.Threshold)
}

// add counts answers.
func (t *Tally) add(s *rollup.Scores, r Rule) {
	without := s.Answers
	for _, b := range s.Bins {
		side := r.Side(b.Score)
		t.Bands[Band(b.Score)] += b.Answers
		t.Scores[b.Score] += b.Answers
		t.Counts[side][AttackOf(s.AttackType, side)] += b.Answers
		without -= b.Answers
	}
	t.Answered += s.Answers
	t.Counts[Scoreless][AttackOf(s.AttackType, Scoreless)] += without
}

// AttackOf returns the kind of attack that a code of the vendor names, "" being none.
func AttackOf(code string, s Side) Attack {
	switch code {
	case "1":
		return Presentation
	case "2":
		return Injection
	case "3":
		return Unsure
	case "":
		if s == Suspicious {
			return Unclassified
		}
		return None
	}
	return Other
}

// order puts the highest rate first; regions with too few scores to say a rate come last, the larger first.
func order(a, b *Tally, minimum int64) int {
	enoughA, enoughB := a.Scored() >= minimum, b.Scored() >= minimum
	switch {
	case enoughA && !enoughB:
		return -1
	case enoughB && !enoughA:
		return 1
	}
	rateA, _ := a.Rate().Rate()
	rateB, _ := b.Rate().Rate()
	switch {
	case enoughA && rateA > rateB:
		return -1
	case enoughA && rateA < rateB:
		return 1
	case a.Scored() != b.Scored():
		return int(b.Scored() - a.Scored())
	}
	return strings.Compare(a.Region, b.Region)
}

// Histogram returns the scores in the form the statistics work on. One beyond what they compute with is no measurement;
// it counts as the outermost value, which lies on the same side of every real score and threshold.
func (t *Tally) Histogram() (stats.Histogram, error) {
	bins := make([]stats.Bin, 0, len(t.Scores))
	for score, n := range t.Scores {
		bins = append(bins, stats.Bin{Value: max(-stats.MaxValue, min(score, stats.MaxValue)), Count: n})
	}
	return stats.NewHistogram(bins)
}

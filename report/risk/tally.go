package risk

import (
	"fmt"
	"strings"

	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/rollup"
)

// Attack is the kind of attack an answer names.
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
	attacks
)

func (a Attack) String() string {
	return [...]string{"Presentation", "Injection", "Unsure", "Unclassified", "Other", "None"}[a]
}

// side is the side of the threshold that a score lies on.
type side int

const (
	suspicious side = iota // below the threshold, or on it when a score equal to it does not pass
	passing
	scoreless
	sides
)

func (s side) String() string { return [...]string{"suspicious", "passing", "no score"}[s] }

// bands is the number of intervals in which scores are shown: 5 points wide, closed on the left, with 0, 50 and 100
// apart because they are the vendor's own marks, and what lies outside 0..100 at both ends.
const bands = 25

// The bands that are one score each, or outside.
const (
	bandBelow = 0
	bandZero  = 1
	bandFifty = 12
	bandFull  = 23
	bandAbove = 24
)

// band returns the number of a score's band.
func band(score float64) int {
	switch {
	case score < 0:
		return bandBelow
	case score == 0:
		return bandZero
	case score > 100:
		return bandAbove
	case score == 100:
		return bandFull
	case score == 50:
		return bandFifty
	case score < 50:
		return 2 + int(score/5)
	}
	return 3 + int(score/5)
}

// bandName returns a band in words; both ends of an open one are left to the caption.
func bandName(b int) string {
	switch b {
	case bandBelow:
		return "< 0"
	case bandZero:
		return "= 0"
	case bandFifty:
		return "= 50"
	case bandFull:
		return "= 100"
	case bandAbove:
		return "> 100"
	}
	low := 5 * (b - 2)
	if b > bandFifty {
		low = 5 * (b - 3)
	}
	return fmt.Sprintf("%d–%d", low, low+5)
}

// bandSuspicious reports whether all scores of a band lie below a threshold.
func bandSuspicious(b int, threshold float64) bool {
	switch b {
	case bandBelow:
		return true
	case bandZero:
		return 0 < threshold
	case bandFifty:
		return 50 < threshold
	case bandFull:
		return 100 < threshold
	case bandAbove:
		return false
	}
	low := 5 * (b - 2)
	if b > bandFifty {
		low = 5 * (b - 3)
	}
	return float64(low+5) <= threshold
}

// tally counts a region's answers.
type tally struct {
	region   string
	answered int64
	counts   [sides][attacks]int64
	bands    [bands]int64
	scores   map[float64]int64
}

func newTally(region string) *tally {
	return &tally{region: region, scores: map[float64]int64{}}
}

func (t *tally) side(s side) int64 {
	var n int64
	for _, c := range t.counts[s] {
		n += c
	}
	return n
}

func (t *tally) scored() int64     { return t.side(suspicious) + t.side(passing) }
func (t *tally) suspicious() int64 { return t.side(suspicious) }

// kind counts an attack on the suspicious side.
func (t *tally) kind(a Attack) int64 { return t.counts[suspicious][a] }

// passingTyped counts passing answers that name an attack all the same: the vendor says that cannot be.
func (t *tally) passingTyped() int64 { return t.side(passing) - t.counts[passing][None] }

func (t *tally) rate() stats.Proportion {
	return stats.Proportion{Count: t.suspicious(), Total: t.scored()}
}

func (t *tally) injections() stats.Proportion {
	return stats.Proportion{Count: t.kind(Injection), Total: t.scored()}
}

// bounds returns the rates if none, or all, of what is missing were suspicious; ok is false when there is no check.
func (t *tally) bounds(missing int64) (low, high float64, ok bool) {
	n := t.scored() + missing
	if n == 0 {
		return 0, 1, false
	}
	return float64(t.suspicious()) / float64(n), float64(t.suspicious()+missing) / float64(n), true
}

// couldFlip reports whether what is missing could move a rate out of its interval.
func (t *tally) couldFlip(missing int64) bool {
	low, high, ok := t.bounds(missing)
	i, known := t.rate().Wilson()
	return missing > 0 && (!ok || !known || low < i.Low || high > i.High)
}

// rule tells suspicious scores from passing ones.
type rule struct {
	threshold float64
	inclusive bool // a score equal to the threshold passes
}

func (r rule) passes(score float64) bool {
	return score > r.threshold || (score == r.threshold && r.inclusive)
}

func (r rule) side(score float64) side {
	if r.passes(score) {
		return passing
	}
	return suspicious
}

// words states the rule as the sheets do.
func (r rule) words() string {
	if r.inclusive {
		return fmt.Sprintf("score < %g", r.threshold)
	}
	return fmt.Sprintf("score ≤ %g", r.threshold)
}

// add counts answers.
func (t *tally) add(s *rollup.Scores, r rule) {
	without := s.Answers
	for _, b := range s.Bins {
		side := r.side(b.Score)
		t.bands[band(b.Score)] += b.Answers
		t.scores[b.Score] += b.Answers
		t.counts[side][attackOf(s.AttackType, side)] += b.Answers
		without -= b.Answers
	}
	t.answered += s.Answers
	t.counts[scoreless][attackOf(s.AttackType, scoreless)] += without
}

func attackOf(code string, s side) Attack {
	switch code {
	case "1":
		return Presentation
	case "2":
		return Injection
	case "3":
		return Unsure
	case "":
		if s == suspicious {
			return Unclassified
		}
		return None
	}
	return Other
}

// order puts the highest rate first; regions with too few scores to say a rate come last, the larger first.
func order(a, b *tally, minimum int64) int {
	enoughA, enoughB := a.scored() >= minimum, b.scored() >= minimum
	if enoughA != enoughB {
		return xlsx.Int(enoughB) - xlsx.Int(enoughA)
	}
	rateA, _ := a.rate().Rate()
	rateB, _ := b.rate().Rate()
	switch {
	case enoughA && rateA > rateB:
		return -1
	case enoughA && rateA < rateB:
		return 1
	case a.scored() != b.scored():
		return int(b.scored() - a.scored())
	}
	return strings.Compare(a.region, b.region)
}

// histogram returns the scores in the form the statistics work on. One beyond what they compute with is no measurement;
// it counts as the outermost value, which lies on the same side of every real score and threshold.
func (t *tally) histogram() (stats.Histogram, error) {
	bins := make([]stats.Bin, 0, len(t.scores))
	for score, n := range t.scores {
		bins = append(bins, stats.Bin{Value: max(-stats.MaxValue, min(score, stats.MaxValue)), Count: n})
	}
	return stats.NewHistogram(bins)
}

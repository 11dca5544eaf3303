package findings

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"liverecon/report/stats"
)

// Family names a kind of question.
type Family int

// The families, in the order of the budget's table.
const (
	Overall  Family = iota
	Rate            // a region's suspicious rate
	Ramp            // a region's rate climbed or sank through the period
	Type            // a kind's share of a region's suspicious checks
	Now             // a region is above what is expected on the nights up to the last
	Sinking         // a region is below it
	Together        // all regions are above it
	Runs            // a region was above it within the period
	Scores          // the scores of those that passed moved
	Bursts          // one night, hour or list of a region
	Heaps           // one exact score
	Sources         // a partner, a campaign, a platform beside the others of its regions
	families
)

func (f Family) String() string {
	return [...]string{"overall", "rate", "ramp", "type", "now", "sinking", "together", "runs", "scores", "burst",
		"heap", "source"}[f]
}

// Finding describes one candidate with its answer.
type Finding struct {
	Family     Family
	Region     string // code; "" of all regions together
	Name       string // of the region, as sentences say it
	Kind       Kind   // of Type, and of a burst of injections
	Now        stats.Proportion
	Before     stats.Proportion
	Expected   float64 // count of Now at the baseline's rate
	Up         bool    // rose, more, above
	P          float64 // by itself
	Adjusted   float64 // the smallest error rate of the page at which it is claimed
	From, To   int     // nights of the period; of a run, a night, or the whole period
	Nights     int     // of a run, with checks
	Place      string  // of a burst: an hour or a list, "" for a whole night; of a source: the value, in the column Name
	When       string  // of a burst of a list: when its suspicious pictures were taken, in words; filled by who words it
	Fresh      bool    // of a source: there were too few checks of it before
	Score      float64 // of a heap: 0, 50 or 100
	Checks     float64 // concerned: what findings are ranked by
	Parts      Part    // of Overall: what the change is made of, summed over the regions
	Moved      Shift   // of Scores
	Thirds     [2]float64
	Injections int64   // of a burst's checks
	MostOfRise bool    // of a run or a burst: without it the region's rise would not be claimed
	Missing    float64 // share of a period's listed IDs, where it could undo the claim
	Still      bool    // claimed by the page of one of the six nights before, too

	sample    *sample
	weight    float64    // within its family, then of the page
	threshold float64    // the p at which it is just claimed
	effects   [2]float64 // design effects of both periods
	injection bool       // of a burst: the injections are what is unlikely
	without   func(nights map[int]bool) float64
}

// Shift describes how passing scores moved: the bin whose share changed most, and its shares.
type Shift struct {
	Bin         string
	Now, Before float64
}

// Interval returns the 95 % interval of the difference of the two shares, by itself.
func (f *Finding) Interval() (stats.Interval, bool) { return stats.Difference(f.Now, f.Before) }

// budget represents the error rate of a page and each family's share of it.
type budget struct {
	alpha  float64
	shares [families]float64
}

// monthBudget follows the mission: rates and injection by region half, nights a quarter. Families without a candidate
// give theirs to the others in proportion.
var monthBudget = budget{alpha: 0.05, shares: [families]float64{Overall: .06, Rate: .27, Ramp: .05, Now: .19,
	Runs: .04, Scores: .02, Bursts: .02, Heaps: .04}}

// kindShares lists the shares of the family Type, kind by kind.
var kindShares = [kinds]float64{Injection: .27, Presentation: .02, Unsure: .01, OtherOrNone: .01}

// nightBudget spends 5 % in about a month of nights.
var nightBudget = budget{alpha: 0.005, shares: [families]float64{Now: .44, Sinking: .10, Together: .06}}

// nightCellShare holds the share of the night's own cells, for suspicious checks and for injection each.
const nightCellShare = .20

// claim spends the budget: weights within a family become weights of the page, and each candidate is told its adjusted
// p-value and the p at which it would just be claimed. What is claimed is returned.
func (b budget) claim(groups []group) (claimed, all []*Finding) {
	var questions []weighted
	for _, g := range groups {
		var sum float64
		for _, f := range g.findings {
			sum += f.weight
		}
		for _, f := range g.findings {
			if sum > 0 {
				f.weight *= g.share / sum
			}
			all = append(all, f)
			questions = append(questions, weighted{f.P, f.weight})
		}
	}
	adjusted, left := adjust(questions)
	for i, f := range all {
		f.Adjusted = adjusted[i]
		f.threshold = b.alpha * f.weight / left[i]
		if f.Adjusted <= b.alpha {
			claimed = append(claimed, f)
		}
	}
	return claimed, all
}

// group holds the candidates of a family, or of a part of one that has a share of its own.
type group struct {
	share    float64
	findings []*Finding
}

// rank puts the findings that concern the most checks first.
func rank(all []*Finding) {
	slices.SortStableFunc(all, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(b.Checks, a.Checks), cmp.Compare(a.P, b.P), strings.Compare(a.Region, b.Region))
	})
}

func share(count, total int64) float64 {
	if total == 0 {
		return 0
	}
	return float64(count) / float64(total)
}

// normalTail returns the two-sided p-value of z standard errors.
func normalTail(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// Injected reports whether a burst is one of injections by themselves: they are what is unlikely.
func (f *Finding) Injected() bool { return f.injection }

// Shares returns the two shares a finding is about; of scores, those of the bin that changed most, of a ramp, those of
// its first and last third.
func (f *Finding) Shares() (now, before float64) {
	switch f.Family {
	case Scores:
		return f.Moved.Now, f.Moved.Before
	case Ramp:
		return f.Thirds[1], f.Thirds[0]
	}
	return share(f.Now.Count, f.Now.Total), share(f.Before.Count, f.Before.Total)
}

package findings

import (
	"math"

	"liverecon/report/stats"
)

// Source describes a value of a list's column, or of what answers carry: a partner, a campaign, a platform. Its checks
// are counted by region, beside all that were counted so, in the period and in one before it.
type Source struct {
	Column, Value string
	Now, Before   map[string]Share // by region
}

// SourceSums holds what all values of a column have together, by region.
type SourceSums struct{ Now, Before map[string]Share }

// sourceShare holds the share of a month's budget for sources; families without a candidate give theirs to others.
const sourceShare = .08

// The fewest scored checks of a source and of the others in its regions, and the fewest suspicious ones that are
// expected, before it is asked about.
const (
	minimumSource  = 30
	expectedSource = 5
)

// beside represents a source's suspicious checks beside what they would be at the rates of the others of its regions.
type beside struct {
	count, checks int64
	expected      float64
	variance      float64 // of the logarithm of count over expected, without what nights add
}

// besideOthers sums a source's regions. Regions where the others have too few checks take no part.
func besideOthers(of, all map[string]Share) (b beside) {
	var spread float64
	for region, s := range of {
		others := Share{all[region].Suspicious - s.Suspicious, all[region].Checks - s.Checks}
		if others.Checks < minimumSource {
			continue
		}
		q := (float64(others.Suspicious) + 0.5) / (float64(others.Checks) + 1)
		b.count, b.checks = b.count+s.Suspicious, b.checks+s.Checks
		b.expected += q * float64(s.Checks)
		spread += float64(s.Checks*s.Checks) * q * (1 - q) / float64(others.Checks)
	}
	if b.expected == 0 {
		return b
	}
	k := float64(b.count) + 0.5
	b.variance = (1-min(0.9, k/(float64(b.checks)+1)))/k + spread/(b.expected*b.expected)
	return b
}

func (b beside) ratio() float64 { return (float64(b.count) + 0.5) / (b.expected + 0.5) }

func (b beside) usable() bool { return b.checks >= minimumSource && b.expected >= expectedSource }

// askSources asks of each source whether it is worse, or better, beside the others of its regions than it was before:
// the
// ratio of its suspicious checks to those expected at the others' rates, against the same ratio before, by their
// logarithms (z, two-sided). So a source that always was worse is none that became so, and a region that rose is no
// source that did. One that had too few checks before is held against the others alone. The variance is multiplied by
// the design effect of a source's nights.
//
// Source: ratio of standardised ratios, Breslow and Day, Statistical Methods in Cancer Research II (1987), section 3.4.
func askSources(c *comparison, sources []Source, sums map[string]SourceSums) (all []*Finding) {
	var tau2 float64
	for _, x := range c.samples {
		tau2 += x.tau2 / float64(len(c.samples))
	}
	nights := float64(max(1, len(c.nights)))
	for i := range sources {
		s := &sources[i]
		now := besideOthers(s.Now, sums[s.Column].Now)
		if !now.usable() {
			continue
		}
		before := besideOthers(s.Before, sums[s.Column].Before)
		effect := 1 + tau2*now.expected/nights
		ratio, variance := now.ratio(), now.variance
		f := &Finding{Family: Sources, Name: s.Column, Place: s.Value, To: len(c.nights) - 1,
			Now: stats.Proportion{Count: now.count, Total: now.checks}, Expected: now.expected}
		if before.usable() {
			ratio, variance = ratio/before.ratio(), variance+before.variance
			f.Before = stats.Proportion{Count: before.count, Total: before.checks}
			f.Expected *= before.ratio()
		} else {
			f.Before = stats.Proportion{Count: int64(math.Round(now.expected)), Total: now.checks}
			f.Fresh = true
		}
		f.Up = ratio > 1
		f.P = normalTail(math.Log(ratio) / math.Sqrt(variance*effect))
		f.Checks = math.Abs(float64(now.count) - f.Expected)
		f.weight = math.Sqrt(now.expected)
		all = append(all, f)
	}
	return all
}

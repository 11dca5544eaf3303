package findings

import "liverecon/report/stats"

// Coverage qualifies a claim only where much is missing of a period's listed IDs, and where the claim would be lost if
// these had gone against it at three times the region's rate.
const (
	muchMissing  = 0.02
	againstClaim = 3
)

// much reports whether more of the listed IDs are missing than a claim can take unsaid.
func (m Missing) much() bool { return m.Listed > 0 && float64(m.IDs) > muchMissing*float64(m.Listed) }

func (m Missing) share() float64 { return share(m.IDs, m.Listed) }

// added returns counts with the missing IDs added at a rate.
func (m Missing) added(count, total float64, rate float64) (float64, float64) {
	n := float64(m.IDs)
	return count + n*min(1, rate), total + n
}

// against returns the two counts of a claim with what is missing added against it: more of it before a rise, and in a
// period that fell.
func against(f *Finding, now, before Missing) (count, total, previous, previousTotal float64) {
	r1, r0 := share(f.Now.Count, f.Now.Total), f.Expected/float64(f.Now.Total) // at the mix of the period
	known := r0 * float64(f.Before.Total)
	if f.Up {
		r1, r0 = r1/againstClaim, r0*againstClaim
	} else {
		r1, r0 = r1*againstClaim, r0/againstClaim
	}
	count, total = now.added(float64(f.Now.Count), float64(f.Now.Total), r1)
	previous, previousTotal = before.added(known, float64(f.Before.Total), r0)
	return count, total, previous, previousTotal
}

// qualify tells the claims about rates what is missing, where that could undo them.
func qualify(c *comparison, claimed []*Finding) {
	for _, f := range claimed {
		switch {
		case f.Family == Rate && undone(f, f.sample.MissingNow, f.sample.MissingBefore):
			f.Missing = max(f.sample.MissingNow.share(), f.sample.MissingBefore.share())
		case f.Family == Overall:
			var now, before Missing
			for _, x := range c.all() {
				now.IDs, now.Listed = now.IDs+x.MissingNow.IDs, now.Listed+x.MissingNow.Listed
				before.IDs, before.Listed = before.IDs+x.MissingBefore.IDs, before.Listed+x.MissingBefore.Listed
			}
			if undone(f, now, before) {
				f.Missing = max(now.share(), before.share())
			}
		}
	}
}

// undone reports whether what is missing could undo a claim about a rate.
func undone(f *Finding, now, before Missing) bool {
	if !now.much() && !before.much() {
		return false
	}
	count, total, previous, previousTotal := against(f, now, before)
	if (count/total > previous/previousTotal) != f.Up {
		return true
	}
	effect, previousEffect := f.effects[0], f.effects[1]
	return stats.DifferenceP(count/effect, total/effect, previous/previousEffect, previousTotal/previousEffect) >
		f.threshold
}

package findings

// Share represents a region's part in a period: checks, and how many of them were suspicious.
type Share struct{ Suspicious, Checks int64 }

// Part represents a region's part in the change of the overall rate, in fractions (0.01 is one percentage point): by
// its share of the checks, and by its own rate.
type Part struct{ Mix, Rate float64 }

// Split splits the change of the overall rate exactly into what the mix of regions and what their own rates did, region
// by region; the interaction is halved between the two. A region of one period only is mix. Without checks in one of
// the periods there is no change, and all parts are 0.
//
// Source: E. M. Kitagawa, Components of a difference between two rates, JASA 50 (1955) 1168-1194; P. Das Gupta,
// Standardization and decomposition of rates, US Bureau of the Census P23-186 (1993).
func Split(now, before []Share) []Part {
	parts := make([]Part, len(now))
	allNow, allBefore := total(now), total(before)
	if allNow.Checks == 0 || allBefore.Checks == 0 {
		return parts
	}
	middle := (allNow.rate() + allBefore.rate()) / 2
	for i := range now {
		w1, w0 := allNow.weight(now[i]), allBefore.weight(before[i])
		r1, r0 := now[i].rate(), before[i].rate()
		if now[i].Checks == 0 {
			r1 = r0
		}
		if before[i].Checks == 0 {
			r0 = r1
		}
		parts[i] = Part{Mix: (w1 - w0) * ((r1+r0)/2 - middle), Rate: (w1 + w0) / 2 * (r1 - r0)}
	}
	return parts
}

func total(all []Share) (sum Share) {
	for _, s := range all {
		sum.Suspicious, sum.Checks = sum.Suspicious+s.Suspicious, sum.Checks+s.Checks
	}
	return sum
}

// rate returns the suspicious share; 0 without checks.
func (s Share) rate() float64 {
	if s.Checks == 0 {
		return 0
	}
	return float64(s.Suspicious) / float64(s.Checks)
}

func (s Share) weight(of Share) float64 { return float64(of.Checks) / float64(s.Checks) }

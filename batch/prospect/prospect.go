// Package prospect tells whether an endpoint knows the IDs that it is asked about: from what its last nights let
// expect, and from a sample where the first answers look bad. It is pure.
package prospect

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"

	"liverecon/store"
)

// What tells, and how much of it is looked at. An endpoint that knows hardly anybody has the wrong keys, account or
// environment: that is rather so than that a night's IDs do not exist. What it says of them is not believed.
const (
	TellingAnswers = 20  // answers from which on the share of absent IDs tells
	absentAlways   = 0.9 // a share above it is nobody's in any case
	absentTimes    = 3

	AbsentAtLeast = 0.5 // a share above it is nobody's, too, when it is absentTimes the highest of the last nights
	Nights        = 28  // so many nights back that is looked for

	// Strays come together: absent IDs are taken to be at least as frequent as this where a few of them in a row are
	// weighed, and are unusual when that many are less likely than this: six, at an endpoint that knows nearly all
	// others.
	straysAtLeast = 0.1
	unusual       = 1.0 / 500_000

	unlikely = 0.001 // that chance alone makes as few known as are, where a person believed that few are
)

// Prospect holds what an endpoint's last nights let expect of the next.
type Prospect struct {
	highest float64           // share of absent IDs in one night; -1 when no night tells
	nobody  bool              // in the last one nobody was found
	absent  store.Unconfirmed // since an ID was found

	believed float64 // share of absent IDs in nights that a person believed, and no later one speaks against; -1: none
	// Answers of the nights up to the last one that found an ID.
	known, unknown int64
}

// Of looks at nights, the newest first, and at what was absent since an ID was found. What a person believed of one
// holds until one comes with less than a third of its absent IDs.
func Of(nights []store.EndpointNight, absent store.Unconfirmed) Prospect {
	p := Prospect{absent: absent, highest: -1, believed: -1}
	p.nobody = len(nights) > 0 && nights[0].Finding == store.Nobody
	lowest, believed := 1.0, store.EndpointNight{}
	for _, n := range nights {
		share, tells := n.Share(), n.Found+n.Absent >= TellingAnswers
		switch {
		case n.Finding == store.Ordinary && tells:
			p.highest, lowest = max(p.highest, share), min(lowest, share)
		case n.Finding == store.Believed && tells && share <= absentTimes*lowest:
			believed.Found, believed.Absent = believed.Found+n.Found, believed.Absent+n.Absent
			p.believed = believed.Share()
		}
		if n.Finding == store.Ordinary && p.known+n.Found > 0 {
			p.known, p.unknown = p.known+n.Found, p.unknown+n.Absent
		}
	}
	return p
}

// with adds to a night in which nobody was found, so far, the few IDs of the nights right before it in which it was the
// same.
func (p Prospect) with(found, absent int64) int64 {
	if found == 0 && absent > 0 {
		return absent + p.absent.IDs
	}
	return absent
}

// NobodyKnown reports whether answers show that an endpoint knows nobody, or so few that it is not believed.
func (p Prospect) NobodyKnown(found, absent int64) bool {
	return p.TooFew(found, absent) && !p.AsBelieved(found, absent)
}

// TooFew reports whether the share of absent IDs is what no good night has: of a night, or of several small ones
// together. After a night in which nobody was known a single answer tells.
func (p Prospect) TooFew(found, absent int64) bool {
	absent = p.with(found, absent)
	answers := found + absent
	if absent == 0 || answers < TellingAnswers && !p.nobody {
		return false
	}
	share := float64(absent) / float64(answers)
	return share > absentAlways || p.highest >= 0 && share > absentTimes*p.highest && share > AbsentAtLeast
}

// AsBelieved reports whether answers are like those of a night that a person believed: at least a third of the IDs that
// it lets expect are known, or so few answers are there that this is chance.
func (p Prospect) AsBelieved(found, absent int64) bool {
	absent = p.with(found, absent)
	answers := found + absent
	if p.believed < 0 || answers == 0 {
		return false
	}
	expected := (1 - p.believed) * float64(answers)
	return float64(absentTimes*found) >= expected || atMost(found, answers, 1-p.believed) >= unlikely
}

// atMost returns the chance of at most k successes in n tries, each with chance p.
func atMost(k, n int64, p float64) (sum float64) {
	lnN, _ := math.Lgamma(float64(n + 1))
	for i := range k + 1 {
		lnI, _ := math.Lgamma(float64(i + 1))
		lnRest, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(lnN - lnI - lnRest + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// Usual reports whether it is nothing to wonder at that a night, with those right before it, found nobody: few were
// looked for, and the nights before let expect it.
func (p Prospect) Usual(found, absent int64) bool {
	if p.AsBelieved(found, absent) {
		return true
	}
	before := p.known + p.unknown
	if found > 0 || before < TellingAnswers {
		return false
	}
	share := max(straysAtLeast, float64(p.unknown+1)/float64(before+2))
	return math.Pow(share, float64(p.with(found, absent))) >= unusual
}

// Sentence words it, and where to look.
func (p Prospect) Sentence(endpoint string, found, absent int64) string {
	all := p.with(found, absent)
	in := ""
	if all > absent {
		in = fmt.Sprintf(" in %d nights", p.absent.Nights+1)
	}
	before := ""
	if p.highest >= 0 {
		before = fmt.Sprintf("at least %.3g %% in earlier nights; ", 100*(1-p.highest))
	}
	return fmt.Sprintf("%s knows %s of %s IDs%s (%sare its keys, account and environment right?)",
		endpoint, humanize.Comma(found), humanize.Comma(found+all), in, before)
}

// Untold reports that nobody was found, and too few were looked for to tell why, or why few are believed; "" where
// neither is so.
func (p Prospect) Untold(n store.EndpointNight) string {
	switch {
	case n.Finding == store.Believed && !n.Confirmed:
		return fmt.Sprintf("%s knows %s of %s IDs, as was believed of an earlier night", n.Endpoint,
			humanize.Comma(n.Found), humanize.Comma(n.Found+n.Absent))
	case n.Found > 0 || n.Absent == 0 || n.Finding != store.Ordinary || n.Usual:
		return ""
	}
	all := p.with(n.Found, n.Absent)
	if all == 1 {
		return n.Endpoint + " does not know its last ID, too few to tell why"
	}
	return fmt.Sprintf("%s knows none of its last %s IDs, too few to tell why", n.Endpoint, humanize.Comma(all))
}

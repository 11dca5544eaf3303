package risk

import (
	"context"

	"liverecon/store"
	"liverecon/store/calendar"
)

// coverage is what became of the IDs that a period's lists brought. A nil one is of no ID.
type coverage struct {
	region string
	states map[store.State]int64
	late   int64 // of the answered ones: those answered only after the period, and counted there
}

func (c *coverage) listed() int64 {
	if c == nil {
		return 0
	}
	var n int64
	for _, k := range c.states {
		n += k
	}
	return n
}

func (c *coverage) state(s store.State) int64 {
	if c == nil {
		return 0
	}
	return c.states[s]
}

// settled counts what the vendor has answered for good: with a result, or that there is none.
func (c *coverage) settled() int64 { return c.state(store.Done) + c.state(store.Absent) }

// unanswered counts what has no answer that stands.
func (c *coverage) unanswered() int64 { return c.listed() - c.state(store.Done) }

// missing counts what might have had a score and has none.
func (c *coverage) missing() int64 { return c.listed() - c.settled() }

// afterwards counts the answers that came after the period.
func (c *coverage) afterwards() int64 {
	if c == nil {
		return 0
	}
	return c.late
}

// uncounted counts what might have had a score in the period and has none there.
func (c *coverage) uncounted() int64 { return c.missing() + c.afterwards() }

// share is the part of the listed IDs that were settled in the period; 0 when none was listed.
func (c *coverage) share() float64 {
	if c.listed() == 0 {
		return 0
	}
	return float64(c.settled()-c.afterwards()) / float64(c.listed())
}

func (c *coverage) add(n store.StateCount) {
	c.states[n.State] += n.Checks
	c.late += n.Late
}

// listRegion is one region of one list.
type listRegion struct {
	list   int64
	region string
}

// listing is what became of a period's listed IDs: of each region, of each region of each list, and of all.
type listing struct {
	coverage map[string]*coverage
	listed   map[listRegion]*coverage
	covered  *coverage
}

// coverageOf is a region's; of one that no list names, that of no ID.
func (l *listing) coverageOf(region string) *coverage {
	if c := l.coverage[region]; c != nil {
		return c
	}
	return &coverage{region: region}
}

// listed is the time in which the lists are read that bring a period's checks. By the clock of capture it is a day longer:
// what was captured on a day is listed on it or on the next, as a rule.
func listed(p calendar.Period, clock store.Clock) calendar.Period {
	if clock == store.ByCapture {
		y, m, d := p.To.In(p.Zone).Date()
		p.To = calendar.Midnight(y, m, d+1, p.Zone).UTC()
	}
	return p
}

// takeCoverage counts the IDs of the period and of the one compared with, by what became of them.
func (r *risk) takeCoverage(ctx context.Context) (err error) {
	if r.listing, err = r.takeListing(ctx, r.Period, r.now); err != nil {
		return err
	}
	r.past, err = r.takeListing(ctx, r.Compare, r.before)
	return err
}

// takeListing counts the new IDs of a period's lists by state. By the clock of capture the answered ones are those of the
// survey, whichever list brought them, for only an answer says when its picture was taken; the others are those of all lists
// that may hold pictures of the period.
func (r *risk) takeListing(ctx context.Context, p calendar.Period, answers *survey) (listing, error) {
	l := listing{map[string]*coverage{}, map[listRegion]*coverage{}, newCoverage("")}
	counts, err := r.snap.ListedStates(ctx, p.From, listed(p, r.Clock).To)
	if err != nil {
		return l, err
	}
	for _, c := range counts {
		key := listRegion{c.ListID, c.Region}
		if l.listed[key] == nil {
			l.listed[key] = newCoverage(c.Region)
		}
		l.listed[key].add(c)
		if r.Clock != store.ByCapture || c.State != store.Done {
			l.add(c)
		}
	}
	if r.Clock == store.ByCapture {
		for _, g := range answers.regions {
			l.add(store.StateCount{Region: g.region, State: store.Done, Checks: g.answered})
		}
	}
	return l, nil
}

func newCoverage(region string) *coverage {
	return &coverage{region: region, states: map[store.State]int64{}}
}

// add counts IDs with their region and with all.
func (l *listing) add(n store.StateCount) {
	if l.coverage[n.Region] == nil {
		l.coverage[n.Region] = newCoverage(n.Region)
	}
	l.coverage[n.Region].add(n)
	l.covered.add(n)
}

package risk

import (
	"cmp"
	"context"
	"slices"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// coverage counts the IDs that a period's lists brought by what became of them. A nil coverage is of no ID.
type coverage struct {
	region string
	states []snapshot.StateCount // one a state, in the order of their names
	late   int64                 // of the answered ones: those answered only after the period, and counted there
}

func (c *coverage) listed() int64 {
	if c == nil {
		return 0
	}
	var n int64
	for _, k := range c.states {
		n += k.Checks
	}
	return n
}

func (c *coverage) state(s store.State) int64 {
	if c == nil {
		return 0
	}
	for _, k := range c.states {
		if k.State == s {
			return k.Checks
		}
	}
	return 0
}

// settled counts what the vendor has answered for good: with a result, or that there is none.
func (c *coverage) settled() int64 { return c.state(store.Done) + c.state(store.Absent) }

// unanswered counts the IDs without a current answer.
func (c *coverage) unanswered() int64 { return c.listed() - c.state(store.Done) }

// missing counts the IDs that might have a score and have no answer for good.
func (c *coverage) missing() int64 { return c.listed() - c.settled() }

// afterwards counts the answers that came after the period.
func (c *coverage) afterwards() int64 {
	if c == nil {
		return 0
	}
	return c.late
}

// uncounted counts the IDs that might have had a score in the period and have none in it.
func (c *coverage) uncounted() int64 { return c.missing() + c.afterwards() }

func (c *coverage) add(n snapshot.StateCount) {
	i, found := slices.BinarySearchFunc(c.states, n.State, func(k snapshot.StateCount, s store.State) int {
		return cmp.Compare(k.State, s)
	})
	if !found {
		c.states = slices.Insert(c.states, i, snapshot.StateCount{State: n.State})
	}
	c.states[i].Checks += n.Checks
	c.late += n.Late
}

// plus adds what became of other IDs.
func (c *coverage) plus(other *coverage) {
	for _, k := range other.states {
		c.add(snapshot.StateCount{State: k.State, Checks: k.Checks})
	}
	c.late += other.late
}

// cell shows the share of the listed IDs that are settled by now.
func (c *coverage) cell() xlsx.Cell {
	share := shareCell(c.settled(), c.listed())
	if c.settled() < c.listed() {
		return share.WithRole(xlsx.Strong)
	}
	return share
}

// listing holds what became of a period's listed IDs: of each region, of each region of each list, and of all.
type listing struct {
	regions map[string]*coverage
	lists   []snapshot.StateCount // in the order of lists, regions and states
	all     *coverage
}

// loadListing counts the new IDs of a period's lists by state. By the clock of capture the answered ones are those of
// the survey, whichever list brought them, for only an answer says when its picture was taken; the others are those of
// all lists that may hold pictures of the period.
func loadListing(
	ctx context.Context, snap *snapshot.Snapshot, p calendar.Period, answers *survey.Survey,
) (listing, error) {
	l := listing{regions: map[string]*coverage{}, all: newCoverage("")}
	var err error
	if l.lists, err = snap.Lists().States(ctx, p.From, listPeriod(p, snap.Clock).To); err != nil {
		return l, err
	}
	for _, c := range l.lists {
		if snap.Clock != calendar.ByCapture || c.State != store.Done {
			l.add(c)
		}
	}
	if snap.Clock == calendar.ByCapture {
		for _, g := range answers.Regions {
			l.add(snapshot.StateCount{Region: g.Region, State: store.Done, Checks: g.Answered})
		}
	}
	return l, nil
}

func newCoverage(region string) *coverage { return &coverage{region: region} }

// add counts IDs with their region and with all.
func (l *listing) add(n snapshot.StateCount) {
	if l.regions[n.Region] == nil {
		l.regions[n.Region] = newCoverage(n.Region)
	}
	l.regions[n.Region].add(n)
	l.all.add(n)
}

// of returns the coverage of a region; of one that no list names, that of no ID.
func (l *listing) of(region string) *coverage {
	if c := l.regions[region]; c != nil {
		return c
	}
	return &coverage{region: region}
}

// ofList returns the coverage of a region of a list, to be read and not added to.
func (l *listing) ofList(f snapshot.ListRegion) *coverage {
	of := func(c snapshot.StateCount) int {
		return cmp.Or(cmp.Compare(c.ListID, f.ListID), cmp.Compare(c.Region, f.Region))
	}
	from, _ := slices.BinarySearchFunc(l.lists, f, func(c snapshot.StateCount,
		_ snapshot.ListRegion) int {
		return of(c)
	})
	c := coverage{region: f.Region}
	to := from
	for ; to < len(l.lists) && of(l.lists[to]) == 0; to++ {
		c.late += l.lists[to].Late
	}
	c.states = l.lists[from:to:to]
	return &c
}

// holds reports whether an ID of the lists is held, since an older copy of the database may have lost its answer.
func (l *listing) holds() bool {
	for _, c := range l.lists {
		if c.State == store.Held && c.Checks > 0 {
			return true
		}
	}
	return l.all.state(store.Held) > 0
}

// states returns the states of an ID in the order of columns; the last of them only where an ID is in it.
func (l *listing) states() []store.State {
	all := []store.State{store.Done, store.Absent, store.Refused, store.Pending, store.InDoubt, store.GivenUp}
	if l.holds() {
		all = append(all, store.Held)
	}
	return all
}

// stateColumns returns the columns of these states.
func (l *listing) stateColumns() []page.Column {
	heads := []string{"Answered", "Absent", "Refused", "Pending", "In doubt", "Given up", "Held"}
	return page.Cols(xlsx.Count, heads[:len(l.states())]...)
}

// stateWords names these states as sums do.
func (l *listing) stateWords() string {
	words := "answered + absent + refused + pending + in doubt + given up"
	if l.holds() {
		words += " + held"
	}
	return words
}

// missingWords defines what is missing.
func (l *listing) missingWords() string {
	if l.holds() {
		return "Refused, pending, in doubt, given up or held (not asked: an older copy of the database may have lost " +
			"the answer)"
	}
	return "Refused, pending, in doubt or given up"
}

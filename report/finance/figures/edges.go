package figures

import (
	"context"
	"time"

	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// edgeBand holds the distance from the period's bounds within which the neighbouring period's statement may bill a
// call.
const edgeBand = 24 * time.Hour

// edgeLine counts the calls of one endpoint near one bound of the period.
type edgeLine struct {
	Bound    time.Time
	inside   bool // of this period
	Endpoint string
	Bill
}

func loadEdges(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period) ([]edgeLine, error) {
	var all []edgeLine
	for _, bound := range []time.Time{p.From, p.To} {
		for _, from := range []time.Time{bound.Add(-edgeBand), bound} {
			usage, err := snap.Calls().Usage(ctx, from, from.Add(edgeBand))
			if err != nil {
				return nil, err
			}
			l := edgeLine{Bound: bound, inside: !from.Before(p.From) && from.Before(p.To)}
			all = append(all, l.byEndpoint(usage)...)
		}
	}
	return all, nil
}

// Side names on which side of the bound the calls are.
func (l edgeLine) Side(p calendar.Period) string {
	first := l.Bound.Equal(p.From)
	switch {
	case first && l.inside:
		return "after, in this period"
	case first:
		return "before, in the previous period"
	case l.inside:
		return "before, in this period"
	}
	return "after, in the next period"
}

// byEndpoint counts calls, and leaves out endpoints of which nothing may be billed.
func (l edgeLine) byEndpoint(usage []store.Usage) []edgeLine {
	bills := map[string]*Bill{}
	for _, u := range usage {
		if bills[u.Endpoint] == nil {
			bills[u.Endpoint] = &Bill{}
		}
		bills[u.Endpoint].add(u)
	}
	var all []edgeLine
	for _, endpoint := range page.SortedKeys(bills) {
		l.Endpoint, l.Bill = endpoint, *bills[endpoint]
		if l.Ceiling() > 0 {
			all = append(all, l)
		}
	}
	return all
}

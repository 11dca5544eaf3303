package finance

import (
	"context"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// edgeBand is how far from the period's bounds a call may stand on the neighbouring period's statement.
const edgeBand = 24 * time.Hour

// edgeLine counts the calls of one endpoint near one bound of the period.
type edgeLine struct {
	bound    time.Time
	inside   bool // of this period
	endpoint string
	bill
}

func loadEdges(ctx context.Context, snap *store.Snapshot, p calendar.Period) ([]edgeLine, error) {
	var all []edgeLine
	for _, bound := range []time.Time{p.From, p.To} {
		for _, from := range []time.Time{bound.Add(-edgeBand), bound} {
			usage, err := snap.Usage(ctx, from, from.Add(edgeBand))
			if err != nil {
				return nil, err
			}
			l := edgeLine{bound: bound, inside: !from.Before(p.From) && from.Before(p.To)}
			all = append(all, l.byEndpoint(usage)...)
		}
	}
	return all, nil
}

// side says where the calls stand.
func (l edgeLine) side(p calendar.Period) string {
	first := l.bound.Equal(p.From)
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
	bills := map[string]*bill{}
	for _, u := range usage {
		if bills[u.Endpoint] == nil {
			bills[u.Endpoint] = &bill{}
		}
		bills[u.Endpoint].add(u)
	}
	var all []edgeLine
	for _, endpoint := range page.SortedKeys(bills) {
		l.endpoint, l.bill = endpoint, *bills[endpoint]
		if l.ceiling() > 0 {
			all = append(all, l)
		}
	}
	return all
}

// edgeTable counts the calls that the neighbouring period's statement may bill.
func (f doubtSheet) edgeTable(p *page.Page) {
	p.Section("4  Near the period's bounds", "Calls sent within 24 hours of a bound, which the neighbouring period's statement may bill. Rows of the class “other period” on the sheet Exceptions are those where it shows.")
	t := p.Table(page.Wide("Bound", 2, xlsx.General), page.Wide("Side", 2, xlsx.General), page.Col("Endpoint", xlsx.Literal), page.Col("PAY", xlsx.Count), page.Col("In doubt", xlsx.Count))
	for _, l := range f.doubts.edges {
		t.Add(xlsx.T(l.bound.In(f.Period.Zone).Format("2006-01-02 15:04")), xlsx.T(l.side(f.Period)), xlsx.Outside(l.endpoint), xlsx.N(l.pay), xlsx.N(l.doubt()))
	}
	if len(f.doubts.edges) == 0 {
		t.Add(xlsx.T("None"), xlsx.Cell{}, xlsx.Cell{}, xlsx.N(0), xlsx.N(0))
	}
	p.Skip(1)
}

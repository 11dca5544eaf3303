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

func (f *finance) takeEdges(ctx context.Context) error {
	for _, bound := range []time.Time{f.Period.From, f.Period.To} {
		for _, from := range []time.Time{bound.Add(-edgeBand), bound} {
			usage, err := f.snap.Usage(ctx, from, from.Add(edgeBand))
			if err != nil {
				return err
			}
			f.addEdges(edgeLine{bound: bound, inside: !from.Before(f.Period.From) && from.Before(f.Period.To)}, usage)
		}
	}
	return nil
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

func (f *finance) addEdges(l edgeLine, usage []store.Usage) {
	bills := map[string]*bill{}
	for _, u := range usage {
		if bills[u.Endpoint] == nil {
			bills[u.Endpoint] = &bill{}
		}
		bills[u.Endpoint].add(u)
	}
	for _, endpoint := range page.SortedKeys(bills) {
		l.endpoint, l.bill = endpoint, *bills[endpoint]
		if l.ceiling() > 0 {
			f.doubts.edges = append(f.doubts.edges, l)
		}
	}
}

// edgeTable counts the calls that the neighbouring period's statement may bill.
func (f *finance) edgeTable(p *page.Page) {
	p.Section("4  Near the period's bounds", "Calls sent within 24 hours of a bound, which the neighbouring period's statement may bill. Rows of the class “other period” on the sheet Exceptions are those where it shows.")
	t := p.Table(page.Column{Head: "Bound", Span: 2, Format: xlsx.General}, page.Column{Head: "Side", Span: 2, Format: xlsx.General}, page.Column{Head: "Endpoint", Span: 1, Format: xlsx.Literal}, page.Column{Head: "PAY", Span: 1, Format: xlsx.Count}, page.Column{Head: "In doubt", Span: 1, Format: xlsx.Count})
	for _, l := range f.doubts.edges {
		t.Add(xlsx.T(l.bound.In(f.Period.Zone).Format("2006-01-02 15:04")), xlsx.T(l.side(f.Period)), xlsx.Outside(l.endpoint), xlsx.N(l.pay), xlsx.N(l.doubt()))
	}
	if len(f.doubts.edges) == 0 {
		t.Add(xlsx.T("None"), xlsx.Cell{}, xlsx.Cell{}, xlsx.N(0), xlsx.N(0))
	}
	p.Skip(1)
}

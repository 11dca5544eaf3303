package finance

import (
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// edgeTable counts the calls that the neighbouring period's statement may bill.
func (f inDoubtSheet) edgeTable(p *page.Page) {
	p.Section("4  Near the period's bounds", "Calls sent within 24 hours of a bound, which the neighbouring "+
		"period's statement may bill. Rows of the class “other period” on the sheet Exceptions are those where it "+
		"shows.")
	t := p.Table(page.Wide("Bound", 2, xlsx.General), page.Wide("Side", 2, xlsx.General),
		page.Col("Endpoint", xlsx.Literal), page.Col("PAY", xlsx.Count), page.Col("In doubt", xlsx.Count))
	for _, l := range f.InDoubt.Edges {
		t.Add(xlsx.T(l.Bound.In(f.Period.Zone).Format("2006-01-02 15:04")), xlsx.T(l.Side(f.Period)),
			xlsx.Untrusted(l.Endpoint), xlsx.N(l.Pay), xlsx.N(l.InDoubt()))
	}
	if len(f.InDoubt.Edges) == 0 {
		t.Add(xlsx.T("None"), xlsx.Cell{}, xlsx.Cell{}, xlsx.N(0), xlsx.N(0))
	}
	p.Skip(1)
}

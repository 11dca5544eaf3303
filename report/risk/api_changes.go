package risk

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/apichanges"
	"liverecon/store/calendar"
)

// apiChanges lists codes, fields and types in the answers of a period that the vendor's page does not document.
type apiChanges []apichanges.Known

// since counts those seen for the first time at a moment or later.
func (all apiChanges) since(moment time.Time) (n int64) {
	for _, c := range all {
		n += int64(xlsx.Int(!c.FirstSeen.Before(moment)))
	}
	return n
}

// apiChangeTable lists the changes: a vendor that changes its answers should be heard of before the figures change.
func apiChangeTable(p *page.Page, all apiChanges, period calendar.Period) {
	p.Section("5  Vendor-change radar", fmt.Sprintf("What answers of this period held that the vendor's page does not "+
		"document: %s, %s seen for the first time.", page.Plural(int64(len(all)), "thing", "things"),
		humanize.Comma(all.since(period.From))))
	if len(all) == 0 {
		p.Prose(xlsx.T("Nothing: every code, pricing tag, attack type, field and type is documented.").WithRole(xlsx.Caption))
		return
	}
	zone := " (" + period.Zone.String() + ")"
	t := p.Table(page.Col("What", xlsx.General), page.Wide("Value", 5, xlsx.Literal),
		page.Col("Endpoint", xlsx.Literal), page.Wide("First seen"+zone, 2, xlsx.Moment),
		page.Wide("Last seen"+zone, 2, xlsx.Moment), page.Col("Answers", xlsx.Count), page.Col("", xlsx.General))
	for _, c := range all {
		mark := xlsx.Cell{}
		if !c.FirstSeen.Before(period.From) {
			mark = xlsx.T("▲ new").WithRole(xlsx.Watch)
		}
		t.Add(xlsx.T(c.Kind.Name()), xlsx.Untrusted(c.Value), xlsx.Untrusted(c.Endpoint),
			xlsx.At(c.FirstSeen, period.Zone), xlsx.At(c.LastSeen, period.Zone), xlsx.N(c.Answers), mark)
	}
}

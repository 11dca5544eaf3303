package risk

import (
	"fmt"
	"path/filepath"
	"strings"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// firstState is the column of the first state in the table of lists by region.
const firstState = 5

// splitTable follows the rows of each list and region from the list to the answer.
func (r *risk) splitTable(p *page.Page) {
	p.Section("3  From list to answer, by list and region", "Duplicate and known rows were not asked for again. New = "+r.stateWords()+", as they are now.")
	columns := append([]page.Column{{Head: "List", Span: 2, Format: xlsx.Literal}, {Head: "Region", Span: 1, Format: xlsx.General}, {Head: "Duplicate", Span: 1, Format: xlsx.Count}, {Head: "Known", Span: 1, Format: xlsx.Count}, {Head: "New", Span: 1, Format: xlsx.Count}},
		r.stateColumns()...)
	t := p.Table(append(columns, page.Column{Head: "Check", Span: 1, Format: xlsx.General})...)
	r.places.split = t
	var all store.ListRegion
	brought := newCoverage("")
	for _, l := range r.lists {
		if l.Region == "" { // a list without a valid row
			continue
		}
		all.Duplicate, all.Known, all.New = all.Duplicate+l.Duplicate, all.Known+l.Known, all.New+l.New
		c := r.listed[listRegion{l.ListID, l.Region}]
		for _, s := range r.states() {
			brought.states[s] += c.state(s)
		}
		t.Add(append([]xlsx.Cell{xlsx.Outside(filepath.Base(l.Path)), xlsx.T(page.RegionName(l.Region))}, r.splitCells(t, l, c)...)...)
	}
	cells := r.splitCells(t, all, brought)
	if t.Rows > 0 {
		for i := range cells[:len(cells)-1] {
			cells[i] = cells[i].By(xlsx.Sum(page.Local(t.Area(i + 2))))
		}
	}
	t.Total(append([]xlsx.Cell{xlsx.T("All lists").In(xlsx.General), {}}, cells...)...)
}

// splitCells are the counts of a row, and whether every new ID is in one of the states.
func (r *risk) splitCells(t *page.Table, l store.ListRegion, c *coverage) []xlsx.Cell {
	cells := []xlsx.Cell{xlsx.N(l.Duplicate), xlsx.N(l.Known), xlsx.N(l.New)}
	for _, s := range r.states() {
		cells = append(cells, xlsx.N(c.state(s)))
	}
	verdict := xlsx.T("✓ ties").As(xlsx.Good)
	if l.New != c.listed() {
		verdict = xlsx.T("✗ differs").As(xlsx.Alert)
	}
	return append(cells, verdict.By(fmt.Sprintf(`IF(%s=SUM(%s:%s),"✓ ties","✗ differs")`, t.Ref(firstState-1), t.Ref(firstState),
		t.Ref(firstState+len(r.states())-1))))
}

// splitListed is the number of new IDs over all lists and regions of the table, by their states.
func (r *risk) splitListed() (n int64) {
	for _, l := range r.lists {
		n += r.listed[listRegion{l.ListID, l.Region}].listed()
	}
	return n
}

// splitOpen is how many of them have no answer.
func (r *risk) splitOpen() (n int64) {
	for _, l := range r.lists {
		n += r.listed[listRegion{l.ListID, l.Region}].unanswered()
	}
	return n
}

// splitStates is the formula that adds up the states of all lists and regions from the i-th on.
func (r *risk) splitStates(i int) string {
	t := r.places.split
	if t.Rows == 0 {
		return ""
	}
	var sums []string
	for ; i < len(r.states()); i++ {
		sums = append(sums, t.Area(firstState+i).String())
	}
	return "SUM(" + strings.Join(sums, ",") + ")"
}

package report

import (
	"fmt"
	"path/filepath"
	"strings"

	"liverecon/store"
)

// firstState is the column of the first state in the table of lists by region.
const firstState = 5

// splitTable follows the rows of each list and region from the list to the answer.
func (r *risk) splitTable(p *page) {
	p.section("3  From list to answer, by list and region", "Duplicate and known rows were not asked for again. New = "+r.stateWords()+", as they are now.")
	columns := append([]column{{"List", 2, Literal}, {"Region", 1, General}, {"Duplicate", 1, Count}, {"Known", 1, Count}, {"New", 1, Count}},
		r.stateColumns()...)
	t := p.table(append(columns, column{"Check", 1, General})...)
	r.places.split = t
	var all store.ListFact
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
		t.add(append([]Cell{Outside(filepath.Base(l.Path)), T(regionName(l.Region))}, r.splitCells(t, l, c)...)...)
	}
	cells := r.splitCells(t, all, brought)
	if t.rows > 0 {
		for i := range cells[:len(cells)-1] {
			cells[i] = cells[i].By(sum(local(t.area(i + 2))))
		}
	}
	t.total(append([]Cell{T("All lists").In(General), {}}, cells...)...)
}

// splitCells are the counts of a row, and whether every new ID is in one of the states.
func (r *risk) splitCells(t *table, l store.ListFact, c *coverage) []Cell {
	cells := []Cell{N(l.Duplicate), N(l.Known), N(l.New)}
	for _, s := range r.states() {
		cells = append(cells, N(c.state(s)))
	}
	verdict := T("✓ ties").As(Good)
	if l.New != c.listed() {
		verdict = T("✗ differs").As(Alert)
	}
	return append(cells, verdict.By(fmt.Sprintf(`IF(%s=SUM(%s:%s),"✓ ties","✗ differs")`, t.ref(firstState-1), t.ref(firstState),
		t.ref(firstState+len(r.states())-1))))
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
	if t.rows == 0 {
		return ""
	}
	var sums []string
	for ; i < len(r.states()); i++ {
		sums = append(sums, t.area(firstState+i).String())
	}
	return "SUM(" + strings.Join(sums, ",") + ")"
}

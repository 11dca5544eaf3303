package risk

import (
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// lists holds the regions of a period's lists, list by list in the order in which they were read.
type lists []snapshot.ListRegion

// brought counts the IDs that the lists were the first to hold.
func (all lists) brought() (n int64) {
	for _, l := range all {
		n += l.New
	}
	return n
}

// shownLists sets how many lists have rows of their own in a workbook; where there are more, those read before them
// have rows together: nobody reads thousands of lines one by one, and each costs time and memory every night.
const shownLists = 200

// shown parts the lists into those that have rows of their own, the newest, and those read before them.
func (all lists) shown() (earlier, newest lists) {
	left, last := shownLists, int64(-1)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].ListID == last {
			continue
		}
		if last = all[i].ListID; left == 0 {
			return all[:i+1], all[i+1:]
		}
		left--
	}
	return nil, all
}

// fewLists sets how many lists have rows of their own in any case.
const fewLists = 12

// partedLists holds the lists of a period: those that have rows of their own, and of the others what their rows add up
// to. There may be so many of these that nothing is kept of each.
type partedLists struct {
	own      lists
	together chain              // of all of them
	others   int64              // how many they are
	regions  map[string]listRow // of them, by region
}

// parted parts the lists of a period into those that have rows together, and those with rows of their own: where there
// are more than a few, these are the newest ones whose rows do not tie, or of whose new IDs some are missing.
func (all lists) parted(listed *listing) partedLists {
	apart := map[int64]bool{}
	few := all.count() <= fewLists
	for c := range all.chains() {
		if few || !c.ties() {
			apart[c.id] = true
		}
	}
	for _, l := range all {
		if states := listed.ofList(l); states.missing() > 0 || states.listed() != l.New && l.Region != "" {
			apart[l.ListID] = true
		}
	}
	var own lists
	for _, l := range all {
		if apart[l.ListID] {
			own = append(own, l)
		}
	}
	earlier, own := own.shown()
	for _, l := range earlier {
		delete(apart, l.ListID)
	}
	p := partedLists{own: own, regions: map[string]listRow{}}
	for c := range all.chains() {
		if !apart[c.id] {
			p.others++
			p.together.add(c)
		}
	}
	for _, l := range all {
		if !apart[l.ListID] {
			p.addRegion(l, listed.ofList(l))
		}
	}
	return p
}

// addRegion adds a region of a list that has no row of its own.
func (p *partedLists) addRegion(l snapshot.ListRegion, became *coverage) {
	sum, ok := p.regions[l.Region]
	if !ok {
		sum = listRow{ListRegion: snapshot.ListRegion{Region: l.Region}, states: newCoverage(l.Region)}
	}
	sum.Duplicate, sum.Known, sum.New = sum.Duplicate+l.Duplicate, sum.Known+l.Known, sum.New+l.New
	sum.states.plus(became)
	p.regions[l.Region] = sum
}

// words names the lists that have rows together.
func (p *partedLists) words() string {
	return page.Plural(p.others, "other list", "other lists") + " (view v_lists)"
}

// earlierWords names lists that have rows together.
func (all lists) earlierWords() string {
	return page.Plural(all.count(), "earlier list", "earlier lists") + " (view v_lists)"
}

// listRow represents a row of the table of lists by region.
type listRow struct {
	name string
	snapshot.ListRegion
	states *coverage
}

// splitRows returns the rows of the table of lists by region.
func (p *partedLists) splitRows(listed *listing) (rows []listRow) {
	for _, region := range page.SortedKeys(p.regions) {
		row := p.regions[region]
		row.name = p.words()
		rows = append(rows, row)
	}
	for _, l := range p.own {
		rows = append(rows, listRow{filepath.Base(l.Path), l, listed.ofList(l)})
	}
	return slices.DeleteFunc(rows, func(r listRow) bool { return r.Region == "" }) // a list without a valid row
}

// chain counts what became of a list's rows.
type chain struct {
	id                                    int64
	path                                  string
	sha256                                []byte
	readAt                                time.Time
	rows, rejected, duplicate, known, new int64
}

// chains yields each list with its regions added up.
func (all lists) chains() iter.Seq[chain] {
	return func(yield func(chain) bool) {
		for rest := all; len(rest) > 0; {
			l := rest[0]
			c := chain{id: l.ListID, path: filepath.Base(l.Path), sha256: l.SHA256, readAt: l.ReadAt, rows: l.Rows,
				rejected: l.Rejected}
			for ; len(rest) > 0 && rest[0].ListID == l.ListID; rest = rest[1:] {
				c.duplicate, c.known, c.new = c.duplicate+rest[0].Duplicate, c.known+rest[0].Known, c.new+rest[0].New
			}
			if !yield(c) {
				return
			}
		}
	}
}

// count counts the lists.
func (all lists) count() (n int64) {
	for range all.chains() {
		n++
	}
	return n
}

// ties reports whether every row is counted once.
func (c *chain) ties() bool { return c.rows == c.rejected+c.duplicate+c.known+c.new }

func (c *chain) add(other chain) {
	c.rows, c.rejected, c.duplicate = c.rows+other.rows, c.rejected+other.rejected, c.duplicate+other.duplicate
	c.known, c.new = c.known+other.known, c.new+other.new
}

// tiesCell shows whether the count in a column ties with the sum of those in other columns.
func tiesCell(t *page.Table, ties bool, column, from, to int) xlsx.Cell {
	verdict := xlsx.T("✓ ties").WithRole(xlsx.Good)
	if !ties {
		verdict = xlsx.T("✗ differs").WithRole(xlsx.Alert)
	}
	return verdict.WithFormula(fmt.Sprintf(`IF(%s=SUM(%s:%s),"✓ ties","✗ differs")`, t.Ref(column), t.Ref(from),
		t.Ref(to)))
}

// cells returns the counts of a row whose first two columns are taken, and whether they add up.
func (c *chain) cells(t *page.Table) []xlsx.Cell {
	return []xlsx.Cell{xlsx.N(c.rows), xlsx.N(c.rejected), xlsx.N(c.duplicate), xlsx.N(c.known), xlsx.N(c.new),
		tiesCell(t, c.ties(), 2, 3, 6), {}}
}

// chainTable shows each list's rows: rejected + duplicate + known + new.
func chainTable(p *page.Page, all *partedLists, read calendar.Period) *page.Table {
	note := ""
	if all.others > 0 {
		note = fmt.Sprintf(" Lists that tie and have nothing missing stand together: %d of %d.", all.others,
			all.others+all.own.count())
	}
	p.Section("2  Rows of the lists", "Lists read "+read.Describe()+". Rows = rejected + duplicate (in the same "+
		"list) + known (from an earlier list) + new. A rejected row has no region and is counted with its list."+note)
	t := p.Table(page.Wide("List", 4, xlsx.Literal), page.Wide("Read at ("+read.Zone.String()+")", 2, xlsx.Moment),
		page.Col("Rows", xlsx.Count), page.Col("Rejected", xlsx.Count), page.Col("Duplicate", xlsx.Count),
		page.Col("Known", xlsx.Count), page.Col("New", xlsx.Count), page.Col("Check", xlsx.General),
		page.Col("", xlsx.General))
	total := all.together
	if all.others > 0 {
		t.Add(append([]xlsx.Cell{xlsx.T(all.words()).WithFormat(xlsx.General), {}}, total.cells(t)...)...)
	}
	for c := range all.own.chains() {
		t.Add(append([]xlsx.Cell{xlsx.Untrusted(c.path), xlsx.At(c.readAt, read.Zone)}, c.cells(t)...)...)
		total.add(c)
	}
	cells := append([]xlsx.Cell{xlsx.T("All lists").WithFormat(xlsx.General), {}}, total.cells(t)...)
	t.SumUp(cells, 2, 3, 4, 5, 6)
	t.Total(cells...)
	return t
}

// firstState holds the column of the first state in the table of lists by region.
const firstState = 5

// splitTable follows the rows of each list and region from the list to the answer.
func splitTable(p *page.Page, all *partedLists, listed *listing) *page.Table {
	p.Section("3  From list to answer, by list and region", "Duplicate and known rows were not asked for again. New = "+
		listed.stateWords()+", as they are now.")
	columns := append([]page.Column{page.Wide("List", 2, xlsx.Literal), page.Col("Region", xlsx.General),
		page.Col("Duplicate", xlsx.Count), page.Col("Known", xlsx.Count), page.Col("New", xlsx.Count)},
		listed.stateColumns()...)
	t := p.Table(append(columns, page.Col("Check", xlsx.General))...)
	states := listed.states()
	sum := listRow{states: newCoverage("")}
	for _, l := range all.splitRows(listed) {
		sum.Duplicate, sum.Known, sum.New = sum.Duplicate+l.Duplicate, sum.Known+l.Known, sum.New+l.New
		sum.states.plus(l.states)
		names := []xlsx.Cell{xlsx.Untrusted(l.name), xlsx.T(page.RegionName(l.Region))}
		t.Add(append(names, l.cells(t, states)...)...)
	}
	cells := append([]xlsx.Cell{xlsx.T("All lists").WithFormat(xlsx.General), {}}, sum.cells(t, states)...)
	for col := 2; col < len(cells)-1; col++ {
		t.SumUp(cells, col)
	}
	t.Total(cells...)
	return t
}

// cells returns the counts of a row, and whether every new ID is in one of the states.
func (r listRow) cells(t *page.Table, states []store.State) []xlsx.Cell {
	cells := []xlsx.Cell{xlsx.N(r.Duplicate), xlsx.N(r.Known), xlsx.N(r.New)}
	for _, s := range states {
		cells = append(cells, xlsx.N(r.states.state(s)))
	}
	return append(cells, tiesCell(t, r.New == r.states.listed(), firstState-1, firstState, firstState+len(states)-1))
}

// sumOfStates returns the formula that adds up states of all lists and regions, those from the i-th on.
func (refs coverageRefs) sumOfStates(i, states int) string {
	if refs.split.Rows == 0 {
		return ""
	}
	var sums []string
	for ; i < states; i++ {
		sums = append(sums, refs.split.Area(firstState+i).String())
	}
	return "SUM(" + strings.Join(sums, ",") + ")"
}

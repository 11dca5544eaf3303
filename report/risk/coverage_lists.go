package risk

import (
	"fmt"
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

// parted parts the lists of a period into those that have rows together, and those with rows of their own: where there
// are more than a few, these are the newest ones whose rows do not tie, or of whose new IDs some are missing.
func (all lists) parted(listed *listing) (together, own lists) {
	told := map[int64]bool{}
	for _, c := range all.chains() {
		told[c.id] = !c.ties()
	}
	for _, l := range all {
		if states := listed.ofList(l); states.missing() > 0 || states.listed() != l.New && l.Region != "" {
			told[l.ListID] = true
		}
	}
	few := len(told) <= fewLists
	for _, l := range all {
		if few || told[l.ListID] {
			own = append(own, l)
		} else {
			together = append(together, l)
		}
	}
	more, own := own.shown()
	return append(together, more...), own
}

// togetherWords names lists that have rows together.
func (all lists) togetherWords() string {
	return page.Plural(int64(len(all.chains())), "other list", "other lists") + " (view v_lists)"
}

// earlierWords names lists that have rows together.
func (all lists) earlierWords() string {
	return page.Plural(int64(len(all.chains())), "earlier list", "earlier lists") + " (view v_lists)"
}

// listRow represents a row of the table of lists by region.
type listRow struct {
	name string
	snapshot.ListRegion
	states *coverage
}

// byRegion adds up the lists by region, and what became of their new IDs.
func (all lists) byRegion(listed *listing) (rows []listRow) {
	sums, words := map[string]*listRow{}, all.togetherWords()
	for _, l := range all {
		sum := sums[l.Region]
		if sum == nil {
			sum = &listRow{words, snapshot.ListRegion{Region: l.Region}, newCoverage(l.Region)}
			sums[l.Region] = sum
		}
		sum.Duplicate, sum.Known, sum.New = sum.Duplicate+l.Duplicate, sum.Known+l.Known, sum.New+l.New
		sum.states.plus(listed.ofList(l))
	}
	for _, region := range page.SortedKeys(sums) {
		rows = append(rows, *sums[region])
	}
	return rows
}

// splitRows returns the rows of the table of lists by region.
func (all lists) splitRows(listed *listing) []listRow {
	together, own := all.parted(listed)
	rows := together.byRegion(listed)
	for _, l := range own {
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

// chains adds up each list's regions.
func (all lists) chains() []chain {
	var chains []chain
	last := int64(-1)
	for _, l := range all {
		if l.ListID != last {
			chains = append(chains, chain{id: l.ListID, path: filepath.Base(l.Path), sha256: l.SHA256,
				readAt: l.ReadAt, rows: l.Rows,
				rejected: l.Rejected})
			last = l.ListID
		}
		c := &chains[len(chains)-1]
		c.duplicate, c.known, c.new = c.duplicate+l.Duplicate, c.known+l.Known, c.new+l.New
	}
	return chains
}

// ties reports whether every row is counted once.
func (c *chain) ties() bool { return c.rows == c.rejected+c.duplicate+c.known+c.new }

func (c *chain) add(other chain) {
	c.rows, c.rejected, c.duplicate = c.rows+other.rows, c.rejected+other.rejected, c.duplicate+other.duplicate
	c.known, c.new = c.known+other.known, c.new+other.new
}

// tiesCell shows whether the count in a column ties with the sum of those in other columns.
func tiesCell(t *page.Table, ties bool, column, from, to int) xlsx.Cell {
	verdict := xlsx.T("✓ ties").As(xlsx.Good)
	if !ties {
		verdict = xlsx.T("✗ differs").As(xlsx.Alert)
	}
	return verdict.By(fmt.Sprintf(`IF(%s=SUM(%s:%s),"✓ ties","✗ differs")`, t.Ref(column), t.Ref(from), t.Ref(to)))
}

// cells returns the counts of a row whose first two columns are taken, and whether they add up.
func (c *chain) cells(t *page.Table) []xlsx.Cell {
	return []xlsx.Cell{xlsx.N(c.rows), xlsx.N(c.rejected), xlsx.N(c.duplicate), xlsx.N(c.known), xlsx.N(c.new),
		tiesCell(t, c.ties(), 2, 3, 6), {}}
}

// chainTable shows each list's rows: rejected + duplicate + known + new.
func chainTable(p *page.Page, all lists, listed *listing, read calendar.Period) *page.Table {
	together, own := all.parted(listed)
	note := ""
	if len(together) > 0 {
		note = fmt.Sprintf(" Lists that tie and have nothing missing stand together: %d of %d.", len(together.chains()),
			len(all.chains()))
	}
	p.Section("2  Rows of the lists", "Lists read "+read.Describe()+". Rows = rejected + duplicate (in the same "+
		"list) + known (from an earlier list) + new. A rejected row has no region and is counted with its list."+note)
	t := p.Table(page.Wide("List", 4, xlsx.Literal), page.Wide("Read at ("+read.Zone.String()+")", 2, xlsx.Moment),
		page.Col("Rows", xlsx.Count), page.Col("Rejected", xlsx.Count), page.Col("Duplicate", xlsx.Count),
		page.Col("Known", xlsx.Count), page.Col("New", xlsx.Count), page.Col("Check", xlsx.General),
		page.Col("", xlsx.General))
	var total chain
	if len(together) > 0 {
		var sum chain
		for _, c := range together.chains() {
			sum.add(c)
		}
		t.Add(append([]xlsx.Cell{xlsx.T(together.togetherWords()).In(xlsx.General), {}}, sum.cells(t)...)...)
		total.add(sum)
	}
	for _, c := range own.chains() {
		t.Add(append([]xlsx.Cell{xlsx.Outside(c.path), xlsx.At(c.readAt, read.Zone)}, c.cells(t)...)...)
		total.add(c)
	}
	cells := append([]xlsx.Cell{xlsx.T("All lists").In(xlsx.General), {}}, total.cells(t)...)
	t.SumUp(cells, 2, 3, 4, 5, 6)
	t.Total(cells...)
	return t
}

// firstState holds the column of the first state in the table of lists by region.
const firstState = 5

// splitTable follows the rows of each list and region from the list to the answer.
func splitTable(p *page.Page, all lists, listed *listing) *page.Table {
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
		names := []xlsx.Cell{xlsx.Outside(l.name), xlsx.T(page.RegionName(l.Region))}
		t.Add(append(names, l.cells(t, states)...)...)
	}
	cells := append([]xlsx.Cell{xlsx.T("All lists").In(xlsx.General), {}}, sum.cells(t, states)...)
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

package page

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"liverecon/report/xlsx"
	"liverecon/store/snapshot"
)

// check represents a total reached by two routes.
type check struct {
	name          string
	first, second xlsx.Cell
	gap           bool // what differs is said of the records, and no slip of the workbook
}

// ties reports whether both routes lead to the same figure.
func (c check) ties() bool { return c.first.Amount().Equal(c.second.Amount()) }

// difference returns the first route less the second. The formula rounds away what adding amounts in binary leaves
// over: it keeps four decimals, fewer where an amount is so large that a cell cannot hold them.
func (c check) difference(first, second string) xlsx.Cell {
	x := c.first.Amount().Sub(c.second.Amount())
	cell, formula := xlsx.D(x.String(), c.first.Style.Format), first+"-"+second
	if c.first.Style.Format != xlsx.Count {
		whole := len(c.first.Amount().Abs().Truncate(0).String())
		formula = fmt.Sprintf("ROUND(%s,%d)", formula, max(0, min(4, 11-whole)))
	}
	return cell.WithFormula(formula)
}

// Checks represents the checks of a workbook, and where they stand in it.
type Checks struct {
	all   []check
	table *Table
	end   int // row of the verdict over all
}

// Add adds a total that two routes lead to.
func (l *Checks) Add(name string, first, second xlsx.Cell) {
	l.all = append(l.all, check{name: name, first: first, second: second})
}

// Gap adds a check of what the records lack: it is shown in red as any, and the workbook is a good one.
func (l *Checks) Gap(name string, first, second xlsx.Cell) {
	l.all = append(l.all, check{name: name, first: first, second: second, gap: true})
}

// words returns the verdict over one check.
func (c check) words() string {
	if c.ties() {
		return "✓ ties"
	}
	return "✗ differs"
}

// Failed names the checks that do not tie.
func (l *Checks) Failed() []string {
	var names []string
	for _, c := range l.all {
		if !c.ties() {
			names = append(names, c.name)
		}
	}
	return names
}

// Broken names the checks that do not tie and have to.
func (l *Checks) Broken() []string {
	var names []string
	for _, c := range l.all {
		if !c.gap && !c.ties() {
			names = append(names, c.name)
		}
	}
	return names
}

// words returns the verdict over all checks.
func (l *Checks) words() string {
	n := len(l.Failed())
	if len(l.all) == 1 {
		return l.all[0].words()
	}
	if n > 0 {
		return fmt.Sprintf("✗ %d of %d checks differ", n, len(l.all))
	}
	return fmt.Sprintf("✓ all %d checks tie", len(l.all))
}

// Verdict returns the cell that repeats the verdict over all checks on another sheet.
func (l *Checks) Verdict() xlsx.Cell {
	role := xlsx.Good
	if len(l.Failed()) > 0 {
		role = xlsx.Alert
	}
	return xlsx.T(l.words()).WithRole(role).WithFormula(xlsx.QuoteSheet(l.table.Page.Name) + "!" +
		xlsx.Ref{Col: l.table.At[4] + 1, Row: l.end}.Fixed())
}

// Write writes the checks as a table of six grid columns for the name, then the routes, their difference and the
// result.
func (l *Checks) Write(p *Page, nameSpan, resultSpan int) {
	t := p.Table(Column{"Check", nameSpan, xlsx.General}, Column{"First route", 1, xlsx.Count},
		Column{"Second route", 1, xlsx.Count}, Column{"Difference", 1, xlsx.Count},
		Column{"Result", resultSpan, xlsx.General})
	l.table = t
	for _, c := range l.all {
		result := xlsx.T(c.words()).WithRole(xlsx.Good)
		if !c.ties() {
			result = result.WithRole(xlsx.Alert)
		}
		first, second, difference := t.Ref(1), t.Ref(2), t.Ref(3)
		t.Add(xlsx.T(c.name), c.first, c.second, c.difference(first, second),
			result.WithFormula(fmt.Sprintf(`IF(%s=0,"✓ ties","✗ differs")`, difference)))
	}
	role := xlsx.TotalOK
	if len(l.Failed()) > 0 {
		role = xlsx.TotalBad
	}
	l.end = p.Row
	results := t.Area(4)
	p.Marks = append(p.Marks,
		xlsx.Marking{At: xlsx.Area{From: results.From, To: xlsx.Ref{Col: results.To.Col, Row: l.end}}, Begins: "✗"})
	area := t.Area(3)
	area.Sheet = ""
	verdict := fmt.Sprintf(`IF(COUNTIF(%[1]s,"<>0")=0,"✓ all "&ROWS(%[1]s)&" checks tie","✗ `+
		`"&COUNTIF(%[1]s,"<>0")&" `+
		`of "&ROWS(%[1]s)&" checks differ")`, area)
	if len(l.all) == 1 {
		verdict = fmt.Sprintf(`IF(%s=0,"✓ ties","✗ differs")`, area.From)
	}
	t.Total(xlsx.T("All checks"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{},
		xlsx.T(l.words()).WithRole(role).WithFormula(verdict))
}

// SortedKeys returns a map's keys in order, so that nothing depends on the order of maps.
func SortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// JoinClose ends the reading of a snapshot after an error.
func JoinClose(err error, snap *snapshot.Snapshot) error { return errors.Join(err, snap.Close()) }

// DetailCheck holds the check of the sheet of every check: a workbook without that sheet is without it.
const DetailCheck = "Detail: rows = answered in the database"

// Success holds the only code that the vendor's page bills.
const Success = "SUCCESS"

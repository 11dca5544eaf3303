package report

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"liverecon/store"
)

// check is a total reached by two routes.
type check struct {
	name          string
	first, second Cell
	gap           bool // what differs is said of the records, and no slip of the workbook
}

// ties says whether both routes lead to the same figure.
func (c check) ties() bool { return c.first.amount().Equal(c.second.amount()) }

// difference is the first route less the second. The formula rounds away what adding amounts in binary leaves over: it
// keeps four decimals, fewer where an amount is so large that a cell cannot hold them.
func (c check) difference(first, second string) Cell {
	x := c.first.amount().Sub(c.second.amount())
	cell, formula := D(x.String(), c.first.Style.Format), first+"-"+second
	if c.first.Style.Format != Count {
		whole := len(c.first.amount().Abs().Truncate(0).String())
		formula = fmt.Sprintf("ROUND(%s,%d)", formula, max(0, min(4, 11-whole)))
	}
	return cell.By(formula)
}

// checkList is the checks of a workbook, and where they stand in it.
type checkList struct {
	all   []check
	table *table
	end   int // row of the verdict over all
}

func (l *checkList) add(name string, first, second Cell) {
	l.all = append(l.all, check{name: name, first: first, second: second})
}

// gap adds a check of what the records lack: it is shown in red as any, and the workbook is a good one.
func (l *checkList) gap(name string, first, second Cell) {
	l.all = append(l.all, check{name: name, first: first, second: second, gap: true})
}

// words is the verdict over one check.
func (c check) words() string {
	if c.ties() {
		return "✓ ties"
	}
	return "✗ differs"
}

// untied names the checks that do not tie.
func (l *checkList) untied() []string {
	var names []string
	for _, c := range l.all {
		if !c.ties() {
			names = append(names, c.name)
		}
	}
	return names
}

// broken names the checks that do not tie and have to.
func (l *checkList) broken() []string {
	var names []string
	for _, c := range l.all {
		if !c.gap && !c.ties() {
			names = append(names, c.name)
		}
	}
	return names
}

// words is the verdict over all checks.
func (l *checkList) words() string {
	n := len(l.untied())
	if len(l.all) == 1 {
		return l.all[0].words()
	}
	if n > 0 {
		return fmt.Sprintf("✗ %d of %d checks differ", n, len(l.all))
	}
	return fmt.Sprintf("✓ all %d checks tie", len(l.all))
}

// verdict is the cell that repeats the verdict over all checks on another sheet.
func (l *checkList) verdict() Cell {
	role := Good
	if len(l.untied()) > 0 {
		role = Alert
	}
	return T(l.words()).As(role).By(quoteSheet(l.table.page.Name) + "!" + Ref{l.table.at[4] + 1, l.end}.Fixed())
}

// write writes the checks as a table of six grid columns for the name, then the routes, their difference and the result.
func (l *checkList) write(p *page, nameSpan, resultSpan int) {
	t := p.table(column{"Check", nameSpan, General}, column{"First route", 1, Count}, column{"Second route", 1, Count}, column{"Difference", 1, Count}, column{"Result", resultSpan, General})
	l.table = t
	for _, c := range l.all {
		result := T(c.words()).As(Good)
		if !c.ties() {
			result = result.As(Alert)
		}
		first, second, difference := t.ref(1), t.ref(2), t.ref(3)
		t.add(T(c.name), c.first, c.second, c.difference(first, second),
			result.By(fmt.Sprintf(`IF(%s=0,"✓ ties","✗ differs")`, difference)))
	}
	role := TotalOK
	if len(l.untied()) > 0 {
		role = TotalBad
	}
	l.end = p.row
	results := t.area(4)
	p.Marks = append(p.Marks, Marking{At: Area{From: results.From, To: Ref{results.To.Col, l.end}}, Begins: "✗"})
	area := t.area(3)
	area.Sheet = ""
	verdict := fmt.Sprintf(`IF(COUNTIF(%[1]s,"<>0")=0,"✓ all "&ROWS(%[1]s)&" checks tie","✗ "&COUNTIF(%[1]s,"<>0")&" of "&ROWS(%[1]s)&" checks differ")`, area)
	if len(l.all) == 1 {
		verdict = fmt.Sprintf(`IF(%s=0,"✓ ties","✗ differs")`, area.From)
	}
	t.total(T("All checks"), Cell{}, Cell{}, Cell{}, T(l.words()).As(role).By(verdict))
}

// sortedKeys are a map's keys in order, so that nothing depends on the order of maps.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// joinClose ends the reading of facts after an error.
func joinClose(err error, facts *store.Facts) error { return errors.Join(err, facts.Close()) }

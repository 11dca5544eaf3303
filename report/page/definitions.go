package page

import (
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// Definition represents a term, what it means here, and where that comes from.
type Definition struct{ Term, Meaning, Source string }

// Parameter represents a setting a report was made with.
type Parameter struct {
	Name  string
	Value xlsx.Cell
}

// Definitions begins a sheet of definitions and checks.
func Definitions(w *xlsx.Workbook, period calendar.Period) *Page {
	p := New(w, "Definitions", "Definitions, parameters and checks", "How every measure of this workbook is "+
		"made · "+period.Describe(), 48, 14, 14, 14, 22, 50)
	p.Tab = xlsx.Grey
	return p
}

// Terms writes a table of definitions.
func (p *Page) Terms(title string, all []Definition) {
	p.Section(title, "")
	t := p.Table(Column{"Measure", 1, xlsx.General}, Column{"Meaning", 4, xlsx.General},
		Column{"Source or formula", 1, xlsx.General})
	for _, d := range all {
		t.Add(xlsx.T(d.Term).WithRole(xlsx.Wrapped), xlsx.T(d.Meaning).WithRole(xlsx.Wrapped),
			xlsx.T(d.Source).WithRole(xlsx.Wrapped))
	}
	p.Skip(1)
}

// Parameters writes the settings a report was made with.
func (p *Page) Parameters(title string, all []Parameter) {
	p.Section(title, "")
	t := p.Table(Column{"Parameter", 1, xlsx.General}, Column{"Value", 5, xlsx.General})
	for _, one := range all {
		t.Add(xlsx.T(one.Name), one.Value)
	}
	p.Skip(1)
}

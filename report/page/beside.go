package page

import "liverecon/report/xlsx"

// Beside is the place, in a row, of the i-th column outside the printed page, counted from 0: there stands what charts and
// formulas take figures from and nobody prints.
func (p *Page) Beside(i, row int) xlsx.Ref { return xlsx.Ref{Col: p.Across + 3 + i, Row: row} }

// SetBeside writes cells outside the printed page, from the i-th column on.
func (p *Page) SetBeside(i, row int, cells ...xlsx.Cell) {
	for k, c := range cells {
		p.Set(p.Beside(i+k, row), c.As(xlsx.Feeder))
	}
}

// Beside is the i-th column outside the printed page, beside the first rows of the table.
func (t *Table) Beside(i, rows int) xlsx.Area {
	return t.Page.Area(t.Page.Beside(i, t.First), t.Page.Beside(i, t.First+rows-1))
}

// PrintAll prints the sheet up to the row that is written next.
func (p *Page) PrintAll() {
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}

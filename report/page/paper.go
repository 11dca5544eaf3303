package page

import (
	"slices"

	"liverecon/report/xlsx"
)

// The paper: points of A4 landscape within the margins.
const (
	paperWidth   = 784
	PaperHeight  = 523
	PointsAPixel = 0.75
)

// scale returns how large a sheet is printed at the width of one page, at most 1.
func (p *Page) scale() float64 {
	return min(1, paperWidth/(PointsAPixel*float64(p.Pixels(0, p.Across+1))))
}

// Height returns how high some rows are, the last not included, in points.
func (p *Page) Height(from, to int) float64 {
	height := 0.0
	for row := from; row < to; row++ {
		if h, ok := p.Heights[row]; ok {
			height += h
		} else {
			height += RowHeight
		}
	}
	return height
}

// Pages estimates how many printed pages a sheet takes at the width of one.
func (p *Page) Pages() float64 { return p.Height(1, p.Row) * p.scale() / PaperHeight }

// Paginate makes a new page begin where a block, given by its first row, would not end on the same page. Spreadsheet
// programs that make a sheet as wide as a page ignore such breaks, so the sheet gets a size of its own, a little
// smaller than that.
func (p *Page) Paginate(blocks []int) {
	const spare = 0.97 // other programs' rows and columns are not of quite the same size
	scale := p.scale() * spare
	p.Percent = int(100 * scale)
	room, top := PaperHeight*spare/scale, 1
	for i, first := range blocks {
		end := p.Row
		if i+1 < len(blocks) {
			end = blocks[i+1]
		}
		high := p.Height(top, end)
		if p.Repeat > 0 && p.Repeat < top { // its row is printed again on the pages after its own
			high += p.Height(p.Repeat, p.Repeat+1)
		}
		if high > room {
			p.Breaks = append(p.Breaks, first)
			top = first
		}
	}
}

// mostWidened is how much wider than they were made the columns of a sheet on one page become at most.
const mostWidened = 1.5

// fill widens the columns of a sheet that its height makes small on one page, until it is as wide as the paper.
func (p *Page) fill() {
	wide := PointsAPixel * float64(p.Pixels(0, p.Across+1))
	factor := min(mostWidened, p.Height(1, p.Row)*paperWidth/PaperHeight/wide)
	if factor <= 1 {
		return
	}
	for i := range p.Across {
		p.Widths[i+1] *= factor
	}
	for i := range p.Charts {
		p.Charts[i].Width = int(float64(p.Charts[i].Width) * factor)
	}
}

// PrintAll prints the sheet up to the row that is written next. A section that would not end on the page on which it
// begins gets a page of its own, unless something else was said about pages.
func (p *Page) PrintAll() {
	if p.OnePage {
		p.fill()
	}
	if !p.OnePage && p.Percent == 0 && p.Pages() > 1 {
		slices.Sort(p.blocks)
		p.Paginate(append([]int{1}, slices.DeleteFunc(p.blocks, func(row int) bool { return row == 1 })...))
	}
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}

package page

import (
	"math"
	"slices"

	"liverecon/report/xlsx"
)

// The paper: points of A4 landscape within the margins.
const (
	PaperWidth   = 784
	PaperHeight  = 523
	PointsAPixel = 0.75
)

// scale returns how large a sheet is printed at the width of one page, at most 1.
func (p *Page) scale() float64 {
	return min(1, PaperWidth/(PointsAPixel*float64(p.Pixels(0, p.Across+1))))
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

// The sizes that a sheet may be printed at, as shares of that at the width of one page: spare for other programs' rows and
// columns, which are not of quite the same size; smaller where that saves a page; smallest where a table would go on without
// its head on the next page.
const (
	spare    = 0.97
	smaller  = 0.88
	smallest = 0.75
)

// paginate makes a new page begin where a section would not end on the same page. Spreadsheet programs that make a
// sheet as wide as a page ignore such breaks, so the sheet gets a size of its own: the largest at which it takes as few
// pages as at any that is hardly smaller, and at which no table is cut whose head is not printed again.
func (p *Page) paginate() {
	slices.Sort(p.blocks)
	p.repeatLast()
	best, cut, pages := p.scale()*spare, math.MaxInt, math.MaxInt
	for share := spare; share >= smallest; share -= 0.01 {
		breaks, c, n := p.breaks(p.scale() * share)
		if c < cut || c == cut && n < pages && share >= smaller {
			best, cut, pages, p.Breaks = p.scale()*share, c, n, breaks
		}
	}
	p.Percent = int(100 * best)
}

// repeatLast makes the head of the last table printed again on every page when it is too long for one. No other can be:
// it would stand above the tables that follow, too.
func (p *Page) repeatLast() {
	if len(p.Tables) == 0 || len(p.blocks) == 0 {
		return
	}
	last, head := p.blocks[len(p.blocks)-1], p.Tables[len(p.Tables)-1].At.From.Row
	if head > last && p.Height(last, p.Row) > PaperHeight/(p.scale()*smaller) {
		p.Repeat = head
	}
}

// breaks returns the rows that a page begins with when the sheet is printed at a scale, how many sections are cut whose
// head is not printed again, and how many pages there are.
func (p *Page) breaks(scale float64) (rows []int, cut, pages int) {
	room, top := PaperHeight/scale, 1
	ends := append(slices.DeleteFunc(slices.Clone(p.blocks), func(row int) bool { return row == 1 }), p.Row)
	first := 1
	for _, end := range ends {
		if p.printed(top, end) > room && first > top {
			rows, top = append(rows, first), first
			pages++
		}
		if more := int(p.printed(first, end) / room); more > 0 { // the section alone is longer than a page
			pages += more
			cut += xlsx.Int(p.Repeat < first || p.Repeat >= end)
		}
		first = end
	}
	return rows, cut, pages + 1
}

// printed returns how high some rows are on a page of their own, with the row that is printed again on it.
func (p *Page) printed(from, to int) float64 {
	high := p.Height(from, to)
	if p.Repeat > 0 && p.Repeat < from {
		high += p.Height(p.Repeat, p.Repeat+1)
	}
	return high
}

// mostWidened sets how much wider than they were made the columns of a sheet on one page become at most.
const mostWidened = 1.5

// fill widens the columns of a sheet that its height makes small on one page, until it is as wide as the paper.
func (p *Page) fill() {
	wide := PointsAPixel * float64(p.Pixels(0, p.Across+1))
	factor := min(mostWidened, p.Height(1, p.Row)*PaperWidth/PaperHeight/wide)
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
		p.paginate()
	}
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}

package report

// The paper: points of A4 landscape within the margins.
const (
	paperWidth, paperHeight = 784, 523
	pointsAPixel            = 0.75
)

// scale is how large a sheet is printed at the width of one page, at most 1.
func (p *page) scale() float64 {
	return min(1, paperWidth/(pointsAPixel*float64(p.pixels(0, p.across+1))))
}

// height is how high some rows are, the last not included, in points.
func (p *page) height(from, to int) float64 {
	height := 0.0
	for row := from; row < to; row++ {
		if h, ok := p.Heights[row]; ok {
			height += h
		} else {
			height += rowHeight
		}
	}
	return height
}

// pages is about how many printed pages a sheet takes at the width of one.
func (p *page) pages() float64 { return p.height(1, p.row) * p.scale() / paperHeight }

// paginate has a new page begin where a block, given by its first row, would not end on the same page. Spreadsheet programs
// that make a sheet as wide as a page ignore such breaks, so the sheet gets a size of its own, a little smaller than that.
func (p *page) paginate(blocks []int) {
	const spare = 0.97 // other programs' rows and columns are not of quite the same size
	scale := p.scale() * spare
	p.Percent = int(100 * scale)
	room, top := paperHeight*spare/scale-p.height(p.Repeat, p.Repeat+1), 1
	for i, first := range blocks {
		end := p.row
		if i+1 < len(blocks) {
			end = blocks[i+1]
		}
		if p.height(top, end) > room {
			p.Breaks = append(p.Breaks, first)
			top = first
		}
	}
}

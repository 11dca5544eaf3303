package xlsx

// Chart represents a drawing of cells: the figures stay in the sheet, the chart refers to them.
type Chart struct {
	At            Ref
	Width, Height int // pixels
	Alt           string
	Bars          BarKind
	Categories    Area
	Series        []Series
	Format        Format // of the value axis
	Second        Format // of the second value axis, when a series uses it
	Min, Max      float64
	SecondMax     float64
	Dense         bool // bars touch, as in a histogram
	Over          bool // bars of one category stand one over the other
	Bare          bool // the value axis is not drawn
	EachLabel     bool // no category goes without its label, however many there are
	Level         bool // names of categories stay level and take several lines, where they would be turned
	Sideways      bool // bars lie, the first category on top; their labels take the place of the value axis
}

// Drawable reports whether there is a figure to draw. A bar of nothing is not seen, a point at nothing is.
func (c *Chart) Drawable(book *Workbook) bool {
	for _, s := range c.Series {
		sheet := book.Sheet(s.Values.Sheet)
		for _, at := range s.Values.Refs() {
			if sheet == nil {
				continue
			}
			if figure := sheet.Cell(at); figure.Kind == Number && (s.Mark != Bar || figure.Float() != 0) {
				return true
			}
		}
	}
	return false
}

// BarKind names the arrangement of bars.
type BarKind uint8

// The kinds of bars.
const (
	Upright BarKind = iota // one beside the other
	Stacked                // one on top of the other
	Parts                  // stacked to 100 %
)

// Mark names the shape a series is drawn in.
type Mark uint8

// The marks of a series.
const (
	Bar Mark = iota
	Line
	Dashed // a reference line
	Point  // with whiskers, where Low and High say how far they reach
	Dash   // a short stroke at the value
	Cross  // an x at the value
)

// Series describes one row of figures in a chart.
type Series struct {
	Name   string
	Color  string // "" for bars that are only there to lift those above them
	Mark   Mark
	Values Area
	Down   Area // lengths of the lower whiskers
	Up     Area // lengths of the upper whiskers
	Label  bool // write each count in its bar
	End    bool // write each figure at the end of its bar, in the chart's format
	Second bool // measured on the second axis
	Hollow bool // bars are drawn as an outline
	Other  map[int]string
}

// Sparkline represents a small column chart inside a cell, its highest column marked.
type Sparkline struct {
	At     Ref
	Values Area
}

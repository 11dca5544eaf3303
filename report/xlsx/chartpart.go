package xlsx

import (
	"fmt"
	"strings"
)

// A chart's part, written from the model: DrawingML as in ECMA-376 part 1, section 21.2. Every reference carries the
// figures it refers to, so that previews that do not calculate show the chart too.

// chartWriter collects one chart.
type chartWriter struct {
	strings.Builder
	book  *Workbook
	chart Chart
	n     int // series written so far

	unnamed []int // series that no legend names
}

// f writes into the chart; writing into a strings.Builder cannot fail.
func (w *chartWriter) f(format string, args ...any) {
	_, _ = fmt.Fprintf(&w.Builder, format, args...)
}

// chartXML returns the part of one chart. Axes 1 and 2 are the categories and values, 3 and 4 those of the second
// scale.
func chartXML(book *Workbook, c Chart) string {
	w := &chartWriter{book: book, chart: c}
	w.f(xmlHead + `<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" ` +
		`xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><c:roundedCorners val="0"/>` +
		`<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>`)
	second := false
	for _, onSecond := range []bool{false, true} {
		w.bars(onSecond)
		w.lines(onSecond)
		for _, s := range c.Series {
			second = second || s.Second
		}
	}
	w.categoryAxis(1, 2, false)
	w.valueAxis(axisOf{id: 2, cross: 1, format: c.Format, lowest: c.Min, highest: c.Max, hidden: c.Bare || c.Sideways})
	if second {
		w.categoryAxis(3, 4, true)
		w.valueAxis(axisOf{id: 4, cross: 3, format: c.Second, highest: c.SecondMax, second: true})
	}
	w.f(`<c:spPr><a:noFill/></c:spPr></c:plotArea>`)
	if w.named() > 1 {
		w.f(`<c:legend><c:legendPos val="t"/>`)
		for _, i := range w.unnamed {
			w.f(`<c:legendEntry><c:idx val="%d"/><c:delete val="1"/></c:legendEntry>`, i)
		}
		w.f(`<c:overlay val="0"/>%s</c:legend>`, axisText)
	}
	w.f(`<c:plotVisOnly val="0"/><c:dispBlanksAs val="gap"/></c:chart><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln>` +
		`</c:spPr></c:chartSpace>`)
	return w.String()
}

func (w *chartWriter) named() int {
	n := 0
	for _, s := range w.chart.Series {
		if s.Name != "" {
			n++
		}
	}
	return n
}

func (w *chartWriter) pick(second bool, want func(Mark) bool) []Series {
	var picked []Series
	for _, s := range w.chart.Series {
		if s.Second == second && want(s.Mark) {
			picked = append(picked, s)
		}
	}
	return picked
}

func (w *chartWriter) bars(second bool) {
	series := w.pick(second, func(m Mark) bool { return m == Bar })
	if len(series) == 0 {
		return
	}
	grouping, overlap, gap := "clustered", 0, 50
	switch w.chart.Bars {
	case Stacked:
		grouping, overlap = "stacked", 100
	case Parts:
		grouping, overlap = "percentStacked", 100
	}
	if w.chart.Over {
		overlap = 100
	}
	if w.chart.Dense {
		gap = 5
	} else if len(w.chart.Categories.Refs()) < 4 {
		gap = 300 // a bar or two would fill the chart
	}
	direction := "col"
	if w.chart.Sideways {
		direction = "bar"
	}
	w.f(`<c:barChart><c:barDir val="%s"/><c:grouping val="%s"/><c:varyColors val="0"/>`, direction, grouping)
	for _, s := range series {
		w.series(s)
	}
	w.f(`<c:gapWidth val="%d"/>`, gap)
	if overlap > 0 {
		w.f(`<c:overlap val="%d"/>`, overlap)
	}
	w.f(`%s</c:barChart>`, axes(second))
}

func (w *chartWriter) lines(second bool) {
	series := w.pick(second, func(m Mark) bool { return m != Bar })
	if len(series) == 0 {
		return
	}
	w.f(`<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>`)
	for _, s := range series {
		w.series(s)
	}
	w.f(`<c:marker val="1"/>%s</c:lineChart>`, axes(second))
}

// series writes one series; the order of its parts is the schema's.
func (w *chartWriter) series(s Series) {
	w.f(`<c:ser><c:idx val="%d"/><c:order val="%d"/>`, w.n, w.n)
	if s.Name == "" {
		w.unnamed = append(w.unnamed, w.n)
	} else {
		w.f(`<c:tx><c:v>%s</c:v></c:tx>`, escape(s.Name))
	}
	w.n++
	w.shape(s)
	if s.Mark == Bar {
		w.f(`<c:invertIfNegative val="0"/>`)
		for i := range s.Values.Refs() {
			if color, ok := s.Other[i]; ok {
				w.f(`<c:dPt><c:idx val="%d"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/><c:spPr>%s</c:spPr>`+
					`</c:dPt>`, i, solid(color))
			}
		}
	}
	w.labels(s)
	w.whiskers(s)
	w.f(`<c:cat>`)
	w.texts(w.chart.Categories)
	w.f(`</c:cat><c:val>`)
	w.numbers(s.Values)
	w.f(`</c:val>`)
	if s.Mark != Bar {
		w.f(`<c:smooth val="0"/>`)
	}
	w.f(`</c:ser>`)
}

func solid(color string) string { return `<a:solidFill><a:srgbClr val="` + color + `"/></a:solidFill>` }

// shape writes how bars, lines and markers look.
func (w *chartWriter) shape(s Series) {
	none := `<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>`
	switch s.Mark {
	case Bar:
		fill, line := `<a:noFill/>`, `<a:ln><a:noFill/></a:ln>`
		switch {
		case s.Hollow:
			line = `<a:ln w="9525">` + solid(s.Color) + `</a:ln>`
		case s.Color != "":
			fill = solid(s.Color)
		}
		w.f(`<c:spPr>%s%s</c:spPr>`, fill, line)
	case Line:
		w.f(`<c:spPr><a:ln w="28575" cap="rnd">%s<a:round/></a:ln></c:spPr>`, solid(s.Color))
		if w.alone(s.Values) {
			w.f(`<c:marker><c:symbol val="circle"/><c:size val="6"/><c:spPr>%s<a:ln><a:noFill/></a:ln></c:spPr>`+
				`</c:marker>`, solid(s.Color))
		} else {
			w.f(`<c:marker><c:symbol val="none"/></c:marker>`)
		}
	case Dashed:
		w.f(`<c:spPr><a:ln w="12700">%s<a:prstDash val="sysDash"/></a:ln></c:spPr>`, solid(s.Color))
		if w.alone(s.Values) { // between nights without neighbours there is no line: a limit is a stroke at each
			w.f(`<c:marker><c:symbol val="dash"/><c:size val="7"/><c:spPr>%s<a:ln><a:noFill/></a:ln></c:spPr></c:marker>`,
				solid(s.Color))
		} else {
			w.f(`<c:marker><c:symbol val="none"/></c:marker>`)
		}
	case Point:
		w.f(`%s<c:marker><c:symbol val="circle"/><c:size val="8"/><c:spPr>%s<a:ln><a:noFill/></a:ln></c:spPr>`+
			`</c:marker>`, none, solid(s.Color))
	case Cross: // its strokes are outlines: a fill is not seen
		w.f(`%s<c:marker><c:symbol val="x"/><c:size val="8"/><c:spPr><a:noFill/><a:ln w="22225">%s</a:ln></c:spPr>`+
			`</c:marker>`, none, solid(s.Color))
	case Dash:
		w.f(`%s<c:marker><c:symbol val="dash"/><c:size val="14"/><c:spPr>%s<a:ln><a:noFill/></a:ln></c:spPr>`+
			`</c:marker>`, none, solid(s.Color))
	}
}

// alone reports whether a point of a line has no neighbour, so that no line is drawn to it.
func (w *chartWriter) alone(a Area) bool {
	run := 0 // points without a gap up to here
	for _, at := range a.Refs() {
		switch {
		case w.cell(a, at).Kind == Number:
			run++
		case run == 1:
			return true
		default:
			run = 0
		}
	}
	return run == 1
}

// labels writes each count in its bar, but no zero; in white where the colour is dark.
func (w *chartWriter) labels(s Series) {
	if s.End {
		w.label(w.chart.Format.pattern(0), "outEnd", Ink)
	}
	if !s.Label {
		return
	}
	color := white
	if s.Color == Slate || s.Color == Ruled || s.Color == Amber {
		color = Ink
	}
	w.label(`[>=1000000]0.0,,"M";[>=1]#,##0;`, "ctr", color) // a bar has no room for seven digits
}

func (w *chartWriter) label(format, position, color string) {
	w.f(`<c:dLbls><c:numFmt formatCode="%s" sourceLinked="0"/><c:spPr><a:noFill/></c:spPr>%s<c:dLblPos val="%s"/>`+
		`<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>`+
		`<c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>`, escape(format),
		strings.Replace(axisText, muted, color, 1), position)
}

// whiskers writes error bars of lengths that stand in the sheet.
func (w *chartWriter) whiskers(s Series) {
	if s.Up == (Area{}) {
		return
	}
	w.f(`<c:errBars><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>` +
		`<c:plus>`)
	w.numbers(s.Up)
	w.f(`</c:plus><c:minus>`)
	w.numbers(s.Down)
	w.f(`</c:minus><c:spPr><a:ln w="15875">%s</a:ln></c:spPr></c:errBars>`, solid(muted))
}

func (w *chartWriter) cell(a Area, at Ref) Cell {
	if s := w.book.Sheet(a.Sheet); s != nil {
		return s.Cell(at)
	}
	return Cell{}
}

func (w *chartWriter) texts(a Area) {
	refs := a.Refs()
	w.f(`<c:strRef><c:f>%s</c:f><c:strCache><c:ptCount val="%d"/>`, escape(a.String()), len(refs))
	for i, at := range refs {
		w.f(`<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, i, escape(w.cell(a, at).Value()))
	}
	w.f(`</c:strCache></c:strRef>`)
}

func (w *chartWriter) numbers(a Area) {
	refs := a.Refs()
	w.f(`<c:numRef><c:f>%s</c:f><c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="%d"/>`,
		escape(a.String()), len(refs))
	for i, at := range refs {
		if c := w.cell(a, at); c.Kind == Number {
			w.f(`<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, i, c.Number)
		}
	}
	w.f(`</c:numCache></c:numRef>`)
}

// Int returns 1 for true and 0 for false, as XML writes them.
func Int(b bool) int {
	if b {
		return 1
	}
	return 0
}

package xlsx

import (
	"math"
	"strconv"
	"strings"
)

// axisText holds the style of the text on axes and in legends: 9 points, muted.
const axisText = `<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="900" b="0"><a:solidFill><a:srgbClr val="` +
	muted + `"/></a:solidFill><a:latin typeface="` + fontName + `"/></a:defRPr></a:pPr><a:endParaRPr lang="en-US"/>` +
	`</a:p></c:txPr>`

func axes(second bool) string {
	if second {
		return `<c:axId val="3"/><c:axId val="4"/>`
	}
	return `<c:axId val="1"/><c:axId val="2"/>`
}

func (w *chartWriter) categoryAxis(id, cross int, hidden bool) {
	order, position := "minMax", "b"
	if w.chart.Sideways {
		order, position = "maxMin", "l"
	}
	text := axisText
	if w.chart.Level {
		text = strings.Replace(text, "<a:bodyPr/>", `<a:bodyPr rot="0" vert="horz"/>`, 1)
	}
	w.f(`<c:catAx><c:axId val="%d"/><c:scaling><c:orientation val="%s"/></c:scaling><c:delete val="%d"/>`+
		`<c:axPos val="%s"/><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>`+
		`<c:minorTickMark val="none"/><c:tickLblPos val="low"/><c:spPr><a:ln w="9525">%s</a:ln>`+
		`</c:spPr>%s<c:crossAx val="%d"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>`+
		`<c:lblOffset val="100"/>`, id, order, Int(hidden), position, solid(Ruled), text, cross)
	if w.chart.EachLabel {
		w.f(`<c:tickLblSkip val="1"/>`)
	}
	w.f(`<c:noMultiLvlLbl val="1"/></c:catAx>`)
}

// axisOf describes an axis of values.
type axisOf struct {
	id, cross       int
	format          Format
	lowest, highest float64
	second, hidden  bool
}

// step returns how far the marks of an axis are apart: a round number of which at most so many fit the height as can be
// read; 0 leaves it to the program.
func (a axisOf) step(height int) float64 {
	span := a.highest - a.lowest
	if a.highest <= 0 {
		return 0
	}
	most := float64(max(2, min(6, height/36)))
	for size := math.Pow(10, math.Floor(math.Log10(span))-1); size <= span; size *= 10 {
		for _, of := range []float64{1, 2, 2.5, 3, 4, 5} {
			parts := span / (of * size)
			if parts <= most+1e-9 && math.Abs(parts-math.Round(parts)) < 1e-9 {
				return of * size
			}
		}
	}
	return 0
}

// valueAxis writes an axis of values, with grid lines for one: the first that is drawn.
func (w *chartWriter) valueAxis(a axisOf) {
	position, crosses := "l", "autoZero"
	switch {
	case a.second:
		position, crosses = "r", "max"
	case w.chart.Sideways:
		position = "t"
	}
	w.f(`<c:valAx><c:axId val="%d"/><c:scaling><c:orientation val="minMax"/>`, a.id)
	if a.highest > 0 {
		w.f(`<c:max val="%s"/>`, strconv.FormatFloat(a.highest, 'g', -1, 64))
	}
	if f := a.format; f != Points && f != SignedAmount && f != SignedCount || a.lowest < 0 {
		w.f(`<c:min val="%s"/>`, strconv.FormatFloat(a.lowest, 'g', -1, 64))
	}
	w.f(`</c:scaling><c:delete val="%d"/><c:axPos val="%s"/>`, Int(a.hidden), position)
	if !a.hidden && (!a.second || w.chart.Bare) {
		w.f(`<c:majorGridlines><c:spPr><a:ln w="9525">%s</a:ln></c:spPr></c:majorGridlines>`, solid(Hairline))
	}
	w.f(`<c:numFmt formatCode="%s" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>`+
		`<c:tickLblPos val="%s"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>%s<c:crossAx val="%d"/>`+
		`<c:crosses val="%s"/><c:crossBetween val="between"/>`, escape(a.format.axis()), "nextTo", axisText, a.cross,
		crosses)
	if step := a.step(w.chart.Height); step > 0 {
		w.f(`<c:majorUnit val="%s"/>`, strconv.FormatFloat(step, 'g', 12, 64))
	}
	w.f(`</c:valAx>`)
}

// axis returns a format as it stands on an axis: no more decimals than a scale needs.
func (f Format) axis() string {
	switch f {
	case Rate:
		return "0.0%"
	case Share:
		return "0%"
	case Points:
		return "+0.0;-0.0;0"
	case Amount2, Amount4:
		return "#,##0"
	case SignedAmount:
		return "+#,##0.00;-#,##0.00;0"
	default:
		return f.pattern(0)
	}
}

package digest

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
)

// colors lists a tone's colours, on white and on dark paper: of text, and of an area.
var colors = map[Tone]struct{ text, darkText, area, darkArea string }{
	Plain: {"#1B2A3D", "#E6EBF2", "#12355B", "#86B4E6"},
	Quiet: {"#5B6573", "#A5B0BE", "#A9B8CC", "#66788F"},
	Alert: {"#C24E00", "#FF9C5C", "#C24E00", "#EC7B30"},
	Watch: {"#8A5F00", "#F2B84B", "#E69F00", "#D9A02B"},
	Good:  {"#1B7F79", "#6FD3CA", "#1B7F79", "#4DB5AD"},
}

// font sets the type, at every text: a mail program's own sheet would win over one that is inherited.
const font = "font-family:Calibri,Carlito,'Segoe UI',Helvetica,Arial,sans-serif;"

// styles lists the declarations that the template names in brackets, as in style="⟨muted⟩".
var styles = map[string]string{
	"title":   font + "font-size:23px;line-height:29px;font-weight:bold;color:#12355B;",
	"head":    font + "font-size:18px;line-height:25px;font-weight:bold;color:#1B2A3D;",
	"section": font + "font-size:16px;line-height:21px;font-weight:bold;color:#12355B;",
	"value":   font + "font-size:21px;line-height:27px;font-weight:bold;color:#12355B;",
	"body":    font + "font-size:14px;line-height:19px;color:#1B2A3D;",
	"bold":    font + "font-size:14px;line-height:19px;font-weight:bold;color:#1B2A3D;",
	"muted":   font + "font-size:12px;line-height:16px;color:#5B6573;",
	"none":    "font-size:0;line-height:0;",
}

//go:embed page.html
var source string

// page holds the parsed template; what it is given is escaped for where it stands.
var page = template.Must(template.New("digest").Funcs(template.FuncMap{
	"area": func(t Tone) string { return colors[t].area },
	"text": func(t Tone) string { return colors[t].text },
	"side": func(column int) string {
		if column > 0 {
			return "right"
		}
		return "left"
	},
	"gap":    func(column int) int { return 8 * min(1, column) },
	"colors": darkColors,
	// Outlook knows no greatest width. A comment of the template itself would be left out.
	"outlook": func(markup string) template.HTML { return template.HTML("<!--[if mso]>" + markup + "<![endif]-->") },
}).Parse(withStyles(source)))

// withStyles writes the declarations into the template: there they are its own, and pass where given ones are filtered.
func withStyles(text string) string {
	for name, declarations := range styles {
		text = strings.ReplaceAll(text, "⟨"+name+"⟩", declarations)
	}
	return text
}

type darkColor struct{ DarkText, DarkArea string }

func darkColors() map[Tone]darkColor {
	all := map[Tone]darkColor{}
	for tone, c := range colors {
		all[tone] = darkColor{c.darkText, c.darkArea}
	}
	return all
}

// WriteHTML writes the page as HTML.
func (p Page) WriteHTML(w io.Writer) error {
	var b bytes.Buffer
	if err := page.Execute(&b, drawn(p)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// The page as the template takes it: charts in cells.
type (
	drawnPage struct {
		Page
		TileRows [][]Tile
		Sections []drawnSection
	}
	drawnSection struct {
		Section
		BarRows     []drawnBar
		RangeRows   *drawnRanges
		ColumnCells *drawnColumns
	}
	drawnBar struct {
		Bar
		Strips []strip
		Notes  bool // a bar of the section has one
	}
	drawnRanges struct {
		Axis []axisLabel
		Rows []drawnRange
	}
	drawnRange struct {
		Range
		Now, Before whisker
	}
	axisLabel    struct{ Side, Text string }
	drawnColumns struct {
		Cells  []drawnColumn
		Labels []columnLabel
	}
	drawnColumn struct {
		Tone   Tone
		Height int
	}
	columnLabel struct {
		Span int
		Text string
	}
)

// strip represents a piece of a row of cells, in percent of its width; without a tone it is empty.
type strip struct {
	Width  string
	Height int
	Tone   Tone
}

func drawn(p Page) drawnPage {
	d := drawnPage{Page: p}
	const across = 3
	for tiles := p.Tiles; len(tiles) > 0; tiles = tiles[min(across, len(tiles)):] {
		d.TileRows = append(d.TileRows, tiles[:min(across, len(tiles))])
	}
	for _, s := range p.Sections {
		d.Sections = append(d.Sections, drawnSection{s, drawBars(s.Bars), drawRanges(s.Ranges), drawColumns(s.Columns)})
	}
	return d
}

// strips cuts a row of cells at positions of 0..1, each with the tone up to it. No piece is too narrow to be seen.
type strips struct {
	all []strip
	at  float64
}

const barHeight = 11 // pixels

func (s *strips) upTo(x float64, tone Tone) {
	x = max(s.at, min(1, x))
	if width := 100 * (x - s.at); width >= 0.05 {
		s.all = append(s.all, strip{strconv.FormatFloat(width, 'f', 1, 64), barHeight, tone})
	}
	s.at = x
}

// drawBars gives all bars one scale, with room on the left only where a value is negative.
func drawBars(bars []Bar) (rows []drawnBar) {
	low, high, notes := 0.0, 0.0, false
	for _, b := range bars {
		low, high = min(low, b.Value), max(high, b.Value)
		notes = notes || b.Note != ""
	}
	for _, b := range bars {
		var s strips
		if span := high - low; span > 0 {
			const thin = 0.006 // of the width: a value that is not zero is seen
			from, to := (min(0, b.Value)-low)/span, (max(0, b.Value)-low)/span
			if b.Value != 0 && to-from < thin {
				if from = min(from, 1-thin); b.Value < 0 {
					from = max(0, to-thin)
				}
				to = from + thin
			}
			s.upTo(from, "")
			s.upTo(to, b.Tone)
		}
		s.upTo(1, "")
		rows = append(rows, drawnBar{b, s.all, notes})
	}
	return rows
}

// drawRanges gives all intervals one axis from 0.
func drawRanges(ranges []Range) *drawnRanges {
	if len(ranges) == 0 {
		return nil
	}
	highest := 0.0
	for _, r := range ranges {
		highest = max(highest, r.Now.High, r.Before.High)
	}
	end := axisEnd(highest)
	percent := func(x float64) string { return strconv.FormatFloat(100*x, 'g', 3, 64) + "%" }
	d := &drawnRanges{Axis: []axisLabel{{"left", "0%"}, {"center", percent(end / 2)}, {"right", percent(end)}}}
	for _, r := range ranges {
		d.Rows = append(d.Rows, drawnRange{r, newWhisker(r.Now, end, r.Tone), newWhisker(r.Before, end, Quiet)})
	}
	return d
}

// whisker holds an interval as cells: a thin line with a mark in it.
type whisker []piece

type piece struct {
	strip
	Thick int // of the line, in pixels
}

func newWhisker(i Interval, end float64, tone Tone) whisker {
	if !i.Known || end <= 0 {
		return whisker{{strip{"100", 9, ""}, 9}}
	}
	const mark = 0.016 // of the axis
	middle := min(max(i.Value/end, mark/2), 1-mark/2)
	var s strips
	s.upTo(min(i.Low/end, middle-mark/2), "")
	s.upTo(middle-mark/2, tone)
	line := len(s.all)
	s.upTo(middle+mark/2, tone)
	s.upTo(i.High/end, tone)
	s.upTo(1, "")
	w := make(whisker, len(s.all))
	for n, of := range s.all {
		w[n] = piece{of, 2}
		if n == line {
			w[n].Thick = 9
		}
	}
	return w
}

// axisEnd returns a round value that is not below the highest one, at most 1.
func axisEnd(highest float64) float64 {
	if highest <= 0 {
		return 0.01
	}
	step := math.Pow(10, math.Floor(math.Log10(highest)))
	for _, times := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if times*step >= highest*(1-1e-9) {
			return min(1, times*step)
		}
	}
	return 1
}

// drawColumns gives all columns one scale; a label goes on until the next.
func drawColumns(columns []Column) *drawnColumns {
	if len(columns) == 0 {
		return nil
	}
	const most = 60 // pixels
	highest := 0.0
	for _, c := range columns {
		highest = max(highest, c.Value)
	}
	d := &drawnColumns{}
	for _, c := range columns {
		height := 1
		if highest > 0 {
			height = max(1, int(math.Round(most*c.Value/highest)))
		}
		d.Cells = append(d.Cells, drawnColumn{c.Tone, height})
		if c.Label == "" && len(d.Labels) > 0 {
			d.Labels[len(d.Labels)-1].Span++
			continue
		}
		d.Labels = append(d.Labels, columnLabel{1, c.Label})
	}
	return d
}

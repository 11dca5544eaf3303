package digest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rendered is a page as HTML and as text.
func rendered(t *testing.T, p Page) (html, text string) {
	t.Helper()
	var h, x bytes.Buffer
	if err := p.WriteHTML(&h); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteText(&x); err != nil {
		t.Fatal(err)
	}
	return h.String(), x.String()
}

// full is a page with every form, as large as a month of many regions.
func full(name string) Page {
	p := Page{Audience: "analysts", Title: name, Subtitle: name, Headline: name, Foot: name}
	for range 6 {
		p.Tiles = append(p.Tiles, Tile{name, "9.13%", name})
	}
	tones := []Tone{Plain, Quiet, Alert, Watch, Good}
	lines, bars, ranges, days := Section{Title: name, Caption: name}, Section{Title: name}, Section{Title: name}, Section{Title: name}
	for i := range 12 {
		tone := tones[i%len(tones)]
		lines.Lines = append(lines.Lines, Line{"▲", tone, strings.Repeat(name+" ", 30), name})
		bars.Bars = append(bars.Bars, Bar{name, float64(i) - 4, "+1.00", name, tone})
		ranges.Ranges = append(ranges.Ranges, Range{Name: name, Now: Interval{0.01, 0.02 * float64(i), 0.03 * float64(i), i > 0},
			Before: Interval{0, 0.01, 0.02, true}, Text: "1%", Note: name, Tone: tone})
	}
	for i := range 31 {
		days.Columns = append(days.Columns, Column{strconv.Itoa(i), float64(i), tones[i%len(tones)]})
	}
	table := Section{Title: name, Table: &Table{Heads: []string{"Step", "Calls", "Amount"}}}
	for range 20 {
		table.Table.Rows = append(table.Table.Rows, Row{Cells: []string{name, "4,784", "165.4560"}, Strong: true})
	}
	p.Sections = []Section{lines, bars, ranges, days, table}
	return p
}

// TestMailSafe: nothing that a mail program drops, fetches or cuts.
func TestMailSafe(t *testing.T) {
	html, _ := rendered(t, full("Philippines"))
	if len(html) > 102_400 {
		t.Errorf("%d bytes: Gmail cuts a message after 102,400", len(html))
	}
	for _, never := range []string{"<script", "<svg", "<img", "<link", "<iframe", "http:", "https:", "url(", "@import", "@font-face",
		"href", "src=", "position:", "float:", "flex", "ZgotmplZ", "⟨", "display:grid"} {
		if strings.Contains(html, never) {
			t.Errorf("has %q", never)
		}
	}
	for _, must := range []string{`<meta name="color-scheme" content="light dark">`, "prefers-color-scheme:dark", "<title>Philippines</title>", "<!--[if mso]><table"} {
		if !strings.Contains(html, must) {
			t.Errorf("has no %s", must)
		}
	}
	if rule := regexp.MustCompile(`(?s)<style>.*</style>`); strings.Contains(rule.ReplaceAllString(html, ""), "<style") {
		t.Error("more than one style sheet")
	}
	// every text has its colour at its element: a program that drops the sheet loses dark colours alone
	for _, element := range regexp.MustCompile(`<[a-z0-9]+ [^>]*class="t-[a-z]+[^>]*>`).FindAllString(html, -1) {
		if !strings.Contains(element, "style=\"font-family") {
			t.Errorf("no style at %s", element)
		}
	}
	if err := balanced(html); err != nil {
		t.Error(err)
	}
}

// balanced reads HTML as strictly as XML, but for what HTML leaves open.
func balanced(html string) error {
	html = strings.Replace(html, "<!doctype html>", "", 1)
	html = regexp.MustCompile(`<(meta[^>]*|br)>`).ReplaceAllString(html, "<$1/>")
	d := xml.NewDecoder(strings.NewReader(html))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestHostileText: what lists and statements hold is text wherever it stands.
func TestHostileText(t *testing.T) {
	const hostile = `"><script>alert(1)</script>' onload=x <b>&amp;`
	html, text := rendered(t, full(hostile))
	if strings.Contains(html, "<script") || strings.Contains(html, "<b>") || strings.Contains(html, `' onload`) {
		t.Error("hostile text is markup")
	}
	if err := balanced(html); err != nil {
		t.Error(err)
	}
	if !strings.Contains(text, hostile) {
		t.Error("the text has another title")
	}
}

// TestBarsAreInProportion: a bar's width is its value's share of the scale, and begins where zero is.
func TestBarsAreInProportion(t *testing.T) {
	rows := drawBars([]Bar{{Value: 3, Tone: Alert}, {Value: -1, Tone: Quiet}, {Value: 0, Tone: Quiet}, {Value: 0.0001, Tone: Plain}})
	want := []string{"25.0 75.0alert", "25.0quiet 75.0", "25.0 75.0", "25.0 0.6plain 74.4"}
	for i, r := range rows {
		var got []string
		for _, s := range r.Strips {
			got = append(got, s.Width+string(s.Tone))
		}
		if strings.Join(got, " ") != want[i] {
			t.Errorf("bar %d: %s, want %s", i, strings.Join(got, " "), want[i])
		}
	}
}

// TestRowsAreFull: whatever the values, a row of cells is as wide as the page, to what rounding leaves.
func TestRowsAreFull(t *testing.T) {
	check := func(name string, strips []strip) {
		t.Helper()
		sum := 0.0
		for _, s := range strips {
			w, err := strconv.ParseFloat(s.Width, 64)
			if err != nil || w <= 0 {
				t.Errorf("%s: width %q", name, s.Width)
			}
			sum += w
		}
		if sum < 99.6 || sum > 100.4 {
			t.Errorf("%s: %.1f%% wide", name, sum)
		}
	}
	for low := 0.0; low <= 1; low += 0.1 {
		for value := low; value <= 1; value += 0.1 {
			for high := value; high <= 1; high += 0.1 {
				name := fmt.Sprintf("%.1f %.1f %.1f", low, value, high)
				var strips []strip
				for _, p := range newWhisker(Interval{low, value, high, true}, axisEnd(high), Alert) {
					strips = append(strips, p.strip)
				}
				check(name, strips)
				for _, r := range drawBars([]Bar{{Value: low - 0.5}, {Value: value}, {Value: -high}}) {
					check("bars "+name, r.Strips)
				}
			}
		}
	}
}

func TestAxisEnd(t *testing.T) {
	for highest, want := range map[float64]float64{0: 0.01, 0.001: 0.001, 0.0101: 0.015, 0.1: 0.1, 0.197: 0.2, 0.21: 0.25, 0.81: 1, 1: 1, 1.2: 1} {
		if got := axisEnd(highest); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%v: %v, want %v", highest, got, want)
		}
	}
}

// TestText: lines of the text are no wider than a mail's.
func TestText(t *testing.T) {
	_, text := rendered(t, full("Philippines"))
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
	if !strings.Contains(text, "4,784") || !strings.Contains(text, "+1.00") {
		t.Error("the text has not the figures of tables and bars")
	}
}

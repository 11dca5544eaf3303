package page

import (
	"math"
	"testing"

	"liverecon/report/xlsx"
)

// rowsOf writes a section with a table of so many rows.
func rowsOf(p *Page, title string, rows int) *Table {
	p.Section(title, "")
	t := p.Table(Col("Region", xlsx.General), Col("Checks", xlsx.Count))
	for range rows {
		t.Add(xlsx.T("PH"), xlsx.N(1))
	}
	p.Skip(1)
	return t
}

// TestRepeatedHeadTakesRoomAfterItsOwnPage: a head that is printed again on the pages after the one it stands on makes
// no page before shorter. Every page holds what it has been given, and a section that fits is not moved.
func TestRepeatedHeadTakesRoomAfterItsOwnPage(t *testing.T) {
	for rows := 8; rows <= 16; rows++ {
		plain, repeated := New(&xlsx.Workbook{}, "A", "A", ""), New(&xlsx.Workbook{}, "A", "A", "")
		for _, p := range []*Page{plain, repeated} {
			for range 4 {
				rowsOf(p, "short", rows)
			}
			p.Repeat = rowsOf(p, "long", 20).First - 1
		}
		plain.Repeat = 0
		repeated.Heights[repeated.Repeat] = 60
		plain.Heights[repeated.Repeat] = 60
		plain.PrintAll()
		repeated.PrintAll()
		if len(plain.Breaks) < 2 || len(plain.Breaks) != len(repeated.Breaks) {
			t.Fatalf("%d rows: breaks %v, with a head that comes last %v", rows, plain.Breaks, repeated.Breaks)
		}
		for i, row := range plain.Breaks {
			if repeated.Breaks[i] != row {
				t.Errorf("%d rows: breaks %v, with a head that comes last %v", rows, plain.Breaks, repeated.Breaks)
			}
		}
		titled := New(&xlsx.Workbook{}, "A", "A", "")
		for range 5 {
			rowsOf(titled, "short", rows)
		}
		titled.PrintAll()
		room := PaperHeight / (float64(titled.Percent) / 100)
		for i, from := range append([]int{1}, titled.Breaks...) {
			to := titled.Row
			if i < len(titled.Breaks) {
				to = titled.Breaks[i]
			}
			high := titled.Height(from, to)
			if i > 0 {
				high += titled.Height(titled.Repeat, titled.Repeat+1)
			}
			if high > room {
				t.Errorf("%d rows: page %d is %g points high, there is room for %g", rows, i+1, high, room)
			}
		}
	}
}

// TestOnePageFillsThePaper: a sheet on one page that is high for its width becomes as wide as the paper, with its
// charts; one that is low stays as it is.
func TestOnePageFillsThePaper(t *testing.T) {
	sheet := func(rows int) *Page {
		p := New(&xlsx.Workbook{}, "A", "A", "")
		p.OnePage = true
		p.Charts = append(p.Charts, xlsx.Chart{Width: p.Pixels(1, 3)})
		rowsOf(p, "rows", rows)
		p.PrintAll()
		return p
	}
	ratio := func(p *Page) float64 {
		return PointsAPixel * float64(p.Pixels(0, p.Across+1)) / p.Height(1, p.Row)
	}
	for _, rows := range []int{38, 42, 46} {
		p := sheet(rows)
		if got := ratio(p); math.Abs(got-float64(paperWidth)/PaperHeight) > .05 {
			t.Errorf("%d rows: %.3f wide for its height, the paper is %.3f", rows, got, float64(paperWidth)/PaperHeight)
		}
		if want := p.Pixels(1, 3); math.Abs(float64(p.Charts[0].Width-want)) > 10 {
			t.Errorf("%d rows: the chart over three columns is %d pixels wide, they are %d", rows, p.Charts[0].Width, want)
		}
	}
	if p := sheet(5); p.Widths[1] != GridWidth {
		t.Errorf("a low sheet became %g wide", p.Widths[1])
	}
}

// TestHeadOverSeveralColumns: a head has the room of all columns it spans.
func TestHeadOverSeveralColumns(t *testing.T) {
	p := New(&xlsx.Workbook{}, "A", "A", "")
	row := p.Row
	p.Table(Wide("Read at (Asia/Singapore), as it stands", 4, xlsx.General))
	if p.Heights[row] != 16 {
		t.Errorf("the head is %g points high, one line takes 16", p.Heights[row])
	}
}

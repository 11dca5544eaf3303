package page

import (
	"fmt"
	"math"
	"slices"
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

// judgePages holds what a sheet's pages are to be: every page has room for its rows and what is printed again, but where
// one section alone is longer; a section is cut only then, and then its head is printed again. It returns how many pages
// there are.
func judgePages(t *testing.T, name string, p *Page) int {
	t.Helper()
	room := PaperHeight / (float64(p.Percent) / 100)
	pages := 0
	for i, from := range append([]int{1}, p.Breaks...) {
		to := p.Row
		if i < len(p.Breaks) {
			to = p.Breaks[i]
		}
		pages += 1 + int(p.printed(from, to)/room)
		if high := p.printed(from, to); high > room && (p.Repeat < from || p.Repeat >= to) {
			t.Errorf("%s: the page of row %d is %g points high, there is room for %g, and no head is printed again", name, from,
				high, room)
		}
		if i > 0 && !slices.Contains(p.blocks, from) {
			t.Errorf("%s: a page begins with row %d, which no section does", name, from)
		}
	}
	return pages
}

// TestPages prints sheets of sections of all lengths: none is cut without its head, few pages are hardly used, and the
// head of the last section, printed again on its own pages, takes no room on those before it.
func TestPages(t *testing.T) {
	for rows := 4; rows <= 38; rows++ {
		for _, last := range []int{2, rows, 120} {
			name := fmt.Sprintf("%d rows, then %d", rows, last)
			p := New(&xlsx.Workbook{}, "A", "A", "")
			for range 4 {
				rowsOf(p, "as others", rows)
			}
			rowsOf(p, "last", last)
			p.PrintAll()
			if p.Percent == 0 {
				continue // on one page
			}
			pages := judgePages(t, name, p)
			if least := p.Height(1, p.Row) / (PaperHeight / (p.scale() * smallest)); float64(pages) > 2*least+1 {
				t.Errorf("%s: %d pages, all rows are %.1f pages high", name, pages, least)
			}
			if repeats := p.Repeat != 2; repeats != (last == 120) && last != rows {
				t.Errorf("%s: row %d is printed again", name, p.Repeat)
			}
		}
	}
}

// TestSmallerForAPage: two rows too many make a sheet a little smaller, not a page longer; ten do.
func TestSmallerForAPage(t *testing.T) {
	size := func(rows int) (percent, pages int) {
		p := New(&xlsx.Workbook{}, "A", "A", "")
		rowsOf(p, "first", 10)
		rowsOf(p, "second", rows)
		p.PrintAll()
		return p.Percent, 1 + len(p.Breaks)
	}
	rows := 1
	for {
		if percent, _ := size(rows + 1); percent != 0 { // no longer on one page of full width
			break
		}
		rows++
	}
	if percent, pages := size(rows + 2); pages != 1 || percent >= 90 {
		t.Errorf("%d rows more than a page has: %d pages at %d%%", 2, pages, percent)
	}
	if percent, pages := size(rows + 10); pages != 2 || percent < 85 {
		t.Errorf("%d rows more than a page has: %d pages at %d%%", 10, pages, percent)
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
		if got := ratio(p); math.Abs(got-float64(PaperWidth)/PaperHeight) > .05 {
			t.Errorf("%d rows: %.3f wide for its height, the paper is %.3f", rows, got, float64(PaperWidth)/PaperHeight)
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

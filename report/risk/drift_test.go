package risk_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/xlsx"
)

// TestNamesFit gives the longest name of a country the room it needs: the explorer's cell shows all of it, since it is
// looked up by it, the queue's as much as fits.
func TestNamesFit(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		f.Night("list.csv", []reporttest.Check{reporttest.Scored("GS", 12.5, "1")})
		w := f.risk(reporttest.SecondNight())
		drift, queue, cell, room := w.Sheet("Drift"), w.Sheet("Manual queue"), xlsx.Area{}, 0.0
		for _, m := range drift.Merged {
			if m.From == drift.Choices[0].At.From {
				cell = m
			}
		}
		for col := cell.From.Col; col <= cell.To.Col; col++ {
			room += drift.Widths[col-1]
		}
		if name := drift.Cell(cell.From).Text; len(name) != 44 || room < 44 {
			t.Errorf("%q has room for %g letters", name, room)
		}
		f.Must(queue.List.Rows(func(row []xlsx.Cell) error {
			if got := row[3].Text; got != "South Georgia and The Sou…" {
				t.Errorf("the queue names %q", got)
			}
			return nil
		}))
		f.Must(w.Close())
	})
}

// TestDriftedRegionIsSeen moves the scores of the region with the lowest rate of fourteen: it stands first in the
// table, in the charts of both sheets, which have no room for all, and in the explorer's cell.
func TestDriftedRegionIsSeen(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		random := rand.New(rand.NewPCG(11, 12))
		for night := range 2 {
			var all []reporttest.Check
			for _, region := range strings.Fields("ID PH TH NG CO MX VN MY GB BQ CD CC HM") {
				all = append(all, reporttest.Mixed(random, region, "sg", 100, 0.10, 0.2)...)
			}
			for _, c := range reporttest.Mixed(random, "SG", "sg", 200, 0.01, 0.2) {
				if night == 1 && c.Score != nil && *c.Score > 60 {
					*c.Score -= 4
				}
				all = append(all, c)
			}
			f.Night([]string{"a.csv", "b.csv"}[night], all)
		}
		w := f.risk(reporttest.SecondNight())
		if got := headline(w, "Drift"); !strings.HasPrefix(got, "Scores moved beyond chance in Singapore (") {
			t.Fatalf("headline %q", got)
		}
		drift := w.Sheet("Drift")
		first := xlsx.Ref{Col: 2}
		for _, at := range drift.Refs() {
			if at.Col == 13 && drift.Cell(at).Text == "Change of rate" {
				first.Row = at.Row + 1
			}
		}
		for place, at := range map[string]xlsx.Ref{"the first row": first, "the explorer": drift.Choices[0].At.From} {
			if got := drift.Cell(at).Text; got != "Singapore" {
				t.Errorf("%s is %q", place, got)
			}
		}
		x := reporttest.Reopen(t, f.Write(w.Workbook))
		// the change of a rate stands in another order on the sheet it is taken from
		for at := (xlsx.Ref{Col: 13, Row: first.Row}); drift.Cell(xlsx.Ref{Col: 2, Row: at.Row}).Text != ""; at.Row++ {
			if c := drift.Cell(at); c.Formula != "" {
				reporttest.CompareFormula(t, x, drift.Name, at, c)
			}
		}
		drawn := 0
		for _, s := range []*xlsx.Sheet{w.Sheet("Summary"), drift} {
			for _, c := range s.Charts {
				if strings.HasPrefix(c.Alt, "Population stability index") {
					drawn++
					if got := drift.Cell(c.Categories.From).Text; got != "SG" {
						t.Errorf("%s: the first column is %q", s.Name, got)
					}
				}
			}
		}
		if drawn != 2 {
			t.Errorf("%d charts of the index", drawn)
		}
	})
}

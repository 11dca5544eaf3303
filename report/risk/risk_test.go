package risk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// TestThresholdIsLive types other thresholds into the workbook and compares what it then says with a count by SQL.
func TestThresholdIsLive(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		file := f.write(f.risk(secondNight()).Workbook)
		snap, err := f.store.Snapshot(context.Background())
		f.must(err)
		for _, threshold := range []float64{0, 1, 35, 50, 50.5, 60, 95, 99.5, 100} {
			for side, inclusive := range map[string]bool{"yes": true, "no": false} {
				want, err := snap.AnswerCount(context.Background(), secondNight().From, secondNight().To, threshold, inclusive)
				f.must(err)
				x := reopen(t, file)
				f.must(x.SetCellValue("Threshold", "C8", threshold))
				f.must(x.SetCellValue("Threshold", "C9", side))
				flagged := calculate(t, x, "Threshold", "All regions", 3)
				if flagged != fmt.Sprint(want.Suspicious) {
					t.Errorf("threshold %g, equal passes %s: sheet says %s, SQL %d", threshold, side, flagged, want.Suspicious)
				}
			}
		}
		f.must(snap.Close())
		x := reopen(t, file)
		f.must(x.SetCellValue("Threshold", "C8", "abc"))
		for column := 3; column <= 9; column++ {
			if got := calculate(t, x, "Threshold", "All regions", column); got != page.NoValue {
				t.Errorf("threshold abc: column %d says %s", column, got)
			}
		}
		if got, err := x.CalcCellValue("Threshold", "E8"); err != nil || !strings.HasPrefix(got, "✗ ") {
			t.Errorf("threshold abc: %q (%v)", got, err)
		}
	})
}

// calculate finds the last row of a sheet that begins with a label and recalculates its cell some columns to the right.
func calculate(t *testing.T, x *excelize.File, sheet, label string, columns int) string {
	t.Helper()
	rows, err := x.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for r := len(rows) - 1; r >= 0; r-- {
		if len(rows[r]) > 1 && rows[r][1] == label {
			value, err := x.CalcCellValue(sheet, xlsx.Ref{Col: 2 + columns, Row: r + 1}.String(), excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("sheet %s has no row %q", sheet, label)
	return ""
}

// TestExplorerFollows chooses another region on the drift sheet.
func TestExplorerFollows(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		x := reopen(t, f.write(f.risk(secondNight()).Workbook))
		for region, want := range map[string]string{"Indonesia": "105", "Singapore": "12"} {
			cell := ""
			rows, err := x.GetRows("Drift")
			f.must(err)
			for r, row := range rows {
				if len(row) > 2 && row[1] == "Region" && row[2] != "Scored" {
					cell = xlsx.Ref{Col: 3, Row: r + 1}.String()
				}
			}
			f.must(x.SetCellValue("Drift", cell, region))
			if got := calculate(t, x, "Drift", "All bins", 1); got != want {
				t.Errorf("%s: %s checks in all bins, want %s", region, got, want)
			}
		}
	})
}

// TestListsHoldEveryCheck compares the lists with the counts of the other sheets, and their order with the rule.
func TestListsHoldEveryCheck(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		w := f.risk(secondNight())
		var answered, suspicious int
		for i, g := range w.Sheet("Summary").Refs() {
			switch c := w.Sheet("Summary").Cell(g); {
			case i < 40 && g.Row == 9 && g.Col == 2:
				answered = int(c.Float())
			case g.Row == 9 && g.Col == 10:
				suspicious = int(c.Float())
			}
		}
		x := reopen(t, f.write(w.Workbook))
		detail, queue := listOf(t, x, "Detail"), listOf(t, x, "Manual queue")
		if len(detail) != answered || len(queue) != suspicious || answered == 0 || suspicious == 0 {
			t.Fatalf("%d details, %d in the queue; summary says %d and %d", len(detail), len(queue), answered, suspicious)
		}
		ids, last := map[string]bool{}, ""
		for _, row := range detail {
			ids[row[2]] = true
		}
		if len(ids) != answered {
			t.Errorf("%d checks in %d rows of detail", len(ids), answered)
		}
		for _, row := range queue {
			if row[0] < last {
				t.Errorf("priority %s comes after %s", row[0], last)
			}
			last = row[0]
		}
	})
}

// listOf is the rows of a list sheet below its header.
func listOf(t *testing.T, x *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := x.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows[5:]
}

// TestListGoesOn splits a list over sheets, each with the rows that follow those of the one before.
func TestListGoesOn(t *testing.T) {
	var asked []string
	list := longList{name: "Detail", columns: []xlsx.ListColumn{{Head: "ID", Format: xlsx.Literal, Width: 9}}, total: 2*page.ListRows + 1}
	list.rows = func(skip, limit int, _ func([]xlsx.Cell) error) error {
		asked = append(asked, fmt.Sprint(skip, " ", limit))
		return nil
	}
	var sheets []string
	for _, s := range list.write(&xlsx.Workbook{Title: "test"}) {
		sheets = append(sheets, fmt.Sprint(s.Name, " ", s.List.Count))
		if err := s.List.Rows(nil); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(sheets, ", "), "Detail 1000000, Detail (2) 1000000, Detail (3) 1"; got != want {
		t.Errorf("sheets %s, want %s", got, want)
	}
	if got, want := strings.Join(asked, ", "), "0 1000000, 1000000 1000000, 2000000 1000000"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

// TestTroubleLeavesBaseline keeps a day on which the vendor was down out of the limits.
func TestTroubleLeavesBaseline(t *testing.T) {
	for _, c := range []struct {
		all, trouble int64
		want         bool
	}{{0, 0, false}, {100, 5, false}, {100, 6, true}, {1, 1, true}} {
		if got := (trendDay{sent: c.all, trouble: c.trouble}).troubled(); got != c.want {
			t.Errorf("%d of %d calls without an answer: troubled %v", c.trouble, c.all, got)
		}
		if got := (trendDay{sent: 1000, listed: c.all, left: c.trouble}).troubled(); got != c.want {
			t.Errorf("%d of %d listed IDs without an answer: troubled %v", c.trouble, c.all, got)
		}
	}
	for code, want := range map[string]bool{"SUCCESS": true, "LIVENESS_ID_NOT_EXISTED": true, "RESULT_NOT_FOUND": true, "PARAMETER_ERROR": true, "SERVICE_BUSY": false, "ERROR": false, "": false, "IAM_FAILED": false} {
		if final(code) != want {
			t.Errorf("final(%q) = %v", code, !want)
		}
	}
}

// TestFineBins places scores on, below and between whole thresholds.
func TestFineBins(t *testing.T) {
	g, thresholds := newTally("PH"), edges(49.5)
	for _, score := range []float64{-3, 0, 0.2, 49.4, 49.5, 49.6, 100, 170} {
		g.scores[score] = 1
	}
	keys, counts := fineBins(g, thresholds)
	for _, threshold := range thresholds {
		want, got := int64(0), int64(0)
		for score, n := range g.scores {
			if score < threshold {
				want += n
			}
		}
		for i, key := range keys {
			if key < threshold {
				got += counts[i]
			}
		}
		if got != want {
			t.Errorf("%d scores lie below %g, the bins say %d", want, threshold, got)
		}
	}
}

// TestFlip warns when what is missing could move a rate out of its interval, and only then.
func TestFlip(t *testing.T) {
	g := newTally("PH")
	g.counts[suspicious][Injection], g.counts[passing][None] = 5, 95
	for missing, want := range map[int64]bool{0: false, 3: false, 60: true} {
		if got := g.couldFlip(missing); got != want {
			t.Errorf("%d missing of %v: %v", missing, stats.Proportion{Count: 5, Total: 100}, got)
		}
	}
	if !newTally("TH").couldFlip(1) {
		t.Error("one check missing of none answered could flip anything")
	}
}

// TestSpans reads no stretch of time twice and leaves none out.
func TestSpans(t *testing.T) {
	day := func(from, days int) sink { return sink{period: calendar.Days(2026, 11, from, days, singapore())} }
	var got []string
	for _, p := range spans([]sink{day(10, 5), day(1, 2), day(12, 1), day(3, 1), day(14, 3)}) {
		got = append(got, fmt.Sprint(p.From.In(singapore()).Day(), "-", p.To.In(singapore()).Day()))
	}
	if text := strings.Join(got, ", "); text != "1-4, 10-17" {
		t.Errorf("spans %s", text)
	}
}

// TestHeadlineNamesTheRegion says which region rose, although all together did not clearly change.
func TestHeadlineNamesTheRegion(t *testing.T) {
	d := emptyData()
	add := func(v *survey, region string, k, n int64) {
		g := newTally(region)
		for _, to := range []*tally{g, v.all} {
			to.counts[suspicious][Injection] += k
			to.counts[passing][None] += n - k
			to.answered += n
		}
		v.regions, v.known[region] = append(v.regions, g), g
	}
	add(d.before, "PH", 50, 1000)
	add(d.before, "ID", 1000, 20000)
	add(d.now, "PH", 100, 1000)
	add(d.now, "ID", 1000, 20000)
	want := "5.24% of scored checks were suspicious; no clear change (+0.24 pp against before); Philippines rose to 10.00% (+5.00 pp)"
	if got := headline(d); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestTroubleIsMarked puts a cross on the days with vendor trouble, and on no others.
func TestTroubleIsMarked(t *testing.T) {
	good, bad := trendDay{label: "2026-11-01", sent: 100}, trendDay{label: "2026-11-02", sent: 100, trouble: 20}
	for _, c := range []struct {
		days []trendDay
		want string
	}{{[]trendDay{good}, ""}, {[]trendDay{good, bad}, "; vendor trouble on 2026-11-02"}, {[]trendDay{bad, good, bad}, "; 2 days with vendor trouble, the first on 2026-11-02"}} {
		d := emptyData()
		d.trend = &trend{days: c.days, baseline: stats.Proportion{Count: 5, Total: 100}}
		if got, want := trendHeadline(d), "No day lies outside the control limits"+c.want; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		days := &page.Table{Page: page.New(&xlsx.Workbook{}, "Days", "Days", ""), First: 6, Rows: len(c.days)}
		series := rateSeries(d.trend, trendRefs{days}, false)
		if marked := series[len(series)-1].Mark == xlsx.Cross; marked != (c.want != "") {
			t.Errorf("%q: crosses %v", c.want, marked)
		}
	}
}

// TestDrawable draws no axes without a figure between them.
func TestDrawable(t *testing.T) {
	book := &xlsx.Workbook{}
	s := book.NewSheet("Figures")
	s.Set(xlsx.Ref{Col: 1, Row: 1}, xlsx.N(0))
	s.Set(xlsx.Ref{Col: 1, Row: 2}, xlsx.N(3))
	s.Set(xlsx.Ref{Col: 1, Row: 3}, page.None())
	cell := func(row int) xlsx.Area {
		return xlsx.Area{Sheet: s.Name, From: xlsx.Ref{Col: 1, Row: row}, To: xlsx.Ref{Col: 1, Row: row}}
	}
	for _, c := range []struct {
		mark xlsx.Mark
		row  int
		want bool
	}{{xlsx.Bar, 1, false}, {xlsx.Bar, 2, true}, {xlsx.Bar, 3, false}, {xlsx.Bar, 4, false}, {xlsx.Point, 1, true}, {xlsx.Line, 1, true}, {xlsx.Line, 3, false}} {
		if got := (&xlsx.Chart{Series: []xlsx.Series{{Mark: c.mark, Values: cell(c.row)}}}).Drawable(book); got != c.want {
			t.Errorf("mark %d of row %d: drawn %v", c.mark, c.row, got)
		}
	}
}

// TestTooFew makes a report on one check: nothing is read from it, in any title or row.
func TestTooFew(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		f.night("list.csv", []asked{scored("PH", 12.5, "1")})
		w := f.risk(secondNight())
		for _, region := range []string{"Philippines (PH)", "All regions"} {
			if got, want := rowOf(w.Sheet("Summary"), region), "1 1 0 0 0 0 1 1 too few – –"; got != want {
				t.Errorf("%s: %q, want %q", region, got, want)
			}
		}
		for what, got := range map[string]string{"types": mixFinding(w.data.now.all, w.data.MinimumN), "injection": w.data.now.injectionFinding(w.data.MinimumN), "scores": scoreHeadline(w.data.now.all, w.data.MinimumN), "rates": w.data.now.rateFinding(w.data.MinimumN), "all": headline(w.data)} {
			if !strings.Contains(strings.ToLower(got), "too few ") {
				t.Errorf("%s: %q", what, got)
			}
		}
		x := reopen(t, f.write(w.Workbook))
		for _, at := range w.Sheet("Summary").Refs() {
			if c := w.Sheet("Summary").Cell(at); c.Formula != "" {
				compareFormula(t, x, "Summary", at, c)
			}
		}
	})
}

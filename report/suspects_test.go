package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// textOf is all text of a workbook's sheet.
func textOf(w *xlsx.Workbook, sheet string) string {
	var all []string
	s := w.Sheet(sheet)
	for _, at := range s.Refs() {
		all = append(all, fmt.Sprint(s.Cell(at).Value()))
	}
	return strings.Join(all, "\n")
}

// failed reports whether a sheet shows a check that does not tie.
func failed(w *xlsx.Workbook, sheet, name string) bool {
	s := w.Sheet(sheet)
	row := -1
	for _, at := range s.Refs() {
		if fmt.Sprint(s.Cell(at).Value()) == name {
			row = at.Row
		}
	}
	return slices.ContainsFunc(s.Refs(), func(at xlsx.Ref) bool {
		return at.Row == row && fmt.Sprint(s.Cell(at).Value()) == "✗ differs"
	})
}

// TestSuspectAnswers: as long as answers of a period may be other IDs', coverage, definitions and the checks of both
// workbooks say so. Before that, in another period, and where an ID was asked again, nothing is said.
func TestSuspectAnswers(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		var checks []reporttest.Check
		for i := range 40 {
			score := float64(40 + i)
			checks = append(checks, reporttest.Check{Region: "PH", Endpoint: "ph", Outcome: store.Answered, State: store.Done, Code: "SUCCESS", Pricing: "PAY", Tag: store.TagPay, Score: &score})
		}
		f.Night("ids.csv", checks)
		said := func(night calendar.Period) (risk, finance []string) {
			t.Helper()
			r, m := f.risk(night), f.finance(night)
			for _, text := range []string{textOf(r.Workbook, "Coverage"), textOf(r.Workbook, "Definitions")} {
				if strings.Contains(text, "another ID") {
					risk = append(risk, text)
				}
			}
			for _, text := range []string{textOf(m.Workbook, "Summary"), textOf(m.Workbook, "Definitions")} {
				if strings.Contains(text, "another ID") || strings.Contains(text, "Suspect") {
					finance = append(finance, text)
				}
			}
			const check = "No answer may be another ID's (view v_suspects)"
			if got := failed(r.Workbook, "Definitions", check); got != (risk != nil) || len(r.FailedChecks) > 0 {
				t.Errorf("risk: the check fails: %v; broken are %q", got, r.FailedChecks)
			}
			if got := failed(m.Workbook, "Summary", check); got != (finance != nil) || len(m.FailedChecks) > 0 {
				t.Errorf("finance: the check fails: %v; broken are %q", got, m.FailedChecks)
			}
			for _, w := range []*xlsx.Workbook{r.Workbook, m.Workbook} {
				reporttest.CheckParts(t, f.Write(w))
			}
			return risk, finance
		}
		if risk, finance := said(reporttest.SecondNight()); risk != nil || finance != nil {
			t.Errorf("without a suspect: %q, %q", risk, finance)
		}
		j, err := f.Store.Journal().Open(context.Background(), storetest.AdmitAll{}, 1)
		f.Must(err)
		_, err = j.Suspect(1, store.SuspectConnection, []int64{3, 4, 5})()
		f.Must(err)
		f.Must(j.Close())
		risk, finance := said(reporttest.SecondNight())
		if len(risk) != 2 || len(finance) != 2 || !strings.Contains(risk[0], "▲ 3 IDs answered in the period may hold another ID's answer") {
			t.Errorf("with suspects: %q, %q", risk, finance)
		}
		if risk, finance := said(calendar.Days(2026, 11, 3, 1, reporttest.Singapore())); risk != nil || finance != nil {
			t.Errorf("another night: %q, %q", risk, finance)
		}
	})
}

// TestPricingOfSuspects: what came as PAY or FREE is never said to have come as neither, also where it is in doubt whose
// answer it is; what departs from the vendor's page is counted and listed either way.
func TestPricingOfSuspects(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		answered := func(n int, code, pricing string, tag store.Tag) (all []reporttest.Check) {
			for range n {
				score := 40.0
				all = append(all, reporttest.Check{Region: "PH", Endpoint: "ph", Outcome: store.Answered, State: store.Done, Code: code, Pricing: pricing, Tag: tag, Score: &score})
			}
			return all
		}
		f.Night("ids.csv", slices.Concat(answered(20, "SUCCESS", "PAY", store.TagPay), answered(4, "SUCCESS", "FREE", store.TagFree),
			answered(3, "ERROR", "PAY", store.TagPay), answered(2, "SUCCESS", "MAYBE", store.TagUnknown), answered(1, "SUCCESS", "", store.TagUnknown)))
		for _, c := range []struct {
			suspects []int64
			doubtful string
		}{
			{nil, ""},
			{[]int64{1, 2, 3}, "Of PAY and FREE 3 calls are in doubt"},
			{[]int64{21, 25, 28}, "Of PAY and FREE 5 calls are in doubt"}, // one of each kind: PAY, FREE, PAY on a failure, and one that says neither
		} {
			if c.suspects != nil {
				j, err := f.Store.Journal().Open(context.Background(), storetest.AdmitAll{}, 1)
				f.Must(err)
				_, err = j.Suspect(1, store.SuspectConnection, c.suspects)()
				f.Must(err)
				f.Must(j.Close())
			}
			m := f.finance(reporttest.SecondNight())
			text := textOf(m.Workbook, "Code by pricing")
			const headline = "Pricing departs from the vendor's page: 3 PAY on a failure, 4 FREE on SUCCESS, 3 without PAY or FREE"
			if !strings.Contains(text, headline) || strings.Contains(text, "in doubt (sheet") != (c.doubtful != "") || !strings.Contains(text, c.doubtful) ||
				len(m.FailedChecks) > 0 {
				t.Errorf("suspects %v: broken are %q\n%s", c.suspects, m.FailedChecks, text)
			}
			var listed []string
			snap, err := snapshot.Open(context.Background(), f.Store)
			f.Must(err)
			night := reporttest.SecondNight()
			f.Must(snap.Calls().EachStrange(context.Background(), night.From, night.To, 100, func(s *snapshot.StrangeCall) error {
				listed = append(listed, s.Code+" "+s.Pricing)
				return nil
			}))
			f.Must(snap.Close())
			slices.Sort(listed)
			if got := strings.Join(slices.Compact(listed), ", "); got != "ERROR PAY, SUCCESS , SUCCESS FREE, SUCCESS MAYBE" {
				t.Errorf("suspects %v: %s are listed", c.suspects, got)
			}
			reporttest.CheckParts(t, f.Write(m.Workbook))
		}
	})
}

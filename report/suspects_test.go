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

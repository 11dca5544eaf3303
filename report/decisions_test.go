package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"

	"liverecon/report/review"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// TestDecisionsComeBack fills in a queue, reads it back, and finds every decision in the next workbook.
func TestDecisionsComeBack(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		blank := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		first := openForm(t, blank).
			decide(1, "attack", "Ana Lim", "2026-11-02 14:30", "mask, see frame 2").
			decide(2, " Genuine ", "Ana Lim", time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), "").
			decide(4, "unclear", "Ben Ong", nil, reporttest.Hostile()[0]).
			set(6, review.HeadReviewer, "Ben Ong") // assigned, not decided
		filled := first.save()
		if got, want := counts(f.take(filled)), "27 rows, 24 open, 0 known, 3 new, 0 changed"; got != want {
			t.Errorf("read %s, want %s", got, want)
		}
		if got, want := counts(f.take(filled)), "27 rows, 24 open, 3 known, 0 new, 0 changed"; got != want {
			t.Errorf("the same file again: %s, want %s", got, want)
		}
		if got, want := counts(f.take(blank)), "27 rows, 27 open, 0 known, 0 new, 0 changed"; got != want {
			t.Errorf("the blank workbook: %s, want %s", got, want)
		}

		w := f.risk(reporttest.SecondNight())
		if len(w.FailedChecks) > 0 {
			t.Errorf("untied: %v", w.FailedChecks)
		}
		next := openForm(t, f.Write(w.Workbook))
		for row, want := range map[int]string{1: "attack|Ana Lim|mask, see frame 2", 2: "genuine|Ana Lim|", 3: "||", 4: "unclear|Ben Ong|" + reporttest.Hostile()[0], 6: "||"} {
			if got := strings.Join([]string{next.text(row, review.HeadDecision), next.text(row, review.HeadReviewer), next.text(row, review.HeadComment)}, "|"); got != want {
				t.Errorf("row %d shows %q, want %q", row, got, want)
			}
		}
		if formula, err := next.file.GetCellFormula(review.QueueSheet, next.place(4, review.HeadComment)); err != nil || formula != "" {
			t.Errorf("a comment became the formula %q (%v)", formula, err)
		}
		for cell, want := range map[string]string{"B4": "24", "D4": "1", "F4": "1", "I4": "1", "L4": "0"} {
			got, err := next.file.GetCellValue(review.QueueSheet, cell, excelize.Options{RawCellValue: true})
			again, calcErr := next.file.CalcCellValue(review.QueueSheet, cell, excelize.Options{RawCellValue: true})
			if err != nil || calcErr != nil || got != want || again != want {
				t.Errorf("%s: %s (%v), calculated %s (%v), want %s", cell, got, err, again, calcErr, want)
			}
		}
		if got, want := counts(f.take(next.save())), "27 rows, 24 open, 3 known, 0 new, 0 changed"; got != want {
			t.Errorf("the next workbook, untouched: %s, want %s", got, want)
		}
	})
}

// TestDecisionsSurviveSorting turns the rows round and leaves some out: each decision still is about its own check.
func TestDecisionsSurviveSorting(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		sorted := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		sorted.decide(1, "attack", "Ana", nil, "one").decide(27, "genuine", "Ana", nil, "twenty-seven")
		want := map[string]string{sorted.text(1, review.HeadKey): "one", sorted.text(27, review.HeadKey): "twenty-seven"}
		rows, err := sorted.file.GetRows(review.QueueSheet, excelize.Options{RawCellValue: true})
		f.Must(err)
		below := rows[5:]
		slices.Reverse(below)
		for i, row := range below {
			cells := make([]any, len(sorted.cols))
			for c := range cells {
				cells[c] = nil
				if c < len(row) && row[c] != "" {
					cells[c] = row[c]
				}
			}
			f.Must(sorted.file.SetSheetRow(review.QueueSheet, xlsx.Ref{Col: 1, Row: 6 + i}.String(), &cells))
		}
		f.Must(sorted.file.RemoveRow(review.QueueSheet, 10))
		q := f.take(sorted.save())
		if got, want := counts(q), "26 rows, 24 open, 0 known, 2 new, 0 changed"; got != want {
			t.Errorf("read %s, want %s", got, want)
		}
		for _, d := range q.New {
			for key, comment := range want {
				if d.Comment == comment && !strings.HasPrefix(key, fmt.Sprintf("%d-", d.CallID)) {
					t.Errorf("the decision %q of %s is about call %d", comment, key, d.CallID)
				}
			}
		}
	})
}

// TestDecisionsChange follows two reviewers, each with a copy of the workbook of the morning.
func TestDecisionsChange(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		morning := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		steps := []struct {
			name, decision, reviewer string
			file                     func() string // to go on with; nil for Ana's
			counts, standing         string
		}{
			{"Ana decides", "genuine", "Ana", nil, "0 known, 1 new, 0 changed", "genuine"},
			{"Ben, with a blank copy, decides otherwise", "attack", "Ben", func() string { return morning }, "0 known, 1 new, 1 changed", "attack"},
			{"Ana gives her old file again", "genuine", "Ana", nil, "1 known, 0 new, 0 changed", "attack"},
			{"Ana changes her mind in it", "unclear", "Ana", nil, "0 known, 1 new, 1 changed", "unclear"},
			{"and back, giving the very file of before", "genuine", "Ana", nil, "1 known, 0 new, 0 changed", "unclear"},
			{"and back in the file of now", "genuine", "Ana ", nil, "0 known, 1 new, 1 changed", "genuine"},
			{"Ben in the workbook of the evening", "escalated", "Ben", func() string { return f.Write(f.risk(reporttest.SecondNight()).Workbook) }, "0 known, 1 new, 1 changed", "escalated"},
		}
		for _, step := range steps {
			path := morning
			if step.file != nil {
				path = step.file()
			}
			q := f.take(openForm(t, path).decide(3, step.decision, step.reviewer, nil, "").save())
			if got := counts(q); !strings.HasSuffix(got, step.counts) {
				t.Errorf("%s: %s, want %s", step.name, got, step.counts)
			}
			if got := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook)).text(3, review.HeadDecision); got != step.standing {
				t.Errorf("%s: %q stands, want %q", step.name, got, step.standing)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestDecisionMistakes names every mistake with its cell, at once.
func TestDecisionMistakes(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		x := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		x.decide(1, "genuin", "Ana", nil, "").
			decide(2, "attack", " ", nil, "").
			decide(3, "attack", "Ana", "yesterday", "").
			decide(4, "attack", "Ana", "2026-11-01", "").
			decide(5, "attack", "Ana", "2062-11-03 10:00", "").
			decide(6, "attack", "Ana", nil, "").set(6, review.HeadID, "another").
			decide(7, "attack", "Ana", nil, "").set(7, review.HeadScore, 99.5).
			decide(8, "attack", "Ana", nil, "").set(8, review.HeadTransact, "0000").
			decide(9, "attack", "Ana", nil, "").set(9, review.HeadKey, "12-0-12345678").
			decide(10, "attack", "Ana", nil, "").set(11, review.HeadKey, x.text(10, review.HeadKey)).decide(11, "attack", "Ana", nil, "").
			set(12, review.HeadComment, "a comment alone").
			decide(13, "attack", strings.Repeat("x", 201), nil, "").
			decide(14, "", "", nil, "").set(14, review.HeadKey, "not read: nothing is decided").
			decide(15, "attack", "", -3, "")
		_, err := review.ReadDecisions(context.Background(), f.Store, x.save(), time.Now())
		want := map[string]string{
			x.place(1, review.HeadDecision): `decision "genuin": want genuine, attack, unclear or escalated`, x.place(2, review.HeadReviewer): "no reviewer", x.place(3, review.HeadDecidedAt): `"yesterday" is no time`,
			x.place(4, review.HeadDecidedAt): "before the vendor answered", x.place(5, review.HeadDecidedAt): "in the future", x.place(6, review.HeadID): "ID was edited", x.place(7, review.HeadScore): `score "99.5" was edited`,
			x.place(8, review.HeadTransact): "transaction was edited", x.place(9, review.HeadKey): "no row of this database's queue", x.place(11, review.HeadKey): "the same row as Manual queue!" + x.place(10, review.HeadKey),
			x.place(12, review.HeadDecision): "a comment or a time without a decision", x.place(13, review.HeadReviewer): "201 bytes", x.place(15, review.HeadReviewer): "no reviewer", x.place(15, review.HeadDecidedAt): `"-3" is no time`,
		}
		for cell, text := range want {
			if !strings.Contains(err.Error(), "Manual queue!"+cell+": ") || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %s is not among\n%v", cell, text, err)
			}
		}
		if n := strings.Count(err.Error(), "\n") + 1; n != len(want) {
			t.Errorf("%d mistakes, want %d:\n%v", n, len(want), err)
		}
	})
}

// TestNoQueue refuses files that are no risk workbooks, and those of another database.
func TestNoQueue(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		text := filepath.Join(t.TempDir(), "list.csv")
		f.Must(os.WriteFile(text, []byte("signatureId\n"), 0o600))
		without := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		f.Must(without.file.RemoveCol(review.QueueSheet, xlsx.ColumnName(without.cols[review.HeadReviewer])))
		for name, path := range map[string]string{"text": text, "finance": f.Write(f.finance(reporttest.SecondNight()).Workbook), "a column short": without.save()} {
			if _, err := review.ReadDecisions(context.Background(), f.Store, path, time.Now()); !errors.Is(err, review.ErrNoQueue) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := review.ReadDecisions(context.Background(), f.Store, filepath.Join(t.TempDir(), "none.xlsx"), time.Now()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("no file: %v", err)
		}
		time.Sleep(time.Hour)
		other, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "other.db"))
		f.Must(err)
		defer other.Close() //nolint:errcheck // the test's own
		g := &reporttest.Database{T: t, Store: other}
		g.Night("list.csv", []reporttest.Check{reporttest.Scored("PH", 3, "2")})
		path := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook)).decide(1, "attack", "Ana", nil, "").save()
		if _, err := review.ReadDecisions(context.Background(), other, path, time.Now()); err == nil || !strings.Contains(err.Error(), "no row of this database's queue") {
			t.Errorf("another database's workbook: %v", err)
		}
	})
}

// TestDecisionsAfterErasure stores a decision about somebody erased meanwhile, without the comment, which could name them.
func TestDecisionsAfterErasure(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		x := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		before := x.decide(1, "attack", "Ana", nil, "she is known to us").decide(2, "attack", "Ana", nil, "stays").save()
		_, err := f.Store.Personal().Erase(context.Background(), x.text(1, review.HeadID), time.Now())
		f.Must(err)
		q := f.take(before)
		if got, want := counts(q), "27 rows, 25 open, 0 known, 2 new, 0 changed"; got != want || q.Erased != 1 {
			t.Errorf("read %s, want %s; %d comments left out", got, want, q.Erased)
		}
		if got, want := counts(f.take(before)), "27 rows, 25 open, 2 known, 0 new, 0 changed"; got != want {
			t.Errorf("again: %s, want %s", got, want)
		}
		next := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		if next.text(1, review.HeadDecision) != "attack" || next.text(1, review.HeadComment) != "" || next.text(1, review.HeadID) != "" || next.text(2, review.HeadComment) != "stays" {
			t.Errorf("the next workbook shows %q, %q about %q", next.text(1, review.HeadDecision), next.text(1, review.HeadComment), next.text(1, review.HeadID))
		}
		_, err = f.Store.Personal().Erase(context.Background(), next.text(2, review.HeadID), time.Now())
		f.Must(err)
		if got := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook)).text(2, review.HeadComment); got != "" {
			t.Errorf("the comment %q outlives the person", got)
		}
	})
}

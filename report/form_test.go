package report

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"

	"liverecon/report/review"
	"liverecon/report/xlsx"
	"liverecon/store/snapshot"
)

// form is a workbook's queue in the hands of a reviewer.
type form struct {
	t    *testing.T
	file *excelize.File
	path string
	head int // row of the header
	cols map[string]int
}

func openForm(t *testing.T, path string) *form {
	t.Helper()
	x := reporttest.Reopen(t, path)
	rows, err := x.GetRows(review.QueueSheet)
	if err != nil {
		t.Fatal(err)
	}
	f := &form{t: t, file: x, path: path, head: 5, cols: map[string]int{}}
	for i, head := range rows[f.head-1] {
		head, _, _ = strings.Cut(head, " (")
		f.cols[head] = i + 1
	}
	return f
}

// set writes a value into the row-th row of the queue, counted from 1.
func (f *form) set(row int, head string, value any) *form {
	f.t.Helper()
	if err := f.file.SetCellValue(review.QueueSheet, f.place(row, head), value); err != nil {
		f.t.Fatal(err)
	}
	return f
}

func (f *form) place(row int, head string) string {
	return xlsx.Ref{Col: f.cols[head], Row: f.head + row}.String()
}

func (f *form) text(row int, head string) string {
	f.t.Helper()
	text, err := f.file.GetCellValue(review.QueueSheet, f.place(row, head), excelize.Options{RawCellValue: true})
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

// decide fills in a row.
func (f *form) decide(row int, decision, reviewer string, at any, comment string) *form {
	f.t.Helper()
	f.set(row, review.HeadDecision, decision).set(row, review.HeadReviewer, reviewer).set(row, review.HeadComment, comment)
	if at != nil {
		f.set(row, review.HeadDecidedAt, at)
	}
	return f
}

// save writes the form to a file of its own.
func (f *form) save() string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "filled.xlsx")
	if err := f.file.SaveAs(path); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// take reads a file back and stores what is new.
func (f *fixture) take(path string) review.FilledQueue {
	f.T.Helper()
	q, err := review.ReadDecisions(context.Background(), f.Store, path, time.Now())
	f.Must(err)
	if len(q.New) > 0 {
		f.Must(f.Store.Decisions().Add(context.Background(), q.File, q.New))
	}
	return q
}

func counts(q review.FilledQueue) string {
	return fmt.Sprintf("%d rows, %d open, %d known, %d new, %d changed", q.Rows, q.Open, q.Known, len(q.New), q.Changed)
}

// firstRun returns the database's first run.
func firstRun(t *testing.T, f *fixture) snapshot.RunSpan {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), f.Store)
	f.Must(err)
	first, _, err := snap.Runs(context.Background(), time.Time{}, time.Time{})
	f.Must(errors.Join(err, snap.Close()))
	return first
}

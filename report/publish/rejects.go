package publish

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/disk"
)

// rejects writes what could not be taken of the lists, a file a business day.
type rejects struct {
	store   *store.Store
	folder  *folder
	zone    *time.Location
	without Removal
}

func rejectsName(day calendar.Period) string { return "rejects_" + day.Label + ".csv" }

// again writes the rejects of a day again. The lists that were set aside stand in no database, and are kept.
func (r *rejects) again(ctx context.Context, day calendar.Period) error {
	aside, err := asideOf(r.file(day))
	if errors.Is(err, fs.ErrPermission) {
		err = r.folder.keepUnreadable(r.file(day))
	}
	if err != nil {
		return err
	}
	r.without.redact(aside)
	return r.write(ctx, day, aside)
}

// contradicting returns the rows that contradict others, as an earlier run of the day has told them. What cannot be read
// is told when the file is written.
func (r *rejects) contradicting(day calendar.Period) [][]string {
	told, err := asideOf(r.file(day))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(told, func(row []string) bool { return !ofRows(row[3]) })
}

// file returns the path of a day's rejects.
func (r *rejects) file(day calendar.Period) string {
	return filepath.Join(r.folder.dir, rejectsName(day))
}

// write writes the rejects of one day: lists that were set aside, and rows.
func (r *rejects) write(ctx context.Context, day calendar.Period, aside [][]string) error {
	runs, err := runsOf(ctx, r.store, day)
	if err != nil {
		return err
	}
	rows := append([][]string{{"file", "line", "column", "reason", "detail", "value"}}, aside...)
	for _, id := range runs {
		err := r.store.Lists().EachReject(ctx, id, func(row store.Reject) error {
			rows = append(rows, []string{xlsx.EscapeFormula(row.Path), strconv.Itoa(row.Line),
				xlsx.EscapeFormula(row.Column),
				row.Reason, xlsx.EscapeFormula(row.Detail), xlsx.EscapeFormula(row.Value)})
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(rows) == 1 {
		return nil
	}
	return r.folder.add(rejectsName(day), func(file string) error {
		return disk.Replace(file, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) })
	})
}

// EndedRun holds what the rejects file of a run needs beside the database.
type EndedRun struct {
	Verdict string
	Aside   []List       // lists that it has set aside, and rows of others that contradict
	Untold  []store.List // of earlier runs that said nothing of their rejects
}

// List represents a list that a run has set aside as a whole, or a row of one that stands in no table of rejects, as its ID is
// asked for. Line is 0 and column "" where none is to blame.
type List struct {
	Reason  string // ReasonAside, ReasonContradicting or ReasonOtherRegion
	File    string
	Line    int
	Column  string
	Problem string
	Hint    string
}

// row returns the list's row among the rejects.
func (l List) row() []string {
	line, detail := "", l.Problem
	if l.Line > 0 {
		line = strconv.Itoa(l.Line)
	}
	if l.Hint != "" {
		detail += "; " + l.Hint
	}
	return []string{xlsx.EscapeFormula(l.File), line, xlsx.EscapeFormula(l.Column), l.Reason,
		xlsx.EscapeFormula(detail), ""}
}

// Reasons that stand in no database.
const (
	ReasonAside         = "list_set_aside"
	ReasonContradicting = "contradicting_ids"
	ReasonOtherRegion   = "other_region"
)

// ofRows reports whether a reason is that of rows that contradict others.
func ofRows(reason string) bool { return reason == ReasonContradicting || reason == ReasonOtherRegion }

// asideOf reads the rows that stand in no database from a file of rejects: they are its first, and what somebody has
// made of it since ends it.
func asideOf(file string) (aside [][]string, err error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		row, err := r.Read()
		var edited *csv.ParseError
		switch {
		case errors.Is(err, io.EOF), errors.As(err, &edited):
			return aside, nil
		case err != nil:
			return nil, err
		case len(row) == 6 && (row[3] == ReasonAside || ofRows(row[3])):
			aside = append(aside, row)
		}
	}
}

// untoldDays returns the business days of the runs that read lists in which rows were rejected, and said nothing of it.
func (r *rejects) untoldDays(ctx context.Context, untold []store.List) (days []calendar.Period, err error) {
	if len(untold) == 0 {
		return nil, nil
	}
	newest, err := r.store.Runs().Latest(ctx, maxRunsADay)
	for _, run := range newest {
		day := calendar.BusinessDay(run.StartedAt, r.zone)
		read := slices.ContainsFunc(untold, func(l store.List) bool { return l.RunID == run.ID && l.Rejected > 0 })
		if read && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	return days, err
}

// maxRunsADay bounds how many runs of one day are looked at.
const maxRunsADay = 1000

// runsOf returns the runs begun within a period, oldest first.
func runsOf(ctx context.Context, s *store.Store, within calendar.Period) ([]int64, error) {
	newest, err := s.Runs().Latest(ctx, maxRunsADay)
	var ids []int64
	for _, r := range newest {
		if !r.StartedAt.Before(within.From) && r.StartedAt.Before(within.To) {
			ids = append(ids, r.ID)
		}
	}
	slices.Reverse(ids)
	return ids, err
}

package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"liverecon/batch"
	"liverecon/report"
	"liverecon/store"
)

// rejects writes the lists that this run has set aside, and the rows that could not be taken today, by this run or an
// earlier one, if there are any.
func (p *publisher) rejects(ctx context.Context, aside []*batch.ListError) error {
	day := report.BusinessDay(p.started, p.config.zone)
	runs, err := runsOf(ctx, p.store, day)
	if err != nil {
		return err
	}
	rows := [][]string{{"file", "line", "column", "reason", "detail", "value"}}
	for _, l := range aside {
		rows = append(rows, asideRow(l))
	}
	for _, id := range runs {
		err := p.store.EachReject(ctx, id, func(r store.Reject) error {
			rows = append(rows, []string{report.Harmless(r.Path), strconv.Itoa(r.Line), report.Harmless(r.Column), r.Reason, report.Harmless(r.Detail), report.Harmless(r.Value)})
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(rows) == 1 {
		return nil
	}
	if err := makeReportDirectory(p.config.reports); err != nil {
		return err
	}
	file := filepath.Join(p.config.reports, "rejects_"+day.Label+".csv")
	if err := replaceFile(file, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) }); err != nil {
		return err
	}
	return p.done(file)
}

// asideRow is the row of a whole list.
func asideRow(l *batch.ListError) []string {
	line, detail := "", l.Problem
	if l.Line > 0 {
		line = strconv.Itoa(l.Line)
	}
	if l.Hint != "" {
		detail += "; " + l.Hint
	}
	return []string{report.Harmless(l.File), line, report.Harmless(l.Column), "list_set_aside", report.Harmless(detail), ""}
}

// maxRunsADay bounds how many runs of one day are looked at.
const maxRunsADay = 1000

// runsOf returns the runs begun within a period, oldest first.
func runsOf(ctx context.Context, s *store.Store, within report.Period) ([]int64, error) {
	newest, err := s.Runs(ctx, maxRunsADay)
	var ids []int64
	for _, r := range newest {
		if !r.StartedAt.Before(within.From) && r.StartedAt.Before(within.To) {
			ids = append(ids, r.ID)
		}
	}
	slices.Reverse(ids)
	return ids, err
}

// replaceFile writes a file whole or not at all: it stands under its name only once it is complete and on the disk.
func replaceFile(file string, content func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", file, err), os.Remove(f.Name()))
		}
	}()
	if err := content(f); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

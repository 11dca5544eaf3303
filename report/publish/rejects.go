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
	"strings"

	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/disk"
)

// Rejects writes the lists that this run has set aside, and the rows that could not be taken today, by this run or an
// earlier one, if there are any. Those of a run that was interrupted go where it would have written them.
func (p *Publisher) Rejects(ctx context.Context, told SettledRun) error {
	var aside [][]string
	for _, l := range told.Aside {
		aside = append(aside, l.row())
	}
	today := calendar.BusinessDay(p.Started, p.Zone)
	days, err := p.untoldDays(ctx, told.Untold)
	errs := []error{err}
	for _, day := range days {
		if day.Label == today.Label {
			continue
		}
		errs = append(errs, p.rejectsAgain(ctx, day))
	}
	return errors.Join(append(errs, p.rejectsOf(ctx, today, aside))...)
}

// rejectsAgain writes the rejects of a day again. The lists that were set aside stand in no database, and are kept.
func (p *Publisher) rejectsAgain(ctx context.Context, day calendar.Period) error {
	aside, err := asideOf(p.rejectsFile(day))
	if errors.Is(err, fs.ErrPermission) {
		err = p.keepUnreadable(p.rejectsFile(day))
	}
	if err != nil {
		return err
	}
	p.takeOut(aside)
	return p.rejectsOf(ctx, day, aside)
}

func (p *Publisher) rejectsFile(day calendar.Period) string {
	return filepath.Join(p.Reports, "rejects_"+day.Label+".csv")
}

// rejectsOf writes the rejects of one day: lists that were set aside, and rows.
func (p *Publisher) rejectsOf(ctx context.Context, day calendar.Period, aside [][]string) error {
	runs, err := runsOf(ctx, p.Store, day)
	if err != nil {
		return err
	}
	rows := append([][]string{{"file", "line", "column", "reason", "detail", "value"}}, aside...)
	for _, id := range runs {
		err := p.Store.Lists().EachReject(ctx, id, func(r store.Reject) error {
			rows = append(rows, []string{xlsx.Harmless(r.Path), strconv.Itoa(r.Line), xlsx.Harmless(r.Column), r.Reason,
				xlsx.Harmless(r.Detail), xlsx.Harmless(r.Value)})
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(rows) == 1 {
		return nil
	}
	if err := MakeReportDirectory(p.Reports); err != nil {
		return err
	}
	file := p.rejectsFile(day)
	if err := disk.Replace(file, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) }); err != nil {
		return err
	}
	return p.done(file)
}

// SettledRun holds what the rejects file of a run needs beside the database.
type SettledRun struct {
	Verdict string
	Aside   []List       // lists that it has set aside
	Untold  []store.List // of earlier runs that said nothing of their rejects
}

// List is a list that a run has set aside as a whole. Line is 0 and column "" where none is to blame.
type List struct {
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
	return []string{xlsx.Harmless(l.File), line, xlsx.Harmless(l.Column), reasonAside, xlsx.Harmless(detail), ""}
}

// reasonAside is the reason of a whole list. It stands in no database.
const reasonAside = "list_set_aside"

// asideOf reads the rows of whole lists from a file of rejects: they are its first, and what somebody has made of it
// since ends it.
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
		case len(row) == 6 && row[3] == reasonAside:
			aside = append(aside, row)
		}
	}
}

// takeOut takes out of the rows of whole lists what may name somebody who is not to be named any more. The detail may
// quote cells, and of what may be an ID it quotes the first characters.
func (p *Publisher) takeOut(aside [][]string) {
	const quoted = 8
	for _, row := range aside {
		if p.aged {
			row[4] = store.Erased
		}
		for i, cell := range row {
			if slices.ContainsFunc(p.Erased,
				func(id string) bool { return strings.Contains(cell, id[:min(len(id), quoted)]) }) {
				row[i] = store.Erased
			}
		}
	}
}

// untoldDays returns the business days of the runs that read lists in which rows were rejected, and said nothing of it.
func (p *Publisher) untoldDays(ctx context.Context, untold []store.List) (days []calendar.Period, err error) {
	if len(untold) == 0 {
		return nil, nil
	}
	newest, err := p.Store.Runs().Latest(ctx, maxRunsADay)
	for _, r := range newest {
		day := calendar.BusinessDay(r.StartedAt, p.Zone)
		read := slices.ContainsFunc(untold, func(l store.List) bool { return l.RunID == r.ID && l.Rejected > 0 })
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

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
	"time"

	"liverecon/batch"
	"liverecon/store"
)

// publisher writes what a run leaves in the directory of reports, from the database alone.
type publisher struct {
	config  *config
	store   *store.Store
	started time.Time
	version string
	files   []string // written so far
}

// publish writes all files of a settled run.
func (p *publisher) publish(ctx context.Context, _ batch.Summary) error {
	return p.rejects(ctx)
}

// rejects writes the rows that could not be taken today, if there are any.
func (p *publisher) rejects(ctx context.Context) error {
	from, to := businessDay(p.started, p.config.zone)
	runs, err := runsOf(ctx, p.store, from, to)
	if err != nil {
		return err
	}
	any := false
	for _, id := range runs {
		if err := p.store.EachReject(ctx, id, func(store.Reject) error { any = true; return io.EOF }); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if !any {
		return nil
	}
	file := filepath.Join(p.config.reports, "rejects_"+from.Format(time.DateOnly)+".csv")
	return p.write(file, func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := out.Write([]string{"file", "line", "column", "reason", "detail", "value"}); err != nil {
			return err
		}
		for _, id := range runs {
			err := p.store.EachReject(ctx, id, func(r store.Reject) error {
				return out.Write([]string{harmless(r.Path), strconv.Itoa(r.Line), harmless(r.Column), r.Reason, harmless(r.Detail), harmless(r.Value)})
			})
			if err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}

// maxRunsADay bounds how many runs of one day are looked at.
const maxRunsADay = 1000

// businessDay is the day of zone that holds a moment, half-open.
func businessDay(at time.Time, zone *time.Location) (from, to time.Time) {
	year, month, day := at.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone), time.Date(year, month, day+1, 0, 0, 0, 0, zone)
}

// runsOf returns the runs begun within [from, to), oldest first.
func runsOf(ctx context.Context, s *store.Store, from, to time.Time) ([]int64, error) {
	newest, err := s.Runs(ctx, maxRunsADay)
	var ids []int64
	for _, r := range newest {
		if !r.StartedAt.Before(from) && r.StartedAt.Before(to) {
			ids = append(ids, r.ID)
		}
	}
	slices.Reverse(ids)
	return ids, err
}

// harmless makes a text from outside safe to open in a spreadsheet program, which would take one that begins like this
// for a formula and might carry it out.
func harmless(text string) string {
	if text != "" && slices.Contains([]byte("=+-@\t\r"), text[0]) {
		return "'" + text
	}
	return text
}

// write writes a file whole or not at all: it stands under its name only once it is complete and on the disk. Reports are
// the one output that others than the owner may need: the group can read them.
func (p *publisher) write(file string, content func(io.Writer) error) (err error) {
	dir := filepath.Dir(file)
	if err := makeReportDirectory(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", file, err), f.Close(), os.Remove(f.Name()))
		}
	}()
	if err = content(f); err != nil {
		return err
	}
	if err = errors.Join(f.Chmod(0o640), f.Sync()); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), file); err != nil {
		return err
	}
	p.files = append(p.files, file)
	return nil
}

// makeReportDirectory makes the directory of reports where it is missing; its group may read it.
func makeReportDirectory(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	return os.Chmod(dir, 0o750)
}

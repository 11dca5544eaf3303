package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"liverecon/report/digest"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/disk"
)

// folder represents the directory of reports, and what was written into it.
type folder struct {
	dir   string
	store *store.Store // of the decisions that were read from workbooks, and of kept ones
	warn  func(warning, hint string)
	files []string // written so far
	// renewing: what names somebody is being taken out of the reports, so that no older one may be kept.
	renewing bool
}

// add writes one file more, by a function that is given its path.
func (f *folder) add(name string, write func(file string) error) error {
	if err := MakeReportDirectory(f.dir); err != nil {
		return err
	}
	file := filepath.Join(f.dir, name)
	if err := write(file); err != nil {
		return err
	}
	return f.done(file)
}

// write writes a workbook, and closes it. One that people have filled in is kept first.
func (f *folder) write(ctx context.Context, w *xlsx.Workbook, name string) (err error) {
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := MakeReportDirectory(f.dir); err != nil {
		return err
	}
	file := filepath.Join(f.dir, name)
	if err := f.keepEdited(ctx, file); err != nil {
		return err
	}
	if err := xlsx.Write(w, file); err != nil {
		return err
	}
	if err := f.done(file); err != nil {
		return err
	}
	if len(w.FailedChecks) > 0 { // the workbook shows it in red; the run must not pass for a good one
		return fmt.Errorf("%s: checks failed: %s", name, strings.Join(w.FailedChecks, "; "))
	}
	return nil
}

// digest writes a workbook's first page as a page for mail.
func (f *folder) digest(name string, page digest.Page) error {
	return f.add(name+".html", func(file string) error { return disk.Replace(file, page.WriteHTML) })
}

// writeKept writes the workbook that is kept for a closed month, and reports whether there is one. A month in which
// somebody was erased since has none any more: it is made anew.
func (f *folder) writeKept(ctx context.Context, kind string, period calendar.Period) (bool, error) {
	if !period.IsMonth() {
		return false, nil
	}
	kept, closed, err := f.store.Months().File(ctx, period.Label, kind)
	if err != nil || !closed || kept.Content == nil {
		return false, err
	}
	return true, f.add(kept.Name, func(file string) error {
		return disk.Replace(file, func(w io.Writer) error {
			_, err := w.Write(kept.Content)
			return err
		})
	})
}

// done makes a finished file readable for its group: reports are the one output that others than the owner may need.
func (f *folder) done(file string) error {
	f.files = append(f.files, file)
	return os.Chmod(file, 0o640)
}

// MakeReportDirectory makes the directory of reports where it is missing; its group may read it.
func MakeReportDirectory(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	return os.Chmod(dir, 0o750)
}

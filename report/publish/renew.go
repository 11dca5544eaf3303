package publish

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
)

// namingReport holds the name of a report in which persons may be named: the risk workbook, its detail as CSV, the
// rejected rows, the finance workbook.
var namingReport = regexp.MustCompile(`^(risk|rejects|finance)_([0-9.-]+?)(?:_against_([0-9.-]+?))?` +
	`(_detail)?\.(?:xlsx|csv)$`)

// ReportFile represents a report on disk, taken apart.
type ReportFile struct {
	RiskFile
	Path string
	kind string // risk, rejects or finance
}

// Finance reports whether it is a finance workbook.
func (f ReportFile) Finance() bool { return f.kind == "finance" }

// ParseReportName takes a report's name apart; ok is false for a file that is none of ours, or names nobody.
func ParseReportName(path string, zone *time.Location) (f ReportFile, ok bool) {
	m := namingReport.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return f, false
	}
	f = ReportFile{RiskFile: RiskFile{Detail: DetailXLSX}, Path: path, kind: m[1]}
	if len(m[2]) == len("2006-01") {
		f.Detail = DetailNone
	}
	if m[4] != "" {
		f.Detail = DetailCSV
	}
	var err, compareErr error
	f.Period, err = calendar.ParsePeriod(m[2], zone)
	if m[3] != "" {
		f.Compare, compareErr = calendar.ParsePeriod(m[3], zone)
	}
	return f, err == nil && compareErr == nil
}

// reportsOf returns the reports of a directory in which IDs may stand.
func reportsOf(dir string, zone *time.Location) ([]ReportFile, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	var all []ReportFile
	for _, e := range entries {
		if f, ok := ParseReportName(filepath.Join(dir, e.Name()), zone); ok && !f.Finance() {
			all = append(all, f)
		}
	}
	return all, err
}

// Removal holds what reports are written again without.
type Removal struct {
	Erased []string                     // IDs that were erased
	aged   bool                         // whatever may name anybody goes
	clean  func(text, by string) string // takes erased IDs out of a text, nil: none
}

// redact takes out of the rows of whole lists what may name somebody who is not to be named any more. The detail may
// quote cells, and of what may be an ID it quotes the first characters.
func (r Removal) redact(aside [][]string) {
	const quoted = 8
	for _, row := range aside {
		if r.aged {
			row[4] = store.Erased
		}
		for i, cell := range row {
			if r.clean != nil {
				row[i] = r.clean(cell, store.Erased)
			}
			if slices.ContainsFunc(r.Erased,
				func(id string) bool { return strings.Contains(cell, id[:min(len(id), quoted)]) }) {
				row[i] = store.Erased
			}
		}
	}
}

// Owe notes that reports are to be written again, before what they show is taken out of the database: where that is cut
// short, WriteOwed does it later.
func Owe(ctx context.Context, p *Publisher, files []ReportFile) error {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = filepath.Base(f.Path)
	}
	return p.Store.Personal().Renewals().Owe(ctx, names)
}

// WriteOwed writes the reports again that are owed, without anything that may name somebody in rows of whole lists. Those
// that are there no more are not made. It returns an [UnreadError] of the first that people have filled in.
func WriteOwed(ctx context.Context, p *Publisher, now time.Time) error {
	owed, err := p.Store.Personal().Renewals().Owed(ctx)
	var files []ReportFile
	for _, name := range owed {
		path := filepath.Join(p.Reports, name)
		f, ours := ParseReportName(path, p.Zone)
		if _, e := os.Stat(path); ours && e == nil {
			files = append(files, f)
		} else if !ours || os.IsNotExist(e) {
			err = errors.Join(err, p.Store.Personal().Renewals().Done(ctx, name))
		}
	}
	erased, readErr := p.Store.Lists().Erased(ctx)
	if err = errors.Join(err, readErr); err != nil || len(files) == 0 {
		return err
	}
	return Renew(ctx, p, files, Removal{aged: true, clean: erased.Clean}, now)
}

// Renew writes reports again from what the database holds now, each as it was written before. Those of the same
// workbook are written once. What cannot be written keeps none of the others from it, and stays owed.
func Renew(ctx context.Context, p *Publisher, files []ReportFile, without Removal, now time.Time) (err error) {
	p.folder.renewing = true
	for _, f := range files {
		if f.kind == "rejects" || !slices.Contains(p.Files(), f.Path) {
			if e := renewOne(ctx, p, f, without, now); e != nil {
				err = errors.Join(err, fmt.Errorf("write %s again: %w", filepath.Base(f.Path), e))
				continue
			}
		}
		err = errors.Join(err, p.Store.Personal().Renewals().Done(ctx, filepath.Base(f.Path)))
	}
	return err
}

func renewOne(ctx context.Context, p *Publisher, f ReportFile, without Removal, now time.Time) error {
	if f.kind == "rejects" {
		return p.rejects(without).again(ctx, f.Period)
	}
	if f.Finance() {
		return p.financeAgain(ctx, f.Period.Label, now)
	}
	if f.Period.IsMonth() && !f.Period.From.After(now) && now.Before(f.Period.To) {
		f.Period = calendar.MonthToDate(now, p.Zone)
	}
	return p.Risk(ctx, f.RiskFile)
}

package publish

import (
	"context"
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

// namingReport holds the name of a report in which IDs stand: the risk workbook, its detail as CSV, the rejected rows.
var namingReport = regexp.MustCompile(`^(risk|rejects)_([0-9.-]+?)(?:_against_([0-9.-]+?))?(_detail)?\.(?:xlsx|csv)$`)

// ReportFile represents a report on disk, taken apart.
type ReportFile struct {
	RiskFile
	Path string
	kind string // risk or rejects
}

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
		if f, ok := ParseReportName(filepath.Join(dir, e.Name()), zone); ok {
			all = append(all, f)
		}
	}
	return all, err
}

// Removal holds what reports are written again without.
type Removal struct {
	Erased []string // IDs that were erased
	aged   bool     // whatever may name anybody goes
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
			if slices.ContainsFunc(r.Erased,
				func(id string) bool { return strings.Contains(cell, id[:min(len(id), quoted)]) }) {
				row[i] = store.Erased
			}
		}
	}
}

// Renew writes reports again from what the database holds now, each as it was written before. Those of the same
// workbook are written once.
func Renew(ctx context.Context, p *Publisher, files []ReportFile, without Removal, now time.Time) error {
	p.folder.renewing = true
	for _, f := range files {
		if slices.Contains(p.Files(), f.Path) {
			continue
		}
		if err := renewOne(ctx, p, f, without, now); err != nil {
			return fmt.Errorf("write %s again: %w", filepath.Base(f.Path), err)
		}
	}
	return nil
}

func renewOne(ctx context.Context, p *Publisher, f ReportFile, without Removal, now time.Time) error {
	if f.kind == "rejects" {
		return p.rejects(without).again(ctx, f.Period)
	}
	if f.Period.IsMonth() && !f.Period.From.After(now) && now.Before(f.Period.To) {
		f.Period = calendar.MonthToDate(now, p.Zone)
	}
	return p.Risk(ctx, f.RiskFile)
}

package publish

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"liverecon/store/calendar"
)

// namingReport is the name of a report in which IDs stand: the risk workbook, its detail as CSV, the rejected rows.
var namingReport = regexp.MustCompile(`^(risk|rejects)_([0-9.-]+?)(?:_against_([0-9.-]+?))?(_detail)?\.(?:xlsx|csv)$`)

// ReportFile is a report on disk, taken apart.
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

// reportsOf are the reports of a directory in which IDs may stand.
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

// Renew writes reports again from what the database holds now, each as it was written before. Those of the same
// workbook are written once.
func (p *Publisher) Renew(ctx context.Context, files []ReportFile, now time.Time) error {
	p.renewing = true
	for _, f := range files {
		if slices.Contains(p.Files, f.Path) {
			continue
		}
		if err := p.renewOne(ctx, f, now); err != nil {
			return fmt.Errorf("write %s again: %w", filepath.Base(f.Path), err)
		}
	}
	return nil
}

func (p *Publisher) renewOne(ctx context.Context, f ReportFile, now time.Time) error {
	if f.kind == "rejects" {
		return p.rejectsAgain(ctx, f.Period)
	}
	if f.Period.IsMonth() && !f.Period.From.After(now) && now.Before(f.Period.To) {
		f.Period = calendar.MonthToDate(now, p.Zone)
	}
	return p.Risk(ctx, f.RiskFile)
}

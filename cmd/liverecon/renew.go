package main

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

// reportFile is a report on disk, taken apart.
type reportFile struct {
	riskFile
	path string
	kind string // risk or rejects
}

// parseReportName takes a report's name apart; ok is false for a file that is none of ours, or names nobody.
func parseReportName(path string, zone *time.Location) (f reportFile, ok bool) {
	m := namingReport.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return f, false
	}
	f = reportFile{riskFile: riskFile{detail: detailXLSX}, path: path, kind: m[1]}
	if len(m[2]) == len("2006-01") {
		f.detail = detailNone
	}
	if m[4] != "" {
		f.detail = detailCSV
	}
	var err, compareErr error
	f.period, err = calendar.ParsePeriod(m[2], zone)
	if m[3] != "" {
		f.compare, compareErr = calendar.ParsePeriod(m[3], zone)
	}
	return f, err == nil && compareErr == nil
}

// reportsOf are the reports of a directory in which IDs may stand.
func reportsOf(dir string, zone *time.Location) ([]reportFile, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	var all []reportFile
	for _, e := range entries {
		if f, ok := parseReportName(filepath.Join(dir, e.Name()), zone); ok {
			all = append(all, f)
		}
	}
	return all, err
}

// renew writes reports again from what the database holds now, each as it was written before. Those of the same workbook
// are written once.
func (p *publisher) renew(ctx context.Context, files []reportFile, now time.Time) error {
	p.renewing = true
	for _, f := range files {
		if slices.Contains(p.files, f.path) {
			continue
		}
		if err := p.renewOne(ctx, f, now); err != nil {
			return fmt.Errorf("write %s again: %w", filepath.Base(f.path), err)
		}
	}
	return nil
}

func (p *publisher) renewOne(ctx context.Context, f reportFile, now time.Time) error {
	if f.kind == "rejects" {
		return p.rejectsAgain(ctx, f.period)
	}
	if len(f.period.Label) == len("2006-01") && !f.period.From.After(now) && now.Before(f.period.To) {
		f.period = calendar.MonthToDate(now, p.zone)
	}
	return p.risk(ctx, f.riskFile)
}

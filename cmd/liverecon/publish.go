package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/report"
	"liverecon/store"
)

// publisher writes the files of a run or of the verb report, from the database alone.
type publisher struct {
	config  *config
	store   *store.Store
	started time.Time
	version string
	verdict string   // of the run, "" for the verb report
	files   []string // written so far
}

// publish writes all files of a settled run: the night's rejects and risk, and risk and finance of the month to date. A
// run that goes over midnight has answers in two business days, perhaps in two months.
func (p *publisher) publish(ctx context.Context, sum batch.Summary) error {
	p.verdict = sum.Verdict
	if err := p.rejects(ctx); err != nil {
		return err
	}
	now, zone := time.Now(), p.config.zone
	for day := report.BusinessDay(p.started, zone); !day.From.After(now); day = report.BusinessDay(day.To, zone) {
		if err := p.risk(ctx, day, true); err != nil {
			return err
		}
		next := report.BusinessDay(day.To, zone)
		if sameMonth := next.Label[:len("2006-01")] == day.Label[:len("2006-01")]; sameMonth && !next.From.After(now) {
			continue
		}
		month := report.MonthToDate(day.From, zone)
		if err := errors.Join(p.risk(ctx, month, false), p.finance(ctx, month)); err != nil {
			return err
		}
	}
	return nil
}

// risk writes the risk workbook of a period; detail adds a row for every check. A month of them would be a file that
// grows every night.
func (p *publisher) risk(ctx context.Context, period report.Period, detail bool) error {
	w, err := report.Risk(ctx, p.store, report.RiskOptions{
		Period: period, Threshold: p.config.threshold, Inclusive: p.config.inclusive, Version: p.version, Verdict: p.verdict,
		NoDetail: !detail,
	})
	if err != nil {
		return fmt.Errorf("risk %s: %w", period.Label, err)
	}
	return p.write(w, "risk_"+period.Label+".xlsx")
}

// finance writes the finance workbook of a period.
func (p *publisher) finance(ctx context.Context, period report.Period) error {
	amounts, err := p.config.amounts(ctx, p.store, period)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	w, err := report.Finance(ctx, p.store, report.FinanceOptions{Period: period, Amounts: amounts, Version: p.version, Verdict: p.verdict})
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	return p.write(w, "finance_"+period.Label+".xlsx")
}

func (p *publisher) write(w *report.Workbook, name string) (err error) {
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := makeReportDirectory(p.config.reports); err != nil {
		return err
	}
	file := filepath.Join(p.config.reports, name)
	if err := report.Write(w, file); err != nil {
		return err
	}
	if err := p.done(file); err != nil {
		return err
	}
	if len(w.Untied) > 0 { // the workbook shows it in red; the run must not pass for a good one
		return fmt.Errorf("%s does not tie: %s", name, strings.Join(w.Untied, "; "))
	}
	return nil
}

// done makes a finished file readable for its group: reports are the one output that others than the owner may need.
func (p *publisher) done(file string) error {
	p.files = append(p.files, file)
	return os.Chmod(file, 0o640)
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

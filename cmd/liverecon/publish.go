package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// publishSettings decide what reports say, and where they go.
type publishSettings struct {
	reports     string // directory
	zone        *time.Location
	billingZone *time.Location
	clock       store.Clock // of risk reports
	threshold   float64
	inclusive   bool
	images      string // way from the reports to the stored images, "" for none
	version     string // of the program
	// finance returns the options of a finance workbook: prices, and what the period costs by them.
	finance func(ctx context.Context, s *store.Store, period calendar.Period) (finance.Options, error)
	warn    func(warning, hint string)
}

// publisher writes the files of a run or of the verb report, from the database alone.
type publisher struct {
	publishSettings
	store   *store.Store
	started time.Time
	verdict string   // of the run, "" for the verb report
	files   []string // written so far
	// renewing: what names somebody is being taken out of the reports, so that no older one may be kept.
	renewing bool
	erased   []string // IDs that are taken out
	aged     bool     // whatever may name anybody is
}

// publish writes all files of a settled run: the night's rejects and risk, and risk and finance of the month to date. A
// run that goes over midnight has answers in two business days, perhaps in two months.
func (p *publisher) publish(ctx context.Context, told settledRun) error {
	p.verdict = told.verdict
	if err := p.rejects(ctx, told); err != nil {
		return err
	}
	now, zone, first := time.Now(), p.zone, p.started
	if p.clock == store.ByCapture { // what a night asks for was mostly captured the day before
		first = first.AddDate(0, 0, -1)
	}
	for day := calendar.BusinessDay(first, zone); !day.From.After(now); day = calendar.BusinessDay(day.To, zone) {
		if err := p.risk(ctx, riskFile{period: day, detail: detailXLSX}); err != nil {
			return err
		}
		next := calendar.BusinessDay(day.To, zone)
		if sameMonth := next.Label[:len("2006-01")] == day.Label[:len("2006-01")]; sameMonth && !next.From.After(now) {
			continue
		}
		month := calendar.MonthToDate(day.From, zone)
		if err := errors.Join(p.risk(ctx, riskFile{period: month, detail: detailNone}), p.financeOf(ctx, day)); err != nil {
			return err
		}
	}
	return nil
}

// riskFile is a risk workbook that is to be written.
type riskFile struct {
	period  calendar.Period
	compare calendar.Period // the zero Period stands for the one before, of equal length
	detail  string          // where the list of every check goes: detailNone, detailCSV or detailXLSX
}

// The places for the list of every check. In a month's workbook it would be a file that grows every night.
const (
	detailNone = "none"
	detailCSV  = "csv"
	detailXLSX = "xlsx"
)

// name is the file's name without its ending. A workbook that compares with another period than the usual one does not
// take the usual one's place.
func (f riskFile) name() string {
	if f.compare != (calendar.Period{}) {
		return "risk_" + f.period.Label + "_against_" + f.compare.Label
	}
	return "risk_" + f.period.Label
}

// risk writes a risk workbook, and its detail beside it when that goes there: both of one moment of the database.
func (p *publisher) risk(ctx context.Context, f riskFile) error {
	if kept, err := p.keptRisk(ctx, f); err != nil || kept {
		return err
	}
	w, err := risk.Build(ctx, p.store, risk.Options{
		Period: f.period, Compare: f.compare, Clock: p.clock, Threshold: p.threshold, Inclusive: p.inclusive, Version: p.version, Verdict: p.verdict,
		NoDetail: f.detail != detailXLSX, Images: p.images,
	})
	if err != nil {
		return fmt.Errorf("risk %s: %w", f.period.Label, err)
	}
	if f.detail == detailCSV {
		if err := p.detail(ctx, w, f.name()+"_detail.csv"); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := p.write(ctx, w.Workbook, f.name()+".xlsx"); err != nil || f.detail == detailCSV || p.renewing {
		return err // where reports are renewed, the list is renewed as one of them
	}
	return p.warnOfDetail(f)
}

// warnOfDetail tells of a list of every check beside a workbook that was just written without it: the list is of an earlier
// moment, and its totals may be others. It stays, since somebody asked for it.
func (p *publisher) warnOfDetail(f riskFile) error {
	file := filepath.Join(p.reports, f.name()+"_detail.csv")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	p.warn(file+" is older than its workbook", "`liverecon report risk` with --detail csv writes both anew")
	return nil
}

// detail writes the list of every check as CSV.
func (p *publisher) detail(ctx context.Context, w *risk.Workbook, name string) error {
	if err := makeReportDirectory(p.reports); err != nil {
		return err
	}
	file := filepath.Join(p.reports, name)
	if err := risk.WriteDetail(ctx, w, file); err != nil {
		return err
	}
	return p.done(file)
}

// financeOf writes the finance workbook of a business day's billing month to date: of two where the zones differ and the
// day lies in both.
func (p *publisher) financeOf(ctx context.Context, day calendar.Period) error {
	first, last := calendar.MonthToDate(day.From, p.billingZone), calendar.MonthToDate(day.To.Add(-time.Millisecond), p.billingZone)
	if first.Label != last.Label {
		if err := p.finance(ctx, first); err != nil {
			return err
		}
	}
	return p.finance(ctx, last)
}

// finance writes the finance workbook of a period, the one that is kept if it is a closed month; and beside it, as CSV, the
// reconciled lines when they are too many for it.
func (p *publisher) finance(ctx context.Context, period calendar.Period) error {
	if kept, err := p.writeKept(ctx, "finance", period); err != nil || kept {
		return err
	}
	options, err := p.publishSettings.finance(ctx, p.store, period)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	options.Version, options.Verdict = p.version, p.verdict
	w, err := finance.Build(ctx, p.store, options)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	if err := p.lines(ctx, w); err != nil {
		return errors.Join(err, w.Close())
	}
	return p.write(ctx, w.Workbook, "finance_"+period.Label+".xlsx")
}

// lines writes the reconciled lines that a finance workbook has no room for.
func (p *publisher) lines(ctx context.Context, w *finance.Workbook) error {
	if w.Beside == "" {
		return nil
	}
	if err := makeReportDirectory(p.reports); err != nil {
		return err
	}
	file := filepath.Join(p.reports, w.Beside)
	if err := finance.WriteLines(ctx, w, file); err != nil {
		return err
	}
	return p.done(file)
}

func (p *publisher) write(ctx context.Context, w *xlsx.Workbook, name string) (err error) {
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := makeReportDirectory(p.reports); err != nil {
		return err
	}
	file := filepath.Join(p.reports, name)
	if err := p.keepEdited(ctx, file); err != nil {
		return err
	}
	if err := xlsx.Write(w, file); err != nil {
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

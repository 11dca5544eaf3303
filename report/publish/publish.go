// Package publish writes the files of a night, a month and a closing; what is kept, renewed and set aside.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/report/claims"
	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// Settings decide what reports say, and where they go.
type Settings struct {
	Reports     string // directory
	Zone        *time.Location
	BillingZone *time.Location
	Clock       calendar.Clock // of risk reports
	Threshold   float64
	Inclusive   bool
	Images      string // way from the reports to the stored images, "" for none
	Version     string // of the program
	// finance returns the options of a finance workbook: prices, and what the period costs by them.
	Finance func(ctx context.Context, s *store.Store, period calendar.Period) (finance.Options, error)
	Warn    func(warning, hint string)
}

// Publisher writes the files of a run or of the verb report, from the database alone.
type Publisher struct {
	Settings
	Store   *store.Store
	Started time.Time
	verdict string   // of the run, "" for the verb report
	Files   []string // written so far
	// renewing: what names somebody is being taken out of the reports, so that no older one may be kept.
	renewing bool
	Erased   []string // IDs that are taken out
	aged     bool     // whatever may name anybody is
}

// Night writes all files of a settled run: the night's rejects and risk, and risk and finance of the month to date. A
// run that goes over midnight has answers in two business days, perhaps in two months.
func (p *Publisher) Night(ctx context.Context, told SettledRun) error {
	p.verdict = told.Verdict
	errs := []error{p.Rejects(ctx, told)} // what cannot be written keeps nothing else from being written
	days := p.nightDays(time.Now())
	for i, day := range days {
		errs = append(errs, p.Risk(ctx, RiskFile{Period: day, Detail: DetailXLSX}))
		if i+1 < len(days) && days[i+1].Label[:len("2006-01")] == day.Label[:len("2006-01")] {
			continue
		}
		errs = append(errs, p.Risk(ctx, RiskFile{Period: calendar.MonthToDate(day.From, p.Zone), Detail: DetailNone}),
			p.financeOf(ctx, day))
	}
	return errors.Join(errs...)
}

// NightFiles returns the paths of the reports that a night writes that goes on now.
func (p *Publisher) NightFiles(now time.Time) (files []string) {
	for _, day := range p.nightDays(now) {
		month := calendar.MonthToDate(day.From, p.Zone)
		bills := calendar.MonthToDate(day.To.Add(-time.Millisecond), p.BillingZone)
		for _, name := range []string{"rejects_" + day.Label + ".csv", "risk_" + day.Label + ".xlsx",
			"risk_" + month.Label + ".xlsx", "finance_" + bills.Label + ".xlsx"} {
			if path := filepath.Join(p.Reports, name); !slices.Contains(files, path) {
				files = append(files, path)
			}
		}
	}
	return files
}

// mostDays is how many days a night may last before its clock must have been set in the midst of it.
const mostDays = 7

// nightDays returns the business days of a night that ends now, in their order. Where the clock was set while it went
// on, answers stand on either side of the step: the day that it began on counts even if that is after now, and of a
// step of years only the two ends do.
func (p *Publisher) nightDays(now time.Time) (days []calendar.Period) {
	first, last := p.Started.Round(0), now.Round(0)
	if last.Before(first) {
		first, last = last, first
	}
	if p.Clock == calendar.ByCapture { // what a night asks for was mostly captured the day before
		first = first.AddDate(0, 0, -1)
	}
	day, end := calendar.BusinessDay(first, p.Zone), calendar.BusinessDay(last, p.Zone)
	if end.From.Sub(day.From) > mostDays*24*time.Hour {
		return []calendar.Period{day, end}
	}
	for ; !day.From.After(end.From); day = calendar.BusinessDay(day.To, p.Zone) {
		days = append(days, day)
	}
	return days
}

// RiskFile is a risk workbook that is to be written.
type RiskFile struct {
	Period  calendar.Period
	Compare calendar.Period // the zero Period stands for the one before, of equal length
	Detail  string          // where the list of every check goes: DetailNone, DetailCSV or DetailXLSX
}

// The places for the list of every check. In a month's workbook it would be a file that grows every night.
const (
	DetailNone = "none"
	DetailCSV  = "csv"
	DetailXLSX = "xlsx"
)

// name is the file's name without its ending. A workbook that compares with another period than the usual one does not
// take the usual one's place.
func (f RiskFile) name() string {
	if f.Compare != (calendar.Period{}) {
		return "risk_" + f.Period.Label + "_against_" + f.Compare.Label
	}
	return "risk_" + f.Period.Label
}

// Risk writes a risk workbook, and its detail beside it when that goes there: both of one moment of the database.
func (p *Publisher) Risk(ctx context.Context, f RiskFile) error {
	if kept, err := p.keptRisk(ctx, f); err != nil || kept {
		return err
	}
	w, err := risk.Build(ctx, p.Store, p.riskOptions(f))
	if err != nil {
		return fmt.Errorf("risk %s: %w", f.Period.Label, err)
	}
	if f.Detail == DetailCSV {
		if err := p.detail(ctx, w, f.name()+"_detail.csv"); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := p.write(ctx, w.Workbook, f.name()+".xlsx"); err != nil || f.Detail == DetailCSV || p.renewing {
		return err // where reports are renewed, the list is renewed as one of them
	}
	return p.warnOfDetail(f)
}

func (p *Publisher) riskOptions(f RiskFile) risk.Options {
	return risk.Options{
		Period: f.Period, Compare: f.Compare, Clock: p.Clock, Threshold: p.Threshold, Inclusive: p.Inclusive,
		Version: p.Version, Verdict: p.verdict,
		NoDetail: f.Detail != DetailXLSX, Images: p.Images,
	}
}

// Claims returns what a risk workbook claims, of a closed month too, as the database has it now.
func (p *Publisher) Claims(ctx context.Context, f RiskFile) (claims.Report, error) {
	return risk.ReadClaims(ctx, p.Store, p.riskOptions(f))
}

// warnOfDetail tells of a list of every check beside a workbook that was just written without it: the list is of an
// earlier moment, and its totals may be others. It stays, since somebody asked for it.
func (p *Publisher) warnOfDetail(f RiskFile) error {
	file := filepath.Join(p.Reports, f.name()+"_detail.csv")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	p.Warn(file+" is older than its workbook", "`liverecon report risk` with --detail csv writes both anew")
	return nil
}

// detail writes the list of every check as CSV.
func (p *Publisher) detail(ctx context.Context, w *risk.Workbook, name string) error {
	if err := MakeReportDirectory(p.Reports); err != nil {
		return err
	}
	file := filepath.Join(p.Reports, name)
	if err := risk.WriteDetail(ctx, w, file); err != nil {
		return err
	}
	return p.done(file)
}

// financeOf writes the finance workbook of a business day's billing month to date: of two where the zones differ and
// the day lies in both.
func (p *Publisher) financeOf(ctx context.Context, day calendar.Period) error {
	first, last := calendar.MonthToDate(day.From, p.BillingZone), calendar.MonthToDate(day.To.Add(-time.Millisecond),
		p.BillingZone)
	if first.Label == last.Label {
		return p.Finance(ctx, last)
	}
	return errors.Join(p.Finance(ctx, first), p.Finance(ctx, last))
}

// Finance writes the finance workbook of a period, the one that is kept if it is a closed month; and beside it, as CSV,
// the reconciled lines when they are too many for it.
func (p *Publisher) Finance(ctx context.Context, period calendar.Period) error {
	if kept, err := p.WriteKept(ctx, "finance", period); err != nil || kept {
		return err
	}
	options, err := p.Settings.Finance(ctx, p.Store, period)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	options.Version, options.Verdict = p.Version, p.verdict
	w, err := finance.Build(ctx, p.Store, options)
	if err != nil {
		return fmt.Errorf("finance %s: %w", period.Label, err)
	}
	if err := p.lines(ctx, w); err != nil {
		return errors.Join(err, w.Close())
	}
	return p.write(ctx, w.Workbook, "finance_"+period.Label+".xlsx")
}

// lines writes the reconciled lines that a finance workbook has no room for.
func (p *Publisher) lines(ctx context.Context, w *finance.Workbook) error {
	if w.Beside == "" {
		return nil
	}
	if err := MakeReportDirectory(p.Reports); err != nil {
		return err
	}
	file := filepath.Join(p.Reports, w.Beside)
	if err := finance.WriteLines(ctx, w, file); err != nil {
		return err
	}
	return p.done(file)
}

func (p *Publisher) write(ctx context.Context, w *xlsx.Workbook, name string) (err error) {
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := MakeReportDirectory(p.Reports); err != nil {
		return err
	}
	file := filepath.Join(p.Reports, name)
	if err := p.keepEdited(ctx, file); err != nil {
		return err
	}
	if err := xlsx.Write(w, file); err != nil {
		return err
	}
	if err := p.done(file); err != nil {
		return err
	}
	if len(w.FailedChecks) > 0 { // the workbook shows it in red; the run must not pass for a good one
		return fmt.Errorf("%s: checks failed: %s", name, strings.Join(w.FailedChecks, "; "))
	}
	return nil
}

// done makes a finished file readable for its group: reports are the one output that others than the owner may need.
func (p *Publisher) done(file string) error {
	p.Files = append(p.Files, file)
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

// Package publish writes the files of a night, a month and a closing; what is kept, renewed and set aside.
package publish

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"liverecon/batch/billing/contract"
	"liverecon/report/dispute"
	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/store"
	"liverecon/store/calendar"
)

// Settings decide what reports say, and where they go.
type Settings struct {
	Reports     string // directory
	Zone        *time.Location
	BillingZone *time.Location
	MonthStarts int            // day of the month that billing months begin on
	Clock       calendar.Clock // of risk reports
	Baseline    int            // nights that the findings of one night's risk report are claimed against; 0: 28
	Threshold   float64
	Inclusive   bool
	Keep        []string // columns of the lists that risk workbooks show
	Key         string   // the one that names whose attempt a check is
	Review      risk.Review
	Images      string              // way from the reports to the stored images, "" for none
	Version     string              // of the program
	Contracts   []contract.Contract // that packets of disputes name
	Digest      bool                // write a page for mail beside each workbook of a night
	// Finance returns the options of a finance workbook: prices, and what the period costs by them.
	Finance func(ctx context.Context, s *store.Store, period calendar.Period) (finance.Options, error)
	Warn    func(warning, hint string)
}

// Publisher writes the files of a run or of the verb report, from the database alone.
type Publisher struct {
	Settings
	Store   *store.Store
	Started time.Time
	verdict string // of the run, "" for the verb report
	folder  *folder
}

// New returns the publisher of a database's reports, of a run or a verb that started then.
func New(s Settings, from *store.Store, started time.Time) *Publisher {
	return &Publisher{Settings: s, Store: from, Started: started,
		folder: &folder{dir: s.Reports, store: from, warn: s.Warn}}
}

// Files returns the paths of the files that were written so far.
func (p *Publisher) Files() []string { return p.folder.files }

// billing returns the billing months.
func (p *Publisher) billing() calendar.Months {
	return calendar.Months{Zone: p.BillingZone, Starts: p.MonthStarts}
}

// Night writes all files of a settled run: the night's rejects and risk, and risk and finance of the month to date. A
// run that goes over midnight has answers in two business days, perhaps in two months.
func (p *Publisher) Night(ctx context.Context, told EndedRun) error {
	p.verdict = told.Verdict
	errs := []error{p.Rejects(ctx, told)} // what cannot be written keeps nothing else from being written
	days := nightDays(p.Started, time.Now(), p.Clock, p.Zone)
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
	for _, day := range nightDays(p.Started, now, p.Clock, p.Zone) {
		month := calendar.MonthToDate(day.From, p.Zone)
		bills := p.billing().ToDate(day.To.Add(-time.Millisecond))
		for _, name := range []string{rejectsName(day), "risk_" + day.Label + ".xlsx",
			"risk_" + month.Label + ".xlsx", "finance_" + bills.Label + ".xlsx"} {
			if path := filepath.Join(p.Reports, name); !slices.Contains(files, path) {
				files = append(files, path)
			}
		}
	}
	return files
}

// Dispute writes what a month disputes: its lines first, since the covering sheet bears their hash.
func (p *Publisher) Dispute(ctx context.Context, period calendar.Period) error {
	if err := MakeReportDirectory(p.Reports); err != nil {
		return err
	}
	lines := DisputeLines(p.Reports, period.Label)
	w, err := dispute.Build(ctx, p.Store, dispute.Options{Period: period, Version: p.Version, Contracts: p.Contracts},
		lines)
	if err != nil {
		return err
	}
	if err := p.folder.done(lines); err != nil {
		return fmt.Errorf("dispute %s: %w", period.Label, err)
	}
	return p.folder.write(ctx, w, "dispute_"+period.Label+".xlsx")
}

// DisputeLines returns the file of a month's disputed lines.
func DisputeLines(dir, month string) string { return filepath.Join(dir, "dispute_"+month+".csv") }

// Rejects writes the lists that this run has set aside, and the rows that could not be taken today, by this run or an
// earlier one, if there are any. Those of a run that was interrupted go where it would have written them.
func (p *Publisher) Rejects(ctx context.Context, told EndedRun) error {
	today := calendar.BusinessDay(p.Started, p.Zone)
	rejects := p.rejects(Removal{})
	aside := rejects.contradicting(today) // lists that are set aside are so again
	for _, l := range told.Aside {
		aside = append(aside, l.row())
	}
	days, err := rejects.untoldDays(ctx, told.Untold)
	errs := []error{err}
	for _, day := range days {
		if day.Label == today.Label {
			continue
		}
		errs = append(errs, rejects.again(ctx, day))
	}
	return errors.Join(append(errs, rejects.write(ctx, today, aside))...)
}

// WriteKept writes the workbook that is kept for a closed month, and reports whether there is one.
func (p *Publisher) WriteKept(ctx context.Context, kind string, period calendar.Period) (bool, error) {
	return p.folder.writeKept(ctx, kind, period)
}

// rejects returns what writes the rejects, without what is being taken out.
func (p *Publisher) rejects(without Removal) *rejects {
	return &rejects{store: p.Store, folder: p.folder, zone: p.Zone, without: without}
}

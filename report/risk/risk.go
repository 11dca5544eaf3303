// Package risk makes the risk workbook: what analysts read about scores and attacks.
package risk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// Options say what a risk workbook is about. Threshold is a score, 0..100; a check scored below it is suspicious, and
// one scored exactly on it unless Inclusive lets it pass.
type Options struct {
	Period    calendar.Period
	Compare   calendar.Period // to compare with; the zero Period stands for the one before, of equal length
	Clock     store.Clock     // which of its times a check belongs to the period by; the zero Clock is that of its answer
	Threshold float64
	Inclusive bool
	MinimumN  int64     // scored checks a region needs before its rate is read; 0 stands for 30
	Version   string    // of this program
	Images    string    // the directory of stored images as links from the workbook's own reach it, with slashes; "": no links
	Verdict   string    // the run's verdict, when a run makes the report: the workbook's first cell
	NoDetail  bool      // leave out the list of every check
	Generated time.Time // the time the file bears; zero stands for that of the newest fact in the period
}

const defaultMinimum = 30

// Workbook is a risk workbook and what it was made from.
type Workbook struct {
	*xlsx.Workbook
	risk *risk
}

// Build makes the risk workbook of a period from the database alone. Close the workbook when it was written.
func Build(ctx context.Context, s *store.Store, o Options) (*Workbook, error) {
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("risk report %s: %w", o.Period.Label, err)
	}
	snap.Clock = o.Clock
	r, err := takeRisk(ctx, snap, o)
	if err != nil {
		return nil, fmt.Errorf("risk report %s: %w", o.Period.Label, page.JoinClose(err, snap))
	}
	return &Workbook{r.workbook(ctx), r}, nil
}

// risk is everything the sheets of a risk workbook are made from.
type risk struct {
	Options
	rule      rule
	snap      *store.Snapshot
	now       *survey
	before    *survey
	trend     *trend
	drifts    []drift
	listing           // of the period
	past      listing // of the one compared with
	count     store.AnswerCount
	queue     queue
	novelties []store.Novelty
	suspects  int64    // IDs of the period that may hold another's answer
	gaps      []string // checks that do not tie, with those that do not have to
	lists     []store.ListRegion
	runs      []store.RunSpan
	first     store.RunSpan // the database's
	places    places
	book      *xlsx.Workbook
}

// places are cells that other sheets refer to.
type places struct {
	regions, kinds, rates, bands, zoom, listed, chain, split, days, drift, threshold *page.Table
	queue                                                                            []xlsx.Area // open, then each decision's count
}

func takeRisk(ctx context.Context, snap *store.Snapshot, o Options) (*risk, error) {
	if o.MinimumN == 0 {
		o.MinimumN = defaultMinimum
	}
	if o.Compare == (calendar.Period{}) {
		o.Compare = o.Period.Previous()
	}
	r := &risk{Options: o, rule: rule{o.Threshold, o.Inclusive}, snap: snap}
	var err error
	r.now, r.before, r.trend = newSurvey(), newSurvey(), newTrend(o.Period)
	if err = scan(ctx, snap, append(r.trend.sinks(r.rule), r.now.sink(o.Period, r.rule), r.before.sink(o.Compare, r.rule))...); err != nil {
		return nil, err
	}
	r.now.sort(o.MinimumN)
	r.before.sort(o.MinimumN)
	if err = r.trend.finish(ctx, snap); err != nil {
		return nil, err
	}
	if err = r.takeCoverage(ctx); err != nil {
		return nil, err
	}
	if r.drifts, err = r.takeDrifts(); err != nil {
		return nil, err
	}
	if r.count, err = snap.AnswerCount(ctx, o.Period.From, o.Period.To, o.Threshold, o.Inclusive); err != nil {
		return nil, err
	}
	if err = r.takeQueue(ctx); err != nil {
		return nil, err
	}
	if err = r.takeNovelties(ctx); err != nil {
		return nil, err
	}
	if err = r.takeSuspects(ctx); err != nil {
		return nil, err
	}
	if r.lists, err = snap.ListRegions(ctx, o.Period.From, listed(o.Period, o.Clock).To); err != nil {
		return nil, err
	}
	if r.first, r.runs, err = snap.Runs(ctx, o.Period.From, o.Period.To); err != nil {
		return nil, err
	}
	r.Generated, err = page.Generated(ctx, snap, o.Period, o.Generated)
	return r, err
}

// reach says of a period that goes on after the newest fact, as a month to date does, where the facts end.
func (r *risk) reach() string {
	days := r.Period.Days()
	if len(days) < 2 || r.now.all.answered == 0 || !r.Generated.Before(days[len(days)-1].From) {
		return ""
	}
	return ", none after " + r.Generated.In(r.Period.Zone).Format(time.DateOnly)
}

// dated says what happened to a check in its period.
func (r *risk) dated() string {
	if r.Clock == store.ByCapture {
		return "captured"
	}
	return "answered"
}

func (r *risk) origin() xlsx.Origin {
	return xlsx.Origin{Kind: "risk", Label: r.Period.Label, From: r.Period.From, To: r.Period.To, Compare: r.Compare.Label, CompareAt: r.Compare.From, CompareTo: r.Compare.To,
		NoDetail: r.NoDetail, Version: r.Version, Verdict: r.Verdict, Generated: r.Generated}
}

// workbook builds the sheets. Summary stands first but is written last: it refers to the others.
func (r *risk) workbook(ctx context.Context) *xlsx.Workbook {
	r.book = &xlsx.Workbook{Title: "Liveness risk report · " + r.Period.Label, Subject: "Liveness scores and attack types by region, " + r.Period.Describe(),
		Generator: strings.TrimSpace(xlsx.GeneratorName + " " + r.Version), Created: r.Generated, Origin: r.origin(), Source: r.snap}
	summary := page.New(r.book, "Summary", page.RiskTitle+r.Period.Label, fmt.Sprintf("Checks %s %s%s · suspicious means %s · a check is one ID, counted by its standing answer",
		r.dated(), r.Period.Describe(), r.reach(), r.rule.words()), summaryWidths()...)
	r.attackTypes()
	r.scoreDistribution()
	r.dailyTrend()
	r.driftSheet()
	r.thresholdSheet()
	r.coverageSheet()
	r.queueSheets(ctx)
	if !r.NoDetail {
		r.detailSheets(ctx)
	}
	checks := r.definitions()
	r.book.Untied, r.gaps = checks.Broken(), checks.Untied()
	r.summary(summary, checks)
	return r.book
}

// regionsCovered are the regions that have answers, in the survey's order, then those that only have listed IDs.
func (r *risk) regionsCovered() []*tally {
	regions := append([]*tally(nil), r.now.regions...)
	known := map[string]bool{}
	for _, t := range regions {
		known[t.region] = true
	}
	for _, name := range page.SortedKeys(r.coverage) {
		if !known[name] {
			regions = append(regions, newTally(name))
		}
	}
	return regions
}

// earlier is the same region in the period before; a region that had no answers then has an empty tally.
func (r *risk) earlier(region string) *tally {
	if t := r.before.known[region]; t != nil {
		return t
	}
	return newTally(region)
}

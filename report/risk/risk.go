// Package risk makes the risk workbook: what analysts read about scores and attacks.
package risk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/risk/reviewed"
	"liverecon/report/risk/sources"
	"liverecon/report/risk/threshold"
	"liverecon/report/risk/truth"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Options describes what a risk workbook is about. Threshold is a score, 0..100; a check scored below it is suspicious,
// and one scored exactly on it unless Inclusive lets it pass.
type Options struct {
	Period    calendar.Period
	Compare   calendar.Period // to compare with; the zero Period stands for the one before, of equal length
	Baseline  int             // nights that one night's findings are claimed against: 28, or 84; 0 stands for 28
	Clock     calendar.Clock  // by which of its times a check belongs to the period; zero stands for that of its answer
	Threshold float64
	Inclusive bool
	MinimumN  int64    // scored checks a region needs before its rate is read; 0 stands for 30
	Version   string   // of this program
	Images    string   // directory of stored images, seen from the workbook's own, with slashes; "": no links
	Verdict   string   // the run's verdict, when a run makes the report: the workbook's first cell
	NoDetail  bool     // leave out the list of every check
	Keep      []string // columns of the lists that the workbook shows
	Key       string   // column of the lists that names whose attempt a check is; "" for none
	Review    Review
	Generated time.Time // the time the file bears; zero stands for that of the newest fact in the period
}

// Review describes what reviewing costs. What is 0 nobody has said.
type Review struct {
	Minutes  float64 // a check takes
	Cost     float64 // of an hour of a reviewer
	Currency string
	Hours    float64 // of reviewers a day
}

const defaultMinimum = 30

// Workbook represents a risk workbook and what it was made from.
type Workbook struct {
	*xlsx.Workbook
	data   *Data
	refs   sheetRefs
	checks *page.Checks
}

// Build makes the risk workbook of a period from the database alone. Close the workbook when it was written.
func Build(ctx context.Context, s *store.Store, o Options) (*Workbook, error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("risk report %s: %w", o.Period.Label, err)
	}
	d, err := Load(ctx, snap, o)
	if err != nil {
		return nil, fmt.Errorf("risk report %s: %w", o.Period.Label, page.JoinClose(err, snap))
	}
	w := write(ctx, d)
	d.lists, d.listed.lists = nil, nil // no sheet needs them any more, and there may be very many
	return w, nil
}

// sheetRefs holds the tables that the checks and the summary refer to. Detail is nil in a workbook without it.
type sheetRefs struct {
	attacks  attackRefs
	scores   scoreRefs
	trend    trendRefs
	drift    driftRefs
	coverage coverageRefs
	queue    queueRefs
	detail   listRefs
}

// write makes the sheets, each after those it refers to. The summary comes first in the file and is written last.
func write(ctx context.Context, d *Data) *Workbook {
	book := newBook(d)
	summary := newSummary(book, d)
	attacks := writeAttacks(book, d)
	scores := writeScores(book, d)
	trend := writeTrend(book, d)
	drift := writeDrift(book, d, attacks)
	threshold.Write(book, &threshold.Figures{Now: d.now, Rule: d.rule(), Dated: d.dated(), Period: d.Period,
		Minutes: d.Review.Minutes, Cost: d.Review.Cost, Currency: d.Review.Currency, Available: d.Review.Hours,
		Labelled: int64(len(d.labels))})
	sources.Write(book, d.sources)
	reviewed.Write(book, &reviewed.Figures{Now: d.now, Decisions: slices.Collect(maps.Values(d.queue.current)),
		Nights: d.trend.suspicious(), Period: d.Period, Minimum: d.MinimumN, Minutes: d.Review.Minutes})
	truth.Write(book, &truth.Figures{Labels: d.labels, Decisions: d.queue.current, Rule: d.rule(), Period: d.Period,
		Minimum: d.MinimumN})
	coverage := writeCoverage(book, d, attacks)
	queue := writeQueue(ctx, book, d)
	var detail listRefs
	if !d.NoDetail {
		detail = writeDetailSheets(ctx, book, d)
	}
	refs := sheetRefs{attacks, scores, trend, drift, coverage, queue, detail}
	checks := writeDefinitions(book, d, refs)
	book.FailedChecks = checks.Broken()
	writeSummary(summary, d, refs, checks)
	return &Workbook{book, d, refs, checks}
}

func newBook(d *Data) *xlsx.Workbook {
	return &xlsx.Workbook{
		Title:     "Liveness risk report · " + d.Period.Label,
		Subject:   "Liveness scores and attack types by region, " + d.Period.Describe(),
		Generator: strings.TrimSpace(xlsx.GeneratorName + " " + d.Version),
		Created:   d.Generated,
		Origin: xlsx.Origin{
			Kind: "risk", Label: d.Period.Label, From: d.Period.From, To: d.Period.To,
			Compare: d.Compare.Label, CompareAt: d.Compare.From, CompareTo: d.Compare.To,
			NoDetail: d.NoDetail, Version: d.Version, Verdict: d.Verdict, Generated: d.Generated,
		},
		Source: d.snap,
	}
}

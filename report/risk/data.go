package risk

import (
	"context"
	"fmt"
	"time"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/risk/sources"
	"liverecon/report/risk/survey"
	"liverecon/store/calendar"
	"liverecon/store/decisions"
	"liverecon/store/rollup"
	"liverecon/store/snapshot"
)

// Data holds the figures and records of a risk workbook. Load reads them; nothing changes them afterwards.
type Data struct {
	Options // with their defaults filled in
	comparison
	claims     *claims.Claims
	trend      *trend
	drifts     drifts
	queue      queue
	labels     []decisions.Labelled // ground truth
	lists      lists
	apiChanges apiChanges
	sources    *sources.Sources
	suspects   int64                // IDs of the period that may hold another's answer
	count      snapshot.AnswerCount // the database's own, to check the sheets against
	first      snapshot.RunSpan     // the database's
	runs       []snapshot.RunSpan   // of the period
	snap       *snapshot.Snapshot   // gives the rows of the long lists, which are not kept in memory
}

// Load reads what a risk workbook says about a period, by the options' clock.
func Load(ctx context.Context, snap *snapshot.Snapshot, o Options) (*Data, error) {
	if o.MinimumN == 0 {
		o.MinimumN = defaultMinimum
	}
	snap.Clock = o.Clock
	d := &Data{Options: o, snap: snap, claims: claims.New(o.Period, o.Compare, o.Baseline)}
	if err := d.standBeside(ctx); err != nil {
		return nil, err
	}
	if err := d.loadScores(ctx); err != nil {
		return nil, err
	}
	if err := d.loadRecords(ctx); err != nil {
		return nil, err
	}
	var err error
	d.Generated, err = page.Generated(ctx, snap, o.Period, o.Generated)
	return d, err
}

// standBeside chooses the period that figures stand beside, unless one was asked for: while there were too few nights
// for that of one night, the night before.
func (d *Data) standBeside(ctx context.Context) error {
	if d.Compare != (calendar.Period{}) {
		return nil
	}
	d.Compare = claims.Beside(d.Period, d.Baseline)
	_, runs, err := d.snap.Runs(ctx, d.Compare.From, d.Compare.To)
	nights := map[time.Time]bool{}
	for _, r := range runs {
		nights[calendar.BusinessDay(r.StartedAt, d.Period.Zone).From] = true
	}
	if len(nights) < findings.MinimumNights {
		d.Compare = d.Period.Previous()
	}
	return err
}

// loadScores reads the answers of both periods and of the days of the trend, what became of the listed IDs, and
// measures what changed.
func (d *Data) loadScores(ctx context.Context) (err error) {
	now, before, days := survey.New(), survey.New(), newTrend(d.Period)
	sinks := []survey.Sink{days.sink(d.rule()), now.Sink(d.Period, d.rule()), before.Sink(d.Compare, d.rule())}
	for _, p := range d.claims.Periods() {
		count := func(s *rollup.Scores) { d.claims.Count(s, d.rule().Passes) }
		sinks = append(sinks, survey.Sink{Period: p, Add: count})
	}
	if err = survey.Scan(ctx, d.snap, sinks...); err != nil {
		return err
	}
	now.Sort(d.MinimumN)
	before.Sort(d.MinimumN)
	if err = days.finish(ctx, d.snap); err != nil {
		return err
	}
	d.trend = days
	d.comparison = comparison{now: now, before: before, minimum: d.MinimumN}
	if d.listed, err = loadListing(ctx, d.snap, d.Period, now); err != nil {
		return err
	}
	if d.past, err = loadListing(ctx, d.snap, d.Compare, before); err != nil {
		return err
	}
	if err = d.ask(ctx); err != nil {
		return err
	}
	d.trend.limit(d.claims)
	d.drifts, err = measureDrifts(d.comparison)
	return err
}

// ask asks for the findings, which nights of vendor trouble in the baseline take no part in.
func (d *Data) ask(ctx context.Context) error {
	days := make([]trendDay, len(d.claims.Baseline().Days()))
	if err := addTrouble(ctx, d.snap, d.claims.Baseline(), days); err != nil {
		return err
	}
	for i := range days {
		if days[i].troubled() {
			d.claims.MarkTrouble(i)
		}
	}
	var err error
	if d.sources, err = sources.Load(ctx, d.snap, sources.Question{Period: d.Period, Compare: d.Compare, Keep: d.Keep,
		Key: d.Key, Threshold: d.Threshold, Inclusive: d.Inclusive, Now: d.now.All.Answered,
		Before: d.before.All.Answered, Minimum: d.MinimumN}); err != nil {
		return err
	}
	d.claims.Hours = d.sources.Hours
	d.claims.Sources = d.sources.Candidates
	err = d.claims.Ask(ctx, d.snap.Lists(), d.Threshold, d.Inclusive,
		func(region string) (now, before findings.Missing) {
			listed, past := d.listed.of(region), d.past.of(region)
			return findings.Missing{IDs: listed.uncounted(), Listed: listed.listed()},
				findings.Missing{IDs: past.uncounted(), Listed: past.listed()}
		})
	if err == nil {
		d.sources.Claim(d.claims)
	}
	return err
}

// loadRecords reads what else the period has: decisions, runs, lists, and what the vendor changed.
func (d *Data) loadRecords(ctx context.Context) (err error) {
	from, to := d.Period.From, d.Period.To
	if d.count, err = d.snap.Scores().Count(ctx, from, to, d.Threshold, d.Inclusive); err != nil {
		return err
	}
	if d.queue, err = loadQueue(ctx, d.snap, d); err != nil {
		return err
	}
	if d.labels, err = d.snap.Decisions().Labels(ctx, from, to); err != nil {
		return err
	}
	if d.apiChanges, err = d.snap.Answers().APIChanges(ctx, from, to); err != nil {
		return err
	}
	if d.suspects, err = d.snap.Answers().CountSuspect(ctx, from, to); err != nil {
		return err
	}
	if d.lists, err = d.snap.Lists().Regions(ctx, from, listPeriod(d.Period, d.Clock).To); err != nil {
		return err
	}
	d.first, d.runs, err = d.snap.Runs(ctx, from, to)
	return err
}

// claiming reports whether the first page has findings, or says that there are none.
func (d *Data) claiming() bool { return d.now.All.Scored() >= d.MinimumN && d.claims.Compared() }

// subtitle describes what the first page measures.
func (d *Data) subtitle() string {
	return fmt.Sprintf("Checks %s %s%s · suspicious means %s · a check is one ID, counted by its standing answer",
		d.dated(), d.Period.Describe(), d.reach(d.now.All.Answered), d.rule().Words())
}

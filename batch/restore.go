package batch

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"liverecon/batch/list"
	"liverecon/batch/prospect"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/held"
	"liverecon/store/record"
)

// Restoring describes how much an older copy of the database may lack.
type Restoring struct {
	By          string
	Lag         time.Duration // of work, at most
	Calls       int64         // of all endpoints together, at most; -1: not known
	Known       int64         // of them at least, as a record knows
	Slack       time.Duration // of work that Calls may leave out
	Runs        int64         // that may have made them, that of the copy included; 0: not known
	Again       bool          // between these runs an older copy was taken into use, ...
	Ahead       int64         // and so many IDs more than calls may they have gone on by
	From        time.Time     // what was lost was sent from here ...
	Until       time.Time     // ... to here
	ListsBefore time.Time     // lists whose content is from before may have been read
	NewerHere   bool          // lists of later that are here were not; else all that are here may have been read
	AllLists    bool          // any list may have been
	Records     record.Paths
}

// Restored holds what a restoration holds, or would.
type Restored struct {
	RunID   int64             // 0: it was not made
	Held    []store.HeldRoute // of the IDs in the copy
	Lists   []store.List      // read now, for what the lost hours may have read
	Listed  []held.IDs        // new with these lists
	Aside   []*list.Error     // lists that could not be read
	Missing int64             // lists that the records know of, and that are neither in the copy nor here
	Dropped int64             // settled IDs that somebody had wanted asked once more: they are left as they are
	Total   usage.HeldIDs     // Held and Listed
	Lost    usage.LostCalls   // those that a record knows of beyond Total
	Verdict string
}

// asker represents an endpoint as it may have been when calls were lost: what it asked for, and how fast.
type asker struct {
	rate        float64 // calls a second
	concurrency int
	routes      []store.Route
}

// most bounds what one endpoint can have been asked for: where a record knows how many calls are lost, that many,
// whatever its rate. At the copy's moment up to concurrency IDs were on their way from the queue to their commits, and
// as many tried meanwhile; and each run begins with the first of its regions again.
func (r *Restoring) most(a asker) int64 {
	n := int64(math.Ceil(a.rate * math.Ceil(r.Lag.Seconds()))) // so many fit into as many whole seconds
	if n = max(n, r.Known); r.Calls >= 0 {
		n = r.Calls + int64(math.Ceil(a.rate*r.Slack.Seconds()))
	}
	if n == 0 {
		return 0
	}
	return n + r.Ahead + int64(2*a.concurrency) + r.runs()*int64(len(a.routes))
}

// MostCalls returns how many calls all endpoints that something is open for can have made in what was lost.
func (r *Restoring) MostCalls(ctx context.Context, job *Job) (most int64, err error) {
	lacking, err := lacks(ctx, job)
	if err != nil {
		return 0, err
	}
	askers, err := askersOf(ctx, job, lacking)
	for _, a := range askers {
		most += r.most(a)
	}
	return most, err
}

// askersOf returns the endpoints that may have made the lost calls: those of the configuration with what is open for
// them now, and those of the copy with what was open for them then. Of an endpoint that is not configured, or asks for
// other places now, nobody knows more than what the copy's calls show. None is slower than they show, whatever is
// configured.
func askersOf(ctx context.Context, job *Job, lacking store.Lacking) ([]asker, error) {
	open, err := job.Store.Checks().Backlog(ctx)
	if err != nil {
		return nil, err
	}
	routes, err := job.Store.Restorations().AbsentRoutes(ctx, lacking)
	if err != nil {
		return nil, err
	}
	for _, b := range open {
		routes = append(routes, store.Route{Endpoint: b.Endpoint, Region: b.Region})
	}
	routes = uniqueRoutes(routes)
	shown, err := job.Store.Endpoints().Paces(ctx)
	if err != nil {
		return nil, err
	}
	then, fastest := map[string]*asker{}, asker{}
	for _, p := range routes {
		if then[p.Endpoint] == nil {
			then[p.Endpoint] = &asker{}
		}
		then[p.Endpoint].routes = append(then[p.Endpoint].routes, p)
	}
	for _, pace := range shown {
		fastest.atLeast(pace)
	}
	var all []asker
	for _, l := range job.Endpoints {
		now := asker{rate: l.Rate, concurrency: l.Concurrency}
		for _, p := range routes {
			if asks(job, l, p.Endpoint, p.Region) {
				now.routes = append(now.routes, p)
				now.atLeast(shown[p.Endpoint])
			}
		}
		now.atLeast(shown[l.name()])
		fastest.atLeast(store.Pace{Rate: now.rate, InFlight: now.concurrency})
		if was := then[l.name()]; was != nil {
			if was.rate, was.concurrency = now.rate, now.concurrency; slices.Equal(was.routes, now.routes) {
				delete(then, l.name())
			}
		}
		all = append(all, now)
	}
	for _, endpoint := range slices.Sorted(maps.Keys(then)) {
		was := *then[endpoint]
		if was.rate == 0 {
			was.rate, was.concurrency = fastest.rate, fastest.concurrency
		}
		all = append(all, was)
	}
	return all, nil
}

// atLeast makes an asker no slower than what was seen.
func (a *asker) atLeast(p store.Pace) {
	a.rate, a.concurrency = max(a.rate, p.Rate), max(a.concurrency, p.InFlight)
}

// runs returns how many runs may have made the calls, several a day where it is not known.
func (r *Restoring) runs() int64 {
	if r.Runs > 0 {
		return r.Runs
	}
	return 4 * (2 + int64(r.Until.Sub(r.From)/(24*time.Hour)))
}

// lost describes which IDs each endpoint may have been asked for.
func (r *Restoring) lost(ctx context.Context, job *Job, lacking store.Lacking) ([]store.Lost, error) {
	askers, err := askersOf(ctx, job, lacking)
	if err != nil {
		return nil, err
	}
	begun := r.From
	if !lacking.Begun.IsZero() && lacking.Begun.Before(begun) {
		begun = lacking.Begun
	}
	var all []store.Lost
	for _, a := range askers {
		one := store.Lost{Routes: a.routes, Pending: r.most(a), FirstTurn: prospect.DrawTurn(begun),
			LastTurn:      prospect.DrawTurn(r.Until),
			NoScoreBefore: r.Until.Add(-noScoreRest)}
		one.Sampled = prospect.SamplesAmong(one.Pending)
		if r.Again { // the later runs drew behind what was held for the earlier ones
			one.Sampled = min(one.Pending, one.Sampled*max(1, r.Runs))
		}
		if job.Policy.withDefaults().RepeatInDoubt != RepeatHold {
			one.Repeats = one.Pending
		}
		if one.Nights = job.RecheckNotFoundNights; one.Nights > 0 {
			one.Rechecks = one.Pending
		}
		all = append(all, one)
	}
	return all, nil
}

// lacks looks at what the copy was made in the middle of. A night that was not counted then is judged by its answers so
// far.
func lacks(ctx context.Context, job *Job) (store.Lacking, error) {
	runID, err := job.Store.Endpoints().UncountedRun(ctx)
	if err != nil {
		return store.Lacking{}, err
	}
	nights, err := job.Store.Endpoints().CountNights(ctx, runID)
	if err != nil {
		return store.Lacking{}, err
	}
	var untold []store.EndpointNight
	for _, n := range nights {
		p, _, err := readProspect(ctx, job, n.Endpoint, runID)
		if err != nil {
			return store.Lacking{}, err
		}
		if finding := findingOf(job, p, n, nil); finding == store.Nobody || finding == store.Ordinary && n.Found == 0 {
			untold = append(untold, n)
		}
	}
	return job.Store.Restorations().Lacks(ctx, untold)
}

// asks reports that an endpoint asks for the open IDs of a region that were listed for an endpoint.
func asks(job *Job, l Endpoint, endpoint, region string) bool {
	to, ok := job.Routes[region]
	if !ok {
		to, ok = job.Routes["*"]
	}
	if !ok {
		to = endpoint
	}
	return to == l.name()
}

func uniqueRoutes(routes []store.Route) []store.Route {
	var all []store.Route
	for _, p := range routes {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// PreviewRestore describes what Restore would hold. It writes nothing; job.Store is opened for reading.
func PreviewRestore(ctx context.Context, job *Job, r *Restoring) (*Restored, error) {
	lacking, err := lacks(ctx, job)
	if err != nil {
		return nil, err
	}
	lost, err := r.lost(ctx, job, lacking)
	if err != nil {
		return nil, err
	}
	var done Restored
	if done.Held, err = job.Store.Restorations().Losable(ctx, lost, lacking); err != nil {
		return nil, err
	}
	if done.Dropped, err = job.Store.Checks().AskedAgain(ctx); err != nil {
		return nil, err
	}
	if err := done.preview(ctx, job, r); err != nil {
		return nil, err
	}
	return &done, done.count(ctx, job, r)
}

// restoration describes the restoration as it is kept: times up to the end of a millisecond.
func (r *Restoring) restoration() store.Restoration {
	return store.Restoration{By: r.By, LostFrom: r.From, LostUntil: r.Until, Lag: r.Lag, AllLists: r.AllLists,
		ListsBefore: r.ListsBefore.Add(time.Millisecond - 1).Truncate(time.Millisecond), Calls: r.Known, Runs: -1}
}

// here makes a rule one about the lists that are here now: what it does not hold is left for the next run.
func (r *Restoring) here(rule held.Rule) held.Rule {
	rule.Only, rule.All = true, rule.All || !r.NewerHere
	return rule
}

// preview reads lists, and throws away what they brought.
func (d *Restored) preview(ctx context.Context, job *Job, r *Restoring) error {
	rule, err := job.Store.Restorations().RuleAfter(ctx, r.restoration(), r.Records)
	if err != nil {
		return err
	}
	look, err := store.OpenPreview(ctx, job.Store)
	if err != nil {
		return err
	}
	in, err := previewLists(ctx, job, look, r.here(rule))
	if err == nil {
		d.took(in, rule)
		d.Listed, err = look.Held(ctx)
	}
	return errors.Join(err, look.Close())
}

// took counts what the lists brought.
func (d *Restored) took(in Intake, rule held.Rule) {
	d.Lists, d.Aside, d.Missing = in.Read, in.Aside, rule.Contents.Gone(in.Here)
}

// Restore makes an older copy of the database go on without asking for anything twice: it holds what may have been
// asked since the copy was made, and reads the lists that may have been read since, holding what is new with them. The
// database's lock is the caller's. Cut short, it may be done again; what a run finds after it is held by the same
// rules.
func Restore(ctx context.Context, job *Job, r *Restoring) (done *Restored, err error) {
	lacking, err := lacks(ctx, job)
	if err != nil {
		return nil, err
	}
	// before calls without an outcome get one: what ended them is no vendor's pace
	lost, err := r.lost(ctx, job, lacking)
	if err != nil {
		return nil, err
	}
	runID, err := begin(ctx, job)
	if err != nil {
		return nil, err
	}
	done = &Restored{RunID: runID}
	defer func() {
		if err != nil {
			err = errors.Join(err, job.Store.Runs().Close(context.WithoutCancel(ctx), runID, ExitFailed,
				"FAILED: restored: "+err.Error(), err))
			return
		}
		err = job.Store.Runs().CloseRestoring(ctx, runID, done.Verdict)
	}()
	kept := r.restoration()
	kept.RunID, kept.At = runID, time.Now()
	if r.Calls >= 0 && r.Slack == 0 {
		kept.Runs = r.Runs
	}
	if _, done.Held, done.Dropped, err = job.Store.Restorations().Restore(ctx, kept, lost, lacking,
		r.Records); err != nil {
		return nil, err
	}
	if err := done.readLists(ctx, job, r); err != nil {
		return nil, err
	}
	if err := done.count(ctx, job, r); err != nil {
		return nil, err
	}
	done.Verdict = done.sentence()
	return done, nil
}

// readLists reads the lists that may have been read. One that cannot be read, or not to its end, is known by its name
// when it can.
func (d *Restored) readLists(ctx context.Context, job *Job, r *Restoring) error {
	rule, err := job.Store.Lists().Rule(ctx)
	if err != nil {
		return err
	}
	before, err := job.Store.Checks().Held(ctx)
	if err != nil {
		return err
	}
	in, err := readLists(ctx, job, d.RunID, r.here(rule))
	if err == nil {
		err = job.Store.Lists().Doubt(ctx, in.Doubtful)
	}
	if err != nil {
		return err
	}
	d.took(in, rule)
	after, err := job.Store.Checks().Held(ctx)
	d.Listed = held.Grown(before, after)
	return err
}

// count adds up what the IDs, and the lost calls that they do not stand for, cost if each was paid for once.
func (d *Restored) count(ctx context.Context, job *Job, r *Restoring) error {
	now := time.Now()
	spent, err := usage.Read(ctx, job.Store, job.Prices, job.BillingZone, now)
	if err != nil {
		return err
	}
	all := slices.Clone(d.Listed)
	for _, h := range d.Held {
		all = append(all, held.IDs{Endpoint: h.Endpoint, Region: h.Region, Checks: h.Checks})
	}
	d.Total = spent.HeldOf(all, job.Caps, now)
	if more := r.Known - d.Total.IDs; more > 0 {
		d.Lost = usage.LostOf(job.Prices, more, r.Until)
	}
	return nil
}

// sentence returns the verdict of the restoration's row among the runs.
func (d *Restored) sentence() string {
	if d.Total.IDs+d.Lost.Calls == 0 {
		return "RESTORED: none of the IDs that may have been asked is open here, and none is held; nobody was asked"
	}
	return "RESTORED: " + commaed([]string{d.Total.Clause(), d.Lost.Clause()}) + "; nobody was asked"
}

package batch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch/liveness"
	"liverecon/store"
)

// An endpoint that knows hardly anybody has the wrong keys, account or environment: that is rather so than that a
// night's IDs do not exist. What it says of them is not believed.
const (
	tellingAnswers = 20  // answers from which on the share of absent IDs tells
	absentAlways   = 0.9 // a share above it is nobody's in any case
	absentAtLeast  = 0.5 // one above it is, too, when it is absentTimes the highest of the last nights
	absentTimes    = 3
	tellingNights  = 28 // so many nights back that is looked for

	// Strays come together: absent IDs are taken to be at least as frequent as this where a few of them in a row are
	// weighed, and are unusual when that many are less likely than this: six, at an endpoint that knows nearly all
	// others.
	straysAtLeast = 0.1
	unusual       = 1.0 / 500_000

	unlikely = 0.001 // that chance alone makes as few known as are, where a person believed that few are
)

// prospect is what an endpoint's last nights let expect of the next.
type prospect struct {
	highest float64           // share of absent IDs in one night; -1 when no night tells
	nobody  bool              // in the last one nobody was found
	absent  store.Unconfirmed // since an ID was found

	believed float64 // share of absent IDs in nights that a person believed, and no later one speaks against; -1: none
	// Answers of the nights up to the last one that found an ID.
	known, unknown int64
}

// readProspect looks at what is kept of an endpoint before a run.
func readProspect(
	ctx context.Context, job *Job, endpoint string, runID int64,
) (prospect, []store.EndpointNight, error) {
	nights, err := job.Store.Endpoints().NightsBefore(ctx, endpoint, runID, tellingNights)
	p := prospectOf(nights)
	if err == nil {
		p.absent, err = job.Store.Endpoints().UnconfirmedBefore(ctx, endpoint, runID)
	}
	return p, nights, err
}

// prospectOf looks at nights, the newest first. What a person believed of one holds until one comes with less than a
// third of its absent IDs.
func prospectOf(nights []store.EndpointNight) prospect {
	p := prospect{highest: -1, believed: -1, nobody: len(nights) > 0 && nights[0].Finding == store.Nobody}
	lowest, believed := 1.0, store.EndpointNight{}
	for _, n := range nights {
		share, tells := n.Share(), n.Found+n.Absent >= tellingAnswers
		switch {
		case n.Finding == store.Ordinary && tells:
			p.highest, lowest = max(p.highest, share), min(lowest, share)
		case n.Finding == store.Believed && tells && share <= absentTimes*lowest:
			believed.Found, believed.Absent = believed.Found+n.Found, believed.Absent+n.Absent
			p.believed = believed.Share()
		}
		if n.Finding == store.Ordinary && p.known+n.Found > 0 {
			p.known, p.unknown = p.known+n.Found, p.unknown+n.Absent
		}
	}
	return p
}

// with adds to a night in which nobody was found, so far, the few IDs of the nights right before it in which it was the
// same.
func (p prospect) with(found, absent int64) int64 {
	if found == 0 && absent > 0 {
		return absent + p.absent.IDs
	}
	return absent
}

// nobodyKnown reports whether answers show that an endpoint knows nobody, or so few that it is not believed.
func (p prospect) nobodyKnown(found, absent int64) bool {
	return p.tooFew(found, absent) && !p.asBelieved(found, absent)
}

// tooFew reports whether the share of absent IDs is what no good night has: of a night, or of several small ones
// together. After a night in which nobody was known a single answer tells.
func (p prospect) tooFew(found, absent int64) bool {
	absent = p.with(found, absent)
	answers := found + absent
	if absent == 0 || answers < tellingAnswers && !p.nobody {
		return false
	}
	share := float64(absent) / float64(answers)
	return share > absentAlways || p.highest >= 0 && share > absentTimes*p.highest && share > absentAtLeast
}

// asBelieved reports whether answers are like those of a night that a person believed: at least a third of the IDs that
// it lets expect are known, or so few answers are there that this is chance.
func (p prospect) asBelieved(found, absent int64) bool {
	absent = p.with(found, absent)
	answers := found + absent
	if p.believed < 0 || answers == 0 {
		return false
	}
	expected := (1 - p.believed) * float64(answers)
	return float64(absentTimes*found) >= expected || atMost(found, answers, 1-p.believed) >= unlikely
}

// atMost is the chance of at most k successes in n tries, each with chance p.
func atMost(k, n int64, p float64) (sum float64) {
	lnN, _ := math.Lgamma(float64(n + 1))
	for i := range k + 1 {
		lnI, _ := math.Lgamma(float64(i + 1))
		lnRest, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(lnN - lnI - lnRest + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// usual reports whether it is nothing to wonder at that a night, with those right before it, found nobody: few were
// looked for, and the nights before let expect it.
func (p prospect) usual(found, absent int64) bool {
	if p.asBelieved(found, absent) {
		return true
	}
	before := p.known + p.unknown
	if found > 0 || before < tellingAnswers {
		return false
	}
	share := max(straysAtLeast, float64(p.unknown+1)/float64(before+2))
	return math.Pow(share, float64(p.with(found, absent))) >= unusual
}

// sentence says it, and where to look.
func (p prospect) sentence(endpoint string, found, absent int64) string {
	all := p.with(found, absent)
	in := ""
	if all > absent {
		in = fmt.Sprintf(" in %d nights", p.absent.Nights+1)
	}
	before := ""
	if p.highest >= 0 {
		before = fmt.Sprintf("at least %.3g %% in earlier nights; ", 100*(1-p.highest))
	}
	return fmt.Sprintf("%s knows %s of %s IDs%s (%sare its keys, account and environment right?)",
		endpoint, humanize.Comma(found), humanize.Comma(found+all), in, before)
}

// untold says that nobody was found, and too few were looked for to tell why, or why few are believed; "" where neither
// is so.
func (p prospect) untold(n store.EndpointNight) string {
	switch {
	case n.Finding == store.Believed && !n.Confirmed:
		return fmt.Sprintf("%s knows %s of %s IDs, as was believed of an earlier night", n.Endpoint,
			humanize.Comma(n.Found), humanize.Comma(n.Found+n.Absent))
	case n.Found > 0 || n.Absent == 0 || n.Finding != store.Ordinary || n.Usual:
		return ""
	}
	all := p.with(n.Found, n.Absent)
	if all == 1 {
		return n.Endpoint + " does not know its last ID, too few to tell why"
	}
	return fmt.Sprintf("%s knows none of its last %s IDs, too few to tell why", n.Endpoint, humanize.Comma(all))
}

// scout counts how many of a worker's IDs the vendor knows. The first answers may be about a few strays that stand
// before thousands of good IDs: so when they look bad, what decides is a sample from all that is open. The worker's
// mutex guards it.
type scout struct {
	prospect prospect
	believes bool // somebody said that what the endpoint knows not does not exist

	found, absent             int64 // answers tonight
	sampling                  bool  // nothing but the sample is asked until its answers are there
	drawn                     bool  // all of it is under way
	sampleFound, sampleAbsent int64
	samples                   int   // decided
	next                      int64 // answers from which on a further one may be taken
	cleared                   bool  // the last one showed that IDs are known
}

// newScout begins a night. After one in which nobody was found it begins with a sample: what must be asked again to see
// whether the fault was found may have to be paid for, and is no more than that.
func newScout(p prospect, believes bool) scout {
	return scout{prospect: p, believes: believes, next: tellingAnswers, sampling: p.nobody && !believes}
}

// count takes in what an answer says of its ID. One that was asked again although its answer was known says nothing
// new.
func (s *scout) count(t *task, class liveness.Class) {
	switch t.reason {
	case store.ReasonRecheck, store.ReasonNoScore, store.ReasonForced, store.ReasonRefresh, store.ReasonSuspect,
		store.ReasonMisplaced:
		return
	}
	found, absent := int64(btoi(class == liveness.Done)),
		int64(btoi(class == liveness.Absent || class == liveness.NotFound))
	s.found, s.absent = s.found+found, s.absent+absent
	if t.sampled {
		s.sampleFound, s.sampleAbsent = s.sampleFound+found, s.sampleAbsent+absent
	}
}

// suspects begins a sample where the answers so far call for one: the very first is bad, or all together are.
func (s *scout) suspects() {
	if s.sampling || s.believes {
		return
	}
	first := s.samples == 0 && s.found == 0 && s.absent > 0
	if !first && (s.found+s.absent < s.next || !s.prospect.nobodyKnown(s.found, s.absent)) {
		return
	}
	s.sampling, s.drawn, s.cleared = true, false, false
	s.sampleFound, s.sampleAbsent = 0, 0
	if first { // these answers are a part of it
		s.sampleAbsent = s.absent
	}
}

// left is how many IDs the sample still needs when it is drawn.
func (s *scout) left() int { return int(max(0, tellingAnswers-s.sampleFound-s.sampleAbsent)) }

// judge ends a sample whose answers are there, as far as there are any, and reports whether it knows nobody.
func (s *scout) judge() (nobody bool) {
	s.sampling = false
	s.samples++
	s.next = max(tellingAnswers, 2*(s.found+s.absent))
	p := s.prospect
	if s.found > 0 { // whatever the sample says, this is not like the nights before
		p.absent = store.Unconfirmed{}
	}
	// How many a sample finds says little beside a night that was believed: there all answers count.
	nobody = p.tooFew(s.sampleFound, s.sampleAbsent) && !p.asBelieved(s.found, s.absent)
	s.cleared = !nobody && s.sampleFound+s.sampleAbsent >= tellingAnswers
	return nobody
}

// drawTurn is the turn by which a run that begins now draws its samples. Not the run's number decides: what a night
// drew that an older copy of the database lost can then be told from when that was.
func drawTurn(now time.Time) int64 { return now.Unix() / int64(24*time.Hour/time.Second) }

// samplesAmong is how many IDs a run draws for samples at most while it makes n calls: one at once, and one at 20
// answers, 40, 80 and so on (see scout); one more may have been under way.
func samplesAmong(n int64) int64 {
	draws := int64(2)
	for answers := int64(tellingAnswers); answers <= n; answers *= 2 {
		draws++
	}
	return min(n, draws*tellingAnswers)
}

// nightWords are what is to be said of a run's endpoints.
type nightWords struct {
	found    int64    // IDs
	nobodyAt []string // endpoints that know nobody, or too few
	nobody   []string // the same, in words
	untold   []string // endpoints that knew none of a few IDs, or few as was believed before, in words
	changed  []string // what scores show that the vendor has changed, in words
	reopened store.Reopened
}

// countLeftOver counts the answers of a run that ended before it could.
func countLeftOver(ctx context.Context, job *Job) error {
	runID, err := job.Store.Endpoints().UncountedRun(ctx)
	if err == nil && runID != 0 {
		_, err = countNights(ctx, job, runID, nil)
	}
	return err
}

// countNights keeps what a run's answers say of each endpoint, and makes those IDs pending again that were called
// absent by one that knew nobody. workers are the run's own; nil for one that was interrupted.
func countNights(ctx context.Context, job *Job, runID int64, workers []*endpointWorker) (all nightWords, err error) {
	nights, err := job.Store.Endpoints().CountNights(ctx, runID)
	for i, n := range nights {
		p, before, readErr := readProspect(ctx, job, n.Endpoint, runID)
		if readErr != nil {
			return all, readErr
		}
		n.Finding, n.Confirmed, n.Usual = findingOf(job, p, n, workers), job.believes(n.Endpoint),
			p.usual(n.Found, n.Absent)
		nights[i] = n
		all.found += n.Found
		if n.Finding == store.Nobody {
			all.nobodyAt = append(all.nobodyAt, n.Endpoint)
			all.nobody = append(all.nobody, p.sentence(n.Endpoint, n.Found, n.Absent))
		}
		all.untold = append(all.untold, p.untold(n))
		if text := oddScores(n, before); text != "" {
			all.changed = append(all.changed, text)
		}
	}
	if err != nil || len(nights) == 0 {
		return all, err
	}
	if all.reopened, err = job.Store.Endpoints().SaveNights(ctx, nights, time.Now()); err != nil {
		return all, err
	}
	if all.reopened != (store.Reopened{}) {
		job.Log.Warn("IDs that were called absent are pending again", "run", runID, "ids", all.reopened.InRun,
			"of_earlier_runs", all.reopened.Earlier)
	}
	return all, nil
}

// findingOf judges all answers of an endpoint's night. One that ends before all IDs were asked for is judged by a
// sample that cleared the endpoint: many strays were asked for first, and no more.
func findingOf(job *Job, p prospect, n store.EndpointNight, workers []*endpointWorker) store.Finding {
	at := slices.IndexFunc(workers, func(l *endpointWorker) bool { return l.name() == n.Endpoint })
	cleared := at >= 0 && workers[at].scout.cleared && !workers[at].askedAll
	switch known := p.tooFew(n.Found, n.Absent); {
	case at >= 0 && workers[at].stoppedFor(stopNobody):
		return store.Nobody
	case job.believes(n.Endpoint) && n.Share() > absentAtLeast, known && p.asBelieved(n.Found, n.Absent):
		return store.Believed
	case known && !cleared:
		return store.Nobody
	}
	return store.Ordinary
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

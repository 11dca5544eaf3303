package batch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch/liveness"
	"liverecon/store"
)

// An endpoint that knows hardly anybody has the wrong keys, account or environment: that is rather so than that a night's
// IDs do not exist. What it says of them is not believed.
const (
	tellingAnswers = 20  // answers from which on the share of absent IDs tells
	absentAlways   = 0.9 // a share above it is nobody's in any case
	absentAtLeast  = 0.5 // one above it is, too, when it is absentTimes the highest of the last nights
	absentTimes    = 3
	tellingNights  = 28 // so many nights back that is looked for
)

// prospect is what an endpoint's last nights let expect of the next.
type prospect struct {
	highest float64           // share of absent IDs in one night; -1 when no night tells
	nobody  bool              // in the last one nobody was found
	absent  store.Unconfirmed // since an ID was found
}

// prospect looks at what is kept of an endpoint before a run.
func (j *Job) prospect(ctx context.Context, endpoint string, runID int64) (prospect, []store.EndpointNight, error) {
	nights, err := j.Store.NightsBefore(ctx, endpoint, runID, tellingNights)
	p := prospectOf(nights)
	if err == nil {
		p.absent, err = j.Store.UnconfirmedBefore(ctx, endpoint, runID)
	}
	return p, nights, err
}

// prospectOf looks at nights, the newest first.
func prospectOf(nights []store.EndpointNight) prospect {
	p := prospect{highest: -1, nobody: len(nights) > 0 && nights[0].Finding == store.Nobody}
	for _, n := range nights {
		if answers := n.Found + n.Absent; n.Finding == store.Ordinary && answers >= tellingAnswers {
			p.highest = max(p.highest, float64(n.Absent)/float64(answers))
		}
	}
	return p
}

// with adds to a night in which nobody was found, so far, the few IDs of the nights right before it in which it was the same.
func (p prospect) with(found, absent int64) int64 {
	if found == 0 && absent > 0 {
		return absent + p.absent.IDs
	}
	return absent
}

// nobodyKnown reports whether answers show that an endpoint knows nobody: those of a night, or of several small ones
// together. After a night in which it did not a single one tells.
func (p prospect) nobodyKnown(found, absent int64) bool {
	absent = p.with(found, absent)
	answers := found + absent
	if absent == 0 || answers < tellingAnswers && !p.nobody {
		return false
	}
	share := float64(absent) / float64(answers)
	return share > absentAlways || p.highest >= 0 && share > absentTimes*p.highest && share > absentAtLeast
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

// untold says that nobody was found, and too few were looked for to tell why; "" where that is not so.
func (p prospect) untold(n store.EndpointNight) string {
	if n.Found > 0 || n.Absent == 0 || n.Finding != store.Ordinary {
		return ""
	}
	all := p.with(n.Found, n.Absent)
	if all == 1 {
		return n.Endpoint + " does not know its last ID, too few to tell why"
	}
	return fmt.Sprintf("%s knows none of its last %s IDs, too few to tell why", n.Endpoint, humanize.Comma(all))
}

// scout counts how many of a lane's IDs the vendor knows. The first answers may be about a few strays that stand before
// thousands of good IDs: so when they look bad, what decides is a sample from all that is open. The lane's mutex guards it.
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

// count takes in what an answer says of its ID. One that was asked again although its answer was known says nothing new.
func (s *scout) count(t *task, class liveness.Class) {
	switch t.reason {
	case store.ReasonRecheck, store.ReasonNoScore, store.ReasonForced, store.ReasonRefresh, store.ReasonSuspect:
		return
	}
	found, absent := int64(btoi(class == liveness.Done)), int64(btoi(class == liveness.Absent || class == liveness.NotFound))
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
	nobody = p.nobodyKnown(s.sampleFound, s.sampleAbsent)
	s.cleared = !nobody && s.sampleFound+s.sampleAbsent >= tellingAnswers
	return nobody
}

// look is the dispatcher's part: it begins a sample where one is needed, and judges one whose calls have all ended.
func (l *lane) look() {
	l.mu.Lock()
	s := &l.scout
	s.suspects()
	nobody := s.sampling && s.drawn && len(l.waiting) == 0 && l.inFlight == 0 && s.judge()
	found, absent := s.found, s.absent
	l.mu.Unlock()
	if nobody {
		l.stopFor(stopNobody, "%s", s.prospect.sentence(l.name(), found, absent))
	}
}

// drawTurn is the turn by which a run that begins now draws its samples. Not the run's number decides: what a night drew
// that an older copy of the database lost can then be told from when that was.
func drawTurn(now time.Time) int64 { return now.Unix() / int64(24*time.Hour/time.Second) }

// samplesAmong is how many IDs a run draws for samples at most while it makes n calls: one at once, and one at 20 answers,
// 40, 80 and so on (see scout); one more may have been under way.
func samplesAmong(n int64) int64 {
	draws := int64(2)
	for answers := int64(tellingAnswers); answers <= n; answers *= 2 {
		draws++
	}
	return min(n, draws*tellingAnswers)
}

// nightWords are what is to be said of a run's endpoints.
type nightWords struct {
	nobodyAt []string // endpoints that know nobody
	nobody   []string // the same, in words
	untold   []string // endpoints that knew none of a few IDs, in words
	changed  []string // what scores show that the vendor has changed, in words
	reopened store.Reopened
}

// countLeftOver counts the answers of a run that ended before it could.
func countLeftOver(ctx context.Context, job *Job) error {
	runID, err := job.Store.UncountedRun(ctx)
	if err == nil && runID != 0 {
		_, err = job.countNights(ctx, runID, nil)
	}
	return err
}

// countNights keeps what a run's answers say of each endpoint, and makes those IDs pending again that were called absent by
// one that knew nobody. lanes are the run's own; nil for one that ended without a word.
func (j *Job) countNights(ctx context.Context, runID int64, lanes []*lane) (all nightWords, err error) {
	nights, err := j.Store.CountNights(ctx, runID)
	for i, n := range nights {
		p, before, readErr := j.prospect(ctx, n.Endpoint, runID)
		if readErr != nil {
			return all, readErr
		}
		n.Finding, n.Confirmed = j.finding(p, n, lanes), j.believes(n.Endpoint)
		nights[i] = n
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
	if all.reopened, err = j.Store.SaveNights(ctx, nights, time.Now()); err != nil {
		return all, err
	}
	if all.reopened != (store.Reopened{}) {
		j.Log.Warn("IDs that were called absent are pending again", "run", runID, "ids", all.reopened.InRun, "of_earlier_runs", all.reopened.Earlier)
	}
	return all, nil
}

// finding judges all answers of an endpoint's night. Where a sample of the night cleared the endpoint, many strays were
// asked before the night ended, and no more.
func (j *Job) finding(p prospect, n store.EndpointNight, lanes []*lane) store.Finding {
	at := slices.IndexFunc(lanes, func(l *lane) bool { return l.name() == n.Endpoint })
	stopped := at >= 0 && lanes[at].stoppedFor(stopNobody)
	cleared := at >= 0 && lanes[at].scout.cleared
	switch known := p.nobodyKnown(n.Found, n.Absent); {
	case stopped, known && !cleared && !j.believes(n.Endpoint):
		return store.Nobody
	case (known || n.Found == 0) && j.believes(n.Endpoint):
		return store.Believed
	}
	return store.Ordinary
}

func (j *Job) believes(endpoint string) bool { return slices.Contains(j.BelieveAbsent, endpoint) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Package pace holds the calls to one endpoint to a rate that its vendor is content with.
package pace

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// Share holds the part of the set rate that is used. A vendor counts arrivals, and calls sent 1/R apart arrive closer
	// together when the network delays one of them: 3 % of a second is what may be lost that way without going over R.
	Share = 0.97
	// cutShare holds what is left of the rate after a busy answer, raiseShare what is added a second without one.
	cutShare   = 0.85
	raiseShare = 0.02
	// shortestWait holds the shortest time worth sleeping: an idle process wakes up to a millisecond late. Being that much
	// too early takes a thirtieth of what Share leaves.
	shortestWait = time.Millisecond
	// catchUp sets how far a call may be behind its time and the next ones still make up for it: what a machine that is
	// busy with other things takes from the rate is not lost. More of it would arrive as a burst.
	catchUp = 20 * time.Millisecond
	// lastWrite sets how much later than its record says the last call of a run may have been sent that was killed.
	lastWrite = 250 * time.Millisecond
	// minRate holds the slowest the pace gets, in calls a second.
	minRate = 0.2

	// A busy answer now and then is no sign of an endpoint that has too much to do: some gateways turn a few calls away
	// at random. busyInARow of them are one, and so is a share above busyShare of the last answers, some busyAnswers.
	busyInARow  = 5
	busyShare   = 0.08
	busyAnswers = 256

	firstPause = time.Second
	maxPause   = time.Minute

	// busyCalls busy answers in a row over at least busyFor are taken for a daily quota.
	busyCalls = 10
	busyFor   = time.Minute
)

// Pace holds the calls of one endpoint to a rate that the vendor is content with: never above the set rate, cut when
// the vendor says that it is busy, raised slowly while it does not. It starts cold: the vendor may have counted calls
// of a process that ended a moment ago.
//
// Two things are kept. The limiter spreads calls evenly over the present rate; that is a schedule, and a schedule can
// be overtaken: whoever waits for it may be stopped (SIGSTOP, a busy machine) between its time and its write, and then
// write beside the next ones. So the set rate is a gate, right before the write, through which one call goes at a time:
// it opens when the R-th last call's write had returned more than a second ago, by the monotonic clock, and closes
// until this call's write has returned. What a write has put on its way before it returned cannot come to be less than
// a second from what is written more than a second later, wherever in between this process is stopped.
type Pace struct {
	limiter *rate.Limiter
	max     float64 // calls a second, as set

	gate   chan struct{} // held from the turn to the end of the write
	window []time.Time   // when the last writes returned, a ring of as many calls as span may have
	oldest int
	span   time.Duration

	mu           sync.Mutex
	now          float64   // calls a second at present
	changed      time.Time // of the last cut or raise
	lastCut      time.Time
	paused       time.Time // no call before
	busy         float64   // share of busy answers, the last ones counting most
	busyRow      int       // of them, since the last good one
	busySince    time.Time
	busyRate     float64 // calls a second before the present row of busy answers
	second       int64   // Unix second that answered counts
	answered     int     // and not busy
	answeredPrev int     // in the second before
}

// New starts at the rate remembered from the last night, if that was below the set one. last is when an earlier run
// sent its last call, the zero time for never: the vendor counts its calls as well.
func New(max, remembered float64, last time.Time) *Pace {
	p := &Pace{max: max, now: max, changed: time.Now(), gate: make(chan struct{}, 1)}
	if remembered > 0 && remembered < max {
		p.now = remembered
	}
	p.window, p.span = windowOf(max)
	p.limiter = rate.NewLimiter(0, 1)
	now := time.Now()
	p.limiter.AllowN(now, 1)
	p.adjust(now)
	if quiet := p.span + lastWrite; now.Sub(last) < quiet { // also where the clock was set back
		p.paused = now.Add(min(quiet, quiet-now.Sub(last)))
	}
	return p
}

// windowOf returns how many calls a rate allows in how much time: the whole number of them in a second, or one in the
// time that it takes.
func windowOf(max float64) ([]time.Time, time.Duration) {
	if max < 1 {
		return make([]time.Time, 1), time.Duration(float64(time.Second) / max)
	}
	return make([]time.Time, int(max)), time.Second
}

// adjust brings the limiter to the present rate.
func (p *Pace) adjust(now time.Time) {
	perSecond := p.now * Share
	p.limiter.SetLimitAt(now, rate.Limit(perSecond))
	p.limiter.SetBurstAt(now, 1+int(perSecond*catchUp.Seconds()))
}

// Turn describes one call's passage through the gate. The zero Turn has not been taken.
type Turn struct {
	pace *Pace
	held atomic.Bool
}

// Turn returns a turn of its own for a call.
func (p *Pace) Turn() Turn { return Turn{pace: p} }

// Take returns when the call may be written, right now, or with ctx's error. Nobody else's may be until sent or
// giveBack.
func (t *Turn) Take(ctx context.Context) error {
	select {
	case t.pace.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	t.held.Store(true)
	err := t.pace.wait(ctx)
	if err != nil {
		t.GiveBack()
	}
	return err
}

// Sent notes that the write of the call has returned.
func (t *Turn) Sent(at time.Time) {
	if !t.held.Load() {
		return
	}
	p := t.pace
	p.window[p.oldest] = at
	p.oldest = (p.oldest + 1) % len(p.window)
	t.GiveBack()
}

// GiveBack lets the next call in, if this one has not done so yet.
func (t *Turn) GiveBack() {
	if t.held.CompareAndSwap(true, false) {
		<-t.pace.gate
	}
}

// wait returns when the one call that holds the gate may be sent, or with ctx's error.
func (p *Pace) wait(ctx context.Context) error {
	now := time.Now()
	place := p.limiter.ReserveN(now, 1)
	at := now.Add(place.DelayFrom(now))
	if at.Sub(now) < shortestWait {
		at = now
	}
	for {
		if first := p.opens(); first.After(at) { // also when it became busy meanwhile
			at = first
		}
		if !time.Now().Before(at) {
			return ctx.Err()
		}
		if err := SleepUntil(ctx, at); err != nil {
			place.Cancel()
			return err
		}
	}
}

// opens returns when the gate opens, whatever the schedule: after the pause that the vendor asked for, and when a whole
// span has passed since the write that is the window's oldest.
func (p *Pace) opens() time.Time {
	p.mu.Lock()
	at := p.paused
	p.mu.Unlock()
	if oldest := p.window[p.oldest]; !oldest.IsZero() {
		if free := oldest.Add(p.span + 1); free.After(at) {
			at = free
		}
	}
	return at
}

func (p *Pace) tick(second int64) {
	switch second - p.second {
	case 0:
		return
	case 1:
		p.answeredPrev = p.answered
	default:
		p.answeredPrev = 0
	}
	p.second, p.answered = second, 0
}

// TooBusy slows down after a busy answer to a call sent at sentAt. It returns when the next call may be sent and
// whether the vendor has been busy for so long that it must be the daily quota.
func (p *Pace) TooBusy(sentAt time.Time, retryAfter time.Duration) (resumes time.Time, exhausted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.busyRow == 0 {
		p.busySince, p.busyRate = now, p.now
	}
	pause := retryAfter
	if sentAt.After(p.lastCut) { // those that were under way when it was made say nothing new
		p.busyRow++
		p.busy += (1 - p.busy) / busyAnswers
		if p.busyRow >= busyInARow || p.busy > busyShare {
			p.cut(now)
			pause = max(pause, min(maxPause, firstPause<<min(p.busyRow/busyInARow, 6)))
		}
	}
	p.pause(now.Add(pause))
	return p.paused, p.busyRow >= busyCalls && now.Sub(p.busySince) >= busyFor
}

// Rest lets no call out for a while.
func (p *Pace) Rest(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause(time.Now().Add(d))
}

func (p *Pace) pause(until time.Time) {
	if until.After(p.paused) {
		p.paused = until
	}
}

// cut lowers the rate. From a set rate far above the truth it goes at once to what was really answered lately, unless a
// pause was part of that.
func (p *Pace) cut(now time.Time) {
	p.tick(now.Unix())
	if now.Sub(p.paused) > 2*time.Second {
		p.now = min(p.now, float64(max(p.answered, p.answeredPrev, 1)))
	}
	p.now = max(minRate, cutShare*p.now)
	p.changed, p.lastCut, p.busy = now, now, 0
	p.adjust(now)
}

// Good speeds up after an answer that was not busy.
func (p *Pace) Good() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busyRow = 0
	p.busy -= p.busy / busyAnswers
	now := time.Now()
	p.tick(now.Unix())
	p.answered++
	if p.now >= p.max {
		return
	}
	if now.Sub(p.changed) >= time.Second {
		p.now = min(p.max, p.now*(1+raiseShare)+minRate*raiseShare)
		p.changed = now
		p.adjust(now)
	}
}

// BusyFrom returns when the present row of busy answers began.
func (p *Pace) BusyFrom() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busySince
}

// RateBefore returns the rate before the present row of busy answers: what an endpoint bears whose quota is used up.
func (p *Pace) RateBefore() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busyRate
}

// Rate returns the present rate in calls a second.
func (p *Pace) Rate() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// SleepUntil returns at t or with ctx's error.
func SleepUntil(ctx context.Context, t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package batch

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// paceShare is the part of the set rate that is used. A vendor counts arrivals, and calls sent 1/R apart arrive closer
	// together when the network delays one of them: 3 % of a second is what may be lost that way without going over R.
	paceShare = 0.97
	// cutShare is what is left of the rate after a busy answer, raiseShare what is added a second without one.
	cutShare   = 0.85
	raiseShare = 0.02
	// shortestWait is the shortest time worth sleeping: an idle process wakes up to a millisecond late. Being that much too
	// early takes a thirtieth of what paceShare leaves.
	shortestWait = time.Millisecond
	// minRate is the slowest the pace gets, in calls a second.
	minRate = 0.2

	firstPause = time.Second
	maxPause   = time.Minute

	// busyCalls busy answers in a row over at least busyFor are taken for a daily quota.
	busyCalls = 10
	busyFor   = time.Minute
)

// pace holds the calls of one endpoint to a rate that the vendor is content with: never above the set rate, cut when the
// vendor says that it is busy, raised slowly while it does not. It starts cold: the vendor may have counted calls of a
// process that ended a moment ago.
type pace struct {
	limiter *rate.Limiter
	max     float64 // calls a second, as set

	mu        sync.Mutex
	now       float64   // calls a second at present
	changed   time.Time // of the last cut or raise
	paused    time.Time // no call before
	busyRow   int       // busy answers since the last good one
	busySince time.Time
	busyRate  float64 // calls a second before the present row of busy answers
	second    int64   // Unix second that sent counts
	sent      int
	sentPrev  int // in the second before
}

// newPace starts at the rate remembered from the last night, if that was below the set one.
func newPace(max, remembered float64) *pace {
	p := &pace{max: max, now: max, changed: time.Now()}
	if remembered > 0 && remembered < max {
		p.now = remembered
	}
	p.limiter = rate.NewLimiter(rate.Limit(p.now*paceShare), 1)
	p.limiter.AllowN(time.Now(), 1)
	return p
}

// wait returns when one call may be sent, or with ctx's error.
func (p *pace) wait(ctx context.Context) error {
	for {
		if err := sleepUntil(ctx, p.resumes()); err != nil {
			return err
		}
		if err := p.takeTurn(ctx); err != nil {
			return err
		}
		if time.Now().Before(p.resumes()) {
			continue // it became busy meanwhile
		}
		p.count()
		return nil
	}
}

// takeTurn waits for the limiter's next free place.
func (p *pace) takeTurn(ctx context.Context) error {
	turn := p.limiter.Reserve()
	delay := turn.Delay()
	if delay < shortestWait {
		return ctx.Err()
	}
	if err := sleepUntil(ctx, time.Now().Add(delay)); err != nil {
		turn.Cancel()
		return err
	}
	return nil
}

func (p *pace) resumes() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused
}

func (p *pace) count() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tick(time.Now().Unix())
	p.sent++
}

func (p *pace) tick(second int64) {
	switch second - p.second {
	case 0:
		return
	case 1:
		p.sentPrev = p.sent
	default:
		p.sentPrev = 0
	}
	p.second, p.sent = second, 0
}

// busy is told of a busy answer to a call sent at sentAt. It returns when the next call may be sent and whether the
// vendor has been busy for so long that it must be the daily quota.
func (p *pace) busy(sentAt time.Time, retryAfter time.Duration) (resumes time.Time, exhausted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.busyRow == 0 {
		p.busySince, p.busyRate = now, p.now
	}
	p.busyRow++
	if sentAt.After(p.changed) { // one cut for all calls that were under way when the last one was made
		p.cut(now)
	}
	pause := max(retryAfter, min(maxPause, firstPause<<min(p.busyRow/4, 6)))
	if until := now.Add(pause); until.After(p.paused) {
		p.paused = until
	}
	return p.paused, p.busyRow >= busyCalls && now.Sub(p.busySince) >= busyFor
}

// cut lowers the rate. From a set rate far above the truth it goes at once to what was really sent lately, unless a pause
// was part of that.
func (p *pace) cut(now time.Time) {
	p.tick(now.Unix())
	if now.Sub(p.paused) > 2*time.Second {
		p.now = min(p.now, float64(max(p.sent, p.sentPrev, 1)))
	}
	p.now = max(minRate, cutShare*p.now)
	p.changed = now
	p.limiter.SetLimitAt(now, rate.Limit(p.now*paceShare))
}

// good is told of an answer that was not busy.
func (p *pace) good() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busyRow = 0
	if p.now >= p.max {
		return
	}
	if now := time.Now(); now.Sub(p.changed) >= time.Second {
		p.now = min(p.max, p.now*(1+raiseShare)+minRate*raiseShare)
		p.changed = now
		p.limiter.SetLimitAt(now, rate.Limit(p.now*paceShare))
	}
}

// busyFrom is when the present row of busy answers began.
func (p *pace) busyFrom() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busySince
}

// rateBefore is the rate before the present row of busy answers: what an endpoint bears whose quota is used up.
func (p *pace) rateBefore() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busyRate
}

// rate is the present rate in calls a second.
func (p *pace) rate() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// sleepUntil returns at t or with ctx's error.
func sleepUntil(ctx context.Context, t time.Time) error {
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
